"""Writing of streamed text: wrapped and harmless on a terminal, elsewhere byte for byte."""

import sys
from collections.abc import Callable
from os import terminal_size
from typing import TextIO

from ossia.cli.output import note
from ossia.cli.terminal import screen
from ossia.printable import printable


class Writer:
    """Writes one text to one stream, from the beginning of a line."""

    def __init__(self, stream: TextIO, *, wordwrap: bool, style: Callable[[str], str] = str) -> None:
        self._stream, self._style = stream, style
        self._is_terminal = stream.isatty()
        self._sizes: set[terminal_size] = set()  # all sizes that the terminal had
        self._wrap = None
        if self._is_terminal and wordwrap:
            from ossia.cli.terminal.wrap import Wrap

            self._wrap = Wrap()

    def write(self, text: str) -> None:
        text = printable(text) if self._is_terminal else text.encode(errors="replace").decode()
        self._emit(self._wrap.feed(text, self._columns()) if self._wrap else text)

    def flush(self) -> None:
        """Write the last word, which is still held back."""
        if self._wrap:
            self._emit(self._wrap.flush(self._columns()))

    def replace(self, text: str) -> bool:
        """Replace all that was written with `text`, if possible; returns whether it was.

        All of it must still be on the screen at a known place: the terminal never changed its size, and every line
        break is ours.
        """
        if self._wrap is None:
            return False
        size = screen.size(self._stream)
        if self._sizes != {size} or self._wrap.rows >= size.lines:
            return False
        up = f"\033[{self._wrap.rows}A" if self._wrap.rows else ""
        self._emit(f"\r{up}\033[J{text}")
        return True

    def _columns(self) -> int:
        """Return the current width."""
        size = screen.size(self._stream)
        self._sizes.add(size)
        return size.columns

    def _emit(self, text: str) -> None:
        self._stream.write(self._style(text))
        self._stream.flush()


class Thought:
    """Prints a model's thinking, in grey on stderr, between two lines that mark it."""

    def __init__(self, *, wordwrap: bool) -> None:
        note("Thinking...", screen.grey)
        note("\n")
        self._writer = Writer(sys.stderr, wordwrap=wordwrap, style=screen.grey)

    def write(self, text: str) -> None:
        self._writer.write(text)

    def end(self) -> None:
        self._writer.flush()
        note("\n")
        note("...done thinking.", screen.grey)
        note("\n\n")
