"""Turns: the places of a model's batch, and the requests that wait for them, client by client.

While places are free, whoever comes first gets one. When all are taken, clients take turns, and so do the requests of
one client, however many sequences each has. Clients that have none may get an extra one; see engine/places.py.

The number of requests that wait is limited, for all models together. Whoever comes when it is reached is refused,
unless another client has more requests waiting: then the latest of those makes room.

A lease lets a request use an engine, a place of whose batch each of its sequences takes.

No model and no protocol is known here, and a client is no more than a name: see `Caller.turn`.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from ossia.engine import Embedding, Engine, Relevance
from ossia.engine.places import num_extra
from ossia.errors import ServerBusy, TooManyRequests
from ossia.types import EmbedRequest, Event, GenerateRequest

_RETRY_SECONDS: Final = 5.0


class Turn:
    """A request's turn: the places that its sequences have and wait for."""

    def __init__(self, turns: "Turns", client: str) -> None:
        self.client = client
        self.begun = False
        """True once it has had a place. Then it is never refused another."""
        self.waiting: deque[asyncio.Future[None]] = deque()
        self._turns = turns
        self._has_spare = False

    async def begin(self) -> None:
        """Wait for the first place, which the first sequence will use."""
        await self._turns.take(self)
        self._has_spare = True

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[None]:
        """Hold a place, for which it is waited, until the `with` block ends."""
        if self._has_spare:
            self._has_spare = False
        else:
            await self._turns.take(self)
        try:
            yield
        finally:
            self._turns.give_back(self)

    def end(self) -> None:
        """Give the first place back, if it was not used."""
        if self._has_spare:
            self._has_spare = False
            self._turns.give_back(self)

    def refuse(self, error: BaseException) -> None:
        """Raise the error in all that wait for a place."""
        for place in tuple(self.waiting):
            self._turns.leave(self, place)
            if not place.done():
                place.set_exception(error)


class Newcomers:
    """Requests that wait for their first place, of all models, by client and in the order in which they came."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: dict[str, list[Turn]] = {}

    def check_room(self, client: str) -> None:
        """Raise ServerBusy if another request of the client would be refused."""
        if len(self) >= self._limit and self._num(client) + 1 >= max(map(len, self._waiting.values()), default=0):
            raise _busy()

    def add(self, turn: Turn) -> None:
        """Let a request wait. If too many do, refuse the latest of whoever has the most; at a tie, its own client's."""
        self._waiting.setdefault(turn.client, []).append(turn)
        if len(self) > self._limit:
            longest = max(self._waiting, key=lambda client: (self._num(client), client == turn.client))
            self._waiting[longest][-1].refuse(_busy() if longest == turn.client else _crowded_out())

    def discard(self, turn: Turn) -> None:
        """Forget a request that waits no longer."""
        turns = self._waiting.get(turn.client, [])
        if turn in turns:
            turns.remove(turn)
            if not turns:
                del self._waiting[turn.client]

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def _num(self, client: str) -> int:
        return len(self._waiting.get(client, ()))


