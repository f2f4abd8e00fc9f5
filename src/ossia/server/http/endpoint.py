"""Endpoints: one shape for every route, from the decoded body to the reply.

An endpoint reads the body in the type that its operation declares, runs its handler, and sends what the handler
returns or raises. A client that leaves cancels everything that its request started. Knows no protocol.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from msgspec import Struct
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ossia.errors import OssiaError
from ossia.server.http.body import NoBody, convert, read_body
from ossia.server.http.operation import Body, Operation
from ossia.server.http.stream import Chunk, Reply
from ossia.server.services import Services

logger = logging.getLogger(__name__)

Query = TypeVar("Query")


@dataclass(frozen=True, slots=True)
class Call(Generic[Body]):
    """One request as a handler gets it. A body of type bytes is b"": its handler reads the stream of `request`."""

    services: Services
    request: Request
    body: Body
    reply: Reply

    def path(self, name: str) -> str:
        """The part of the URL's path that the route calls `name`."""
        return self.request.path_params[name]

    def query(self, declared: type[Query]) -> Query:
        """The parameters of the query. Raises InvalidRequest."""
        return convert(dict(self.request.query_params), declared, strict=False)


Handler = Callable[[Call[Body]], Awaitable[Chunk | None]]
"""Code behind a route. It returns the JSON object to send, or None when it has used the reply itself."""

ErrorFormat = Callable[[OssiaError], Chunk]
"""An error as an API words it."""


@dataclass(frozen=True, slots=True)
class Endpoint(Generic[Body]):
    """A method and a path, with what is asked and answered there, and the code. `error` overrules the API's."""

    method: str
    path: str
    operation: Operation[Body]
    handler: Handler[Body]
    error: ErrorFormat | None = None


@dataclass(frozen=True, slots=True)
class Api:
    """A vendor's API: where its paths begin, how it words an error, and its endpoints."""

    name: str
    prefix: str
    error: ErrorFormat
    error_type: type[Struct]
    endpoints: Sequence[Endpoint[Any]]


class EndpointRoute(Route):
    """Starlette's route to an endpoint, which keeps it for whoever describes the application."""

    def __init__(self, api: Api, endpoint: Endpoint[Any], services: Services) -> None:
        super().__init__(endpoint.path, _Application(api, endpoint, services), methods=[endpoint.method])
        self.api = api
        self.described = endpoint


def routes(apis: Sequence[Api], services: Services) -> list[EndpointRoute]:
    return [EndpointRoute(api, endpoint, services) for api in apis for endpoint in api.endpoints]


class _Application:
    """The ASGI application behind one endpoint."""

    def __init__(self, api: Api, endpoint: Endpoint[Any], services: Services) -> None:
        self._endpoint = endpoint
        self._error = endpoint.error or api.error
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        operation = self._endpoint.operation
        request, reply = Request(scope, receive), Reply(scope, send, self._error, operation.framing)
        declared = operation.request
        if declared is bytes:  # its handler reads the connection, so nobody else may
            await self._answer(Call(self._services, request, b"", reply))
            return
        try:
            body = NoBody() if declared is NoBody else await read_body(request, declared)
        except ClientDisconnect:
            return  # in the middle of its body: nobody is left to be told
        except Exception as failure:
            await reply.fail(failure)
            return
        await _until_gone(receive, reply, self._answer(Call(self._services, request, body, reply)))

    async def _answer(self, call: Call[Any]) -> None:
        try:
            content = await self._endpoint.handler(call)
            if content is not None:
                await call.reply.whole(content)
        except ClientDisconnect:
            logger.info("the client closed the connection in the middle of its body")
        except Exception as failure:
            await call.reply.fail(failure)


class _ClientGone(Exception):
    """The connection was closed by the other side."""


async def _until_gone(receive: Receive, reply: Reply, work: Coroutine[Any, Any, None]) -> None:
    """Run `work`, which raises nothing; cancel it when the client leaves. The request's body must have been read.

    It runs in a task of its own: waking a task resumes every coroutine of it, and a token should wake few.
    """
    try:
        async with asyncio.TaskGroup() as group:
            watcher = group.create_task(_raise_when_gone(receive, reply))
            await group.create_task(work)
            watcher.cancel()
    except* _ClientGone:
        logger.info("the client closed the connection; its request was aborted")


async def _raise_when_gone(receive: Receive, reply: Reply) -> None:
    """Raise when the connection ends. To the application, a reply's own end looks the same."""
    while (await receive())["type"] != "http.disconnect":
        pass
    if not reply.ended:
        raise _ClientGone
