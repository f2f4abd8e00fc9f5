"""HTTP as bytes on the socket of the real server: versions, bodies and offers that its two parsers take differently."""

import json
import socket
import threading
from collections.abc import Iterator

import pytest

from ossia.config import Settings
from ossia.server.app import create_app
from ossia.server.serve import Server
from ossia.store.models import ModelStore
from ossia.types import TextDelta
from tests.api.conftest import NAME
from tests.doubles.scripted_engine import DONE, ScriptedEngine, pool_of
from tests.waiting import PATIENCE

HELLO = {"model": NAME, "messages": [{"role": "user", "content": "Hello"}]}
WHOLE = json.dumps(HELLO | {"stream": False}).encode()
STREAM = json.dumps(HELLO).encode()
LONG = json.dumps(HELLO | {"stream": False, "messages": [{"role": "user", "content": "Hello" * 60_000}]}).encode()
OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n"
"""The offer of Java's HTTP client: to go on in HTTP/2."""


@pytest.fixture
def port(store: ModelStore, stopping: list[threading.Thread]) -> Iterator[int]:
    """Port of a server whose model always says the same."""
    pool = pool_of(ScriptedEngine(TextDelta("Hi"), TextDelta("."), DONE))
    server = Server(create_app(Settings(), store, pool), pool)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    stopping.append(thread)
    yield listening.getsockname()[1]
    server.should_exit = True


def post(body: bytes, headers: bytes = b"", version: bytes = b"1.1") -> bytes:
    length = b"" if b"chunked" in headers else b"Content-Length: %d\r\n" % len(body)
    return b"POST /api/chat HTTP/%b\r\nHost: localhost\r\n%b%b\r\n%b" % (version, length, headers, body)


def chunked(body: bytes) -> bytes:
    return b"5\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (body[:5], len(body) - 5, body[5:])


def answers(port: int, *pieces: bytes) -> list[tuple[bytes, bytes]]:
    """Heads and bodies of all answers to what is sent, until the server closes. Reads no chunks."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        for piece in pieces:
            connection.sendall(piece)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    return [
        (head, body) for head, _, body in (part.partition(b"\r\n\r\n") for part in received.split(b"HTTP/1.1 ")[1:])
    ]


CLOSE = b"Connection: close\r\n"
LAST = b"GET /api/version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
REQUESTS = {
    "a length": [post(WHOLE), LAST],
    "chunks": [post(chunked(WHOLE), b"Transfer-Encoding: chunked\r\n"), LAST],
    "pieces": [*(bytes([byte]) for byte in post(WHOLE)), LAST],
    "an offer of HTTP/2": [post(WHOLE, OFFER), LAST],
    "an offer of HTTP/2, its body later": [post(WHOLE, OFFER)[:-20], post(WHOLE, OFFER)[-20:], LAST],
    "an offer of HTTP/2, in chunks": [post(chunked(WHOLE), OFFER + b"Transfer-Encoding: chunked\r\n"), LAST],
    "an offer of HTTP/2, in pieces": [*(bytes([byte]) for byte in post(WHOLE, OFFER)), LAST],
    "two offers of HTTP/2": [post(WHOLE, OFFER) + post(WHOLE, OFFER), LAST],
    "an offer of HTTP/2 after a request without one": [post(WHOLE) + post(WHOLE, OFFER), LAST],
    "an offer of HTTP/2 with a long body": [post(LONG, OFFER), LAST],
    "an offer of HTTP/2, after which nothing is reused": [post(WHOLE, OFFER) + post(WHOLE) + post(WHOLE, OFFER), LAST],
    "an offer of a web socket": [post(WHOLE, b"Connection: Upgrade\r\nUpgrade: websocket\r\n"), LAST],
}


@pytest.mark.parametrize("pieces", REQUESTS.values(), ids=REQUESTS.keys())
def test_a_body_is_read_however_it_comes(port: int, pieces: list[bytes]) -> None:
    *bodies, version = [body for _, body in answers(port, *pieces)]
    assert [json.loads(body)["message"]["content"] for body in bodies] == ["Hi."] * b"".join(pieces).count(b"POST")
    assert json.loads(version).keys() == {"version"}


def test_an_offer_of_http_2_may_end_the_connection(port: int) -> None:
    ((_, body),) = answers(port, post(WHOLE, OFFER.replace(b"Upgrade, ", b"Upgrade, close, ")))
    assert json.loads(body)["message"]["content"] == "Hi."


@pytest.mark.parametrize("headers", [b"", b"Connection: keep-alive\r\n"])
def test_a_stream_over_http_1_0_has_no_chunks_and_ends_with_the_connection(port: int, headers: bytes) -> None:
    ((head, body),) = answers(port, post(STREAM, headers, version=b"1.0"))
    assert b"transfer-encoding" not in head.lower()
    assert [json.loads(line)["message"]["content"] for line in body.splitlines()] == ["Hi", ".", ""]


def test_a_stream_over_http_1_1_has_chunks(port: int) -> None:
    ((head, _),) = answers(port, post(STREAM, CLOSE))
    assert b"transfer-encoding: chunked" in head.lower()


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01\x02\x00\x01\x00", b"hello\r\n\r\n", post(b"x", b"Content-Length: 2\r\n")]
)
def test_what_is_no_http_is_answered_and_ends_the_connection(port: int, sent: bytes) -> None:
    ((head, body),) = answers(port, sent)
    assert head.startswith(b"400 ")
    assert json.loads(body)["error"].startswith("what was sent is not a request in valid HTTP")
