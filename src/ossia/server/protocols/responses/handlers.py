"""Handlers of /v1/responses: HTTP around the Responder."""

from msgspec.structs import replace

from ossia.errors import OssiaError, ResponseNotFound
from ossia.server.http.body import NoBody
from ossia.server.http.endpoint import Call
from ossia.server.http.stream import Chunk
from ossia.server.protocols import openai_errors
from ossia.server.protocols.responses.items import compacted
from ossia.server.protocols.responses.paging import page, wanted
from ossia.server.protocols.responses.run import Responder
from ossia.server.protocols.responses.types import ItemsQuery, ResponseRequest, RetrieveQuery


class ResponseHandlers:
    """Handlers of all routes of responses."""

    def __init__(self, responder: Responder) -> None:
        self._responder = responder

    async def create(self, call: Call[ResponseRequest]) -> Chunk | None:
        exchange = await self._responder.prepare(call.body, call.size, call.claim, call.caller, call.record)
        if exchange.background:
            response = await self._responder.start_background(exchange)
            if not call.body.stream:
                return exchange.builder.response
            async with call.reply.stream(_error_event) as reply:
                await response.follow(reply.write)
        elif call.body.stream:
            async with call.reply.stream(_error_event) as reply:
                await self._responder.run(exchange, reply)
        else:
            return await self._responder.whole(exchange)
        return None

    async def compact(self, call: Call[ResponseRequest]) -> Chunk:
        """Return what the user said, and a summary, which clients send back in the place of all else.

        If the model writes none, the items come back as they were.
        """
        asked = replace(call.body, store=False, stream=False, background=False, truncation="auto")
        exchange = await self._responder.prepare(asked, call.size, call.claim, call.caller, call.record, compacts=True)
        response = await self._responder.whole(exchange)
        return {
            "id": response["id"],
            "object": "response.compaction",
            "created_at": response["created_at"],
            "output": compacted(exchange.input, response["output"]),
            "usage": response["usage"],
        }

    async def count_tokens(self, call: Call[ResponseRequest]) -> Chunk:
        count = await self._responder.count_tokens(call.body, call.size, call.claim, call.caller, call.record)
        return {"object": "response.input_tokens", "input_tokens": count}

    async def retrieve(self, call: Call[NoBody]) -> Chunk | None:
        id, space, query = call.path("id"), call.caller.space, call.query(RetrieveQuery)
        if not query.stream:
            return (await self._responder.find(id, space)).response
        response = await self._responder.find_background(id, space)
        async with call.reply.stream(_error_event) as reply:
            await response.follow(reply.write, -1 if query.starting_after is None else query.starting_after)
        return None

    async def delete(self, call: Call[NoBody]) -> Chunk:
        id = call.path("id")
        await self._responder.delete(id, call.caller.space)
        return {"id": id, "object": "response", "deleted": True}

    async def cancel(self, call: Call[NoBody]) -> Chunk:
        return (await self._responder.cancel(call.path("id"), call.caller.space)).response

    async def list_input(self, call: Call[NoBody]) -> Chunk:
        items = await self._responder.store.input(id := call.path("id"), call.caller.space)
        if items is None:
            raise ResponseNotFound(id)
        return page(items, wanted(call.query(ItemsQuery)))


def _error_event(failure: OssiaError) -> Chunk:
    """Return the error as an event, which has a type like all events of a response's stream."""
    return {"type": "error", **openai_errors.error(failure)}
