"""`ossia launch`: agents start with this server's model, and what is the user's stays as it is.

Settings files of the user's are changed only by consent, in the values that count, and can be put back.
"""

import json
import os
import re
import shlex
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ossia.cli.arguments import main
from ossia.cli.launch.agents import AGENTS
from tests.doubles.scripted_server import ScriptedServer, scripted_server

Started = list[tuple[list[str], dict[str, str]]]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        monkeypatch.setenv("OLLAMA_HOST", server.host)
        server.script["POST /api/show"] = {"capabilities": ["completion"], "model_info": {"x.context_length": 40_000}}
        server.script["GET /v1/models?client_version=0"] = {"models": [{"slug": "old:latest", "context_window": 8000}]}
        server.script["GET /api/ps"] = {"models": [{"name": "old:latest", "context_length": 8000}]}
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
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OLLAMA_MODELS", "/dev/null/models")  # of another user, beside which nothing can be written
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
    catalog = json.loads(Path(settings["model_catalog_json"]).read_text())
    assert catalog == {"models": [{"slug": "old", "context_window": 8000}]}


def test_certificates_that_the_commands_trust(
    server: ScriptedServer, started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSSIA_CA", str(tmp_path / "ca.pem"))
    assert main(["launch", "claude"]) == 0
    assert started[0][1]["NODE_EXTRA_CA_CERTS"] == str(tmp_path / "ca.pem")


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


@pytest.mark.parametrize("agent", AGENTS)
def test_set_up_and_not_started(
    server: ScriptedServer, started: Started, capsys: pytest.CaptureFixture[str], tmp_path: Path, agent: str
) -> None:
    before = {*tmp_path.rglob("*")}
    assert main(["launch", agent, "--config", "-y"]) == 0
    written = {*tmp_path.rglob("*")} - before
    said = capsys.readouterr().out + "".join(file.read_text() for file in written if file.is_file())
    assert server.host in said
    assert "tiny:latest" in said
    assert main(["launch", agent, "--config", "-y", "--model", "not-here"]) == 0
    out = capsys.readouterr().out + "".join(file.read_text() for file in written if file.is_file())
    assert "not-here" in out
    assert started == []
    assert server.bodies("POST /api/pull") == []


@pytest.mark.parametrize("agent", sorted({*AGENTS} - {"cline", "goose", "qwen", "droid"}))
def test_the_length_of_the_context_is_told(
    server: ScriptedServer, started: Started, capsys: pytest.CaptureFixture[str], tmp_path: Path, agent: str
) -> None:
    """That of the model as it is loaded, or else of its file. Those that are left out cannot be told, or ask for it."""
    before = {*tmp_path.rglob("*")}
    for model, length in (("tiny", 40_000), ("old", 8000)):
        assert main(["launch", agent, "--config", "-y", "--model", model]) == 0
        files = [file for file in {*tmp_path.rglob("*")} - before if file.is_file()]
        said = capsys.readouterr().out + "".join(file.read_text() for file in files)
        assert re.search(rf"\b({length}|{length * 3 // 4})\b", said), said


def test_the_command_that_is_shown_can_be_typed_into_a_shell(
    server: ScriptedServer, started: Started, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["launch", "codex"]) == 0
    assert main(["launch", "codex", "--config"]) == 0
    words = shlex.split(capsys.readouterr().out.replace("\\\n", ""))
    assert words == ["OSSIA_API_KEY=ossia", "codex", *started[0][0][1:]]


@pytest.mark.parametrize(("agent", "said"), [("droid", "customModels"), ("pi", "registerProvider")])
def test_a_file_of_our_own(server: ScriptedServer, started: Started, tmp_path: Path, agent: str, said: str) -> None:
    """The agent merges it with the user's settings; it may have a key in it."""
    assert main(["launch", agent, "--", "--more"]) == 0
    [(words, _)] = started
    file = Path(words[2])
    assert file.parent == tmp_path / ".ollama" / "launch"
    assert said in file.read_text()
    assert server.host in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert words[-1] == "--more"


MINE = {
    "cline": (
        ".cline/data/settings/providers.json",
        '{\n  "version": 1,\n  "lastUsedProvider": "anthropic",\n  "modes": {"plan": "anthropic"},\n  "providers": {\n'
        '    "anthropic": {"settings": {"apiKey": "mine"}},\n'
        '    "ollama": {"settings": {"provider": "ollama", "headers": {"X": "1"}}, "unknown": [1]}\n  }\n}\n',
        ["mine", '"X": "1"', '"unknown": [1]', '"plan": "anthropic"'],
    ),
    "openclaw": (
        ".openclaw/openclaw.json",
        "// mine\n{\n  gateway: { mode: 'remote', port: 1 }, // keep\n"
        "  models: { providers: { other: { apiKey: 'k' } } },\n"
        "  agents: { defaults: { model: 'other/large', workspace: '~/w' } },\n}\n",
        ["// mine", "mode: 'remote', port: 1 }, // keep", "other: { apiKey: 'k' }", "workspace: '~/w'"],
    ),
    "vscode": (
        f"{'Library/Application Support' if sys.platform == 'darwin' else '.config'}/Code/User/chatLanguageModels.json",
        '[\n\t// mine\n\t{"vendor": "other", "name": "Other", "models": []}, /* and */\n'
        '\t{"name": "ossia", "vendor": "old", "note": 1}\n]\n',
        ["\t// mine\n", '{"vendor": "other", "name": "Other", "models": []}, /* and */', '"note": 1'],
    ),
}


@pytest.mark.parametrize("agent", MINE)
def test_all_else_in_the_users_file_survives_and_the_file_comes_back(
    server: ScriptedServer, started: Started, tmp_path: Path, capsys: pytest.CaptureFixture[str], agent: str
) -> None:
    name, text, kept = MINE[agent]
    file = tmp_path / "dotfiles" / "settings"
    file.parent.mkdir()
    file.write_text(text)
    file.chmod(0o640)
    link = tmp_path / name
    link.parent.mkdir(parents=True)
    link.symlink_to(file)
    assert main(["launch", agent, "-y"]) == 0
    shown = capsys.readouterr().err
    assert f"+++ {file}" in shown
    assert f"http://{server.host}" in shown
    assert [part for part in kept if part not in file.read_text()] == []
    assert "tiny:latest" in file.read_text()
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640
    assert main(["launch", agent]) == 0  # nothing is left to change, so nobody is asked
    assert len(started) == 2
    assert main(["launch", agent, "-y", "--model", "old"]) == 0
    assert '"old"' in file.read_text()
    assert main(["launch", agent, "--restore", "-y"]) == 0
    assert file.read_text() == text
    assert os.listdir(file.parent) == ["settings"]
    assert main(["launch", agent, "--restore"]) == 1


def test_the_ends_of_lines_stay_those_of_the_file(server: ScriptedServer, started: Started, tmp_path: Path) -> None:
    name, text, _ = MINE["cline"]
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert main(["launch", "cline", "-y"]) == 0
    lines = file.read_bytes().split(b"\n")
    assert lines[0] == b"\xef\xbb\xbf{\r"
    assert {line[-1:] for line in lines[:-1]} == {b"\r"}


@pytest.mark.parametrize("agent", MINE)
def test_a_file_that_was_not_there_is_removed_again(
    server: ScriptedServer, started: Started, tmp_path: Path, agent: str
) -> None:
    file = tmp_path / MINE[agent][0]
    assert main(["launch", agent, "-y"]) == 0
    assert json.loads(file.read_text())
    assert file.stat().st_mode & 0o077 == 0
    assert main(["launch", agent, "--restore", "-y"]) == 0
    assert os.listdir(file.parent) == []


def test_nothing_is_changed_without_consent(
    server: ScriptedServer, started: Started, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["launch", "cline"]) == 1
    assert "hint: -y agrees to it" in capsys.readouterr().err
    assert not (tmp_path / ".cline").exists()
    assert started == []


def test_a_file_that_is_not_understood_stays(
    server: ScriptedServer, started: Started, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / MINE["cline"][0]
    file.parent.mkdir(parents=True)
    file.write_text('{\n "version" 1}')
    assert main(["launch", "cline", "-y"]) == 1
    assert "providers.json is not understood: " in capsys.readouterr().err
    assert file.read_text() == '{\n "version" 1}'


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (os.mkfifo, "it is not a file"),
        (lambda path: path.symlink_to("/dev/zero"), "it is not a file"),
        (lambda path: path.symlink_to(path), "symbolic links"),
        (Path.mkdir, "directory"),
        (lambda path: (path.touch(), os.truncate(path, 1 << 40)), "has more than 4194304 bytes"),
    ],
    ids=["pipe", "device", "link to itself", "folder", "file without an end"],
)
def test_what_cannot_be_a_settings_file_is_one_clear_error(
    server: ScriptedServer,
    started: Started,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    make: Callable[[Path], object],
    said: str,
) -> None:
    file = tmp_path / MINE["cline"][0]
    file.parent.mkdir(parents=True)
    make(file)
    assert main(["launch", "cline", "-y"]) == 1
    assert said in capsys.readouterr().err
    assert os.listdir(file.parent) == [file.name]
    assert started == []


def test_what_needs_no_change_needs_no_restoring(started: Started, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["launch", "claude", "--restore"]) == 0
    assert "nothing to restore" in capsys.readouterr().err


def test_agents_are_listed(started: Started, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "qwen").unlink()
    assert main(["launch"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[0] for row in rows[1:]] == list(AGENTS)
    assert {row[0] for row in rows if row[-1] == "no"} == {"qwen"}
    assert main(["launch", "--config"]) == 1


def test_no_model(server: ScriptedServer, started: Started, capsys: pytest.CaptureFixture[str]) -> None:
    server.script["GET /api/tags"] = {"models": []}
    assert main(["launch", "claude"]) == 1
    assert "--model gpt-oss:20b" in capsys.readouterr().err
