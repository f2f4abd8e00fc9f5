"""How every inference endpoint works, whichever protocol it speaks: name, lease, request, events, chunks.

A protocol is a `Dialect`: pure functions between its JSON and ossia's types. This module runs them in the one order
that there is; `stream` puts what comes out on the wire.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ossia.engine import Engine
from ossia.errors import InvalidRequest, NotSupported, OssiaError
from ossia.server import options
from ossia.server.body import Body
from ossia.server.pool import EnginePool
from ossia.server.stream import Chunk, Framing
from ossia.store.models import Model, ModelStore
from ossia.types import Collected, Event, Finished, GenerateRequest, collect

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
    """One request, as its answer needs to know it. `model` is the name as it was sent."""

    body: Body
    model: str
    load_seconds: float = 0.0
    started: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.started


@dataclass(frozen=True, slots=True)
class Dialect:
    """One protocol.

    `parse` raises InvalidRequest before anything is loaded. `thinking_asked` is whether the request asks for
    reasoning in so many words. `stream` ends with the protocol's own last chunk and raises the error that the events
    end with. `only_loads` are requests that ask nothing of the model, answered by `loaded` with "load" or "unload".
    """

    streams_by_default: bool
    framing: Framing
    parse: Callable[[Body, Model], GenerateRequest]
    thinking_asked: Callable[[Body], bool]
    stream: Callable[[AsyncIterator[Event], Turn], AsyncGenerator[Chunk]]
    response: Callable[[Collected, Turn], Chunk]
    error: Callable[[OssiaError], Chunk]
    only_loads: Callable[[Body], bool] = lambda body: False
    loaded: Callable[[Turn, str], Chunk] = lambda turn, reason: {}

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
    request = dialect.parse(body, model)
    async with services.pool.use(model, keep_alive) as lease:
        _check_abilities(request, lease.engine, model, turn.model, dialect.thinking_asked(body))
        turn.load_seconds = lease.load_seconds
        async with lease.generate(request) as events:
            if not dialect.streams(body):
                yield dialect.response(await collect(events), turn)
                return
            async with aclosing(dialect.stream(events, turn)) as chunks:
                async for chunk in chunks:
                    yield chunk


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
