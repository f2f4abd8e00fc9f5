"""Endpoint: the one shape of every route, from the decoded body to the reply.

An endpoint decodes the body into the type that its operation declares, runs its handler, and sends what the handler
returns or raises. If the client leaves, everything that its request started is cancelled, unless the operation says
that it completes. It knows no protocol.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from msgspec import Struct
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from ossia.aside import aside
from ossia.errors import OssiaError, ServerBusy
from ossia.server.http.access_log import Record, record_of
from ossia.server.http.body import Arrival, NoBody, decode, pass_over, read_query
from ossia.server.http.budget import Budget, Claim, crowded, weight
from ossia.server.http.caller import Caller, caller_of
from ossia.server.http.compression import decompressed
from ossia.server.http.operation import Body, Operation
from ossia.server.http.permission import Right, refusal
from ossia.server.http.stream import Chunk, Reply
from ossia.server.services import Services
from ossia.store.models import Model

BUDGET = 8
"""Number of the largest bodies that fit into memory at one time; smaller ones share the same budget."""

_COUNTS = 16  # times as quick is counting as other work on a body
_DECODES = 4  # times as quick is decoding: 64 kB take 0.6 ms at most
_LONGEST_NAME = 1000  # characters of a model's name in the log

Query = TypeVar("Query")


@dataclass(frozen=True, slots=True)
class Call(Generic[Body]):
    """One request as its handler gets it. A body of type bytes is empty: its handler reads `request.stream()`."""

    services: Services
    request: Request
    body: Body
    reply: Reply
    claim: Claim
    """Memory that the request takes, which grows with what is read for it."""
    size: int = 0
    """Bytes of the body: what is long is worked on aside."""

    @property
    def caller(self) -> Caller:
        return caller_of(self.request.scope)

    @property
    def record(self) -> Record:
        """Record of the request in the access log, in which the handler notes what it learns."""
        return record_of(self.request.scope)

    async def resolve(self, name: str) -> Model:
        """Return the model stored under a name, as `Services.resolve` does, and note that the request is about it."""
        model = await self.services.resolve(name)
        self.record.installed = str(model.name)
        return model

    def require(self, right: Right) -> None:
        """Raise Forbidden or Unauthorized unless the caller has the right."""
        if refused := _refusal(right, self.caller, self.services):
            raise refused

    def path(self, name: str) -> str:
        """Return the parameter `name` of the URL's path."""
        return self.request.path_params[name]

    def query(self, declared: type[Query]) -> Query:
        """Return the parameters of the query as `declared`. Raises InvalidRequest."""
        return read_query(self.request.query_params, declared)


def _refusal(right: Right, caller: Caller, services: Services) -> OssiaError | None:
    return refusal(right, caller, services.access, services.keys.needed)


Handler = Callable[[Call[Body]], Awaitable[Chunk | None]]
"""Code behind a route. It returns the JSON object to send, or None if it has used the reply itself."""

ErrorFormat = Callable[[OssiaError], Chunk]
"""Function from an error to its body in one API's format."""


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[Body]):
    """A method and a path, the types of their requests and responses, and their code. `error` overrides the API's."""

    method: str
    path: str
    operation: Operation[Body]
    handler: Handler[Body]
    error: ErrorFormat | None = None


@dataclass(frozen=True, slots=True)
class Api:
    """A vendor's API: the prefix of its paths, its format of errors, and its endpoints."""

    name: str
    prefix: str
    error: ErrorFormat
    error_type: type[Struct]
    endpoints: Sequence[Endpoint[Any]]


