"""Whatever a server says, it cannot steer the terminal or forge a line of ours: every command, before a server each
of whose strings is hostile, on a terminal and not."""

import ast
import io
import json
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pexpect
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ossia.cli
from ossia.cli.arguments import main
from ossia.cli.commands import complete_model
from ossia.cli.terminal.markdown import rendered
from ossia.logs import TextFormatter
from ossia.printable import one_line, printable
from tests.doubles.scripted_server import ScriptedServer, scripted_server
from tests.terminal.terminal import Terminal
from tests.waiting import PATIENCE

EVIL = {
    "title": "\x1b]0;EVIL\x07",
    "colours": "\x1b[31mEVIL",
    "one-byte CSI": "\x9b2JEVIL",
    "clipboard": "\x1b]52;c;RVZJTA==\x1b\\",
    "backspaces": "\x08\x08\x7fEVIL",
    "overwriting": "\rEVIL",
    "bidi": "\u202eLIVE\u202c\u2066EVIL\u2069",
    "separators": "\u2028hint: EVIL\u2029error: EVIL\x85hint: EVIL\x0bhint: EVIL",
    "line feeds": "\nhint: EVIL\nerror: EVIL",
    "half a pair": "\ud83dEVIL",
}
ALL = "".join(EVIL.values())
STEERING = re.compile(
    "\x1b\\]|\x1b\\[31m|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Controls that no command may write; it may colour and redraw its own lines with ESC [."""
FORGED = re.compile(r"^(hint|error): EVIL", re.MULTILINE)
OLD = "2024-01-01T00:00:00Z"


def model(evil: str) -> dict[str, Any]:
    details = {"family": evil, "parameter_size": evil, "quantization_level": evil, "format": evil, "families": [evil]}
    return {
        "name": f"x{evil}",
        "model": evil,
        "digest": evil,
        "size": 1,
        "modified_at": OLD,
        "details": details,
        "expires_at": OLD,
        "size_vram": 0,
        "context_length": 1,
    }


def shown(evil: str) -> dict[str, Any]:
    return {
        **{name: f"{name}{evil}" for name in ("license", "system", "template", "modelfile", "parameters")},
        "details": model(evil)["details"],
        "capabilities": ["completion", "thinking", evil],
        "model_info": {"general.architecture": evil, f"{evil}.context_length": evil, evil: [evil]},
        "tensors": [{"name": evil, "type": evil, "shape": [1]}],
        "messages": [{"role": "user", "content": evil}, {"role": "assistant", "content": evil}],
    }


def job(evil: str) -> Callable[[Any], Iterator[Any]]:
    steps = [{"status": evil}, {"status": f"pulling{evil}", "total": 9, "completed": 3, "digest": evil}]
    return lambda body: iter([*steps, {"status": "[link=http://evil]EVIL[/link]"}, {"status": "success"}])


def answer(evil: str) -> Callable[[Any], Any]:
    call = {"function": {"name": evil, "arguments": {evil: evil}}}
    said = {"thinking": evil, "content": f"**x** {evil}", "tool_calls": [call]}
    chunks = [{"message": said, "response": f"**x** {evil}", "thinking": evil}, {"done": True, "done_reason": evil}]
    return lambda body: chunks[-1] if body.get("stream") is False else iter(chunks)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Modelfile").write_text("FROM y")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with scripted_server() as server:
        monkeypatch.setenv("OLLAMA_HOST", server.host)
        yield server


def script(server: ScriptedServer, evil: str) -> None:
    server.script |= {
        "GET /api/tags": {"models": [model(evil), model(evil)]},
        "GET /api/ps": {"models": [model(evil)]},
        "POST /api/show": shown(evil),
        **{f"POST /api/{name}": job(evil) for name in ("pull", "push", "create")},
        "POST /api/generate": answer(evil),
        "POST /api/chat": answer(evil),
        "POST /api/copy": {},
        "DELETE /api/delete": {},
    }


PARTS = [["show", f"--{part}", "x"] for part in ("license", "modelfile", "parameters", "template", "system")]
READING = [
    *(["list"], ["list", "--json"], ["ps"], ["ps", "--json"], ["show", "x"], ["show", "-v", "x"]),
    *(["show", "--json", "x"], ["pull", "x"], ["push", "x/y"], ["create", "z"], ["cp", "x", "z"], ["rm", "x"]),
]
COMMANDS = [*READING, *PARTS, ["stop", "x"], ["run", "x", "hello"]]


@pytest.mark.parametrize("argv", [*READING, *PARTS], ids=" ".join)
@pytest.mark.parametrize("evil", [*EVIL.values(), ALL], ids=[*EVIL, "all"])
def test_no_command_writes_what_steers_a_terminal(
    server: ScriptedServer, capsys: pytest.CaptureFixture[str], argv: list[str], evil: str
) -> None:
    script(server, evil)
    assert main(argv) == 0
    out, err = capsys.readouterr()
    assert out + err
    assert STEERING.findall(out + err) == []
    assert "\x1b" not in out + err
    assert FORGED.findall(err if argv in PARTS else out + err) == []


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_nor_on_a_terminal(server: ScriptedServer, argv: list[str]) -> None:
    script(server, ALL.replace("\nhint: EVIL\nerror: EVIL", "") if argv[0] in ("run", "show") else ALL)
    process = pexpect.spawn(
        sys.executable, ["-m", "ossia", *argv], env={**os.environ, "TERM": "xterm"}, timeout=PATIENCE
    )
    process.expect(pexpect.EOF)
    process.close()
    text = process.before.decode()
    assert process.exitstatus == 0, text
    assert "EVIL" in text or argv[0] in ("cp", "rm", "stop")
    assert STEERING.findall(text) == []
    assert FORGED.findall(text.replace("\r", "")) == []


def test_nor_in_a_chat(server: ScriptedServer) -> None:
    script(server, ALL.replace("\nhint: EVIL\nerror: EVIL", ""))
    server.script["POST /api/create"] = (400, {"error": ALL, "hint": ALL})
    parts = ("info", "license", "modelfile", "parameters", "system", "template")
    with closing(Terminal("-m", "ossia", "run", "x", env=os.environ)) as terminal:
        for line in ("hello", "/list", *(f"/show {part}" for part in parts), "/save z", "/load y", "/bye"):
            terminal.say(line)
        assert terminal.exit_code() == 0
    said = terminal.written.decode()
    assert said.count("EVIL") > 100
    assert STEERING.findall(said) == []
    assert FORGED.findall(said.replace("\r", "")) == []


REPLIES: dict[str, object] = {
    "JSON": (400, {"error": ALL, "hint": ALL}),
    "text": (502, ALL.encode(errors="replace")),
    "an object": (500, {"error": {"message": ALL}}),
    "a stream": iter([{"error": ALL, "hint": ALL}]),
    "no JSON": f"EVIL{ALL}".encode(errors="replace"),
}


@pytest.mark.parametrize("argv", [*COMMANDS, ["list", "--json"]], ids=" ".join)
@pytest.mark.parametrize("reply", REPLIES)
def test_an_error_of_a_server(
    server: ScriptedServer, capsys: pytest.CaptureFixture[str], argv: list[str], reply: str
) -> None:
    content = REPLIES[reply]
    answers: Any = (lambda body: iter([{"error": ALL, "hint": ALL}])) if reply == "a stream" else content
    routes = ("GET /api/tags", "GET /api/ps", "POST /api/show", "POST /api/pull", "POST /api/push", "POST /api/create")
    server.script |= dict.fromkeys((*routes, "POST /api/generate", "POST /api/copy", "DELETE /api/delete"), answers)
    main(argv)
    out, err = capsys.readouterr()
    assert STEERING.findall(out + err) == []
    assert FORGED.findall(out + err) == []


def test_json_stays_the_same_value(server: ScriptedServer, capsys: pytest.CaptureFixture[str]) -> None:
    script(server, ALL)
    main(["show", "--json", "--verbose", "x"])
    assert json.loads(capsys.readouterr().out) == shown(ALL)


def test_an_answer_into_a_pipe_is_left_as_it_is(server: ScriptedServer, capsys: pytest.CaptureFixture[str]) -> None:
    script(server, EVIL["title"])
    assert main(["run", "x", "hello"]) == 0
    assert capsys.readouterr().out.startswith("**x** " + EVIL["title"])


def test_a_shell_is_offered_no_hostile_name(server: ScriptedServer) -> None:
    server.script["GET /api/tags"] = {"models": [{"name": "xy"}, *({"name": f"x{evil}"} for evil in EVIL.values())]}
    assert complete_model("x") == ["xy"]


@pytest.mark.parametrize("evil", [*EVIL.values(), ALL], ids=[*EVIL, "all"])
def test_a_log_has_one_line_for_each_record(evil: str) -> None:
    try:
        raise ValueError(f"no model {evil}\n2024-01-01 INFO ossia: EVIL")
    except ValueError:
        record = logging.LogRecord("ossia", logging.INFO, "", 1, "model %s", (f"{evil}\nEVIL",), sys.exc_info())
    text = TextFormatter("%(levelname)s %(message)s").format(record)
    assert STEERING.findall(text) == []
    assert [line[:10] for line in text.splitlines() if not line.startswith("  ")] == ["INFO model"]


MARKUP = ["**a** {}", "# {}", "- [{}](http://x/{})", "| {} |\n|--|\n| {} |", "`{}`", "```{}\n{}\n```"]


@pytest.mark.parametrize("number", [0x1B, 0x9B, 0x0D, 0x0C, 0x08, 0x7F, 0x202E, 0x2028, 0x2066, 0x061C, 0xD800])
@pytest.mark.parametrize(
    "form", ["**a** {}", "# {}", "- [{}](http://x/{})", "| {} |\n|--|\n| {} |", "`{}`", "```{}\n{}\n```"]
)
@pytest.mark.parametrize("entity", ["&#{0};", "&#x{0:x};"])
def test_markdown_decodes_no_hostile_character(number: int, form: str, entity: str) -> None:
    spelled = entity.format(number)
    assert STEERING.findall(rendered(printable(form.format(spelled, spelled)), 80)) == []


@given(st.text())
def test_any_text_becomes_printable(text: str) -> None:
    assert STEERING.findall(printable(text)) == []
    assert "\x1b" not in printable(text)
    assert printable(printable(text)) == printable(text)
    assert len(one_line(text).splitlines()) <= 1
    assert len(one_line(text, 10)) <= 10
    printable(text).encode()


def test_only_two_modules_of_the_command_line_write() -> None:
    """output.py prints what anybody says, and writer.py streams answers; all others go through them."""
    writing = {
        path.name
        for path in Path(ossia.cli.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and re.fullmatch(r"print|(sys\.std(out|err)|self\._stream)(\.buffer)?\.write(lines)?", ast.unparse(node.func))
    }
    assert writing == {"output.py", "writer.py"}
