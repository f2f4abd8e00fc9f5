"""Coding agents of the terminal: each runs a tool of its own on the model's word and tells what came of it.

What the double of a model asks for is no sensible command, so the tool fails; but it is really run.
"""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from ossia.types import Message
from tests.clients.conftest import Double
from tests.clients.environments import BIN, programs_of
from tests.doubles.model_double import ANSWER

MODEL = "gpt-oss:20b"
PROMPT = "List the files here. Use the tool."
CLAUDE, CLINE = "@anthropic-ai/claude-code@2.1.332", "cline@3.0.65"
CODEX, OPENCODE = "@openai/codex@0.169.0", "opencode-ai@1.18.33"

pytestmark = pytest.mark.timeout(400)  # with the installation


def run(program: Path, *arguments: str, home: Path, **settings: str) -> str:
    """Return the output of a command, and end what it left running."""
    environment = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(home), "NO_PROXY": "127.0.0.1", **settings}
    with subprocess.Popen(
        [program, *arguments],
        cwd=home,
        env=environment,
        text=True,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            output, errors = process.communicate(timeout=100)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            for left in psutil.process_iter(["cmdline"]):  # a daemon, which has a group of its own
                if str(home) in (left.info["cmdline"] or ()):
                    left.kill()
    assert process.returncode == 0, errors
    return output


def events(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def test_codex(double: Double, tmp_path: Path) -> None:
    """It asks for the version first, acts only on items that are done, and sends many kinds of tools."""
    options = f"exec --oss --local-provider ollama -m {MODEL} --skip-git-repo-check --json".split()
    output = run(programs_of(CODEX) / "codex", *options, PROMPT, home=tmp_path, CODEX_OSS_BASE_URL=double.v1)
    items = [event["item"] for event in events(output) if event["type"] == "item.completed"]
    (command,) = [item for item in items if item["type"] == "command_execution"]
    assert "Oslo" in command["command"]
    assert items[-1]["type"] == "agent_message"
    assert items[-1]["text"].startswith("The tool says: ")
    assert events(output)[-1]["type"] == "turn.completed"


def test_codex_compacts_a_long_conversation_and_goes_on(double: Double, tmp_path: Path) -> None:
    """Behind a call it asks for a summary without tools, and calls again with the summary in the call's place."""
    earlier = len(double.engine.requests)
    options = f"exec --oss --local-provider ollama -m {MODEL} --skip-git-repo-check --json".split()
    options += ["-c", "model_auto_compact_token_limit=50000", "a " * 60_000 + PROMPT]
    output = run(programs_of(CODEX) / "codex", *options, home=tmp_path, CODEX_OSS_BASE_URL=double.v1)
    assert events(output)[-1]["type"] == "turn.completed"
    asked = double.engine.requests[earlier:]
    (compaction,) = [number for number, request in enumerate(asked) if not request.tools]
    summarised = asked[compaction + 1].prompt
    assert isinstance(summarised[-1], Message)
    assert summarised[-1].content.endswith(ANSWER)
    assert all(isinstance(message, Message) and message.role != "tool" for message in summarised)
    assert events(output)[-2]["item"]["text"].startswith("The tool says: ")


def test_opencode(double: Double, tmp_path: Path) -> None:
    """It asks for a title and an answer at the same time."""
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "options": {"baseURL": double.v1, "apiKey": "ollama"},
        "models": {MODEL: {"name": "gpt-oss"}},
    }
    (tmp_path / "opencode.json").write_text(json.dumps({"autoupdate": False, "provider": {"ossia": provider}}))
    options = f"run --format json -m ossia/{MODEL}".split()
    program = programs_of(OPENCODE) / "opencode"
    output = run(program, *options, PROMPT, home=tmp_path, OPENCODE_DISABLE_MODELS_FETCH="1")
    seen = events(output)
    assert {event["type"] for event in seen} == {"step_start", "tool_use", "step_finish", "text"}
    (text,) = [event["part"]["text"] for event in seen if event["type"] == "text"]
    assert text.startswith("The tool says: ")


def test_continue(double: Double, tmp_path: Path) -> None:
    """Its provider for Ollama speaks to /v1/chat/completions."""
    model = {"name": "gpt-oss", "provider": "ollama", "model": MODEL, "apiBase": double.url}
    model |= {"roles": ["chat"], "capabilities": ["tool_use"]}
    config = tmp_path / "config.yaml"
    config.write_text(json.dumps({"name": "ossia", "version": "0.0.1", "schema": "v1", "models": [model]}))
    program = programs_of("@continuedev/cli@1.5.47") / "cn"
    assert run(program, "-p", "--config", str(config), "--auto", PROMPT, home=tmp_path).startswith("The tool says: ")


def test_cline(double: Double, tmp_path: Path) -> None:
    """It speaks Ollama's own chat, streamed."""
    settings = {"provider": "ollama", "apiKey": "ollama", "model": MODEL, "baseUrl": double.url}
    folder = tmp_path / "data" / "settings"
    folder.mkdir(parents=True)
    provider = {"settings": settings, "updatedAt": "2026-11-25T00:00:00.000Z", "tokenSource": "manual"}
    providers = {"version": 1, "lastUsedProvider": "ollama", "modes": {}, "providers": {"ollama": provider}}
    (folder / "providers.json").write_text(json.dumps(providers))
    options = f"--json --data-dir {tmp_path / 'data'} -P ollama -m {MODEL} -t 60".split()
    output = run(programs_of(CLINE) / "cline", *options, PROMPT, home=tmp_path)
    last = [event for event in events(output) if event["type"] == "run_result"][-1]
    assert (last["finishReason"], last["iterations"]) == ("completed", 2)
    assert last["text"].startswith("The tool says: ")


def test_claude_code(double: Double, tmp_path: Path) -> None:
    """It sends a tool that it defers, and instructions after the user's message."""
    modules = programs_of(CLAUDE).parent
    (program,) = modules.glob("@anthropic-ai/claude-code-*/claude")
    options = f"--model {MODEL} --tools Read --output-format json".split()
    server = {"ANTHROPIC_BASE_URL": double.url, "ANTHROPIC_AUTH_TOKEN": "ollama", "ANTHROPIC_API_KEY": ""}
    quiet = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "CLAUDE_CODE_ATTRIBUTION_HEADER": "0"}
    output = run(program, "-p", PROMPT, *options, home=tmp_path, **server, **quiet)
    answer = json.loads(output)
    assert (answer["is_error"], answer["num_turns"]) == (False, 2)
    assert answer["result"].startswith("The tool says: ")
    assert "DeferredToolPlaceholder" not in {tool.name for request in double.engine.requests for tool in request.tools}


