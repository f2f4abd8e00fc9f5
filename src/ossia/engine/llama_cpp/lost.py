"""LostIds: ids that llama.cpp leaves out of a stream, because their bytes end in the middle of a character.

It streams an id together with the text that the id completes, so the ids before are known by their number and their
bytes. Only here is the vocabulary known to what passes ids on.
"""

from functools import cached_property

from ossia.tokenizer import Tokenizer


class LostIds:
    """Finds ids by bytes. Where bytes can be divided in several ways, longer ids come first, as merges make them."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    @cached_property
    def _by_bytes(self) -> dict[bytes, int]:
        """Map of the ids of text; takes a moment to make for a large vocabulary."""
        ids = reversed(range(self._tokenizer.vocab_size))
        return {self._tokenizer.token_bytes(id): id for id in ids if not self._tokenizer.is_special(id)}

    def before(self, last: int, text: str, count: int) -> list[int]:
        """Return `count` ids whose bytes come before those of `last` in `text`; none if there are no such ids."""
        data, end = text.encode(), self._tokenizer.token_bytes(last)
        return self._divided(data[: len(data) - len(end)], count) or [] if data.endswith(end) else []

    def unfinished(self) -> int | None:
        """Return an id for the beginning of a character that was never completed."""
        return self._by_bytes.get(b"\xf0")

    def _divided(self, data: bytes, count: int) -> list[int] | None:
        if not (data and count):
            return None if data or count else []
        for length in range(len(data) - count + 1, 0, -1):
            first = self._by_bytes.get(data[:length])
            if first is not None and (rest := self._divided(data[length:], count - 1)) is not None:
                return [first, *rest]
        return None
