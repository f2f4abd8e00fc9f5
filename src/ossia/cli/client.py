"""A small HTTP client for the server at OLLAMA_HOST, which can also start that server.

Knows the conventions of Ollama's routes (JSON in, JSON or NDJSON out, `{"error": text}`), not what they do. Whatever
answers may be another program, or break off: that is a ServerError, too. Speaks HTTP by the standard library, since the
command line must start quickly.
"""

import fcntl
import json
import os
import ssl
import subprocess
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, RemoteDisconnected
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal, TypeVar

import msgspec

from ossia.cli.answers import Json, JsonModels, Line, Names, Refusal, Running, Shown
from ossia.cli.interrupt import interruptible
from ossia.cli.output import note
from ossia.cli.watch import watched
from ossia.config import Settings, home
from ossia.errors import OssiaError, ServerUnreachable
from ossia.json_values import is_object
from ossia.python_command import python_command

_T = TypeVar("_T")
_L = TypeVar("_L", bound=Line)

_CONNECT_SECONDS = 5.0
_SECONDS: Final = {"GET": 60.0, "HEAD": 60.0}  # of silence, where there is no model to load, which takes any time
_FILE_SECONDS: Final = 600.0  # in which a block of a file leaves, and in which the server brings it to its disk
_START_SECONDS = 60.0
_LONGEST: Final = 64 << 20  # bytes of an answer, or of a line of one
_GREETING = b"Ollama is running"
_BLOCK = 1 << 20  # bytes of a file sent at a time
_JSON = {"Content-Type": "application/json"}
_NO_KEY = "OSSIA_API_KEY must be a key of that server: `ossia key create NAME` makes one there"
LOCAL = ("127.0.0.1", "localhost", "::1", "0.0.0.0", "::")


