"""Word wrap of text that comes in pieces. Pure: text and a width in, text out. Knows how wide characters are and where
a line may be broken; does not know the terminal."""

from unicodedata import category

from wcwidth import iter_graphemes, wcwidth

_EMOJI_STYLE = "\ufe0f"  # makes a narrow character a wide emoji, where the terminal knows how
_TAB = 8


class Wrap:
    """Breaks text into rows no wider than the terminal, at spaces and between wide characters.

    A word is held back until it is complete, since only then it is known where it stands: what has been given out
    is never taken back. Tabs become spaces.
    """

    def __init__(self) -> None:
        self.rows = 0
        """Line breaks so far."""
        self._column = 0
        self._gap = self._word = ""
        self._grapheme = ""  # the word's last

    def feed(self, text: str, width: int) -> str:
        """What can be shown once `text` has come too. `width` may differ from one call to the next."""
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
        """The word that is still held back."""
        return self._place(width)

    def _place(self, width: int) -> str:
        """The gap and the word, after a line break in place of the gap if they do not fit."""
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
    """Whether a line may be broken between two graphemes without a space: next to a wide one, but not before closing
    marks nor after opening ones."""
    wide = before != "" and (_columns(before) > 1 or _columns(after) > 1)
    return wide and category(after) not in ("Pe", "Pf", "Po") and category(before[0]) not in ("Ps", "Pi")


def _columns(text: str) -> int:
    """Never less than what a terminal uses: terminals differ in emoji, and rows must not overflow."""
    return sum(1 if character == _EMOJI_STYLE else max(wcwidth(character), 0) for character in text)
