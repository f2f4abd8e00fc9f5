"""Requests that are in progress when the server ends: each is told so, in its API's words."""

import asyncio
import json
import socket
from typing import Any

import pytest
from starlette.applications import Starlette

from ossia.config import Settings
from ossia.server.app import create_app
from ossia.server.serve import Server
from ossia.store.models import ModelStore
from ossia.types import TextDelta
from tests.api.conftest import NAME, store
from tests.doubles.scripted_engine import Hang, ScriptedEngine, pool_of
from tests.hostile.conftest import HELLO
from tests.waiting import PATIENCE

__all__ = ["store"]

BLOB = f"/api/blobs/sha256:{'a' * 64}"


def app_of(store: ModelStore) -> Starlette:
    engine = ScriptedEngine(TextDelta("one "), Hang())
    settings = Settings(models=store.root)
    return create_app(settings, store, pool_of(engine, settings))


async def test_a_second_signal_leaves_out_nothing(store: ModelStore, caplog: pytest.LogCaptureFixture) -> None:
    """The application was not told of the end, so that its stores were not closed, and a traceback was logged."""

    async def begin() -> None:
        begun.set()

    begun = asyncio.Event()
    settings = Settings(models=store.root)
    pool = pool_of(ScriptedEngine(), settings)
    server = Server(create_app(settings, store, pool), pool)
    server.background = begin
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(server.serve([listening]))
        await asyncio.wait_for(begun.wait(), PATIENCE)
        server.should_exit = server.force_exit = True
        await asyncio.wait_for(serving, PATIENCE)
    assert server.lifespan.shutdown_event.is_set()  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]
    assert "Traceback" not in caplog.text


async def cut_short(app: Starlette, path: str, *pieces: bytes, after: int = 0) -> list[dict[str, Any]]:
    """Send the beginning of a request, cancel it after so many messages of its answer, and return all messages."""
    sent: list[dict[str, Any]] = []
    coming = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces[:-1]]
    coming += [{"type": "http.request", "body": piece, "more_body": not after} for piece in pieces[-1:]]
    reached = asyncio.Event()

    async def receive() -> Any:
        if coming:
            return coming.pop(0)
        if not after:
            reached.set()
        return await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)
        if len(sent) == after:
            reached.set()

    headers = [(b"host", b"localhost")]
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers}
    scope |= {"http_version": "1.1", "scheme": "http", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2)}
    request = asyncio.create_task(app(scope, receive, send))
    await asyncio.wait_for(reached.wait(), PATIENCE)
    request.cancel()
    await asyncio.wait_for(request, PATIENCE)
    return sent


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/api/chat", ("error",)),
        ("/api/pull", ("error",)),
        (BLOB, ("error",)),
        ("/v1/chat/completions", ("error", "message")),
        ("/v1/responses", ("error", "message")),
        ("/v1/messages", ("error", "message")),
    ],
)
async def test_half_a_body_is_answered(store: ModelStore, path: str, where: tuple[str, ...]) -> None:
    start, *bodies = await cut_short(app_of(store), path, b"{", b" ")
    body: Any = json.loads(b"".join(each["body"] for each in bodies))
    for name in where:
        body = body[name]
    assert start["status"] == 503
    assert body.startswith("the server is shutting down")


@pytest.mark.parametrize(
    ("path", "end"),
    [("/api/chat", b"\n"), ("/v1/chat/completions", b"data: [DONE]\n\n"), ("/v1/messages", b"}\n\n")],
)
async def test_a_stream_ends_with_an_error(store: ModelStore, path: str, end: bytes) -> None:
    body = json.dumps({"model": NAME, "messages": HELLO, "stream": True, "max_tokens": 9}).encode()
    start, *bodies = await cut_short(app_of(store), path, body, after=2)
    text = b"".join(each["body"] for each in bodies)
    assert start["status"] == 200
    assert b"one" in text or b"message_start" in text
    assert b"the server is shutting down" in text
    assert text.endswith(end)
    assert bodies[-1] == {"type": "http.response.body", "body": b""}
