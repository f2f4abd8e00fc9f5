"""Memory that a model needs on a GPU, and ways to hold it in less. Arithmetic on shapes; no device is touched."""

from dataclasses import replace
from typing import Final

from ossia.config import EngineOptions
from ossia.engine.gpt_oss.config import GptOssConfig
from ossia.engine.gpt_oss.cuda.assemble import most_tokens, num_places, workspace_bytes
from ossia.engine.gpt_oss.cuda.device import Gpu
from ossia.engine.gpt_oss.cuda.inputs import DeviceCache
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE
from ossia.engine.gpt_oss.cuda.load import device_bytes
from ossia.engine.gpt_oss.cuda.memory import Needs
from ossia.engine.gpt_oss.weights import Weights
from ossia.engine.places import num_sequences
from ossia.engine.window import WindowBlocks

DEPTH: Final = 2
"""Steps in flight."""
SPARE_BYTES: Final = 512 << 20
"""For graphs, compiled kernels, and what torch's allocator loses to rounding; SPARE_SHARE of a smaller card."""
SPARE_SHARE: Final = 1 / 64
FEWER: Final = (16, 4, 1)
"""Places of a batch, where a context has no room beside the windows of more sequences."""


def capped(gpu: Gpu, most_bytes: int) -> Gpu:
    """The GPU as if it had at most so many bytes, if that is not 0."""
    if not most_bytes:
        return gpu
    return replace(gpu, free_bytes=min(gpu.free_bytes, most_bytes), total_bytes=min(gpu.total_bytes, most_bytes))


def ways(weights: Weights, options: EngineOptions, gpu: Gpu) -> list[Needs]:
    """Ways to hold a model, from the most comfortable to the smallest.

    The embedding may stay in host memory, from which a step reads a row for each token, and the batch may have fewer
    places. If it is the size of the cache that is short, moving the embedding comes last.
    """
    config, most, max_tokens = weights.config, num_places(options), most_tokens(gpu.total_bytes)
    spare = min(SPARE_BYTES, int(gpu.total_bytes * SPARE_SHARE))
    on_device, embedding = device_bytes(weights), weights.embedding.nbytes
    can_move = weights.output is not weights.embedding

    def blocks(places: int) -> tuple[int, int, int]:
        layer = DeviceCache.layer_bytes(config, options.kv_cache_type)
        return _blocks(config, layer, num_sequences(places), max_tokens)

    def needs(places: int, host: int) -> Needs:
        workspace = workspace_bytes(config, replace(options, num_parallel=places), max_tokens) + spare
        return Needs(on_device - host, workspace, BLOCK_SIZE, places, *blocks(places), host)

    numbers = [most, *(fewer for fewer in FEWER if fewer < most)] if has_window(config) else [most]
    all_there = [needs(places, 0) for places in numbers]
    moved = [needs(places, embedding) for places in numbers] if can_move else []
    return [*all_there, *moved] if options.kv_cache_bytes or not moved else [all_there[0], *moved]


def has_window(config: GptOssConfig) -> bool:
    """True if there are layers whose window is shorter than the longest context."""
    return any(config.sliding_pattern) and config.sliding_window < config.context_length


def _blocks(config: GptOssConfig, layer: int, sequences: int, max_tokens: int) -> tuple[int, int, int]:
    """Bytes of a block, those of one of layers with a window, and the least number of these; `layer` is one layer's."""
    if not has_window(config):
        return layer * config.num_layers, 0, 0
    windows, in_flight = sum(config.sliding_pattern), DEPTH * max_tokens
    least = WindowBlocks.least(BLOCK_SIZE, config.sliding_window, num_sequences=sequences, num_in_flight=in_flight)
    return layer * (config.num_layers - windows), layer * windows, least
