"""Whatever answers at OLLAMA_HOST, each command works or ends with one error that says what is wrong and where to look:
before servers whose answers have a part of a wrong type or none, are no JSON, or break off."""

import io
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from copy import deepcopy
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any

import pytest

from ossia.cli import watch
from ossia.cli.arguments import main
from tests.doubles.scripted_server import ScriptedServer, scripted_server
from tests.hostile.test_terminal import model, shown

Captured = pytest.CaptureFixture[str]
MEMORY = {
    "is_on_gpu": False,
    "kv_cache_type": "f16",
    "usable_bytes": 5,
    "weights_bytes": 5,
    "work_bytes": 3,
    "contexts": [{"tokens": 4, "kv_bytes": 4}],
}
CALL = {"function": {"name": "f", "arguments": {}}}
TIMES = {"total_duration": 5, "load_duration": 4, "prompt_eval_count": 3, "eval_count": 4, "eval_duration": 5}
GOOD: dict[str, Any] = {
    "GET /api/tags": {"models": [model("")]},
    "GET /api/ps": {"models": [model("") | {"device": "CPU"}]},
    "POST /api/show": shown("") | {"memory": MEMORY, "device": "CPU"},
    "POST /api/pull": [{"status": "a", "total": 9, "completed": 3}, {"status": "success"}],
    "POST /api/generate": [
        {"response": "", "thinking": "t", "message": {"tool_calls": [CALL]}},
        {"done": True, "done_reason": "stop", **TIMES},
    ],
}
READERS = {
    "GET /api/tags": (["list"], ["list", "--json"]),
    "GET /api/ps": (["ps"], ["ps", "--json"]),
    "POST /api/show": (
        ["show", "-v", "x"],
        ["show", "--memory", "x"],
        ["show", "--license", "x"],
        ["show", "--json", "x"],
    ),
    "POST /api/pull": (["pull", "x"],),
    "POST /api/generate": (["run", "--verbose", "x", "hi"],),
}
NO_ANSWERS = [b"", b"null", b"[]", b"<html>a proxy", b"\xff", b"{", b"[" * 10**5]
WRONG = [None, -1, 2**70, [None], {"a": []}]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with scripted_server() as server:
        monkeypatch.setenv("OLLAMA_HOST", server.host)
        yield server


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the places of all parts of a JSON value."""
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*place, key)
        yield from places(part, (*place, key))


def replaced(value: Any, place: tuple[Any, ...], part: object) -> Any:
    value = whole = deepcopy(value)
    for key in place[:-1]:
        value = value[key]
    value[place[-1]] = part
    return whole


def script(server: ScriptedServer, route: str, answer: Any) -> None:
    def reply(value: Any) -> Callable[[Any], Any]:
        return lambda body: iter(value) if isinstance(value, list) else value

    server.script |= {each: reply(value) for each, value in {**GOOD, route: answer}.items()}


def ends_well(argv: list[str], capsys: Captured) -> bool:
    """True if a command does what it is for, False if it ends with an error that says what to do."""
    code, err = main(argv), capsys.readouterr().err
    assert (code, "\nhint: " in err) in ((0, False), (1, True)), err
    return code == 0


@pytest.mark.parametrize("route", GOOD)
def test_an_answer_that_is_none(server: ScriptedServer, route: str, capsys: Captured) -> None:
    for argv in READERS[route][:2]:
        script(server, route, GOOD[route])
        assert ends_well(argv, capsys)
        for answer in NO_ANSWERS:
            script(server, route, answer)
            assert not ends_well(argv, capsys)


@pytest.mark.slow  # thousands of answers
@pytest.mark.parametrize("route", GOOD)
def test_an_answer_with_a_wrong_part(server: ScriptedServer, route: str, capsys: Captured) -> None:
    ends = set[bool]()
    for place in places(GOOD[route]):
        for part in WRONG:
            script(server, route, replaced(GOOD[route], place, part))
            ends |= {ends_well(argv, capsys) for argv in READERS[route]}
    assert ends == {True, False}


@pytest.mark.parametrize(
    "answer",
    [
        b"[" * 10**5,
        b'{"usage":{"completion_tokens":1' + b"0" * 400 + b"}}",
        b'{"choices":[{"delta":{"content":"\xff"}}]}',
    ],
)
def test_a_bench_of_what_is_no_server(server: ScriptedServer, answer: bytes, capsys: Captured) -> None:
    script(server, "POST /v1/chat/completions", b"data: " + answer + b"\n\n")
    assert main(["bench", "x"]) == 1
    assert f"error: http://{server.host} is no OpenAI-compatible server: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "route", "answer", "where"),
    [
        (["list"], "GET /api/tags", {"models": [{}]}, "`name`"),
        (["list"], "GET /api/tags", {"models": [model("") | {"modified_at": "yesterday"}]}, "$.models[0].modified_at"),
        (["ps"], "GET /api/ps", {"models": [model("") | {"size": -1}]}, "$.models[0].size"),
        (["show", "x"], "POST /api/show", {"model_info": []}, "$.model_info"),
        (["show", "--memory", "x"], "POST /api/show", {"memory": MEMORY | {"contexts": []}}, "$.memory.contexts"),
        (["pull", "x"], "POST /api/pull", [{"status": "a", "total": "9"}], "$.total"),
        (["run", "x", "hi"], "POST /api/generate", [{"message": {"tool_calls": [{}]}}], "$.message.tool_calls[0]"),
    ],
)
def test_the_error_says_where(
    server: ScriptedServer, argv: list[str], route: str, answer: Any, where: str, capsys: Captured
) -> None:
    script(server, route, answer)
    assert main(argv) == 1
    err = capsys.readouterr().err
    assert f"error: what answers at http://{server.host} is not an Ollama server: " in err
    assert where in err
    assert "\nhint: OLLAMA_HOST says where to look\n" in err


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[object], object]]:
    """A reply that never comes, to clients that look very often whether there will be one."""
    over = threading.Event()
    monkeypatch.setattr(watch, "INTERVAL", 0.02)
    monkeypatch.setattr(watch, "PATIENCE", 0.02)

    def wait(body: object) -> object:
        over.wait(60)
        raise ConnectionResetError

    yield wait
    over.set()


@pytest.mark.parametrize("command", ["show x", "pull x", "stop x", "cp x y", "run x hi"])
def test_a_server_that_stands_still_is_noticed(
    server: ScriptedServer, command: str, silence: Callable[[object], object], capsys: Captured
) -> None:
    routes = ("POST /api/show", "POST /api/pull", "POST /api/generate", "POST /api/copy", "GET /api/version")
    server.script |= dict.fromkeys(routes, silence)
    assert main(command.split()) == 1
    assert "has stopped answering" in capsys.readouterr().err


@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.0"], ids=["that goes on", "that ends its connection"])
def test_a_server_that_stands_still_in_the_middle_of_an_answer(
    server: ScriptedServer,
    version: str,
    silence: Callable[[object], object],
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server.RequestHandlerClass, "protocol_version", version)

    def begin(body: object) -> Iterator[object]:
        yield GOOD["POST /api/pull"][0]
        silence(body)

    server.script |= {"POST /api/pull": begin, "GET /api/version": silence}
    assert main(["pull", "x"]) == 1
    assert "has stopped answering" in capsys.readouterr().err


def test_a_server_that_takes_its_time_is_waited_for(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It loads a large model, say, and answers others meanwhile."""
    monkeypatch.setattr(watch, "INTERVAL", 0.001)
    looks = threading.Semaphore(0)

    def version(body: object) -> object:
        looks.release()
        return {"version": "1"}

    def late(body: object) -> object:
        for _ in range(4):
            assert looks.acquire(timeout=60)
        return GOOD["POST /api/pull"][-1]

    server.script |= {"POST /api/pull": late, "GET /api/version": version}
    assert main(["pull", "x"]) == 0


@pytest.fixture
def deaf() -> Iterator[tuple[str, int]]:
    """The address of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        yield listening.getsockname()


@pytest.mark.usefixtures("silence")
@pytest.mark.parametrize("kind", [HTTPConnection, HTTPSConnection])
@pytest.mark.parametrize(
    ("heard", "stands_still"),
    [([0, 1, 2, 3, 4], False), ([0, 0, 1, 1, 2, 2], False), ([0, 0, 0, 0], True), ([0, 0, 1, 1, 1, 1], True)],
)
def test_a_server_stands_still_if_it_is_silent_at_two_looks_in_a_row_and_meanwhile(
    deaf: tuple[str, int], kind: type[HTTPConnection], heard: list[int], stands_still: bool
) -> None:
    """`heard` is how many lines of an answer had come before the first look, and after each one."""
    left = list(heard)

    def lines() -> int:
        if len(left) == 1:
            watched.end()
        return left.pop(0)

    with closing(HTTPConnection(*deaf)) as connection:
        connection.connect()
        watched = watch.Watch(connection, kind(*deaf), lines)
        watched.run()
    assert (watched.stands_still, len(left)) == (stands_still, int(stands_still))
