"""An id for every request: in two headers of its response, and in the errors of some protocols.

The SDKs of Anthropic look for it in `request-id`, those of OpenAI in `x-request-id`. The id is in a context variable of
the request's task.
"""

import uuid
from contextvars import ContextVar

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """Return the id of the request that this task answers; "" if there is none."""
    return _request_id.get()


class RequestId:
    """Middleware that gives each request its id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = f"req_{uuid.uuid4().hex}"
        _request_id.set(request_id)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update({"request-id": request_id, "x-request-id": request_id})
            await send(message)

        await self._app(scope, receive, send_with_id)
