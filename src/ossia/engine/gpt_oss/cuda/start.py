"""From a model file and a GPU to a CudaRunner: memory is divided, weights are copied while kernels are compiled."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Final

import torch

from ossia.config import EngineOptions
from ossia.engine.gpt_oss.cuda.assemble import (
    assemble,
    compile_kernels,
    most_tokens,
)
from ossia.engine.gpt_oss.cuda.check import may_launch_dependently
from ossia.engine.gpt_oss.cuda.compile import keep_kernels
from ossia.engine.gpt_oss.cuda.device import Gpu
from ossia.engine.gpt_oss.cuda.forward import has_pdl
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE, DeviceWeights
from ossia.engine.gpt_oss.cuda.load import load
from ossia.engine.gpt_oss.cuda.memory import LEAST_TOKENS, MemoryMap, divide
from ossia.engine.gpt_oss.cuda.model import GraphedModel
from ossia.engine.gpt_oss.cuda.needs import DEPTH, capped, ways
from ossia.engine.gpt_oss.cuda.runner import CudaRunner
from ossia.engine.gpt_oss.weights import Weights, from_gguf
from ossia.engine.memory import Memory
from ossia.engine.runner import Capacity, Report, Window, silent
from ossia.errors import OssiaError
from ossia.gguf import GGUF

MAX_PREFILL_BESIDE: Final = 256
"""Ids of prompts in a step with answers, which wait for it: 19 ms with 32 of them on an H200."""
_REPORT_SECONDS: Final = 0.2


def start(
    gguf: GGUF, gpu: Gpu, options: EngineOptions, *, least_context: int | None = None, report: Report = silent
) -> tuple[CudaRunner, MemoryMap]:
    """A runner of the file's model, and how the GPU's memory is divided.

    Raises NoRoom when the model does not fit with `least_context`, or with the context that was asked for.
    """
    keep_kernels()
    weights = from_gguf(gguf)
    gpu = capped(gpu, options.gpu_memory_bytes)
    memory_map = divide(
        gpu,
        ways(weights, options, gpu),
        context_length=weights.config.context_length,
        asked=options.context_length,
        least=least_context or LEAST_TOKENS,
        kv_cache_bytes=options.kv_cache_bytes,
        overhead_bytes=options.gpu_overhead_bytes,
    )
    try:
        return _build(gguf, weights, memory_map, options, report), memory_map
    except torch.OutOfMemoryError:
        raise OssiaError(
            f"{gpu.name} ran out of memory while the model was loaded, which should have fitted: {memory_map}",
            hint="another program may have taken it; OLLAMA_GPU_OVERHEAD keeps bytes free",
        ) from None


def _build(gguf: GGUF, weights: Weights, memory_map: MemoryMap, options: EngineOptions, report: Report) -> CudaRunner:
    device = torch.device("cuda", memory_map.gpu.index)
    torch.cuda.set_device(device)
    if options.gpu_memory_bytes:
        _, total = torch.cuda.mem_get_info(memory_map.gpu.index)
        torch.cuda.set_per_process_memory_fraction(min(1.0, options.gpu_memory_bytes / total), memory_map.gpu.index)
    pdl = has_pdl(device)
    report("reading weights", 0, 0)
    with ThreadPoolExecutor(1, thread_name_prefix="load") as pool:
        read = _Read()
        in_host = memory_map.needs.host > 0
        reading = pool.submit(_read, gguf, weights, device, read.report, embedding_in_host=in_host)
        compile_kernels(weights, options, pdl, report)
        while not wait([reading], timeout=_REPORT_SECONDS).done:
            report(*read.part)
        on_device = reading.result()
    report("starting kernels", 0, 0)
    invariant, cache_kind = options.batch_invariant, options.kv_cache_type
    pdl = may_launch_dependently(on_device, memory_map.gpu, invariant=invariant, cache_kind=cache_kind)
    max_tokens = most_tokens(memory_map.gpu.total_bytes)
    has_window = memory_map.needs.window_block > 0
    window_blocks = memory_map.num_window_blocks if has_window else None
    options = replace(options, num_parallel=memory_map.needs.num_sequences)
    parts = assemble(on_device, memory_map.num_blocks, options, pdl, max_tokens, window_blocks)
    model = GraphedModel(parts)
    torch.cuda.empty_cache()  # what loading has left over
    capacity = Capacity(
        block_size=BLOCK_SIZE,
        num_blocks=memory_map.num_blocks,
        max_batched_tokens=max_tokens,
        max_prefill_beside=MAX_PREFILL_BESIDE,
        context_length=memory_map.context_length,
        memory=Memory(
            host=memory_map.needs.host,
            device=memory_map.num_bytes,
            weights=memory_map.needs.weights,
            kv=memory_map.kv_bytes,
            work=memory_map.needs.workspace,
        ),
        depth=DEPTH,
        window=Window(weights.config.sliding_window, memory_map.num_window_blocks) if has_window else None,
    )
    return CudaRunner(model, parts.inputs, parts.sampler, capacity)


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
