"""Sampled ids as plain text: for raw completions, and for chat formats without channels."""

from collections.abc import Set

from ossia.tokenizer import Tokenizer, Utf8Decoder
from ossia.types import Event, TextDelta


class TextParser:
    """Emits one TextDelta for each id that is not hidden, with empty text while a character is incomplete.

    Special tokens appear as their literals. Clients rely on one delta per id when they read ids back from the text of a
    raw completion.
    """

    reasoning_tokens = 0

    def __init__(self, tokenizer: Tokenizer, *, hidden: Set[int]) -> None:
        self._tokenizer = tokenizer
        self._hidden = hidden
        self._utf8 = Utf8Decoder()

    def feed(self, token: int) -> list[Event]:
        if token in self._hidden:
            return []
        return [TextDelta(self._utf8.feed(self._tokenizer.token_bytes(token)))]

    def finish(self) -> list[Event]:
        rest = self._utf8.finish()
        return [TextDelta(rest)] if rest else []
