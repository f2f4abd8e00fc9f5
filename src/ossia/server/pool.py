"""EnginePool: the models in memory, how long they stay there, and who uses them.

It knows engines and clocks, but no protocol. `plan`, a pure function, decides what to unload and what to load next; the
rest of the file carries out its decisions. Whose turn it is to use a loaded model is decided by its `Turns`. Everything
runs in one event loop, and the state is consistent at every await, so there are no locks.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ossia.config import MIN_KV_CACHE_BYTES, Settings
from ossia.durations import FOREVER
from ossia.engine import Embedding, Engine
from ossia.engine.memory import usable_bytes
from ossia.errors import ModelCrashed, ServerBusy
from ossia.server.turns import Turn, Turns
from ossia.store.models import Model
from ossia.types import Event, GenerateRequest

logger = logging.getLogger(__name__)

AUTOMATIC_LIMIT = 3  # of loaded models, for OLLAMA_MAX_LOADED_MODELS=0
MOST_WAITING = 64
"""Models that may wait to be loaded."""


@dataclass(eq=False, slots=True)
class Entry:
    """A model that is loaded, being loaded or waiting to be. `users` counts the requests that use it or wait for it.

    `task` waits until `go` is set and then loads the engine, which is its result. Until the model is ready,
    `memory_bytes` is an estimate.
    """

    model: Model
    keep_alive: float
    turns: Turns
    memory_bytes: int = 0
    state: Literal["waiting", "loading", "ready"] = "waiting"
    users: int = 0
    last_used: float = 0.0
    expires: float = FOREVER
    engine: Engine | None = None
    task: asyncio.Task[Engine] | None = None
    go: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Room:
    """Limits on the models in memory: their number, and their total size in bytes."""

    models: int
    memory_bytes: int

    def has(self, entry: Entry, beside: Sequence[Entry]) -> bool:
        """True if the model fits beside the others. Alone it may have any size: its weights are mapped, not read."""
        memory_bytes = entry.memory_bytes + sum(other.memory_bytes for other in beside)
        return not beside or (len(beside) < self.models and memory_bytes <= self.memory_bytes)


@dataclass(frozen=True, slots=True)
class Plan:
    """Decision of `plan`: the entries to close, and the entries to start loading."""

    close: list[Entry]
    start: list[Entry]


def plan(entries: Sequence[Entry], closing: Sequence[Entry], now: float, room: Room) -> Plan:
    """Decide which models to close and which to load. The entries in `closing` have not freed their memory yet.

    1. A model without users is closed once it has expired, or at once if it is not loaded yet.
    2. Waiting models are loaded in the order in which they were requested; none overtakes one that does not fit yet.
    3. For each model that still waits, the least recently used idle models are closed, as few as suffice. If closing
       all of them would not suffice, none is closed, and the model waits until a request ends.
    """
    close = [e for e in entries if e.users == 0 and (e.state != "ready" or now >= e.expires)]
    kept = [e for e in entries if e not in close]
    waiting = [e for e in kept if e.state == "waiting"]
    staying = [e for e in kept if e.state != "waiting"]
    leaving = [e for e in (*closing, *close) if e.state != "waiting"]
    start: list[Entry] = []
    while waiting and room.has(waiting[0], [*staying, *leaving]):
        start.append(waiting.pop(0))
        staying.append(start[-1])
    for entry in waiting:
        evicted = _evicted_for(entry, staying, room)
        if evicted is None:
            break
        close += evicted
        staying = [*(e for e in staying if e not in evicted), entry]
    return Plan(close, start)


def _evicted_for(entry: Entry, staying: Sequence[Entry], room: Room) -> list[Entry] | None:
    """Return the fewest idle models to close so that the entry fits, least recently used first; None if it cannot."""
    idle = sorted((e for e in staying if e.users == 0), key=lambda e: e.last_used)
    for count in range(len(idle) + 1):
        if room.has(entry, [e for e in staying if e not in idle[:count]]):
            return idle[:count]
    return None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to use an engine until the `with` block ends. `load_seconds` is how long its request waited for it.

    Each sequence takes a place of the engine's batch, for which it is waited.
    """

    engine: Engine
    load_seconds: float
    turn: Turn

    @asynccontextmanager
    async def generate(self, request: GenerateRequest) -> AsyncGenerator[AsyncGenerator[Event]]:
        """Return the engine's stream, which is closed, and aborted if it still runs, at the end of the `with` block."""
        async with self.turn.place(), aclosing(self.engine.generate(request)) as events:
            yield events

    async def embed(
        self, text: str | Sequence[int], *, truncate: bool, context_length: int | None, space: str
    ) -> Embedding:
        """Embed a text or ids, as the engine does."""
        async with self.turn.place():
            return await self.engine.embed(text, truncate=truncate, context_length=context_length, space=space)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A loaded model, the memory that it uses now, and how much of that is a GPU's.

    `expires_in` is in seconds and may be infinite.
    """

    model: Model
    memory_bytes: int
    device_bytes: int
    context_length: int
    expires_in: float


class EnginePool:
    """Loads each engine once for all its users, keeps it for its keep_alive, and unloads it.

    `load` is given the number of bytes that the model may use; a model that is alone may exceed it.
    """

    def __init__(
        self,
        settings: Settings,
        load: Callable[[Model, int], Awaitable[Engine]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._room = Room(settings.max_loaded_models or AUTOMATIC_LIMIT, settings.memory_bytes or usable_bytes())
        self._load = load
        self._clock = clock
        self._entries: dict[Path, Entry] = {}  # by GGUF file, in the order in which they were requested
        self._closing: dict[asyncio.Task[None], Entry] = {}
        self._shut = False
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def lease(self, model: Model, keep_alive: float | None, client: str) -> AsyncGenerator[Lease]:
        """Lease the model's engine as `use` does, and wait until it is the client's turn.

        Who waits while the model's process dies goes on to wait while the model is loaded again. Raises ServerBusy or
        TooManyRequests if too many wait, beside what `use` raises.
        """
        began = self._clock()
        for is_last in (False, False, True):  # a model that dies again and again is somebody's to know
            async with self._used(model, keep_alive) as entry, entry.turns.turn(client) as turn:
                assert entry.engine is not None, "a model has no places before it is loaded"
                if entry.engine.alive or is_last:
                    yield Lease(entry.engine, self._clock() - began, turn)
                    return

    def check_room(self, model: Model, client: str) -> None:
        """Raise ServerBusy if a request of the client could not wait for the model now."""
        if self._shut:
            raise _shutting_down()
        if entry := self._entries.get(model.path):
            entry.turns.check_room(client)

    @asynccontextmanager
    async def use(self, model: Model, keep_alive: float | None = None) -> AsyncGenerator[Engine]:
        """Return the model's engine for what takes no place in its batch, loading it first if necessary.

        `keep_alive` is how many seconds the engine stays loaded after its last user; None keeps the value from before.
        Raises ServerBusy if the pool is closed or too many models wait, ModelCrashed if loading takes too long, and any
        error of loading.
        """
        async with self._used(model, keep_alive) as entry:
            yield entry.engine or await self._loaded(entry)

    def loaded(self) -> list[Loaded]:
        """Return the models in memory, the one that expires last first."""
        now = self._clock()
        found = [
            Loaded(
                model=e.model,
                memory_bytes=e.engine.resident_bytes,
                device_bytes=e.engine.memory.device,
                context_length=e.engine.context_length,
                expires_in=e.keep_alive if e.users else e.expires - now,
            )
            for e in self._entries.values()
            if e.engine is not None and e.engine.alive
        ]
        return sorted(found, key=lambda loaded: loaded.expires_in, reverse=True)

    async def unload(self, model: Model) -> None:
        """Free the model's memory: now if nobody uses it, otherwise when its last user is done."""
        if entry := self._entries.get(model.path):
            entry.keep_alive = 0.0
            entry.expires = self._clock()
            self.sweep()
            await self._closed()

    async def close(self) -> None:
        """Unload all models, even those in use, and refuse to load any more."""
        self._shut = True
        for entry in list(self._entries.values()):
            self._close(entry)
        if self._timer is not None:
            self._timer.cancel()
        await self._closed()

    def sweep(self) -> None:
        """Carry out the decision of `plan`, and set a timer for the next time that a model expires."""
        decided = plan(list(self._entries.values()), list(self._closing.values()), self._clock(), self._room)
        for entry in decided.close:
            self._close(entry)
        for entry in decided.start:
            entry.state = "loading"
            entry.go.set()
        self._set_timer()

    @asynccontextmanager
    async def _used(self, model: Model, keep_alive: float | None) -> AsyncGenerator[Entry]:
        """Keep the model's entry, which is loaded if necessary, until the `with` block ends."""
        if self._shut:
            raise _shutting_down()
        entry = self._entry(model)
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

    def _entry(self, model: Model) -> Entry:
        """Return the model's entry, a new one if there is none or its engine has died."""
        entry = self._entries.get(model.path)
        if entry is not None and entry.engine is not None and not entry.engine.alive:
            logger.warning("the process of model %s has died; loading it again", entry.model.name)
            self._close(entry)
            entry = None
        if entry is None:
            entry = self._entries[model.path] = self._new_entry(model)
        return entry

    def _new_entry(self, model: Model) -> Entry:
        if sum(entry.state == "waiting" for entry in self._entries.values()) >= MOST_WAITING:
            raise ServerBusy("too many models wait to be loaded", hint="try again later")
        turns = Turns(self._settings.max_queue)
        entry = Entry(model, self._settings.keep_alive, turns, self._estimate(model))
        entry.task = asyncio.create_task(self._load_entry(entry))
        entry.task.add_done_callback(lambda task: _tell(turns, task))
        return entry

    def _estimate(self, model: Model) -> int:
        """Estimate the bytes that the model will use: its file, which is mapped, and a small KV cache."""
        weights = 0
        with suppress(OSError):  # loading will report what is wrong with the file
            weights = model.path.stat().st_size
        return weights + (self._settings.engine.kv_cache_bytes or MIN_KV_CACHE_BYTES)

    def _memory_left_for(self, entry: Entry) -> int:
        others = sum(e.memory_bytes for e in (*self._entries.values(), *self._closing.values()) if e.state != "waiting")
        return self._room.memory_bytes - others + entry.memory_bytes

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
        """Wait for a place, then load. A failure removes the entry, so that the next request tries again."""
        try:
            await entry.go.wait()
            timeout = self._settings.load_timeout
            async with asyncio.timeout(timeout if 0 < timeout < FOREVER else None):
                entry.engine = await self._load(entry.model, self._memory_left_for(entry))
        except TimeoutError:
            self._forget(entry)
            text = f"model '{entry.model.name}' was not loaded in {self._settings.load_timeout:g} seconds"
            raise ModelCrashed(text, hint="OLLAMA_LOAD_TIMEOUT allows more") from None
        except BaseException:
            self._forget(entry)
            raise
        entry.state = "ready"
        entry.memory_bytes = entry.engine.memory.host
        return entry.engine

    def _forget(self, entry: Entry) -> None:
        if self._entries.get(entry.model.path) is entry:
            del self._entries[entry.model.path]

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

    async def _closed(self) -> None:
        if self._closing:
            await asyncio.wait(self._closing)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        next_expiry = min((e.expires for e in self._entries.values() if e.users == 0), default=FOREVER)
        if next_expiry < FOREVER:
            delay = max(next_expiry - self._clock(), 0.0)
            self._timer = asyncio.get_running_loop().call_later(delay, self.sweep)


def _tell(turns: Turns, loading: asyncio.Task[Engine]) -> None:
    """Open the places of a loaded model, or tell those who wait for them that there are none."""
    if loading.cancelled():
        turns.fail(_shutting_down())
    elif error := loading.exception():
        turns.fail(error)
    else:
        turns.open(loading.result().max_sequences)


def _shutting_down() -> ServerBusy:
    return ServerBusy("the server is shutting down")
