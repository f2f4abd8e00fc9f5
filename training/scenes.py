"""Scenes: whole conversations with tools, composed from families.

A scene offers tools, some near and some far from what is asked for, and lets a person ask; the assistant thinks,
calls, reads the result and answers. It may have a past, a second call, a failure, or a wish that no tool can fulfil.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate
from random import Random

from ossia.types import Message, ReasoningEffort
from training import analysis
from training.alike import alike
from training.asking import Asked, ask, dressed, fill, goal, uncapitalised, wish
from training.conversation import Conversation, call, result
from training.families import FAMILIES, guide
from training.family import Family
from training.outcomes import Outcome, joined, outcome, values_of
from training.small_talk import SMALL_TALK
from training.styles import styled
from training.synthetic import synthetic
from training.tools import Offered, Style, first, offer

SYNTHETIC = 0.12
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
        return cls(random, random.choices(EFFORTS, (6, 27, 42, 25))[0], Style.draw(random))


def date(random: Random) -> str:
    return f"{random.randint(2024, 2030)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"


def any_family(random: Random) -> Family:
    """Draw a family; those of the guides, which a newcomer tries first, more often than others."""
    kind = random.random()
    if kind < SYNTHETIC:
        return synthetic(random)
    if kind < SYNTHETIC + GUIDE:
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


def single(stage: Stage, *, past: bool = True) -> Conversation:
    """Compose one request, its call, and the answer; perhaps after an earlier turn."""
    random = stage.random
    family = any_family(random)
    wished = wish(random, family, optional=random.choice((0.1, 0.35, 0.6)))
    offered = offer(random, family, stage.style, list(wished.words))
    count = random.choices((0, 1, 2, 3, 4, 5), (24, 24, 24, 16, 8, 4))[0]
    tools = shuffled(random, [offered, *others(stage, [family], count)])
    before = _past(stage, tools) if past else []
    asked = ask(random, offered, wished)
    number = sum(len(message.tool_calls) for message in before)
    turn, answered = called(stage, asked, tools, number)
    thoughts = analysis.after_result(random, stage.effort, asked, answered)
    request = Message("user", _dressed(random, asked))
    if random.random() < 0.05:
        instruction, answer, wants = styled(random, answered.answer)
        thoughts = f"{thoughts} The instructions say: {wants}." if stage.effort in ("medium", "high") else thoughts
        messages = Message("system", instruction), *before, request, *turn, Message("assistant", answer, thoughts)
        return Conversation(messages, tuple(each.tool for each in tools), stage.effort, date(random))
    return conversation(stage, (*before, request, *turn, Message("assistant", answered.answer, thoughts)), tools)


def _dressed(random: Random, asked: Asked) -> str:
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
        return [Message("user", _dressed(random, asked)), *turn, Message("assistant", answered.answer)]
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


_NOT_OFFERED = analysis.alternatives(
    """I'm sorry, none of my tools can do that.|I don't have a tool for that, I'm afraid.|Sorry, I can't do that
    with the tools I have here.|That's not something my tools can do.|I'm afraid I have no way to do that here.|With
    the tools at hand I can't do that, sorry.|I can't help with that one: no tool for it is available to
    me.|Unfortunately there is no tool here that does this.|I have no function for this, so I can't do it for
    you.|Sorry, that is outside of what I can do here."""
)
_BUT = analysis.alternatives(
    """I could use {tool} for you, but that does something else.| What I have is {tool}.| If {tool} is of any use,
    let me know.| Here I only have {tool}."""
)
_NONE_FITS = analysis.alternatives(
    """The user wants {goal}. No tool here can do that.|They want {goal}, but we have no function for it.|None of the
    functions does this.|There is no tool for {goal_short}.|The user wants {goal}. Our tools do other things."""
)
_SAY_SO = analysis.alternatives(
    """I'll say so.|Better to be honest than to call something else.|We must not call a wrong function.|I should say
    that plainly.|I can't make up a result.|So no call; just tell them."""
)


