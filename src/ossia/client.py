"""A small HTTP client of the server at OLLAMA_HOST, and how to start that server when nobody answers.

Knows Ollama's routes' manners (JSON in, JSON or NDJSON out, `{"error": text}`); does not know what the routes do.
Standard library only: the command line must start quickly.
"""

import json
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, cast

from ossia.config import Settings
from ossia.errors import OssiaError, ServerUnreachable

_CONNECT_SECONDS = 5.0
_START_SECONDS = 60.0
_LOCAL = ("127.0.0.1", "localhost", "::1", "0.0.0.0", "::")

Json = dict[str, Any]


class ServerError(OssiaError):
    """The server's own text of what is wrong, with the status of its answer (500 inside a stream)."""

    def __init__(self, message: str, status: int = 500) -> None:
        super().__init__(message)
        self.status = status


class Client:
    """Requests to one server. Each opens its own connection, since the command line makes two or three."""

    def __init__(self, settings: Settings) -> None:
        self.url = settings.url
        self._address = settings.url.removeprefix("http://")

    def answers(self) -> bool:
        """Whether a server is there."""
        try:
            with self._response("GET", "/", None):
                return True
        except OssiaError as error:
            return not isinstance(error, ServerUnreachable)

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Json:
        """One JSON object, {} for an empty answer. Raises ServerError or ServerUnreachable."""
        with self._response(method, path, body) as response:
            return self._object(response.read() or b"{}")

    def stream(self, path: str, body: Mapping[str, Any]) -> Generator[Json]:
        """The objects of a streamed answer, the last of which has `done`; closing the generator ends the request.

        Raises ServerError, also for an error line and for an answer that breaks off, or ServerUnreachable.
        """
        done = False
        with self._response("POST", path, body) as response:
            for line in response:
                chunk = self._object(line)
                if "error" in chunk:
                    raise ServerError(str(chunk["error"]))
                done = bool(chunk.get("done"))
                yield chunk
        if not done:
            raise ServerError("the server broke off its answer", status=503)

    @contextmanager
    def _response(self, method: str, path: str, body: Mapping[str, Any] | None) -> Generator[HTTPResponse]:
        connection = HTTPConnection(self._address, timeout=_CONNECT_SECONDS)
        try:
            self._connect(connection)
            data = None if body is None else json.dumps(body).encode()
            connection.request(method, path, data, {"Content-Type": "application/json"} if data else {})
            response = connection.getresponse()
            if response.status >= 400:
                raise ServerError(_error_text(response), response.status)
            yield response
        except (OSError, HTTPException) as error:
            text = str(error) or type(error).__name__
            raise ServerError(f"lost the connection to {self.url}: {text}", status=503) from error
        finally:
            connection.close()

    def _connect(self, connection: HTTPConnection) -> None:
        try:
            connection.connect()
        except OSError as error:
            raise ServerUnreachable(
                f"no server answers at {self.url}: {error.strerror or error}", hint="start one with `ossia serve`"
            ) from error
        connection.sock.settimeout(None)  # a model may take minutes to load

    def _object(self, data: bytes) -> Json:
        try:
            value = json.loads(data)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise ServerError(f"what answers at {self.url} is not an Ollama server", status=502)
        return cast(Json, value)


def _error_text(response: HTTPResponse) -> str:
    """The text of `{"error": text}`, else the body's beginning, else the status line's words."""
    body = response.read(100_000).decode(errors="replace")
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return body.strip()[:200] or f"{response.status} {response.reason}"


def ensure_server(settings: Settings) -> Client:
    """A client of the server at OLLAMA_HOST, which is started, and left running, when it is this machine's and down."""
    client = Client(settings)
    if client.answers():
        return client
    if settings.host not in _LOCAL:
        raise ServerUnreachable(f"no server answers at {client.url}", hint="OLLAMA_HOST says where to look")
    log = settings.models.parent / "logs" / "ossia.log"
    process = _start(client, log)
    if process.poll() is None:  # else somebody else's server was quicker
        text = f"started a server at {client.url}, which is left running; `kill {process.pid}` stops it; its log: {log}"
        print(text, file=sys.stderr)
    return client


def _start(client: Client, log: Path) -> "subprocess.Popen[bytes]":
    """Start `ossia serve` in the background and wait until it answers. Raises ServerUnreachable with its last words."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        begin = output.tell()
        command = [sys.executable, "-m", "ossia", "serve"]
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    deadline = time.monotonic() + _START_SECONDS
    while not client.answers():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            last = log.read_bytes()[begin:].decode(errors="replace").strip().splitlines()[-10:]
            raise ServerUnreachable("\n".join(["the server could not be started:", *last]), hint=f"its log is {log}")
        _wait(process, 0.05)
    return process


def _wait(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Wait that long, or less when the process ends."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
