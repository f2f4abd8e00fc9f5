"""From a model file and a GPU to a CudaRunner: memory is divided, weights are copied, kernels and graphs are made."""

import logging
import time
from typing import Final

import torch

from ossia.config import EngineOptions
from ossia.engine.gpt_oss.config import GptOssConfig
from ossia.engine.gpt_oss.cuda.compile import keep_kernels
from ossia.engine.gpt_oss.cuda.device import Gpu
from ossia.engine.gpt_oss.cuda.forward import DecodeInputs, DeviceCache, Forward
from ossia.engine.gpt_oss.cuda.graphs import SIZES
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE
from ossia.engine.gpt_oss.cuda.load import device_bytes, load
from ossia.engine.gpt_oss.cuda.memory import MemoryMap, Needs, divide
from ossia.engine.gpt_oss.cuda.model import GraphedModel
from ossia.engine.gpt_oss.cuda.runner import CudaRunner
from ossia.engine.gpt_oss.cuda.sampling import Sampler
from ossia.engine.gpt_oss.weights import Weights, from_gguf
from ossia.engine.memory import Memory
from ossia.engine.runner import Capacity
from ossia.errors import OssiaError
from ossia.gguf import GGUF

logger = logging.getLogger(__name__)

MAX_BATCHED_TOKENS: Final = 2048
DEPTH: Final = 2
SPARE_BYTES: Final = 512 << 20
"""For graphs, compiled kernels, and what torch's allocator loses to rounding."""


def start(gguf: GGUF, gpu: Gpu, options: EngineOptions) -> tuple[CudaRunner, str]:
    """A runner of the file's model, and how the GPU's memory is divided.

    Raises NoGpu when the model does not fit, OssiaError when the context that was asked for does not.
    """
    keep_kernels()
    weights = from_gguf(gguf)
    config, max_sequences = weights.config, num_sequences(options)
    wanted = min(options.context_length or config.context_length, config.context_length)
    memory_map = divide(
        gpu,
        Needs(device_bytes(weights), _workspace_bytes(config, max_sequences, wanted), *_block(config)),
        context_length=config.context_length,
        asked=options.context_length,
        num_parallel=max_sequences,
        kv_cache_bytes=options.kv_cache_bytes,
        overhead_bytes=options.gpu_overhead_bytes,
    )
    try:
        return _build(gguf, weights, memory_map, options), str(memory_map)
    except torch.OutOfMemoryError:
        raise OssiaError(
            f"{gpu.name} ran out of memory while the model was loaded, which should have fitted: {memory_map}",
            hint="another program may have taken it; OLLAMA_GPU_OVERHEAD keeps bytes free",
        ) from None


def num_sequences(options: EngineOptions) -> int:
    """Most sequences that run together."""
    return options.num_parallel or SIZES[-1]


def _build(gguf: GGUF, weights: Weights, memory_map: MemoryMap, options: EngineOptions) -> CudaRunner:
    config, max_sequences = weights.config, num_sequences(options)
    device = torch.device("cuda", memory_map.gpu.index)
    torch.cuda.set_device(device)
    began = time.monotonic()
    on_device = load(gguf, weights, device)
    loaded = time.monotonic()
    cache = DeviceCache(config, memory_map.num_blocks, device)
    inputs = DecodeInputs.empty(_num_rows(max_sequences), -(-memory_map.context_length // BLOCK_SIZE), cache)
    forward = Forward(on_device, cache, inputs, max_tokens=MAX_BATCHED_TOKENS, invariant=options.batch_invariant)
    sampler = Sampler(config.vocab_size, SIZES[-1], inputs.last_tokens)
    model = GraphedModel(forward, sampler, inputs, [size for size in SIZES if size <= _num_rows(max_sequences)])
    torch.cuda.empty_cache()  # what loading has left over
    logger.info(
        "%.2f GB of weights in %.2f s, kernels and graphs in %.2f s",
        *(on_device.num_bytes / 1e9, loaded - began, time.monotonic() - loaded),
    )
    capacity = Capacity(
        block_size=BLOCK_SIZE,
        num_blocks=memory_map.num_blocks,
        max_batched_tokens=MAX_BATCHED_TOKENS,
        context_length=memory_map.context_length,
        memory=Memory(host=0, device=memory_map.num_bytes),
        depth=DEPTH,
    )
    return CudaRunner(model, inputs, sampler, capacity)


def _num_rows(max_sequences: int) -> int:
    """Rows of the device: as many as sequences run, and as the graph that holds them all has places."""
    return next((size for size in SIZES if size >= max_sequences), max_sequences)


def _workspace_bytes(config: GptOssConfig, max_sequences: int, context_length: int) -> int:
    rows, blocks = _num_rows(max_sequences), -(-context_length // BLOCK_SIZE)
    forward = Forward.workspace_bytes(config, rows, blocks, MAX_BATCHED_TOKENS)
    return forward + Sampler.workspace_bytes(config.vocab_size, SIZES[-1]) + SPARE_BYTES


def _block(config: GptOssConfig) -> tuple[int, int]:
    return DeviceCache.block_bytes(config), BLOCK_SIZE
