"""Ollama's official clients, Python and JavaScript, at a real server and a real registry: every model method."""

from collections.abc import Iterator
from pathlib import Path

import ollama
import pytest

from tests.clients.conftest import RunScript, Server
from tests.registry.server import Registry


@pytest.fixture
def client(server: Server) -> Iterator[ollama.Client]:
    with ollama.Client(server.url) as client:
        yield client


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
    assert (shown.details.family, shown.capabilities) == ("gpt-oss", ["completion", "tools", "thinking"])
    assert client.generate("py-from", "Hi", options={"num_predict": 3}).eval_count == 3
    assert {model.model for model in client.ps().models} >= {"tiny:latest"} or client.ps().models
    for name in ("py-files", "py-from"):
        client.delete(name)


def test_javascript(server: Server, registry: Registry, tiny_models: dict[str, Path], javascript: RunScript) -> None:
    seen = javascript("ollama.mjs", OLLAMA_URL=server.url, REGISTRY=registry.host, GGUF=str(tiny_models["mxfp4"]))
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
