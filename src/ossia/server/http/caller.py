"""Caller: who sent a request, as far as the server knows.

It knows addresses and names, and no header: middleware decides what is believed, and says so here.
"""

from dataclasses import dataclass
from typing import Final

from starlette.types import Scope

from ossia.addresses import client_name
from ossia.server.http.quota import Quota

_STATE: Final = "caller"


@dataclass(frozen=True, slots=True)
class Caller:
    """Sender of a request. `address` is the client's, as far as it is believed; `key` is the name of its API key.

    `is_local` is true for a client on this machine, with no proxy between. `is_proxy` is true if the address is that of
    a proxy, and who is behind it is not known. `scopes` are the key's. `unknown_key` is true if a key was sent that is
    not known here. What is stored and cached for a `space` is found there only: each key has one, and all who have no
    key share one. `quota` is the key's.
    """

    address: str = ""
    key: str = ""
    is_local: bool = False
    is_proxy: bool = False
    scopes: frozenset[str] = frozenset()
    unknown_key: bool = False
    space: str = ""
    quota: Quota | None = None

    @property
    def turn(self) -> str:
        """Name under which requests take turns: the key's, else the address's, of IPv6 its network's."""
        return f"key {self.key}" if self.key else client_name(self.address)


def caller_of(scope: Scope) -> Caller:
    """Return the caller that middleware noted; a direct connection's address if none did."""
    noted = scope.get("state", {}).get(_STATE)
    return noted if isinstance(noted, Caller) else Caller((scope.get("client") or ("",))[0])


def note(scope: Scope, caller: Caller) -> None:
    """Note the caller for everything that handles the request later."""
    scope.setdefault("state", {})[_STATE] = caller
