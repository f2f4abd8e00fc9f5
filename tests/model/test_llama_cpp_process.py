"""The process that runs llama.cpp, with SmolLM2 as published: no test here knows an Engine."""

import asyncio
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import psutil
import pytest
import pytest_asyncio
import xllamacpp

from ossia.config import EngineOptions
from ossia.engine.facts import ModelFacts
from ossia.engine.llama_cpp import wire
from ossia.engine.llama_cpp.process import LlamaProcess
from ossia.engine.llama_cpp.sizes import Sizes, bytes_per_token, sizes
from ossia.engine.llama_cpp.worker import parameters
from ossia.errors import ContextLengthExceeded, InvalidModelFile, ModelCrashed
from ossia.gguf import GGUF
from ossia.types import Placement

pytestmark = pytest.mark.asyncio(loop_scope="module")

SIZES = Sizes(places=2, context=1024, batch=512, cache_bytes=0)


def load(path: Path, sizes: Sizes = SIZES, most_bytes: int = 0) -> wire.Load:
    return wire.Load([str(path)], sizes, threads=1, device="cpu", purpose="answering", most_bytes=most_bytes)


def endless(**options: object) -> dict[str, object]:
    return {"prompt": "Once", "n_predict": 900, "ignore_eos": True, "stream": True, **options}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def process(smollm2_gguf: Path) -> AsyncIterator[LlamaProcess]:
    started = await LlamaProcess.start(load(smollm2_gguf), stall_timeout=60)
    yield started
    await started.close()


async def test_it_opens_no_port(process: LlamaProcess) -> None:
    connections = psutil.Process(process.process.pid).net_connections(kind="all")
    [path] = {each.laddr for each in connections if each.status == "LISTEN" or each.laddr}
    assert isinstance(path, str), "a Unix socket, and nothing else"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(Path(path).parent).st_mode) == 0o700


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process's own memory")
async def test_it_takes_no_more_memory_than_it_may(smollm2_gguf: Path) -> None:
    """A model's template runs there, and may ask for all there is."""
    with pytest.raises((InvalidModelFile, ModelCrashed)):
        await LlamaProcess.start(load(smollm2_gguf, most_bytes=64 << 20), stall_timeout=60)


async def test_a_stream_a_count_and_an_embedding(process: LlamaProcess) -> None:
    body = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 4, "temperature": 0, "stream": True}
    chunks = [chunk async for chunk in process.stream("/v1/chat/completions", body)]
    assert "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices) == "Hello! How can"
    assert len((await process.ask("POST", "/tokenize", {"content": "hello"}, wire.Tokens)).tokens) == 1
    [vector] = await process.ask("POST", "/embedding", {"content": [1, 2], "embd_normalize": -1}, list[wire.Vector])
    assert len(vector.embedding[0]) == 576


async def test_a_prompt_that_is_too_long(process: LlamaProcess) -> None:
    with pytest.raises(ContextLengthExceeded, match="4000 tokens, but the context length is 1024"):
        [chunk async for chunk in process.stream("/completion", endless(prompt=[5] * 4000))]


async def test_whoever_leaves_frees_the_slot(process: LlamaProcess) -> None:
    stream = process.stream("/completion", endless())
    await anext(stream)
    await stream.aclose()
    for _ in range(200):  # each asks the thread that computes, which ends the sequence between two steps
        slots = await process.ask("GET", "/slots", None, list[dict[str, object]])
        if not any(slot["is_processing"] for slot in slots):
            return
    raise AssertionError("the answer goes on")


async def test_a_killed_process_ends_answers_with_an_error(smollm2_gguf: Path) -> None:
    process = await LlamaProcess.start(load(smollm2_gguf), stall_timeout=60)
    stream = process.stream("/completion", endless())
    await anext(stream)
    os.kill(process.process.pid, signal.SIGKILL)
    with pytest.raises(ModelCrashed):
        [chunk async for chunk in stream]
    assert not process.alive
    await process.close()


async def test_a_process_that_stands_still_is_ended(smollm2_gguf: Path) -> None:
    """It is watched from when it stands still: until then a busy machine may be slow."""
    process = await LlamaProcess.start(load(smollm2_gguf), stall_timeout=0)
    stream = process.stream("/completion", endless())
    await anext(stream)
    os.kill(process.process.pid, signal.SIGSTOP)
    process._helpers.append(asyncio.create_task(process._watch(0.2)))
    with pytest.raises(ModelCrashed):
        [chunk async for chunk in stream]
    assert not process.alive
    await process.close()


