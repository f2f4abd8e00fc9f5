"""TLS: handshakes that never end count as connections, are dropped in time, and cost nobody else their answer."""

import socket
import ssl
from contextlib import closing, suppress
from http.client import HTTPSConnection
from math import inf
from pathlib import Path

import pytest

from ossia.server.tls import Certificate
from tests.hostile.conftest import HELLO, Attack, Attacked, answer_of, is_closed, post_head
from tests.tls import Authority
from tests.waiting import PATIENCE, wait_until

MANY = 8
GET = b"GET /api/version HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def secure(server: Attack, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Attack:
    """Start servers with a certificate, which Python's clients trust."""
    context = ssl.create_default_context(cafile=authority.file)
    monkeypatch.setattr(
        Attacked, "connect", lambda self: HTTPSConnection(*self.address, timeout=PATIENCE, context=context)
    )
    certificate = Certificate(*authority.issue("127.0.0.1", "localhost"))
    return lambda **limits: server(certificate=certificate, **limits)


def client_hello() -> bytes:
    """The first bytes of a handshake."""
    outgoing = ssl.MemoryBIO()
    with suppress(ssl.SSLWantReadError):
        ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost").do_handshake()
    return outgoing.read()


BEGINNINGS = {
    "nothing": b"",
    "a byte": b"\x16",
    "half a hello": client_hello()[:100],
    "a hello": client_hello(),
    "nonsense": b"\x00" * 50,
    "http": GET,
    "an endless record": b"\x16\x03\x01\xff\xff" + b"\x01" * 1000,
}
by_beginning = pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)


@by_beginning
def test_a_handshake_that_stops_is_dropped_while_others_are_served(secure: Attack, beginning: bytes) -> None:
    attacked = secure(header_seconds=0.4)
    begun = attacked.begin()
    stalled = attacked.attack(beginning)
    attacked.finish(begun)
    attacked.serves_others()
    with suppress(ConnectionError):
        while stalled.recv(65536):
            pass


@by_beginning
def test_handshakes_count_as_connections(secure: Attack, beginning: bytes) -> None:
    """The longest waiting ones are closed for the newest, long before their time is over."""
    attacked = secure(connections=MANY, header_seconds=1000)
    stalled = [attacked.attack(beginning) for _ in range(4 * MANY)]
    attacked.serves_others()
    for each in stalled[: 2 * MANY]:
        with suppress(ConnectionError):
            while each.recv(65536):
                pass
    assert len(guards(attacked)) <= MANY


def guards(attacked: Attacked) -> set[object]:
    assert attacked.app
    return attacked.app.state.guards._all


@by_beginning
def test_nothing_is_left_of_handshakes_that_failed(secure: Attack, beginning: bytes) -> None:
    attacked = secure()
    for _ in range(20):
        with closing(socket.create_connection(attacked.address)) as failing:
            failing.sendall(beginning)
    attacked.serves_others()
    wait_until(lambda: not guards(attacked))


def shaken(attacked: Attacked, authority: Authority) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=authority.file)
    return attacked.held.enter_context(context.wrap_socket(attacked.attack(), server_hostname="localhost"))


def test_the_time_of_a_head_holds_within_tls(secure: Attack, authority: Authority) -> None:
    attacked = secure(header_seconds=0.4)
    silent, slow = shaken(attacked, authority), shaken(attacked, authority)
    slow.sendall(GET[:-2])
    assert answer_of(slow).status == 408
    assert is_closed(silent)
    attacked.serves_others()


def test_the_size_of_a_head_holds_within_tls(secure: Attack, authority: Authority) -> None:
    attacked = secure()
    large = shaken(attacked, authority)
    with suppress(ConnectionError, ssl.SSLError):  # refused while it is still sent
        large.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * (100 << 10))
        assert answer_of(large).status == 431
    attacked.serves_others()


def test_no_limit_of_time_is_one_for_handshakes_too(secure: Attack) -> None:
    attacked = secure(header_seconds=inf)
    attacked.attack(client_hello())
    attacked.serves_others()


def test_a_body_that_stops_ends_with_an_error(secure: Attack, authority: Authority) -> None:
    attacked = secure(body_seconds=0.3)
    stalled = shaken(attacked, authority)
    stalled.sendall(post_head("/api/chat", "Content-Length: 9") + b"{")
    attacked.serves_others()
    assert answer_of(stalled).status == 408


def test_what_h11_reads_is_read_within_tls(secure: Attack, authority: Authority) -> None:
    connection = shaken(secure(), authority)
    connection.sendall(b"GET /api/version HTTP/1.0\r\n\r\n")
    assert answer_of(connection).status == 200
    assert is_closed(connection)


def test_long_bodies_and_answers_go_through(secure: Attack) -> None:
    attacked = secure()
    answer = attacked.post("/api/chat", messages=[*HELLO, {"role": "user", "content": "x" * (5 << 20)}])
    assert answer.status == 200
    assert attacked.request("GET", "/openapi.json").status == 200
    assert attacked.engine.requests[-1].prompt[-1].content == "x" * (5 << 20)  # type: ignore[union-attr]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_versions_are_refused(secure: Attack, version: ssl.TLSVersion) -> None:
    attacked = secure()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, version
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        context.wrap_socket(attacked.attack())
    attacked.serves_others()
