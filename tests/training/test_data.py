"""Training data: every family of tools can be asked, called and answered, and ossia reads back what is written."""

import json
from collections import Counter
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import numpy as np
import pytest

from ossia.chat import MessageEnd
from ossia.chat.harmony.format import Harmony
from ossia.chat.harmony.parser import HarmonyParser
from ossia.chat.harmony.tool_names import ToolNames
from ossia.gguf import GGUF
from ossia.store.tiny_vocabulary import tokenizer_metadata
from ossia.tokenizer import Tokenizer
from ossia.types import Finished, GenerateRequest, ReasoningEffort, fold
from training import alike, analysis, compose, data, outcomes, prompts, words
from training import purpose as purposes
from training.asking import NUMBERS, PLACEHOLDER, ask, wish
from training.conversation import Conversation, Encoder
from training.families import ALL, FAMILIES
from training.family import Family
from training.tools import Style, first, offer
from training.trades import trade


@pytest.fixture(scope="module")
def tokenizer(smollm2_gguf: Path) -> Tokenizer:
    words.use(smollm2_gguf)
    return Tokenizer.from_gguf(tokenizer_metadata(GGUF.open(smollm2_gguf).metadata))


def drawn(count: int, seed: int = 0) -> list[Conversation]:
    random = Random(seed)
    return [compose.draw(random) for _ in range(count)]


def check_templates(family: Family) -> None:
    """Every template names known parameters, and a request all that are required."""
    known = {first(parameter.names) for parameter in family.parameters}
    required = {first(parameter.names) for parameter in family.parameters if not parameter.phrases}
    for request in family.requests:
        assert required <= set(PLACEHOLDER.findall(request)) <= known, (family.name, request)
    for goal in family.goals.split("|"):
        assert goal.strip(), family.name
        assert set(PLACEHOLDER.findall(goal)) <= known, (family.name, goal)


def check_call(random: Random, family: Family) -> None:
    wished = wish(random, family, 0.5)
    offered = offer(random, family, Style.draw(random), list(wished.words))
    asked = ask(random, offered, wished)
    jsonschema.validate(asked.arguments, offered.tool.parameters or {"type": "object"})
    for parameter in family.parameters:
        spoken = asked.words.get(first(parameter.names), "")
        assert spoken in asked.text or is_spelt(spoken, asked.text), (family.name, spoken, asked.text)
    for result in family.results:
        ended = outcomes.success(random, asked, result, outcomes.values_of(asked))
        assert ended.answer, family.name
        assert not PLACEHOLDER.search(result_free(ended.answer, asked.words)), (
            family.name,
            ended.answer,
        )


def is_spelt(number: str, text: str) -> bool:
    return number.isdecimal() and int(number) < len(NUMBERS) and NUMBERS[int(number)] in text


def result_free(answer: str, said: Any) -> str:
    """Return an answer without the words of the request, which may have braces of their own."""
    for spoken in said.values():
        answer = answer.replace(spoken, "")
    return answer


@pytest.mark.usefixtures("tokenizer")
def test_every_family_can_be_asked_called_and_answered() -> None:
    random = Random(1)
    assert not [name for name, count in Counter(family.name for family in FAMILIES).items() if count > 1]
    for family in FAMILIES:
        check_templates(family)
        for _ in range(5):
            check_call(random, family)


def test_alike_families_are_families() -> None:
    assert {family.name for family in ALL} >= alike.NAMES


@pytest.mark.usefixtures("tokenizer")
def test_every_tool_of_a_trade_can_be_asked_called_and_answered() -> None:
    random = Random(4)
    for family in (trade(random) for _ in range(300)):
        check_templates(family)
        check_call(random, family)


@pytest.mark.parametrize(
    ("about", "purpose"),
    [
        ("Tell where a file lies.", "to know where a file lies"),
        ("Returns the author of a book", "the author of a book"),
        ("Books a seat. Only on weekdays.", "to book a seat"),
        ("The time of the server", "the time of the server"),
        ("Report an employee as ill", "to report an employee as ill"),
        ("Length of a month", ""),
    ],
)
def test_purposes_of_tools_are_read_from_their_descriptions(about: str, purpose: str) -> None:
    assert purposes.purpose(about) == purpose


def test_ossia_reads_back_the_calls_and_answers(tokenizer: Tokenizer) -> None:
    encoder = Encoder(tokenizer)
    for conversation in drawn(150):
        ids, parts = encoder.encode(conversation)
        learnt = turns(ids, parts)
        written = [m for m in last_turn(conversation) if m.role == "assistant"][-1 if conversation.given else 0 :]
        assert len(learnt) == len(written)
        for part, message in zip(learnt, written, strict=True):
            names = ToolNames(tool.name for tool in conversation.tools)
            opened = "final" if conversation.effort == "none" and not conversation.tools else None
            parser = HarmonyParser(tokenizer, encoder.control, names, opened=opened)
            parsed = [*(event for id in part for event in parser.feed(id)), *parser.finish()]
            read = fold([*(each for each in parsed if not isinstance(each, MessageEnd)), Finished("stop")]).message
            assert (read.content, read.reasoning) == (message.content, message.reasoning)
            assert [(c.name, c.arguments) for c in read.tool_calls] == [
                (c.name, c.arguments) for c in message.tool_calls
            ]


