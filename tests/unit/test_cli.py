"""The command line, through `main(argv)` and a real HTTP server that plays a script."""

import io
import itertools
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gguf
import numpy as np
import pytest

from ossia.cli import main
from ossia.config import VARIABLES
from ossia.store.models import ModelStore
from ossia.tables import go_duration, human_duration, human_size, processor
from tests.scripted_server import BreakOff, ScriptedServer, scripted_server

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
def store(home: Path) -> ModelStore:
    return ModelStore(home / "models")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        monkeypatch.setenv("OLLAMA_HOST", server.host)
        server.script["POST /api/show"] = {"capabilities": ["completion"]}
        yield server


@pytest.fixture
def file(tmp_path: Path) -> Path:
    writer = gguf.GGUFWriter(tmp_path / "model.gguf", "gpt-oss")
    writer.add_tensor("output.weight", np.zeros((64, 64), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return tmp_path / "model.gguf"


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


@pytest.mark.parametrize("argv", [[], ["dance"], ["run"], ["cp", "a"], ["show", "x", "--system", "--license"]])
def test_wrong_usage(argv: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"error: .+\nhint: ossia.* --help\n", err)


def test_help_of_serve_names_every_setting(capsys: Captured) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in ("OLLAMA_HOST", *VARIABLES))


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, ossia.cli\ntry: ossia.cli.main(['--help'])\nexcept SystemExit: print(*sys.modules)"
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
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ossia.terminal.answer.Answer.show", interrupt)
    assert main(["run", "x", "hi"]) == 130
    assert capsys.readouterr() == ("", "\n")


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
        assert process.wait(30) == 1
    assert server.client_left.wait(20)


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
        timeout=30,
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
    assert server.bodies("POST /api/generate") == [
        {"model": "x", "prompt": "tell me", "keep_alive": "10m", "format": "json", "think": True},
        {"model": "x", "prompt": "hi", "format": {"type": "object"}, "think": "low"},
        {"model": "x", "prompt": "hi", "think": False},
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
    assert text in capsys.readouterr().err


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


def test_a_model_that_is_missing(server: ScriptedServer, capsys: Captured) -> None:
    server.script["POST /api/show"] = (404, {"error": "model 'x' not found"})
    assert fails(capsys, "run", "x", "hi") == (
        "error: model 'x' is not here, and fetching models from a registry is not available yet\n"
        "hint: make it from a GGUF file: `ossia create x -f model.gguf`; or try `ossia run tiny`\n"
    )


# tiny


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch, file: Path) -> list[str]:
    """Stands for the builder of `tiny`, which takes minutes and a network; lists what was asked of it."""
    asked: list[str] = []

    def build(
        destination: Path, experts: str = "mxfp4", progress: Callable[[str, int, int], None] | None = None
    ) -> None:
        asked.append(experts)
        assert progress
        progress("building", 1, 1)
        destination.write_bytes(file.read_bytes())

    module = SimpleNamespace(build=build)
    monkeypatch.setitem(sys.modules, "ossia.store.tiny", module)
    monkeypatch.setattr("ossia.store.tiny", module, raising=False)
    return asked


def test_pull_builds_tiny_once(builds: list[str], store: ModelStore, capsys: Captured) -> None:
    assert main(["pull", "tiny"]) == 0
    assert main(["pull", "Tiny:latest"]) == 0
    assert capsys.readouterr() == ("", "created 'tiny:latest'\n'tiny:latest' is already here\n")
    assert main(["pull", "tiny:f16"]) == 0
    assert builds == ["mxfp4", "f16"]
    model = store.resolve("tiny")
    assert model.parameters == {"temperature": 0.2, "top_p": 0.9}
    assert "Apache" in model.license
    assert sorted(path.name for path in store.root.iterdir()) == [".lock", "blobs", "manifests"]


def test_a_folder_that_cannot_be_made(
    builds: list[str], file: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("OLLAMA_MODELS", str(file / "models"))
    assert fails(capsys, "pull", "tiny") == f"error: {file / 'models'}: Not a directory\n"


@pytest.mark.parametrize("name", ["gpt-oss:20b", "tiny:q8", "me/tiny"])
def test_pull_of_anything_else(builds: list[str], name: str, capsys: Captured) -> None:
    assert fails(capsys, "pull", name).startswith(f"error: model '{name}' is not here, and fetching models")
    assert builds == []


def test_run_builds_tiny_when_it_is_missing(builds: list[str], server: ScriptedServer, capsys: Captured) -> None:
    shown = iter([(404, {"error": "model 'tiny' not found"}), {"capabilities": ["completion"]}])
    server.script["POST /api/show"] = lambda body: next(shown)
    server.script["POST /api/generate"] = generate("Hi")
    assert main(["run", "tiny", "hello"]) == 0
    assert capsys.readouterr() == ("Hi\n", "created 'tiny:latest'\n")
    assert builds == ["mxfp4"]


# create


def test_create_from_a_gguf(store: ModelStore, file: Path, capsys: Captured) -> None:
    assert main(["create", "me/mine", "-f", str(file)]) == 0
    assert capsys.readouterr() == ("", "created 'me/mine:latest'\n")
    assert store.resolve("me/mine").path.read_bytes() == file.read_bytes()


def test_create_from_a_modelfile(
    store: ModelStore, file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Captured
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "Modelfile").write_text("FROM ../model.gguf\nPARAMETER top_k 7\nSYSTEM Be brief.\nMESSAGE user hi\n")
    monkeypatch.chdir(folder)
    assert main(["create", "mine"]) == 0
    (folder / "Second").write_text("FROM mine\nPARAMETER seed 1\nLICENSE Free\n")
    monkeypatch.chdir("/")
    assert main(["create", "other", "--file", str(folder / "Second")]) == 0
    mine, other = store.resolve("mine"), store.resolve("other")
    assert other.path == mine.path
    assert (mine.parameters, other.parameters) == ({"top_k": 7}, {"top_k": 7, "seed": 1})
    assert (other.system, other.license, other.messages) == ("Be brief.", "Free", mine.messages)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "error: no FROM line"),
        (b"GGUF then junk", "error: "),
        (b"FROM absent", "error: model 'absent' not found"),
        (b"FROM ./absent.gguf", "error: FROM ./absent.gguf: "),
        (b"FROM x\nADAPTER y", "error: ADAPTER is not supported"),
        (b"\xff\xfe\xfd", "error: not a Modelfile"),
        (b"FROM /dev/zero", "error: FROM /dev/zero: "),
    ],
)
def test_create_from_what_cannot_be_used(
    store: ModelStore, tmp_path: Path, content: bytes, text: str, capsys: Captured
) -> None:
    path = tmp_path / "Modelfile"
    path.write_bytes(content)
    assert fails(capsys, "create", "x", "-f", str(path)).startswith(text)
    assert store.list() == []


