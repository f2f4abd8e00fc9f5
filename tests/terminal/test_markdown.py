"""Detection of Markdown, and its rendering, which loses nothing that was written."""

import pytest

from ossia.cli.terminal.markdown import rendered
from ossia.cli.terminal.markup import is_worth_rendering


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("# Title", True),
        ("some **bold** text", True),
        ("call `f()`", True),
        ("first\n\n- a\n- b", True),
        ("1. one\n2. two", True),
        ("```python\nx\n```", True),
        ("| a | b |\n|---|---|", True),
        ("[here](https://example.org)", True),
        ("Hello.\n\nHow are you?", False),
        ("2 * 3 * 4 = 24, and #1 - fine", False),
        ("**Area**: \\(a^2\\)", False),
        ("- $$x_1 + x_2$$", False),
    ],
)
def test_is_worth_rendering(text: str, worth: bool) -> None:
    assert is_worth_rendering(text) == worth


def test_nothing_is_lost() -> None:
    text = "A **vector<int>** of\nthings<br>[here](https://example.org)\n\n- one\n- ~~two~~\n\n`<b>` ![a](b.png)"
    assert [line.rstrip() for line in rendered(text, 60).splitlines()] == [
        "A vector<int> of",
        "things<br>here (https://example.org)",
        "",
        " • one",
        " • two",
        "",
        "<b> !a (b.png)",
    ]


def test_cells_of_tables_are_not_cut() -> None:
    lines = rendered("|a|\n|-|\n|https://example.org/a/long/way|", 20).splitlines()
    assert "".join(line.strip() for line in lines).endswith("https://example.org/a/long/way")
