"""API keys of requests: middleware finds the key that a request carries, and notes it with its caller.

A key may be sent as OpenAI's and Ollama's clients do, or as Anthropic's do. It is never logged. What it permits is
decided elsewhere.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from ossia.server.http.caller import caller_of, note
from ossia.server.http.quota import Quota
from ossia.store.keyring import KeyRing
from ossia.store.keys import Key

_MOST: Final = 4  # keys of one request that are looked for; clients send one or two


class Keys:
    """Middleware that notes the key of each request. One that is not known is the same as none, except in errors."""

    def __init__(self, app: ASGIApp, ring: KeyRing) -> None:
        self._app = app
        self._ring = ring
        self._quotas: dict[str, tuple[Key, Quota]] = {}  # by the key's space

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (sent := [*islice(_sent(scope), _MOST)]):
            self._note(scope, sent)
        await self._app(scope, receive, send)

    def _note(self, scope: Scope, sent: list[bytes]) -> None:
        key = next(filter(None, map(self._ring.find, sent)), None)
        if key is None:
            note(scope, replace(caller_of(scope), unknown_key=True))
            return
        quota = self._quota(key)
        note(scope, replace(caller_of(scope), key=key.name, scopes=key.scopes, space=key.space, quota=quota))

    def _quota(self, key: Key) -> Quota:
        """Return the key's quota, a new one if its limits have changed."""
        known = self._quotas.get(key.space)
        if known is None or known[0] != key:
            known = self._quotas[key.space] = key, Quota(key.at_once, key.per_minute)
        return known[1]


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
