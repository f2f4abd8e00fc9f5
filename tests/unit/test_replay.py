"""The same ids are the same events, whether our own engine or llama.cpp has sampled them."""

import random
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
import pytest_asyncio

from ossia.chat.harmony.format import Harmony
from ossia.engine.codec import Codec
from ossia.types import Collected, GenerateRequest, Message, SamplingParams, Tool, fold
from tests.doubles.replay import Replay
from tests.vocabulary import harmony_tokenizer

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOKENIZER = harmony_tokenizer()
CHAT = GenerateRequest((Message("user", "x"),))
CALL = '<|channel|>commentary to=functions.f <|constrain|>json<|message|>{"a": "𓀀 🤷🏽‍♀️"}<|call|>'
THOUGHT = "<|channel|>analysis<|message|>Hm 🤔 oui.<|end|><|start|>assistant"
ANSWER = "<|channel|>final<|message|>Es 🌦️ regnet in 東京 𓀀.\n\nUser: no<|return|>"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def replay() -> AsyncGenerator[Replay]:
    replay = Replay(Codec(TOKENIZER, Harmony(TOKENIZER)))
    yield replay
    await replay.codec.sandboxes.close()


async def replayed(replay: Replay, ids: list[int], request: GenerateRequest = CHAT) -> Collected:
    """Return the answer that ids are, which is the same by both engines, event for event."""
    request = replace(request, sampling=replace(request.sampling, max_tokens=len(ids)))
    events = await replay.by_native(request, ids)
    assert await replay.by_llama_cpp(request, ids) == events
    return fold(events)


def encoded(text: str) -> list[int]:
    return TOKENIZER.encode(text, special=True)


async def test_thoughts_and_an_answer(replay: Replay) -> None:
    answer = await replayed(replay, encoded(THOUGHT + ANSWER))
    assert (answer.message.reasoning, answer.message.content) == ("Hm 🤔 oui.", "Es 🌦️ regnet in 東京 𓀀.\n\nUser: no")


async def test_a_call(replay: Replay) -> None:
    answer = await replayed(replay, encoded(CALL), replace(CHAT, tools=(Tool("f"),)))
    assert answer.finished.reason == "tool_calls"
    assert [call.arguments for call in answer.message.tool_calls] == ['{"a": "𓀀 🤷🏽‍♀️"}']


@pytest.mark.parametrize("stop", ["\n\nUser:", " in", "🌦️", "nowhere"])
async def test_stop_strings(replay: Replay, stop: str) -> None:
    answer = await replayed(replay, encoded(ANSWER), replace(CHAT, sampling=SamplingParams(stop=(stop,))))
    assert stop not in answer.message.content


async def test_ids_after_the_end_are_nobodys(replay: Replay) -> None:
    answer = await replayed(replay, [*encoded(ANSWER), *encoded(" and more")])
    assert answer.message.content.endswith("no")


async def test_an_answer_of_any_length(replay: Replay) -> None:
    """A limit may end it within a header or between the words of one."""
    ids = encoded(THOUGHT + ANSWER)
    for length in range(1, len(ids), 4):
        if not TOKENIZER.decode(ids[:length]).endswith("\N{REPLACEMENT CHARACTER}"):  # LostIds cannot know such an end
            assert (await replayed(replay, ids[:length])).finished.reason == "length"


@pytest.mark.parametrize("prompt", [CHAT.prompt, "x"])
async def test_any_ids(replay: Replay, prompt: str | tuple[Message, ...]) -> None:
    """Marks in any order, words and characters of many scripts, as a model may write them at a high temperature."""
    choose = random.Random(17)
    marks = [*TOKENIZER.special_tokens.values()]
    for _ in range(4):
        texts = [chr(choose.randrange(0x20, 0xD800)) + chr(choose.randrange(0x1F300, 0x1F6FF)) for _ in range(40)]
        ids = [id for text in texts for id in (*encoded(text), choose.choice(marks))[: choose.choice((None, -1))]]
        await replayed(replay, ids, GenerateRequest(prompt))
