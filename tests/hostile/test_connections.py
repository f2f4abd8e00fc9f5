"""Connections: heads that never end, connections that say nothing, too many of them, and no descriptors for more."""

import gc
import json
import os
import re
import resource
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from ossia.config import Settings
from ossia.server import serve
from ossia.server.http.connection import MOST_AT_ONCE
from ossia.server.http.guard import LARGEST_HEAD, Seldom
from ossia.store.models import ModelStore
from tests.api.conftest import NAME, store
from tests.clients.conftest import answers, running_server
from tests.doubles.scripted_engine import Hang
from tests.hostile.conftest import HELLO, Attack, answer_of, is_closed, message_of, post_head
from tests.waiting import PATIENCE, wait_until

__all__ = ["store"]

GET = b"GET /api/version HTTP/1.1\r\nHost: localhost\r\n\r\n"
MANY = 8


# Their time


@pytest.mark.parametrize(
    "beginning",
    [b"G", b"GET /api/tags HTTP/1.1\r\nHost: loc", GET[:-2], b"GET / HTTP/1.0\r\nHo"],
    ids=["a letter", "a line", "all but the end", "of HTTP/1.0"],
)
def test_a_head_that_stops_ends_with_an_error(server: Attack, beginning: bytes) -> None:
    attacked = server(header_seconds=0.3)
    begun = attacked.begin()
    slow = attacked.attack(beginning)
    attacked.finish(begun)
    attacked.serves_others()
    answer = answer_of(slow)
    assert answer.status == 408
    assert "OSSIA_HEADER_TIMEOUT" in answer.json["error"]
    assert is_closed(slow)


def test_a_head_that_trickles_ends_too(server: Attack) -> None:
    """The time is for the whole head: a byte now and then does not help."""
    slow = server(header_seconds=0.5).attack(GET[:-2])
    slow.settimeout(0.05)

    def is_refused() -> bool:
        slow.sendall(b"X: y\r\n")
        try:
            return slow.recv(12) == b"HTTP/1.1 408"
        except TimeoutError:
            return False

    wait_until(is_refused)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (b"", b""),
        (b"", b"\r\n"),
        (GET, b"\r\n"),
        (GET, b"GET"),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", b"G"),
    ],
    ids=["nothing", "a line end", "a line end after an answer", "half a head after an answer", "the same in HTTP/1.0"],
)
def test_a_connection_that_says_no_more_is_closed(server: Attack, first: bytes, second: bytes) -> None:
    attacked = server(header_seconds=0.3)
    silent = attacked.attack(first)
    if first:
        assert answer_of(silent).status == 200
    with suppress(ConnectionError):  # HTTP/1.0 knows no second request
        silent.sendall(second)
        data = b"".join(iter(lambda: silent.recv(65536), b""))
        assert data[:13] in (b"", b"HTTP/1.1 408 ")


def test_the_rest_of_an_answered_body_holds_no_connection(server: Attack) -> None:
    attacked = server(header_seconds=0.3)
    early = attacked.attack(post_head("/nowhere", "Content-Length: 1000") + b"x")
    assert answer_of(early).status == 404
    early.sendall(b"x")
    assert is_closed(early)


def test_a_request_that_is_answered_slowly_is_not_timed(server: Attack) -> None:
    """The server's own time is not the client's."""
    attacked = server(header_seconds=0.2, body_seconds=0.2)
    begun = attacked.begin()
    silent = attacked.attack()
    assert is_closed(silent)  # so much time has passed
    attacked.finish(begun)


# Their size


