"""How a response comes about: what it goes on from is read, the model answers, and what is to be kept is kept.

`Responder` is all that responses share; `Exchange` is one request and what becomes of it; `Job` is one that is
answered in the background, whoever listens. They know no HTTP.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from ossia.errors import ContextLengthExceeded, InvalidRequest, ResponseNotFound, StoreError
from ossia.server.http.body import Body
from ossia.server.http.stream import Chunk, presentable
from ossia.server.protocols import sampling as options
from ossia.server.protocols.protocol import Services, Turn, leased, succeeded
from ossia.server.protocols.responses import parse as responses
from ossia.server.protocols.responses.builder import Answer
from ossia.server.protocols.responses.items import normal, read_items, references, resolve, to_messages, to_turn
from ossia.server.protocols.responses.store import ResponseStore, Stored
from ossia.store.models import Model
from ossia.types import Finished, GenerateRequest, Message

logger = logging.getLogger(__name__)

_KEPT_STREAMS = 16
"""Of how many background responses the events are kept after their end, for those who come back to the stream."""


@dataclass(slots=True)
class Exchange:
    """One request, and its answer as far as it is there. `stores` is whether it can be asked for again."""

    turn: Turn
    model: Model
    request: GenerateRequest
    input: list[Chunk]
    answer: Answer
    stores: bool
    background: bool
    begun: bool = False  # its first event is there
    started: bool = False  # so is the model's
    token_ids: tuple[int, ...] = ()

    @property
    def streams(self) -> bool:
        """Whether there may be somebody who reads events."""
        return self.background or self.turn.body.flag("stream")

    @property
    def id(self) -> str:
        return self.answer.response["id"]

    def stored(self) -> Stored:
        return Stored(self.answer.response, self.input, self.token_ids)

    def shorten(self, too_long: ContextLengthExceeded) -> bool:
        """Leave out the oldest turns, if the request allows it and there are any."""
        prompt = self.request.prompt
        if self.answer.response["truncation"] != "auto" or isinstance(prompt, str):
            return False
        shorter = responses.shortened(prompt, too_long)
        self.request = replace(self.request, prompt=shorter or prompt)
        return shorter is not None

    def remember(self, finished: Finished) -> None:
        """Keep the ids of the turn, if they are the whole turn and nothing more."""
        if finished.reason != "length" and finished.stop_string is None:
            self.token_ids = finished.token_ids[finished.usage.prompt_tokens :]


class Job:
    """A response that is answered in the background. Its events are kept, so that anybody can follow them."""

    def __init__(self, events: AsyncGenerator[Chunk], abandon: Callable[[], list[Chunk]]) -> None:
        self.done = False
        self._events: list[Chunk] = []
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self._run(events, abandon))

    async def follow(self, after: int = -1) -> AsyncGenerator[Chunk]:
        """The events after the one of that number, those to come too."""
        position = after + 1
        while True:
            for event in self._events[position:]:
                yield event
                position += 1
            if position >= len(self._events):
                if self.done:
                    return
                await self._changed.wait()

    async def stop(self) -> None:
        """Cut the answer off, if it is not at its end. Those who follow it are told."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self, events: AsyncGenerator[Chunk], abandon: Callable[[], list[Chunk]]) -> None:
        try:
            async with aclosing(events):
                async for event in events:
                    self._tell(event)
        except asyncio.CancelledError:
            self._tell(*abandon())
        finally:
            self.done = True
            self._tell()

    def _tell(self, *events: Chunk) -> None:
        self._events += events
        self._changed.set()
        self._changed = asyncio.Event()


