"""The way to stdout and stderr. Whatever is printed passes `printable` here, since it may come from outside.

Only a streamed answer takes another way, writer.py, which cleans it for a terminal and leaves it as it is elsewhere.
"""

import sys
from collections.abc import Callable
from typing import Final

from ossia.errors import OssiaError
from ossia.printable import one_line, printable

_LONGEST_ERROR: Final = 4000  # characters of a message or a hint


def say(text: str = "", *, end: str = "\n") -> None:
    """Print data to stdout."""
    print(printable(text), end=end)


def note(text: str, style: Callable[[str], str] = str) -> None:
    """Write to stderr and flush. Only `style` may add escape sequences."""
    print(style(printable(text)), end="", file=sys.stderr, flush=True)


def redraw(text: str) -> None:
    """Write over the current line of stderr, or erase it if `text` is empty."""
    print("\r" + (one_line(text) or "\033[K"), end="", file=sys.stderr, flush=True)


def print_error(error: OssiaError) -> None:
    """Print an error and its hint. Further lines are indented, so that none looks like a hint of ours."""
    note(f"error: {_indented(error.message)}\n")
    if error.hint:
        note(f"hint: {_indented(error.hint)}\n")


def _indented(text: str) -> str:
    return text[:_LONGEST_ERROR].replace("\n", "\n  ")
