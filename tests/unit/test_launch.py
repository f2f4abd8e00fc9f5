"""`ossia launch`: agents start with this server's model, by environment and arguments, and nothing is written."""

import json
import os
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ossia.cli.arguments import main
from ossia.cli.launch import AGENTS
from tests.doubles.scripted_server import ScriptedServer, scripted_server

Started = list[tuple[list[str], dict[str, str]]]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        monkeypatch.setenv("OLLAMA_HOST", server.host)
        server.script["POST /api/show"] = {"capabilities": ["completion"]}
        server.script["GET /api/tags"] = {"models": [{"name": "tiny:latest"}, {"name": "old:latest"}]}
        yield server


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Started:
    """Starts that are recorded, in place of programs that are all installed."""
    for agent in AGENTS.values():
        program = tmp_path / agent.program
        program.touch()
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found: Started = []
    monkeypatch.setattr(os, "execve", lambda path, words, environment: found.append((words, environment)))
    return found


def test_claude(server: ScriptedServer, started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINE", "kept")
    assert main(["launch", "claude", "--", "-p", "Hi", "--model", "x"]) == 0
    [(words, environment)] = started
    assert words[1:] == ["--model", "tiny:latest", "-p", "Hi", "--model", "x"]
    assert environment["ANTHROPIC_BASE_URL"] == f"http://{server.host}"
    assert environment["ANTHROPIC_DEFAULT_HAIKU_MODEL"] == "tiny:latest"
    assert environment["MINE"] == "kept"


def test_codex(server: ScriptedServer, started: Started) -> None:
    assert main(["launch", "--model", "old", "codex", "--", "exec", "Hi"]) == 0
    [(words, environment)] = started
    settings = tomllib.loads("\n".join(words[i + 1] for i, word in enumerate(words) if word == "-c"))
    provider = settings["model_providers"][settings["model_provider"]]
    assert (provider["base_url"], provider["wire_api"]) == (f"http://{server.host}/v1", "responses")
    assert environment[provider["env_key"]] == "ossia"
    assert settings["model"] == "old"
    assert words[-2:] == ["exec", "Hi"]


def test_opencode(server: ScriptedServer, started: Started) -> None:
    assert main(["launch", "opencode"]) == 0
    [(words, environment)] = started
    config = json.loads(environment["OPENCODE_CONFIG_CONTENT"])
    assert config["model"] == "ossia/tiny:latest"
    assert config["provider"]["ossia"]["options"]["baseURL"] == f"http://{server.host}/v1"
    assert words[1:] == []


def test_a_program_that_is_missing(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert main(["launch", "codex"]) == 1
    said = capsys.readouterr().err
    assert "the program codex is not installed" in said
    assert "npm install -g @openai/codex" in said


@pytest.mark.parametrize("agent", sorted(AGENTS))
def test_only_shown(server: ScriptedServer, started: Started, capsys: pytest.CaptureFixture[str], agent: str) -> None:
    assert main(["launch", agent, "--config"]) == 0
    assert server.host in capsys.readouterr().out
    assert main(["launch", agent, "--config", "--model", "not-here"]) == 0
    assert "not-here" in capsys.readouterr().out
    assert started == []
    assert not {"POST /api/show", "POST /api/pull"} & {route for route, _ in server.requests}


def test_what_is_shown_can_be_typed_into_a_shell(
    server: ScriptedServer, started: Started, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["launch", "codex"]) == 0
    assert main(["launch", "codex", "--config"]) == 0
    variable, arguments = capsys.readouterr().out.splitlines()
    assert variable == "OSSIA_API_KEY=ossia"
    assert shlex.split(arguments) == started[0][0][1:]


def test_no_model(server: ScriptedServer, started: Started, capsys: pytest.CaptureFixture[str]) -> None:
    server.script["GET /api/tags"] = {"models": []}
    assert main(["launch", "claude"]) == 1
    assert "--model gpt-oss:20b" in capsys.readouterr().err
