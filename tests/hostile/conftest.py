"""A server as `ossia serve` runs it, with a test's own limits, and the check that it serves others during an attack."""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import ExitStack, closing
from copy import copy
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

import pytest

from ossia.config import Access, Limits, Settings
from ossia.engine import Engine
from ossia.server.app import create_app
from ossia.server.pool import EnginePool
from ossia.server.serve import Server
from ossia.server.tls import Certificate
from ossia.store.models import Model, ModelStore
from ossia.types import Event, GenerateRequest, TextDelta
from tests.api.conftest import NAME, Answer, Api, store
from tests.doubles.scripted_engine import DONE, ScriptedEngine
from tests.waiting import PATIENCE

__all__ = ["store"]

NO_RULES = Access()
HELLO = [{"role": "user", "content": "Hello"}]


class HeldEngine(ScriptedEngine):
    """Engine whose answers stop after the first word until they are `released`."""

    def __init__(self) -> None:
        super().__init__(TextDelta("one "), TextDelta("two"), DONE)
        self.released = threading.Event()
        self.released.set()

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event]:
        async for event in super().generate(request):
            yield event
            await self._release()

    async def _release(self) -> None:
        for _ in range(20_000):  # longer than any client waits
            if self.released.is_set():
                break
            await asyncio.sleep(0.005)


class Attacked(Api):
    """Server under attack. `attack` opens connections that stay open until the test ends.

    `source` is the address from which the client's connections come.
    """

    engine: HeldEngine
    held: ExitStack
    pool: EnginePool
    source: str = "127.0.0.1"

    def seen_from(self, source: str) -> "Attacked":
        """Return the same server for a client at another address."""
        other = copy(self)
        other.source = source
        return other

    def connect(self) -> HTTPConnection:
        return HTTPConnection(*self.address, timeout=PATIENCE, source_address=(self.source, 0))

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or 0

    def attack(self, data: bytes = b"") -> socket.socket:
        """Open a connection and send something."""
        connection = self.held.enter_context(
            closing(socket.create_connection(self.address, PATIENCE, (self.source, 0)))
        )
        connection.sendall(data)
        return connection

    def serves_others(self) -> None:
        """Assert that the list of models, a model's description, and a whole answer reach another client."""
        assert NAME in [model["name"] for model in self.request("GET", "/api/tags").json["models"]]
        assert self.post("/api/show").status == 200
        answer = self.post("/api/chat", messages=HELLO)
        assert "".join(line["message"]["content"] for line in answer.lines) == "one two"

    def begin(self) -> HTTPResponse:
        """Begin an answer that stops after its first word until the engine is released."""
        self.engine.released.clear()
        connection = self.held.enter_context(closing(self.connect()))
        connection.request("POST", "/api/chat", json.dumps({"model": NAME, "messages": HELLO}))
        response = connection.getresponse()
        assert json.loads(response.readline())["message"]["content"] == "one "
        return response

    def finish(self, response: HTTPResponse) -> None:
        """Assert that an answer which had begun goes on to its end."""
        self.engine.released.set()
        lines = [json.loads(line) for line in response.read().splitlines()]
        assert lines[0]["message"]["content"] == "two"
        assert lines[-1]["done"]


Attack = Callable[..., Attacked]
Load = Callable[[Model], Awaitable[Engine]]
EVIL = "evil"
"""Name of a stranger's model."""


@pytest.fixture
def soon_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let processes of the sandbox end as soon as they have no work: a test that waits for it does not wait long."""
    from tests.hostile import strangers  # which needs this module

    monkeypatch.setattr("tests.hostile.strangers.LANES", strangers.SOON_IDLE)


@pytest.fixture
def server(store: ModelStore, stopping: list[threading.Thread]) -> Iterator[Attack]:
    """Start servers; the arguments of a call are the engine, the loader of the model EVIL, limits, rules of access, and
    a certificate."""
    held, running = ExitStack(), list[Server]()

    def start(
        engine: HeldEngine | None = None,
        evil: Load | None = None,
        max_queue: int = 512,
        access: Access = NO_RULES,
        certificate: Certificate | None = None,
        **limits: float,
    ) -> Attacked:
        engine = engine or HeldEngine()

        async def load(model: Model, start: object) -> Engine:
            return await evil(model) if evil and model.name.model == EVIL else engine

        settings = Settings(models=store.root, max_queue=max_queue, access=access, limits=Limits(**limits))  # type: ignore[arg-type]
        pool = EnginePool(settings, load)
        listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        app = create_app(settings, store, pool)
        running.append(Server(app, pool, certificate))
        thread = threading.Thread(target=running[-1].run, args=([listening],), daemon=True)
        thread.start()
        stopping.append(thread)
        scheme = "https" if certificate else "http"
        attacked = Attacked(f"{scheme}://127.0.0.1:{listening.getsockname()[1]}", engine, [], app)
        attacked.held, attacked.pool = held, pool
        return attacked

    yield start
    held.close()
    for each in running:
        each.should_exit = True


def answer_of(connection: socket.socket) -> Answer:
    """Read the next response of a connection."""
    response = HTTPResponse(connection)
    response.begin()
    return Answer(response.status, response.headers, response.read())


def is_closed(connection: socket.socket) -> bool:
    """True when the server has closed the connection, for which it is waited."""
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def post_head(path: str, *headers: str) -> bytes:
    """Return the head of a POST request."""
    return "\r\n".join((f"POST {path} HTTP/1.1", "Host: localhost", *headers, "\r\n")).encode()


def message_of(path: str, answer: Answer) -> str:
    """Return the message of an error, which must have the shape of the path's API."""
    body = answer.json
    if path.startswith("/v1/messages"):
        assert body["type"] == "error"
        return body["error"]["message"]
    if path.startswith("/v1"):
        assert body["error"].keys() == {"message", "type", "param", "code"}
        return body["error"]["message"]
    assert body.keys() <= {"error", "hint"}
    return body["error"]