def not_offered(stage: Stage) -> Conversation:
    """Compose a request for which no tool is offered, so that the honest answer is that it cannot be done."""
    random = stage.random
    family = random.choice(FAMILIES)
    wished = wish(random, family, 0.2)
    tools = others(stage, [family], random.choice((1, 1, 2, 3)))
    asked = ask(random, offer(random, family, stage.style), wished)
    parts = {"goal": asked.goal, "goal_short": "that", "others": joined([t.tool.name for t in tools])}
    thought = fill(random.choice(_NONE_FITS), parts)
    thought = "None of the functions does this." if analysis.copies(thought, asked.text) else thought
    thoughts = {
        "none": "",
        "low": random.choice(("No tool for that.", "None of the tools fits.", "We have no function for it.", thought)),
        "medium": thought if random.random() < 0.4 else f"{thought} {random.choice(_SAY_SO)}",
        "high": f"{thought} We have {parts['others']}, which would not help. {random.choice(_SAY_SO)}",
    }[stage.effort]
    but = fill(random.choice(_BUT), {"tool": random.choice(tools).tool.name}) if random.random() < 0.3 else ""
    answer = random.choice(_NOT_OFFERED) + but
    messages = [Message("user", _dressed(random, asked)), Message("assistant", answer, thoughts)]
    return conversation(stage, messages, tools)


_WITHOUT = re.compile(r" (?:in|for|of|to|at|from|on|about|near|with|called|named|by) \{(\w+)\}(?=[.?!]?$)")
_WHICH = analysis.alternatives(
    """Which {key} do you mean?|Sure. Which {key} should I use?|Could you tell me the {key}?|I can do that. What is
    the {key}?|Happy to help! For which {key}?|I need one more thing: the {key}.|Please tell me the {key}
    first.|What {key} would you like?|To do that I need to know the {key}.|Of course. Just let me know the {key}."""
)
_MISSING = analysis.alternatives(
    """The {key} is missing.|No {key} was given.|They did not say which {key}.|The function needs a {key}, which is not
    there.|We don't know the {key}.|{tool} requires {key}, but it was not mentioned."""
)
_ASK = analysis.alternatives(
    """Ask for it.|I'll ask.|We should ask the user.|I must not guess it.|Better to ask than to guess."""
)


def missing_value(stage: Stage) -> Conversation | None:
    """Compose a request without a required value, for which the assistant asks; or None if the family allows none."""
    random = stage.random
    family = random.choice(FAMILIES)
    required = [first(parameter.names) for parameter in family.parameters if not parameter.phrases]
    single = all(parameter.type == "string" for parameter in family.parameters)
    cut = [t for t in family.requests if single and (m := _WITHOUT.search(t)) and required == [m[1]]]
    if not cut:
        return None
    offered = offer(random, family, stage.style)
    tools = shuffled(random, [offered, *others(stage, [family], random.choice((0, 1, 2)))])
    key = required[0].replace("_", " ")
    text = _WITHOUT.sub("", random.choice(cut))
    parts = {"key": key, "tool": offered.tool.name, "goal": goal(random, family, {})}
    missing = fill(random.choice(_MISSING), parts)
    thoughts = {
        "none": "",
        "low": missing,
        "medium": f"{missing} {random.choice(_ASK)}",
        "high": f"This is a job for {offered.tool.name}. {missing} {random.choice(_ASK)} A guess could be wrong.",
    }[stage.effort]
    answer = fill(random.choice(_WHICH), parts)
    return conversation(stage, [Message("user", dressed(random, text)), Message("assistant", answer, thoughts)], tools)


_CHATTING = analysis.alternatives(
    """No function is needed.|This is small talk; answer directly.|Just a friendly reply.|No tool is needed for
    this.|The user is only chatting.|A short reply is enough.|We can simply answer.|Nothing to look up here."""
)
_CHATTING_MORE = analysis.alternatives(
    """The user says "{said}".|This is a short message.|They aren't asking for anything that a tool does.|The user
    is being polite."""
)


def small_talk(stage: Stage) -> Conversation:
    """Compose small talk, with tools offered that must not be called."""
    random = stage.random
    said, answers = random.choice(SMALL_TALK)
    tools = others(stage, [any_family(random)], random.choice((0, 1, 2, 3)))
    thought = random.choice(_CHATTING if tools else _CHATTING[1::2])
    thoughts = {
        "none": "",
        "low": thought,
        "medium": thought,
        "high": f"{fill(random.choice(_CHATTING_MORE[1:]), {'said': said})} {thought} I'll keep it friendly.",
    }[stage.effort]
    answer = random.choice(answers.split("|"))
    return conversation(stage, [Message("user", said), Message("assistant", answer, thoughts)], tools)


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
