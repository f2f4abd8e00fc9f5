"""A small proxy before a registry that injects faults, one at a time, and remembers what it was asked.

It is honest otherwise: what it passes on is what the registry says.
"""

import gzip
import http.client
import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.registry.tokens import TokenServer
from tests.waiting import PATIENCE


@dataclass
class Asked:
    """A request, and how many bytes of body it was answered with."""

    method: str
    path: str
    headers: dict[str, str]
    sent: int = 0

    @property
    def range(self) -> tuple[int, int] | None:
        """First byte and last byte."""
        first, _, last = self.headers.get("range", "").removeprefix("bytes=").partition("-")
        return (int(first), int(last)) if first else None


@dataclass
class Faults:
    """Faults to simulate. Each number counts the requests that fail before all is well, by default those for blobs."""

    cut_after: int | None = None
    """Close the connection after so many bytes of a blob's answer."""
    cuts: int = 10**9
    stalls: int = 0
    """Answers that send half and then nothing, until the client gives up."""
    wrong_bytes: bool = False
    no_ranges: bool = False
    statuses: list[int] = field(default_factory=list[int])
    """Statuses for the next requests."""
    statuses_for: str = "/"
    retry_after: str = ""
    drop_uploads: int = 0
    """Of so many pieces that are sent, half is read and the connection closed."""
    redirect_to: str = ""
    redirect_all: bool = False
    redirect_heads: bool = False
    redirect_writes: str | None = None
    """Only what sends something, and has this in its path."""
    uploads_at: str = ""
    """The host that uploads are said to go to."""
    slow_commits: float = 0.0
    """Seconds before the registry has a blob that was sent."""
    tokens: TokenServer | None = None
    gzip_bomb: bool = False
    silent_for: str | None = None
    """Requests with this in their path are never answered."""
    slow: float = 0.0
    """Seconds for every 64 KB of a blob."""


class Proxy(ThreadingHTTPServer):
    """Listens on a free port of this machine; `registry` is what it stands before, as host:port."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, registry: str, address: str) -> None:
        super().__init__((address, 0), _Handler)
        self.registry = registry
        self.host = f"{address}:{self.server_address[1]}"
        self.faults = Faults()
        self.asked: list[Asked] = []
        self.lock = threading.Lock()
        self.blob_bytes = 0
        """Of all blobs that were asked for, sent so far."""
        self.on_bytes: Callable[[int], None] = lambda total: None
        self.giving_up = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # clients that leave are the point

    def blobs(self, method: str = "GET") -> list[Asked]:
        return [asked for asked in self.asked if asked.method == method and "/blobs/sha256:" in asked.path]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.asked = Asked(self.command, self.path, headers)
        length = int(headers.get("content-length", 0))
        if self.command == "PATCH" and self.server.faults.drop_uploads:
            self.server.faults.drop_uploads -= 1
            self.rfile.read(length // 2)
            self.close_connection = True
            return
        self.body = self.rfile.read(length)
        with self.server.lock:
            self.server.asked.append(self.asked)
            status = self._next_status()
        faults = self.server.faults
        if faults.silent_for is not None and faults.silent_for in self.path:
            self._stall()
        elif self.path.startswith("/token"):
            self._token()
        elif status:
            self._answer(status, b'{"errors":[{"code":"X","message":"so it is"}]}', self._retry_after())
        elif faults.tokens and not faults.tokens.accepts(headers.get("authorization", "")):
            challenge = faults.tokens.challenge(f"http://{self.server.host}")
            self._answer(401, b"{}", {"WWW-Authenticate": challenge})
        elif faults.redirect_to and self._is_redirected():
            self._answer(307, b"", {"Location": f"http://{faults.redirect_to}{self.path}"})
        else:
            self._pass_on(headers)

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def _next_status(self) -> int | None:
        faults = self.server.faults
        return faults.statuses.pop(0) if faults.statuses and faults.statuses_for in self.path else None

    def _retry_after(self) -> dict[str, str]:
        return {"Retry-After": self.server.faults.retry_after} if self.server.faults.retry_after else {}

    def _is_blob(self) -> bool:
        return self.command == "GET" and "/blobs/sha256:" in self.path

    def _is_redirected(self) -> bool:
        faults = self.server.faults
        if faults.redirect_writes is not None:
            return self.command not in ("GET", "HEAD") and faults.redirect_writes in self.path
        return self._is_blob() or faults.redirect_all or (faults.redirect_heads and self.command == "HEAD")

    def _token(self) -> None:
        faults = self.server.faults
        assert faults.tokens
        status, answer = faults.tokens.answer(self.server.host, self.path, self.headers.get("Authorization", ""))
        if faults.gzip_bomb:
            return self._answer(200, gzip.compress(json.dumps(answer).encode()) + _BLANKS * 64, _GZIP)
        self._answer(status, json.dumps(answer).encode())

    def _pass_on(self, headers: dict[str, str]) -> None:
        faults = self.server.faults
        if faults.no_ranges:
            headers.pop("range", None)
        if self.command == "PUT" and "digest=" in self.path:
            time.sleep(faults.slow_commits)
        connection = http.client.HTTPConnection(self.server.registry, timeout=PATIENCE)
        try:
            connection.request(self.command, self.path, self.body or None, headers)
            response = connection.getresponse()
            self.send_response(response.status)
            for name, value in response.getheaders():
                if name == "Location" and faults.uploads_at:
                    value = value.replace(self.server.host, faults.uploads_at)
                if name.lower() not in ("connection", "date", "transfer-encoding"):
                    self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self._body(response)
        finally:
            connection.close()

    def _body(self, response: http.client.HTTPResponse) -> None:
        faults, is_blob = self.server.faults, self._is_blob()
        stall_at = self._stall_at(response) if is_blob else None
        while data := response.read(64 << 10):
            if is_blob:
                time.sleep(faults.slow)
                data = bytes(len(data)) if faults.wrong_bytes else data
                self._count(len(data))
                if stall_at is not None and self.asked.sent > stall_at:
                    self._stall()
                if faults.cut_after is not None and faults.cuts and self.asked.sent > faults.cut_after:
                    return self._cut(data[: max(len(data) - (self.asked.sent - faults.cut_after), 0)])
            self.wfile.write(data)

    def _count(self, size: int) -> None:
        self.asked.sent += size
        with self.server.lock:
            self.server.blob_bytes += size
            total = self.server.blob_bytes
        self.server.on_bytes(total)

    def _stall_at(self, response: http.client.HTTPResponse) -> int | None:
        with self.server.lock:
            if not self.server.faults.stalls:
                return None
            self.server.faults.stalls -= 1
        return int(response.headers["Content-Length"]) // 2

    def _stall(self) -> None:
        self.wfile.flush()
        self.server.giving_up.wait(PATIENCE)
        raise ConnectionError

    def _cut(self, data: bytes) -> None:
        self.server.faults.cuts -= 1
        self.asked.sent = self.server.faults.cut_after or 0
        self.wfile.write(data)
        self.wfile.flush()
        self.close_connection = True

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


_GZIP = {"Content-Encoding": "gzip"}
_BLANKS = gzip.compress(b" " * (1 << 20))


@contextmanager
def proxy_before(registry: str, address: str = "127.0.0.1") -> Generator[Proxy]:
    with Proxy(registry, address) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.01,))
        thread.start()
        yield proxy
        proxy.giving_up.set()
        proxy.shutdown()
        thread.join()
