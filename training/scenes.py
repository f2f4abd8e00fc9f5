"""Scenes: whole conversations with tools, composed from families.

A scene offers tools, some near and some far from what is asked for, and lets a person ask; the assistant thinks,
calls, reads the result and answers. It may have a past, a second call, a failure, or a wish that no tool can fulfil.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from ossia.types import Message
from training import analysis
from training.alike import alike
from training.asking import Asked, ask, dressed, goal, uncapitalised, wish
from training.conversation import Conversation
from training.families import FAMILIES
from training.family import Family
from training.outcomes import Outcome
from training.small_talk import SMALL_TALK
from training.stage import Stage, any_family, called, conversation, date, dressed_request, others, shuffled
from training.styles import styled
from training.tools import Offered, first, offer
from training.unfulfilled import missing_value, not_offered, small_talk


def single(stage: Stage, *, past: bool = True) -> Conversation:
    """Compose one request, its call, and the answer; perhaps after an earlier turn."""
    random = stage.random
    family = any_family(random)
    wished = wish(random, family, optional=random.choice((0.15, 0.45, 0.75)))
    offered = offer(random, family, stage.style, list(wished.words))
    count = random.choices((0, 1, 2, 3, 4, 5), (24, 24, 24, 16, 8, 4))[0]
    tools = shuffled(random, [offered, *others(stage, [family], count)])
    before = _past(stage, tools) if past else []
    asked = ask(random, offered, wished)
    number = sum(len(message.tool_calls) for message in before)
    turn, answered = called(stage, asked, tools, number)
    thoughts = analysis.after_result(random, stage.effort, asked, answered)
    request = Message("user", dressed_request(random, asked))
    if random.random() < 0.05:
        instruction, answer, wants = styled(random, answered.answer)
        thoughts = f"{thoughts} The instructions say: {wants}." if stage.effort in ("medium", "high") else thoughts
        messages = Message("system", instruction), *before, request, *turn, Message("assistant", answer, thoughts)
        return Conversation(messages, tuple(each.tool for each in tools), stage.effort, date(random))
    return conversation(stage, (*before, request, *turn, Message("assistant", answered.answer, thoughts)), tools)


def _past(stage: Stage, tools: Sequence[Offered]) -> list[Message]:
    """Return earlier turns: small talk, or a call of one of the tools."""
    random = stage.random
    kind = random.random()
    if kind < 0.05:
        said, answer = random.choice(SMALL_TALK)
        return [Message("user", said), Message("assistant", random.choice(answer.split("|")))]
    if kind < 0.13:
        offered = random.choice(tools)
        asked = ask(random, offered, wish(random, offered.family))
        turn, answered = called(stage, asked, tools, 0)
        return [Message("user", dressed_request(random, asked)), *turn, Message("assistant", answered.answer)]
    return []


_AND = (". And ", ". Also, ", ", and then ", ". After that, ", " and also ", ". Then ", "; and ")


def two_calls(stage: Stage) -> Conversation:
    """Compose two wishes in one request, which are fulfilled one after the other; often of the same tool."""
    random = stage.random
    one, two = _two_families(random)
    first_tool = offer(random, one, stage.style)
    offers = [first_tool, first_tool if two is one else offer(random, two, stage.style)]
    asked = [ask(random, offered, wish(random, offered.family, 0.15)) for offered in offers]
    far = others(stage, [one, two], random.choice((0, 1, 2)))
    tools = shuffled(random, [*offers[: 1 if two is one else 2], *far])
    asked.sort(key=lambda one: one.ends_in_text)
    return _run(stage, _joined_requests(random, asked[0], asked[1].text), asked, tools)


def _two_families(random: Random) -> tuple[Family, Family]:
    one = any_family(random)
    if random.random() < 0.5 and any(not parameter.phrases for parameter in one.parameters):
        return one, one
    two = any_family(random)
    while alike(one, two):
        two = any_family(random)
    return one, two


def _joined_requests(random: Random, asked: Asked, two: str) -> str:
    one = asked.text
    if asked.ends_in_text:
        return f"{one}\n{two}"
    if one[-1:] in "?!" or random.random() < 0.2:
        end = "" if one[-1:] in "?!." else "."
        return f"{one}{end} {random.choice(('And ', 'Also: ', 'Then: ', 'Second: ', ''))}{two}"
    return f"{one.rstrip('.')}{random.choice(_AND)}{uncapitalised(two)}"


def _run(stage: Stage, text: str, asked: Sequence[Asked], tools: Sequence[Offered]) -> Conversation:
    """Call one after the other and answer with all results; an error ends nothing."""
    messages = [Message("user", dressed(stage.random, text, open_end=not asked[-1].ends_in_text))]
    outcomes: list[Outcome] = []
    for number, one in enumerate(asked):
        turn, answered = called(stage, one, tools, number, second=number > 0, errors=0.04, naming=True)
        messages += turn
        outcomes.append(answered)
    thoughts = analysis.after_result(stage.random, stage.effort, asked[-1], outcomes[-1])
    answer = _both([answered.answer for answered in outcomes])
    return conversation(stage, [*messages, Message("assistant", answer, thoughts)], tools)


def _both(answers: Sequence[str]) -> str:
    """Join the answers to several wishes; after one without a full stop a new line begins."""
    return "".join(text + (" " if text.endswith((".", "!", "?")) else "\n") for text in answers[:-1]) + answers[-1]


def chain(stage: Stage) -> Conversation | None:
    """Compose a second call that takes a value of the first one's result, or None if these families have none."""
    random = stage.random
    link = random.choice(_links())
    one, two = offer(random, link.one, stage.style), offer(random, link.two, stage.style)
    tools = shuffled(random, [one, two, *others(stage, [link.one, link.two], random.choice((0, 0, 1, 2)))])
    asked = ask(random, one, wish(random, link.one, 0.1))
    turn, answered = called(stage, asked, tools, 0, errors=0.05, naming=True)
    wished = wish(random, link.two, 0.1)
    that = f"{random.choice(('that', 'this', 'the resulting'))} {link.field.replace('_', ' ')}"
    opened = ask(random, two, replace(wished, words={**wished.words, link.parameter: that}))
    if f'"{that}' in opened.text or f"'{that}" in opened.text:
        return None
    messages = [
        Message(
            "user", dressed(random, _joined_requests(random, asked, opened.text), open_end=not opened.ends_in_text)
        ),
        *turn,
    ]
    if answered.kind != "ok":
        thoughts = analysis.after_result(random, stage.effort, asked, answered)
        return conversation(stage, [*messages, Message("assistant", answered.answer, thoughts)], tools)
    if not isinstance(value := answered.fields.get(link.field), str):
        return None
    known = {**wished.words, link.parameter: value}
    second = replace(
        opened,
        arguments={**opened.arguments, two.keys[link.parameter]: value},
        words={**opened.words, link.parameter: value},
        goal=goal(random, link.two, known),
    )
    turn, last = called(stage, second, tools, 1, second=True, errors=0.04, naming=True)
    thoughts = analysis.after_result(random, stage.effort, second, last)
    answer = _both([answered.answer, last.answer])
    return conversation(stage, [*messages, *turn, Message("assistant", answer, thoughts)], tools)


