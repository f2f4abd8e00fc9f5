"""The command line, through `main(argv)` and a real HTTP server that plays a script."""

import argparse
import io
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pexpect
import pytest

from ossia.cli import commands, keys
from ossia.cli.answers import Part
from ossia.cli.arguments import main
from ossia.cli.tables import go_duration, human_duration, processor
from ossia.config import VARIABLES
from ossia.sizes import human_size
from tests.doubles.scripted_server import BreakOff, ScriptedServer, scripted_server
from tests.waiting import PATIENCE

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:1")  # nobody
    monkeypatch.setenv("COLUMNS", "100")
    pipe(monkeypatch, b"")
    return tmp_path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        monkeypatch.setenv("OLLAMA_HOST", server.host)
        server.script["POST /api/show"] = {"capabilities": ["completion"]}
        yield server


def pipe(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def fails(capsys: Captured, *argv: str) -> str:
    """Run a command that must fail with exit code 1 and print nothing on stdout; returns stderr."""
    assert main(argv) == 1
    out, err = capsys.readouterr()
    assert out == ""
    return err


def generate(*texts: str, **last: Any) -> Callable[[Any], Iterator[Any]]:
    return lambda body: iter([{"response": text} for text in texts] + [{"response": "", "done": True, **last}])


# The program


def test_version(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert re.fullmatch(r"ossia version is \d+\.\d+\.\d+\n", capsys.readouterr().out)


@pytest.mark.parametrize("argv", [["dance"], ["signin"], ["run"], ["cp", "a"], ["show", "x", "--system", "--license"]])
def test_wrong_usage(argv: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"error: .+\nhint: ossia.* --help\n", err)


def test_streams_may_be_closed(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """As by `>&-`, or by whatever starts a service."""
    server.script["GET /api/tags"] = {"models": []}
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    assert main(["list"]) == 0
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.close()


@pytest.mark.parametrize(
    ("argv", "usage"),
    [
        *(([], "ossia"), (["help"], "ossia"), (["key"], "ossia key"), (["help", "key"], "ossia key")),
        *((["help", "run"], "ossia run"), (["help", "key", "create"], "ossia key create"), (["help", "ls"], "ossia")),
    ],
)
def test_help_is_no_error(argv: list[str], usage: str, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"usage: {usage} ")
    assert err == ""


@pytest.mark.parametrize(
    "name",
    [
        *("serve", "run", "create", "pull", "push", "show", "list", "ps", "stop", "rm", "cp", "completion", "help"),
        *("key", "doctor", "bench"),
    ],
)
def test_help_of_each_command(name: str, capsys: Captured) -> None:
    printed: list[str] = []
    for argv in (["help", name], [name, "--help"], [name, "-h"]):
        with pytest.raises(SystemExit):
            main(argv)
        printed.append(capsys.readouterr().out)
    assert printed[0].startswith(f"usage: ossia {name} ")
    assert printed[1:] == printed[:1] * 2


def test_every_argument_has_a_word_in_the_help(monkeypatch: pytest.MonkeyPatch) -> None:
    silent: list[str] = []
    add = argparse.ArgumentParser.add_argument

    def noting(parser: argparse.ArgumentParser, *names: str, **more: Any) -> argparse.Action:
        if not (more.get("help") or more.get("action") == "version"):
            silent.append(f"{parser.prog} {names}")
        return add(parser, *names, **more)

    monkeypatch.setattr(argparse.ArgumentParser, "add_argument", noting)
    with pytest.raises(SystemExit):
        main([])
    assert silent == []


@pytest.mark.parametrize(
    ("argv", "meant"),
    [
        (["version"], "ossia --version"),
        *(
            (["lst"], "ossia list"),
            (["serv"], "ossia serve"),
            (["RUN", "tiny"], "ossia run"),
            (["help", "shwo"], "ossia show"),
        ),
        *(
            (["tiyn", "hello"], "ossia run tiny"),
            (["gpt-oss:20b"], "ossia run gpt-oss:20b"),
            (["mine"], "ossia run mine"),
        ),
        *((["list", "--jsn"], "--json"), (["run", "x", "--verbos2"], "--verbose"), (["key", "creat"], "create")),
        (["completion", "bsh"], "bash"),
    ],
    ids=str,
)
def test_what_was_probably_meant(server: ScriptedServer, argv: list[str], meant: str, capsys: Captured) -> None:
    server.script["GET /api/tags"] = {"models": [{"name": "mine:latest"}]}
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"\nhint: did you mean `{meant}`?" in err


def test_help_of_serve_names_every_setting(capsys: Captured) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in ("OLLAMA_HOST", *VARIABLES))


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from ossia.cli.arguments import main"
    code += "\ntry: main(['--help'])\nexcept SystemExit: print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "argparse" in loaded
    assert loaded.isdisjoint({"numpy", "starlette", "uvicorn", "httpx", "http.client", "rich", "msgspec", "tiktoken"})


def test_a_setting_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv("OLLAMA_NUM_PARALLEL", "many")
    assert fails(capsys, "list").startswith("error: OLLAMA_NUM_PARALLEL: ")


@pytest.mark.parametrize("argv", [["list"], ["ps"], ["show", "x"], ["stop", "x"], ["rm", "x"], ["cp", "a", "b"]])
def test_without_a_server(argv: list[str], capsys: Captured) -> None:
    err = fails(capsys, *argv)
    assert err.startswith("error: no server answers at http://127.0.0.1:1")
    assert err.endswith("\nhint: start one with `ossia serve`\n")


def test_ctrl_c(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    def interrupted(*_: object) -> Iterator[Any]:
        yield from chunks
        raise KeyboardInterrupt

    chunks: list[Any] = []
    monkeypatch.setattr("ossia.cli.client.Client.stream", interrupted)
    assert main(["run", "x", "hi"]) == 130
    assert capsys.readouterr() == ("", "\nstopped while waiting for the model: there is no answer yet\n")
    chunks.append(Part(response="so"))
    assert main(["run", "x", "hi"]) == 130
    assert capsys.readouterr() == ("so\n", "\nstopped: the answer is not complete\n")


def test_a_reader_that_leaves_is_no_error(server: ScriptedServer) -> None:
    server.script["POST /api/generate"] = lambda body: ({"response": "x" * 1000} for _ in itertools.count())
    with subprocess.Popen(
        [sys.executable, "-m", "ossia", "run", "x", "hi"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(PATIENCE) == 1
    assert server.client_left.wait(PATIENCE)


def test_a_reader_that_left_before_is_no_error(server: ScriptedServer) -> None:
    server.script["GET /api/tags"] = {"models": []}
    reading, writing = os.pipe()
    os.close(reading)
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        [sys.executable, "-m", "ossia", "list"],
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=subprocess.PIPE,
        env=buffered,
        timeout=PATIENCE,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


# run


def test_run_prints_the_answer_only(server: ScriptedServer, capsys: Captured) -> None:
    server.script["POST /api/generate"] = generate("Hel", "lo ü")
    assert main(["run", "x", "Say", "hello"]) == 0
    assert capsys.readouterr() == ("Hello ü\n", "")
    assert server.bodies("POST /api/generate") == [{"model": "x", "prompt": "Say hello"}]


def test_what_is_piped_in_stands_before_the_words(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    server.script["POST /api/generate"] = generate("ok")
    pipe(monkeypatch, "text ü\n".encode() + b"\xff")
    main(["run", "x", "summarize", "this"])
    pipe(monkeypatch, b"alone")
    main(["run", "x"])
    prompts = [body["prompt"] for body in server.bodies("POST /api/generate")]
    assert prompts == ["text ü\n\N{REPLACEMENT CHARACTER} summarize this", "alone"]


def test_options_go_into_the_request_wherever_they_stand(server: ScriptedServer, capsys: Captured) -> None:
    server.script["POST /api/generate"] = generate("ok")
    main(["run", "--keepalive", "10m", "x", "--format", "json", "tell", "--think", "me", "--nowordwrap"])
    main(["run", "x", "hi", "--think=low", "--format", '{"type": "object"}'])
    main(["run", "x", "hi", "--think=false"])
    main(["run", "x", "--think", "high", "hi"])
    main(["run", "x", "--", "--think", "high"])
    assert server.bodies("POST /api/generate") == [
        {"model": "x", "prompt": "tell me", "keep_alive": "10m", "format": "json", "think": True},
        {"model": "x", "prompt": "hi", "format": {"type": "object"}, "think": "low"},
        {"model": "x", "prompt": "hi", "think": False},
        {"model": "x", "prompt": "hi", "think": "high"},
        {"model": "x", "prompt": "--think high"},
    ]


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--think=hard", 'invalid value for --think: "hard" (must be true, false, high, medium, low, or max)'),
        ("--keepalive=10", "'10' is not a duration such as 5m, 1h30m or 300s"),
        ("--format={", 'invalid format: "{"; expected "json" or a valid JSON schema'),
    ],
)
def test_options_that_cannot_be_right(option: str, text: str, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["run", "x", option, "hi"])
    assert caught.value.code == 2
    err = capsys.readouterr().err
    assert text in err
    assert ": invalid" not in err.removeprefix("error: "), "the option is named once"


def test_a_model_that_thinks_is_asked_to_and_thinking_is_not_data(server: ScriptedServer, capsys: Captured) -> None:
    def answer(body: Any) -> Iterator[Any]:
        yield {"response": "", "thinking": "Hm"}
        yield {"response": "", "thinking": "m."}
        yield {"response": "Yes"}
        yield {"response": ".", "done": True}

    server.script["POST /api/show"] = {"capabilities": ["completion", "thinking"]}
    server.script["POST /api/generate"] = answer
    main(["run", "x", "hi"])
    assert capsys.readouterr() == ("Yes.\n", "Thinking...\nHmm.\n...done thinking.\n\n")
    main(["run", "x", "hi", "--hidethinking"])
    assert capsys.readouterr() == ("Yes.\n", "")
    assert [body["think"] for body in server.bodies("POST /api/generate")] == [True, True]


def test_verbose_statistics(server: ScriptedServer, capsys: Captured) -> None:
    server.script["POST /api/generate"] = generate(
        "ok",
        total_duration=61_500_000_000,
        prompt_eval_count=11,
        prompt_eval_duration=12_500_000,
        eval_count=20,
        eval_duration=1_234_567_890,
    )
    main(["run", "x", "hi", "--verbose"])
    assert capsys.readouterr() == (
        "ok\n",
        "total duration:       1m1.5s\n"
        "prompt eval count:    11 token(s)\n"
        "prompt eval duration: 12.5ms\n"
        "prompt eval rate:     880.00 tokens/s\n"
        "eval count:           20 token(s)\n"
        "eval duration:        1.23456789s\n"
        "eval rate:            16.20 tokens/s\n",
    )


def test_an_answer_that_is_cut_off_says_so(server: ScriptedServer, capsys: Captured) -> None:
    server.script["POST /api/generate"] = generate("The quick", done_reason="length")
    main(["run", "x", "hi"])
    out, err = capsys.readouterr()
    assert (out, err.startswith("The answer is cut off: ")) == ("The quick\n", True)


def test_an_answer_that_breaks_off_is_an_error(server: ScriptedServer, capsys: Captured) -> None:
    def answer(body: Any) -> Iterator[Any]:
        yield {"response": "Hel"}
        raise BreakOff

    server.script["POST /api/generate"] = answer
    assert main(["run", "x", "hi"]) == 1
    out, err = capsys.readouterr()
    assert out == "Hel\n"
    assert err.startswith("error: ")


def test_a_tool_call_is_shown(server: ScriptedServer, capsys: Captured) -> None:
    call = {"function": {"name": "f", "arguments": {"a": 1}}}
    server.script["POST /api/generate"] = generate("", tool_calls=[call])
    main(["run", "x", "hi"])
    assert capsys.readouterr().out == "Model called a non-existent function 'f()' with arguments: {\"a\": 1}\n"


# pull, push, and run of a model that is missing

PULLING = [
    {"status": "pulling manifest"},
    {"status": "pulling 0123456789ab", "digest": "sha256:0123456789ab", "total": 10},
    {"status": "pulling 0123456789ab", "digest": "sha256:0123456789ab", "total": 10, "completed": 10},
    {"status": "success"},
]
PULLED = "pulling manifest\npulling 0123456789ab\nsuccess\n"


@pytest.mark.parametrize("command", ["pull", "push"])
def test_pull_and_push_tell_each_step_once(command: str, server: ScriptedServer, capsys: Captured) -> None:
    server.script[f"POST /api/{command}"] = lambda body: iter(PULLING)
    assert main([command, "host:5000/me/x:7b", "--insecure"]) == 0
    assert capsys.readouterr() == ("", PULLED)
    assert main([command, "x"]) == 0
    assert capsys.readouterr().err == PULLED
    assert server.bodies(f"POST /api/{command}") == [
        {"model": "host:5000/me/x:7b", "insecure": True},
        {"model": "x", "insecure": False},
    ]


def test_a_model_that_was_pushed_to_ollama_has_a_page(server: ScriptedServer, capsys: Captured) -> None:
    server.script["POST /api/push"] = lambda body: iter(PULLING)
    assert main(["push", "me/x:7b"]) == 0
    assert capsys.readouterr().out == "You can find your model at:\n\n\thttps://ollama.com/me/x\n"


def test_a_pull_that_fails(server: ScriptedServer, capsys: Captured) -> None:
    error = {"error": "pull model manifest: file does not exist", "hint": "is it spelt so?"}
    server.script["POST /api/pull"] = lambda body: iter([PULLING[0], error])
    text = "error: pull model manifest: file does not exist\nhint: is it spelt so?\n"
    assert fails(capsys, "pull", "x") == "pulling manifest\n" + text
    server.script["POST /api/pull"] = (400, error)
    assert fails(capsys, "pull", "x") == text


def test_a_pull_that_breaks_off(server: ScriptedServer, capsys: Captured) -> None:
    server.script["POST /api/pull"] = lambda body: iter(PULLING[:2])
    assert fails(capsys, "pull", "x").endswith(
        "error: the server broke off its answer\nhint: does it still run? Its log may say why\n"
    )


def test_a_pull_on_a_terminal_draws_bars(server: ScriptedServer) -> None:
    server.script["POST /api/pull"] = lambda body: iter(PULLING)
    child = pexpect.spawn(sys.executable, ["-m", "ossia", "pull", "x"], encoding="utf-8", dimensions=(24, 160))
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert child.before is not None
    last = child.before.rpartition("pulling 0123456789ab")[2]
    assert "100%" in last
    assert "10/10 bytes" in last
    assert "✓ success" in last


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        *(("tiyn", "tiny"), ("TINI", "tiny"), ("gtp-oss:20b", "gpt-oss:20b"), ("gpt-oss-20b", "gpt-oss:20b")),
        *(("openai/gpt-oss-120b", "gpt-oss:120b"), ("notez", "notes"), ("me/notez:v1", "me/notes:v1")),
        *(
            ("notes:v2", None),
            ("gpt-oss:120b", None),
            ("llama3.2", None),
            ("hf.co/a/b:Q4_0", None),
            ("tinyllama", None),
        ),
    ],
)
def test_misspelt_models(server: ScriptedServer, name: str, meant: str | None, capsys: Captured) -> None:
    """No registry is asked for one before the user has said that it is meant."""
    check_suggestion(server, "run", name, meant, capsys)


@pytest.mark.parametrize("command", ["create", "pull"])
def test_what_asks_a_registry_tells_the_model_that_was_meant(
    server: ScriptedServer, command: str, capsys: Captured
) -> None:
    check_suggestion(server, command, "notez", "notes", capsys)
    check_suggestion(server, command, "else", None, capsys)


@pytest.mark.parametrize("command", ["show", "stop", "rm", "cp", "push"])
def test_what_the_server_suggests_is_told(server: ScriptedServer, command: str, capsys: Captured) -> None:
    missing = (404, {"error": "model 'notez' not found", "hint": "did you mean `notes`?"})
    for route in ("POST /api/show", "POST /api/generate", "POST /api/copy", "POST /api/push", "DELETE /api/delete"):
        server.script[route] = missing
    assert fails(capsys, command, "notez", *(["b"] if command == "cp" else [])).endswith("did you mean `notes`?\n")


def check_suggestion(server: ScriptedServer, command: str, name: str, meant: str | None, capsys: Captured) -> None:
    missing = (404, {"error": f"model '{name}' not found", "hint": "`ossia list` shows them"})
    server.script["GET /api/tags"] = {"models": [{"name": each} for each in ("notes:latest", "me/notes:v1")]}
    for route in ("show", "pull", "create"):
        server.script[f"POST /api/{route}"] = missing
    (Path.home() / "Modelfile").write_text(f"FROM {name}\n")
    argv = {"run": ["run", name, "b"], "create": ["create", "b", "-f", f"{Path.home()}/Modelfile"]}
    assert main(argv.get(command, [command, name])) == 1
    err = capsys.readouterr().err
    assert (f"did you mean `{meant}`?" in err) if meant else ("did you mean" not in err)
    assert bool(server.bodies("POST /api/pull")) == (command == "pull" or (command == "run" and meant is None))


@pytest.mark.parametrize("piped", [b"", b" \n"])
def test_run_says_what_it_needs_in_a_pipe(
    server: ScriptedServer, piped: bytes, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    pipe(monkeypatch, piped)
    err = fails(capsys, "run", "x")
    assert err.startswith("error: there is no prompt, and the input is empty\nhint: say what to ask, `ossia run x ")
    assert server.requests == []
    server.script["POST /api/generate"] = generate()
    assert main(["run", "x", ""]) == 0, "an empty word loads the model"


STOPPED = [
    (["run", "x", "hi"], "POST /api/generate", r"stopped(: the answer is not| while waiting for the model: there).*"),
    (["run", "x", "hi"], "POST /api/show", "stopped before it was done"),
    (["pull", "x"], "POST /api/pull", "stopped: what was downloaded is kept, and `ossia pull x` goes on from there"),
    (["push", "x"], "POST /api/push", "stopped: 'x:latest' was not published; `ossia push x` sends the rest"),
    (["create", "x"], "POST /api/create", "stopped: 'x' was not made"),
    (["list"], "GET /api/tags", "stopped before it was done"),
]
WITH_CTRL_C = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background of a shell
from ossia.cli.answers import Part
from ossia.cli.arguments import main
raise SystemExit(main())
"""


@pytest.mark.parametrize(("argv", "route", "said"), STOPPED, ids=[route for _, route, _ in STOPPED])
def test_ctrl_c_says_what_it_stopped(
    server: ScriptedServer, argv: list[str], route: str, said: str, home: Path
) -> None:
    """In a process of its own, which gets the signal while the server keeps it waiting."""
    waits, ended = threading.Event(), threading.Event()

    def answer(body: Any) -> Iterator[Any]:
        yield {"status": "begun", "response": "so"}
        waits.set()
        ended.wait(PATIENCE)

    (home / "Modelfile").write_text("FROM base\n")
    server.script |= {"GET /api/tags": {"models": []}, route: answer}
    with subprocess.Popen(
        [sys.executable, "-c", WITH_CTRL_C, *argv], cwd=home, stdin=subprocess.DEVNULL, stdout=-1, stderr=-1, text=True
    ) as process:
        assert waits.wait(PATIENCE)
        process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=PATIENCE)[1]
        ended.set()
    assert re.fullmatch(said, err.splitlines()[-1])
    assert process.returncode == 130


def test_run_prints_the_embedding_of_a_model_that_has_no_other_answer(server: ScriptedServer, capsys: Captured) -> None:
    server.script["POST /api/show"] = {"capabilities": ["embedding"]}
    server.script["POST /api/embed"] = {"embeddings": [[0.25, -1.0]]}
    assert main(["run", "bert", "Hello", "--dimensions", "2"]) == 0
    assert json.loads(capsys.readouterr().out) == [0.25, -1.0]
    assert server.bodies("POST /api/embed") == [{"model": "bert", "input": "Hello", "dimensions": 2}]
    for argv, truncate in (
        (["--truncate", "Hello"], True),
        (["--truncate=false", "Hello"], False),
        (["--truncate", "false", "Hello"], False),
    ):
        assert main(["run", "bert", *argv]) == 0
        assert server.bodies("POST /api/embed")[-1] == {"model": "bert", "input": "Hello", "truncate": truncate}
    with pytest.raises(SystemExit):
        main(["run", "bert", "--truncate=no", "Hello"])
    assert "'no' is not true or false" in capsys.readouterr().err


def test_run_pulls_a_model_that_is_missing(server: ScriptedServer, capsys: Captured) -> None:
    shown = iter([(404, {"error": "model 'x' not found"}), {"capabilities": ["completion"]}])
    server.script["POST /api/show"] = lambda body: next(shown)
    server.script["POST /api/pull"] = lambda body: iter(PULLING)
    server.script["POST /api/generate"] = generate("Hi")
    assert main(["run", "x", "hello"]) == 0
    assert capsys.readouterr() == ("Hi\n", PULLED)
    assert server.bodies("POST /api/pull") == [{"model": "x", "insecure": False}]


def test_before_a_pull_the_store_of_ollamas_service_is_named(
    server: ScriptedServer, capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = tmp_path / "service" / "manifests" / "registry.ollama.ai" / "library" / "tiny" / "latest"
    manifest.parent.mkdir(parents=True)
    manifest.touch()
    monkeypatch.setattr(commands, "_OLLAMAS_STORE", tmp_path / "service")
    shown = iter([(404, {"error": "model 'tiny' not found"}), {"capabilities": ["completion"]}])
    server.script["POST /api/show"] = lambda body: next(shown)
    server.script["POST /api/pull"] = lambda body: iter(PULLING)
    server.script["POST /api/generate"] = generate("Hi")
    assert main(["run", "tiny", "hello"]) == 0
    said = capsys.readouterr().err
    assert said.startswith(f"Ollama's service has tiny already: OLLAMA_MODELS={tmp_path / 'service'} lets")
    assert said.endswith("`ossia run gpt-oss:20b` runs the real thing, a download of 13 GB.\n")


OUTDATED = {"capabilities": ["completion"], "outdated": True}


def test_run_pulls_a_model_that_is_outdated(server: ScriptedServer, capsys: Captured) -> None:
    shown = iter([OUTDATED, {"capabilities": ["completion"]}])
    server.script["POST /api/show"] = lambda body: next(shown)
    server.script["POST /api/pull"] = lambda body: iter(PULLING)
    server.script["POST /api/generate"] = generate("Hi")
    assert main(["run", "x", "hello"]) == 0
    assert capsys.readouterr() == ("Hi\n", PULLED)


def test_an_outdated_model_that_cannot_be_pulled_answers(server: ScriptedServer, capsys: Captured) -> None:
    server.script["POST /api/show"] = OUTDATED
    server.script["POST /api/pull"] = (502, {"error": "x cannot be made anew: no network"})
    server.script["POST /api/generate"] = generate("Hi")
    assert main(["run", "x", "hello"]) == 0
    assert capsys.readouterr() == ("Hi\n", "x cannot be made anew: no network\nthe earlier x answers\n")


# completion


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(shell: str, capsys: Captured) -> None:
    assert main(["completion", shell]) == 0
    out, err = capsys.readouterr()
    assert "ossia" in out
    assert err == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("line", "expected"),
    [("ossia sh", "show"), ("ossia help com", "completion"), ("ossia run tin", "tiny"), ("ossia list --js", "--json")],
)
def test_completions_of_every_shell(
    server: ScriptedServer, shell: str, line: str, expected: str, tmp_path: Path
) -> None:
    """As the scripts of the shells ask for them, so that none of these need be installed."""
    server.script["GET /api/tags"] = {"models": [{"name": "tiny:latest"}]}
    asked = {"_ARGCOMPLETE": "1", "_ARGCOMPLETE_SHELL": shell, "_ARGCOMPLETE_IFS": "\n", "COMP_TYPE": "9"}
    asked |= {"COMP_LINE": line, "COMP_POINT": str(len(line)), "_ARGCOMPLETE_STDOUT_FILENAME": str(tmp_path / "out")}
    command = [sys.executable, "-m", "ossia"]
    subprocess.run(command, env=os.environ | asked, stdin=subprocess.DEVNULL, check=True)
    found = (tmp_path / "out").read_text().splitlines()
    assert [word for word in found if word.startswith(expected)]


def completions(line: str) -> list[str]:
    """Return bash's completions at the end of this line, by the script that `ossia completion bash` prints."""
    script = r"""
        source <(ossia completion bash)
        COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9 COMP_WORDBREAKS=$' \t\n:'
        _python_argcomplete ossia
        printf '%s\n' "${COMPREPLY[@]}"
    """
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = ["bash", "-c", script, "bash", line]
    done = subprocess.run(command, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=True)
    return [word.strip() for word in done.stdout.splitlines()]


def test_commands_and_models_are_completed(server: ScriptedServer) -> None:
    names = ("gpt-oss:20b", "gpt-oss:120b", "tiny:latest")
    server.script["GET /api/tags"] = {"models": [{"name": name} for name in names]}
    assert set(completions("ossia p")) == {"ps", "pull", "push"}
    assert set(completions("ossia show gpt")) == {"gpt-oss:20b", "gpt-oss:120b"}
    assert completions("ossia show tiny:l") == ["latest"]  # for bash a word ends at the colon
    assert completions("ossia create --q") == ["--quantize"]


# list, ps, show, stop, rm, cp


def ago(**delta: float) -> str:
    return (datetime.now(UTC) - timedelta(**delta)).isoformat()


def test_list(server: ScriptedServer, capsys: Captured) -> None:
    server.script["GET /api/tags"] = {
        "models": [
            {"name": "gpt-oss:20b", "digest": "0123456789abcdef", "size": 13_780_154_624, "modified_at": ago(days=20)},
            {"name": "tiny:latest", "digest": "f" * 64, "size": 123_456, "modified_at": ago(minutes=5.5)},
        ]
    }
    assert main(["list"]) == 0
    assert capsys.readouterr().out == (
        "NAME           ID              SIZE      MODIFIED\n"
        "gpt-oss:20b    0123456789ab    13 GB     2 weeks ago\n"
        "tiny:latest    ffffffffffff    123 kB    5 minutes ago\n"
    )
    assert main(["ls", "GPT"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["NAME", "gpt-oss:20b"]
    assert main(["list", "--json", "tiny"]) == 0
    assert [model["name"] for model in json.loads(capsys.readouterr().out)] == ["tiny:latest"]


def test_list_of_nothing_is_a_header(server: ScriptedServer, capsys: Captured) -> None:
    server.script["GET /api/tags"] = {"models": []}
    assert main(["list"]) == 0
    assert capsys.readouterr().out == "NAME    ID    SIZE    MODIFIED\n"


def test_ps(server: ScriptedServer, capsys: Captured) -> None:
    common = {"digest": "0123456789abcdef", "size": 2_000_000_000, "context_length": 8192}
    server.script["GET /api/ps"] = {
        "models": [
            {
                **common,
                "name": "a:1",
                "size_vram": 0,
                "device": "the processor: no GPU",
                "expires_at": "2318-01-01T00:00:00.123456789Z",
            },
            {**common, "name": "b:1", "size_vram": 500_000_000, "expires_at": ago(seconds=-270)},
            {
                **common,
                "name": "c:1",
                "size_vram": 2_000_000_000,
                "device": "a GPU, by llama.cpp",
                "expires_at": ago(seconds=1),
            },
        ]
    }
    assert main(["ps"]) == 0
    assert capsys.readouterr().out == (
        "NAME    ID              SIZE    PROCESSOR          CONTEXT    UNTIL                 DEVICE\n"
        "a:1     0123456789ab    2 GB    100% CPU           8192       Forever               the processor\n"
        "b:1     0123456789ab    2 GB    75%/25% CPU/GPU    8192       4 minutes from now\n"
        "c:1     0123456789ab    2 GB    100% GPU           8192       Stopping...           a GPU, by llama.cpp\n"
    )
    assert main(["ps", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 3


def test_ps_of_an_ollama_that_does_not_tell_the_length_of_the_context(server: ScriptedServer, capsys: Captured) -> None:
    model = {"name": "a:1", "digest": "0123456789abcdef", "size": 2, "size_vram": 0, "expires_at": ago(seconds=-270)}
    server.script["GET /api/ps"] = {"models": [model]}
    assert main(["ps"]) == 0
    assert "a:1     0123456789ab    2 B     100% CPU " in capsys.readouterr().out


SHOWN = {
    "license": "Apache\nsecond\nthird",
    "modelfile": "FROM x\n",
    "parameters": 'temperature                    1\nstop                           "<|end|>"',
    "system": "Be brief.",
    "details": {"family": "gptoss", "parameter_size": "20.9B", "quantization_level": "MXFP4"},
    "model_info": {"general.architecture": "gptoss", "gptoss.context_length": 131072, "long": "x" * 100},
    "tensors": [{"name": "output.weight", "type": "F32", "shape": [64, 64]}],
    "capabilities": ["completion", "tools"],
}


def test_show(server: ScriptedServer, capsys: Captured) -> None:
    server.script["POST /api/show"] = SHOWN
    assert main(["show", "gpt-oss:20b"]) == 0
    short = capsys.readouterr().out
    assert short == (
        "  Model\n"
        "    architecture      gptoss\n"
        "    parameters        20.9B\n"
        "    context length    131072\n"
        "    quantization      MXFP4\n"
        "\n"
        "  Capabilities\n"
        "    completion\n"
        "    tools\n"
        "\n"
        "  Parameters\n"
        "    temperature    1\n"
        '    stop           "<|end|>"\n'
        "\n"
        "  System\n"
        "    Be brief.\n"
        "\n"
        "  License\n"
        "    Apache\n"
        "    second\n"
        "    ...\n"
    )
    assert main(["show", "-v", "gpt-oss:20b"]) == 0
    long = capsys.readouterr().out
    assert long.startswith(short)
    assert f"    long                     {'x' * 77}...\n" in long
    assert "  Tensors\n    output.weight    F32    [64, 64]\n" in long
    assert [body["verbose"] for body in server.bodies("POST /api/show")] == [False, True]


@pytest.mark.parametrize(("option", "text"), [("--modelfile", "FROM x"), ("--system", "Be brief."), ("--template", "")])
def test_show_one_part(server: ScriptedServer, option: str, text: str, capsys: Captured) -> None:
    server.script["POST /api/show"] = SHOWN
    assert main(["show", "x", option]) == 0
    assert capsys.readouterr().out.strip() == text


def test_show_json(server: ScriptedServer, capsys: Captured) -> None:
    server.script["POST /api/show"] = SHOWN
    assert main(["show", "x", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {name: it for name, it in SHOWN.items() if name != "tensors"}
    assert main(["show", "x", "--json", "--verbose"]) == 0
    assert json.loads(capsys.readouterr().out) == SHOWN


def test_stop(server: ScriptedServer, capsys: Captured) -> None:
    server.script["POST /api/generate"] = {"done": True, "done_reason": "unload"}
    assert main(["stop", "x"]) == 0
    assert server.bodies("POST /api/generate") == [{"model": "x", "keep_alive": 0, "stream": False}]
    server.script["POST /api/generate"] = (404, {"error": "model 'x' not found"})
    assert fails(capsys, "stop", "x") == 'error: couldn\'t find model "x" to stop\n'


def test_rm_unloads_and_deletes(server: ScriptedServer, capsys: Captured) -> None:
    server.script["POST /api/generate"] = lambda body: {} if body["model"] == "a" else (400, {"error": "unreadable"})
    server.script["DELETE /api/delete"] = lambda body: (
        (404, {"error": "model 'c' not found"}) if body["model"] == "c" else b""
    )
    assert main(["rm", "a", "b", "c"]) == 1
    assert capsys.readouterr() == ("deleted 'a'\ndeleted 'b'\n", "error: model 'c' not found\n")
    assert [body["model"] for body in server.bodies("DELETE /api/delete")] == ["a", "b", "c"]


def test_cp(server: ScriptedServer, capsys: Captured) -> None:
    server.script["POST /api/copy"] = b""
    assert main(["cp", "a", "b"]) == 0
    assert capsys.readouterr().out == "copied 'a' to 'b'\n"
    assert server.bodies("POST /api/copy") == [{"source": "a", "destination": "b"}]


# Sizes and times


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (9_990_000, "9.9 MB"), (13_780_154_624, "13 GB"), (10**12, "1 TB")],
)
def test_human_size(count: int, text: str) -> None:
    assert human_size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((0.5, "Less than a second"), (1, "1 second"), (59, "59 seconds"), (60, "About a minute")),
        *((119, "About a minute"), (120, "2 minutes"), (3599, "59 minutes"), (3600, "About an hour")),
        *((5400, "2 hours"), (47 * 3600, "47 hours"), (48 * 3600, "2 days"), (13 * 86400, "13 days")),
        *((14 * 86400, "2 weeks"), (60 * 86400, "2 months"), (729 * 86400, "24 months"), (730 * 86400, "2 years")),
    ],
)
def test_human_duration(seconds: float, text: str) -> None:
    assert human_duration(seconds) == text


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (1, "1ns"),
        (1500, "1.5µs"),
        (12_500_000, "12.5ms"),
        (10**9, "1s"),
        (60 * 10**9, "1m0s"),
        (3_661 * 10**9, "1h1m1s"),
        (1_234_567_891, "1.234567891s"),
    ],
)
def test_go_duration(nanoseconds: int, text: str) -> None:
    assert go_duration(nanoseconds) == text


@pytest.mark.parametrize(
    ("size", "vram", "text"),
    [(10, 0, "100% CPU"), (10, 10, "100% GPU"), (0, 1, "Unknown"), (10, 11, "Unknown"), (10, 3, "70%/30% CPU/GPU")],
)
def test_processor(size: int, vram: int, text: str) -> None:
    assert processor(size, vram) == text


def test_keys_are_made_listed_and_revoked_without_a_server(home: Path, capsys: Captured) -> None:
    assert main(["key", "create", "laptop", "--at-once", "2"]) == 0
    made = capsys.readouterr()
    assert re.fullmatch(r"ossia-[0-9a-f]{48}\n", made.out), "the key alone, for a script to keep"
    assert str(home / ".ollama" / "ossia-keys.json") in made.err
    assert main(["key", "create", "--scope", "inference,manage", "--per-minute", "30", "ci"]) == 0
    assert main(["key", "list"]) == 0
    listed = capsys.readouterr().out.splitlines()[-3:]
    assert [re.split(r" {2,}", line)[:4] for line in listed] == [
        ["NAME", "SCOPES", "AT ONCE", "PER MINUTE"],
        ["laptop", "inference", "2", "-"],
        ["ci", "inference manage", "-", "30"],
    ]
    assert made.out.strip()[6:] not in "".join(listed)
    assert main(["key", "revoke", "laptop"]) == 0
    assert capsys.readouterr() == ("revoked 'laptop'\n", "")
    assert main(["key", "revoke", "ci"]) == 0
    assert "other machines still need one" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (["key", "make"], 2, "invalid choice"),
        (["key", "create"], 2, "NAME"),
        (["key", "create", "x", "--scope", "admin"], 2, "'admin' is neither inference nor manage"),
        (["key", "create", "x", "--scope", "manage,"], 2, "neither inference nor manage"),
        (["key", "create", "x", "--at-once", "0"], 2, "'0' is not a number from 1"),
        (["key", "create", "x", "--per-minute", "many"], 2, "'many' is not a number from 1"),
        (["key", "create", "x", "--per-minute", "1000001"], 2, "is not a number from 1 to 1000000"),
        (["key", "create", "a/b"], 1, "cannot be a key's name"),
        (["key", "revoke", "nobody"], 1, "there is no key 'nobody'"),
    ],
)
def test_what_is_wrong_with_a_key(words: list[str], status: int, text: str, capsys: Captured) -> None:
    try:
        ended = main(words)
    except SystemExit as exit:
        ended = exit.code
    told = capsys.readouterr()
    assert (ended, told.out) == (status, "")
    assert text in told.err
    assert "hint: " in told.err


def test_names_of_keys_are_completed(home: Path) -> None:
    main(["key", "create", "laptop"])
    main(["key", "create", "phone"])
    assert keys.complete_name("la") == ["laptop"]
    (home / ".ollama" / "ossia-keys.json").chmod(0o644)
    assert keys.complete_name("la") == []
