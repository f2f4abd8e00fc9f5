"""How every inference endpoint works, whichever protocol it speaks: name, lease, request, events, chunks.

A protocol is a `Dialect`: pure functions between its JSON and ossia's types. This module runs them in the one order
that there is; `stream` puts what comes out on the wire.
"""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ossia.engine import Engine
from ossia.errors import InvalidRequest, NotSupported, OssiaError
from ossia.server.http.body import Body
from ossia.server.http.operation import Operation
from ossia.server.http.stream import Chunk, Framing
from ossia.server.pool import EnginePool, Lease
from ossia.server.protocols import sampling as options
from ossia.server.protocols.choices import merged, total
from ossia.store.models import Model, ModelStore
from ossia.types import Collected, Event, Finished, GenerateRequest, Usage, collect

if TYPE_CHECKING:
    from ossia.store.identity import Identity


@dataclass(frozen=True, slots=True)
class Services:
    """What the endpoints share."""

    store: ModelStore
    pool: EnginePool

    def identity(self) -> "Identity":
        """The key that registries know this machine by."""
        from ossia.store.identity import Identity

        return Identity.load()

    async def resolve(self, name: str) -> Model:
        if not name:
            raise InvalidRequest("model is required")
        return await asyncio.to_thread(self.store.resolve, name)


@dataclass(slots=True)
class Turn:
    """One request, as its answer needs to know it. `model` is the name as it was sent. Of several answers to one
    request, `choice` is the number of this one; all the rest they share."""

    body: Body
    model: str
    load_seconds: float = 0.0
    started: float = field(default_factory=time.perf_counter)
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    created: int = field(default_factory=lambda: int(time.time()))
    choice: int = 0

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.started


@dataclass(frozen=True, slots=True)
class Dialect:
    """One protocol.

    `operation` is what it takes and answers, as types. `parse` raises InvalidRequest before anything is loaded.
    `thinking_asked` is whether the request asks for reasoning in so many words. `stream` ends with the protocol's own
    last chunk and raises the error that the events end with. `only_loads` are requests that ask nothing of the model,
    answered by `loaded` with "load" or "unload".

    Where one request may ask for several answers, `choices` makes a request of each; `join` makes one response of
    theirs, with the usage of all, and `closing` are the chunks that follow all of their streams.
    """

    operation: Operation
    streams_by_default: bool
    framing: Framing
    parse: Callable[[Body, Model], GenerateRequest]
    thinking_asked: Callable[[Body], bool]
    stream: Callable[[AsyncIterator[Event], Turn], AsyncGenerator[Chunk]]
    response: Callable[[Collected, Turn], Chunk]
    error: Callable[[OssiaError], Chunk]
    only_loads: Callable[[Body], bool] = lambda body: False
    loaded: Callable[[Turn, str], Chunk] = lambda turn, reason: {}
    choices: Callable[[Body, GenerateRequest], Sequence[GenerateRequest]] = lambda body, request: (request,)
    join: Callable[[Sequence[Chunk], Usage], Chunk] = lambda responses, usage: responses[0]
    closing: Callable[[Usage, Turn], Sequence[Chunk]] = lambda usage, turn: ()

    def streams(self, body: Body) -> bool:
        return body.flag("stream", self.streams_by_default)


async def answer(dialect: Dialect, services: Services, body: Body) -> AsyncGenerator[Chunk]:
    """The chunks of a streamed answer; exactly one when the request wants no stream. Errors are raised."""
    turn = Turn(body, body.text("model"))
    keep_alive = options.keep_alive(body)
    model = await services.resolve(turn.model)
    if dialect.only_loads(body):
        yield dialect.loaded(turn, await _load_or_unload(services.pool, model, keep_alive))
        return
    requests = dialect.choices(body, dialect.parse(body, model))
    async with leased(services.pool, model, requests[0], turn, dialect.thinking_asked(body)) as lease:
        answers = _Answers(dialect, turn, lease, requests)
        async with aclosing(answers.stream() if dialect.streams(body) else answers.whole()) as chunks:
            async for chunk in chunks:
                yield chunk


class _Answers:
    """All answers to one request: nearly always one."""

    def __init__(self, dialect: Dialect, turn: Turn, lease: Lease, requests: Sequence[GenerateRequest]) -> None:
        self._dialect = dialect
        self._turn = turn
        self._lease = lease
        self._requests = requests
        self._usages = [Usage() for _ in requests]
        self._begun = asyncio.Event()

    async def stream(self) -> AsyncGenerator[Chunk]:
        async with aclosing(merged([self._stream(index) for index in range(len(self._requests))])) as chunks:
            async for chunk in chunks:
                yield chunk
        for chunk in self._dialect.closing(self._total(), self._turn):
            yield chunk

    async def whole(self) -> AsyncGenerator[Chunk]:
        async with aclosing(merged([self._whole(index) for index in range(len(self._requests))])) as responses:
            in_order = sorted([response async for response in responses], key=lambda response: response[0])
        yield self._dialect.join([response for _, response in in_order], self._total())

    async def _stream(self, index: int) -> AsyncGenerator[Chunk]:
        async with (
            aclosing(self._events(index)) as events,
            aclosing(self._dialect.stream(events, replace(self._turn, choice=index))) as chunks,
        ):
            async for chunk in chunks:
                yield chunk

    async def _whole(self, index: int) -> AsyncGenerator[tuple[int, Chunk]]:
        async with aclosing(self._events(index)) as events:
            collected = await collect(events)
        yield index, self._dialect.response(collected, replace(self._turn, choice=index))

    async def _events(self, index: int) -> AsyncGenerator[Event]:
        """One answer's events. The first goes ahead, so that the others find its prompt in the cache."""
        if index:
            await self._begun.wait()
        try:
            async with self._lease.generate(self._requests[index]) as events:
                async for event in events:
                    self._begun.set()
                    if isinstance(event, Finished):
                        self._usages[index] = event.usage
                    yield event
        finally:
            self._begun.set()

    def _total(self) -> Usage:
        return total(self._requests, self._usages)


@asynccontextmanager
async def leased(
    pool: EnginePool, model: Model, request: GenerateRequest, turn: Turn, thinking_asked: bool
) -> AsyncGenerator[Lease]:
    """The model's engine, for a request that is within its abilities. Raises NotSupported for one that is not."""
    async with pool.use(model, options.keep_alive(turn.body)) as lease:
        _check_abilities(request, lease.engine, model, turn.model, thinking_asked)
        turn.load_seconds = lease.load_seconds
        yield lease


def succeeded(finished: Finished) -> Finished:
    """`finished`, unless it is an error, which is raised."""
    if finished.reason == "error":
        raise finished.error or OssiaError("the model's answer ended without a reason")
    return finished


async def _load_or_unload(pool: EnginePool, model: Model, keep_alive: float | None) -> str:
    if keep_alive == 0:
        await pool.unload(model)
        return "unload"
    async with pool.use(model, keep_alive):
        return "load"


def _check_abilities(request: GenerateRequest, engine: Engine, model: Model, name: str, thinking_asked: bool) -> None:
    if request.tools and not engine.supports_tools:
        raise NotSupported(f"{model.name.full} does not support tools")
    if thinking_asked and not engine.supports_thinking:
        raise NotSupported(f'"{name}" does not support thinking')
