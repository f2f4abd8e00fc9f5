"""HTTP server double, on a real socket in a thread, that sends a test's scripted replies and records the requests."""

import json
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = object  # a JSON value, raw bytes, or an iterator of NDJSON objects; alone (status 200) or as (status, reply)


class BreakOff(Exception):
    """Raised by a reply's iterator to drop the connection in the middle of an answer."""


class ScriptedServer(ThreadingHTTPServer):
    """Server whose `script` maps routes ("POST /api/show") to replies, or to functions of the request's JSON."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script: dict[str, Reply | Callable[[Any], Reply]] = {"GET /": b"Ollama is running"}
        self.requests: list[tuple[str, Any]] = []
        self.client_left = threading.Event()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # a client may leave at any time
            super().handle_error(request, client_address)

    def bodies(self, route: str) -> list[Any]:
        """Bodies of all requests to a route, in order."""
        return [body for asked, body in self.requests if asked == route]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ScriptedServer

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length)) if length else None
        route = f"{self.command} {self.path}"
        self.server.requests.append((route, body))
        reply = self.server.script.get(route, (404, {"error": "404 page not found"}))
        if callable(reply):
            reply = reply(body)
        status, content = reply if isinstance(reply, tuple) else (200, reply)
        self._stream(content) if isinstance(content, Iterator) else self._whole(status, content)

    do_POST = do_DELETE = do_GET

    def _whole(self, status: int, content: object) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, chunks: Iterator[object]) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for chunk in chunks:
                data = json.dumps(chunk).encode() + b"\n"
                self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
            self.wfile.write(b"0\r\n\r\n")
        except BreakOff:
            self.close_connection = True
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
            self.server.client_left.set()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def scripted_server() -> Generator[ScriptedServer]:
    """Server that runs until the end of the `with` block."""
    with ScriptedServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
