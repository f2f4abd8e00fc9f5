"""Held-out cases: requests to a model with tools, and the answers that are right.

A set is a JSON file of this folder:

    tools    [{name, description, parameters, near?, cases: [{ask, arguments, result, says}]}]
    chat     [ask], to be answered without a call
    missing  [ask], for something that no tool of the set can do

`arguments` maps each expected parameter to its accepted values, `says` holds texts of which the final answer has to
contain one, and `near` names tools that are easily confused with this one. A set is never shown to training: the blind
one not even to the people who write its data.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final, Literal

from ossia.types import GenerateRequest, Message, SamplingParams, Tool, ToolCall

SETS: Final = ("dev", "blind")
TODAY: Final = date(2026, 3, 14)
"""The day in the system message, so that results do not depend on when they are measured."""
MAX_TOKENS: Final = 300
MOST_OTHERS: Final = 5


@dataclass(frozen=True, slots=True)
class Case:
    """A request and its right answer. Without a `tool`, the right answer calls none."""

    kind: Literal["tool", "chat", "missing"]
    ask: str
    offered: tuple[Tool, ...]
    seed: int
    tool: str | None = None
    arguments: dict[str, list[Any]] | None = None
    result: Any = None
    says: tuple[str, ...] = ()


def is_held_out(text: str) -> bool:
    """True for a request of a set or for a prompt of small talk's check, whatever its case, spaces and marks.

    It must not get into the data.
    """
    return _squeezed(text) in _requests()


def is_held_out_tool(name: str) -> bool:
    """True for the name of a tool of a set, in any style of writing."""
    return _squeezed(name) in _tool_names()


@cache
def _tool_names() -> frozenset[str]:
    return frozenset(_squeezed(case.tool) for name in SETS for case in load(name) if case.tool)


@cache
def _requests() -> frozenset[str]:
    chats = json.loads((Path(__file__).parent / "chat_answers.json").read_text())
    prompts = [prompt for chat in chats.values() for prompt, _ in chat["pairs"]]
    return frozenset(map(_squeezed, [*(case.ask for name in SETS for case in load(name)), *prompts]))


def _squeezed(text: str) -> str:
    return re.sub(r"\W|_", "", text.casefold())


def load(name: str, seed: int = 0) -> list[Case]:
    """Return all cases of a set; the seed decides which other tools are offered, and in what order."""
    content = json.loads((Path(__file__).parent / f"{name}.json").read_text())
    random = Random(seed)
    cases = [*_tool_cases(content["tools"], random)]
    for kind, fewest in (("chat", 0), ("missing", 1)):
        for ask in content[kind]:
            others = random.sample(content["tools"], random.randint(fewest, MOST_OTHERS))
            cases.append(Case(kind, ask, tuple(map(_tool, others)), 0))
    return [replace(case, seed=seed * len(cases) + number) for number, case in enumerate(cases)]


def _tool_cases(tools: list[dict[str, Any]], random: Random) -> Iterator[Case]:
    for tool in tools:
        for case in tool["cases"]:
            offered = [tool, *_others(tool, tools, random)]
            random.shuffle(offered)
            says, arguments = tuple(case["says"]), case["arguments"]
            yield Case(
                "tool", case["ask"], tuple(map(_tool, offered)), 0, tool["name"], arguments, case["result"], says
            )


def _others(tool: dict[str, Any], tools: list[dict[str, Any]], random: Random) -> list[dict[str, Any]]:
    """Draw none to five other tools; those that are near this one come first."""
    rest = [other for other in tools if other is not tool]
    random.shuffle(rest)
    rest.sort(key=lambda other: other["name"] not in tool.get("near", ()))
    return rest[: random.randint(0, MOST_OTHERS)]


def _tool(tool: dict[str, Any]) -> Tool:
    return Tool(tool["name"], tool["description"], tool["parameters"])


def first(case: Case, temperature: float = 0) -> GenerateRequest:
    """Return the request of a case."""
    sampling = SamplingParams(temperature=temperature, seed=case.seed, max_tokens=MAX_TOKENS)
    return GenerateRequest((Message("user", case.ask),), case.offered, sampling=sampling)


def second(case: Case, answer: Message, temperature: float = 0) -> GenerateRequest:
    """Return the request with the tool's result: that of the answer's own call if it chose the tool, else of the right
    one."""
    assert case.tool is not None, "only tools have results"
    assert case.arguments is not None, "a case with a tool has arguments"
    if not chose(case, answer):
        arguments = {name: accepted[0] for name, accepted in case.arguments.items()}
        answer = Message("assistant", tool_calls=(ToolCall("call_0", case.tool, json.dumps(arguments)),))
    call = answer.tool_calls[0]
    result = Message("tool", json.dumps(case.result), tool_call_id=call.id, name=call.name)
    request = first(case, temperature)
    turn = Message("assistant", answer.content, tool_calls=answer.tool_calls)
    return replace(request, prompt=(Message("user", case.ask), turn, result))


def chose(case: Case, answer: Message) -> bool:
    """True if the answer calls the right tool once, or rightly none."""
    called = [call.name for call in answer.tool_calls]
    return called == ([] if case.tool is None else [case.tool])
