"""The HTTP application: the route table, and errors in each API's own words.

It knows every protocol by name and none by content.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from ossia.config import OLLAMA_VERSION, Settings
from ossia.errors import InvalidModelFile, InvalidRequest, OssiaError
from ossia.server.apis import api_of
from ossia.server.http import docs, gate, openapi
from ossia.server.http.access import AccessCheck, is_loopback, origin_pattern
from ossia.server.http.body import Body
from ossia.server.http.endpoint import OperationRoute
from ossia.server.http.operation import Operation
from ossia.server.http.request_id import RequestId
from ossia.server.http.stream import NDJSON, Chunk, Reply, presentable, send_stream, send_whole, to_json, until_gone
from ossia.server.pool import EnginePool
from ossia.server.protocols.anthropic import messages
from ossia.server.protocols.anthropic import types as messages_schema
from ossia.server.protocols.embeddings import EMBED, EMBEDDINGS, OLD_EMBEDDINGS, EmbeddingsEndpoint, Protocol
from ossia.server.protocols.ollama import chat as ollama
from ossia.server.protocols.ollama import create as ollama_create
from ossia.server.protocols.ollama import model_types as schema
from ossia.server.protocols.ollama import models as ollama_models
from ossia.server.protocols.ollama import registry as ollama_registry
from ossia.server.protocols.ollama.jobs import Job, JobEndpoint, model_name
from ossia.server.protocols.openai import chat as chat_completions
from ossia.server.protocols.openai import completions
from ossia.server.protocols.openai import types as chat_completions_schema
from ossia.server.protocols.protocol import Dialect, Services, answer
from ossia.server.protocols.responses.endpoint import routes as response_routes
from ossia.server.protocols.responses.run import Responder
from ossia.server.protocols.responses.store import ResponseStore
from ossia.store.models import ModelStore

Handler = Callable[[Services, Request], Awaitable[Response]]
Command = Callable[[Services, Body], Awaitable[Response]]


class InferenceEndpoint:
    """The ASGI application behind one inference route."""

    def __init__(self, dialect: Dialect, services: Services) -> None:
        self._dialect = dialect
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        dialect = self._dialect
        body = await gate.read(Request(scope, receive), dialect.operation.fields)
        chunks, reply = answer(dialect, self._services, body), Reply(send)
        if dialect.streams(body):
            work = send_stream(chunks, dialect.framing, dialect.error, reply)
        else:
            work = send_whole(chunks, dialect.error, reply)
        await until_gone(receive, work)


def create_app(settings: Settings, store: ModelStore, pool: EnginePool) -> Starlette:
    """The application. It closes `pool` when it shuts down."""
    services = Services(store, pool)
    responder = Responder(services, ResponseStore(Path.home() / ".ollama" / "responses.db"))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        yield
        await pool.close()  # whatever server it runs in
        await responder.close()

    return Starlette(
        routes=[*_routes(services), *response_routes(responder)],
        middleware=_middleware(settings),
        exception_handlers={OssiaError: _show_error, HTTPException: _show_http_error, Exception: _show_error},
        lifespan=lifespan,
    )


def _middleware(settings: Settings) -> list[Middleware]:
    origins = origin_pattern(settings.origins)
    return [
        Middleware(RequestId),
        Middleware(AccessCheck, origins=origins, check_host=is_loopback(settings.host)),
        Middleware(CORSMiddleware, allow_origin_regex=origins, allow_methods=["*"], allow_headers=["*"]),
    ]


def _routes(services: Services) -> list[BaseRoute]:
    def route(method: str, path: str, handler: Handler, operation: Operation) -> BaseRoute:
        async def endpoint(request: Request) -> Response:
            return await handler(services, request)

        return OperationRoute(method, path, endpoint, operation)

    def command(method: str, path: str, handler: Command, operation: Operation) -> BaseRoute:
        async def endpoint(request: Request) -> Response:
            return await handler(services, await gate.read(request, operation.fields))

        return OperationRoute(method, path, endpoint, operation)

    def job(path: str, prepare: Callable[[Services, Body], Job], operation: Operation) -> BaseRoute:
        return OperationRoute("POST", path, JobEndpoint(prepare, services, operation.fields), operation, NDJSON)

    def inference(path: str, dialect: Dialect) -> BaseRoute:
        endpoint = InferenceEndpoint(dialect, services)
        return OperationRoute("POST", path, endpoint, dialect.operation, dialect.framing)

    def embeddings(path: str, protocol: Protocol) -> BaseRoute:
        return OperationRoute("POST", path, EmbeddingsEndpoint(protocol, services), protocol.operation)

    return [
        route("GET", "/", _root, schema.ROOT),
        route("GET", "/openapi.json", _openapi, openapi.DOCUMENT),
        route("GET", "/docs", _docs, docs.PAGE),
        route("GET", "/api/version", _version, schema.VERSION),
        route("GET", "/api/tags", _tags, schema.TAGS),
        route("GET", "/api/ps", _ps, schema.PS),
        command("POST", "/api/show", _show, schema.SHOW),
        command("POST", "/api/copy", _copy, schema.COPY),
        command("DELETE", "/api/delete", _delete, schema.DELETE),
        route("HEAD", "/api/blobs/{digest}", _has_blob, schema.HAS_BLOB),
        route("POST", "/api/blobs/{digest}", _put_blob, schema.PUT_BLOB),
        job("/api/pull", ollama_registry.pull, schema.PULL),
        job("/api/push", ollama_registry.push, schema.PUSH),
        job("/api/create", ollama_create.create, schema.CREATE),
        inference("/api/chat", ollama.CHAT),
        inference("/api/generate", ollama.GENERATE),
        embeddings("/api/embed", EMBED),
        embeddings("/api/embeddings", OLD_EMBEDDINGS),
        route("GET", "/v1/models", _list_openai_models, chat_completions_schema.MODELS),
        route("GET", "/v1/models/{model:path}", _show_openai_model, chat_completions_schema.MODEL),
        inference("/v1/chat/completions", chat_completions.CHAT_COMPLETIONS),
        embeddings("/v1/embeddings", EMBEDDINGS),
        inference("/v1/completions", completions.COMPLETIONS),
        inference("/v1/messages", messages.MESSAGES),
        command("POST", "/v1/messages/count_tokens", _count_tokens, messages_schema.COUNT_TOKENS),
    ]


async def _root(services: Services, request: Request) -> Response:
    return PlainTextResponse("Ollama is running")  # what clients look for


async def _openapi(services: Services, request: Request) -> Response:
    return _json(openapi.document(request.app.routes))


async def _docs(services: Services, request: Request) -> Response:
    url = f"{request.scope['scheme']}://{request.headers.get('host', 'localhost:11434')}"
    page = docs.page(openapi.document(request.app.routes), url)
    return HTMLResponse(page, headers={"content-security-policy": docs.POLICY})


async def _version(services: Services, request: Request) -> Response:
    return _json({"version": OLLAMA_VERSION})


async def _tags(services: Services, request: Request) -> Response:
    return _json(await asyncio.to_thread(lambda: ollama_models.tags(services.store.list())))


async def _ps(services: Services, request: Request) -> Response:
    return _json(ollama_models.ps(services.pool.loaded(), datetime.now(UTC)))


async def _show(services: Services, body: Body) -> Response:
    model = await services.resolve(model_name(body))
    return _json(await asyncio.to_thread(ollama_models.show, model, body.flag("verbose")))


async def _copy(services: Services, body: Body) -> Response:
    source, destination = body.text("source"), body.text("destination")
    if not source or not destination:
        raise InvalidRequest("source and destination are required")
    await asyncio.to_thread(services.store.copy, source, destination)
    return Response()


async def _delete(services: Services, body: Body) -> Response:
    name = model_name(body)
    with suppress(InvalidModelFile):  # which is what one may want to delete
        await services.pool.unload(await services.resolve(name))
    await asyncio.to_thread(services.store.delete, name)
    return Response()


async def _has_blob(services: Services, request: Request) -> Response:
    there = services.store.blobs.has(request.path_params["digest"])
    return Response(status_code=200 if there else 404)


async def _put_blob(services: Services, request: Request) -> Response:
    is_new = await ollama_create.receive_blob(services.store.blobs, request.path_params["digest"], request)
    return Response(status_code=201 if is_new else 200)


async def _list_openai_models(services: Services, request: Request) -> Response:
    models = await asyncio.to_thread(services.store.list)
    return _json({"object": "list", "data": [chat_completions.describe_model(model) for model in models]})


async def _show_openai_model(services: Services, request: Request) -> Response:
    return _json(chat_completions.describe_model(await services.resolve(request.path_params["model"])))


async def _count_tokens(services: Services, body: Body) -> Response:
    return _json(await messages.count_tokens(services, body))


def _json(content: Chunk, status: int = 200, headers: Any = None) -> Response:
    return Response(to_json(content), status, headers=headers, media_type="application/json; charset=utf-8")


async def _show_error(request: Request, failure: Exception) -> Response:
    error = presentable(failure)
    return _json(api_of(request.url.path).error(error), error.status)


async def _show_http_error(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, HTTPException)
    text = "404 page not found" if failure.status_code == 404 else failure.detail
    error = OssiaError(text)
    error.status = failure.status_code
    headers = {"allow": _methods(request)} if error.status == 405 else failure.headers
    return _json(api_of(request.url.path).error(error), error.status, headers)


def _methods(request: Request) -> str:
    """Those of all routes with the request's path; Starlette names the first one's."""
    path = request.url.path
    routes = [route for route in request.app.routes if route.path_regex.match(path)]
    exactly = [route for route in routes if route.path == path]
    return ", ".join(sorted({method for route in exactly or routes for method in route.methods}))