class ServerError(OssiaError):
    """An error reported by the server, with its message and status (500 inside a stream)."""

    def __init__(self, message: str, status: int = 500, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.status = status


class Client:
    """Client of one server. Each request opens a connection, since the command line makes two or three."""

    def __init__(self, settings: Settings) -> None:
        self.url = settings.url
        self._starts_here = settings.host in LOCAL
        self._ca = settings.ca
        self._key = {"Authorization": f"Bearer {settings.api_key}"} if settings.api_key else {}
        self._num_lines = 0

    def answers(self) -> bool:
        """True if a server answers."""
        return self.program() is not None

    def program(self) -> Literal["ossia", "Ollama", "another"] | None:
        """Return what answers, None if nothing does. A server behind a proxy, or one that refuses, counts as ossia."""
        try:
            with self._response("GET", "/", None) as response:
                if response.read(_BLOCK).strip() != _GREETING:
                    return "another"
                return "ossia" if response.headers["Server"] else "Ollama"  # Go's servers do not tell their name
        except ServerUnreachable:
            return None
        except OssiaError:
            return "ossia"

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Json:
        """Return a JSON object, {} for an empty response. Raises ServerError or ServerUnreachable."""
        return self._read(Json, self._whole(method, path, body) or b"{}")

    def ask(self, kind: type[_T], method: str, path: str, body: Mapping[str, Any] | None = None) -> _T:
        """Return an answer of this kind. Raises ServerError, also for one of another kind, or ServerUnreachable."""
        return self._read(kind, self._whole(method, path, body))

    def stream(self, kind: type[_L], path: str, body: Mapping[str, Any]) -> Generator[_L]:
        """Yield the lines of a stream up to the last; closing the generator ends the request.

        Raises ServerError, also for a line with an error and for a broken connection, or ServerUnreachable.
        """
        done = False
        with closing(self.lines(path, body)) as lines:
            for line in lines:
                part = self._read(kind, line)
                if part.error is not None:
                    raise _told(part)
                done = part.is_last
                yield part
        if not done:
            raise ServerError("the server broke off its answer", 503, _BROKE_OFF)

    def lines(self, path: str, body: Mapping[str, Any]) -> Generator[bytes]:
        """Yield the lines of a stream, whatever they are. Raises ServerError or ServerUnreachable."""
        with self._response("POST", path, body) as response:
            while line := response.readline(_LONGEST + 1):
                self._num_lines += 1
                yield line

    def names(self) -> list[str]:
        """Return the names of the models that are there; none if the server does not tell."""
        with suppress(OssiaError):
            return [model.name for model in self.ask(Names, "GET", "/api/tags").models or ()]
        return []

    def context_length(self, name: str) -> int | None:
        """Return the tokens that a model's context has: as it is loaded, or else as its file says; None if unknown."""
        with suppress(OssiaError):
            for model in self.ask(Running, "GET", "/api/ps").models or ():
                if _is_called(model.name, name) and model.context_length:  # which an old Ollama does not tell
                    return model.context_length
            facts = self.ask(Shown, "POST", "/api/show", {"model": name}).model_info or {}
            lengths = (value for key, value in facts.items() if key.endswith(".context_length"))
            return next((length for length in lengths if isinstance(length, int)), None)
        return None

    def described_for_codex(self, name: str) -> Json | None:
        """Return a model as Codex describes models, under this very name; None if it is unknown."""
        with suppress(OssiaError):
            for model in self.ask(JsonModels, "GET", "/v1/models?client_version=0").models or ():
                if _is_called(str(model.get("slug")), name):
                    return model | {"slug": name}
        return None

    def loading(self, name: str) -> str:
        """Tell how far the server is with loading a model, in a few words."""
        with suppress(OssiaError):
            for model in self.ask(Running, "GET", "/api/ps").loading or ():
                if _is_called(model.name, name):
                    return model.status + (f" {model.completed}/{model.total}" if model.total else "")
        return "waiting for the model"

    def has_blob(self, digest: str) -> bool:
        try:
            self.request("HEAD", f"/api/blobs/{digest}")
        except ServerError as error:
            if error.status != 404:
                raise
            return False
        return True

    def send_blob(self, digest: str, file: Path, sent: Callable[[int], None]) -> None:
        """Send a file as a blob; `sent` is called with the number of bytes read so far."""
        with file.open("rb") as opened:
            reading = _Counting(opened, sent)
            with self._response("POST", f"/api/blobs/{digest}", reading, {"Content-Length": str(file.stat().st_size)}):
                pass

    def _whole(self, method: str, path: str, body: Mapping[str, Any] | None) -> bytes:
        with self._response(method, path, body) as response:
            return response.read(_LONGEST + 1)

    @contextmanager
    def _response(
        self, method: str, path: str, body: "Mapping[str, Any] | _Counting | None", headers: Mapping[str, str] = _JSON
    ) -> Generator[HTTPResponse]:
        connection = self._connection()
        try:
            self._connect(connection)
            connection.sock.settimeout(_FILE_SECONDS if isinstance(body, _Counting) else _SECONDS.get(method))
            data = json.dumps(body).encode() if isinstance(body, Mapping) else body
            with self._watched(connection):
                connection.request(method, path, data, {**self._key, **(headers if data else {})})
                response = connection.getresponse()
                if response.status >= 400:
                    raise self._refusal(response)
                yield response
        except (OSError, HTTPException) as error:
            text = str(error) or type(error).__name__
            hint = _SPEAKS_TLS if isinstance(error, RemoteDisconnected) and self.url.startswith("http:") else _BROKE_OFF
            raise ServerError(f"lost the connection to {self.url}: {text}", 503, hint) from error
        finally:
            connection.close()

    @contextmanager
    def _watched(self, connection: HTTPConnection) -> Generator[None]:
        """Raise ServerError once the server stands still, if nothing else limits the wait for it."""
        if connection.sock.gettimeout() is not None:
            yield
            return
        with watched(connection, self._connection(), lambda: self._num_lines) as watch:
            try:
                yield
            finally:
                if watch.stands_still:
                    raise ServerError(f"the server at {self.url} has stopped answering", 503, _BROKE_OFF)

    def _connection(self) -> HTTPConnection:
        scheme, _, address = self.url.partition("://")
        if scheme == "http":
            return HTTPConnection(address, timeout=_CONNECT_SECONDS, blocksize=_BLOCK)
        return HTTPSConnection(address, timeout=_CONNECT_SECONDS, blocksize=_BLOCK, context=self._context)

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return _trusting(self._ca)

    def _connect(self, connection: HTTPConnection) -> None:
        try:
            connection.connect()
        except ssl.SSLError as error:
            raise _not_trusted(self.url, error) from error
        except OSError as error:
            hint = "start one with `ossia serve`" if self._starts_here else _WHERE
            raise ServerUnreachable(f"no server answers at {self.url}: {error.strerror or error}", hint) from error

    def _read(self, kind: type[_T], data: bytes) -> _T:
        """Return JSON as a value of this kind. Raises ServerError for anything else."""
        if len(data) > _LONGEST:
            raise self._stranger(502, f": it sends more than {_LONGEST >> 20} MiB at once")
        try:
            return msgspec.convert(json.loads(data), kind)
        except msgspec.ValidationError as error:
            raise self._stranger(502, f": {error}") from None
        except (ValueError, RecursionError):
            raise self._stranger(502) from None

    def _refusal(self, response: HTTPResponse) -> ServerError:
        """Return the error of a response: the message of its JSON, the beginning of its body, or the status line."""
        body, line = response.read(100_000), f"{response.status} {response.reason}"
        with suppress(ValueError, RecursionError, msgspec.ValidationError):
            refusal = msgspec.convert(json.loads(body), Refusal)
            if refusal.error is not None:
                return _told(refusal, response.status)
        text = body.decode(errors="replace").strip()
        if text[:5].lower() in ("<!doc", "<html"):
            return self._stranger(response.status, f": {line}")
        return _told(Refusal(text[:200] or line), response.status)

    def _stranger(self, status: int, said: str = "") -> ServerError:
        return ServerError(f"what answers at {self.url} is not an Ollama server{said}", status, _WHERE)


def _is_called(name: str, other: str) -> bool:
    """True if two names mean one model. They have no case, and `latest` can be left out."""
    return name.casefold().removesuffix(":latest") == other.casefold().removesuffix(":latest")


def _trusting(ca: Path | None) -> ssl.SSLContext:
    """Return a context that trusts the system's certificates, or those of SSL_CERT_FILE, and those in `ca`."""
    context = ssl.create_default_context()
    if ca:
        try:
            context.load_verify_locations(ca)
        except OSError as error:  # which ssl.SSLError is, too
            hint = "OSSIA_CA names a file of certificates in PEM format"
            raise OssiaError(f"{ca} cannot be used: {error.strerror or error}", hint) from None
    return context


def _not_trusted(url: str, error: ssl.SSLError) -> ServerError:
    if isinstance(error, ssl.SSLCertVerificationError):
        hint = "OSSIA_CA=FILE trusts a certificate; OLLAMA_HOST=https://NAME uses the name that the certificate is for"
        return ServerError(f"{url} does not prove who it is: {error.verify_message}", 502, hint)
    hint = "if the server speaks http, say http:// in OLLAMA_HOST"
    return ServerError(f"no https with {url}: {error.reason or error}", 502, hint)


_WHERE = "OLLAMA_HOST says where to look"
_BROKE_OFF = "does it still run? Its log may say why"
_SPEAKS_TLS = "if the server speaks https, say https:// in OLLAMA_HOST"


class _Counting:
    """A file that reports how far it has been read."""

    def __init__(self, file: BinaryIO, report: Callable[[int], None]) -> None:
        self._file = file
        self._report = report

    def read(self, length: int = -1, /) -> bytes:
        data = self._file.read(length)
        self._report(self._file.tell())
        return data


def _told(refusal: Refusal, status: int = 500) -> ServerError:
    text, hint = refusal.error, _NO_KEY if status == 401 else refusal.hint
    if is_object(text):  # as OpenAI's errors are
        text = text.get("message", text)
    return ServerError(str(text), status, hint if isinstance(hint, str) else None)


def ensure_server(settings: Settings) -> Client:
    """Return a client of the server at OLLAMA_HOST.

    If none answers and the host is this machine, a server is started and left running. If Ollama itself answers, it is
    used, and the user is told so. Raises OssiaError for another program.
    """
    client = Client(settings)
    other_port = f"OLLAMA_HOST=127.0.0.1:{settings.port + 1}"
    match client.program():
        case "ossia":
            return client
        case "Ollama":
            note(f"Ollama itself answers at {client.url}, not ossia; {other_port} runs ossia beside it\n")
            return client
        case "another":
            text = f"what answers at {client.url} is neither ossia nor Ollama"
            raise OssiaError(text, f"{other_port} takes another port")
        case None:
            pass
    if settings.host not in LOCAL:
        raise ServerUnreachable(f"no server answers at {client.url}", hint=_WHERE)
    log = home() / ".ollama" / "logs" / "ossia.log"  # not beside the models, which may be another user's
    log.parent.mkdir(parents=True, exist_ok=True)
    with _in_turn(log.parent):
        if client.answers():  # another command has started one meanwhile
            return client
        process = _start(client, log)
    if process.poll() is None:  # otherwise somebody else's server was quicker
        text = f"started a server at {client.url}, which is left running; `kill {process.pid}` stops it; its log: {log}"
        note(f"{text}\n")
    return client


@contextmanager
def _in_turn(folder: Path) -> Generator[None]:
    """Hold a lock on a folder, for which other commands wait that want to start a server too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _start(client: Client, log: Path) -> "subprocess.Popen[bytes]":
    """Start `ossia serve` in the background and wait until it answers. Raises ServerUnreachable with its output."""
    with log.open("ab") as output:
        begin = output.tell()
        command = python_command("ossia", "serve")
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    with interruptible(lambda: f"stopped while the server starts, which goes on; `kill {process.pid}` stops it"):
        _wait_for(client, process, log, begin)
    return process


def _wait_for(client: Client, process: "subprocess.Popen[bytes]", log: Path, begin: int) -> None:
    """Wait until the server answers, whose log begins at `begin`. Raises ServerUnreachable with its last lines."""
    deadline = time.monotonic() + _START_SECONDS
    while not client.answers():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            last = log.read_bytes()[begin:].decode(errors="replace").strip().splitlines()[-10:]
            raise ServerUnreachable("\n".join(["the server could not be started:", *last]), hint=f"its log is {log}")
        _wait(process, 0.05)


def _wait(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Wait for that long, or until the process ends."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
