"""The command line's HTTP client against a real socket: answers, streams, errors, and the server that it starts."""

import os
import re
import signal
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ossia.cli.answers import Message, Part
from ossia.cli.client import Client, ServerError, ensure_server
from ossia.config import Settings
from ossia.errors import OssiaError, ServerUnreachable
from tests.doubles.scripted_server import BreakOff, ScriptedServer, scripted_server
from tests.registry.server import free_port
from tests.tls import Authority
from tests.waiting import PATIENCE


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        yield server


@pytest.fixture
def client(server: ScriptedServer) -> Client:
    return Client(Settings(port=server.server_port))


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a port that nobody listens on, and of another user's models, beside which nothing can be written."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return Settings(port=free_port(), models=Path("/dev/null/models"))


def test_json_goes_both_ways(server: ScriptedServer, client: Client) -> None:
    server.script["POST /api/show"] = {"capabilities": ["completion"]}
    server.script["DELETE /api/delete"] = b""
    assert client.request("POST", "/api/show", {"model": "ü"}) == {"capabilities": ["completion"]}
    assert client.request("DELETE", "/api/delete", {"model": "x"}) == {}
    assert server.requests == [("POST /api/show", {"model": "ü"}), ("DELETE /api/delete", {"model": "x"})]


def test_the_progress_of_a_load(server: ScriptedServer, client: Client) -> None:
    models = [
        {"name": "other:latest", "status": "starting", "completed": 0, "total": 0},
        {"name": "Tiny:latest", "status": "compiling kernels", "completed": 12, "total": 55},
    ]
    server.script["GET /api/ps"] = {"models": [], "loading": models}
    assert client.loading("tiny") == client.loading("Tiny:latest") == "compiling kernels 12/55"
    assert client.loading("other") == "starting"
    assert client.loading("missing") == "waiting for the model"
    server.script["GET /api/ps"] = {"models": []}
    assert client.loading("tiny") == "waiting for the model"


def test_a_stream_comes_object_by_object(server: ScriptedServer, client: Client) -> None:
    seen: list[Any] = []
    arrived = threading.Event()

    def chunks() -> Iterator[Any]:
        yield {"response": "a"}
        assert arrived.wait(PATIENCE)  # the second object is sent only after the first has arrived
        yield {"response": "", "done": True}

    server.script["POST /api/generate"] = lambda body: chunks()
    for part in client.stream(Part, "/api/generate", {}):
        seen.append((part.response, part.done))
        arrived.set()
    assert seen == [("a", False), ("", True)]


