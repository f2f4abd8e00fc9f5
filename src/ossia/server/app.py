"""The HTTP application: a table of contents of the APIs, and the errors for paths that none of them has.

It knows the name of every protocol and the content of none.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from difflib import get_close_matches
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ossia.config import Settings, home
from ossia.errors import OssiaError, ServerBusy
from ossia.server.http import docs, openapi
from ossia.server.http.access import AccessCheck, Refusing, origin_pattern
from ossia.server.http.access_log import AccessLog, Observer
from ossia.server.http.body import pass_over
from ossia.server.http.endpoint import Api, Endpoint, routes
from ossia.server.http.guard import Guards
from ossia.server.http.keys import Keys
from ossia.server.http.locality import Locality
from ossia.server.http.request_id import HEADERS, RequestId, id_headers
from ossia.server.http.stream import JSON, DirectBodies, presentable, to_json
from ossia.server.page import handlers as pages
from ossia.server.pool import EnginePool
from ossia.server.protocols import openai_errors
from ossia.server.protocols.anthropic import errors as anthropic_errors
from ossia.server.protocols.anthropic import messages
from ossia.server.protocols.anthropic import types as message_types
from ossia.server.protocols.monitoring import monitoring_types, scrape, status
from ossia.server.protocols.ollama import blobs, create, embeddings, generate, model_types, models, registry
from ossia.server.protocols.ollama import chat as ollama_chat
from ossia.server.protocols.ollama import embedding_types as ollama_embedding_types
from ossia.server.protocols.ollama import errors as ollama_errors
from ossia.server.protocols.ollama import types as ollama_types
from ossia.server.protocols.openai import chat, completion_types, completions, embedding_types
from ossia.server.protocols.openai import embeddings as openai_embeddings
from ossia.server.protocols.openai import models as openai_models
from ossia.server.protocols.openai import types as openai_types
from ossia.server.protocols.rerank import rerank
from ossia.server.protocols.rerank import types as rerank_types
from ossia.server.protocols.responses import conversation_types
from ossia.server.protocols.responses import types as response_types
from ossia.server.protocols.responses.conversation_handlers import ConversationHandlers
from ossia.server.protocols.responses.handlers import ResponseHandlers
from ossia.server.protocols.responses.run import Responder
from ossia.server.protocols.responses.store import ResponseStore
from ossia.server.services import Services
from ossia.store.keyring import KeyRing, fixed_keys
from ossia.store.keys import KeyFile
from ossia.store.models import ModelStore

_LONGEST_MEANT: Final = 100  # characters of a path that may be a misspelt one


def create_app(settings: Settings, store: ModelStore, pool: EnginePool) -> Starlette:
    """Create the application. It closes `pool` when it shuts down. `state.guards` are for its connections."""
    keys = KeyRing(KeyFile(), fixed_keys(settings.api_keys))
    services = Services(store, pool, settings.limits, settings.access, keys)
    monitor = services.monitor
    pool.loader.on_load = monitor.metrics.loaded
    responder = Responder(services, ResponseStore(home() / ".ollama" / "responses.db"))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        expiry = None if settings.no_prune else asyncio.create_task(blobs.expire_uploads(services))
        counting = asyncio.create_task(monitor.run())
        yield
        if expiry:
            expiry.cancel()
        await pool.close()  # ossia's own server has done so already, another ASGI server has not
        await responder.close()
        counting.cancel()
        await asyncio.wait([counting])

    apis = (
        _ollama(settings.page),
        _openai(ResponseHandlers(responder)),
        _conversations(ConversationHandlers(responder.store.conversations)),
        _rerank(),
        _anthropic(),
        _monitoring(settings.page),
    )
    apis += (_pages(),) if settings.page else ()
    unknown = _Unknown(apis)
    app = Starlette(
        routes=routes(apis, services),
        middleware=_middleware(settings, unknown.refusing, keys, monitor.uncounted.append),
        exception_handlers={HTTPException: unknown.page, Exception: unknown.failure},
        lifespan=lifespan,
    )
    full = AccessLog(RequestId(unknown.full), settings.access_log, settings.log_bodies, monitor.uncounted.append)
    app.state.guards = Guards(settings.limits, full)
    return app


def _ollama(has_pages: bool) -> Api:
    return Api(
        "Ollama",
        "/",
        ollama_errors.error,
        ollama_types.OllamaError,
        (
            Endpoint(
                "GET", "/", model_types.ROOT, pages.for_browsers("chat.html", models.root) if has_pages else models.root
            ),
            Endpoint("GET", "/openapi.json", openapi.DOCUMENT, openapi.answer),
            Endpoint("GET", "/docs", docs.PAGE, docs.answer),
            Endpoint("GET", "/api/version", model_types.VERSION, models.version),
            Endpoint("GET", "/api/tags", model_types.TAGS, models.tags),
            Endpoint("GET", "/api/ps", model_types.PS, models.ps),
            Endpoint("POST", "/api/show", model_types.SHOW, models.show),
            Endpoint("POST", "/api/copy", model_types.COPY, models.copy),
            Endpoint("DELETE", "/api/delete", model_types.DELETE, models.delete),
            Endpoint("HEAD", "/api/blobs/{digest}", model_types.HAS_BLOB, blobs.has_blob),
            Endpoint("POST", "/api/blobs/{digest}", model_types.PUT_BLOB, blobs.put_blob),
            Endpoint("POST", "/api/pull", model_types.PULL, registry.pull),
            Endpoint("POST", "/api/push", model_types.PUSH, registry.push),
            Endpoint("POST", "/api/create", model_types.CREATE, create.create),
            Endpoint("POST", "/api/chat", ollama_types.CHAT, ollama_chat.CHAT.answer),
            Endpoint("POST", "/api/generate", ollama_types.GENERATE, generate.GENERATE.answer),
            Endpoint("POST", "/api/embed", ollama_embedding_types.EMBED, embeddings.EMBED.answer),
            Endpoint(
                "POST", "/api/embeddings", ollama_embedding_types.OLD_EMBEDDINGS, embeddings.OLD_EMBEDDINGS.answer
            ),
        ),
    )


def _openai(responses: ResponseHandlers) -> Api:
    return Api(
        "OpenAI",
        "/v1/",
        openai_errors.error,
        openai_types.OpenAIError,
        (
            Endpoint("GET", "/v1/models", openai_types.MODELS, openai_models.list_models),
            Endpoint("GET", "/v1/models/{model:path}", openai_types.MODEL, openai_models.show_model),
            Endpoint("POST", "/v1/chat/completions", openai_types.CHAT_COMPLETIONS, chat.CHAT_COMPLETIONS.answer),
            Endpoint("POST", "/v1/completions", completion_types.COMPLETIONS, completions.COMPLETIONS.answer),
            Endpoint(
                "POST",
                "/v1/embeddings",
                embedding_types.EMBEDDINGS,
                openai_embeddings.EMBEDDINGS.answer,
                openai_embeddings.error,
            ),
            Endpoint("POST", "/v1/responses", response_types.CREATE, responses.create),
            Endpoint("POST", "/v1/responses/compact", response_types.COMPACT, responses.compact),
            Endpoint("POST", "/v1/responses/input_tokens", response_types.COUNT_TOKENS, responses.count_tokens),
            Endpoint("GET", "/v1/responses/{id}", response_types.RETRIEVE, responses.retrieve),
            Endpoint("DELETE", "/v1/responses/{id}", response_types.DELETE, responses.delete),
            Endpoint("GET", "/v1/responses/{id}/input_items", response_types.LIST_INPUT, responses.list_input),
            Endpoint("POST", "/v1/responses/{id}/cancel", response_types.CANCEL, responses.cancel),
        ),
    )


def _conversations(handlers: ConversationHandlers) -> Api:
    path, item = "/v1/conversations/{id}", "/v1/conversations/{id}/items/{item}"
    endpoints = (
        Endpoint("POST", "/v1/conversations", conversation_types.CREATE, handlers.create),
        Endpoint("GET", path, conversation_types.RETRIEVE, handlers.retrieve),
        Endpoint("POST", path, conversation_types.CHANGE, handlers.change),
        Endpoint("DELETE", path, conversation_types.DELETE, handlers.delete),
        Endpoint("GET", f"{path}/items", conversation_types.LIST_ITEMS, handlers.list_items),
        Endpoint("POST", f"{path}/items", conversation_types.ADD_ITEMS, handlers.add_items),
        Endpoint("GET", item, conversation_types.RETRIEVE_ITEM, handlers.retrieve_item),
        Endpoint("DELETE", item, conversation_types.REMOVE_ITEM, handlers.remove_item),
    )
    return Api("OpenAI's conversations", "/v1/conversations", openai_errors.error, openai_types.OpenAIError, endpoints)


def _rerank() -> Api:
    endpoints = tuple(Endpoint("POST", path, rerank_types.RERANK, rerank.rerank) for path in rerank.PATHS)
    return Api("Reranking", "/v1/rerank", openai_errors.error, openai_types.OpenAIError, endpoints)


def _anthropic() -> Api:
    return Api(
        "Anthropic",
        "/v1/messages",
        anthropic_errors.error,
        message_types.AnthropicError,
        (
            Endpoint("POST", "/v1/messages", message_types.MESSAGES, messages.MESSAGES.answer),
            Endpoint("POST", "/v1/messages/count_tokens", message_types.COUNT_TOKENS, messages.count_tokens),
        ),
    )


def _monitoring(has_pages: bool) -> Api:
    state = Endpoint("GET", "/status", monitoring_types.STATUS, pages.for_browsers("status.html", status.answer))
    return Api(
        "Monitoring",
        "/status",
        ollama_errors.error,
        ollama_types.OllamaError,
        (Endpoint("GET", "/metrics", monitoring_types.METRICS, scrape.answer), *([state] if has_pages else [])),
    )


def _pages() -> Api:
    files = Endpoint("GET", "/page/{file:path}", pages.FILE, pages.file)
    return Api("Pages", "/page/", ollama_errors.error, ollama_types.OllamaError, (files,))


def _middleware(settings: Settings, refusing: Refusing, keys: KeyRing, observe: Observer) -> list[Middleware]:
    origins = origin_pattern(settings.origins)
    return [
        Middleware(DirectBodies),
        Middleware(AccessLog, logs_access=settings.access_log, logs_bodies=settings.log_bodies, observe=observe),
        Middleware(RequestId),
        Middleware(Locality, access=settings.access),
        Middleware(Keys, ring=keys),
        Middleware(AccessCheck, origins=origins, hosts={*settings.access.hosts, settings.host}, refusing=refusing),
        Middleware(
            CORSMiddleware,
            allow_origin_regex=origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=[*HEADERS, "retry-after"],
            allow_private_network=True,
        ),
    ]


class _Unknown:
    """Errors outside of all endpoints, such as for an unknown path, in the format of the path's API."""

    def __init__(self, apis: Sequence[Api]) -> None:
        self._apis = sorted(apis, key=lambda api: len(api.prefix), reverse=True)

    async def page(self, request: Request, failure: Exception) -> Response:
        """Answer a request whose path or method no route has."""
        assert isinstance(failure, HTTPException)
        is_missing = failure.status_code == 404
        meant = _meant(request) if is_missing else None
        error = OssiaError("404 page not found" if is_missing else failure.detail, meant and f"did you mean {meant}?")
        error.status = failure.status_code
        await pass_over(request)
        response = self._response(request, error, meant)
        response.headers.update({"allow": _methods(request)} if error.status == 405 else failure.headers or {})
        return response

    async def failure(self, request: Request, failure: Exception) -> Response:
        """Answer a request that failed outside of all middleware."""
        response = self._response(request, presentable(failure))
        response.headers.update(id_headers())
        return response

    async def full(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Application for connections that are too many."""
        error = ServerBusy("the server has too many connections", hint="try again later")
        response = self._response(Request(scope), error)
        response.headers["connection"] = "close"
        await response(scope, receive, send)

    def refusing(self, error: OssiaError) -> ASGIApp:
        """Return an application that answers with the error."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            request = Request(scope, receive)
            await pass_over(request)
            await self._response(request, error)(scope, receive, send)

        return answer

    def _response(self, request: Request, error: OssiaError, meant: str | None = None) -> Response:
        """Return the error in the format of the API of `meant`, the path that was meant, or else of the request's."""
        path = meant or request.scope["path"]  # without a slash of OPTIONS *, CONNECT, and a whole URL in HTTP/1.0
        api = next((api for api in self._apis if path.startswith(api.prefix)), self._apis[-1])
        return Response(to_json(api.error(error)), error.status, error.headers, media_type=JSON.decode())


def _meant(request: Request) -> str | None:
    """Return the route that was probably meant by a path that no route has; None if none is like it.

    As a rule the base URL of a client is wrong: it lacks the `/v1`, or has it twice.
    """
    path = request.url.path
    known = {route.path for route in request.app.routes if route.path.count("/") > 1 and "{" not in route.path}
    if len(path) > _LONGEST_MEANT or path == "/":
        return None
    ends = [route for route in known if route.endswith(path) or path.endswith(route)]
    return min(ends, key=len) if ends else next(iter(get_close_matches(path, known, 1, 0.85)), None)


def _methods(request: Request) -> str:
    """Return the methods of all routes with the request's path; Starlette lists only those of the first."""
    path = request.url.path
    matching = [route for route in request.app.routes if route.path_regex.match(path)]
    exactly = [route for route in matching if route.path == path]
    return ", ".join(sorted({method for route in exactly or matching for method in route.methods}))