@dataclass(frozen=True)
class _Link:
    """A field of one family's results that another family's parameter can take."""

    one: Family
    field: str
    two: Family
    parameter: str


@cache
def _links() -> list[_Link]:
    """Return all pairs of a field and a parameter that are drawn by the same function and have a word in common."""
    links: list[_Link] = []
    for one, field, draw in _fields():
        for two in FAMILIES:
            for parameter in two.parameters:
                same = parameter.draw is draw and set(field.split("|")) & set(parameter.names.split("|"))
                if same and not parameter.phrases and parameter.type == "string" and not alike(one, two):
                    links.append(_Link(one, first(field), two, first(parameter.names)))
    return links


def _fields() -> list[tuple[Family, str, object]]:
    return [
        (family, names, draw)
        for family in FAMILIES
        for result in family.results[:1]
        if not callable(result.fields)
        for names, draw in result.fields.items()
    ]


def draw(random: Random) -> Conversation:
    """Compose any scene."""
    compose = random.choices(*zip(*_SCENES, strict=True))[0]
    while not (composed := compose(Stage.draw(random))):
        pass
    return composed


_SCENES = (
    (single, 78),
    (two_calls, 7),
    (chain, 3),
    (not_offered, 4),
    (missing_value, 1.5),
    (small_talk, 2.5),
)
