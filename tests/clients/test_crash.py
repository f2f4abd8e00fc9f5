"""When a model's process is killed, everybody hears of it in their own protocol, and the next request works."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import ollama
import openai
import pytest

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


@pytest.fixture(scope="module", params=["native", "llamacpp"])
def engine(request: pytest.FixtureRequest) -> str:
    """The engine that runs `tiny`."""
    return request.param


@pytest.fixture(scope="module")
def settings(engine: str) -> dict[str, str]:
    return {"OSSIA_ENGINE": engine, "OSSIA_THREADS": "1", "OLLAMA_CONTEXT_LENGTH": "4096"}


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, tiny_models: dict[str, Path], settings: dict[str, str]
) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("crash")
    ModelStore(home / "models").create("tiny", gguf=tiny_models["mxfp4"], parameters={"temperature": 0})
    with running_server(home, **settings) as server:
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


async def test_killed_while_four_clients_stream(server: Server) -> None:
    drains = [drain_ollama, drain_openai, drain_generate, drain_ollama]
    started = [asyncio.Event() for _ in drains]
    tasks = [asyncio.create_task(drain(server.url, event)) for drain, event in zip(drains, started, strict=True)]
    await asyncio.gather(*[event.wait() for event in started])
    (model,) = server.model_processes()
    model.kill()
    errors = await asyncio.gather(*tasks)
    assert all("killed by signal 9" in error for error in errors), errors

    async with ollama.AsyncClient(server.url) as client:
        answer = await client.generate("tiny", "Hello", options={"num_predict": 3})
    assert answer.eval_count == 3
    (again,) = server.model_processes()
    assert again.pid != model.pid


async def test_stopped_while_four_clients_stream(
    tmp_path: Path, tiny_models: dict[str, Path], settings: dict[str, str]
) -> None:
    """A process that stands still is ended like one that was killed, and `ossia stop` frees it at once."""
    ModelStore(tmp_path / "models").create("tiny", gguf=tiny_models["mxfp4"])
    with running_server(tmp_path, OSSIA_STALL_TIMEOUT="2s", **settings) as server:
        drains = [drain_ollama, drain_openai, drain_generate, drain_ollama]
        started = [asyncio.Event() for _ in drains]
        tasks = [asyncio.create_task(drain(server.url, event)) for drain, event in zip(drains, started, strict=True)]
        await asyncio.gather(*[event.wait() for event in started])
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
    """The model's process falls idle soon after the only client went away in mid-stream."""
    async with httpx.AsyncClient(timeout=None) as client:
        body = {"model": "tiny", "prompt": LONG, "think": False, "format": STORY}
        async with client.stream("POST", f"{server.url}/api/generate", json=body) as response:
            await anext(response.aiter_lines())
    (model,) = server.model_processes()

    def idle() -> bool:
        return model.cpu_percent(interval=0.2) < 20

    await asyncio.to_thread(wait_until, idle, 20)


@pytest.mark.parametrize("id", [1_000_000, 2**40, 2**80, -1])
def test_an_id_that_is_no_token_is_refused(server: Server, id: int) -> None:
    """It once ended the model's process, and with it the answers to everybody else."""
    for path, body in (
        ("/api/generate", {"prompt": "Hello", "context": [id], "stream": False}),
        ("/v1/completions", {"prompt": [id]}),
    ):
        answer = httpx.post(server.url + path, json={"model": "tiny", **body}, timeout=60)
        assert (answer.status_code, "token" in answer.text) == (400, True)