class EndpointRoute(Route):
    """Starlette's route to an endpoint. It keeps the endpoint, from which /openapi.json is made."""

    def __init__(self, api: Api, endpoint: Endpoint[Any], services: Services, budget: Budget) -> None:
        super().__init__(endpoint.path, _Application(api, endpoint, services, budget), methods=[endpoint.method])
        self.path_regex = re.compile(self.path_regex.pattern.removesuffix("$") + r"\Z")  # `$` lets a line feed follow
        self.api = api
        self.described = endpoint

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether a request is for this endpoint. There are many, so most are ruled out by a quick look."""
        if not self.param_convertors and not scope["path"].endswith(self.path):
            return Match.NONE, {}
        return super().matches(scope)


def routes(apis: Sequence[Api], services: Services) -> list[EndpointRoute]:
    budget = Budget(BUDGET * services.limits.body_bytes)
    return [EndpointRoute(api, endpoint, services, budget) for api in apis for endpoint in api.endpoints]


class _Application:
    """The ASGI application behind one endpoint."""

    def __init__(self, api: Api, endpoint: Endpoint[Any], services: Services, budget: Budget) -> None:
        self._endpoint = endpoint
        self._error = endpoint.error or api.error
        self._services = services
        self._budget = budget

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        operation = self._endpoint.operation
        record = record_of(scope)
        record.route = self._endpoint.path
        if operation.right == "manage" and self._endpoint.method != "HEAD":
            record.action = record.route.split("/{")[0].rpartition("/")[2]
        request, reply = Request(scope, receive), Reply(scope, send, self._error, operation.framing)
        try:
            place = self._place(caller_of(scope))
        except OssiaError as refused:
            await pass_over(request)
            await reply.fail(refused)
            return
        with place:
            try:
                await self._take(request, reply)
            except asyncio.CancelledError:  # by uvicorn, which is ending: a client that leaves cancels only the work
                if not reply.ended:
                    await reply.fail(ServerBusy("the server is shutting down", hint="try again later"), close=True)

    def _place(self, caller: Caller) -> AbstractContextManager[None]:
        """Return the caller's place, to be held while the request is answered. Raises the error for one who has none.

        Requests without a body take none: what looks up or cancels must work beside everything that runs.
        """
        operation = self._endpoint.operation
        if refused := _refusal(operation.right, caller, self._services):
            raise refused
        return nullcontext() if caller.quota is None or operation.request is NoBody else caller.quota.place()

    async def _take(self, request: Request, reply: Reply) -> None:
        declared = self._endpoint.operation.request
        claim = Claim(self._budget, caller_of(request.scope).turn)
        if declared is bytes:  # its handler reads the connection, so nobody else may
            await self._answer(Call(self._services, request, b"", reply, claim))
            return
        try:
            if declared is NoBody:
                await self._run(Call(self._services, request, NoBody(), reply, claim))
            else:
                await self._read_and_answer(request, claim, reply)
        finally:
            claim.release()

    async def _read_and_answer(self, request: Request, claim: Claim, reply: Reply) -> None:
        arrival = Arrival(request, self._services.limits.body_seconds)
        try:
            body, size = await self._read(request, arrival, claim)
        except ClientDisconnect:  # in the middle of its body: nobody is left to be told
            record_of(request.scope).aborted = True
            return
        except Exception as failure:
            await reply.fail(failure, close=not arrival.ended)
            return
        await self._run(Call(self._services, request, body, reply, claim, size))

    async def _read(self, request: Request, arrival: Arrival, claim: Claim) -> tuple[Any, int]:
        """Read the body in its declared type, and tell its size."""
        largest = self._services.limits.body_bytes
        data: bytes | bytearray = await arrival.whole(claim, largest)
        if encoding := request.headers.get("content-encoding"):
            data = await aside(largest, decompressed, data, encoding, largest)
        claim.charge(await aside(len(data) // _COUNTS, weight, data))
        record_of(request.scope).note_body(data)
        declared = self._endpoint.operation.request
        return await aside(len(data) // _DECODES, decode, data, declared), len(data)

    async def _run(self, call: Call[Any]) -> None:
        call.record.model = _model_of(call.body)
        work = self._answer(call)
        await (work if self._endpoint.operation.completes else _until_gone(call, work))

    async def _answer(self, call: Call[Any]) -> None:
        try:
            content = await self._endpoint.handler(call)
            if content is not None:
                await call.reply.whole(content)
        except ClientDisconnect:
            call.record.aborted = True
        except Exception as failure:
            await call.reply.fail(failure)


def _model_of(body: object) -> str:
    """Return the name of the model that a decoded body asks for; "" if it asks for none."""
    name = getattr(body, "model_name", None) or getattr(body, "model", None)
    return name[:_LONGEST_NAME] if isinstance(name, str) else ""


async def _until_gone(call: Call[Any], work: Coroutine[Any, Any, None]) -> None:
    """Run `work`, which raises nothing, and cancel it if the client leaves, or if it has to make room for others.

    The body must have been read before. `work` runs in a task of its own: waking a task resumes all of its nested
    coroutines, and a token should wake few. Not in a TaskGroup, whose exceptions refer to each other: a whole request
    would stay until garbage is collected.
    """
    working = asyncio.create_task(work)
    call.claim.cancel = working.cancel
    watcher = asyncio.create_task(_cancel_when_gone(call, working))
    try:
        await asyncio.wait([working])
    finally:
        for task in (working, watcher):
            task.cancel()
        await asyncio.wait([working, watcher])
    if call.record.aborted:
        return
    if working.cancelled() and call.claim.crowded_out and not call.reply.ended:
        await call.reply.fail(crowded())
    else:
        working.result()


async def _cancel_when_gone(call: Call[Any], working: asyncio.Task[None]) -> None:
    """Cancel the work when the client leaves. The end of the reply looks the same to an application."""
    while (await call.request.receive())["type"] != "http.disconnect":
        pass
    if not call.reply.ended:
        call.record.aborted = True
        working.cancel()
