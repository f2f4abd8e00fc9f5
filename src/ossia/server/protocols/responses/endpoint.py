"""The routes of /v1/responses. What they do is in `responses_run`; here it becomes HTTP."""

from collections.abc import AsyncGenerator, Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from ossia.errors import InvalidRequest, OssiaError
from ossia.server.http import gate
from ossia.server.http.body import Body
from ossia.server.http.endpoint import OperationRoute
from ossia.server.http.operation import Operation
from ossia.server.http.stream import NAMED_SSE, Chunk, Reply, send_stream, send_whole, until_gone
from ossia.server.protocols.openai import chat as chat_completions
from ossia.server.protocols.responses import types as schema
from ossia.server.protocols.responses.run import Responder

_MAX_LISTED = 100


Handler = Callable[[Responder, Request], Awaitable[Response]]


def routes(responder: Responder) -> list[OperationRoute]:
    one = "/v1/responses/{id}"

    def route(method: str, path: str, handler: Handler, operation: Operation) -> OperationRoute:
        async def endpoint(request: Request) -> Response:
            return await handler(responder, request)

        return OperationRoute(method, path, endpoint, operation)

    return [
        OperationRoute("POST", "/v1/responses", _Create(responder), schema.CREATE, NAMED_SSE),
        route("POST", "/v1/responses/input_tokens", _count_tokens, schema.COUNT_TOKENS),
        OperationRoute("GET", one, _Retrieve(responder), schema.RETRIEVE, NAMED_SSE),
        route("DELETE", one, _delete, schema.DELETE),
        route("GET", f"{one}/input_items", _list_input, schema.LIST_INPUT),
        route("POST", f"{one}/cancel", _cancel, schema.CANCEL),
    ]


class _Create:
    """POST /v1/responses."""

    def __init__(self, responder: Responder) -> None:
        self._responder = responder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await gate.read(Request(scope, receive), schema.CREATE.fields)
        streams = body.flag("stream")
        exchange = await self._responder.prepare(body)
        reply = Reply(send)
        if exchange.background:
            job = await self._responder.start_job(exchange)
            work = _stream(job.follow(), reply) if streams else reply.whole(200, exchange.answer.response)
        elif streams:
            work = _stream(self._responder.run(exchange, lambda: reply.started), reply)
        else:
            work = send_whole(self._responder.whole(exchange), chat_completions.error, reply)
        await until_gone(receive, work)


class _Retrieve:
    """GET /v1/responses/{id}."""

    def __init__(self, responder: Responder) -> None:
        self._responder = responder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        id, reply = request.path_params["id"], Reply(send)
        query = gate.query(request, schema.RetrieveQuery)
        if query.flag("stream"):
            events = await self._responder.follow(id, _number(query, "starting_after", -1))
            await until_gone(receive, _stream(events, reply))
        else:
            await reply.whole(200, (await self._responder.find(id)).response)


async def _count_tokens(responder: Responder, request: Request) -> Response:
    count = await responder.count_tokens(await gate.read(request, schema.COUNT_TOKENS.fields))
    return JSONResponse({"object": "response.input_tokens", "input_tokens": count})


async def _delete(responder: Responder, request: Request) -> Response:
    id = request.path_params["id"]
    await responder.delete(id)
    return JSONResponse({"id": id, "object": "response", "deleted": True})


async def _cancel(responder: Responder, request: Request) -> Response:
    return JSONResponse((await responder.cancel(request.path_params["id"])).response)


async def _list_input(responder: Responder, request: Request) -> Response:
    stored = await responder.find(request.path_params["id"])
    query = gate.query(request, schema.ItemsQuery)
    order, after = query.text("order", "desc"), query.get("after")
    if order not in ("asc", "desc"):
        raise InvalidRequest("order must be asc or desc")
    limit = _number(query, "limit", 20)
    if not 1 <= limit <= _MAX_LISTED:
        raise InvalidRequest(f"limit must be between 1 and {_MAX_LISTED}")
    return JSONResponse(_page(list(stored.input)[:: 1 if order == "asc" else -1], limit, after))


def _page(items: list[Chunk], limit: int, after: str | None) -> Chunk:
    """The items that follow `after`, as one page of a list."""
    if after is not None:
        ids = [item["id"] for item in items]
        if after not in ids:
            raise InvalidRequest(f"after: there is no item {after!r}")
        items = items[ids.index(after) + 1 :]
    page = items[:limit]
    ends = (page[0]["id"], page[-1]["id"]) if page else (None, None)
    return {
        "object": "list",
        "data": page,
        "first_id": ends[0],
        "last_id": ends[1],
        "has_more": len(items) > limit,
    }


def _number(query: Body, name: str, default: int) -> int:
    number = query.integer(name)
    return default if number is None else number


async def _stream(events: AsyncGenerator[Chunk], reply: Reply) -> None:
    await send_stream(events, NAMED_SSE, _error, reply)


def _error(failure: OssiaError) -> Chunk:
    """Readable as a body, and as the event that it is if a stream breaks off."""
    return {"type": "error", **chat_completions.error(failure)}
