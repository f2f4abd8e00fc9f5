"""From a model file and a GPU, or several, to a CudaRunner: memory is divided, and weights are copied while kernels are
compiled. With several, the others are processes of their own that build the same, each of its shard.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Final

import torch

from ossia.config import EngineOptions
from ossia.engine.gpt_oss.cuda.assemble import assemble, compile_kernels, most_tokens
from ossia.engine.gpt_oss.cuda.check import may_launch_dependently
from ossia.engine.gpt_oss.cuda.compile import keep_kernels
from ossia.engine.gpt_oss.cuda.device import Gpu, measured
from ossia.engine.gpt_oss.cuda.division import divided
from ossia.engine.gpt_oss.cuda.followers import Followers, Task
from ossia.engine.gpt_oss.cuda.forward import has_pdl
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE, DeviceWeights
from ossia.engine.gpt_oss.cuda.load import load
from ossia.engine.gpt_oss.cuda.memory import LEAST_TOKENS, MemoryMap
from ossia.engine.gpt_oss.cuda.model import GraphedModel
from ossia.engine.gpt_oss.cuda.needs import DEPTH
from ossia.engine.gpt_oss.cuda.ranks import Ranks
from ossia.engine.gpt_oss.cuda.runner import CudaRunner
from ossia.engine.gpt_oss.cuda.sampling import Sampler
from ossia.engine.gpt_oss.cuda.work import Computer
from ossia.engine.gpt_oss.shard import shard
from ossia.engine.gpt_oss.weights import Weights, from_gguf
from ossia.engine.memory import Memory
from ossia.engine.runner import Capacity, Window
from ossia.engine.timeline import Report, silent
from ossia.errors import OssiaError
from ossia.gguf import GGUF

MAX_PREFILL_BESIDE: Final = 256
"""Ids of prompts in a step with answers, which wait for it: 10 ms with 64 of them on an H200, the head not included."""
QUICK_STEP: Final = 0.025
"""Seconds that a token of an answer may take while prompts come in. If prompts got only a share of the time, 64 that
come at once would wait for each other, and batches would be small meanwhile, which saves a GPU no time."""
_REPORT_SECONDS: Final = 0.2


def _end(reason: str) -> None:
    """End this process: what it waits for may never come."""
    os._exit(1)


def start(
    gguf: GGUF,
    gpu: Gpu,
    options: EngineOptions,
    *,
    least_context: int | None = None,
    report: Report = silent,
    others: Sequence[Gpu] = (),
    lost: Callable[[str], None] = _end,
) -> tuple[CudaRunner, MemoryMap]:
    """A runner of the file's model, and how the GPU's memory is divided.

    The model may take `others` of the same kind too; `lost` is called if one of these fails. Raises NoRoom when the
    model does not fit with `least_context`, or with the context that was asked for.
    """
    keep_kernels()
    weights = from_gguf(gguf)
    gpus, memory_map = divided(weights, [gpu, *others], options, least_context or LEAST_TOKENS, measured)
    files, followers = tuple(map(str, gguf.paths)), Followers(lost)
    tasks = [
        Task(files, options, memory_map, each.index, rank, len(gpus), followers.store, os.getpid())
        for rank, each in enumerate(gpus)
    ]
    try:
        for task in tasks[1:]:
            followers.start(task)
        computer, sampler = build(gguf, tasks[0], report)
    except BaseException as error:
        followers.close()
        if not isinstance(error, torch.OutOfMemoryError):
            raise
        raise OssiaError(
            f"GPU {gpu.index} ({gpu.name}) ran out of memory while the model was loaded, which should have fitted: "
            f"{memory_map}",
            hint="another program may have taken it; OLLAMA_GPU_OVERHEAD keeps bytes free",
        ) from None
    capacity = _capacity(memory_map, weights.config.sliding_window)
    return CudaRunner(computer, sampler, capacity, followers.tell), memory_map


def build(gguf: GGUF, task: Task, report: Report = silent) -> tuple[Computer, Sampler]:
    """The computer of one rank, when all of them are there; and a sampler, which the leader uses."""
    keep_kernels()
    memory_map, options, ranks = task.memory_map, task.options, Ranks(task.rank, task.size)
    device = torch.device("cuda", task.device)
    torch.cuda.set_device(device)
    if options.gpu_memory_bytes:
        _, total = torch.cuda.mem_get_info(task.device)
        torch.cuda.set_per_process_memory_fraction(min(1.0, options.gpu_memory_bytes / total), task.device)
    weights = shard(from_gguf(gguf), task.rank, task.size)
    on_device = _loaded(gguf, weights, device, task, report)
    report("starting kernels", 0, 0)
    invariant, cache_kind = options.batch_invariant, options.kv_cache_type
    pdl = may_launch_dependently(on_device, memory_map.gpu, invariant=invariant, cache_kind=cache_kind)
    window_blocks = memory_map.num_window_blocks if memory_map.needs.window_block else None
    options = replace(options, num_parallel=memory_map.needs.places)
    max_tokens = most_tokens(memory_map.gpu.total_bytes)
    report("meeting the other GPUs", 0, 0)
    ranks.meet(task.store, device)
    parts = assemble(on_device, memory_map.num_blocks, options, pdl, max_tokens, window_blocks, ranks)
    model = GraphedModel(parts)
    torch.cuda.empty_cache()  # what loading has left over
    return Computer(model, parts.inputs), parts.sampler


def _loaded(gguf: GGUF, weights: Weights, device: torch.device, task: Task, report: Report) -> DeviceWeights:
    """The weights on the device. Kernels are compiled meanwhile."""
    report("reading weights", 0, 0)
    with ThreadPoolExecutor(1, thread_name_prefix="load") as pool:
        read = _Read()
        in_host = task.memory_map.needs.host > 0
        reading = pool.submit(_read, gguf, weights, device, read.report, embedding_in_host=in_host)
        compile_kernels(weights, task.options, has_pdl(device), report, Ranks(task.rank, task.size))
        while not wait([reading], timeout=_REPORT_SECONDS).done:
            report(*read.part)
        return reading.result()


def _capacity(memory_map: MemoryMap, sliding_window: int) -> Capacity:
    """Limits of a runner; its memory is that of all GPUs."""
    needs, count = memory_map.needs, memory_map.num_gpus
    window = Window(sliding_window, memory_map.num_window_blocks) if needs.window_block else None
    return Capacity(
        block_size=BLOCK_SIZE,
        num_blocks=memory_map.num_blocks,
        max_batched_tokens=most_tokens(memory_map.gpu.total_bytes),
        max_prefill_beside=MAX_PREFILL_BESIDE,
        quick_step=QUICK_STEP,
        context_length=memory_map.context_length,
        memory=Memory(
            host=count * needs.host,
            device=count * memory_map.num_bytes,
            weights=count * needs.weights,
            kv=count * memory_map.kv_bytes,
            work=count * needs.workspace,
        ),
        depth=DEPTH,
        window=window,
    )


class _Read:
    """The last report of the thread that reads, which is told by another."""

    part = ("reading weights", 0, 0)

    def report(self, name: str, done: int, total: int) -> None:
        self.part = (name, done, total)


def _read(
    gguf: GGUF, weights: Weights, device: torch.device, report: Report, *, embedding_in_host: bool
) -> DeviceWeights:
    torch.cuda.set_device(device)  # each thread has its own
    return load(gguf, weights, device, report, embedding_in_host=embedding_in_host)
