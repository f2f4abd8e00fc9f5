"""Texts of strangers that regular expressions read: no text is read again and again.

The interpreter serves nobody while it searches a text, in whatever thread. Each of these took minutes once, or hours.
"""

import signal
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from llguidance import LLMatcher

from ossia.chat.grammar.limits import check_lark
from ossia.chat.grammar.refusals import refusal
from ossia.durations import parse_duration
from ossia.errors import InvalidRequest
from ossia.sandbox.grammars import problem
from ossia.store.registry import _bearer  # pyright: ignore[reportPrivateUsage]

HEADER = 65_000
"""Length of the longest header that http.client reads."""


@pytest.fixture(autouse=True)
def no_standstill() -> Iterator[None]:
    """Interrupt what computes for a thousand times as long as it should."""

    def stop(*_: object) -> None:
        raise AssertionError("the text is read again and again")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 3)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize("text", ["a", "a ", 'a="', "Bearer ", "\u00e9"])
def test_a_registrys_login(text: str) -> None:
    assert "realm" not in _bearer("Bearer " + text * (HEADER // len(text)))
    assert _bearer(f'Basic x, Bearer realm="r",scope="{"s" * HEADER}"').keys() == {"realm", "scope"}


@pytest.mark.parametrize(
    "text", ['"' + '\\"' * 24_000, "/" + "\\/" * 24_000, '"' * 49_000, '"' + '\\"' * 500_000, "/\n" * 20_000]
)
def test_a_grammar_whose_literals_do_not_end(text: str) -> None:
    with pytest.raises(InvalidRequest, match="too large") if len(text) > 50_000 else nullcontext():
        check_lark(f"start: {text}", "it")


@pytest.mark.parametrize("definition", ['"a <[5]>', "/a <[5]>\n", '"\\" <[5]>'])
def test_what_is_hidden_behind_a_literal_without_end_is_no_grammar(definition: str) -> None:
    check_lark(f"start: {definition}", "it")
    assert "lexer error" in problem(LLMatcher.grammar_from_lark(f"start: {definition}"))


@pytest.mark.parametrize("text", ["\n", "\n ", "\n1", " ", "1"])
def test_a_schemas_objection(text: str) -> None:
    said = f"failed to compile JSON schema: no{text * 250_000}x\n   1 | start: %json {{}}\n      ^"
    assert refusal({}, said).startswith("no")


@pytest.mark.parametrize("text", ["1h" * 1_000_000, "1" * 1_000_000, ".1" * 500_000 + "x", "-" + "0" * 1_000_000 + "h"])
def test_a_duration_is_short(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration") as caught:
        parse_duration(text)
    assert len(str(caught.value)) < 300
    assert parse_duration("1h2m3s4ms5us6ns") == pytest.approx(3723.004005006)