LAUNCHED = {
    "claude": (CLAUDE, ["-p", PROMPT, "--tools", "Read"], {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}),
    "cline": (CLINE, ["-t", "60", PROMPT], {}),
    "codex": (CODEX, ["exec", "--skip-git-repo-check", PROMPT], {}),
    "copilot": ("@github/copilot@1.0.102", ["-p", PROMPT, "--allow-all-tools"], {"COPILOT_OFFLINE": "true"}),
    "droid": ("droid@0.215.0", ["exec", PROMPT], {}),
    "kimi": ("@moonshot-ai/kimi-code@2.1.0", ["-p", PROMPT], {"KIMI_DISABLE_TELEMETRY": "1"}),
    "opencode": (OPENCODE, ["run", PROMPT], {"OPENCODE_DISABLE_MODELS_FETCH": "1"}),
    "pi": ("@earendil-works/pi-coding-agent@1.6.0", ["-p", PROMPT], {"PI_OFFLINE": "1"}),
    "qwen": ("@qwen-code/qwen-code@0.24.4", ["-p", PROMPT], {}),
}


@pytest.mark.parametrize("agent", LAUNCHED)
def test_launch(double: Double, tmp_path: Path, agent: str) -> None:
    """Started by `ossia launch`, each talks to the server of its own accord, with its tools, and writes the answer."""
    package, arguments, settings = LAUNCHED[agent]
    modules = programs_of(package).parent
    native = [*modules.glob("@anthropic-ai/claude-code-*/claude")]  # the program that npm links to is a stub
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / agent).symlink_to(native[0] if native else modules / ".bin" / agent)
    earlier = len(double.engine.requests)
    path = f"{tmp_path / 'bin'}:{BIN}:/usr/bin:/bin"
    command = ["-m", "ossia", "launch", agent, "--model", MODEL, "-y", "--", *arguments]
    server = {"OLLAMA_HOST": double.url, "OLLAMA_MODELS": str(tmp_path / "models")}
    output = run(Path(sys.executable), *command, home=tmp_path, PATH=path, **server, **settings)
    assert len(double.engine.requests) >= earlier + 2
    assert any(request.tools for request in double.engine.requests[earlier:])
    assert "The tool says: " in output or agent == "kimi"  # which tells of its last tool by its own words