def test_create_without_a_file(capsys: Captured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert fails(capsys, "create", "x").startswith("error: Modelfile is not a file\n")
    assert fails(capsys, "create", "x", "-f", "/dev/zero").startswith("error: /dev/zero is not a file\n")


def test_create_with_a_name_that_is_none(file: Path, capsys: Captured) -> None:
    assert fails(capsys, "create", "../x", "-f", str(file)).startswith("error: invalid model name\n")


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
            {**common, "name": "a:1", "size_vram": 0, "expires_at": "2318-01-01T00:00:00.123456789Z"},
            {**common, "name": "b:1", "size_vram": 500_000_000, "expires_at": ago(seconds=-270)},
            {**common, "name": "c:1", "size_vram": 2_000_000_000, "expires_at": ago(seconds=1)},
        ]
    }
    assert main(["ps"]) == 0
    assert capsys.readouterr().out == (
        "NAME    ID              SIZE    PROCESSOR          CONTEXT    UNTIL\n"
        "a:1     0123456789ab    2 GB    100% CPU           8192       Forever\n"
        "b:1     0123456789ab    2 GB    75%/25% CPU/GPU    8192       4 minutes from now\n"
        "c:1     0123456789ab    2 GB    100% GPU           8192       Stopping...\n"
    )
    assert main(["ps", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 3


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


# A conversation on a real terminal


class Terminal:
    """`ossia run x` with a pseudo-terminal for its stdin, stdout and stderr."""

    def __init__(self, *argv: str) -> None:
        self._end, inner = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ossia", "run", *argv], stdin=inner, stdout=inner, stderr=inner
        )
        os.close(inner)
        self._text = ""

    def expect(self, text: str, *, interrupt: bool = False) -> str:
        """Read until `text` has come; returns all since the last expectation.

        With `interrupt` send Ctrl-C's signal until it has: one that comes just before readline waits is forgotten.
        """
        deadline = time.monotonic() + 30
        while text not in self._text:
            assert time.monotonic() < deadline, f"{text!r} did not come, but {self._text!r}"
            if interrupt:
                self.interrupt()
            if select.select([self._end], [], [], 0.5)[0]:
                self._text += os.read(self._end, 1000).decode(errors="replace").replace("\r", "")
        seen, _, self._text = self._text.partition(text)
        return seen

    def send(self, text: str) -> None:
        os.write(self._end, text.encode())

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def exit_code(self) -> int:
        return self.process.wait(30)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._end)


