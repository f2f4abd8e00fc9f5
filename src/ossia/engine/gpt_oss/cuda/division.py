"""Division of a model: how many GPUs it takes, and the memory map of each. Arithmetic only; no device is touched."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from ossia.config import EngineOptions
from ossia.engine.gpt_oss.cuda.device import Gpu, NoGpu
from ossia.engine.gpt_oss.cuda.memory import MemoryMap, NoRoom, divide
from ossia.engine.gpt_oss.cuda.needs import capped, ways
from ossia.engine.gpt_oss.shard import can_divide, shard
from ossia.engine.gpt_oss.weights import Weights

logger = logging.getLogger(__name__)

COLLECTIVES_BYTES: Final = 512 << 20
"""Buffers of NCCL's, and the leader's context on the other GPUs."""


def divided(
    weights: Weights, gpus: Sequence[Gpu], options: EngineOptions, least: int, free: Callable[[Gpu], Gpu]
) -> tuple[list[Gpu], MemoryMap]:
    """The GPUs that a model takes, and the memory map of each.

    They are the first of `gpus`, as many as were asked for, or the fewest that the model fits on while nothing else is
    there. Of all but the first, `free` tells the memory that is free now, and those for which it raises NoGpu are left
    out. Raises NoRoom if the memory is too little, and NoGpu if there are fewer than were asked for.
    """
    size = options.gpus or _fewest(weights, gpus, options, least)
    _check(weights, gpus, size)
    taken = [gpus[0], *islice(_usable(gpus[1:], free), size - 1)]
    if len(taken) < size:
        return divided(weights, taken, options, least, free)
    return taken, _map(weights, taken, options, least)


def _usable(gpus: Sequence[Gpu], free: Callable[[Gpu], Gpu]) -> Iterator[Gpu]:
    for gpu in gpus:
        try:
            yield free(gpu)
        except NoGpu as problem:
            logger.warning("a GPU is left out: %s", problem)


def _fewest(weights: Weights, gpus: Sequence[Gpu], options: EngineOptions, least: int) -> int:
    """The fewest GPUs that the model fits on; one if not even all are enough."""
    empty = [replace(gpu, free_bytes=gpu.total_bytes) for gpu in gpus]
    for size in range(1, len(gpus) + 1) if len(gpus) > 1 else ():
        if size == 1 or can_divide(weights, size):
            try:
                _map(weights, empty[:size], options, least)
            except NoRoom:
                continue
            return size
    return 1


def _check(weights: Weights, gpus: Sequence[Gpu], size: int) -> None:
    """Raise NoGpu if the model cannot be divided over so many."""
    if size > len(gpus):
        alike = f"{len(gpus)} of the kind {gpus[0].name} from number {gpus[0].index} on"
        raise NoGpu(f"the model is to run on {size} GPUs, but only {alike} can be used", hint="lower OSSIA_GPUS")
    if size > 1 and not can_divide(weights, size):
        heads = weights.config.num_kv_heads
        raise NoGpu(
            f"the model cannot be divided over {size} GPUs",
            hint=f"OSSIA_GPUS has to divide its {heads} key-value heads",
        )


def _map(weights: Weights, gpus: Sequence[Gpu], options: EngineOptions, least: int) -> MemoryMap:
    """The memory map that all of these have: by the largest shard, and the least memory."""
    size, overhead = len(gpus), options.gpu_overhead_bytes
    capacities = [capped(gpu, options.gpu_memory_bytes) for gpu in gpus]
    smallest = replace(
        capacities[0],
        free_bytes=min(gpu.free_bytes for gpu in capacities),
        total_bytes=min(gpu.total_bytes for gpu in capacities),
    )
    memory_map = divide(
        smallest,
        ways(shard(weights, 0, size), options, smallest),
        context_length=weights.config.context_length,
        asked=options.context_length,
        least=least,
        kv_cache_bytes=options.kv_cache_bytes // size,
        overhead_bytes=overhead if size == 1 else overhead + COLLECTIVES_BYTES,
    )
    return replace(memory_map, others=tuple(gpu.index for gpu in gpus[1:]))