class Turns:
    """Places of one model, and the queues for them. A model that is still being loaded has no places yet."""

    def __init__(self, newcomers: Newcomers, places: int = 0) -> None:
        self._newcomers = newcomers
        self._taken: Counter[str] = Counter()  # places of each client
        self._queues: dict[str, deque[Turn]] = {}  # of clients with waiting requests; both in the order of their turns
        self.open(places)

    def open(self, places: int) -> None:
        """Set the number of places, once it is known."""
        self._places = places
        self._extra = num_extra(places)
        self._start()

    def fail(self, error: BaseException) -> None:
        """Raise the error in all that wait."""
        for turn in [turn for queue in self._queues.values() for turn in queue]:
            turn.refuse(error)

    def check_room(self, client: str) -> None:
        """Raise ServerBusy if a new request of the client would be refused."""
        if not self._may_start(client):
            self._newcomers.check_room(client)

    @asynccontextmanager
    async def turn(self, client: str) -> AsyncGenerator[Turn]:
        """Begin a request when it has a place. Raises ServerBusy, or TooManyRequests if it has to make room."""
        turn = Turn(self, client)
        await turn.begin()
        try:
            yield turn
        finally:
            turn.end()

    @property
    def num_places(self) -> int:
        """Number of places, without the extra ones."""
        return self._places

    @property
    def num_taken(self) -> int:
        return self._taken.total()

    @property
    def num_waiting(self) -> int:
        """Number of requests that wait for a place."""
        return sum(map(len, self._queues.values()))

    async def take(self, turn: Turn) -> None:
        """Wait for a place, which is to be given back."""
        place = asyncio.get_running_loop().create_future()
        if not turn.waiting:
            self._queues.setdefault(turn.client, deque()).append(turn)
        turn.waiting.append(place)
        self._start()
        if not place.done() and not turn.begun:
            self._newcomers.add(turn)
        try:
            await place
        except asyncio.CancelledError:
            if place.cancelled():
                self.leave(turn, place)
            elif place.exception() is None:  # the place came at the same moment
                self.give_back(turn)
            raise

    def give_back(self, turn: Turn) -> None:
        """Free a place, for the client whose turn it is."""
        self._taken[turn.client] -= 1
        if not self._taken[turn.client]:
            del self._taken[turn.client]
        self._start()

    def leave(self, turn: Turn, place: "asyncio.Future[None]") -> None:
        """Wait for the place no longer, if it is still waited for."""
        if place not in turn.waiting:
            return
        turn.waiting.remove(place)
        if turn.waiting:
            return
        self._newcomers.discard(turn)
        queue = self._queues[turn.client]
        queue.remove(turn)
        if not queue:
            del self._queues[turn.client]

    def _start(self) -> None:
        """Give free places to the clients whose turn it is."""
        while (client := self._next()) is not None:
            turn = self._queues[client][0]
            place = turn.waiting[0]
            self.leave(turn, place)
            if place.cancelled():
                continue
            if queue := self._queues.pop(client, None):
                if turn.waiting:
                    queue.rotate(-1)
                self._queues[client] = queue
            self._taken[client] += 1
            turn.begun = True
            place.set_result(None)

    def _next(self) -> str | None:
        """Return the client whose turn it is; None if nobody waits for a place that is free."""
        return next(filter(self._may_start, self._queues), None)

    def _may_start(self, client: str) -> bool:
        """True if a place is free for another sequence of the client."""
        places = self._places if client in self._taken else self._places + self._extra
        return self._taken.total() < places


def _busy() -> ServerBusy:
    return ServerBusy("server busy, please try again.  maximum pending requests exceeded")  # Ollama's words


def _crowded_out() -> TooManyRequests:
    return TooManyRequests(
        "too many of your requests wait for the model, and others need room", "send fewer at once", _RETRY_SECONDS
    )


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to use an engine. `load_seconds` is how long its request waited for it."""

    engine: Engine
    load_seconds: float
    turn: Turn

    @asynccontextmanager
    async def generate(self, request: GenerateRequest) -> AsyncGenerator[AsyncGenerator[Event]]:
        """Return the engine's stream, which is closed, and aborted if it still runs, at the end of the `with` block."""
        request = replace(request, client=self.turn.client)
        async with self.turn.place(), aclosing(self.engine.generate(request)) as events:
            yield events

    async def embed(self, request: EmbedRequest) -> Embedding:
        """Embed a text or ids, as the engine does."""
        async with self.turn.place():
            return await self.engine.embed(replace(request, client=self.turn.client))

    async def rank(self, query: str, document: str, *, space: str) -> Relevance:
        """Compare a document with a query, as the engine does."""
        async with self.turn.place():
            return await self.engine.rank(query, document, space=space)
