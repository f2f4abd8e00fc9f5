"""Masks inside texts and strings without parsing: after letters the mask is the one before, less what no longer fits.

Where all letters are alike to a grammar, nothing else can change until the text or the string ends. So its masks need
no other thread, and none is slow close to a string's greatest length, where llguidance walks most of the vocabulary.
llguidance reads the letters when it is asked again.

A place is recognised by what may come there. Where a letter may come that the grammar does not name, there is a text or
a string; where a line break may come as well, it is a text. A place where a quote may come, but no quote and colon, is
in a value; in a property's name letters matter, so names are left to llguidance.
"""

import json
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

import numpy as np
from llguidance import LLMatcher

from ossia.chat.grammar.alike import letters_are_alike
from ossia.engine.sequence import Words

_FURTHEST: Final = 256
"""Letters of which it is tried whether a string has room for them: 256 means at least so many."""
_MOST_UNREAD: Final = 64
"""Ids after which llguidance is asked again at the latest, since it reads all of them at once."""
_CANDIDATES: Final = "ªµßæðøþœЖЯжяשع的国あア"
"""Letters of which one is tried that the grammar does not name."""


class Letters:
    """Letters that each id of a vocabulary adds to a text or a string."""

    def __init__(self, tokens: Sequence[bytes], special: frozenset[int], encode: Callable[[str], list[int]]) -> None:
        is_text = [bool(token) and id not in special and _is_whole(token) for id, token in enumerate(tokens)]
        read = [_read(token) for token in tokens]
        self.is_text = is_text
        """True for an id that adds whole letters to a text, and does not end it."""
        self.added = [count if goes_on and whole else 0 for (count, goes_on), whole in zip(read, is_text, strict=True)]
        """Letters that an id adds to a string; 0 if it ends the string, or within a letter."""
        self._needed = np.array([count for count, _ in read])
        """Letters for which a string must have room before an id, also if the id ends it or begins a letter only."""
        self.longest = int(self._needed.max())
        self.fitting: Callable[[int], Words] = cache(self._fitting)
        spelled = {text: encode(text) for text in ("\n", '"', ":", *_CANDIDATES)}
        self.line_break, self.end, self.colon = spelled["\n"], spelled['"'], spelled[":"]
        lacking = {text for text, ids in spelled.items() if b"".join(tokens[id] for id in ids) != text.encode()}
        is_usable = lacking.isdisjoint('\n":')  # a small vocabulary may lack bytes
        self._candidates = [(text, spelled[text]) for text in _CANDIDATES if is_usable and text not in lacking]

    def unnamed(self, grammar: str) -> list[int]:
        """Return the ids of a letter that the grammar does not name; none if all that are tried are named."""
        for letter, ids in self._candidates:
            if letter not in grammar and json.dumps(letter)[1:-1] not in grammar:
                return ids
        return []

    def _fitting(self, left: int) -> Words:
        """Return the mask of the ids that fit where a string may have so many letters more."""
        bits = np.packbits(self._needed <= left, bitorder="little")
        return np.pad(bits, (0, -len(bits) % 4)).view(np.uint32)


class Inside:
    """The text or the string of a grammar that is being written, once one of its masks is known."""

    def __init__(self, letters: Letters, grammar: str) -> None:
        self._letters = letters
        self._known: Words | None = None
        self._unread = self._left = 0
        self._is_text = self._is_counted = False
        self._letter = letters.unnamed(grammar) if letters_are_alike(grammar) else []

    def entered(self, matcher: LLMatcher, allowed: Words) -> None:
        """Take note of a mask that llguidance made, if it is one inside a text or a string."""
        self._known, self._unread = None, 0
        if not self._letter or not _may_come(matcher, self._letter):
            return
        letters = self._letters
        self._is_text = _may_come(matcher, letters.line_break)
        if not self._is_text:
            if not _may_come(matcher, letters.end) or _may_come(matcher, letters.end + letters.colon):
                return
            self._left = matcher.validate_tokens(self._letter * _FURTHEST) // len(self._letter)
            self._is_counted = self._left < _FURTHEST
        self._known = allowed.copy()

    def after(self, token: int) -> Words | None:
        """Return the mask after the next id; None if llguidance has to make it."""
        if self._known is None:
            return None
        self._unread += 1
        goes_on = self._letters.is_text[token] if self._is_text else self._fits(self._letters.added[token])
        if not goes_on or self._unread == _MOST_UNREAD:
            self._known = None
        elif not self._is_text and self._left < self._letters.longest:
            return self._known & self._letters.fitting(self._left)
        return self._known

    def _fits(self, added: int) -> bool:
        """Count letters of a string. True if it is known then what fits."""
        self._left -= added
        return bool(added) and (self._is_counted or self._left >= self._letters.longest)


def _may_come(matcher: LLMatcher, ids: list[int]) -> bool:
    return matcher.validate_tokens(ids) == len(ids)


def _is_whole(token: bytes) -> bool:
    try:
        return bool(token.decode())
    except UnicodeDecodeError:
        return False


def _read(token: bytes) -> tuple[int, bool]:
    """Read a token in a string. Returns the letters for which there must be room, and whether the string goes on."""
    if b'"' not in token and b"\\" not in token:
        return len(token.decode("utf-8", "replace")), True  # a letter that only begins counts as well
    letters = at = 0
    while at < len(token) and token[at : at + 1] != b'"':
        if token[at : at + 1] == b"\\":
            at += 6 if token[at + 1 : at + 2] == b"u" else 2
            letters += 1
        else:
            letters += token[at] & 0xC0 != 0x80
            at += 1
    return letters, at == len(token)
