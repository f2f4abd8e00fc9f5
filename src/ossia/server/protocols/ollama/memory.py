"""The memory that a model takes at each length of a context, which /api/show tells if it is asked."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from ossia.engine import Engine
from ossia.engine.costs import Costs, costs_of
from ossia.server.http.stream import Chunk
from ossia.split import open_model
from ossia.store.models import Model

_SHORTEST: Final = 1024
_KEPT: Final = 256


def costs(model: Model) -> Costs | None:
    """Return the costs of a stored model; None for one that cannot be run. Raises InvalidModelFile."""
    return _costs(model.files)


@lru_cache(_KEPT)
def _costs(files: tuple[Path, ...]) -> Costs | None:
    """Read the costs from a model's header. They cannot go stale: a blob's path is the hash of its content."""
    return costs_of(open_model(*files))


def shown(costs: Costs, engine: Engine | None, usable_bytes: int) -> Chunk:
    """Return the memory of a model by the length of one conversation. If it is loaded, the numbers are its own."""
    weights, work = costs.weights, costs.work
    if engine:
        weights, work = engine.memory.weights or weights, engine.memory.work or work
    place = engine.place if engine else None
    is_on_gpu = bool(place)
    return {
        "is_on_gpu": is_on_gpu,
        "usable_bytes": place.usable_bytes * (1 + len(place.others)) if place else usable_bytes,
        "weights_bytes": weights,
        "weights_bytes_per_token": costs.weights_per_token,
        "work_bytes": work,
        "contexts": [
            {"tokens": tokens, "kv_bytes": costs.kv(tokens, is_on_gpu=is_on_gpu)} for tokens in _lengths(costs)
        ],
    }


def _lengths(costs: Costs) -> Iterator[int]:
    """Yield lengths of contexts, each four times the one before, and the longest."""
    tokens = _SHORTEST
    while tokens < costs.context_length:
        yield tokens
        tokens *= 4
    yield costs.context_length
