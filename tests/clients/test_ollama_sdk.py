"""Ollama's official clients, Python and JavaScript, at a real server and a real registry: every model method."""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ollama
import pytest

from tests.clients.conftest import Server
from tests.registry.server import Registry

NODE = Path(__file__).parent / "node"
BIN = Path(sys.executable).parent
"""Where Node.js is, which comes as a Python package."""

MODULES = Path(__file__).parents[2] / ".cache" / "node"


@pytest.fixture
def client(server: Server) -> Iterator[ollama.Client]:
    with ollama.Client(server.url) as client:
        yield client


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The JavaScript clients of package-lock.json, installed once for each lock file."""
    lock = hashlib.sha256((NODE / "package-lock.json").read_bytes()).hexdigest()[:12]
    folder = MODULES / lock
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            for name in ("package.json", "package-lock.json"):
                (folder / name).write_bytes((NODE / name).read_bytes())
            subprocess.run([BIN / "npm", "ci", "--no-audit", "--no-fund"], cwd=folder, check=True, capture_output=True)
            (folder / "done").touch()
    return folder / "node_modules"


def names(client: ollama.Client) -> set[str]:
    return {model.model or "" for model in client.list().models}


def test_python_pushes_deletes_and_pulls(client: ollama.Client, registry: Registry) -> None:
    name = f"{registry.host}/library/from-python:latest"
    client.copy("tiny", name)
    (digest,) = {model.digest for model in client.list().models if model.model == name}
    pushed = [line.status or "" for line in client.push(name, insecure=True, stream=True)]
    assert (pushed[0], pushed[-1]) == ("retrieving manifest", "success")
    client.delete(name)
    assert name not in names(client)
    pulled = [line.status or "" for line in client.pull(name, insecure=True, stream=True)]
    assert (pulled[0], pulled[-1]) == ("pulling manifest", "success")
    assert {model.digest for model in client.list().models if model.model == name} == {digest}
    assert client.pull(name, insecure=True).status == "success"
    client.delete(name)


def test_python_creates_shows_and_asks(client: ollama.Client, tiny_models: dict[str, Path]) -> None:
    digest = client.create_blob(tiny_models["mxfp4"])
    assert client.create("py-files", files={"model.gguf": digest}).status == "success"
    assert client.create("py-from", from_="py-files", system="Be brief.", parameters={"top_k": 3}).status == "success"
    shown = client.show("py-from")
    assert shown.details is not None
    assert (shown.details.family, shown.capabilities) == ("gpt-oss", ["completion"])
    assert client.generate("py-from", "Hi", options={"num_predict": 3}).eval_count == 3
    assert {model.model for model in client.ps().models} >= {"tiny:latest"} or client.ps().models
    for name in ("py-files", "py-from"):
        client.delete(name)


def test_javascript(server: Server, registry: Registry, tiny_models: dict[str, Path], node_modules: Path) -> None:
    script = node_modules.parent / f"ollama-{os.getpid()}.mjs"  # beside node_modules, where Node looks for them
    script.write_bytes((NODE / "ollama.mjs").read_bytes())
    places = {"OLLAMA_URL": server.url, "REGISTRY": registry.host, "GGUF": str(tiny_models["mxfp4"])}
    try:
        done = subprocess.run(
            [BIN / "node", script], env=os.environ | places, capture_output=True, text=True, check=False
        )
    finally:
        script.unlink()
    assert done.returncode == 0, done.stderr
    check_javascript(json.loads(done.stdout.splitlines()[-1]))


def check_javascript(seen: dict[str, Any]) -> None:
    assert (seen["push"][0], seen["push"][-1]) == ("retrieving manifest", "success")
    assert (seen["pull"][0], seen["pull"][-1]) == ("pulling manifest", "success")
    assert seen["deleted"]
    assert seen["digests"][0] == seen["digests"][1]
    assert seen["show"] == "gpt-oss"
    assert seen["create"][-2:] == ["writing manifest", "success"]
    assert (seen["system"], seen["files"]) == ("Be brief.", "success")
    assert seen["answer"] == 3
    assert seen["ps"]
    assert seen["embed"] == [4, 4]
    assert seen["embeddings"] == 576
    assert seen["missing"]["status"] == 404
    assert not {"js-from:latest", "js-files:latest"} & set(seen["left"])
