"""The memory that a model takes at each length of a context, which /api/show tells if it is asked."""

from collections.abc import Iterator
from typing import Final

from ossia.config import CacheKind
from ossia.engine import Engine
from ossia.engine.costs import Costs
from ossia.server.http.stream import Chunk

_SHORTEST: Final = 1024


def shown(costs: Costs, engine: Engine | None, usable_bytes: int, kind: CacheKind) -> Chunk:
    """Return the memory of a model by the length of one conversation. If it is loaded, the numbers are its own.

    `kind` is that of a KV cache on a GPU; on the processor it is always f16.
    """
    weights, work = costs.weights, costs.work
    if engine:
        weights, work = engine.memory.weights or weights, engine.memory.work or work
    num_gpus = len(engine.gpus) if engine else 0
    is_on_gpu = num_gpus > 0
    return {
        "is_on_gpu": is_on_gpu,
        "kv_cache_type": kind if is_on_gpu else "f16",
        "usable_bytes": engine.gpu_bytes * num_gpus if engine and is_on_gpu else usable_bytes,
        "weights_bytes": weights,
        "weights_bytes_per_token": costs.weights_per_token,
        "work_bytes": work,
        "contexts": [
            {"tokens": tokens, "kv_bytes": costs.kv(tokens, is_on_gpu=is_on_gpu, kind=kind)}
            for tokens in _lengths(costs)
        ],
    }


def _lengths(costs: Costs) -> Iterator[int]:
    """Yield lengths of contexts, each four times the one before, and the longest."""
    tokens = _SHORTEST
    while tokens < costs.context_length:
        yield tokens
        tokens *= 4
    yield costs.context_length
