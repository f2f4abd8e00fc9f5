"""The promises of every engine, over real sockets: our own, llama.cpp with gpt-oss, and llama.cpp with another model.

When a model's process is killed, everybody hears of it in their own protocol, and the next request works. What cannot
be done is refused with its reason, and costs nobody else anything.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import ollama
import openai
import pytest

from ossia.errors import InvalidModelFile
from ossia.gguf import GGUF
from ossia.store.models import ModelStore
from tests.clients.conftest import Server, running_server
from tests.waiting import wait_until

LONG = "Write a very long story about a ship."
STORY = {
    "type": "object",
    "properties": {"story": {"type": "string", "minLength": 3000}},
    "required": ["story"],
    "additionalProperties": False,
}
"""A schema that keeps any model from ending early."""


@dataclass(frozen=True)
class Case:
    """An engine by its settings, and a model for it."""

    gguf: Path
    settings: dict[str, str]


BOTH = pytest.param("gpt-oss by llama.cpp", marks=pytest.mark.slow)  # of whose parts `make test` has each once


@pytest.fixture(scope="module", params=["native", BOTH, "llama by llama.cpp"])
def case(request: pytest.FixtureRequest, tiny_models: dict[str, Path], smollm2_gguf: Path) -> Case:
    settings = {"OSSIA_THREADS": "1", "OLLAMA_CONTEXT_LENGTH": "4096", "OLLAMA_NUM_PARALLEL": "8"}
    match request.param:
        case "native":
            return Case(tiny_models["mxfp4"], {**settings, "OSSIA_ENGINE": "native"})
        case "gpt-oss by llama.cpp":
            return Case(tiny_models["mxfp4"], {**settings, "OSSIA_ENGINE": "llamacpp"})
        case _:
            return Case(smollm2_gguf, settings)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, case: Case) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("engines")
    ModelStore(home / "models").create("tiny", files=[case.gguf], parameters={"temperature": 0})
    with running_server(home, **case.settings) as server:
        yield server


async def drain(stream: AsyncIterator[object], started: asyncio.Event) -> object:
    """Read a stream to its end, telling when it began; its last item."""
    last: object = None
    async for item in stream:
        started.set()
        last = item
    return last


async def drain_ollama(url: str, started: asyncio.Event) -> str:
    """The error that the official client raises."""
    async with ollama.AsyncClient(url) as client:
        messages = [{"role": "user", "content": LONG}]
        stream = await client.chat("tiny", messages, stream=True, think=False, format=STORY)
        with pytest.raises(ollama.ResponseError) as caught:
            await drain(stream, started)
    return caught.value.error


async def drain_openai(url: str, started: asyncio.Event) -> str:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="ollama", max_retries=0) as client:
        stream = await client.chat.completions.create(
            model="tiny",
            messages=[{"role": "user", "content": LONG}],
            stream=True,
            reasoning_effort="none",
            response_format={"type": "json_schema", "json_schema": {"name": "story", "schema": STORY}},
        )
        with pytest.raises(openai.APIError) as caught:
            await drain(stream, started)
    return caught.value.message


async def drain_generate(url: str, started: asyncio.Event) -> str:
    """The last line of a raw NDJSON stream."""
    body = {"model": "tiny", "prompt": LONG, "think": False, "format": STORY}
    async with (
        httpx.AsyncClient(timeout=None) as client,
        client.stream("POST", f"{url}/api/generate", json=body) as response,
    ):
        line = await drain(response.aiter_lines(), started)
    assert isinstance(line, str)
    return json.loads(line)["error"]


async def streaming(url: str) -> list[asyncio.Task[str]]:
    """Four clients, each of which reads a long answer that has begun, or has failed already."""
    tasks: list[asyncio.Task[str]] = []
    for drain in (drain_ollama, drain_openai, drain_generate, drain_ollama):
        started = asyncio.Event()
        tasks.append(task := asyncio.create_task(drain(url, started)))
        await asyncio.wait([task, asyncio.create_task(started.wait())], return_when=asyncio.FIRST_COMPLETED)
    return tasks


async def test_killed_while_four_clients_stream(server: Server) -> None:
    tasks = await streaming(server.url)
    (model,) = server.model_processes()
    model.kill()
    errors = await asyncio.gather(*tasks)
    assert all("killed by signal 9" in error for error in errors), errors

    async with ollama.AsyncClient(server.url) as client:
        answer = await client.generate("tiny", "Hello", options={"num_predict": 3})
    assert answer.eval_count == 3
    (again,) = server.model_processes()
    assert again.pid != model.pid


async def test_stopped_while_four_clients_stream(tmp_path: Path, case: Case) -> None:
    """A process that stands still is ended like one that was killed, and `ossia stop` frees it at once."""
    ModelStore(tmp_path / "models").create("tiny", files=[case.gguf])
    with running_server(tmp_path, OSSIA_STALL_TIMEOUT="4s", **case.settings) as server:
        tasks = await streaming(server.url)
        (model,) = server.model_processes()
        model.suspend()
        errors = await asyncio.gather(*tasks)
        assert all("stood still" in error for error in errors), errors
        async with ollama.AsyncClient(server.url) as client:
            answer = await client.generate("tiny", "Hello", options={"num_predict": 3})
            assert answer.eval_count == 3
            (again,) = server.model_processes()
            again.suspend()
            await client.generate("tiny", keep_alive=0)
            assert not server.model_processes()


async def test_a_client_that_leaves_frees_its_place(server: Server) -> None:
    async with httpx.AsyncClient(timeout=None) as client:
        body = {"model": "tiny", "prompt": LONG, "think": False, "format": STORY}
        async with client.stream("POST", f"{server.url}/api/generate", json=body) as response:
            lines = response.aiter_lines()  # httpx closes the stream when nobody refers to its lines any more
            await anext(lines)
            assert await asyncio.to_thread(server.is_computing)
    await asyncio.to_thread(wait_until, server.is_idle)


@pytest.mark.parametrize("id", [1_000_000, 2**40, 2**80, -1])
def test_an_id_that_is_no_token_is_refused(server: Server, id: int) -> None:
    """It once ended the model's process, and with it the answers to everybody else."""
    for path, body in (
        ("/api/generate", {"prompt": "Hello", "context": [id], "stream": False}),
        ("/v1/completions", {"prompt": [id]}),
    ):
        answer = httpx.post(server.url + path, json={"model": "tiny", **body}, timeout=60)
        assert answer.status_code == 400
        assert "token" in answer.text or "no context to go on from" in answer.text