def turns(ids: list[int], parts: list[int]) -> list[list[int]]:
    """Return the runs of ids that are learnt."""
    runs: list[list[int]] = []
    for i, id in enumerate(ids):
        if parts[i]:
            if not i or not parts[i - 1]:
                runs.append([])
            runs[-1].append(id)
    return runs


def last_turn(conversation: Conversation) -> Any:
    at = max(i for i, message in enumerate(conversation.messages) if message.role == "user")
    return conversation.messages[at:]


def test_thoughts_calls_and_answers_are_told_apart(tokenizer: Tokenizer) -> None:
    encoder = Encoder(tokenizer)
    for conversation in drawn(60, seed=4):
        ids, parts = encoder.encode(conversation)
        texts = {
            part: tokenizer.decode([id for id, of in zip(ids, parts, strict=True) if of == part]) for part in (1, 2, 3)
        }
        written = [m for m in last_turn(conversation) if m.role == "assistant"][-1 if conversation.given else 0 :]
        assert all(message.reasoning in texts[1] and message.content in texts[3] for message in written)
        calls = [call for message in written for call in message.tool_calls]
        assert all(call.arguments in texts[2] for call in calls)
        assert bool(texts[2]) == bool(calls)


async def test_the_server_renders_the_same_prompt(tokenizer: Tokenizer) -> None:
    encoder = Encoder(tokenizer)
    for conversation in drawn(60, seed=1):
        ids, parts = encoder.encode(conversation)
        at = max(i for i, message in enumerate(conversation.messages) if message.role == "user")
        harmony = Harmony(tokenizer, today=partial(date.fromisoformat, conversation.date))
        request = GenerateRequest(
            conversation.messages[: at + 1],
            tools=conversation.tools,
            response_format=conversation.format,
            reasoning_effort=conversation.effort,
        )
        if not conversation.given:
            assert await harmony.render(request, 4096) == ids[: parts.index(next(filter(None, parts)))]


def test_analysis_follows_the_effort_and_never_copies_the_prompt() -> None:
    lengths: dict[ReasoningEffort, list[int]] = {"none": [], "low": [], "medium": [], "high": []}
    for conversation in drawn(600, seed=2):
        asked = last_turn(conversation)[0].content
        for message in last_turn(conversation)[1:]:
            if message.role == "assistant":
                lengths[conversation.effort].append(len(message.reasoning))
                assert not analysis.copies(message.reasoning, asked) or len(asked) < 27
    low, medium, high = (np.median(lengths[effort]) for effort in ("low", "medium", "high"))
    assert set(lengths["none"]) == {0}
    assert 0 < low < medium < high


def test_prompts_of_chat_are_different_and_become_conversations(tokenizer: Tokenizer) -> None:
    random, encoder = Random(3), Encoder(tokenizer)
    asked = prompts.chat_prompts(random, 500)
    assert len({prompt.text for prompt in asked}) == 500
    for prompt in asked[:50]:
        conversation = prompts.answered(random, prompt, "An answer.")
        assert conversation.messages[-1].content == "An answer."
        assert encoder.encode(conversation)[0][-1] == encoder.control.return_


def test_a_prompt_of_which_nothing_is_known_is_answered_without_a_thought(tokenizer: Tokenizer) -> None:
    random, encoder = Random(5), Encoder(tokenizer)
    for _ in range(20):
        conversation = prompts.answered(random, prompts.Prompt("Is a bat a bird?"), "No, it is a mammal.")
        ids, parts = encoder.encode(conversation)
        assert tokenizer.decode([id for id, part in zip(ids, parts, strict=True) if part]).startswith("No, it is a")
        assert not conversation.tools


def test_a_shard_depends_on_its_seed_and_number_alone(tmp_path: Path, tokenizer: Tokenizer) -> None:
    answers = compose.read_answers(saved(tmp_path))
    for name in ("a", "b"):
        data.write_shard(tmp_path / f"{name}.npz", 7, 3, 20, answers)
    a, b = np.load(tmp_path / "a.npz"), np.load(tmp_path / "b.npz")
    assert all((a[key] == b[key]).all() for key in ("ids", "parts", "sizes", "lessons"))
    assert a["sizes"].sum() == len(a["ids"]) == len(a["parts"])
    encoder = Encoder(tokenizer)
    ids, _, lesson = next(islice(data.encoded(Random("7 3"), encoder, answers), 1))
    assert a["ids"][: a["sizes"][0]].tolist() == ids
    assert a["lessons"][0] == lesson


def saved(folder: Path) -> Path:
    path = folder / "answers.json"
    path.write_text(json.dumps([["What is rain?", "an explanation of rain", ["Plain words will do."], "Water."]]))
    return path
