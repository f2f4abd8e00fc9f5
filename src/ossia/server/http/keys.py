"""API keys of requests: middleware finds the key that a request carries, and notes it with its caller.

The keys are those of a file, as it is at this moment, and those of the environment. What a key permits is decided
elsewhere. Keys themselves are neither kept nor logged, only hashes of them.
"""

import hmac
import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from ossia.errors import StoreError
from ossia.server.http.caller import caller_of, note
from ossia.server.http.guard import Seldom
from ossia.server.http.quota import Quota
from ossia.store.keys import ALL, INFERENCE, FileState, Key, KeyFile, digest_of

logger = logging.getLogger(__name__)

_MANAGES: Final = ":manage"
_SETTLED_NANOSECONDS: Final = 3_000_000_000
"""Age at which a file's time tells every change: file systems count time in steps, some of two seconds."""


class KeyRing:
    """All keys that are valid now."""

    def __init__(self, file: KeyFile, fixed: Iterable[Key] = ()) -> None:
        self._file = file
        self._fixed = tuple(fixed)
        self._filed: tuple[Key, ...] = ()
        self._state: FileState | None = None  # of the file when it was read
        self._is_settled = True
        self._quotas: dict[str, tuple[Key, Quota]] = {}  # by the key's space
        self._warn = Seldom(logger.warning)

    @property
    def needed(self) -> bool:
        """True if there is a key, or a file for keys, even one that is empty or cannot be read: nobody may slip in."""
        return bool(self._fixed) or self._file.state() is not None

    def find(self, secret: bytes) -> Key | None:
        """Return the key, if it is known. Takes equally long for all that are not."""
        self._refresh()
        digest, found = digest_of(secret).encode(), None
        for key in (*self._fixed, *self._filed):
            if hmac.compare_digest(key.digest.encode(), digest):
                found = key
        return found

    def quota(self, key: Key) -> Quota:
        known = self._quotas.get(key.space)
        if known is None or known[0] != key:
            known = self._quotas[key.space] = key, Quota(key.at_once, key.per_minute)
        return known[1]

    def _refresh(self) -> None:
        """Read the file if it may have changed since it was read."""
        state = self._file.state()
        if self._is_settled and state == self._state:
            return
        self._state, self._is_settled = state, False
        try:
            self._filed = self._file.read()
            self._is_settled = state is None or time.time_ns() - state.changed > _SETTLED_NANOSECONDS
        except StoreError as error:  # which may pass without a change of the file
            self._filed = ()
            self._warn(f"{error.message}: no key in it is valid; {error.hint}")


def fixed_keys(texts: Iterable[str]) -> list[Key]:
    """Return the keys of OSSIA_API_KEYS. Their spaces are derived from them, to be the same after a restart."""
    return [_fixed(index, text) for index, text in enumerate(texts, 1)]


def _fixed(index: int, text: str) -> Key:
    secret = text.removesuffix(_MANAGES)
    digest = digest_of(secret.encode())
    scopes = ALL if text.endswith(_MANAGES) else INFERENCE
    return Key(f"OSSIA_API_KEYS[{index}]", digest, digest_of(b"space of " + digest.encode())[:32], scopes)


class Keys:
    """Middleware that notes the key of each request. One that is not known is the same as none, except in errors."""

    def __init__(self, app: ASGIApp, ring: KeyRing) -> None:
        self._app = app
        self._ring = ring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (sent := [*_sent(scope)]):
            self._note(scope, sent)
        await self._app(scope, receive, send)

    def _note(self, scope: Scope, sent: list[bytes]) -> None:
        key = next(filter(None, map(self._ring.find, sent)), None)
        caller = caller_of(scope)
        if key is None:
            note(scope, replace(caller, unknown_key=True))
        else:
            quota = self._ring.quota(key)
            note(scope, replace(caller, key=key.name, scopes=key.scopes, space=key.space, quota=quota))


def _sent(scope: Scope) -> Iterator[bytes]:
    """Yield the keys that a request carries: OpenAI's clients and Ollama's send one header, Anthropic's either."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, value = value.strip().partition(b" ")
            if scheme.lower() != b"bearer":
                continue
        elif name != b"x-api-key":
            continue
        if secret := value.strip():
            yield secret