@pytest.mark.parametrize(
    "beginning",
    [
        b"GET /" + b"x" * LARGEST_HEAD,
        b"GET / HTTP/1.1\r\nX: " + b"x" * LARGEST_HEAD,
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * (LARGEST_HEAD // 6 + 1),
        GET + b"GET / HTTP/1.1\r\nX: " + b"x" * 8 * LARGEST_HEAD,
    ],
    ids=["a path", "a header", "headers", "a second head"],
)
def test_a_head_without_an_end_is_not_kept(server: Attack, beginning: bytes) -> None:
    attacked = server()
    begun = attacked.begin()
    endless = attacked.attack()
    try:
        endless.sendall(beginning)
        while b"HTTP/1.1 431 " not in endless.recv(65536):
            pass
    except ConnectionError:
        pass  # refused while it was still sent
    attacked.finish(begun)
    attacked.serves_others()


def test_large_heads_that_end_are_taken(server: Attack) -> None:
    attacked = server()
    assert attacked.request("GET", "/api/version", headers={"X": "x" * (LARGEST_HEAD // 2)}).status == 200


CHUNKED = post_head("/api/chat", "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n"


@pytest.mark.parametrize(
    "endless",
    [
        CHUNKED + b"X: y\r\n" * LARGEST_HEAD,
        CHUNKED + b"X: " + b"y" * 8 * LARGEST_HEAD,
        CHUNKED[:-3] + b"2;" + b"y" * 8 * LARGEST_HEAD,
    ],
    ids=["trailers", "a trailer", "what is said of a chunk"],
)
def test_what_follows_a_chunk_without_an_end_is_not_kept(server: Attack, endless: bytes) -> None:
    attacked = server()
    connection = attacked.attack()
    with suppress(ConnectionError):
        connection.sendall(endless)
        assert connection.recv(1) == b""
    attacked.serves_others()


def test_a_head_without_an_end_behind_a_request_is_not_kept(server: Attack) -> None:
    attacked, data = server(), json.dumps({"model": NAME, "messages": HELLO}).encode()
    attacked.engine.script = (Hang(),)
    endless = attacked.attack(post_head("/api/chat", f"Content-Length: {len(data)}") + data)
    assert attacked.engine.started.wait(PATIENCE)
    with suppress(ConnectionError):
        endless.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 8 * LARGEST_HEAD)
    assert attacked.engine.aborted.wait(PATIENCE)


@pytest.mark.parametrize(
    "trailer", [b"X-Forwarded-For: 192.0.2.1", b"Origin: http://evil.example", b"Host: evil.example"]
)
def test_trailers_are_no_headers(server: Attack, trailer: bytes) -> None:
    """A proxy that passes them on has written its own fields before the body came."""
    head = post_head("/api/delete", "Transfer-Encoding: chunked").replace(b"POST", b"DELETE")
    body = b'10\r\n{"model": "no"} \r\n0\r\n'
    answer = answer_of(server().attack(head + body + trailer + b"\r\n\r\n"))
    assert answer.status == 404
    assert "not found" in answer.json["error"]


# Their number


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HT", GET, post_head("/api/chat", "Content-Length: 9") + b"{", post_head("/api/blobs/x") + b"x"],
    ids=["nothing", "half a head", "a request", "half a body", "an error"],
)
def test_connections_that_wait_for_their_clients_make_room(server: Attack, sent: bytes) -> None:
    attacked = server(connections=MANY)
    begun = attacked.begin()
    waiting = [attacked.attack(sent) for _ in range(5 * MANY)]
    attacked.finish(begun)
    wait_until(lambda: attacked.request("GET", "/").status == 200)  # for a moment, all of them may be being answered
    attacked.serves_others()
    still_open = 0
    for each in waiting:
        each.setblocking(False)
        try:
            while each.recv(65536):
                pass
        except BlockingIOError:
            still_open += 1
        except ConnectionError:
            pass
    assert still_open < MANY


@pytest.mark.parametrize("path", ["/api/tags", "/v1/models", "/v1/messages"])
def test_when_all_are_answered_the_next_one_is_told(server: Attack, path: str) -> None:
    attacked, data = server(connections=MANY), json.dumps({"model": NAME, "messages": HELLO}).encode()
    attacked.engine.released.clear()
    request = post_head("/api/chat", f"Content-Length: {len(data)}") + data
    busy = [attacked.attack(request) for _ in range(MANY)]
    wait_until(lambda: len(attacked.engine.requests) == MANY)
    answer = attacked.request("GET", path)
    assert answer.status == 503
    assert message_of(path, answer).startswith("the server has too many connections")
    assert answer.headers["connection"] == "close"
    assert (answer.headers["x-request-id"] or "").startswith("req_")
    attacked.engine.released.set()
    assert {answer_of(each).status for each in busy} == {200}
    attacked.serves_others()


# Several requests without waiting for answers


@pytest.mark.parametrize("behind", [1, 3, MOST_AT_ONCE - 1])
@pytest.mark.parametrize("stream", [True, False])
def test_who_leaves_with_requests_behind_the_one_that_is_answered_ends_it(
    server: Attack, behind: int, stream: bool
) -> None:
    attacked, data = server(), json.dumps({"model": NAME, "messages": HELLO, "stream": stream}).encode()
    attacked.engine.script = (Hang(),)
    leaving = attacked.attack(post_head("/api/chat", f"Content-Length: {len(data)}") + data + GET * behind)
    assert attacked.engine.started.wait(PATIENCE)
    leaving.close()
    assert attacked.engine.aborted.wait(PATIENCE)


@pytest.mark.parametrize(
    "more", [GET, b"HEAD /x HTTP/1.1\r\n\r\n", post_head("/api/chat", "Content-Length: 2") + b"{}"]
)
def test_requests_that_wait_on_one_connection_are_bounded(server: Attack, more: bytes) -> None:
    attacked, data = server(), json.dumps({"model": NAME, "messages": HELLO}).encode()
    attacked.engine.script = (Hang(),)
    flooding = attacked.attack(post_head("/api/chat", f"Content-Length: {len(data)}") + data)
    assert attacked.engine.started.wait(PATIENCE)
    with suppress(ConnectionError):  # closed while it was still sent
        flooding.sendall(more * MOST_AT_ONCE)
        while flooding.recv(65536):
            pass
    assert attacked.engine.aborted.wait(PATIENCE)


def test_a_few_requests_at_once_are_answered_in_their_order(server: Attack) -> None:
    last = GET.replace(b"Host", b"Connection: close\r\nHost")
    several = server().attack(GET + post_head("/api/show", "Content-Length: 2") + b"{}" + last)
    data = b"".join(iter(lambda: several.recv(65536), b""))
    assert re.findall(rb"HTTP/1.1 (\d+)", data) == [b"200", b"400", b"200"]


# Targets that are no paths


@pytest.mark.parametrize(
    "line",
    [
        "OPTIONS * HTTP/1.1",
        "OPTIONS * HTTP/1.0",
        "CONNECT localhost:80 HTTP/1.1",
        "GET http://localhost/api/version HTTP/1.0",
        "POST http://localhost/v1/messages HTTP/1.0",
        "GET /api/version%0a HTTP/1.1",
        "DELETE /api/delete%0A HTTP/1.1",
        "GET /v1/responses/resp_1/input_items%0a HTTP/1.1",
    ],
)
@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_a_target_that_is_no_path_is_an_error_of_the_client(server: Attack, line: str, host: str) -> None:
    answer = answer_of(server().attack(f"{line}\r\nHost: {host}\r\n\r\n".encode()))
    assert answer.status == (404 if host == "localhost" else 403)
    is_meant = host == "localhost" and "/v1/messages" in line  # the route is guessed, and its API's shape taken
    assert message_of("/v1/messages" if is_meant else "/", answer)


# Descriptors


def test_descriptors_that_run_out_fill_no_log_and_come_back(tmp_path: Path) -> None:
    with running_server(tmp_path, OSSIA_ACCESS_LOG="0") as server:
        before = (tmp_path / "log").stat().st_size
        _, hard = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
        used = len(os.listdir(f"/proc/{server.process.pid}/fd"))
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (used + 30, hard))
        address = ("127.0.0.1", int(server.url.rpartition(":")[2]))
        attack = [socket.create_connection(address) for _ in range(100)]
        log = tmp_path / "log"
        wait_until(lambda: "no file descriptors are left" in log.read_text())
        assert not answers(server.url)  # which takes a second, in which the server tries again
        for each in attack:
            each.close()
        wait_until(lambda: answers(server.url))
        assert log.stat().st_size - before < 300


def test_a_warning_comes_once_a_minute() -> None:
    said, now = list[str](), [1000.0]
    warn = Seldom(said.append, lambda: now[0])
    for _ in range(1000):
        warn("full")
    assert said == ["full"]
    now[0] += 60
    warn("full")
    assert said == ["full", "full"]


@pytest.mark.parametrize(
    ("limits", "connections", "asked"),
    [
        ((4096, 4096), 1024, None),
        ((1024, 65536), 1024, (1280, 65536)),
        ((256, resource.RLIM_INFINITY), 1024, (1280, resource.RLIM_INFINITY)),
        ((256, 1024), 512, (1024, 1024)),
    ],
)
def test_descriptors_are_asked_for(
    limits: tuple[int, int], connections: int, asked: tuple[int, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda kind: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda kind, values: asking.append(values))
    assert serve.affordable(1024) == connections
    assert asking == ([] if asked is None else [asked])


def test_garbage_is_looked_for_in_what_comes_after_the_start(
    monkeypatch: pytest.MonkeyPatch, store: ModelStore
) -> None:
    """Connections that come and go leave garbage, for which all that the server has imported was looked through: 40 ms
    in which every stream waited."""
    frozen = list[int]()
    monkeypatch.setattr(serve.Server, "run", lambda server, sockets: frozen.append(gc.get_freeze_count()))
    monkeypatch.setattr("sys.setswitchinterval", lambda seconds: None)
    monkeypatch.setattr("signal.signal", lambda number, handler: None)
    before = gc.get_freeze_count()
    try:
        serve.run(Settings(models=store.root), store, [], None)
    finally:
        gc.unfreeze()
    assert frozen[0] > before + 10_000


# Web pages


@pytest.mark.parametrize(("origin", "status"), [("http://localhost:3000", 200), ("https://evil.example", 403)])
def test_preflights_of_private_networks(server: Attack, origin: str, status: int) -> None:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Private-Network": "true"}
    answer = server().request("OPTIONS", "/api/chat", headers={"Origin": origin, **asks})
    assert answer.status == status
    assert answer.headers.get("access-control-allow-private-network") == ("true" if status == 200 else None)
