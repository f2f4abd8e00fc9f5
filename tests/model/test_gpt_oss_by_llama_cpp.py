"""`tiny` by llama.cpp and by our own engine: the same prompts, the same events, the same promises."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import pytest_asyncio

from ossia.config import EngineOptions, Settings
from ossia.engine import choice, load
from ossia.engine.choice import choose
from ossia.engine.facts import ModelFacts
from ossia.engine.llama_cpp.gpt_oss import GptOssByLlamaCpp
from ossia.engine.llama_cpp.lost import LostIds
from ossia.engine.native import NativeEngine
from ossia.errors import InvalidRequest, NotSupported
from ossia.gguf import GGUF
from ossia.tokenizer import Tokenizer
from ossia.types import GenerateRequest, Message, ResponseFormat, SamplingParams, Tool, ToolChoice, collect
from tests.random_schemas import random_schema

pytestmark = pytest.mark.asyncio(loop_scope="module")

HI = (Message("user", "What is the weather in Berlin? 😀"),)
GREEDY = SamplingParams(temperature=0, max_tokens=48)
WEATHER: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 20}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOLS = (Tool("get_weather", "Get the weather", WEATHER, strict=True), Tool("get_time", "Get the time"))


async def loaded(path: Path, name: Any) -> NativeEngine:
    options = EngineOptions(device="cpu", threads=1, num_parallel=2, context_length=2048, engine_name=name)
    engine = await load(path, options)
    assert isinstance(engine, NativeEngine)
    return engine


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(tiny_models: dict[str, Path]) -> AsyncIterator[NativeEngine]:
    engine = await loaded(tiny_models["mxfp4"], "llamacpp")
    assert isinstance(engine, GptOssByLlamaCpp)
    yield engine
    await engine.close()


async def test_the_same_prompts_and_the_same_events(engine: NativeEngine, tiny_models: dict[str, Path]) -> None:
    native = await loaded(tiny_models["mxfp4"], "native")
    for request in (
        GenerateRequest(HI, sampling=GREEDY, reasoning_effort="none"),
        GenerateRequest(HI, sampling=GREEDY, tools=TOOLS),
        GenerateRequest("Emoji: 😀 🎉 🚀 😀 🎉 🚀 😀", sampling=GREEDY),
    ):
        ours, theirs = [await collect(each.generate(request)) for each in (native, engine)]
        prompt = ours.finished.usage.prompt_tokens
        assert theirs.finished.usage.prompt_tokens == prompt
        assert theirs.finished.token_ids[:prompt] == ours.finished.token_ids[:prompt]
        if theirs.finished.token_ids == ours.finished.token_ids:  # rounding differs, so greedy answers may, too
            assert (theirs.message.content, theirs.message.reasoning) == (ours.message.content, ours.message.reasoning)
            assert theirs.finished.usage.completion_tokens == ours.finished.usage.completion_tokens
            assert theirs.finished.reason == ours.finished.reason
    await native.close()


async def test_a_required_call_of_a_strict_tool(engine: NativeEngine) -> None:
    sampling = SamplingParams(temperature=1.5, seed=1, max_tokens=400)
    request = GenerateRequest(HI, tools=TOOLS, tool_choice=ToolChoice(required=True), sampling=sampling)
    answer = await collect(engine.generate(request))
    assert answer.finished.reason == "tool_calls"
    for call in answer.message.tool_calls:
        assert call.name in ("get_weather", "get_time")
        jsonschema.validate(json.loads(call.arguments), WEATHER if call.name == "get_weather" else {"type": "object"})


async def test_a_schema_after_thoughts(engine: NativeEngine) -> None:
    format = ResponseFormat(WEATHER)
    sampling = SamplingParams(temperature=1.5, seed=1, max_tokens=800)
    answer = await collect(engine.generate(GenerateRequest(HI, response_format=format, sampling=sampling)))
    jsonschema.validate(json.loads(answer.message.content), WEATHER)
    begun = (*HI, Message("assistant", '{"city": "'))
    with pytest.raises(NotSupported, match="was begun"):
        await collect(engine.generate(GenerateRequest(begun, response_format=format)))


async def test_log_probabilities_and_the_next_turn_is_cached(engine: NativeEngine) -> None:
    sampling = SamplingParams(temperature=0, max_tokens=12, logprobs=1)
    answer = await collect(engine.generate(GenerateRequest(HI, sampling=sampling, reasoning_effort="none")))
    assert [each.top[0].logprob for each in answer.logprobs] == [each.logprob for each in answer.logprobs]
    again = (*HI, Message("assistant", answer.message.content), Message("user", "And in Paris?"))
    second = await collect(engine.generate(GenerateRequest(again, sampling=GREEDY, reasoning_effort="none")))
    assert second.finished.usage.cached_tokens > 60


async def test_embeddings_and_what_is_refused(engine: NativeEngine) -> None:
    assert (await engine.embed("Hello world")).vector.shape == (576,)
    echo = GenerateRequest("a b", echo=True, sampling=SamplingParams(logprobs=0))
    with pytest.raises(NotSupported, match="of a prompt"):
        await collect(engine.generate(echo))


async def test_lost_ids_are_found_by_their_bytes(tiny_models: dict[str, Path]) -> None:
    tokenizer = Tokenizer.from_gguf(GGUF.open(tiny_models["mxfp4"]).metadata)
    ids = tokenizer.encode(" 🚀")
    assert len(ids) > 2
    lost = LostIds(tokenizer)
    assert lost.before(ids[-1], " 🚀", len(ids) - 1) == ids[:-1]
    assert lost.before(ids[-1], "a", 1) == []
    assert lost.before(ids[-1], " 🚀", 40) == []


@pytest.mark.parametrize(
    ("is_gpt_oss", "name", "device", "expected"),
    [
        (True, "auto", "cpu", "native"),
        (True, "llamacpp", "cpu", "llama.cpp"),
        (True, "auto", "metal", "llama.cpp"),
        (True, "native", "auto", "native"),
        (True, "auto", "auto", "llama.cpp"),
        (False, "auto", "auto", "llama.cpp"),
    ],
)
async def test_the_choice(
    monkeypatch: pytest.MonkeyPatch, is_gpt_oss: bool, name: Any, device: str, expected: str
) -> None:
    """On a machine with a GPU that only llama.cpp sees."""
    monkeypatch.setattr(choice, "_sees_gpus", lambda: True)
    monkeypatch.setattr(choice, "may_use_gpu", lambda options: False)
    facts = ModelFacts("gpt-oss" if is_gpt_oss else "llama", is_gpt_oss, is_gpt_oss, 8192, 8)
    assert await choose(facts, EngineOptions(device=device, engine_name=name), None) == expected


async def test_pairs_that_cannot_be() -> None:
    facts = ModelFacts("llama", is_gpt_oss=False, is_harmony=False, context_length=8192, embedding_length=8)
    with pytest.raises(NotSupported, match="own engine"):
        await choose(facts, EngineOptions(engine_name="native"), None)
    with pytest.raises(InvalidRequest, match="OSSIA_ENGINE=native cannot use OSSIA_DEVICE=metal"):
        Settings.from_env({"OSSIA_ENGINE": "native", "OSSIA_DEVICE": "metal"})
    with pytest.raises(InvalidRequest, match="OSSIA_ENGINE"):
        Settings.from_env({"OSSIA_ENGINE": "vllm"})


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", ["tiny", "smollm2"])
async def test_250_random_schemas_are_kept(name: str, tiny_models: dict[str, Path], smollm2_gguf: Path) -> None:
    options = EngineOptions(device="cpu", threads=1, num_parallel=8, context_length=2048, engine_name="llamacpp")
    engine = await load(tiny_models["mxfp4"] if name == "tiny" else smollm2_gguf, options)
    places = asyncio.Semaphore(8)

    async def kept(seed: int) -> bool:
        """True if the answer ended by itself; it must be valid then."""
        sampling = SamplingParams(temperature=2, seed=seed, max_tokens=600)
        format = ResponseFormat(random_schema(seed))
        request = GenerateRequest(HI, response_format=format, sampling=sampling, reasoning_effort="none")
        async with places:
            answer = await collect(engine.generate(request))
        if answer.finished.reason == "length":
            return False
        jsonschema.validate(json.loads(answer.message.content), format.schema)
        return True

    ended = await asyncio.gather(*map(kept, range(250)))
    await engine.close()
    assert sum(ended) > 150