@dataclass(slots=True)
class Responder:
    """Answers requests and keeps the answers. `close` it after the pool."""

    services: Services
    store: ResponseStore
    _jobs: dict[str, Job] = field(default_factory=dict[str, Job])

    async def prepare(self, body: Body) -> Exchange:
        """Read a request and what it refers to. Raises InvalidRequest before anything is loaded."""
        options.keep_alive(body)
        items = read_items(body)
        found = await self.store.items(references(items))
        items = resolve(items, found)
        earlier = await self._earlier(body.text("previous_response_id"), body.text("model"))
        turn = Turn(body, body.text("model"))
        model = await self.services.resolve(turn.model)
        request, tools = responses.parse(body, model, items, earlier)
        answer = Answer(
            responses.new_response(body, request),
            tools,
            raw_reasoning="summary" not in body.object("reasoning"),
            encrypted_reasoning=responses.ENCRYPTED in responses.includes(body),
        )
        kept = [normal(item) for item in items]
        return Exchange(turn, model, request, kept, answer, responses.stores(body), body.flag("background"))

    async def start_job(self, exchange: Exchange) -> Job:
        """Answer in the background. The response is kept before this returns."""
        await self.store.add(exchange.stored())
        job = Job(self.run(exchange), lambda: self._abandon(exchange))
        ended = [id for id, other in self._jobs.items() if other.done]
        for id in ended[: max(0, len(ended) - _KEPT_STREAMS)]:
            del self._jobs[id]
        self._jobs[exchange.id] = job
        return job

    async def run(self, exchange: Exchange, is_open: Callable[[], bool] = lambda: False) -> AsyncGenerator[Chunk]:
        """The events of the answer.

        A failure before the first event is raised, as long as the stream is not open. If the caller does not want
        a stream, each failure is raised. When this is closed early, the model is stopped and the response cancelled.
        """
        try:
            if exchange.background:
                for event in self._begin(exchange):
                    yield event
            async with aclosing(self._answer_at_length(exchange)) as events:
                async for event in events:
                    yield event
        except (asyncio.CancelledError, GeneratorExit):
            if not exchange.background:
                self._abandon(exchange)
            raise
        except Exception as failure:
            events = await self._fail(exchange, failure, is_open())
            for event in events:
                yield event

    async def whole(self, exchange: Exchange) -> AsyncGenerator[Chunk]:
        """One chunk, the response at its end. Failures are raised."""
        async with aclosing(self.run(exchange)) as events:
            yield [event async for event in events][-1]["response"]

    async def count_tokens(self, body: Body) -> int:
        """The length of the very prompt that the model would read. It is loaded for that."""
        exchange = await self.prepare(body)
        async with self.services.pool.use(exchange.model, options.keep_alive(body)) as lease:
            return lease.engine.count_tokens(exchange.request)

    async def find(self, id: str) -> Stored:
        if stored := await self.store.get(id):
            return stored
        raise ResponseNotFound(id)

    async def follow(self, id: str, after: int) -> AsyncGenerator[Chunk]:
        """The events of a background response. Raises InvalidRequest when they are not here."""
        await self.find(id)
        if id not in self._jobs:
            raise InvalidRequest(
                f"the events of {id} are not kept: only those of the latest responses in the background are",
                hint="without stream=true the response itself is returned",
            )
        return self._jobs[id].follow(after)

    async def cancel(self, id: str) -> Stored:
        """Stop a response in the background; one that has ended stays as it is."""
        stored = await self.find(id)
        if not stored.response["background"]:
            raise InvalidRequest("only a response that is answered in the background can be cancelled")
        if id in self._jobs:
            await self._jobs[id].stop()
        elif stored.unfinished:
            raise InvalidRequest(f"{id} is answered by another server: cancel it there")
        return await self.find(id)

    async def delete(self, id: str) -> None:
        """Forget a response. If it is being answered in the background, that ends."""
        if job := self._jobs.pop(id, None):
            await job.stop()
        if not await self.store.delete(id):
            raise ResponseNotFound(id)

    async def close(self) -> None:
        for job in self._jobs.values():
            await job.stop()
        await self.store.close()

    async def _earlier(self, id: str, model: str) -> responses.Earlier:
        """The conversation that ends with this response. The ids of another model's turns mean nothing to this one."""
        messages: list[Message] = []
        names: dict[str, str] = {}
        for stored in await self.store.chain(id) if id else ():
            if stored.unfinished:
                raise InvalidRequest(f"{stored.id} is not answered yet: what it says is not known")
            messages += to_messages([Body(item) for item in stored.input], names)
            is_same_model = stored.response["model"].lower() == model.lower()
            messages += to_turn(stored.response["output"], names, stored.token_ids if is_same_model else ())
        return responses.Earlier(messages, names)

    async def _answer_at_length(self, exchange: Exchange) -> AsyncGenerator[Chunk]:
        """With `truncation: auto` a conversation that is too long is tried again without its beginning."""
        while True:
            try:
                async with aclosing(self._answer(exchange)) as events:
                    async for event in events:
                        yield event
                return
            except ContextLengthExceeded as too_long:
                if not exchange.shorten(too_long):
                    raise

    async def _answer(self, exchange: Exchange) -> AsyncGenerator[Chunk]:
        thinking = responses.thinking_asked(exchange.turn.body)
        pool, answer = self.services.pool, exchange.answer
        async with (
            leased(pool, exchange.model, exchange.request, exchange.turn, thinking) as lease,
            lease.generate(exchange.request) as events,
        ):
            async for event in events:
                if isinstance(event, Finished):
                    exchange.remember(succeeded(event))
                if not exchange.started:
                    for chunk in await self._start(exchange):
                        yield chunk
                chunks = list(answer.feed(event))
                if isinstance(event, Finished):
                    await self._update(exchange)
                for chunk in chunks:
                    yield chunk

    def _begin(self, exchange: Exchange) -> Iterator[Chunk]:
        exchange.begun = True
        return exchange.answer.begin()

    async def _start(self, exchange: Exchange) -> list[Chunk]:
        """The model begins to answer. A response that cannot be kept is answered all the same, and says so."""
        exchange.started = True
        if exchange.background:
            chunks = list(exchange.answer.start())
            await self._update(exchange)
            return chunks
        if exchange.stores:
            try:
                await self.store.add(exchange.stored())
            except StoreError as error:
                logger.warning("a response is not stored: %s", error.message)
                exchange.stores = exchange.answer.response["store"] = False
        return [*self._begin(exchange), *exchange.answer.start()]

    async def _fail(self, exchange: Exchange, failure: Exception, is_open: bool) -> list[Chunk]:
        if not (exchange.begun or is_open):
            raise failure
        begun = [] if exchange.begun else list(self._begin(exchange))
        chunks = [*begun, *exchange.answer.fail(presentable(failure))]
        await self._update(exchange)
        if not exchange.streams:
            raise failure
        return chunks

    async def _update(self, exchange: Exchange) -> None:
        """Keep how it is now. The answer is worth more than its copy: if that fails, it is only logged."""
        if exchange.stores:
            try:
                await self.store.update(exchange.stored())
            except StoreError as error:
                logger.warning("a response could not be stored: %s", error.message)

    def _abandon(self, exchange: Exchange) -> list[Chunk]:
        """Nobody waits for the rest."""
        if not (exchange.begun or exchange.started) or not exchange.stored().unfinished:
            return []
        chunks = list(exchange.answer.cancel())
        if exchange.stores:
            self.store.update_soon(exchange.stored())
        return chunks
