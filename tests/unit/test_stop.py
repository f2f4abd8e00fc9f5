"""Stop strings: nothing behind one is shown, nothing before one is lost, however the text is cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossia.chat.stop import StopStrings


def shown(stop: tuple[str, ...], pieces: list[str]) -> tuple[str, bool]:
    stops = StopStrings(stop)
    text, stopped = "", False
    for piece in pieces:
        emitted, stopped = stops.feed(piece)
        text += emitted
        if stopped:
            break
    return text + stops.finish(), stopped


def expected(stop: tuple[str, ...], text: str) -> tuple[str, bool]:
    """Read letter by letter, and look back after each."""
    for end in range(1, len(text) + 1):
        if ending := [string for string in stop if string and text[:end].endswith(string)]:
            return text[: end - max(map(len, ending))], True
    return text, False


@pytest.mark.parametrize(
    ("stop", "text", "result"),
    [
        ((), "all of it", ("all of it", False)),
        (("",), "all of it", ("all of it", False)),
        (("END",), "a END b", ("a ", True)),
        (("END",), "END", ("", True)),
        (("END",), "a EN", ("a EN", False)),
        (("aab",), "aaab", ("a", True)),
        (("abab",), "abaabab", ("aba", True)),
        (("bc", "abcd"), "abcd", ("a", True)),
        (("c", "abc"), "abc", ("", True)),
        (("\n\n", "User:"), "hi\nUser: x", ("hi\n", True)),
    ],
)
def test_where_it_stops(stop: tuple[str, ...], text: str, result: tuple[str, bool]) -> None:
    assert shown(stop, [text]) == result
    assert shown(stop, list(text)) == result


def test_holds_back_only_what_may_begin_a_stop_string() -> None:
    stops = StopStrings(("STOP",))
    assert stops.feed("one S") == ("one ", False)
    assert stops.feed("T") == ("", False)
    assert stops.feed("S") == ("ST", False)
    assert stops.feed("TO") == ("", False)
    assert stops.met is None
    assert stops.feed("Pmore") == ("", True)
    assert stops.met == "STOP"
    assert stops.feed("and more") == ("", True)
    assert stops.finish() == ""


@given(
    st.lists(st.text("ab", max_size=5), max_size=4).map(tuple),
    st.text("abc", max_size=24),
    st.lists(st.integers(0, 24), max_size=8),
)
def test_every_way_of_cutting(stop: tuple[str, ...], text: str, cuts: list[int]) -> None:
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    assert shown(stop, [text[start:end] for start, end in pairwise(places)]) == expected(stop, text)
