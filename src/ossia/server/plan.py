"""Plan: the models of the pool, and which of them to unload and load next, so that all fit into memory.

The decision is pure: it reads no clock and calls no engine. A model on a GPU takes memory of both. What the models on a
GPU may take together is known once one was loaded there.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from ossia.durations import FOREVER
from ossia.engine import Engine
from ossia.server.turns import Turns
from ossia.store.models import Model
from ossia.types import ANYWHERE, Placement

PATIENCE: Final = 5.0
"""Seconds that a model waits for one that is always in use, before nobody else may begin to use that."""


def device_of(placement: Placement, default: str) -> str | None:
    """The device that is asked for, where `default` is set; None if any will do on which the model is loaded."""
    kind = default.partition(":")[0]
    if placement.num_gpu == 0:
        return "cpu"
    if placement.main_gpu is not None and placement.main_gpu >= 0 and kind != "cpu":
        return f"{kind}:{placement.main_gpu}" if placement.main_gpu else kind
    return default if placement.num_gpu is not None and placement.num_gpu > 0 else None


def gpus_of(device: str) -> frozenset[int]:
    """The number of a device's GPU; none for the processor."""
    return frozenset() if device == "cpu" else frozenset([int(device.partition(":")[2] or 0)])


@dataclass(eq=False, slots=True)
class Entry:
    """A model that is loaded, being loaded or waiting to be. `users` counts the requests that use it or wait for it.

    `task` waits until `go` is set and then loads the engine, which is its result. Until the model is ready,
    `memory_bytes` and `device_bytes` are estimates.
    """

    model: Model
    keep_alive: float
    turns: Turns
    memory_bytes: int = 0
    state: Literal["waiting", "loading", "ready"] = "waiting"
    users: int = 0
    asked: float = 0.0
    """Time of the request that it was first asked for by."""
    last_used: float = 0.0
    expires: float = FOREVER
    device: str = "cpu"
    """As it was asked for; `gpus` are where the model is, or is expected."""
    gpus: frozenset[int] = frozenset()
    """Numbers of its GPUs, none for the processor."""
    device_bytes: int = 0
    """Bytes that it takes of each of them."""
    placement: Placement = ANYWHERE
    """As its first request wished."""
    progress: tuple[str, int, int] = ("waiting for memory", 0, 0)
    """The part of the start that is going on, and how much of it is done, of how much."""
    engine: Engine | None = None
    task: asyncio.Task[Engine] | None = None
    go: asyncio.Event = field(default_factory=asyncio.Event)

    def serves(self, device: str | None) -> bool:
        """True if the model is where it is asked for."""
        is_on_processor = self.engine is not None and not self.engine.gpus
        return device in (None, self.device) or (device == "cpu" and is_on_processor)

    def neighbours(self, entries: Iterable["Entry"]) -> list["Entry"]:
        """The others on any of the model's GPUs; none for a model on the processor."""
        return [other for other in entries if other is not self and self.gpus & other.gpus]

    def note(self, part: str, done: int, total: int) -> None:
        """Take a report of its start."""
        self.progress = part, done, total


@dataclass(slots=True)
class Room:
    """Limits on the models in memory: their number, and their total size in bytes. Those of each GPU are learnt."""

    models: int
    memory_bytes: int
    device_bytes: dict[int, int] = field(default_factory=dict[int, int])

    def has(self, entry: Entry, beside: Sequence[Entry]) -> bool:
        """True if the model fits beside the others. Alone it may have any size: its weights are mapped, not read."""
        memory_bytes = entry.memory_bytes + sum(other.memory_bytes for other in beside)
        fits = not beside or (len(beside) < self.models and memory_bytes <= self.memory_bytes)
        return fits and self.has_on_gpu(entry, beside)

    def has_on_gpu(self, entry: Entry, beside: Sequence[Entry]) -> bool:
        """True if the model fits on its GPUs, where one is loaded after the other, and takes its share of what is free.

        Alone it may have any size: its process knows better.
        """
        others = entry.neighbours(beside)
        if not all(other.state == "ready" for other in others):
            return False
        for gpu in entry.gpus:
            there = [other.device_bytes for other in others if gpu in other.gpus]
            if there and entry.device_bytes + sum(there) > self.device_bytes.get(gpu, 0):
                return False
        return True

    def learn(self, entry: Entry, in_memory: Sequence[Entry], usable_bytes: int) -> None:
        """Remember how much models may take of the entry's GPUs: what was free for it on each, and what others have."""
        others = entry.neighbours(in_memory)
        for gpu in entry.gpus:
            there = sum(other.device_bytes for other in others if gpu in other.gpus)
            self.device_bytes[gpu] = usable_bytes + there


@dataclass(frozen=True, slots=True)
class Plan:
    """Decision of `plan`: the entries to close, to start loading, and to close once their present users are done."""

    close: list[Entry]
    start: list[Entry]
    retire: list[Entry] = field(default_factory=list[Entry])


def plan(entries: Sequence[Entry], leaving: Sequence[Entry], now: float, room: Room) -> Plan:
    """Decide which models to close and which to load. The entries that are `leaving` have not freed their memory yet.

    1. A model without users is closed once it has expired, or at once if it is not loaded yet.
    2. Waiting models are loaded in the order in which they were requested; none overtakes one that does not fit yet.
    3. For each model that still waits, the least recently used idle models are closed, as few as suffice. If closing
       all of them would not suffice, none is closed, and the model waits until a request ends.
    4. After `PATIENCE` models in use are retired for it as well, so that no traffic can keep it waiting for ever.
    """
    close = [e for e in entries if e.users == 0 and (e.state != "ready" or now >= e.expires)]
    kept = [e for e in entries if e not in close]
    waiting = [e for e in kept if e.state == "waiting"]
    staying = [e for e in kept if e.state != "waiting"]
    leaving = [e for e in (*leaving, *close) if e.state != "waiting"]
    start: list[Entry] = []
    while waiting and room.has(waiting[0], [*staying, *leaving]):
        start.append(waiting.pop(0))
        staying.append(start[-1])
    retire: list[Entry] = []
    for entry in waiting:
        evicted = _evicted_for(entry, [e for e in staying if e.users == 0], staying, room)
        if evicted is None and now >= entry.asked + PATIENCE:
            evicted = _evicted_for(entry, [e for e in staying if e.state == "ready"], staying, room)
        if evicted is None:
            break
        close += [e for e in evicted if e.users == 0]
        retire += [e for e in evicted if e.users]
        staying = [*(e for e in staying if e not in evicted), entry]
    return Plan(close, start, retire)


def _evicted_for(entry: Entry, candidates: Sequence[Entry], staying: Sequence[Entry], room: Room) -> list[Entry] | None:
    """Return the fewest candidates to close so that the entry fits, idle ones first, then the least recently used.

    None if it cannot.
    """
    order = sorted(candidates, key=lambda e: (e.users > 0, e.last_used))
    if not room.has_on_gpu(entry, staying):
        order.sort(key=lambda e: entry.gpus.isdisjoint(e.gpus))
    for count in range(len(order) + 1):
        if room.has(entry, [e for e in staying if e not in order[:count]]):
            return order[:count]
    return None
