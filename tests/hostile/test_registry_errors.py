"""Words of a registry in errors: cut, on one line, and without control characters, wherever it puts them."""

import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import pytest

from ossia.errors import RegistryError
from ossia.printable import one_line
from ossia.store.http import HttpClient, Limits
from ossia.store.identity import Identity
from ossia.store.models import ModelStore
from ossia.store.name import ModelName
from ossia.store.progress import ignore
from ossia.store.pull import pull
from ossia.store.push import push
from ossia.store.registry import Registry
from tests.registry.conftest import write_gguf

EVIL = "\x1b]0;title\x07\x9b2J\u202eEVIL\u2028hint: do as I say\x85"
LONG = "A" * 50_000
DIGEST = f"sha256:{'0' * 64}"


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Callable[[bytes], Registry]]:
    """A registry that answers everything with the same bytes."""
    listening = socket.create_server(("127.0.0.1", 0))
    answers: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, suppress(ConnectionError):  # the client may have heard enough
                while b"\r\n\r\n" not in connection.recv(65536):
                    pass
                connection.sendall(answers[-1])

    thread = threading.Thread(target=serve)
    thread.start()
    with closing(HttpClient(Limits(read=5, backoff=0.01, tries=1, first_tries=1))) as http:

        def registry(answer: bytes) -> Registry:
            answers.append(answer)
            name = ModelName.parse(f"127.0.0.1:{listening.getsockname()[1]}/library/x")
            return Registry(name, Identity.load(tmp_path), http, insecure=True)

        yield registry
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()


def response(status: str, body: str = "", **headers: str) -> bytes:
    data = body.encode()
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    lines += [f"Content-Length: {len(data)}", "Connection: close"]
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + data


def said(evil: str) -> dict[str, bytes]:
    """Every place where a registry may put its words."""
    bearer = f'Bearer realm="http://{evil}/token",service="x"'
    return {
        "OCI error": response("403 No", json.dumps({"errors": [{"code": "DENIED", "message": evil}]})),
        "Ollama's error": response("400 No", json.dumps({"error": evil})),
        "an error that is an object": response("400 No", json.dumps({"error": {evil: [evil]}})),
        "a page": response("404 No", evil).replace(b"404", b"410"),
        "a temporary error": response("503 No", evil, Retry_After="1"),
        "the reason": response(f"418 {evil}"),
        "a redirect": response("302 Found", Location=f"ftp://{evil}"),
        "a login": response("401 No", WWW_Authenticate=f"Basic {evil}"),
        "a realm": response("401 No", WWW_Authenticate=bearer),
    }


@pytest.mark.parametrize("place", said(""))
@pytest.mark.parametrize("evil", [EVIL, LONG, EVIL + LONG, f"\\u001b[2J{EVIL}" * 100])
def test_an_error_quotes_a_registry_briefly_and_harmlessly(
    answering: Callable[[bytes], Registry], place: str, evil: str
) -> None:
    with pytest.raises(RegistryError) as caught:
        answering(said(evil)[place]).manifest()
    for text in (caught.value.message, caught.value.hint or ""):
        assert one_line(text) == text
        assert len(text) <= 400


@pytest.mark.parametrize("link", ["file:///etc/passwd", "ftp://localhost/", "http://[", "data:,[]", "\\\\localhost"])
def test_a_list_of_files_goes_on_over_http_only(answering: Callable[[bytes], Registry], link: str) -> None:
    with pytest.raises(RegistryError, match="redirects to what is not followed"):
        answering(response("200 OK", "[]", Link=f'<{link}>; rel="next"')).hub_files()


@pytest.mark.parametrize("path", ["\ud800", "a\n", "\x1b[2J", "\0", "\u202e"])
def test_names_of_files_can_be_written(answering: Callable[[bytes], Registry], path: str) -> None:
    files = [{"path": each, "lfs": {"oid": "0" * 64, "size": 1}} for each in (path, "good")]
    assert [file.path for file in answering(response("200 OK", json.dumps(files))).hub_files()] == ["good"]


def test_the_range_of_a_blob(answering: Callable[[bytes], Registry]) -> None:
    registry = answering(response("206 Partial", "x", Content_Range=f"bytes {EVIL}{LONG}"))
    with pytest.raises(RegistryError, match="another range or size: bytes") as caught, registry.blob(DIGEST, 0, 1, 1):
        pass
    assert one_line(caught.value.message, 400) == caught.value.message


