"""Loader: from an entry of the pool to its engine, and what each start teaches about the memory of GPUs.

It knows engines and clocks. Which model is loaded, and when, is the plan's to decide.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from ossia.config import Settings
from ossia.durations import limit
from ossia.engine import Engine, NoRoom, Start
from ossia.engine.memory import usable_bytes
from ossia.errors import ModelCrashed
from ossia.server.plan import Entry, Room
from ossia.store.models import Model

AUTOMATIC_LIMIT = 3  # of loaded models, for OLLAMA_MAX_LOADED_MODELS=0

LoadObserver = Callable[[str, float, bool], None]
"""Is told a model's name, for how long it was loaded, and whether that succeeded."""


class Loader:
    """Loads models by `load` into the `room` that there is. `device` is where they run unless a request wants another.

    `load` is given the number of bytes that the model may use; a model that is alone may exceed it.
    """

    def __init__(
        self,
        settings: Settings,
        load: Callable[[Model, Start], Awaitable[Engine]],
        clock: Callable[[], float],
        device: str,
    ) -> None:
        self.device: Final = device
        self.room: Final = Room(settings.max_loaded_models or AUTOMATIC_LIMIT, settings.memory_bytes or usable_bytes())
        self.on_load: LoadObserver = lambda model, seconds, succeeded: None
        self._load = load
        self._clock = clock
        self._seconds = settings.load_timeout

    async def load(self, entry: Entry, in_memory: Callable[[], Sequence[Entry]]) -> Engine | None:
        """Load the entry's model beside those that are in memory. None if its process finds no room on the GPU.

        Raises ModelCrashed if that takes too long, and any error of loading.
        """
        began = self._clock()
        try:
            engine = await self._started(entry, in_memory())
        except NoRoom as problem:
            entry.device_bytes = problem.needed_bytes
            self.room.learn(entry, in_memory(), problem.usable_bytes)
            return None
        except Exception:
            self.on_load(str(entry.model.name), self._clock() - began, False)
            raise
        self.on_load(str(entry.model.name), self._clock() - began, True)
        entry.engine, entry.state = engine, "ready"
        entry.memory_bytes, entry.device_bytes = engine.memory.host, engine.memory.device
        entry.gpus = frozenset(engine.gpus)
        if entry.gpus:
            entry.device_bytes //= len(entry.gpus)
            self.room.learn(entry, in_memory(), engine.gpu_bytes)
        return engine

    async def _started(self, entry: Entry, in_memory: Sequence[Entry]) -> Engine:
        taken = sum(other.memory_bytes for other in in_memory if other is not entry)
        start = Start(
            memory_bytes=self.room.memory_bytes - taken,
            device=None if entry.device == self.device else entry.device,
            placement=entry.placement,
            alone=not entry.neighbours(in_memory),
            report=entry.note,
        )
        try:
            async with asyncio.timeout(limit(self._seconds)):
                return await self._load(entry.model, start)
        except TimeoutError:
            text = f"model '{entry.model.name}' was not loaded in {self._seconds:g} seconds"
            raise ModelCrashed(text, hint="OLLAMA_LOAD_TIMEOUT allows more") from None
