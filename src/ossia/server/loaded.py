"""Models in memory, and those on their way there, as they are shown. Nothing is decided here, and no clock is known."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ossia.engine import Engine
from ossia.engine.figures import Figures
from ossia.engine.memory import Memory
from ossia.server.plan import Entry
from ossia.store.models import Model

_FIGURES_SECONDS: Final = 1.0
"""Time in which a process tells its figures, unless it stands still."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A loaded model, the memory that it uses now, and how much of that is a GPU's.

    `device` tells where it runs, and why. `expires_in` is in seconds and may be infinite.
    """

    model: Model
    memory_bytes: int
    device_bytes: int
    device: str
    context_length: int
    expires_in: float
    queue: "Queue"


@dataclass(frozen=True, slots=True)
class Loading:
    """A model that is being loaded or waits to be: the part of that which goes on, `done` of `total`, 0 if unknown."""

    model: Model
    part: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Measured:
    """A loaded model, what its memory is for, and what its process has done."""

    loaded: Loaded
    memory: Memory
    figures: Figures

    @property
    def name(self) -> str:
        return str(self.loaded.model.name)


@dataclass(frozen=True, slots=True)
class Queue:
    """Requests of a model, loaded or not: the places of the batch that they have, and those that wait for one."""

    name: str
    running: int
    waiting: int
    places: int


def queue_of(entry: Entry) -> Queue:
    """Return the requests of one model."""
    turns = entry.turns
    return Queue(str(entry.model.name), turns.num_taken, turns.num_waiting, turns.num_places)


def shown(entry: Entry, now: float) -> Loaded:
    """Return a model that is loaded, as it is shown at the time `now` of the pool's clock."""
    engine = entry.engine
    assert engine is not None, "the model is loaded"
    return Loaded(
        model=entry.model,
        memory_bytes=engine.resident_bytes,
        device_bytes=engine.memory.device,
        device=engine.device,
        context_length=engine.context_length,
        expires_in=entry.keep_alive if entry.users else entry.expires - now,
        queue=queue_of(entry),
    )


async def measured(entries: Iterable[Entry], now: float) -> list[Measured]:
    """Return loaded models with their figures: those of nothing for one that does not tell them."""
    engines = [(shown(entry, now), entry.engine) for entry in entries if entry.engine is not None]
    figures = await asyncio.gather(*(_figures(engine) for _, engine in engines))
    return [Measured(each, engine.memory, told) for (each, engine), told in zip(engines, figures, strict=True)]


async def _figures(engine: Engine) -> Figures:
    try:
        async with asyncio.timeout(_FIGURES_SECONDS):
            return await engine.figures()
    except TimeoutError:
        return Figures()
