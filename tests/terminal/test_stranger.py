"""A stranger's first quarter of an hour, in a shell on a terminal: help, typos, what is missing, completion, Ctrl-C."""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ossia.cli.arguments import main
from tests.doubles.scripted_server import ScriptedServer
from tests.terminal.terminal import Terminal
from tests.waiting import PATIENCE

COMMANDS = ["run", "launch", "create", "pull", "push", "show", "list", "ps", "stop", "rm", "cp", "completion", "help"]
KEY_COMMANDS = ["key create", "key list", "key revoke"]
ROOT = Path(__file__).parents[2]
START = {
    "bash": (["--norc", "--noprofile", "-i"], "source <(ossia completion bash)"),
    "zsh": (["-f", "-i"], "autoload -U compinit; compinit -D; source <(ossia completion zsh)"),
    "fish": (["--no-config"], "ossia completion fish | source"),
}


@pytest.fixture
def environment(environment: dict[str, str], server: ScriptedServer) -> dict[str, str]:
    """The shell's, with the commands of this environment and a server that has two models."""
    server.script["GET /api/tags"] = {
        "models": [
            {"name": name, "digest": "0123456789abcdef", "size": 13_000_000, "modified_at": "2026-01-01T00:00:00Z"}
            for name in ("tiny:latest", "notes:latest")
        ]
    }
    path = f"{Path(sys.executable).parent}:{environment['PATH']}"
    return environment | {"PATH": path, "PS1": "$ ", "INPUTRC": "/dev/null"}


class Shell(Terminal):
    """A shell, into which lines are typed one after another."""

    def __init__(self, program: str, environment: dict[str, str]) -> None:
        arguments, self._completion = START[program]
        super().__init__(*arguments, program=program, env=environment, rows=60, columns=120)
        self.lines_typed = 0

    def type(self, line: str, status: int = 0) -> str:
        """Run a command, which must end with this status, and return what is on the screen."""
        self.enter(line)
        return self.done(status)

    def enter(self, line: str) -> None:
        """Begin a command, whose comment is the shell's."""
        self.lines_typed += 1
        dollar = "$status" if "fish" in self._completion else "$?"
        line, _, comment = line.partition("  #")
        self.send(f"clear; {line}; echo '<'{self.lines_typed}:{dollar}'>'  #{comment}\r")

    def done(self, status: int = 0) -> str:
        """Wait for the command's end, which must have this status, and return what is on the screen."""
        self.see(f"<{self.lines_typed}:{status}>")
        return "\n".join(self.lines)

    def complete(self, line: str, completed: str) -> None:
        """Type a beginning and Tab instead of the line that is there, and see the completion."""
        self.send(f"\x15{line}\t")
        self.wait(lambda: self.line.endswith(completed))


def answer(body: Any) -> Iterator[Any]:
    yield {"response": "It scatters."}
    yield {"response": "", "done": True}


def test_a_quarter_of_an_hour(environment: dict[str, str], server: ScriptedServer) -> None:
    shown = {"capabilities": ["completion"], "tensors": [{"name": "blk.0", "type": "F32", "shape": [1]}] * 500}
    missing = (404, {"error": "model not found"})
    server.script["POST /api/show"] = lambda body: shown if body["model"] in ("tiny", "notes") else missing
    server.script["POST /api/generate"] = answer
    server.script["POST /api/pull"] = lambda body: iter(
        [
            {"status": "pulling manifest"},
            {"error": "pull model manifest: file does not exist", "hint": "is it spelt so?"},
        ]
    )
    with closing(Shell("bash", environment)) as shell:
        assert "Ask a model, or chat with it" in shell.type("ossia")
        assert "usage: ossia run " in shell.type("ossia help run")
        assert "did you mean `ossia list`?" in shell.type("ossia lst", 2)
        assert "did you mean `--version`?" in shell.type("ossia --verison", 2)
        assert "did you mean `--model`?" in shell.type("ossia launch --modle tiny claude", 2)
        assert "notes:latest    0123456789ab    13 MB" in shell.type("ossia list")
        assert "It scatters." in shell.type('ossia run tiny "Why is the sky blue?"')
        assert "It scatters." in shell.type("echo Why? | ossia run notes")
        assert "there is no prompt" in shell.type("ossia run tiny < /dev/null", 1)
        assert "did you mean `tiny`?" in shell.type("ossia run tiyn hello", 1)
        assert server.bodies("POST /api/pull") == []
        assert "file does not exist\nhint: is it spelt so?" in shell.type("ossia run somebody/else hello", 1)
        assert "blk.0" not in shell.type("ossia show --json tiny")
        assert "no server answers" in shell.type("OLLAMA_HOST=127.0.0.1:1 ossia list", 1)
        assert "start one with `ossia serve`" in "\n".join(shell.lines)


