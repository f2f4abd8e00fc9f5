"""The application with a scripted engine, behind a real socket, and a store with one small model."""

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import gguf
import numpy as np
import ollama
import openai
import pytest
from starlette.applications import Starlette

from ossia.config import Settings
from ossia.engine import Start
from ossia.server.app import create_app
from ossia.server.pool import EnginePool
from ossia.store.models import Model, ModelStore
from ossia.types import Event
from tests.conftest import Serve
from tests.doubles.scripted_engine import Hang, ScriptedEngine
from tests.gguf_files import finish
from tests.waiting import PATIENCE

HARMONY = ["<|start|>", "<|end|>", "<|message|>", "<|channel|>", "<|constrain|>", "<|return|>", "<|call|>"]
NAME = "gpt-oss:20b"


def write_gguf(
    path: Path,
    architecture: str = "gpt-oss",
    tokens: tuple[str, ...] = ("a", *HARMONY),
    template: str | None = "{{ messages }}",
    pooling: int | None = None,
) -> Path:
    """A file with a header like a real one's and one tensor of 64 × 32 values."""
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name("a name")
    writer.add_context_length(131072)
    writer.add_embedding_length(2880)
    writer.add_token_list(list(tokens))
    if template is not None:
        writer.add_chat_template(template)
    if pooling is not None:
        writer.add_uint32(f"{architecture}.pooling_type", pooling)
    writer.add_tensor("output.weight", np.zeros((64, 32), np.float32))
    finish(writer)
    return path


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    store = ModelStore(tmp_path / "models")
    store.create(NAME, files=[write_gguf(tmp_path / "gpt-oss.gguf")])
    return store


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def lines(self) -> list[Any]:
        """The objects of an NDJSON stream, which has no blank lines."""
        assert self.body.endswith(b"\n")
        return [json.loads(line) for line in self.body[:-1].split(b"\n")]

    @property
    def events(self) -> list[Any]:
        """The data of server-sent events; [DONE] as a string."""
        assert self.body.endswith(b"\n\n")
        blocks = [block.removeprefix(b"data: ") for block in self.body[:-2].split(b"\n\n") if block[:1] != b":"]
        return [block.decode() if block == b"[DONE]" else json.loads(block) for block in blocks]


@dataclass
class Api:
    """A running server: `say` sets what the model will answer, `post` and `request` are raw HTTP."""

    url: str
    engine: ScriptedEngine
    loads: list[Model]
    app: Starlette | None = None

    def say(self, *script: Event | Exception | Hang) -> None:
        self.engine.script = script

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE)

    def request(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        connection = self.connect()
        try:
            connection.request(method, path, data, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def post(self, path: str, /, **body: Any) -> Answer:
        return self.request("POST", path, {"model": NAME, **body})


@pytest.fixture
def api(serve: Serve, store: ModelStore, tmp_path: Path) -> Api:
    engine, loads = ScriptedEngine(), list[Model]()

    async def load(model: Model, start: Start) -> ScriptedEngine:
        loads.append(model)
        engine.alive = True
        return engine

    settings = Settings(models=tmp_path / "models")
    app = create_app(settings, store, EnginePool(settings, load))
    return Api(serve(app), engine, loads, app)


@pytest.fixture
def openai_client(api: Api) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{api.url}/v1", api_key="ollama", max_retries=0) as client:
        yield client


@pytest.fixture
def ollama_client(api: Api) -> Iterator[ollama.Client]:
    with ollama.Client(api.url) as client:
        yield client
