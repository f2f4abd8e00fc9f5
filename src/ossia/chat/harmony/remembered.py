"""Ids of messages that were rendered before, so that a long chat is not tokenized again in each turn.

A message is known by a hash of all that its ids depend on, and by its space: nobody learns from the time that a prompt
takes what another space has said. Texts are not kept. It knows nothing of conversations: each message stands alone, as
its ids do.
"""

import hashlib
import secrets
from array import array
from dataclasses import replace
from math import inf
from typing import Final

from ossia.cache import ByteStore
from ossia.chat.harmony.message import HarmonyMessage, Renderer

LIMIT: Final = 16 << 20
"""Bytes that are kept for one model: the ids of four million tokens, or 30 chats of 128k."""
_ENTRY: Final = 400  # bytes that an entry takes beside its ids


class RememberedIds:
    """A Renderer's messages, each rendered once for a space while it is used. May be used in any thread."""

    def __init__(self, renderer: Renderer, limit: int = LIMIT) -> None:
        self._render = renderer.message
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
            return self._render(message, most)
        name = self._name(message, space)
        if (known := self._ids.get(name)) and len(ids := array("i", known)) <= most:
            return ids.tolist()
        rendered = self._render(message, most)
        if len(rendered) <= most:
            self._ids.put(name, array("i", rendered).tobytes())
        return rendered

    def _name(self, message: HarmonyMessage, space: str) -> bytes:
        """Return a hash of the space and of the message's fields, of which the content comes last."""
        header = repr((space, replace(message, content="")))
        hash = hashlib.blake2b(key=self._salt, digest_size=32)
        for part in (header, message.content):
            encoded = part.encode("utf-8", "surrogatepass")
            hash.update(len(encoded).to_bytes(8, "little") + encoded)
        return hash.digest()
