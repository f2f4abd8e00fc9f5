"""Permission: who may do what. A pure function of the caller, of what is asked, and of the rules.

It knows no request: middleware says who the caller is, and the operation says which right it takes.
"""

from typing import Literal

from ossia.addresses import is_in, read_address
from ossia.config import Access
from ossia.errors import Forbidden, OssiaError, Unauthorized
from ossia.server.http.caller import Caller

Right = Literal["open", "inference", "manage", "metrics"]
"""Right that an operation takes. "open" is for everybody; the others are also the scopes of keys."""


def refusal(right: Right, caller: Caller, access: Access, has_keys: bool) -> OssiaError | None:
    """Return the error for a caller who lacks the right, None for one who has it.

    A key that is known decides by its scopes, wherever its request comes from. Without one, this machine may do
    everything, unless it needs a key too. Others need a key as soon as there is one; until then they may infer. Who may
    manage may read metrics.
    """
    if right == "open":
        return None
    if caller.key:
        may = right in caller.scopes or (right == "metrics" and "manage" in caller.scopes)
        return None if may else _beyond_its_scopes(right, caller)
    if has_keys and (access.local_keys or not caller.is_local):
        return _no_key(caller)
    if right == "inference" or caller.is_local or _manages(caller, access):
        return None
    return _for_this_machine_only(right, caller)


def _manages(caller: Caller, access: Access) -> bool:
    return not caller.is_proxy and is_in(read_address(caller.address), access.manage_from)


def _beyond_its_scopes(right: Right, caller: Caller) -> Forbidden:
    text = f"the API key {caller.key} is for {' and '.join(sorted(caller.scopes)) or 'nothing'}, not for {right}"
    hint = f"`ossia key create NAME --scope {right}` makes one that is; in OSSIA_API_KEYS it is KEY:{right}"
    return Forbidden(text, hint)


def _no_key(caller: Caller) -> Unauthorized:
    if caller.unknown_key:
        return Unauthorized("the API key is not known here", hint="it was revoked, or belongs to another server")
    text = "this server needs an API key, as `Authorization: Bearer KEY` or `x-api-key: KEY`"
    return Unauthorized(
        text, hint="on the server, `ossia key create NAME` makes one; the ossia commands send OSSIA_API_KEY"
    )


def _for_this_machine_only(right: Right, caller: Caller) -> Forbidden:
    what = "metrics are read" if right == "metrics" else "models are managed"
    who = "a request that passed a proxy" if caller.is_proxy else "another machine"
    text = f"{what} from the server's own machine only, and this is {who} ({caller.address or 'unknown'})"
    setting = "OSSIA_TRUSTED_PROXIES names proxies to believe" if caller.is_proxy else "OSSIA_MANAGE_FROM names others"
    return Forbidden(text, hint=f"`ossia key create NAME --scope {right}` makes a key for it, or {setting}")
