"""Reply: a response on the wire, as a whole body, NDJSON or server-sent events.

The status is sent with the first chunk, so a failure before it becomes an HTTP status. A later failure becomes the last
event, in the API's own format. This module knows no protocol.
"""

import asyncio
import json
import logging
import re
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from ossia.errors import InternalError, OssiaError, ServerBusy
from ossia.server.http.access_log import record_of

logger = logging.getLogger(__name__)

KEEP_ALIVE_SECONDS = 15.0

Chunk = dict[str, Any]
"""JSON object of an answer."""

JSON: Final = b"application/json; charset=utf-8"

_encode = msgspec.json.Encoder().encode
_LINE_END = re.compile(b"\xc2\x85|\xe2\x80\xa8|\xe2\x80\xa9")
_LINE_ENDS = {b"\xc2\x85": b"\\u0085", b"\xe2\x80\xa8": b"\\u2028", b"\xe2\x80\xa9": b"\\u2029"}
"""Unicode's line ends, where some clients split lines: httpx's `iter_lines`, and with it Ollama's Python client."""


def to_json(value: Any) -> bytes:
    """Encode a value as UTF-8 JSON without line ends."""
    try:
        data = _encode(value)
    except UnicodeEncodeError:  # a lone surrogate, which UTF-8 cannot encode
        data = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return data if data.isascii() else _LINE_END.sub(lambda found: _LINE_ENDS[found[0]], data)


def _ndjson(chunk: Chunk) -> bytes:
    return to_json(chunk) + b"\n"


def _data(chunk: Chunk) -> bytes:
    return b"data: " + to_json(chunk) + b"\n\n"


def _named(chunk: Chunk) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (chunk["type"].encode(), to_json(chunk))


@dataclass(frozen=True, slots=True)
class Framing:
    """Format of a stream. `comment`, if the format has one, keeps an idle connection open."""

    content_type: bytes
    frame: Callable[[Chunk], bytes]
    end: bytes = b""
    comment: bytes = b""


NDJSON = Framing(b"application/x-ndjson", _ndjson)
SSE = Framing(b"text/event-stream", _data, end=b"data: [DONE]\n\n", comment=b": keep-alive\n\n")
NAMED_SSE = Framing(b"text/event-stream", _named, comment=b": keep-alive\n\n")
"""Server-sent events, each named by its chunk's `type`; the last chunk ends the stream."""


class DirectBodies:
    """Outermost middleware, which lets the bodies of replies bypass all other middlewares.

    These only act on the start of a response, but would each cost a call for every token.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[_DIRECT] = send
        await self._app(scope, receive, send)


_DIRECT: Final = "ossia.send"


class Reply:
    """One HTTP response: a whole body, or a stream. Its status is decided when the first byte is sent.

    `started` is true from its first byte on, `ended` from its last one. `error` turns a failure into the API's body
    for it. `framing` is the format of the stream, if there may be one.
    """

    def __init__(
        self, scope: Scope, send: Send, error: Callable[[OssiaError], Chunk], framing: Framing | None = None
    ) -> None:
        self._scope = scope
        self._send_start = send
        self._send: Send = scope.get(_DIRECT, send)
        self._error = error
        self._framing = framing
        self.started = False
        self.ended = False

    async def whole(self, content: Chunk, status: int = 200, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        """Send a JSON body."""
        await self.body(to_json(content), JSON, status, headers)

    async def body(
        self, data: bytes, content_type: bytes, status: int = 200, headers: Iterable[tuple[bytes, bytes]] = ()
    ) -> None:
        """Send a body of any type."""
        length = (b"content-length", str(len(data)).encode())
        await self._start(status, [(b"content-type", content_type), length, *headers])
        await self._finish(data)

    async def empty(self, status: int = 200) -> None:
        await self._start(status, [(b"content-length", b"0")])
        await self._finish(b"")

    @asynccontextmanager
    async def stream(self, error: Callable[[OssiaError], Chunk] | None = None) -> AsyncGenerator["Reply"]:
        """Make the reply a stream, to `write` to. While nothing is written, comments keep the connection open.

        The first comment also sends the headers: from then on an error can only be an event. `error` replaces the API's
        format of errors.
        """
        self._error = error or self._error
        framing = self._framing
        assert framing is not None, "the operation says how it streams"
        comments = asyncio.create_task(self._keep_alive(framing)) if framing.comment else None
        try:
            yield self
        finally:
            if comments is not None:
                comments.cancel()
        await self._end(framing)

    async def write(self, chunks: Iterable[Chunk]) -> None:
        """Send chunks of the stream, preceded by the headers if they are the first."""
        framing = self._framing  # `_write` is written out here, since a token should cost few calls
        assert framing is not None, "the operation says how it streams"
        if data := b"".join(map(framing.frame, chunks)):
            if not self.started:
                await self._begin(framing)
            await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def fail(self, failure: Exception, close: bool = False) -> None:
        """Report a failure: by the status if nothing was sent yet, otherwise as the last event of the stream.

        With `close` the connection is closed afterwards, for example because the rest of a body may still come.
        """
        record_of(self._scope).error = type(failure).__name__
        shown = presentable(failure)
        if not self.started:
            headers = [(name.lower().encode(), value.encode()) for name, value in shown.headers.items()]
            await self.whole(self._error(shown), shown.status, headers + [(b"connection", b"close")] * close)
        elif framing := self._framing:
            await self._write(framing.frame(self._error(shown)), framing)
            await self._end(framing)

    async def _end(self, framing: Framing) -> None:
        await self._write(framing.end, framing)
        await self._finish(b"")

    async def _write(self, data: bytes, framing: Framing) -> None:
        if not self.started:
            await self._begin(framing)
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def _begin(self, framing: Framing) -> None:
        await self._start(200, [(b"content-type", framing.content_type), (b"cache-control", b"no-cache")])

    async def _keep_alive(self, framing: Framing) -> None:
        while True:
            await asyncio.sleep(KEEP_ALIVE_SECONDS)
            await self._write(framing.comment, framing)

    async def _finish(self, data: bytes) -> None:
        self.ended = True
        await self._send({"type": "http.response.body", "body": data})

    async def _start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.started = True
        await self._send_start({"type": "http.response.start", "status": status, "headers": headers})


def presentable(failure: Exception) -> OssiaError:
    """Return the error to show for a failure. A bug of ours is shown as "internal error"; the log has its traceback."""
    if isinstance(failure, OssiaError):
        return failure
    logger.error("unexpected error", exc_info=failure)
    if isinstance(failure, MemoryError):
        return ServerBusy("the server is out of memory", hint="send less at once, or try again later")
    return InternalError()
