"""Text from outside, made harmless for a terminal or a log. Pure: text in, text out.

Terminals obey control characters, and their users believe what they read: a name, an error or a licence that somebody
else wrote could rewrite the screen, its title or the clipboard, or add lines that look like ours. So such characters
are shown by their codes, in JSON's spelling, which leaves JSON the same value.
"""

import re
from typing import Final

_UNSAFE: Final = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0 without tab and line feed, DEL, C1
    r"\u2028\u2029"  # line and paragraph separator
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # Bidi_Control: the order of what follows
    r"\ud800-\udfff]"  # halves of surrogate pairs, which cannot be written at all
)
_BREAKS: Final = re.compile(r"[\t\n]")


def printable(text: str) -> str:
    """Return text of any number of lines in which nothing but line feeds and tabs moves the cursor.

    Carriage returns are dropped: most belong to line ends, and without them nothing is overwritten.
    """
    return _UNSAFE.sub(_code, text.replace("\r", ""))


def one_line(text: str, limit: int | None = None) -> str:
    """Return text that stays on its line, and is cut if it is longer than `limit` characters."""
    shown = _BREAKS.sub(_code, printable(text[: limit and limit + 1]))
    return shown if limit is None or len(shown) <= limit else shown[: limit - 3] + "..."


def _code(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
