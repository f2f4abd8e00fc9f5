"""EnginePool: the models in memory, how long they stay there, and who uses them.

It knows engines and clocks, but no protocol. `plan`, a pure function, decides what to unload and what to load next, and
its decisions are carried out here. Whose turn it is to use a loaded model is decided by its `Turns`. Everything
runs in one event loop, and the state is consistent at every await, so there are no locks.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from ossia import heap
from ossia.config import Settings
from ossia.durations import FOREVER
from ossia.engine import Engine, Start
from ossia.errors import ServerBusy
from ossia.server.estimate import file_bytes, needed
from ossia.server.loaded import Loaded, Loading, Measured, Queue, measured, queue_of, shown
from ossia.server.loader import Loader
from ossia.server.plan import PATIENCE, Entry, device_of, gpus_of, plan
from ossia.server.turns import Lease, Newcomers, Turns
from ossia.store.models import Model
from ossia.types import ANYWHERE, Placement

logger = logging.getLogger(__name__)

MOST_WAITING = 64
"""Models that may wait to be loaded."""


class EnginePool:
    """Loads each engine once for all its users, keeps it for its keep_alive, and unloads it.

    With `has_gpu` models are expected to run on one, unless the settings or a request say otherwise.

    A model that runs and is asked for on another device is loaded there, too; if nobody uses it, it moves.
    """

    def __init__(
        self,
        settings: Settings,
        load: Callable[[Model, Start], Awaitable[Engine]],
        clock: Callable[[], float] = time.monotonic,
        *,
        has_gpu: bool = False,
    ) -> None:
        self._settings = settings
        self.loader: Final = Loader(settings, load, clock, settings.engine.device if has_gpu else "cpu")
        self.kv_cache_type: Final = settings.engine.kv_cache_type  # of models on a GPU
        self.memory_bytes: Final = self.loader.room.memory_bytes  # for all models together
        self._clock = clock
        self._entries: dict[tuple[tuple[Path, ...], str], Entry] = {}  # by files and device, in order
        self._retired: list[Entry] = []  # those who use them end, and nobody else begins
        self._closing: dict[asyncio.Task[None], Entry] = {}
        self._weight_bytes: dict[Path, int] = {}  # of models whose files were read for it
        self._newcomers = Newcomers(settings.max_queue)
        self._shut = False
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def lease(
        self, model: Model, keep_alive: float | None, client: str, placement: Placement = ANYWHERE
    ) -> AsyncGenerator[Lease]:
        """Lease the model's engine as `use` does, and wait until it is the client's turn.

        Who waits while the model's process dies goes on to wait while the model is loaded again. Raises ServerBusy or
        TooManyRequests if too many wait, beside what `use` raises.
        """
        began = self._clock()
        for is_last in (False, False, True):  # a model that dies again and again is somebody's to know
            async with self._used(model, keep_alive, placement) as entry, entry.turns.turn(client) as turn:
                assert entry.engine is not None, "a model has no places before it is loaded"
                if entry.engine.alive or is_last:
                    yield Lease(entry.engine, self._clock() - began, turn)
                    return

    def check_room(self, model: Model, client: str) -> None:
        """Raise ServerBusy if a request of the client could not wait for the model now."""
        if self._shut:
            raise _shutting_down()
        entries = self._of(model)
        for waiting in [entry.turns for entry in entries] or [self._newcomers]:
            waiting.check_room(client)

    @asynccontextmanager
    async def use(
        self, model: Model, keep_alive: float | None = None, placement: Placement = ANYWHERE
    ) -> AsyncGenerator[Engine]:
        """Return the model's engine for what takes no place in its batch, loading it first if necessary.

        `keep_alive` is how many seconds the engine stays loaded after its last user; None keeps the value from before.
        Raises ServerBusy if the pool is closed or too many models wait, ModelCrashed if loading takes too long, and any
        error of loading.
        """
        async with self._used(model, keep_alive, placement) as entry:
            yield entry.engine or await self._loaded(entry)

    def loaded(self) -> list[Loaded]:
        """Return the models in memory, the one that expires last first."""
        now = self._clock()
        return sorted((shown(entry, now) for entry in self._ready()), key=lambda each: each.expires_in, reverse=True)

    async def measured(self) -> list[Measured]:
        """Return the models in memory with their figures."""
        return await measured(self._ready(), self._clock())

    def queues(self) -> list[Queue]:
        """Return the requests of each model, also of those that are not loaded yet."""
        return [queue_of(entry) for entry in (*self._entries.values(), *self._retired)]

    def engine_of(self, model: Model) -> Engine | None:
        """Return the model's engine if it is loaded."""
        return next((entry.engine for entry in self._of(model) if entry.engine and entry.engine.alive), None)

    def loading(self) -> list[Loading]:
        """Return the models that are not loaded yet, in the order of their requests."""
        return [Loading(e.model, *e.progress) for e in self._entries.values() if e.state != "ready"]

    async def weigh(self, model: Model, weight_bytes: Callable[[Model], Awaitable[int]]) -> None:
        """Ask what a model's weights take, if it would have to fit beside others and nobody has asked yet."""
        if self._entries and not self._of(model) and model.path not in self._weight_bytes:
            self._weight_bytes[model.path] = await weight_bytes(model)

    async def unload(self, model: Model) -> None:
        """Free the model's memory: now if nobody uses it or its process is stuck, else when its last user is done."""
        if entries := self._of(model):
            for entry in entries:
                entry.keep_alive = 0.0
                entry.expires = self._clock()
            self.sweep()
            for entry in entries:
                if entry.users and entry.engine:
                    await entry.engine.check()
            await self._closed()

    async def close(self) -> None:
        """Unload all models, even those in use, and refuse to load any more."""
        self._shut = True
        for entry in (*self._entries.values(), *self._retired):
            self._close(entry)
        if self._timer is not None:
            self._timer.cancel()
        await self._closed()

    def sweep(self) -> None:
        """Carry out the decision of `plan`, and set a timer for the next time that it may be another."""
        leaving = (*self._closing.values(), *self._retired)
        decided = plan(list(self._entries.values()), leaving, self._clock(), self.loader.room)
        for entry in (*decided.close, *(entry for entry in self._retired if not entry.users)):
            self._close(entry)
        for entry in decided.retire:
            logger.info("model %s makes room when those who use it are done", entry.model.name)
            self._forget(entry)
            self._retired.append(entry)
        for entry in decided.start:
            entry.state, entry.progress = "loading", ("starting", 0, 0)
            entry.go.set()
        self._set_timer()

    @asynccontextmanager
    async def _used(self, model: Model, keep_alive: float | None, placement: Placement) -> AsyncGenerator[Entry]:
        """Keep the model's entry, which is loaded if necessary, until the `with` block ends."""
        if self._shut:
            raise _shutting_down()
        entry = self._entry(model, placement)
        if keep_alive is not None:
            entry.keep_alive = keep_alive
        entry.users += 1
        if entry.state == "waiting":
            self.sweep()
        try:
            yield entry
        finally:
            entry.users -= 1
            entry.last_used = self._clock()
            entry.expires = entry.last_used + entry.keep_alive
            self.sweep()

    def _ready(self) -> list[Entry]:
        return [entry for entry in (*self._entries.values(), *self._retired) if entry.engine and entry.engine.alive]

    def _of(self, model: Model) -> list[Entry]:
        return [entry for (files, _), entry in self._entries.items() if files == model.loads]

    def _entry(self, model: Model, placement: Placement) -> Entry:
        """Return the model's entry on the device that is asked for, a new one if there is none."""
        device = device_of(placement, self.loader.device)
        for entry in self._of(model):
            if entry.engine is not None and not entry.engine.alive:
                logger.warning("the process of model %s has died; loading it again", entry.model.name)
                self._close(entry)
            elif entry.serves(device):
                return entry
        for entry in self._of(model):  # on another device
            if entry.users == 0:
                self._close(entry)
        return self._new_entry(model, device or self.loader.device, placement)

    def _new_entry(self, model: Model, device: str, placement: Placement) -> Entry:
        if sum(entry.state == "waiting" for entry in self._entries.values()) >= MOST_WAITING:
            raise ServerBusy("too many models wait to be loaded", hint="try again later")
        turns, gpus = Turns(self._newcomers), gpus_of(device)
        weights = self._weight_bytes.get(model.path) or file_bytes(model)
        memory_bytes, device_bytes = needed(weights, self._settings.engine, is_on_gpu=bool(gpus))
        entry = Entry(
            model,
            self._settings.keep_alive,
            turns,
            memory_bytes,
            asked=self._clock(),
            device=device,
            gpus=gpus,
            device_bytes=device_bytes,
            placement=placement,
        )
        entry.task = asyncio.create_task(self._load_entry(entry))
        entry.task.add_done_callback(lambda task: _tell(turns, task))
        self._entries[model.loads, device] = entry
        return entry

    def _in_memory(self) -> list[Entry]:
        entries = (*self._entries.values(), *self._retired, *self._closing.values())
        return [entry for entry in entries if entry.state != "waiting"]

    async def _loaded(self, entry: Entry) -> Engine:
        """Wait until the entry is loaded. Loading continues if this request is cancelled while others wait."""
        assert entry.task is not None
        try:
            return await asyncio.shield(entry.task)
        except asyncio.CancelledError:
            if entry.task.cancelled():
                raise _shutting_down() from None
            raise

    async def _load_entry(self, entry: Entry) -> Engine:
        """Load the model once it may be. A failure removes the entry, so that the next request tries again."""
        try:
            await entry.go.wait()
            while (engine := await self.loader.load(entry, self._in_memory)) is None:
                entry.state, entry.progress = "waiting", ("waiting for memory", 0, 0)
                entry.go.clear()
                self.sweep()
                await entry.go.wait()
        except BaseException:
            self._forget(entry)
            raise
        asyncio.get_running_loop().call_soon(self.sweep)  # for whoever waits for the GPU
        return engine

    def _forget(self, entry: Entry) -> None:
        key = entry.model.loads, entry.device
        if self._entries.get(key) is entry:
            del self._entries[key]
        elif entry in self._retired:
            self._retired.remove(entry)

    def _close(self, entry: Entry) -> None:
        """Remove the entry and close its engine. Its place becomes free once that is done."""
        self._forget(entry)
        task = asyncio.create_task(self._close_entry(entry))
        self._closing[task] = entry
        task.add_done_callback(self._closing_done)

    async def _close_entry(self, entry: Entry) -> None:
        assert entry.task is not None
        entry.task.cancel()
        await asyncio.gather(entry.task, return_exceptions=True)
        if entry.engine is not None:
            await entry.engine.close()

    def _closing_done(self, task: asyncio.Task[None]) -> None:
        del self._closing[task]
        if not task.cancelled() and (error := task.exception()):
            logger.error("closing a model failed", exc_info=error)
        self.sweep()
        if not self._shut:
            asyncio.get_running_loop().run_in_executor(None, heap.give_back)

    async def _closed(self) -> None:
        if self._closing:
            await asyncio.wait(self._closing)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        now = self._clock()
        expiries = (e.expires for e in self._entries.values() if e.users == 0)
        ends_of_patience = (e.asked + PATIENCE for e in self._entries.values() if e.state == "waiting")
        following = min((*expiries, *(end for end in ends_of_patience if end > now)), default=FOREVER)
        if following < FOREVER:
            self._timer = asyncio.get_running_loop().call_later(max(following - now, 0.0), self.sweep)


def _tell(turns: Turns, loading: asyncio.Task[Engine]) -> None:
    """Open the places of a loaded model, or tell those who wait for them that there are none."""
    if loading.cancelled():
        turns.fail(_shutting_down())
    elif error := loading.exception():
        turns.fail(error)
    else:
        turns.open(loading.result().places)


def _shutting_down() -> ServerBusy:
    return ServerBusy("the server is shutting down")
