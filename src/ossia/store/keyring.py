"""KeyRing: the API keys that are valid now, which are those of the file, as it is at this moment, and fixed ones.

Keys themselves are neither kept nor logged, only their hashes. Knows no request, and not what a key permits.
"""

import hmac
import logging
from collections.abc import Iterable
from typing import Final

from ossia.errors import StoreError
from ossia.store.file_state import FileState
from ossia.store.keys import ALL, INFERENCE, METRICS, Key, KeyFile, digest_of

logger = logging.getLogger(__name__)

_SUFFIXES: Final = {":manage": ALL, ":metrics": METRICS}
_SHORT: Final = 16


class KeyRing:
    """All keys that are valid now."""

    def __init__(self, file: KeyFile, fixed: Iterable[Key] = ()) -> None:
        self._file = file
        self._fixed = tuple(fixed)
        self._needed = bool(self._fixed) or file.state() is not None
        self._filed: tuple[Key, ...] = ()
        self._state: FileState | None = None  # of the file when it was read
        self._is_settled = True
        self._warned = ""

    @property
    def needed(self) -> bool:
        """True if there is a key, or a file for keys, even one that is empty or cannot be read: nobody may slip in.

        It stays true if the file vanishes, since its disk may have.
        """
        self._needed = self._needed or self._file.state() is not None
        return self._needed

    def find(self, secret: bytes) -> Key | None:
        """Return the key, if it is known. Takes equally long for all that are not."""
        self._refresh()
        digest, found = digest_of(secret).encode(), None
        for key in (*self._fixed, *self._filed):
            if hmac.compare_digest(key.digest.encode(), digest):
                found = key
        return found

    def _refresh(self) -> None:
        """Read the file if it may have changed since it was read."""
        state = self._file.state()
        if self._is_settled and state == self._state:
            return
        self._state, self._is_settled = state, False
        try:
            self._filed = self._file.read()
            self._is_settled = state is None or state.is_settled
            self._warned = ""
        except StoreError as error:  # which may pass without a change of the file
            self._filed = ()
            self._warn(f"{error.message}; no key in it is valid until this is mended: {error.hint}")

    def _warn(self, message: str) -> None:
        """Log a message once, not for every request."""
        if message != self._warned:
            self._warned = message
            logger.warning("%s", message)


def fixed_keys(texts: Iterable[str]) -> list[Key]:
    """Return the keys of OSSIA_API_KEYS. Their spaces are derived from them, to be the same after a restart."""
    return [_fixed(index, text) for index, text in enumerate(texts, 1)]


def _fixed(index: int, text: str) -> Key:
    suffix = next((each for each in _SUFFIXES if text.endswith(each)), "")
    secret = text.removesuffix(suffix)
    if len(secret) < _SHORT:
        logger.warning("key %d of OSSIA_API_KEYS is so short that it can be guessed", index)
    digest = digest_of(secret.encode())
    space = digest_of(b"space of " + digest.encode())[:32]
    return Key(f"OSSIA_API_KEYS[{index}]", digest, space, _SUFFIXES.get(suffix, INFERENCE))
