"""Clients that leave, connections that stay silent, and who may connect at all."""

import asyncio
import http.client
import json
import logging
import socket
import threading
from typing import Any

import pytest

from ossia.config import Settings
from ossia.errors import OssiaError
from ossia.server.app import create_app
from ossia.server.http import stream
from ossia.server.listen import listen
from ossia.server.serve import Server
from ossia.store.models import ModelStore
from ossia.types import TextDelta
from tests.api.conftest import NAME, Api
from tests.doubles.scripted_engine import DONE, Hang, ScriptedEngine, pool_of
from tests.waiting import PATIENCE, wait_until

MESSAGES: Any = [{"role": "user", "content": "Hello"}]
PATHS = ["/api/chat", "/v1/chat/completions"]


def begin(api: Api, path: str, stream: bool) -> http.client.HTTPConnection:
    connection = api.connect()
    connection.request("POST", path, json.dumps({"model": NAME, "messages": MESSAGES, "stream": stream}))
    return connection


@pytest.mark.parametrize("path", PATHS)
def test_a_client_that_leaves_in_mid_stream_aborts_the_engine(api: Api, path: str) -> None:
    api.say(TextDelta("Hi"), Hang())
    connection = begin(api, path, stream=True)
    response = connection.getresponse()
    response.readline()
    response.close()
    connection.close()
    assert api.engine.aborted.wait(PATIENCE)
    api.say(DONE)
    assert api.post(path, messages=MESSAGES).status == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_before_the_first_byte_aborts_the_engine(api: Api, path: str, stream: bool) -> None:
    api.say(*([] if stream else [TextDelta("Hi")]), Hang())
    connection = begin(api, path, stream)
    assert api.engine.started.wait(PATIENCE)
    connection.close()
    assert api.engine.aborted.wait(PATIENCE)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("stream", [True, False])
def test_the_end_of_an_answer_is_no_client_that_leaves(
    api: Api, path: str, stream: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    api.say(TextDelta("Hi"), DONE)
    for _ in range(2):  # when the second is answered, all that the first one started has ended
        assert api.post(path, messages=MESSAGES, stream=stream).status == 200
    assert "the client closed the connection" not in caplog.text


def test_a_client_that_stops_reading_and_leaves_aborts_the_engine(api: Api) -> None:
    """The server is stuck in sending, not in the engine."""
    api.say(*[TextDelta("x" * 100_000)] * 200, DONE)
    connection = begin(api, "/api/chat", stream=True)
    connection.getresponse().readline()
    assert not api.engine.aborted.is_set()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # close with a reset
    connection.sock.close()
    connection.close()
    assert api.engine.aborted.wait(PATIENCE)


def models(api: Api) -> set[str]:
    return {model["name"] for model in api.request("GET", "/api/tags").json["models"]}


def test_a_change_is_carried_out_for_a_client_that_leaves_at_once(api: Api) -> None:
    for method, path, body, left in (
        ("POST", "/api/copy", {"source": NAME, "destination": "mine"}, {NAME, "mine:latest"}),
        ("DELETE", "/api/delete", {"model": NAME}, {"mine:latest"}),
    ):
        connection = api.connect()
        connection.request(method, path, json.dumps(body))
        connection.close()
        wait_until(lambda left=left: models(api) == left)


def test_a_silent_event_stream_is_kept_open_by_comments(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "KEEP_ALIVE_SECONDS", 0.02)
    api.say(Hang())
    connection = begin(api, "/v1/chat/completions", stream=True)
    response = connection.getresponse()
    assert response.status == 200
    assert [response.readline(), response.readline()] == [b": keep-alive\n", b"\n"]
    response.close()
    connection.close()


async def test_comments_end_with_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may follow the end of a response: the connection may carry another one by then."""
    monkeypatch.setattr(stream, "KEEP_ALIVE_SECONDS", 0)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async with stream.Reply({}, send, lambda error: {}, stream.SSE).stream():
        await asyncio.sleep(0.01)
    assert {"type": "http.response.body", "body": b": keep-alive\n\n", "more_body": True} in sent
    del sent[:-1]
    await asyncio.sleep(0.01)
    assert sent == [{"type": "http.response.body", "body": b""}]


def test_ndjson_has_no_comments(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "KEEP_ALIVE_SECONDS", 0.01)
    api.say(*[TextDelta("x")] * 5, DONE)
    assert len(api.post("/api/chat", messages=MESSAGES).lines) == 6


def test_the_default_address_is_reached_by_either_protocol() -> None:
    sockets = listen("127.0.0.1", 0)
    port = sockets[0].getsockname()[1]
    try:
        assert [each.getsockname()[:2] for each in sockets[:1]] == [("127.0.0.1", port)]
        assert [each.getsockname()[:2] for each in sockets[1:]] == ([("::1", port)] if has_ipv6() else [])
        with pytest.raises(OssiaError, match=f"port {port} of 127.0.0.1 is in use") as caught:
            listen("127.0.0.1", port)
        assert "OLLAMA_HOST" in (caught.value.hint or "")
    finally:
        for each in sockets:
            each.close()


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def test_an_address_that_is_not_here() -> None:
    with pytest.raises(OssiaError, match=r"cannot listen on 192\.0\.2\.1:0"):
        listen("192.0.2.1", 0)


def test_shutting_down_ends_open_answers_in_good_form(store: ModelStore) -> None:
    engine = ScriptedEngine(TextDelta("Hi"), Hang())
    pool = pool_of(engine)
    listening = socket.create_server(("127.0.0.1", 0))
    running = Server(create_app(Settings(), store, pool), pool)
    thread = threading.Thread(target=running.run, args=([listening],))
    thread.start()
    api = Api(f"http://127.0.0.1:{listening.getsockname()[1]}", engine, [])
    connection = begin(api, "/api/chat", stream=True)
    response = connection.getresponse()
    response.readline()
    running.should_exit = True
    assert json.loads(response.readline()) == {"error": "the model was unloaded"}
    assert response.read() == b""
    thread.join(timeout=PATIENCE)
    assert not thread.is_alive()
    assert engine.closed
    connection.close()


def test_the_request_stays_open_while_the_engine_works(api: Api) -> None:
    """The watch for a client that leaves takes nothing away from one that waits."""
    api.say(Hang())
    connection = begin(api, "/api/chat", stream=False)
    assert api.engine.started.wait(PATIENCE)
    assert not api.engine.aborted.wait(0.1)
    connection.close()
    wait_until(api.engine.aborted.is_set)
