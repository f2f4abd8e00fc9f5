"""Stages: what scenes are made on: an effort, tools near and far from what is asked for, and the turn of a call."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from ossia.types import Message, ReasoningEffort
from training import analysis
from training.alike import alike
from training.asking import Asked, dressed
from training.conversation import Conversation, call, result
from training.families import FAMILIES, guide
from training.family import Family
from training.outcomes import Outcome, outcome, values_of
from training.synthetic import synthetic
from training.tools import Offered, Style, offer
from training.trades import thing_of, trade

SYNTHETIC = 0.07
TRADES = 0.35
GUIDE = 0.04
_GUIDES = [family for family in FAMILIES if family in guide.FAMILIES]
_WEATHER = [family for family in _GUIDES if family.name == "current_weather"]
EFFORTS: Sequence[ReasoningEffort] = ("none", "low", "medium", "high")


@dataclass
class Stage:
    """Beginning of a scene, before anyone speaks: its effort, and the style of its tools."""

    random: Random
    effort: ReasoningEffort
    style: Style

    @classmethod
    def draw(cls, random: Random) -> "Stage":
        return cls(random, random.choices(EFFORTS, (6, 25, 47, 22))[0], Style.draw(random))


def date(random: Random) -> str:
    return f"{random.randint(2024, 2030)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"


def any_family(random: Random) -> Family:
    """Draw a family; those of the guides, which a newcomer tries first, more often than others."""
    kind = random.random()
    if kind < SYNTHETIC:
        return synthetic(random)
    if kind < SYNTHETIC + TRADES:
        return trade(random)
    if kind < SYNTHETIC + TRADES + GUIDE:
        return random.choice(_WEATHER) if random.random() < 0.6 else random.choice(_GUIDES)
    return random.choices(FAMILIES, cum_weights=_WEIGHTS)[0]


_WEIGHTS = list(accumulate(0.7 + 0.4 * len(family.parameters) for family in FAMILIES))
"""Families with more parameters are drawn more often: they are harder."""

_BY_WORD: dict[str, list[Family]] = {}
for _family in FAMILIES:
    for _word in {word for name in _family.names.split("|") for word in name.split("_")}:
        _BY_WORD.setdefault(_word, []).append(_family)


def others(stage: Stage, families: Sequence[Family], count: int) -> list[Offered]:
    """Return tools that cannot be mistaken for those of `families`; some share a word of the name with them."""
    random = stage.random
    found: list[Offered] = []
    used = list(families)
    for _ in range(8 * count):
        if len(found) == count:
            break
        family = _other(random, random.choice(families))
        if not any(alike(family, one) for one in used):
            used.append(family)
            found.append(offer(random, family, stage.style))
    return found


def _other(random: Random, family: Family) -> Family:
    if (thing := thing_of(family)) and random.random() < 0.45:
        return trade(random, thing)
    if random.random() < 0.4:
        word = random.choice(random.choice(family.names.split("|")).split("_"))
        return random.choice(_BY_WORD.get(word, FAMILIES))
    return any_family(random)


def shuffled(random: Random, items: Sequence[Offered]) -> list[Offered]:
    mixed = list(items)
    random.shuffle(mixed)
    return mixed


def system(random: Random, *, tools: bool) -> list[Message]:
    """Return the client's instructions, which most requests do not have."""
    if random.random() < 0.6:
        return []
    return [Message("system", random.choice(_TOOL_INSTRUCTIONS if tools and random.random() < 0.5 else _INSTRUCTIONS))]


_INSTRUCTIONS = analysis.alternatives(
    """You are a helpful assistant.|You are a helpful assistant.|You are a helpful assistant.|You are a friendly
    assistant.|Be helpful and honest.|Help the user with their request.|You are a customer support agent.|Today is a
    busy day, so keep answers short.|You're a personal assistant.|Act as a reliable helper for the team.|You help
    the users of our app.|You are an AI assistant.|Be polite.|You are an assistant in a small company."""
)
_TOOL_INSTRUCTIONS = analysis.alternatives(
    """You are a helpful assistant with access to tools.|Answer the user. Use tools when they help.|Only call a
    function when it is needed.|Use the tools to answer questions.|You are an assistant that can use functions.|You
    are an AI assistant. Use the provided functions when appropriate.|If a tool can answer, use it.|Don't make
    assumptions about what values to plug into functions. Ask for clarification if a user request is ambiguous.|You
    are a helpful assistant. Use the tools you are given."""
)


def dressed_request(random: Random, asked: Asked) -> str:
    """Return the text of a request, perhaps with a greeting or a remark."""
    return dressed(random, asked.text, open_end=not asked.ends_in_text)


def conversation(stage: Stage, messages: Sequence[Message], tools: Sequence[Offered]) -> Conversation:
    random = stage.random
    messages = (*system(random, tools=bool(tools)), *messages)
    return Conversation(messages, tuple(offered.tool for offered in tools), stage.effort, date(random))


def called(
    stage: Stage,
    asked: Asked,
    tools: Sequence[Offered],
    number: int,
    *,
    second: bool = False,
    errors: float = 0.07,
    naming: bool = False,
) -> tuple[list[Message], Outcome]:
    """Return a call with its result, and how it ended."""
    name = asked.offered.tool.name
    thoughts = analysis.before_call(stage.random, stage.effort, asked, tools, second=second)
    answered = outcome(stage.random, asked, values_of(asked), errors, naming=naming)
    return [call(number, name, asked.arguments, thoughts), result(number, name, answered.text)], answered
