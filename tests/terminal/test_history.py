"""Blocks in three double quotes, and the history file, which Ollama may have written."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossia.cli.terminal.history import HistoryFile, decode, encode
from ossia.cli.terminal.multiline import is_open, unquoted

LINES = st.lists(st.text(st.sampled_from('ab "\r\u2028/')), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("text", "open"),
    [
        ('"""', True),
        ('"""one\ntwo', True),
        ('"""one\ntwo"""', False),
        ('"""one"""  ', False),
        ('/set system """one', True),
        ('/set   system """one\n"""', False),
        ('say """', False),
        ('"""A docstring."""\nimport x', False),
        ("", False),
    ],
)
def test_is_open(text: str, open: bool) -> None:
    assert is_open(text) == open


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ('"""one\n  two\n"""', "one\n  two\n"),
        ('"""one"""', "one"),
        ('""""""', ""),
        ("  one\ntwo ", "one\ntwo"),
        ('"""A docstring."""\nimport x', '"""A docstring."""\nimport x'),
        ('"""a"""\n"""b"""', '"""a"""\n"""b"""'),
        ('"""', '"""'),
    ],
)
def test_unquoted(text: str, content: str) -> None:
    assert unquoted(text) == content


@given(st.lists(LINES.map("\n".join)))
def test_what_was_said_comes_back(entries: list[str]) -> None:
    """But for entries of several lines with three double quotes inside, which the format cannot hold."""
    kept = [entry for entry in entries if entry.strip() and '""' not in entry]
    assert [unquoted(entry) for entry in decode(encode(kept))] == [entry.strip() for entry in kept]


@given(st.lists(LINES.map("\n".join)))
def test_what_was_written_stays(entries: list[str]) -> None:
    text = encode(entries)
    assert encode(decode(text)) == text


def test_a_file_of_ollamas() -> None:
    text = 'hello\n/set system """Be\nbrief."""\n\n"""two\n\nlines\n"""\nwhat a """ quote\n"""never ended\nlast'
    assert decode(text) == [
        "hello",
        '/set system """Be\nbrief."""',
        '"""two\n\nlines\n"""',
        'what a """ quote',
        '"""never ended',
        "last",
    ]


def test_two_conversations_at_one_time(tmp_path: Path) -> None:
    path = tmp_path / ".ollama" / "history"
    first, second = (HistoryFile(path, enabled=True) for _ in range(2))
    first.append_string("one")
    second.append_string("two")
    first.enabled = False
    first.append_string("secret")
    for number in range(99):
        second.append_string(f"more {number}")
    assert decode(path.read_text())[:3] == ["two", "more 0", "more 1"]
    assert next(iter(first.load_history_strings())) == "more 98"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_history_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    history = HistoryFile(tmp_path / "file" / "history", enabled=True)
    history.append_string("one")
    assert list(history.load_history_strings()) == []
