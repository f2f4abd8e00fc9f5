"""gpt-oss by llama.cpp and by our own engine: the same prompts, the same events, the same promises.

Of `tiny`, and of random weights with the vocabulary of gpt-oss, whose control tokens have ids that no other has.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import pytest_asyncio

from ossia.config import EngineOptions, Settings
from ossia.engine import Engine, choice, load
from ossia.engine.choice import choose
from ossia.engine.codec import Codec, Sandboxes
from ossia.engine.facts import ModelFacts
from ossia.engine.llama_cpp.gpt_oss import GptOssByLlamaCpp
from ossia.engine.llama_cpp.lost import LostIds
from ossia.engine.native import NativeEngine
from ossia.errors import InvalidRequest, NotSupported
from ossia.gguf import GGUF
from ossia.tokenizer import Tokenizer
from ossia.types import (
    EmbedRequest,
    Event,
    GenerateRequest,
    Message,
    ResponseFormat,
    SamplingParams,
    Tool,
    ToolChoice,
    collect,
    fold,
)
from tests.conftest import cached
from tests.doubles.replay import FACTS, Replay, comparable
from tests.random_schemas import random_schema
from tests.vocabulary import vocabulary

pytestmark = pytest.mark.asyncio(loop_scope="module")

HI = (Message("user", "What is the weather in Berlin? 😀"),)
GREEDY = SamplingParams(temperature=0, max_tokens=48)
WEATHER: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 20}},
    "required": ["city"],
    "additionalProperties": False,
}
ENDS = ((1, 8.0),)
"""A quotation mark in the vocabulary of gpt-oss, likelier: a random model would hardly ever end a string."""
TOOLS = (Tool("get_weather", "Get the weather", WEATHER, strict=True), Tool("get_time", "Get the time"))


async def loaded(path: Path, name: Any) -> NativeEngine:
    options = EngineOptions(device="cpu", threads=1, num_parallel=2, context_length=2048, engine_name=name)
    engine = await load((path,), options)
    assert isinstance(engine, NativeEngine)
    return engine


def replay_of(path: Path) -> Replay:
    return Replay(Codec.of(GGUF.open(path), FACTS, EngineOptions(), Sandboxes()))


@pytest.fixture(scope="module")
def random_gpt_oss() -> Path:
    """Random weights of 40 MB, most of which are for the vocabulary."""
    script = Path(__file__).parents[2] / "bench" / "random_model.py"
    words = ["--shape", "toy", "--vocabulary", str(vocabulary().tokenizer_json)]
    return cached(
        "random-gpt-oss.gguf", lambda part: subprocess.run([sys.executable, str(script), str(part), *words], check=True)
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(tiny_models: dict[str, Path]) -> AsyncIterator[NativeEngine]:
    engine = await loaded(tiny_models["mxfp4"], "llamacpp")
    assert isinstance(engine, GptOssByLlamaCpp)
    yield engine
    await engine.close()


@pytest.mark.parametrize("name", ["tiny", pytest.param("random", marks=pytest.mark.slow)])
async def test_the_same_prompts_and_the_same_events(
    name: str, tiny_models: dict[str, Path], random_gpt_oss: Path
) -> None:
    """Prompts are the same, and each engine's ids are the same events by the other."""
    path = tiny_models["mxfp4"] if name == "tiny" else random_gpt_oss
    native, engine, replay = await loaded(path, "native"), await loaded(path, "llamacpp"), replay_of(path)
    for request in (
        GenerateRequest(HI, sampling=GREEDY, reasoning_effort="none"),
        GenerateRequest(HI, sampling=GREEDY, tools=TOOLS),
        GenerateRequest("Emoji: 😀 🎉 🚀 😀 🎉 🚀 😀", sampling=GREEDY),
    ):
        ours, theirs = [[event async for event in each.generate(request)] for each in (native, engine)]
        prompt, ids = ids_of(ours)
        assert await replay.by_llama_cpp(request, ids) == comparable(ours)
        their_prompt, ids = ids_of(theirs)
        assert their_prompt == prompt
        assert await replay.by_native(request, ids) == comparable(theirs)
        assert await replay.by_llama_cpp(request, ids) == comparable(theirs)  # so what stands for llama.cpp is like it
    await replay.codec.sandboxes.close()
    await native.close()
    await engine.close()


def ids_of(events: list[Event]) -> tuple[list[int], list[int]]:
    """Return the ids of the prompt and of the answer."""
    finished = fold(events).finished
    ids, length = list(finished.token_ids), finished.usage.prompt_tokens
    return ids[:length], ids[length:]