def test_lines_of_an_answer_show_that_the_server_does_not_stand_still(
    server: ScriptedServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[Callable[[], int]]()

    @contextmanager
    def watched(connection: object, another: object, heard: Callable[[], int]) -> Iterator[Any]:
        asked.append(heard)
        yield SimpleNamespace(stands_still=False)

    monkeypatch.setattr("ossia.cli.client.watched", watched)
    server.script["POST /api/pull"] = lambda body: iter([{}] * 3)
    assert [asked[0]() for _ in client.lines("/api/pull", {})] == [1, 2, 3]


def test_the_file_of_certificates_is_read_once(tmp_path: Path) -> None:
    """It may go while a pull is watched, for hours."""
    file = tmp_path / "ca.pem"
    file.write_bytes(Authority(tmp_path / "authority").file.read_bytes())
    client = Client(Settings(port=free_port(), scheme="https", ca=file))
    assert client.program() is None
    file.unlink()
    with pytest.raises(ServerUnreachable):
        client.request("POST", "/api/pull", {})


def test_closing_the_stream_ends_the_request(server: ScriptedServer, client: Client) -> None:
    def endless() -> Iterator[Any]:
        while True:
            yield {"response": "x" * 1000}

    server.script["POST /api/generate"] = lambda body: endless()
    stream = client.stream(Part, "/api/generate", {})
    next(stream)
    stream.close()
    assert server.client_left.wait(PATIENCE)


@pytest.mark.parametrize(
    ("reply", "text", "status"),
    [
        ((404, {"error": "model 'x' not found"}), "model 'x' not found", 404),
        ((503, b"overloaded\n"), "overloaded", 503),
        ((500, b""), "500 Internal Server Error", 500),
        ((400, b"[1]"), "[1]", 400),
        ((200, b"<html>"), "is not an Ollama server", 502),
        ((200, b"[]"), "is not an Ollama server", 502),
        ((404, b"<!DOCTYPE html><p>Not here"), "is not an Ollama server: 404 Not Found", 404),
    ],
)
def test_errors_of_the_server(server: ScriptedServer, client: Client, reply: object, text: str, status: int) -> None:
    server.script["POST /api/generate"] = reply
    for ask in (
        lambda: client.request("POST", "/api/generate", {}),
        lambda: list(client.stream(Part, "/api/generate", {})),
    ):
        with pytest.raises(ServerError, match=re.escape(text)) as caught:
            ask()
        assert caught.value.status == status


def test_an_error_inside_a_stream(server: ScriptedServer, client: Client) -> None:
    server.script["POST /api/chat"] = lambda body: iter([{"message": {"content": "a"}}, {"error": "it crashed"}])
    stream = client.stream(Part, "/api/chat", {})
    assert next(stream).message == Message("a")
    with pytest.raises(ServerError, match=r"^it crashed$"):
        next(stream)


def test_a_stream_that_breaks_off_is_no_answer(server: ScriptedServer, client: Client) -> None:
    def chunks() -> Iterator[Any]:
        yield {"response": "a"}
        raise BreakOff

    for script in (chunks, lambda: iter([{"response": "a"}])):
        server.script["POST /api/generate"] = lambda body, script=script: script()
        with pytest.raises(ServerError, match=r"broke off|lost the connection"):
            list(client.stream(Part, "/api/generate", {}))


def test_nobody_answers(nobody: Settings) -> None:
    client = Client(nobody)
    assert not client.answers()
    with pytest.raises(ServerUnreachable, match=f"no server answers at http://127.0.0.1:{nobody.port}") as caught:
        client.request("GET", "/api/tags")
    assert caught.value.hint == "start one with `ossia serve`"


def test_a_server_that_answers_is_used(server: ScriptedServer, capsys: pytest.CaptureFixture[str]) -> None:
    ensure_server(Settings(port=server.server_port))
    server.script["GET /"] = (401, {"error": "a proxy wants to know who asks"})
    ensure_server(Settings(port=server.server_port))
    assert capsys.readouterr().err == ""


def test_ollama_itself_is_used_but_named(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(BaseHTTPRequestHandler, "version_string", lambda self: "")
    ensure_server(Settings(port=server.server_port))
    assert capsys.readouterr().err.startswith(f"Ollama itself answers at http://{server.host}, not ossia; OLLAMA_HOST=")


def test_another_program_is_not_asked_for_models(server: ScriptedServer) -> None:
    server.script["GET /"] = b"<html>It works!"
    with pytest.raises(OssiaError, match="is neither ossia nor Ollama") as caught:
        ensure_server(Settings(port=server.server_port))
    assert caught.value.hint == f"OLLAMA_HOST=127.0.0.1:{server.server_port + 1} takes another port"


def test_no_server_is_started_for_another_machine(nobody: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Client, "answers", lambda self: False)
    monkeypatch.setattr(sys, "executable", "/nonexistent")
    with pytest.raises(ServerUnreachable, match=r"no server answers at http://192\.0\.2\.1"):
        ensure_server(replace(nobody, host="192.0.2.1"))


def program(path: Path, body: str) -> str:
    """An executable in Python that stands for the interpreter, and so gets `-P -m ossia serve`."""
    path.write_text(f"#!{sys.executable}\nimport sys\nassert sys.argv[1:] == ['-P', '-m', 'ossia', 'serve']\n{body}")
    path.chmod(0o755)
    return str(path)


@pytest.mark.filterwarnings("ignore:subprocess:ResourceWarning")  # it is meant to outlive us
def test_a_server_is_started_once_and_left_running(
    nobody: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also by two commands at a time, as in a pipe of two."""
    body = f"""
    from http.server import BaseHTTPRequestHandler, HTTPServer
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200); self.end_headers()
    HTTPServer(("127.0.0.1", {nobody.port}), Handler).serve_forever()
    """
    monkeypatch.setattr(sys, "executable", program(tmp_path / "python", textwrap.dedent(body)))
    with ThreadPoolExecutor(2) as commands:
        client, _ = commands.map(ensure_server, [nobody, nobody])
    out, err = capsys.readouterr()
    (pid,) = map(int, re.findall(r"`kill (\d+)` stops it", err))
    try:
        assert out == ""
        assert client.answers()
        assert os.getsid(pid) == pid  # a session of its own: closing our terminal does not end it
        assert '"GET / HTTP/1.1" 200' in (tmp_path / "home" / ".ollama" / "logs" / "ossia.log").read_text()
    finally:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


def test_a_server_that_cannot_start_says_why(nobody: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "home" / ".ollama" / "logs" / "ossia.log"
    log.parent.mkdir(parents=True)
    log.write_text("what an earlier server said\n")
    monkeypatch.setattr(sys, "executable", program(tmp_path / "python", "sys.exit('error: the disk is on fire')"))
    with pytest.raises(ServerUnreachable) as caught:
        ensure_server(nobody)
    assert caught.value.message == "the server could not be started:\nerror: the disk is on fire"
    assert caught.value.hint == f"its log is {log}"