def test_the_commands_of_the_readme_as_they_are_written(
    environment: dict[str, str], server: ScriptedServer, tmp_path: Path
) -> None:
    """Those that need no compiler: each ends well, and the chat is left as the readme says."""
    pulled: list[str] = []

    def pull(body: Any) -> Iterator[Any]:
        pulled.append(body["model"])
        yield {"status": "success"}

    server.script["POST /api/pull"] = pull
    server.script["POST /api/show"] = lambda body: (
        {"capabilities": ["completion", "thinking"]} if body["model"] in ("tiny", *pulled) else (404, {"error": "none"})
    )
    load = {"done": True, "done_reason": "load"}
    server.script["POST /api/generate"] = lambda body: answer(body) if body.get("prompt") else load
    (tmp_path / "notes.txt").write_text("A note.")
    readme = (ROOT / "README.md").read_text()
    (block,) = [part for part in re.findall(r"```sh\n(.*?)```", readme, re.DOTALL) if "ossia run" in part]
    commands = block.splitlines()
    assert len(commands) == 5
    with closing(Shell("bash", environment)) as shell:
        shell.type(f"cd {tmp_path}")
        for command in commands:
            is_chat = '"' not in command
            shell.enter(command)
            if is_chat:
                shell.say("/bye")
            shell.done()
    assert pulled == ["gpt-oss:20b"]
    asked = [body for body in server.bodies("POST /api/generate") if body.get("prompt")]
    assert [body["think"] for body in asked] == [True, True, "high"]
    assert asked[1]["prompt"] == "A note. Summarise this:"
    assert asked[2]["prompt"] == "Which is larger, the sun or the moon?"


def test_an_agent_is_set_up_by_consent(environment: dict[str, str], server: ScriptedServer, tmp_path: Path) -> None:
    file = tmp_path / ".cline/data/settings/providers.json"
    with closing(Shell("bash", environment)) as shell:
        assert "cline       Cline" in shell.type("ossia launch")
        assert "did you mean `claude`?" in shell.type("ossia launch claud", 2)
        assert "the program codex is not installed" in shell.type("ossia launch codex --model tiny", 1)
        for answered, status in (("n", 1), ("y", 0)):
            shell.type("true")  # so that the question on the screen is the next one
            shell.enter("ossia launch cline --config --model tiny")
            shell.wait(lambda: f"Change{file}?[y/N]" in "".join(shell.lines).replace(" ", ""))  # a long path is wrapped
            shell.send(f"{answered}\r")
            shell.done(status)
            assert file.exists() == (answered == "y")
        assert "cline --provider ollama --model tiny" in "\n".join(shell.lines)
        assert "removed" in shell.type("ossia launch cline --restore -y")


@pytest.mark.parametrize("words", ["", "serve", *COMMANDS, "key", *KEY_COMMANDS])
def test_help_says_what_everything_is(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a command, of each of its arguments and options, and it ends well."""
    with pytest.raises(SystemExit) as ended:
        main([*words.split(), "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out.split("environment:")[0]
    assert said.startswith(f"usage: ossia {words}".strip())
    rows = re.split(r"\n  (?=\S)", said)[1:]
    assert rows
    bare = [row for row in rows if not re.search(r"(?:  |\n\s+)\S+ \S+ ?\S*", row.split("\n\n")[0])]
    assert bare == []


def test_ctrl_c_while_the_model_is_loaded(environment: dict[str, str], server: ScriptedServer) -> None:
    asked, ended = threading.Event(), threading.Event()

    def loading(body: Any) -> Iterator[Any]:
        asked.set()
        ended.wait(PATIENCE)
        yield from answer(body)

    server.script["POST /api/generate"] = loading
    with closing(Terminal("-m", "ossia", "run", "tiny", "hi", env=environment)) as terminal:
        assert asked.wait(PATIENCE)
        terminal.see("waiting for the model")
        terminal.send("\x03")
        terminal.see("stopped while waiting for the model: there is no answer yet")
        assert terminal.exit_code() == 130
        ended.set()


@pytest.mark.parametrize("program", START)
def test_completion_in_a_shell(program: str, environment: dict[str, str]) -> None:
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed: `make test-shells` installs it")
    with closing(Shell(program, environment)) as shell:
        shell.type(START[program][1])
        shell.complete("ossia sho", "ossia show")
        shell.complete("ossia run note", "ossia run notes:latest")
        shell.complete("ossia help pul", "ossia help pull")
        shell.complete("ossia launch dro", "ossia launch droid")
        shell.complete("ossia launch pi --mod", "ossia launch pi --model")
        shell.complete("ossia show --mo", "ossia show --modelfile")


def test_a_long_and_silent_step_of_make_shows_that_it_is_alive(tmp_path: Path) -> None:
    """A dot of the step's line ends the step."""
    (tmp_path / "sleep").write_text("#!/bin/sh\nexec /bin/sleep 0.01\n")
    (tmp_path / "sleep").chmod(0o755)
    silent = [
        line for line in (ROOT / "Makefile").read_text().splitlines() if "pip install" in line and "alive" not in line
    ]
    assert all("KERNELS" in line for line in silent)
    env = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = [ROOT / "scripts" / "alive", "Compiling", "sh", "-c", "read line; exit 3"]
    with subprocess.Popen(command, env=env, stdin=-1, stderr=-1, text=True) as process:
        assert process.stdin
        assert process.stderr
        assert process.stderr.read(11) == "Compiling ."
        process.stdin.write("go on\n")
        process.stdin.flush()
        assert process.wait(PATIENCE) == 3
        assert process.stderr.read().endswith(" failed\n")
