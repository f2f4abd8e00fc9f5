"""Word wrap: what is given out reads like the text, and no row is wider than the terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from ossia.cli.terminal.wrap import Wrap
from ossia.printable import printable

GRAPHEMES = [*"ab ,.\n\t(漢。é", "e\u0301", "❤\ufe0f", "👍🏽", "👨\u200d👩\u200d👧", "🇩🇪"]
TEXT = st.lists(st.sampled_from(GRAPHEMES)).map("".join)


def wrapped(pieces: list[str], width: int) -> str:
    wrap = Wrap()
    text = "".join(wrap.feed(piece, width) for piece in pieces) + wrap.flush(width)
    assert wrap.rows == text.count("\n")
    return text


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("the quick brown fox", 10, "the quick\nbrown fox"),
        ("the quick brown fox", 9, "the quick\nbrown fox"),
        ("two  spaces", 20, "two  spaces"),
        ("a\n\n  indented\n", 10, "a\n\n  indented\n"),
        ("space at the end     \nnext", 18, "space at the end\nnext"),
        ("a pneumonoultramicroscopic word", 10, "a\npneumonoul\ntramicrosc\nopic word"),
        ("a\tb", 20, "a       b"),
        ("漢字漢字漢字", 8, "漢字漢字\n漢字"),
        ("漢字漢字漢字", 7, "漢字漢\n字漢字"),
        ("see 漢字。", 8, "see 漢\n字。"),
        ("see（漢字", 6, "see\n（漢字"),
        ("cafe\u0301 cafe\u0301", 9, "cafe\u0301 cafe\u0301"),
        ("I ❤\ufe0f you", 8, "I ❤\ufe0f you"),
        ("go 👨\u200d👩\u200d👧 on", 8, "go\n👨\u200d👩\u200d👧\non"),
        ("漢", 1, "漢"),
    ],
)
def test_where_lines_are_broken(text: str, width: int, shown: str) -> None:
    assert wrapped([text], width) == shown


@given(TEXT, st.integers(1, 20))
def test_the_rows_fit(text: str, width: int) -> None:
    rows = wrapped([text], width).split("\n")
    assert [row for row in rows if wcswidth(row) > max(width, 2)] == []  # one wide character must stand somewhere


@given(TEXT, st.integers(1, 20))
def test_only_spaces_change(text: str, width: int) -> None:
    assert "".join(wrapped([text], width).split()) == "".join(text.split())


@given(TEXT, st.integers(1, 20), st.data())
def test_pieces_make_no_difference(text: str, width: int, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(text)))
    assert wrapped([text[:cut], text[cut:]], width) == wrapped([text], width)


def test_a_word_is_shown_when_it_is_complete() -> None:
    wrap = Wrap()
    assert [wrap.feed(piece, 80) for piece in ("Hel", "lo", " wor", "ld.\n")] == ["", "", "Hello", " world.\n"]
    assert [wrap.feed(piece, 80) for piece in ("漢", "字")] == ["", "漢"]
    assert Wrap().feed("endless" * 10, 20).startswith("endlessendlessendles\ns")


def test_the_width_may_change() -> None:
    wrap = Wrap()
    text = wrap.feed("one two three ", 80) + wrap.feed("four five six ", 10) + wrap.feed("seven", 80) + wrap.flush(80)
    assert text == "one two three\nfour five\nsix seven"


def test_no_control_characters() -> None:
    assert printable("a\x1b[2J\tb\r\n\x07\x9bc") == r"a\u001b[2J" + "\tb\n" + r"\u0007\u009bc"
