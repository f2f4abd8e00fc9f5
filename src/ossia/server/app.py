"""The HTTP server: the route table, errors in each API's own words, and the process that listens.

It knows every protocol by name and none by content.
"""

import asyncio
import logging
import signal
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ossia import engine
from ossia.config import OLLAMA_VERSION, Settings, without_effect
from ossia.errors import InvalidModelFile, InvalidRequest, OssiaError, StoreError
from ossia.server import chat_completions, completions, messages, ollama, ollama_create, ollama_models, ollama_registry
from ossia.server.access import AccessCheck, is_loopback, origin_pattern
from ossia.server.body import Body, parse_body
from ossia.server.dialect import Dialect, Services, answer
from ossia.server.embeddings import EMBED, EMBEDDINGS, OLD_EMBEDDINGS, EmbeddingsEndpoint, Protocol
from ossia.server.jobs import Job, JobEndpoint, model_name
from ossia.server.listen import listen
from ossia.server.pool import EnginePool
from ossia.server.request_id import RequestId
from ossia.server.response_store import ResponseStore
from ossia.server.responses_endpoint import routes as response_routes
from ossia.server.responses_run import Responder
from ossia.server.stream import Chunk, Reply, presentable, send_stream, send_whole, to_json, until_gone
from ossia.store.models import Model, ModelStore

logger = logging.getLogger(__name__)

Handler = Callable[[Services, Request], Awaitable[Response]]


class InferenceEndpoint:
    """The ASGI application behind one inference route."""

    def __init__(self, dialect: Dialect, services: Services) -> None:
        self._dialect = dialect
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        dialect = self._dialect
        body = await _read_body(Request(scope, receive))
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

    def route(method: str, path: str, handler: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            return await handler(services, request)

        return Route(path, endpoint, methods=[method])

    def job(path: str, prepare: Callable[[Services, Body], Job]) -> Route:
        return Route(path, JobEndpoint(prepare, services), methods=["POST"])

    def inference(path: str, dialect: Dialect) -> Route:
        return Route(path, InferenceEndpoint(dialect, services), methods=["POST"])

    def embeddings(path: str, protocol: Protocol) -> Route:
        return Route(path, EmbeddingsEndpoint(protocol, services), methods=["POST"])

    return Starlette(
        routes=[
            route("GET", "/", _root),
            route("GET", "/api/version", _version),
            route("GET", "/api/tags", _tags),
            route("GET", "/api/ps", _ps),
            route("POST", "/api/show", _show),
            route("POST", "/api/copy", _copy),
            route("DELETE", "/api/delete", _delete),
            route("HEAD", "/api/blobs/{digest}", _has_blob),
            route("POST", "/api/blobs/{digest}", _put_blob),
            job("/api/pull", ollama_registry.pull),
            job("/api/push", ollama_registry.push),
            job("/api/create", ollama_create.create),
            inference("/api/chat", ollama.CHAT),
            inference("/api/generate", ollama.GENERATE),
            embeddings("/api/embed", EMBED),
            embeddings("/api/embeddings", OLD_EMBEDDINGS),
            route("GET", "/v1/models", _list_openai_models),
            route("GET", "/v1/models/{model:path}", _show_openai_model),
            inference("/v1/chat/completions", chat_completions.CHAT_COMPLETIONS),
            embeddings("/v1/embeddings", EMBEDDINGS),
            inference("/v1/completions", completions.COMPLETIONS),
            inference("/v1/messages", messages.MESSAGES),
            route("POST", "/v1/messages/count_tokens", _count_tokens),
            *response_routes(responder),
        ],
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


async def _read_body(request: Request) -> Body:
    return parse_body(await request.body())


async def _root(services: Services, request: Request) -> Response:
    return PlainTextResponse("Ollama is running")  # what clients look for


async def _version(services: Services, request: Request) -> Response:
    return _json({"version": OLLAMA_VERSION})


async def _tags(services: Services, request: Request) -> Response:
    return _json(await asyncio.to_thread(lambda: ollama_models.tags(services.store.list())))


async def _ps(services: Services, request: Request) -> Response:
    return _json(ollama_models.ps(services.pool.loaded(), datetime.now(UTC)))


async def _show(services: Services, request: Request) -> Response:
    body = await _read_body(request)
    model = await services.resolve(model_name(body))
    return _json(await asyncio.to_thread(ollama_models.show, model, body.flag("verbose")))


async def _copy(services: Services, request: Request) -> Response:
    body = await _read_body(request)
    source, destination = body.text("source"), body.text("destination")
    if not source or not destination:
        raise InvalidRequest("source and destination are required")
    await asyncio.to_thread(services.store.copy, source, destination)
    return Response()


async def _delete(services: Services, request: Request) -> Response:
    name = model_name(await _read_body(request))
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


async def _count_tokens(services: Services, request: Request) -> Response:
    return _json(await messages.count_tokens(services, await _read_body(request)))


def _json(content: Chunk, status: int = 200, headers: Any = None) -> Response:
    return Response(to_json(content), status, headers=headers, media_type="application/json; charset=utf-8")


async def _show_error(request: Request, failure: Exception) -> Response:
    error = presentable(failure)
    return _json(_in_words_of(request.url.path, error), error.status)


async def _show_http_error(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, HTTPException)
    text = "404 page not found" if failure.status_code == 404 else failure.detail
    error = OssiaError(text)
    error.status = failure.status_code
    return _json(_in_words_of(request.url.path, error), error.status, failure.headers)


def _in_words_of(path: str, error: OssiaError) -> Chunk:
    if path.startswith("/v1/messages"):
        return messages.error(error)
    return chat_completions.error(error) if path.startswith("/v1/") else ollama.error(error)


class Server(uvicorn.Server):
    """uvicorn, but to shut down ends the answers that are being written, instead of waiting for them.

    Idle connections stay open for two minutes, so that clients' connection pools seldom meet one that just closes.
    """

    def __init__(self, app: Starlette, pool: EnginePool) -> None:
        config = uvicorn.Config(
            app,
            ws="none",
            log_config=None,
            log_level="warning",
            access_log=False,
            timeout_keep_alive=120,
            timeout_graceful_shutdown=3,
        )
        super().__init__(config)
        self._pool = pool

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._pool.close()
        await super().shutdown(sockets)


def serve(settings: Settings) -> None:
    """Answer requests until a signal comes. Raises OssiaError when the address cannot be listened on."""

    def load(model: Model, memory_bytes: int) -> Awaitable[engine.Engine]:
        return engine.load(model.path, settings, memory_bytes)

    sockets = listen(settings.host, settings.port)
    pool, store = EnginePool(settings, load), ModelStore(settings.models)
    app = create_app(settings, store, pool)
    logger.info("listening on %s", settings.url)
    _prepare(settings, store)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):  # uvicorn raises the signal again when all is closed
        Server(app, pool).run(sockets)


def _prepare(settings: Settings, store: ModelStore) -> None:
    """What is good to have done, but no reason not to serve."""
    from ossia.store.identity import Identity

    for name in without_effect():
        logger.warning("%s is set, but has no effect here", name)
    try:
        Identity.load()  # so that it can be told to a registry before the first pull
        if not settings.no_prune:
            store.sweep()
    except StoreError as error:
        logger.warning("%s", error.message)