@pytest.fixture
def talking() -> Iterator[Callable[..., Terminal]]:
    """Starts a conversation, which ends with the test."""
    with ExitStack() as stack:

        def start(*argv: str) -> Terminal:
            return stack.enter_context(closing(Terminal(*argv)))

        yield start


def test_a_conversation(server: ScriptedServer, talking: Callable[..., Terminal]) -> None:
    replies = iter(["First", "Second", "Third"])

    def chat(body: Any) -> Iterator[Any]:
        yield {"message": {"role": "assistant", "content": "", "thinking": "Hm"}}
        yield {"message": {"role": "assistant", "content": next(replies)}}
        yield {"message": {"role": "assistant", "content": "."}, "done": True}

    server.script["POST /api/generate"] = {"done": True, "done_reason": "load"}
    server.script["POST /api/chat"] = chat
    terminal = talking("x", "--keepalive", "1h")
    terminal.expect(">>> ")
    terminal.send("hello\n")
    assert "Thinking..." in terminal.expect("First.")
    terminal.expect(">>> ")
    terminal.send('"""two\n')
    terminal.expect("... ")
    terminal.send('lines"""\n')
    terminal.expect("Second.")
    terminal.expect(">>> ")
    terminal.send("/clear\n")
    terminal.expect("Cleared session context")
    terminal.send("/set system Be brief.\n")
    terminal.expect("Set system message.")
    terminal.send("/dance\n")
    terminal.expect("Unknown command '/dance'. Type /? for help")
    terminal.send("/?\n")
    terminal.expect("/bye")
    terminal.expect(">>> ")
    terminal.send("again\n")
    terminal.expect("Third.")
    terminal.send("/bye\n")
    assert terminal.exit_code() == 0
    assert server.bodies("POST /api/generate") == [{"model": "x", "keep_alive": "1h", "prompt": "", "stream": False}]
    hello, first = {"role": "user", "content": "hello"}, {"role": "assistant", "content": "First.", "thinking": "Hm"}
    assert [body["messages"] for body in server.bodies("POST /api/chat")] == [
        [hello],
        [hello, first, {"role": "user", "content": "two\nlines"}],
        [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "again"}],
    ]


def test_ctrl_c_ends_the_answer_and_ctrl_d_the_conversation(
    server: ScriptedServer, talking: Callable[..., Terminal]
) -> None:
    turns = iter([({"message": {"content": "word "}} for _ in itertools.count()), (500, {"error": "it crashed"})])
    server.script["POST /api/generate"] = {"done": True}
    server.script["POST /api/chat"] = lambda body: next(turns)
    terminal = talking("x")
    terminal.expect(">>> ")
    terminal.expect("Use Ctrl + d or /bye to exit.", interrupt=True)
    terminal.send("talk\n")
    terminal.expect("word word ")
    terminal.interrupt()
    assert server.client_left.wait(20)
    terminal.expect(">>> ")
    terminal.send("more\n")
    terminal.expect("error: it crashed")
    terminal.expect(">>> ")
    terminal.send("\x04")
    assert terminal.exit_code() == 0
    talked = server.bodies("POST /api/chat")[1]["messages"]
    assert [message["role"] for message in talked] == ["user", "assistant", "user"]
    assert talked[1]["content"].startswith("word word ")


def test_a_sign_of_life_while_the_model_loads(server: ScriptedServer, talking: Callable[..., Terminal]) -> None:
    loaded = threading.Event()

    def load(body: Any) -> Any:
        assert loaded.wait(20)
        return {"done": True}

    server.script["POST /api/generate"] = load
    terminal = talking("x")
    terminal.expect("loading the model")
    loaded.set()
    terminal.expect("\033[K")
    terminal.expect(">>> ")
    terminal.send("/bye\n")
    assert terminal.exit_code() == 0


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
