"""Word wrap of streamed text. Pure: text and a width in, text out.

Knows how wide characters are and where a line may be broken, not the terminal.
"""

from unicodedata import category

from wcwidth import iter_graphemes, wcwidth

_EMOJI_STYLE = "\ufe0f"  # turns a narrow character into a wide emoji on terminals that support it
_TAB = 8


class Wrap:
    """Breaks text into rows no wider than the terminal, at spaces and between wide characters.

    A word is held back until it is complete, since only then its place is known: text that was returned is never taken
    back. Tabs become spaces.
    """

    def __init__(self) -> None:
        self.rows = 0
        """Number of line breaks so far."""
        self._column = 0
        self._gap = self._word = ""
        self._grapheme = ""  # the last one of the word

    def feed(self, text: str, width: int) -> str:
        """Return the text that can be shown after `text` was added. `width` may change between calls."""
        out = ""
        for character in text:
            if character == "\n":
                out += self._place(width) + self._break()
            elif character in " \t":
                out += self._place(width) if self._word else ""
                self._gap += " " if character == " " else " " * (_TAB - (self._column + len(self._gap)) % _TAB)
            elif self._grapheme and _is_one_grapheme(self._grapheme + character):
                self._word += character
                self._grapheme += character
            else:
                if _may_break(self._grapheme, character) or len(self._word) >= width:
                    out += self._place(width)
                self._word += character
                self._grapheme = character
        return out

    def flush(self, width: int) -> str:
        """Return the word that is still held back."""
        return self._place(width)

    def _place(self, width: int) -> str:
        """Return the gap and the word, or a line break and the word if they do not fit."""
        text, out = self._gap + self._word, ""
        if self._column and self._column + _columns(text) > width:
            text, out = self._word, self._break() if self._word else ""
        self._gap = self._word = self._grapheme = ""
        for grapheme in iter_graphemes(text):
            size = _columns(grapheme)
            if self._column and self._column + size > width:
                out += self._break()
            out += grapheme
            self._column += size
        return out

    def _break(self) -> str:
        self.rows += 1
        self._column = 0
        return "\n"


def _is_one_grapheme(text: str) -> bool:
    return not text.isascii() and len(list(iter_graphemes(text))) == 1


def _may_break(before: str, after: str) -> bool:
    """True if a line may be broken between two graphemes without a space.

    That is next to a wide one, but not before closing punctuation or after an opening one.
    """
    wide = before != "" and (_columns(before) > 1 or _columns(after) > 1)
    return wide and category(after) not in ("Pe", "Pf", "Po") and category(before[0]) not in ("Ps", "Pi")


def _columns(text: str) -> int:
    """Return the columns that a text needs at most: terminals differ in emoji, and rows must not overflow."""
    return sum(1 if character == _EMOJI_STYLE else max(wcwidth(character), 0) for character in text)
