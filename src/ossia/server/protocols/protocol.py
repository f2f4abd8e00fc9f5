"""Inference endpoints, whichever API they speak: from a typed body to the chunks of an answer.

A `WireProtocol` is pure functions between an API's types and ossia's; this module runs them in the one order that
there is: model, request, lease, events, chunks. Knows no vendor.
"""

import time
import uuid
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeVar

from ossia.engine import Engine
from ossia.errors import NotSupported, OssiaError
from ossia.server.http.endpoint import Call
from ossia.server.http.stream import Chunk, Reply
from ossia.server.pool import EnginePool, Lease
from ossia.server.protocols.answers import Answers
from ossia.server.protocols.fields import keep_alive
from ossia.store.models import Model
from ossia.types import Collected, Event, Finished, GenerateRequest, Usage, collect


class InferenceBody(Protocol):
    """Fields that the body of every request for an answer has, whatever type it descends from."""

    model: str
    keep_alive: float | str | None
    stream: bool | None


Inference = TypeVar("Inference", bound=InferenceBody)


@dataclass(slots=True)
class Turn:
    """Identity and times of one request's answer. Of several answers to one request, `choice` is this one's number;
    they share the rest. `model` is the name as it was sent."""

    model: str
    load_seconds: float = 0.0
    started: float = field(default_factory=time.perf_counter)
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    created: int = field(default_factory=lambda: int(time.time()))
    choice: int = 0

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.started


class ChunkStream(Protocol):
    """Answer that is written as a stream of one API."""

    def feed(self, event: Event) -> Iterable[Chunk]:
        """The chunks that an event adds; Finished adds the last ones. Raises the error that the events end with."""
        ...


@dataclass(frozen=True)
class WireProtocol(Generic[Inference]):
    """One API's way to ask a model and to be answered.

    `parse` raises InvalidRequest before anything is loaded. `thinking_asked` is true for a request that asks for
    reasoning in so many words. `only_loads` is true for a request that asks nothing of the model; it is answered by
    `loaded` with "load" or "unload".

    Where one request may ask for several answers, `choices` makes a request of each, `join` makes one response of
    theirs, with the usage of all, and `closing` gives the chunks that follow all of their streams.
    """

    parse: Callable[[Inference, Model], GenerateRequest]
    stream: Callable[[Inference, Turn], ChunkStream]
    response: Callable[[Collected, Inference, Turn], Chunk]
    thinking_asked: Callable[[Inference], bool]
    streams_by_default: bool = False
    only_loads: Callable[[Inference], bool] = lambda body: False
    loaded: Callable[[Turn, str], Chunk] = lambda turn, reason: {}
    choices: Callable[[Inference, GenerateRequest], Sequence[GenerateRequest]] = lambda body, request: (request,)
    join: Callable[[Sequence[Chunk], Usage], Chunk] = lambda responses, usage: responses[0]
    closing: Callable[[Usage, Inference, Turn], Sequence[Chunk]] = lambda usage, body, turn: ()

    async def answer(self, call: Call[Inference]) -> Chunk | None:
        """Handler of a route: the whole answer, or None when it was streamed."""
        if not self.streams(call.body):
            return await self._whole(call)
        async with call.reply.stream() as reply:  # while the model is loaded, too
            await self._stream(call, reply)
        return None

    def streams(self, body: Inference) -> bool:
        return self.streams_by_default if body.stream is None else body.stream

    async def _stream(self, call: Call[Inference], reply: Reply) -> None:
        body, turn = call.body, Turn(call.body.model)
        if self.only_loads(body):
            await reply.write([await self._load(call, turn)])
            return

        async with self._asked(call, turn) as answers:
            usages = [Usage() for _ in answers.requests]

            async def pour(index: int) -> None:
                stream = self.stream(body, replace(turn, choice=index))
                async with answers.events(index) as events:
                    async for event in events:
                        await reply.write(stream.feed(event))
                        if isinstance(event, Finished):
                            usages[index] = event.usage

            await answers.each(pour)
            await reply.write(self.closing(answers.total(usages), body, turn))

    async def _whole(self, call: Call[Inference]) -> Chunk:
        body, turn = call.body, Turn(call.body.model)
        if self.only_loads(body):
            return await self._load(call, turn)

        async with self._asked(call, turn) as answers:
            collected: dict[int, Collected] = {}

            async def gather(index: int) -> None:
                async with answers.events(index) as events:
                    collected[index] = await collect(events)

            await answers.each(gather)
        ordered = [collected[index] for index in range(len(collected))]
        responses = [self.response(one, body, replace(turn, choice=index)) for index, one in enumerate(ordered)]
        return self.join(responses, answers.total([one.finished.usage for one in ordered]))

    @asynccontextmanager
    async def _asked(self, call: Call[Inference], turn: Turn) -> AsyncGenerator[Answers]:
        """The answers that the body asks for, of the model's engine."""
        stay = keep_alive(call.body.keep_alive)
        model = await call.services.resolve(turn.model)
        requests = self.choices(call.body, self.parse(call.body, model))
        thinking_asked = self.thinking_asked(call.body)
        async with leased(call.services.pool, model, stay, requests[0], turn, thinking_asked) as lease:
            yield Answers(lease, requests)

    async def _load(self, call: Call[Inference], turn: Turn) -> Chunk:
        """Load the model, or unload it for a keep_alive of 0."""
        stay, pool = keep_alive(call.body.keep_alive), call.services.pool
        model = await call.services.resolve(turn.model)
        if stay == 0:
            await pool.unload(model)
            return self.loaded(turn, "unload")
        async with pool.use(model, stay):
            return self.loaded(turn, "load")


@asynccontextmanager
async def leased(
    pool: EnginePool, model: Model, stay: float | None, request: GenerateRequest, turn: Turn, thinking_asked: bool
) -> AsyncGenerator[Lease]:
    """The model's engine, which stays loaded for `stay` seconds after its last use.

    Raises NotSupported for a request that is beyond its abilities.
    """
    async with pool.use(model, stay) as lease:
        _check_abilities(request, lease.engine, model, turn.model, thinking_asked)
        turn.load_seconds = lease.load_seconds
        yield lease


def succeeded(finished: Finished) -> Finished:
    """`finished`, unless it is an error, which is raised."""
    if finished.reason == "error":
        raise finished.error or OssiaError("the model's answer ended without a reason")
    return finished


def _check_abilities(request: GenerateRequest, engine: Engine, model: Model, name: str, thinking_asked: bool) -> None:
    if request.tools and not engine.supports_tools:
        raise NotSupported(f"{model.name.full} does not support tools")
    if thinking_asked and not engine.supports_thinking:
        raise NotSupported(f'"{name}" does not support thinking')