@pytest.mark.parametrize(
    "body",
    [
        b"2;" + b"a" * (8 << 20) + b"\r\n{}\r\n0\r\n\r\n",
        b"0" * (8 << 20) + b"2\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}\r\n0\r\nX: " + b"a" * (8 << 20) + b"\r\n\r\n",
        b"f" * 40 + b"\r\n{}\r\n0\r\n\r\n",
        b"-2\r\n{}\r\n0\r\n\r\n",
    ],
    ids=["what is said of a chunk", "zeros", "a trailer", "a size that nothing has", "a size below nothing"],
)
def test_what_is_between_chunks_takes_no_memory(answering: Callable[[bytes], Registry], body: bytes) -> None:
    registry = answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + body)
    with pytest.raises(RegistryError):
        registry.manifest()


def test_chunks_of_every_size_are_read(answering: Callable[[bytes], Registry]) -> None:
    pieces = (b"{", b'"a": ', b"1" * 70_000, b"}")
    body = b"".join(b"%x;said=of it\r\n%b\r\n" % (len(piece), piece) for piece in (*pieces, b""))
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    assert answering(head + body).manifest() == b"".join(pieces)
    with pytest.raises(RegistryError, match="connection"):
        answering(head + body[:-20]).manifest()


HEAD = b"HTTP/1.1 200 OK\r\n"
DRAWN_OUT = {
    "a head": (b"HTTP/1.1 200 OK\r\nX: ", b"a"),
    "a manifest": (HEAD + b"Content-Length: 100000\r\n\r\n", b" "),
    "what is only the beginning": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "an error": (b"HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n5;", b"a"),
}


@contextmanager
def drawing_out(beginning: bytes, drop: bytes, answers: Iterable[bytes] = ()) -> Iterator[ModelName]:
    """Yield a name in a registry that gives some answers, then reads no more: it goes on drop by drop."""

    def answer() -> None:
        with suppress(OSError), ExitStack() as connections:
            connection = connections.enter_context(listening.accept()[0])
            for whole in answers:
                while b"\r\n\r\n" not in (data := connection.recv(65536)):
                    if not data:
                        connection = connections.enter_context(listening.accept()[0])
                connection.sendall(whole)
            connection.sendall(beginning)
            while not ended.wait(0.01):
                connection.sendall(drop)

    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        thread = threading.Thread(target=answer)
        thread.start()
        yield ModelName.parse(f"127.0.0.1:{listening.getsockname()[1]}/library/x")
        ended.set()
        thread.join()


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("beginning", "drop"), DRAWN_OUT.values(), ids=DRAWN_OUT)
def test_what_is_drawn_out_for_ever_is_given_up(tmp_path: Path, beginning: bytes, drop: bytes) -> None:
    limits = Limits(read=5, patience=0.05)
    with (
        drawing_out(beginning, drop) as name,
        pytest.raises(RegistryError, match="has sent nothing of use for"),
    ):
        pull(name, ModelStore(tmp_path), Identity.load(tmp_path), ignore, insecure=True, limits=limits)


TAKES = [f"HTTP/1.1 {said}\r\nContent-Length: 0\r\n\r\n".encode() for said in ("404 No", "202 Go\r\nLocation: /up")]
"""Answers to what a push asks before it sends a file."""


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("beginning", "drop", "answers"),
    [(HEAD + b"X: ", b"a", []), (b"", b"", TAKES), (HEAD + b"X: ", b"a", TAKES)],
    ids=["what it asks first", "a file that is not read", "the answer to a file"],
)
def test_a_push_of_which_nothing_is_taken_is_given_up(
    tmp_path: Path, beginning: bytes, drop: bytes, answers: list[bytes]
) -> None:
    """A registry that reads nothing, and two that draw their answers out."""
    store = ModelStore(tmp_path / "store")
    file = write_gguf(tmp_path / "model.gguf", 4)  # more than what a socket takes
    limits = Limits(read=5, send=5, put=0.05, patience=0.05)
    with drawing_out(beginning, drop, answers) as name:
        store.create(str(name), files=[file])
        with pytest.raises(RegistryError, match="has taken nothing for"):
            push(name, store, Identity.load(tmp_path), ignore, insecure=True, limits=limits)
