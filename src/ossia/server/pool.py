"""Pool of loaded models: the ones in memory, for how long they stay, and the requests that wait for one.

Knows engines and clocks, no protocol. `plan`, a pure function, decides what to unload and what to load next; the rest
of the file carries its decisions out. Everything runs in one event loop, and between two awaits the state is
consistent, so there are no locks.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ossia.config import FOREVER, Settings
from ossia.engine import Engine
from ossia.engine.memory import KV_CACHE_BYTES, usable_bytes
from ossia.errors import ModelCrashed, ServerBusy
from ossia.store.models import Model
from ossia.types import Event, GenerateRequest

logger = logging.getLogger(__name__)

AUTOMATIC_LIMIT = 3  # of loaded models, for OLLAMA_MAX_LOADED_MODELS=0


@dataclass(eq=False, slots=True)
class Entry:
    """A model that is in memory or on its way there. `users` counts requests that run on it or wait for it.

    Its `task` waits until `go` is set, then loads, and has the engine as its result. `memory_bytes` is an estimate
    until then.
    """

    model: Model
    keep_alive: float
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
    """Limits on the models in memory: their number, and the bytes that they take together."""

    models: int
    memory_bytes: int

    def has(self, entry: Entry, beside: Sequence[Entry]) -> bool:
        """True if the model fits beside those. Alone it may be of any size: its weights are mapped, not read."""
        memory_bytes = entry.memory_bytes + sum(other.memory_bytes for other in beside)
        return not beside or (len(beside) < self.models and memory_bytes <= self.memory_bytes)


@dataclass(frozen=True, slots=True)
class Plan:
    """Next steps: the entries to close, and those to begin to load."""

    close: list[Entry]
    start: list[Entry]


def plan(entries: Sequence[Entry], closing: Sequence[Entry], now: float, room: Room) -> Plan:
    """Decide what leaves memory and what comes in. `closing` are still giving their memory back.

    1. A model that nobody uses is closed when its time is up, or at once when it is not even loaded.
    2. Waiting models are loaded in the order in which they were asked for; none overtakes one that does not fit yet.
    3. For each model that still waits, as many of the least recently used idle models are closed as it takes. If all
       of them would not be enough, none is closed, and the model waits until a request ends.
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
    """The idle models without which the entry fits, the least recently used first; None when it does not."""
    idle = sorted((e for e in staying if e.users == 0), key=lambda e: e.last_used)
    for count in range(len(idle) + 1):
        if room.has(entry, [e for e in staying if e not in idle[:count]]):
            return idle[:count]
    return None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to use an engine until the `with` block ends. `load_seconds` is what waiting for it took."""

    engine: Engine
    load_seconds: float

    def generate(self, request: GenerateRequest) -> AbstractAsyncContextManager[AsyncGenerator[Event]]:
        """The engine's stream, closed (and so aborted, if it runs) at the end of the block."""
        return aclosing(self.engine.generate(request))


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model as `ps` shows it, with the memory that it takes now, and how much of that is a GPU's.

    `expires_in` is in seconds, maybe infinite.
    """

    model: Model
    memory_bytes: int
    device_bytes: int
    context_length: int
    expires_in: float


class EnginePool:
    """Loads engines once for all who want them, keeps them for their keep_alive, and unloads them.

    `load` is told how many bytes the model may take, which a model alone may exceed.
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
        self._entries: dict[Path, Entry] = {}  # by GGUF file, in the order in which they were asked for
        self._closing: dict[asyncio.Task[None], Entry] = {}
        self._waiting_requests = 0
        self._shut = False
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def use(self, model: Model, keep_alive: float | None = None) -> AsyncGenerator[Lease]:
        """Lease the model's engine, loading it first if need be.

        `keep_alive` is how many seconds the engine stays after its last user; None leaves what was said before.
        Raises ServerBusy when too many wait for a model or the pool is closed, ModelCrashed when loading takes too
        long, and what loading raises.
        """
        if self._shut:
            raise _shutting_down()
        began = self._clock()
        entry = self._entry(model)
        if keep_alive is not None:
            entry.keep_alive = keep_alive
        entry.users += 1
        try:
            engine = entry.engine or await self._loaded(entry)
            yield Lease(engine, self._clock() - began)
        finally:
            entry.users -= 1
            entry.last_used = self._clock()
            entry.expires = entry.last_used + entry.keep_alive
            self.sweep()

    def loaded(self) -> list[Loaded]:
        """The models in memory, the one that stays longest first."""
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
        """Free the model's memory: now if nobody uses it, else when its last user is done."""
        if entry := self._entries.get(model.path):
            entry.keep_alive = 0.0
            entry.expires = self._clock()
            self.sweep()
            await self._closed()

    async def close(self) -> None:
        """Unload everything, used or not, and load nothing any more."""
        self._shut = True
        for entry in list(self._entries.values()):
            self._close(entry)
        if self._timer is not None:
            self._timer.cancel()
        await self._closed()

    def sweep(self) -> None:
        """Carry out what `plan` says now, and come back when the next keep_alive runs out."""
        decided = plan(list(self._entries.values()), list(self._closing.values()), self._clock(), self._room)
        for entry in decided.close:
            self._close(entry)
        for entry in decided.start:
            entry.state = "loading"
            entry.go.set()
        self._set_timer()

    def _entry(self, model: Model) -> Entry:
        """The model's entry; a new one when there is none or its engine has died."""
        entry = self._entries.get(model.path)
        if entry is not None and entry.engine is not None and not entry.engine.alive:
            logger.warning("the process of model %s has died; loading it again", entry.model.name)
            self._close(entry)
            entry = None
        if entry is None or entry.engine is None:
            self._check_queue()
        if entry is None:
            entry = self._entries[model.path] = Entry(model, self._settings.keep_alive, self._estimate(model))
            entry.task = asyncio.create_task(self._load_entry(entry))
        return entry

    def _estimate(self, model: Model) -> int:
        """Bytes that the model will take: its file, which is mapped, and a modest KV cache."""
        weights = 0
        with suppress(OSError):  # loading will say what is wrong with the file
            weights = model.path.stat().st_size
        return weights + (self._settings.engine.kv_cache_bytes or KV_CACHE_BYTES)

    def _memory_left_for(self, entry: Entry) -> int:
        others = sum(e.memory_bytes for e in (*self._entries.values(), *self._closing.values()) if e.state != "waiting")
        return self._room.memory_bytes - others + entry.memory_bytes

    def _check_queue(self) -> None:
        if self._waiting_requests >= self._settings.max_queue:
            raise ServerBusy("server busy, please try again.  maximum pending requests exceeded")

    async def _loaded(self, entry: Entry) -> Engine:
        """Wait for the entry's load, which goes on if this request goes away and another still waits."""
        assert entry.task is not None
        self._waiting_requests += 1
        self.sweep()
        try:
            return await asyncio.shield(entry.task)
        except asyncio.CancelledError:
            if entry.task.cancelled():
                raise _shutting_down() from None
            raise
        finally:
            self._waiting_requests -= 1

    async def _load_entry(self, entry: Entry) -> Engine:
        """Wait for a place, then load. A failure takes the entry out, so that the next request tries again."""
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
        """Take the entry out; its place is free when its engine is closed."""
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


def _shutting_down() -> ServerBusy:
    return ServerBusy("the server is shutting down")
