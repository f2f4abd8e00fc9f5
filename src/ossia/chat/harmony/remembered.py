"""Ids of messages that were rendered before, so that a long chat is not tokenized again in each turn.

A long text is remembered in parts, so that one that goes on is tokenized from where it goes on only. Messages and parts
are known by a hash of all that their ids depend on, and by their space: nobody learns from the time that a prompt takes
what another space has said. Texts are not kept. It knows nothing of conversations: each message stands alone, as its
ids do.
"""

import hashlib
import secrets
from array import array
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import inf
from typing import Final

from ossia.cache import ByteStore
from ossia.chat.harmony.message import HarmonyMessage, Renderer
from ossia.tokenizer import parts

LIMIT: Final = 16 << 20
"""Bytes that are kept for one model: the ids of four million tokens, or 30 chats of 128k."""
_ENTRY: Final = 400  # bytes that an entry takes beside its ids
_PART: Final = 4096  # characters of a part


class RememberedIds:
    """A Renderer's messages, each rendered once for a space while it is used. May be used in any thread."""

    def __init__(self, renderer: Renderer, limit: int = LIMIT) -> None:
        self._renderer = renderer
        self._may_divide = not any(" " in literal for literal in renderer.tokenizer.special_tokens)
        self._ids: ByteStore[bytes, bytes] = ByteStore(limit, lambda _, ids: _ENTRY + len(ids))
        self._salt = secrets.token_bytes(32)  # nobody can construct two messages with one hash

    @property
    def num_bytes(self) -> int:
        return self._ids.cache_info().num_bytes

    def message(self, message: HarmonyMessage, space: str = "", most: float = inf) -> list[int]:
        """Return the ids of a whole message, as `Renderer.message` does.

        Of more than `most` ids, only the beginning is rendered, and nothing is kept.
        """
        if message.ids:  # nothing is tokenized
            return self._renderer.message(message, most)
        if len(message.content) > _PART:
            return self._renderer.message(message, most, lambda text, most: self.text(text, space, most))
        header = repr((space, replace(message, content="")))
        return self._known(header, message.content, lambda: self._renderer.message(message, most), most)

    def text(self, text: str, space: str = "", most: float = inf, *, special: bool = False) -> list[int]:
        """Return the ids of a text, as `Tokenizer.encode` does."""
        tokenizer, ids = self._renderer.tokenizer, list[int]()
        for part in parts(text, _PART) if self._may_divide else [text]:
            if (left := most - len(ids)) < 0:
                break
            encode = partial(tokenizer.encode, part, special=special, most=left)
            ids += self._known(repr((space, special)), part, encode, left)
        return ids

    def _known(self, header: str, content: str, render: Callable[[], list[int]], most: float) -> list[int]:
        """Return the ids that `render` gives; more than `most` are not kept."""
        name = self._name(header, content)
        if (known := self._ids.get(name)) and len(ids := array("i", known)) <= most:
            return ids.tolist()
        rendered = render()
        if len(rendered) <= most:
            self._ids.put(name, array("i", rendered).tobytes())
        return rendered

    def _name(self, header: str, content: str) -> bytes:
        """Return a hash of all that ids depend on, and of their space."""
        hash = hashlib.blake2b(key=self._salt, digest_size=32)
        for part in (header, content):
            encoded = part.encode("utf-8", "surrogatepass")
            hash.update(len(encoded).to_bytes(8, "little") + encoded)
        return hash.digest()
