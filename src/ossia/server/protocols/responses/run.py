"""The life of a response: `Responder` reads what it goes on from, lets the model answer, and keeps what is to be kept.

Knows no HTTP.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Final

from ossia.errors import ContextLengthExceeded, InvalidRequest, ResponseNotFound, StoreError
from ossia.server.http.stream import Chunk, presentable
from ossia.server.protocols.fields import keep_alive
from ossia.server.protocols.protocol import Turn, leased, succeeded
from ossia.server.protocols.responses import parse
from ossia.server.protocols.responses.background import BackgroundResponse
from ossia.server.protocols.responses.builder import ResponseBuilder
from ossia.server.protocols.responses.exchange import Exchange, Listener
from ossia.server.protocols.responses.items import (
    Item,
    normal,
    read_items,
    references,
    resolve,
    to_messages,
    to_turn,
)
from ossia.server.protocols.responses.store import ResponseStore, StoredResponse
from ossia.server.protocols.responses.types import ResponseRequest
from ossia.server.services import Services
from ossia.types import Finished, Message

logger = logging.getLogger(__name__)

_KEPT_STREAMS: Final = 16
"""Number of background responses whose events are kept after their end, for those who come back to the stream."""


@dataclass(slots=True)
class Responder:
    """Answers requests and keeps the answers. `close` it after the pool."""

    services: Services
    store: ResponseStore
    _background: dict[str, BackgroundResponse] = field(default_factory=dict[str, BackgroundResponse])

    async def prepare(self, body: ResponseRequest) -> Exchange:
        """Read a request and what it refers to. Raises InvalidRequest before anything is loaded."""
        stays = keep_alive(body.keep_alive)
        items = read_items(body.input)
        items = resolve(items, await self.store.items(references(items)))
        earlier = await self._earlier(body.previous_response_id or "", body.model)
        model = await self.services.resolve(body.model)
        request, tools = parse.parse(body, model, items, earlier)
        builder = ResponseBuilder(
            parse.new_response(body, request),
            tools,
            raw_reasoning=parse.wants_raw_reasoning(body),
            encrypted_reasoning=parse.wants_encrypted_reasoning(body),
        )
        return Exchange(
            turn=Turn(body.model),
            model=model,
            stays=stays,
            thinking_asked=parse.thinking_asked(body),
            request=request,
            input=[normal(item) for item in items],
            builder=builder,
            stores=parse.stores(body),
            background=bool(body.background),
        )

    async def start_background(self, exchange: Exchange) -> BackgroundResponse:
        """Answer in the background. The response is kept before this returns."""
        await self.store.add(exchange.stored())
        ended = [id for id, other in self._background.items() if other.done]
        for id in ended[: max(0, len(ended) - _KEPT_STREAMS)]:
            del self._background[id]
        response = BackgroundResponse(lambda listener: self.run(exchange, listener))
        self._background[exchange.id] = response
        return response

    async def run(self, exchange: Exchange, listener: Listener | None) -> None:
        """Answer, and write the events to the listener.

        A failure before the first event is raised, unless the listener has started; without a listener each failure
        is raised. When this is cancelled, the model is stopped and the response cancelled.
        """
        try:
            if exchange.background:
                await _write(listener, exchange.begin())
            await self._answer_at_length(exchange, listener)
        except asyncio.CancelledError:
            chunks = self._abandon(exchange)
            if exchange.background:  # elsewhere it is the listener that has left
                await _write(listener, chunks)
            raise
        except Exception as failure:
            started = listener is not None and listener.started
            if not (exchange.begun or started):
                raise
            chunks = [*exchange.begin(), *exchange.builder.fail(presentable(failure))]
            await self._update(exchange)
            if listener is None:
                raise
            await listener.write(chunks)

    async def whole(self, exchange: Exchange) -> Chunk:
        """The response at its end. Failures are raised."""
        await self.run(exchange, None)
        return exchange.builder.response

    async def count_tokens(self, body: ResponseRequest) -> int:
        """The length of the very prompt that the model would read. It is loaded for that."""
        exchange = await self.prepare(body)
        async with self.services.pool.use(exchange.model, exchange.stays) as lease:
            return lease.engine.count_tokens(exchange.request)

    async def find(self, id: str) -> StoredResponse:
        if stored := await self.store.get(id):
            return stored
        raise ResponseNotFound(id)

    async def find_background(self, id: str) -> BackgroundResponse:
        """The background response of that id, to follow. Raises InvalidRequest when its events are not here."""
        await self.find(id)
        if id not in self._background:
            raise InvalidRequest(
                f"the events of {id} are not kept: only those of the latest responses in the background are",
                hint="without stream=true the response itself is returned",
            )
        return self._background[id]

    async def cancel(self, id: str) -> StoredResponse:
        """Stop a response in the background; one that has ended stays as it is."""
        stored = await self.find(id)
        if not stored.response["background"]:
            raise InvalidRequest("only a response that is answered in the background can be cancelled")
        if id in self._background:
            await self._background[id].stop()
        elif stored.unfinished:
            raise InvalidRequest(f"{id} is answered by another server: cancel it there")
        return await self.find(id)

    async def delete(self, id: str) -> None:
        """Forget a response. If it is being answered in the background, that ends."""
        if response := self._background.pop(id, None):
            await response.stop()
        if not await self.store.delete(id):
            raise ResponseNotFound(id)

    async def close(self) -> None:
        for response in self._background.values():
            await response.stop()
        await self.store.close()

    async def _earlier(self, id: str, model: str) -> parse.Earlier:
        """The conversation that ends with this response. The ids of another model's turns mean nothing to this one."""
        messages: list[Message] = []
        names: dict[str, str] = {}
        for stored in await self.store.chain(id) if id else ():
            if stored.unfinished:
                raise InvalidRequest(f"{stored.id} is not answered yet: what it says is not known")
            messages += to_messages(Item.read_all(stored.input, "input"), names)
            is_same_model = stored.response["model"].lower() == model.lower()
            messages += to_turn(stored.response["output"], names, stored.token_ids if is_same_model else ())
        return parse.Earlier(messages, names)

    async def _answer_at_length(self, exchange: Exchange, listener: Listener | None) -> None:
        """With `truncation: auto` a conversation that is too long is tried again without its beginning."""
        while True:
            try:
                return await self._answer(exchange, listener)
            except ContextLengthExceeded as too_long:
                if not exchange.shorten(too_long):
                    raise

    async def _answer(self, exchange: Exchange, listener: Listener | None) -> None:
        pool, builder = self.services.pool, exchange.builder
        async with (
            leased(
                pool, exchange.model, exchange.stays, exchange.request, exchange.turn, exchange.thinking_asked
            ) as lease,
            lease.generate(exchange.request) as events,
        ):
            async for event in events:
                is_last = isinstance(event, Finished)
                if is_last:
                    exchange.remember(succeeded(event))
                if not exchange.answering:
                    await _write(listener, await self._start(exchange))
                chunks = builder.feed(event)
                if is_last:
                    await self._update(exchange)  # before anybody is told that it can be gone on from
                if listener is not None:
                    await listener.write(chunks)

    async def _start(self, exchange: Exchange) -> list[Chunk]:
        """The model begins to answer. A response that cannot be kept is answered all the same, and says so."""
        exchange.answering = True
        if exchange.background:
            chunks = exchange.builder.start()
            await self._update(exchange)
            return chunks
        if exchange.stores:
            try:
                await self.store.add(exchange.stored())
            except StoreError as error:
                logger.warning("a response is not stored: %s", error.message)
                exchange.stores = exchange.builder.response["store"] = False
        return [*exchange.begin(), *exchange.builder.start()]

    async def _update(self, exchange: Exchange) -> None:
        """Keep how it is now. The answer is worth more than its copy: if that fails, it is only logged."""
        if exchange.stores:
            try:
                await self.store.update(exchange.stored())
            except StoreError as error:
                logger.warning("a response could not be stored: %s", error.message)

    def _abandon(self, exchange: Exchange) -> list[Chunk]:
        """Cancel a response for whose rest nobody waits. One that has ended stays as it is."""
        if not (exchange.begun or exchange.answering) or not exchange.stored().unfinished:
            return []
        chunks = exchange.builder.cancel()
        if exchange.stores:
            self.store.update_soon(exchange.stored())
        return chunks


async def _write(listener: Listener | None, chunks: list[Chunk]) -> None:
    if listener is not None:
        await listener.write(chunks)
