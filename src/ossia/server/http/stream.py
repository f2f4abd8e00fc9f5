"""Chunks on the wire: NDJSON or server-sent events, errors before and after the first byte, clients that leave.

The status line waits for the first chunk, so that what fails before it is an HTTP status. What fails later is a last
event in the protocol's own words. A client that leaves cancels everything it started, wherever that is waiting.
"""

import asyncio
import json
import logging
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from starlette.types import Receive, Send

from ossia.errors import OssiaError

logger = logging.getLogger(__name__)

KEEP_ALIVE_SECONDS = 15.0

Chunk = dict[str, Any]


class ClientGone(Exception):
    """The connection was closed by the other side."""


_encoder = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, separators=(",", ":")
)  # json.dumps makes one each time


_LINE_END = re.compile("[\x85\u2028\u2029]")
_LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}
"""Unicode's own, at which some clients (httpx's `iter_lines`, and so Ollama's for Python) end a line of a stream."""


def to_json(value: Any) -> bytes:
    text = _encoder.encode(value)
    if not text.isascii() and _LINE_END.search(text):
        text = text.translate(_LINE_ENDS)
    return text.encode("utf-8", "replace")


def _ndjson(chunk: Chunk) -> bytes:
    return to_json(chunk) + b"\n"


def _data(chunk: Chunk) -> bytes:
    return b"data: " + to_json(chunk) + b"\n\n"


def _named(chunk: Chunk) -> bytes:
    return b"event: %b\n" % chunk["type"].encode() + _data(chunk)


@dataclass(frozen=True, slots=True)
class Framing:
    """How chunks follow each other. `comment` is what may be sent while there is nothing to say, if anything may."""

    content_type: bytes
    frame: Callable[[Chunk], bytes]
    end: bytes = b""
    comment: bytes = b""


NDJSON = Framing(b"application/x-ndjson", _ndjson)
SSE = Framing(b"text/event-stream", _data, end=b"data: [DONE]\n\n", comment=b": keep-alive\n\n")
NAMED_SSE = Framing(b"text/event-stream", _named, comment=b": keep-alive\n\n")
"""Every chunk has a `type`, which names its event, and the last one is the end."""


class Reply:
    """One HTTP response, whose status is open until the first byte of its body."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def write(self, data: bytes, framing: Framing) -> None:
        """Send a piece of a stream, after the headers if it is the first."""
        if not self.started:
            await self._start(200, [(b"content-type", framing.content_type), (b"cache-control", b"no-cache")])
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self) -> None:
        await self._send({"type": "http.response.body", "body": b""})

    async def whole(self, status: int, content: Chunk) -> None:
        """Send all of a response that is no stream."""
        data = to_json(content)
        length = str(len(data)).encode()
        await self._start(status, [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", length)])
        await self._send({"type": "http.response.body", "body": data})

    async def _start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.started = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})


async def send_whole(chunks: AsyncGenerator[Chunk], error: Callable[[OssiaError], Chunk], reply: Reply) -> None:
    """Send the only chunk as the response's body."""
    try:
        async with aclosing(chunks):
            content = await anext(chunks)
    except Exception as failure:
        shown = presentable(failure)
        await reply.whole(shown.status, error(shown))
    else:
        await reply.whole(200, content)


async def send_stream(
    chunks: AsyncGenerator[Chunk], framing: Framing, error: Callable[[OssiaError], Chunk], reply: Reply
) -> None:
    """Send the chunks as they come. While none comes, a comment now and then keeps the connection open.

    The first comment sends the headers too: from then on an error can only be an event.
    """
    comments = asyncio.create_task(_keep_alive(framing, reply)) if framing.comment else None
    try:
        async with aclosing(chunks):
            async for chunk in chunks:
                await reply.write(framing.frame(chunk), framing)
        await reply.write(framing.end, framing)
    except Exception as failure:
        shown = presentable(failure)
        if not reply.started:
            await reply.whole(shown.status, error(shown))
            return
        await reply.write(framing.frame(error(shown)) + framing.end, framing)
    finally:
        if comments is not None:
            comments.cancel()
    await reply.end()


async def _keep_alive(framing: Framing, reply: Reply) -> None:
    while True:
        await asyncio.sleep(KEEP_ALIVE_SECONDS)
        await reply.write(framing.comment, framing)


async def until_gone(receive: Receive, work: Awaitable[None]) -> None:
    """Run `work`, which raises nothing; cancel it when the client leaves. The request's body must have been read."""
    try:
        async with asyncio.TaskGroup() as group:
            watcher = group.create_task(_raise_when_gone(receive))
            await work
            watcher.cancel()
    except* ClientGone:
        logger.info("the client closed the connection; its request was aborted")


async def _raise_when_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    raise ClientGone


def presentable(failure: Exception) -> OssiaError:
    """The error to show for a failure: itself, or for a bug of ours a plain word, with the traceback in the log."""
    if isinstance(failure, OssiaError):
        return failure
    logger.error("unexpected error", exc_info=failure)
    return OssiaError("internal error", hint="the server's log has the details")
