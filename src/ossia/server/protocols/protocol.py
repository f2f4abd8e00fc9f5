"""Inference endpoints, whichever API they speak: from a typed body to the chunks of an answer.

A `WireProtocol` holds the pure functions between an API's types and ossia's. This module calls them, always in the same
order: model, request, lease, events, chunks. It knows no vendor.
"""

import time
import uuid
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeVar

from ossia.aside import aside
from ossia.engine import Engine
from ossia.errors import NotSupported, OssiaError
from ossia.server.http.endpoint import Call
from ossia.server.http.stream import Chunk, Reply
from ossia.server.pool import EnginePool
from ossia.server.protocols.answers import Answers
from ossia.server.protocols.fields import Options, keep_alive_seconds, unloads
from ossia.server.protocols.sampling import placement
from ossia.server.turns import Lease
from ossia.store.models import Model
from ossia.types import Collected, Event, Finished, GenerateRequest, Started, Usage, collect


class InferenceBody(Protocol):
    """Fields that every inference request has, whatever type it descends from."""

    model: str
    keep_alive: float | str | None
    stream: bool | None
    options: Options | None


Inference = TypeVar("Inference", bound=InferenceBody)


@dataclass(slots=True)
class Envelope:
    """Identity and times of an answer, as its chunks tell them. `model` is the name as it was sent.

    Several answers to one request share everything but `choice`, which is the answer's number.
    """

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
    """Answer in the form of one API's stream."""

    def feed(self, event: Event) -> Iterable[Chunk]:
        """Return the chunks of an event; Finished has the last ones. Raises the error that the events end with."""
        ...


@dataclass(frozen=True)
class WireProtocol(Generic[Inference]):
    """Inference endpoint of one API, as pure functions.

    `parse` raises InvalidRequest before anything is loaded. `requires_thinking` is true for a request that asks for
    reasoning explicitly, so that a model without it must refuse. `only_loads` is true for a request that asks nothing
    of the model; `loaded` answers it, with "load" or "unload" as the reason.

    If a request may ask for several answers, `choices` returns a request for each, `join` combines their responses into
    one, with the usage of all, and `closing` returns the chunks that follow all of their streams.
    """

    parse: Callable[[Inference, Model], GenerateRequest]
    stream: Callable[[Inference, Envelope], ChunkStream]
    response: Callable[[Collected, Inference, Envelope], Chunk]
    requires_thinking: Callable[[Inference], bool]
    streams_by_default: bool = False
    only_loads: Callable[[Inference], bool] = lambda body: False
    loaded: Callable[[Envelope, str], Chunk] = lambda envelope, reason: {}
    choices: Callable[[Inference, GenerateRequest], Sequence[GenerateRequest]] = lambda body, request: (request,)
    join: Callable[[Sequence[Chunk], Usage], Chunk] = lambda responses, usage: responses[0]
    closing: Callable[[Usage, Inference, Envelope], Sequence[Chunk]] = lambda usage, body, envelope: ()

    async def answer(self, call: Call[Inference]) -> Chunk | None:
        """Handle a request. Returns the whole answer, or None if it was streamed."""
        if not self.streams(call.body):
            return await self._whole(call)
        # the stream begins now: comments keep the connection open while the model is loaded
        async with call.reply.stream() as reply:
            await self._stream(call, reply)
        return None

    def streams(self, body: Inference) -> bool:
        return self.streams_by_default if body.stream is None else body.stream

    async def _stream(self, call: Call[Inference], reply: Reply) -> None:
        body, envelope = call.body, Envelope(call.body.model)
        if self.only_loads(body):
            await reply.write([await self._load(call, envelope)])
            return

        async with self._asked(call, envelope) as answers:
            usages = [Usage() for _ in answers.requests]

            async def pour(index: int) -> None:
                stream = self.stream(body, replace(envelope, choice=index))
                async with answers.events(index) as events:
                    async for event in events:
                        if isinstance(event, Started | Finished):
                            usages[index] = event.usage
                            call.record.note_answer(event)
                        await reply.write(stream.feed(event))

            try:
                await answers.each(pour)
            finally:
                call.record.usage = answers.total(usages)
            await reply.write(self.closing(answers.total(usages), body, envelope))

    async def _whole(self, call: Call[Inference]) -> Chunk:
        body, envelope = call.body, Envelope(call.body.model)
        if self.only_loads(body):
            return await self._load(call, envelope)

        async with self._asked(call, envelope) as answers:
            collected: dict[int, Collected] = {}

            async def gather(index: int) -> None:
                async with answers.events(index) as events:
                    collected[index] = await collect(events)
                call.record.note_answer(collected[index].finished)

            await answers.each(gather)
        ordered = [collected[index] for index in range(len(collected))]
        responses = [self.response(one, body, replace(envelope, choice=index)) for index, one in enumerate(ordered)]
        call.record.usage = answers.total([one.finished.usage for one in ordered])
        return self.join(responses, call.record.usage)

    @asynccontextmanager
    async def _asked(self, call: Call[Inference], envelope: Envelope) -> AsyncGenerator[Answers]:
        """Lease the model's engine for the answers that the body asks for."""
        keep_alive = keep_alive_seconds(call.body.keep_alive)
        model = await call.resolve(envelope.model)
        request = await aside(call.size, self.parse, call.body, model)
        request = replace(request, space=call.caller.space, placement=placement(call.body.options, model))
        requests = self.choices(call.body, request)
        requires_thinking = self.requires_thinking(call.body)
        pool, client = call.services.pool, call.caller.turn
        async with leased(pool, model, keep_alive, client, requests[0], envelope, requires_thinking) as lease:
            call.record.waited = lease.load_seconds
            yield Answers(lease, requests)

    async def _load(self, call: Call[Inference], envelope: Envelope) -> Chunk:
        """Load the model, or unload it if keep_alive is 0."""
        keep_alive, pool = keep_alive_seconds(call.body.keep_alive), call.services.pool
        if unloads(keep_alive):
            call.record.action = "unload"
            call.require("manage")
        model = await call.resolve(envelope.model)
        if keep_alive == 0:
            await pool.unload(model)
            return self.loaded(envelope, "unload")
        async with pool.use(model, keep_alive, placement(call.body.options, model)):
            return self.loaded(envelope, "load")


@asynccontextmanager
async def leased(
    pool: EnginePool,
    model: Model,
    keep_alive: float | None,
    client: str,
    request: GenerateRequest,
    envelope: Envelope,
    requires_thinking: bool,
) -> AsyncGenerator[Lease]:
    """Lease the model's engine when it is the client's turn.

    The engine stays loaded for `keep_alive` seconds after its last use. Raises NotSupported if the model lacks an
    ability that the request needs.
    """
    async with pool.lease(model, keep_alive, client, request.placement) as lease:
        _check_abilities(request, lease.engine, model, envelope.model, requires_thinking)
        envelope.load_seconds = lease.load_seconds
        yield lease


def succeeded(finished: Finished) -> Finished:
    """Return `finished`, or raise its error."""
    if finished.reason == "error":
        raise finished.error or OssiaError("the model's answer ended without a reason")
    return finished


def _check_abilities(
    request: GenerateRequest, engine: Engine, model: Model, name: str, requires_thinking: bool
) -> None:
    if request.tools and not engine.supports_tools:
        raise NotSupported(f"{model.name.full} does not support tools")
    if requires_thinking and not engine.supports_thinking:
        raise NotSupported(f'"{name}" does not support thinking')
