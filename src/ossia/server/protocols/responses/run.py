"""Responder: reads the conversation that a request continues, runs the model, and stores the response.

It knows no HTTP.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Final

from ossia.aside import aside
from ossia.errors import (
    BodyTooLarge,
    ContextLengthExceeded,
    InvalidRequest,
    ResponseNotFound,
    StoreError,
)
from ossia.server.http.access_log import Record
from ossia.server.http.budget import Claim, crowded
from ossia.server.http.caller import Caller
from ossia.server.http.stream import Chunk, presentable
from ossia.server.protocols.fields import keep_alive_seconds
from ossia.server.protocols.protocol import Envelope, leased, succeeded
from ossia.server.protocols.responses import parse
from ossia.server.protocols.responses.background import BackgroundResponse
from ossia.server.protocols.responses.builder import ResponseBuilder
from ossia.server.protocols.responses.exchange import Exchange, Listener
from ossia.server.protocols.responses.items import (
    COMPACTION_TRIGGER,
    Item,
    normal,
    read_items,
    references,
    resolve,
    to_messages,
    to_turn,
)
from ossia.server.protocols.responses.store import ResponseStore
from ossia.server.protocols.responses.stored import PackedResponse, Room, StoredResponse, joined, outputs
from ossia.server.protocols.responses.types import ResponseRequest
from ossia.server.protocols.sampling import placement
from ossia.server.services import Services
from ossia.server.turns import Lease
from ossia.types import Finished, Message, Started

logger = logging.getLogger(__name__)

_KEPT_STREAMS: Final = 16
"""Number of ended background responses whose events are kept, for clients that resume the stream."""


@dataclass(slots=True)
class Responder:
    """Answers requests and stores the responses. Close it after the pool."""

    services: Services
    store: ResponseStore
    _background: dict[str, BackgroundResponse] = field(default_factory=dict[str, BackgroundResponse])

    async def prepare(
        self, body: ResponseRequest, size: int, claim: Claim, caller: Caller, record: Record, *, compacts: bool = False
    ) -> Exchange:
        """Read a caller's request of `size` bytes, and what it refers to that is stored in the same space.

        If it `compacts`, a summary is asked for. Raises InvalidRequest, or ServerBusy if memory is short.
        """
        keep_alive = keep_alive_seconds(body.keep_alive)
        items = await aside(size, read_items, body.input) + ([COMPACTION_TRIGGER] if compacts else [])
        if named := references(items):
            items = await self._resolved(items, named, claim, caller.space)
        conversation = parse.conversation_id(body)
        earlier = await self._earlier(body, conversation, claim, caller.space)
        model = await self.services.resolve(body.model)
        record.installed = str(model.name)
        request, tools = await aside(size, parse.parse, body, model, items, earlier)
        builder = ResponseBuilder(
            parse.new_response(body, request),
            tools,
            raw_reasoning=parse.wants_raw_reasoning(body),
            encrypted_reasoning=parse.wants_encrypted_reasoning(body),
            compacts=parse.is_compacting(items),
        )
        return Exchange(
            envelope=Envelope(body.model),
            claim=claim,
            caller=caller,
            model=model,
            keep_alive=keep_alive,
            requires_thinking=parse.requires_thinking(body),
            request=replace(request, space=caller.space, placement=placement(body.options, model)),
            input=await aside(size, lambda: [normal(item) for item in items]),
            conversation="" if compacts else conversation,
            builder=builder,
            record=record,
        )

    async def start_background(self, exchange: Exchange) -> BackgroundResponse:
        """Start to answer in the background, which counts in the caller's quota. Raises ServerBusy.

        The response is stored before this returns.
        """
        self.services.pool.check_room(exchange.model, exchange.caller.turn)
        try:
            await self.store.add(exchange.stored())
        except asyncio.CancelledError:  # the client has left: nobody knows of the response, nor will answer it
            exchange.builder.cancel()
            self.store.update_soon(exchange.stored())
            raise
        ended = [id for id, other in self._background.items() if other.done]
        for id in ended[: max(0, len(ended) - _KEPT_STREAMS)]:
            del self._background[id]
        exchange.record.hold()
        exchange.claim.hold()
        response = BackgroundResponse(lambda listener: self._run_later(exchange, listener), exchange.release)
        exchange.claim.cancel = response.cancel
        self._background[exchange.id] = response
        return response

    async def run(self, exchange: Exchange, listener: Listener | None) -> None:
        """Answer, and write the events to the listener.

        A failure is raised if there is no listener, or if it comes before the first event and the listener has not
        started. Cancelling this stops the model and cancels the response, which has failed if it gave way to others.
        """
        try:
            await self._answer_or_give_way(exchange, listener)
        except asyncio.CancelledError:
            chunks = self._abandon(exchange)
            if exchange.background:  # otherwise the listener has left
                await _write(listener, chunks)
            raise
        except Exception as failure:
            started = listener is not None and listener.started
            if not (exchange.begun or exchange.answering or started):
                raise
            exchange.record.error = type(failure).__name__
            chunks = [*exchange.begin(), *exchange.builder.fail(presentable(failure))]
            self._update_soon(exchange)
            if listener is None:
                raise
            await listener.write(chunks)

    async def _run_later(self, exchange: Exchange, listener: Listener) -> None:
        quota = exchange.caller.quota
        try:
            with quota.held() if quota else nullcontext():
                await self.run(exchange, listener)
        except asyncio.CancelledError:
            exchange.record.error = "Cancelled"
            raise

    async def whole(self, exchange: Exchange) -> Chunk:
        """Answer, and return the whole response. Failures are raised."""
        await self.run(exchange, None)
        return exchange.builder.response

    async def count_tokens(self, body: ResponseRequest, size: int, claim: Claim, caller: Caller, record: Record) -> int:
        """Return the exact length of the prompt that the model would read. The model is loaded for it."""
        exchange = await self.prepare(body, size, claim, caller, record)
        async with self.services.pool.use(exchange.model, exchange.keep_alive, exchange.request.placement) as engine:
            return await engine.count_tokens(exchange.request)

    async def find(self, id: str, space: str) -> StoredResponse:
        if stored := await self.store.get(id, space):
            return stored
        raise ResponseNotFound(id)

    async def find_background(self, id: str, space: str) -> BackgroundResponse:
        """Return a background response, to follow its events. Raises InvalidRequest if they are not kept."""
        await self.find(id, space)
        if id not in self._background:
            raise InvalidRequest(
                f"the events of {id} are not kept: only those of the latest responses in the background are",
                hint="without stream=true the response itself is returned",
            )
        return self._background[id]

    async def cancel(self, id: str, space: str) -> StoredResponse:
        """Cancel a background response. One that has ended stays unchanged."""
        stored = await self.find(id, space)
        if not stored.response["background"]:
            raise InvalidRequest("only a response that is answered in the background can be cancelled")
        if id in self._background:
            await self._background[id].stop()
        elif stored.unfinished:
            raise InvalidRequest(f"{id} is answered by another server: cancel it there")
        return await self.find(id, space)

    async def delete(self, id: str, space: str) -> None:
        """Delete a response. If it is being answered in the background, it is cancelled."""
        await self.find(id, space)
        if response := self._background.pop(id, None):
            await response.stop()
        if not await self.store.delete(id, space):
            raise ResponseNotFound(id)

    async def close(self) -> None:
        for response in self._background.values():
            await response.stop()
        await self.store.close()

    async def _resolved(self, items: Sequence[Item], named: Sequence[str], claim: Claim, space: str) -> list[Item]:
        """Replace the references among items, which name the items of stored outputs."""
        packed = await self.store.with_items(named, space)
        size = sum(each.size for each in packed)
        claim.take(size)
        return await aside(size, lambda: resolve(items, outputs(packed, named)))

    async def _earlier(self, body: ResponseRequest, conversation: str, claim: Claim, space: str) -> parse.Earlier:
        """Read what is stored of a conversation: its items, or the chain of responses that ends with one."""
        if conversation:
            items = joined(await self.store.conversations.items(conversation, space))
            claim.take(len(items))
            return await aside(len(items), _read_items, items, bool(body.input))
        id = body.previous_response_id
        chain = await self.store.chain(id, space) if id else []
        size = sum(packed.size for packed in chain)
        claim.take(size)
        return await aside(size, _read, chain, body.model)

    async def _answer_or_give_way(self, exchange: Exchange, listener: Listener | None) -> None:
        """Answer. Raises ServerBusy if others need the room, unless there is nothing more to say than was said."""
        try:
            if exchange.background:
                await _write(listener, exchange.begin())
            await self._answer(exchange, listener)
        except asyncio.CancelledError:
            if not exchange.claim.crowded_out:
                raise
            if exchange.stored().unfinished:
                raise crowded() from None

    async def _answer(self, exchange: Exchange, listener: Listener | None) -> None:
        """Answer. With `truncation: auto`, retry a conversation that is too long without its beginning."""
        async with leased(
            self.services.pool,
            exchange.model,
            exchange.keep_alive,
            exchange.caller.turn,
            exchange.request,
            exchange.envelope,
            exchange.requires_thinking,
        ) as lease:
            exchange.record.waited = lease.load_seconds
            while True:
                try:
                    return await self._write_answer(exchange, lease, listener)
                except ContextLengthExceeded as too_long:
                    if not exchange.shorten(too_long):
                        raise

    async def _write_answer(self, exchange: Exchange, lease: Lease, listener: Listener | None) -> None:
        async with lease.generate(exchange.request) as events:
            async for event in events:
                is_last = isinstance(event, Finished)
                if is_last or isinstance(event, Started):
                    exchange.record.usage = event.usage
                    exchange.record.note_answer(event)
                if is_last:
                    exchange.remember(succeeded(event))
                if not exchange.answering:
                    await self._start(exchange, listener)
                chunks = exchange.builder.feed(event)
                if is_last:
                    await self._finish(exchange)  # before the client learns that it can continue from it
                if listener is not None:
                    await listener.write(chunks)

    async def _start(self, exchange: Exchange, listener: Listener | None) -> None:
        """Write the events before the answer. A response that cannot be stored says so and is answered anyway."""
        exchange.answering = True
        if exchange.background:
            await _write(listener, exchange.builder.start())  # at once: an event that was not written would be missed
            return await self._update(exchange)
        if exchange.stores:
            try:
                await self.store.add(exchange.stored())
            except (StoreError, BodyTooLarge) as error:
                logger.warning("a response is not stored: %s", error.message)
                exchange.builder.response["store"] = False
        await _write(listener, [*exchange.begin(), *exchange.builder.start()])

    async def _update(self, exchange: Exchange) -> None:
        """Store the response as it is now. A failure is only logged: the client still gets its answer."""
        if exchange.stores:
            try:
                await self.store.update(exchange.stored())
            except StoreError as error:
                logger.warning("a response could not be stored: %s", error.message)

    def _update_soon(self, exchange: Exchange) -> None:
        """Store the response as it is at its end, before anything that is asked of the store later."""
        if exchange.stores:
            self.store.update_soon(exchange.stored())

    async def _finish(self, exchange: Exchange) -> None:
        """Store the whole response, and add what was said and answered to its conversation: both or neither.

        A failure is only logged, as in `_update`. The client learns of the end even if others need the room now.
        """
        try:
            if not exchange.conversation:
                return await self._update(exchange)
            items = [*exchange.input, *exchange.builder.response["output"]]
            await self.store.finish(exchange.stored(), exchange.conversation, items)
        except StoreError as error:
            logger.warning("a conversation could not be stored: %s", error.message)
        except asyncio.CancelledError:
            if not exchange.claim.crowded_out:
                raise

    def _abandon(self, exchange: Exchange) -> list[Chunk]:
        """Cancel a response that nobody waits for any more. One that has ended stays unchanged."""
        if not (exchange.begun or exchange.answering) or not exchange.stored().unfinished:
            return []
        chunks = exchange.builder.cancel()
        self._update_soon(exchange)
        return chunks


def _read(chain: Sequence[PackedResponse], model: str) -> parse.Earlier:
    """Return the conversation of stored responses. Sampled ids are used only if the same model sampled them."""
    messages: list[Message] = []
    names: dict[str, str] = {}
    room = Room()
    for packed in chain:
        stored = packed.turn(room)
        if stored.unfinished:
            raise InvalidRequest(f"{stored.id} is not answered yet: what it says is not known")
        if conversation := stored.response.get("conversation"):
            hint = f"conversation={conversation['id']!r} goes on with all of it"
            raise InvalidRequest(f"{stored.id} is a part of a conversation, and what came before it is there", hint)
        messages += to_messages(Item.read_all(stored.input, "input"), names)
        is_same_model = stored.response["model"].lower() == model.lower()
        messages += to_turn(stored.response["output"], names, stored.token_ids if is_same_model else ())
    return parse.Earlier(messages, names)


def _read_items(items: bytes, go_on: bool) -> parse.Earlier:
    """Return the conversation of stored items, from which others may `go_on`."""
    names: dict[str, str] = {}
    return parse.Earlier(to_messages(Item.read_all(Room().decode(items), "conversation"), names, go_on=go_on), names)


async def _write(listener: Listener | None, chunks: list[Chunk]) -> None:
    if listener is not None:
        await listener.write(chunks)
