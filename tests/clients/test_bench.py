"""`ossia bench` and `ossia show --memory` on a real server, with a second server to compare with."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ossia.cli.arguments import main
from ossia.cli.bench import measuring
from tests.clients.conftest import Double, Server


def test_the_bench_of_two_servers(
    server: Server, double: Double, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", server.url)
    for name, value in (("CONTEXTS", (64,)), ("CLIENTS", (1,)), ("ROUNDS", 1), ("TOKENS", 12)):
        monkeypatch.setattr(measuring, name, value)
    monkeypatch.setattr("ossia.admin.bandwidth.read_bandwidth", lambda threads, num_bytes: 10e9)
    plot = tmp_path / "plot.svg"
    assert main(["bench", "tiny", "--against", double.v1, "--seconds", "1", "--json", "--svg", str(plot)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in told["servers"]] == ["ossia", double.url.removeprefix("http://")]
    assert all(each["contexts"][0]["decode"] > 0 for each in told["servers"])
    assert told["memory"]["bytes_per_token"] > 10**7
    assert ElementTree.parse(plot).getroot().tag.endswith("svg")


def test_a_server_that_is_not_there(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", server.url)
    for url, error, hint in (
        ("http://127.0.0.1:1", "no server answers at http://127.0.0.1:1", "is --against its address?"),
        (server.url.replace("http", "https"), "no https with https://", "say http:// in --against"),
        (f"{server.url}/v2", "404", "--against ends where /chat/completions begins"),
    ):
        assert main(["bench", "tiny", "--against", url]) == 1
        told = capsys.readouterr().err
        assert error in told
        assert hint in told


def test_the_memory_of_a_model(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", server.url)
    assert main(["show", "--memory", "tiny"]) == 0
    assert capsys.readouterr().out.startswith("tiny on this machine, where models may use ")
    assert main(["show", "--memory", "--json", "tiny"]) == 0
    assert [at["tokens"] for at in json.loads(capsys.readouterr().out)["contexts"]] == [1024, 4096, 8192]