async def test_a_schema_and_a_strict_tool_with_the_vocabulary_of_gpt_oss(random_gpt_oss: Path) -> None:
    """Its grammars were refused, since ids of control tokens are beyond the vocabulary by which they are tried."""
    engine = await loaded(random_gpt_oss, "llamacpp")
    for request in random_requests(engine, 1, ends=True):
        await assert_valid(engine, request)
    await engine.close()


async def test_a_required_call_of_a_strict_tool(engine: NativeEngine) -> None:
    """Whatever is drawn, and on any processor: no argument and no thought can go on without end."""
    schemas = {"get_weather": WEATHER, "get_time": {"type": "object", "additionalProperties": False}}
    tools = tuple(Tool(name, parameters=schema, strict=True) for name, schema in schemas.items())
    sampling = SamplingParams(temperature=1.5, seed=1, max_tokens=400)
    required = ToolChoice(required=True, parallel=False)
    request = GenerateRequest(HI, tools, tool_choice=required, sampling=sampling, reasoning_effort="none")
    answer = await collect(engine.generate(request))
    assert answer.finished.reason == "tool_calls"
    (call,) = answer.message.tool_calls
    jsonschema.validate(json.loads(call.arguments), schemas[call.name])


async def test_a_schema_after_thoughts(engine: NativeEngine) -> None:
    format = ResponseFormat(WEATHER)
    sampling = SamplingParams(temperature=0, max_tokens=800)  # drawn thoughts may go on without end
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
    assert (await engine.embed(EmbedRequest("Hello world"))).vector.shape == (576,)
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
    assert await choose(facts, EngineOptions(device=device, engine_name=name)) == expected


async def test_pairs_that_cannot_be() -> None:
    facts = ModelFacts("llama", is_gpt_oss=False, is_harmony=False, context_length=8192, embedding_length=8)
    with pytest.raises(NotSupported, match="own engine"):
        await choose(facts, EngineOptions(engine_name="native"))
    with pytest.raises(InvalidRequest, match="OSSIA_ENGINE=native cannot use OSSIA_DEVICE=metal"):
        Settings.from_env({"OSSIA_ENGINE": "native", "OSSIA_DEVICE": "metal"})
    with pytest.raises(InvalidRequest, match="OSSIA_ENGINE"):
        Settings.from_env({"OSSIA_ENGINE": "vllm"})


def random_requests(engine: Engine, seed: int, ends: bool = False) -> list[GenerateRequest]:
    """Return one for an answer of a random schema and, if the model has tools, one for a call of one of three."""
    schema = random_schema(seed)
    sampling = SamplingParams(temperature=2, seed=seed, max_tokens=300, logit_bias=ENDS if ends else ())
    requests = [GenerateRequest(HI, response_format=ResponseFormat(schema), sampling=sampling, reasoning_effort="none")]
    if engine.supports_tools:
        tools = tuple(Tool(f"tool_{number}", "", random_schema(seed + number), strict=True) for number in range(3))
        requests.append(
            GenerateRequest(
                HI, tools=tools, tool_choice=ToolChoice(required=True), sampling=sampling, reasoning_effort="none"
            )
        )
    return requests


async def assert_valid(engine: Engine, request: GenerateRequest) -> bool:
    """Return True if the answer ended by itself; it must be valid then."""
    answer = await collect(engine.generate(request))
    if answer.finished.reason == "length":
        return False
    if request.response_format:
        jsonschema.validate(json.loads(answer.message.content), request.response_format.schema)
    schemas = {tool.name: tool.parameters for tool in request.tools}
    for call in answer.message.tool_calls:
        jsonschema.validate(json.loads(call.arguments), schemas[call.name])
    assert answer.message.tool_calls or request.response_format
    return True


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", ["random", "tiny", "smollm2"])
async def test_250_random_schemas_and_tool_sets_are_kept(
    name: str, tiny_models: dict[str, Path], smollm2_gguf: Path, random_gpt_oss: Path
) -> None:
    paths = {"tiny": tiny_models["mxfp4"], "smollm2": smollm2_gguf, "random": random_gpt_oss}
    options = EngineOptions(device="cpu", threads=1, num_parallel=8, context_length=2048, engine_name="llamacpp")
    engine = await load((paths[name],), options)
    places = asyncio.Semaphore(8)

    async def kept(request: GenerateRequest) -> bool:
        async with places:
            return await assert_valid(engine, request)

    requests = [request for seed in range(250) for request in random_requests(engine, seed, ends=name == "random")]
    ended = await asyncio.gather(*map(kept, requests))
    await engine.close()
    print(f"{name}: {sum(ended)} of {len(requests)} ended by themselves, all of them valid")
    assert sum(ended) > 100
