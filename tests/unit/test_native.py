"""NativeEngine: what a request becomes for the model's process, and what its answer is to the next request."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest

from ossia.chat.harmony.format import Harmony
from ossia.config import EngineOptions
from ossia.engine.codec import Codec
from ossia.engine.facts import ModelFacts
from ossia.engine.native import NativeEngine
from ossia.errors import InvalidRequest, NotSupported
from ossia.gguf import GGUF
from ossia.types import (
    Collected,
    EmbedRequest,
    Event,
    GenerateRequest,
    Message,
    Placement,
    SamplingParams,
    TextDelta,
    Tool,
    fold,
)
from tests.api.conftest import write_gguf
from tests.doubles.worker_process import FACTS, WorkerProcess, started
from tests.vocabulary import harmony_tokenizer

TOKENIZER = harmony_tokenizer()
BOS = TOKENIZER.encode("<|startoftext|>", special=True)[0]
CALL = TOKENIZER.encode(
    "<|channel|>analysis<|message|>Rain?<|end|><|start|>assistant"
    "<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>",
    special=True,
)
CODEC = Codec(TOKENIZER, Harmony(TOKENIZER), [BOS])
HELLO = Message("user", "Hello")


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> WorkerProcess:
    """Process that samples a turn with a call for every request."""
    process = WorkerProcess(CALL)
    monkeypatch.setattr(asyncio, "create_subprocess_exec", process.start)
    return process


@pytest.fixture
async def engine(process: WorkerProcess) -> AsyncGenerator[NativeEngine]:
    engine = await started(CODEC)
    yield engine
    await engine.close()


async def events(engine: NativeEngine, request: GenerateRequest) -> list[Event]:
    return [event async for event in engine.generate(request)]


async def answer(engine: NativeEngine, *messages: Message) -> Collected:
    return fold(await events(engine, GenerateRequest(messages, tools=(Tool("f"),))))


async def test_the_turn_of_a_call_is_sent_again_as_it_was_sampled(engine: NativeEngine, process: WorkerProcess) -> None:
    """Although the client drops the reasoning, as most do."""
    called = (await answer(engine, HELLO)).message
    assert (called.reasoning, [call.name for call in called.tool_calls]) == ("Rain?", ["f"])
    result = Message("tool", "rain", tool_call_id=called.tool_calls[0].id)
    await answer(engine, HELLO, Message("assistant", tool_calls=called.tool_calls), result)
    first, second = (add.token_ids for add in process.added)
    assert second[: len(first) + len(CALL)] == [*first, *CALL]


async def test_a_turn_that_a_limit_ended_is_not_remembered(engine: NativeEngine, process: WorkerProcess) -> None:
    process.finish = "length"
    called = (await answer(engine, HELLO)).message
    await answer(engine, HELLO, Message("assistant", tool_calls=called.tool_calls))
    assert "Rain?" not in TOKENIZER.decode(process.added[1].token_ids)


async def test_another_space_gets_neither_the_turn_nor_the_cached_prompt(
    engine: NativeEngine, process: WorkerProcess
) -> None:
    tools = (Tool("f"),)
    called = fold(await events(engine, GenerateRequest((HELLO,), tools=tools, space="mine"))).message
    sent = (HELLO, Message("assistant", tool_calls=called.tool_calls))
    for space in ("theirs", "", "mine"):
        await events(engine, GenerateRequest(sent, tools=tools, space=space))
    assert [add.space for add in process.added] == ["mine", "theirs", "", "mine"]
    thoughts = ["Rain?" in TOKENIZER.decode(add.token_ids) for add in process.added]
    assert thoughts == [False, False, False, True]


async def test_an_echo_is_the_prompt_without_the_beginning_of_every_text(engine: NativeEngine) -> None:
    """Log probabilities are those of the echoed ids, although the process scores the first of these, too."""
    sampling = SamplingParams(logprobs=0, max_tokens=0)
    echo, _ = await events(engine, GenerateRequest("Hello you", context=(BOS,), echo=True, sampling=sampling))
    ids = TOKENIZER.encode("Hello you")
    assert isinstance(echo, TextDelta)
    assert echo.text == "Hello you"
    assert [logprob.logprob for logprob in echo.logprobs] == [-float(id) for id in ids]


async def test_the_first_token_of_a_text_has_no_log_probability(engine: NativeEngine) -> None:
    sampling = SamplingParams(logprobs=0, max_tokens=0)
    echo, _ = await events(engine, GenerateRequest("Hello you", echo=True, sampling=sampling))
    assert isinstance(echo, TextDelta)
    assert [logprob.logprob for logprob in echo.logprobs] == [None, *(-float(id) for id in TOKENIZER.encode(" you"))]


@pytest.mark.parametrize("allowed", [None, 16384])
async def test_a_context_that_does_not_fit_is_refused_with_both_numbers(
    process: WorkerProcess, allowed: int | None
) -> None:
    """The process found room for 8192 tokens; a request may ask for as many as the model and the settings have."""
    engine = await started(CODEC, replace(FACTS, context_length=32768), allowed)
    longest = allowed or 32768
    for asked in (longest, 10**6):
        with pytest.raises(InvalidRequest, match=f"context of {longest} tokens does not fit .* room for 8192"):
            await events(engine, GenerateRequest((HELLO,), placement=Placement(context_length=asked)))
        with pytest.raises(InvalidRequest, match="room for 8192"):
            await engine.embed(EmbedRequest("Hello", context_length=asked))
    assert await events(engine, GenerateRequest((HELLO,), placement=Placement(context_length=8192)))
    assert await events(engine, GenerateRequest((HELLO,)))
    await engine.close()


async def test_more_context_than_the_model_has_is_as_much_as_it_has(engine: NativeEngine) -> None:
    assert await events(engine, GenerateRequest((HELLO,), placement=Placement(context_length=10**6)))


async def test_a_vocabulary_that_cannot_be_read_ends_the_process(process: WorkerProcess, tmp_path: Path) -> None:
    gguf = GGUF.open(write_gguf(tmp_path / "a.gguf"))
    with pytest.raises(NotSupported, match="vocabularies of the kind"):
        await NativeEngine.load(gguf, ModelFacts.of(gguf), EngineOptions())
    assert not process.alive
