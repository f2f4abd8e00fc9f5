"""From a model file and a GPU to a CudaRunner: memory is divided, weights are copied while kernels are compiled."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import torch

from ossia.config import EngineOptions
from ossia.engine.gpt_oss.config import GptOssConfig
from ossia.engine.gpt_oss.cuda.assemble import (
    assemble,
    compile_kernels,
    most_tokens,
    num_sequences,
    workspace_bytes,
)
from ossia.engine.gpt_oss.cuda.check import may_launch_dependently
from ossia.engine.gpt_oss.cuda.compile import keep_kernels
from ossia.engine.gpt_oss.cuda.device import Gpu
from ossia.engine.gpt_oss.cuda.forward import DeviceCache, has_pdl
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE, DeviceWeights
from ossia.engine.gpt_oss.cuda.load import device_bytes, load
from ossia.engine.gpt_oss.cuda.memory import LEAST_TOKENS, MemoryMap, Needs, divide
from ossia.engine.gpt_oss.cuda.model import GraphedModel
from ossia.engine.gpt_oss.cuda.runner import CudaRunner
from ossia.engine.gpt_oss.weights import Weights, from_gguf
from ossia.engine.memory import Memory
from ossia.engine.runner import Capacity, Report, silent
from ossia.errors import OssiaError
from ossia.gguf import GGUF

DEPTH: Final = 2
MAX_PREFILL_BESIDE: Final = 256
"""Ids of prompts in a step with answers, which wait for it: 19 ms with 32 of them on an H200."""
SPARE_BYTES: Final = 512 << 20
"""For graphs, compiled kernels, and what torch's allocator loses to rounding."""


def start(
    gguf: GGUF, gpu: Gpu, options: EngineOptions, *, least_context: int | None = None, report: Report = silent
) -> tuple[CudaRunner, MemoryMap]:
    """A runner of the file's model, and how the GPU's memory is divided.

    Raises NoRoom when the model does not fit with `least_context`, or with the context that was asked for.
    """
    keep_kernels()
    weights = from_gguf(gguf)
    config = weights.config
    memory_map = divide(
        gpu,
        Needs(
            device_bytes(weights),
            workspace_bytes(config, options, most_tokens(gpu.total_bytes)) + SPARE_BYTES,
            *_block(config),
        ),
        context_length=config.context_length,
        asked=options.context_length,
        least=least_context or LEAST_TOKENS,
        num_parallel=num_sequences(options),
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
    pdl = has_pdl(device)
    report("reading weights", 0, 0)
    with ThreadPoolExecutor(1, thread_name_prefix="load") as pool:
        reading = pool.submit(_read, gguf, weights, device)
        compile_kernels(weights, options, pdl, report)
        report("waiting for weights", 0, 0)
        on_device = reading.result()
    report("starting kernels", 0, 0)
    pdl = may_launch_dependently(on_device, memory_map.gpu, invariant=options.batch_invariant)
    max_tokens = most_tokens(memory_map.gpu.total_bytes)
    parts = assemble(on_device, memory_map.num_blocks, options, pdl, max_tokens)
    model = GraphedModel(parts)
    torch.cuda.empty_cache()  # what loading has left over
    capacity = Capacity(
        block_size=BLOCK_SIZE,
        num_blocks=memory_map.num_blocks,
        max_batched_tokens=max_tokens,
        max_prefill_beside=MAX_PREFILL_BESIDE,
        context_length=memory_map.context_length,
        memory=Memory(
            host=0,
            device=memory_map.num_bytes,
            weights=memory_map.needs.weights,
            kv=memory_map.kv_bytes,
            work=memory_map.needs.workspace,
        ),
        depth=DEPTH,
    )
    return CudaRunner(model, parts.inputs, parts.sampler, capacity)


def _read(gguf: GGUF, weights: Weights, device: torch.device) -> DeviceWeights:
    torch.cuda.set_device(device)  # each thread has its own
    return load(gguf, weights, device)


def _block(config: GptOssConfig) -> tuple[int, int]:
    return DeviceCache.block_bytes(config), BLOCK_SIZE
