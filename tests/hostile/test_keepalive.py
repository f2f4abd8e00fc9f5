"""Values of options that look like options themselves."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ossia.cli.arguments import main
from tests.doubles.scripted_server import ScriptedServer, scripted_server


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with scripted_server() as server:
        monkeypatch.setenv("OLLAMA_HOST", server.host)
        server.script["POST /api/show"] = {"capabilities": ["completion"]}
        server.script["POST /api/generate"] = lambda body: iter([{"response": "x", "done": True}])
        yield server


DURATIONS = ["-1m", "-1", "-1s", "-1h30m", "-0.5h", "-.5h", "-1.5h", "-24h", "-1ns", "-1µs"]


@pytest.mark.parametrize("duration", [*DURATIONS, "10m", "0", "+5m"])
@pytest.mark.parametrize("form", ["{option} {duration}", "{option}={duration}"])
@pytest.mark.parametrize("option", ["--keepalive", "--keep"])
def test_a_duration_may_be_negative(server: ScriptedServer, duration: str, form: str, option: str) -> None:
    words = form.format(option=option, duration=duration).split()
    if duration == "-1":
        with pytest.raises(SystemExit):  # a number without a unit, as in Ollama
            main(["run", *words, "x", "hello"])
        return
    for argv in (["run", *words, "x", "hello"], ["run", "x", *words, "hello"], ["run", "x", "hello", *words]):
        assert main(argv) == 0
        (_, body) = server.requests[-1]
        assert (body["keep_alive"], body["prompt"]) == (duration, "hello")


def test_a_prompt_after_two_hyphens_is_a_prompt(server: ScriptedServer) -> None:
    assert main(["run", "x", "--", "--keepalive", "-1m"]) == 0
    (_, body) = server.requests[-1]
    assert body["prompt"] == "--keepalive -1m"
    assert "keep_alive" not in body


@pytest.mark.parametrize("words", [["--keepalive"], ["--keepalive", "--verbose"], ["--keepalive", "-m"], ["-1m"]])
def test_what_is_no_duration_is_wrong_usage(
    server: ScriptedServer, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["run", "x", *words])
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("error: ")