async def test_sixteen_clients_at_once(server: Server) -> None:
    """Eight run at a time, and each gets its whole answer."""
    async with ollama.AsyncClient(server.url) as client:

        async def answer(number: int) -> tuple[int | None, str | None]:
            options = {"num_predict": 8}
            story = await client.generate("tiny", f"{LONG} {number}", think=False, format=STORY, options=options)
            assert story.response.startswith("{")
            return story.eval_count, story.done_reason

        assert await asyncio.gather(*map(answer, range(16))) == [(8, "length")] * 16


def test_a_prompt_that_is_too_long(server: Server) -> None:
    """Each API refuses it, and says how long it is and how long it may be."""
    long = "word " * 5000
    asked: dict[str, Any] = {
        "/api/generate": {"prompt": long},
        "/api/chat": {"messages": [{"role": "user", "content": long}]},
        "/v1/completions": {"prompt": long},
        "/v1/chat/completions": {"messages": [{"role": "user", "content": long}]},
    }
    for path, body in asked.items():
        answer = httpx.post(server.url + path, json={"model": "tiny", **body}, timeout=60)
        assert answer.status_code == 400, path
        assert "the context length is 4096" in answer.text
        assert "context_length_exceeded" in answer.text or path.startswith("/api")


def test_an_answer_ends_where_the_context_does(server: Server) -> None:
    body = {"model": "tiny", "prompt": LONG, "think": False, "format": STORY, "stream": False}
    answer = httpx.post(f"{server.url}/api/generate", json={**body, "options": {"num_ctx": 200}}, timeout=60).json()
    assert answer["done_reason"] == "length"
    assert answer["prompt_eval_count"] + answer["eval_count"] == 200


def changed(gguf: Path, folder: Path, change: Callable[[bytes], bytes]) -> Path:
    path = folder / "changed.gguf"
    path.write_bytes(change(gguf.read_bytes()))
    return path


def refusal(server: Server, model: str) -> str:
    """The error of a model that cannot be run; `tiny` answers as before."""
    asked = {"model": model, "prompt": "Hello", "stream": False, "options": {"num_predict": 2}}
    answer = httpx.post(f"{server.url}/api/generate", json=asked, timeout=60)
    assert answer.status_code == 400, answer.text
    again = httpx.post(f"{server.url}/api/generate", json={**asked, "model": "tiny"}, timeout=60)
    assert again.json()["eval_count"] == 2
    return answer.json()["error"]


def test_a_file_that_was_cut_off(server: Server, case: Case, tmp_path: Path) -> None:
    """In the store, where it was whole once: it is refused before any process reads it."""
    store = ModelStore(Path(server.environment["OLLAMA_MODELS"]))
    model = store.create("cut", files=[changed(case.gguf, tmp_path, lambda data: data + bytes(32))])
    os.truncate(model.path, model.path.stat().st_size // 2)
    assert ", but the file at " in refusal(server, "cut")
    with pytest.raises(InvalidModelFile, match=", but the file at "):
        store.create("again", files=[model.path])


def test_an_unknown_architecture(server: Server, case: Case, tmp_path: Path) -> None:
    """It is named; llama.cpp has tried it, unless only our own engine may run models."""

    def rename(data: bytes) -> bytes:
        name = GGUF.open(case.gguf).metadata["general.architecture"].encode()
        return data.replace(len(name).to_bytes(8, "little") + name, len(name).to_bytes(8, "little") + name[::-1], 1)

    model = changed(case.gguf, tmp_path, rename)
    ModelStore(Path(server.environment["OLLAMA_MODELS"])).create("unknown", files=[model])
    name = GGUF.open(model).metadata["general.architecture"]
    assert f"'{name}'" in refusal(server, "unknown")


def test_a_model_that_is_too_large(tmp_path: Path, case: Case) -> None:
    """Alone it runs whatever its size, since its weights are mapped; a second one makes it leave. The context has a
    limit that is told."""
    store = ModelStore(tmp_path / "models")
    for name, rest in ("tiny", b""), ("other", bytes(32)):
        store.create(name, files=[changed(case.gguf, tmp_path, lambda data, rest=rest: data + rest)])
    limits = {"OSSIA_MEMORY_BYTES": str(100 << 20), "OSSIA_KV_CACHE_BYTES": str(48 << 20)}
    settings = {**case.settings, **limits, "OLLAMA_CONTEXT_LENGTH": "8192"}
    with running_server(tmp_path, **settings) as server:
        for name in ("tiny", "other"):
            asked = {"model": name, "prompt": "Hello", "stream": False, "options": {"num_predict": 2}}
            assert httpx.post(f"{server.url}/api/generate", json=asked, timeout=60).json()["eval_count"] == 2
            assert len(server.model_processes()) == 1
        asked["options"] = {"num_ctx": 8000}
        answer = httpx.post(f"{server.url}/api/generate", json=asked, timeout=60)
    assert answer.status_code == 400
    assert "a context of 8000 tokens does not fit into memory: there is room for " in answer.json()["error"]
