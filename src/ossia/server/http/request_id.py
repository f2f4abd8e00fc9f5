"""An id for every request: in two headers of its response, and in the errors of some protocols.

The SDKs of Anthropic look for it in `request-id`, those of OpenAI in `x-request-id`. The id is in a context variable of
the request's task.
"""

import uuid
from contextvars import ContextVar
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Final = ("request-id", "x-request-id")

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """Return the id of the request that this task answers; "" if there is none."""
    return _request_id.get()


def id_headers() -> dict[str, str]:
    """Return the headers that tell the id of the request that this task answers."""
    return dict.fromkeys(HEADERS, current_request_id())


class RequestId:
    """Middleware that gives each request its id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _request_id.set(f"req_{uuid.uuid4().hex}")
        headers = id_headers()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        await self._app(scope, receive, send_with_id)