@pytest.fixture
def bad_file(request: pytest.FixtureRequest, smollm2_gguf: Path, tmp_path: Path) -> Path:
    """SmolLM2's file, changed as the test's parameter says."""
    path = tmp_path / "bad.gguf"
    path.write_bytes(request.param(smollm2_gguf.read_bytes()))
    return path


@pytest.mark.parametrize(
    ("bad_file", "message"),
    [
        (lambda data: data[: 3 << 20], "not within the file bounds"),
        (
            lambda data: data.replace(b"\5\0\0\0\0\0\0\0llama", b"\5\0\0\0\0\0\0\0llbma", 1),
            "unknown model architecture",
        ),
        (
            lambda data: data.replace(b"\5\0\0\0\0\0\0\0llama", b"\5\0\0\0\0\0\0\0l\x1b[m\n", 1),
            "unknown model architecture",
        ),
    ],
    ids=["cut off", "unknown", "a terminal's sequence"],
    indirect=["bad_file"],
)
async def test_bad_files_are_refused_with_the_reason(bad_file: Path, message: str) -> None:
    with pytest.raises(InvalidModelFile, match=message) as caught:
        await LlamaProcess.start(load(bad_file), stall_timeout=60)
    assert caught.value.message.isprintable()


async def test_a_process_that_computes_for_long_is_left_alone(
    process: LlamaProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch of a large model may keep it from answering for minutes."""
    monkeypatch.setattr("ossia.engine.llama_cpp.process.ANSWER_SECONDS", 1e-9)
    monkeypatch.setattr("ossia.engine.llama_cpp.process.processor_seconds", Mock(side_effect=[0.0, 1.0]))
    await process.check()
    assert process.alive


async def test_wishes_of_the_first_request(smollm2_gguf: Path) -> None:
    wished = wire.Load(["x"], SIZES, threads=3, device="auto", purpose="answering", layers_on_gpu=5, use_mmap=False)
    params: Any = parameters(xllamacpp, wished)
    assert (params.cpuparams.n_threads, params.n_gpu_layers) == (3, 5)
    assert params.load_mode == xllamacpp.llama_load_mode.LLAMA_LOAD_MODE_NONE
    gguf = GGUF.open(smollm2_gguf)
    assert (
        sizes(gguf, ModelFacts.of(gguf), EngineOptions(), 1 << 30, Placement(context_length=1024, num_batch=64)).batch
        == 72
    )
    long = replace(ModelFacts.of(gguf), context_length=131072)
    assert sizes(gguf, long, EngineOptions(), 1 << 40, Placement(num_batch=2**31)).batch == 8208, (
        "its work space is not in any plan"
    )


async def test_each_sequence_has_the_same_share_of_a_batch(smollm2_gguf: Path) -> None:
    gguf = GGUF.open(smollm2_gguf)
    for num_parallel in range(1, 40):
        divided = sizes(
            gguf, ModelFacts.of(gguf), EngineOptions(num_parallel=num_parallel), 1 << 40, Placement(context_length=700)
        )
        assert divided.batch % divided.sequences == 0
        assert divided.batch >= 700


async def test_what_llama_cpp_writes_when_it_aborts_is_logged(
    smollm2_gguf: Path, caplog: pytest.LogCaptureFixture
) -> None:
    uneven = Sizes(places=2, context=1024, batch=511, cache_bytes=0)
    with pytest.raises(ModelCrashed, match="while it loaded"):
        await LlamaProcess.start(load(smollm2_gguf, uneven), 0)
    assert "GGML_ASSERT" in caplog.text


async def test_sequences_are_given_up_before_the_context(smollm2_gguf: Path) -> None:
    gguf = GGUF.open(smollm2_gguf)
    facts, options = ModelFacts.of(gguf), EngineOptions()
    each = bytes_per_token(gguf, facts)
    assert each == 30 * 3 * 2 * 64 * 2  # layers, heads of keys and of values, their width, f16
    whole = sizes(gguf, facts, options, 18 * 8192 * each)
    assert (whole.places, whole.sequences, whole.cache_bytes) == (16, 18, 18 * 8192 * each)
    assert sizes(gguf, facts, options, 4 * 2048 * each, Placement(context_length=2048)).sequences == 4
    small = sizes(gguf, facts, options, 600 * each)
    assert (small.sequences, small.context) == (1, 600)
