"""Ids of messages that were rendered before, so that a long chat is not tokenized again in each turn.

A long text is remembered in parts, so that one that goes on is tokenized from where it goes on only. Parts end before
single blanks: what has none, such as base64, minified JSON or Chinese, is one part however long it is.

Messages and parts are known by a hash of all that their ids depend on, and by their space: nobody learns from the time
that a prompt takes what another space has said. Texts are not kept. It knows nothing of conversations: each message
stands alone, as its ids do.
"""

import hashlib
import secrets
from array import array
from dataclasses import replace
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
        name = self._name(repr((space, replace(message, content=""))), message.content)
        if known := self._known(name, most):
            return known
        ids = self._renderer.message(message, most)
        if len(ids) <= most:
            self._keep(name, ids)
        return ids

    def text(self, text: str, space: str = "", most: float = inf, *, special: bool = False) -> list[int]:
        """Return the ids of a text, as `Tokenizer.encode` does. Of more than `most`, nothing is kept."""
        tokenizer, header = self._renderer.tokenizer, repr((space, special))
        ids, new = list[int](), list[tuple[bytes, list[int]]]()
        for part in parts(text, _PART) if self._may_divide else [text]:
            if (left := most - len(ids)) < 0:
                return ids
            name = self._name(header, part)
            if not (found := self._known(name, left)):
                found = tokenizer.encode(part, special=special, most=left)
                new.append((name, found))
            ids += found
        if len(ids) <= most:
            for name, found in new:
                self._keep(name, found)
        return ids

    def _known(self, name: bytes, most: float) -> list[int]:
        """Return the ids that are kept by a name; none if they are more than `most`."""
        ids = array("i", self._ids.get(name) or b"")
        return ids.tolist() if len(ids) <= most else []

    def _keep(self, name: bytes, ids: list[int]) -> None:
        self._ids.put(name, array("i", ids).tobytes())

    def _name(self, header: str, content: str) -> bytes:
        """Return a hash of all that ids depend on, and of their space."""
        hash = hashlib.blake2b(key=self._salt, digest_size=32)
        for part in (header, content):
            encoded = part.encode("utf-8", "surrogatepass")
            hash.update(len(encoded).to_bytes(8, "little") + encoded)
        return hash.digest()
