"""Scores of answers to held-out cases: strict about values, forgiving about the words around a result."""

import json
from typing import Any

import pytest

from ossia.types import Message, Tool, ToolCall
from training.cases import Case, first, load, second
from training.scoring import below_bars, contains, equal, figures, interval, report, scored

TOOL = Tool("weigh", "", {"type": "object", "properties": {"thing": {"type": "string"}, "times": {"type": "integer"}}})
CASE = Case(
    "tool",
    "Weigh the anvil twice",
    (TOOL,),
    seed=0,
    tool="weigh",
    arguments={"thing": ["anvil", "the anvil"], "times": [2]},
    result={"kilograms": 81.5},
    says=("81.5",),
)
CHAT = Case("chat", "Hello", (TOOL,), seed=1)
RIGHT = {"thing": "anvil", "times": 2}


def calling(*arguments: Any, name: str = "weigh") -> Message:
    calls = [ToolCall(f"call_{i}", name, json.dumps(each)) for i, each in enumerate(arguments)]
    return Message("assistant", tool_calls=tuple(calls))


def saying(text: str) -> Message:
    return Message("assistant", text)


GOOD = saying("It weighs 81.5 kilograms.")


@pytest.mark.parametrize(
    ("answer", "last", "failures"),
    [
        (calling(RIGHT), GOOD, ()),
        (calling({"thing": "the anvil", "times": 2.0}), GOOD, ()),
        (calling({"thing": "Anvil", "times": 2}), GOOD, ("almost right value",)),
        (calling({"thing": "canvas", "times": 2}), GOOD, ("wrong value",)),
        (calling({"thing": "anvil", "times": "2"}), GOOD, ("almost right value",)),
        (calling({"thing": "anvil"}), GOOD, ("missing key",)),
        (calling({**RIGHT, "unit": "kg"}), GOOD, ("extra key",)),
        (calling(RIGHT, name="measure"), GOOD, ("other tool",)),
        (calling(RIGHT, RIGHT), GOOD, ("several calls",)),
        (saying("I cannot weigh."), GOOD, ("refused",)),
        (saying(""), GOOD, ("no answer",)),
        (calling(RIGHT), saying("It is heavy."), ("final without result",)),
        (calling(RIGHT), calling(RIGHT), ("called again",)),
        (calling(RIGHT), saying(""), ("no final answer",)),
    ],
)
def test_failures_are_named(answer: Message, last: Message, failures: tuple[str, ...]) -> None:
    row = scored(CASE, answer, last)
    assert row.failures == failures
    assert (row.tool and row.arguments and row.final) == (not failures)


def test_a_chat_calls_nothing() -> None:
    assert scored(CHAT, saying("Hello!")).failures == ()
    assert scored(CHAT, calling(RIGHT)).failures == ("chat: called a tool",)


@pytest.mark.parametrize(
    ("answer", "text", "is_there"),
    [
        ("It is 14.", "14", True),
        ("At 14:20", "14", True),
        ("It is 14.5.", "14", False),
        ("Number 4140.", "14", False),
        ("It is 22.0 degrees", "22", True),
        ("That costs 21.60.", "21.6", True),
        ("That costs 21.65.", "21.6", False),
        ("1,533 hours", "1533", True),
        ("There is none left", "no", True),
        ("It is unavailable", "available", False),
        ("It is AVAILABLE", "available", True),
    ],
)
def test_a_result_stands_in_an_answer(answer: str, text: str, is_there: bool) -> None:
    assert contains(answer, text) == is_there


def test_values_are_compared_by_type_and_value() -> None:
    assert equal([1, {"a": 2.0}], [1.0, {"a": 2}])
    assert not equal(True, 1)
    assert not equal(["a", "b"], ["b", "a"])
    assert not equal("2", 2)


def test_figures_intervals_and_bars() -> None:
    """All rows of one tool are right or wrong together, so its interval spans everything."""
    other = [scored(CHAT, saying("Hello!"))] * 2
    rows = [scored(CASE, calling(RIGHT), GOOD), scored(CASE, saying("No."), saying("No.")), *other]
    assert figures(rows) == {"tool": 75, "arguments": 50, "final": 50}
    assert interval(rows, "arguments") == (50, 50)
    low, high = interval(rows, "tool")
    assert low < 75 < high
    assert len(below_bars(rows, 0)) == 3
    assert below_bars(other, 1) == [
        f"{name}: 0.0 % is less than {bar} %" for name, bar in (("arguments", 72), ("final", 85))
    ]
    assert "1 refused" in report(rows)


@pytest.mark.parametrize("name", ["dev", "blind"])
def test_a_set_offers_the_right_tool_among_others(name: str) -> None:
    """The same seed offers the same tools; each case has room for a result of its own."""
    cases = load(name)
    assert load(name) == cases
    assert load(name, seed=1) != cases
    assert len({case.seed for case in cases}) == len(cases)
    for case in cases:
        names = [tool.name for tool in case.offered]
        assert len(set(names)) == len(names) <= 6
        assert (case.tool in names) == (case.kind == "tool")
        assert case.says or case.kind != "tool"


def test_the_blind_set_is_large_enough() -> None:
    cases = load("blind")
    assert len({case.tool for case in cases if case.tool}) >= 100
    assert len(cases) >= 500


def test_the_second_turn_has_the_call_that_was_right() -> None:
    """Its own call if it chose the tool, wrong values included; else the right one."""
    own = second(CASE, calling({"thing": "canvas"})).prompt
    given = second(CASE, calling(RIGHT, name="measure")).prompt
    assert isinstance(own[1], Message)
    assert isinstance(given[1], Message)
    assert own[1].tool_calls[0].arguments == '{"thing": "canvas"}'
    assert given[1].tool_calls[0] == ToolCall("call_0", "weigh", json.dumps(RIGHT))
    assert own[2] == given[2] == Message("tool", '{"kilograms": 81.5}', tool_call_id="call_0", name="weigh")
    assert first(CASE).prompt == own[:1]
