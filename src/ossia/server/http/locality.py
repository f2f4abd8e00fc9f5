"""Locality: middleware that notes a request's caller, from the address of its connection and from what proxies tell.

Anybody can write X-Forwarded-For, so it is believed from trusted proxies only. But whoever writes such a header is not
alone: a request that tells of a proxy is never this machine's own, else everybody behind a proxy here would be. Nor is
one in HTTP/1.0, which nginx speaks, without a word about its client, unless it is told otherwise.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from ossia.addresses import Address, is_in, read_address
from ossia.config import Access
from ossia.server.http.caller import Caller, note

_TELLING: Final = frozenset(
    b"forwarded via x-original-forwarded-for x-proxyuser-ip x-real-ip x-client-ip x-cluster-client-ip cdn-loop "
    b"x-envoy-external-address cf-connecting-ip cf-connecting-ipv6 true-client-ip fastly-client-ip fly-client-ip "
    b"tailscale-user-login".split()
)
"""Headers that only proxies send, beside those that begin with X-Forwarded."""

_PORT: Final = re.compile(r"\[([^\]]*)\](?::[0-9]+)?|([0-9.]+):[0-9]+")
_FORWARDED_PART: Final = re.compile(r'\s*([\w!#$%&\'*+.^`|~-]+)=("(?:[^"\\]|\\.)*"|[\w!#$%&\'*+.^`|~-]+)\s*')
_MOST_HOPS: Final = 100


class Locality:
    """Middleware that notes the caller of each request."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            note(scope, self._caller(scope))
        await self._app(scope, receive, send)

    def _caller(self, scope: Scope) -> Caller:
        peer = (scope.get("client") or ("",))[0]
        address = read_address(peer)
        telling = [
            (name, value) for name, value in scope["headers"] if name in _TELLING or name.startswith(b"x-forwarded")
        ]
        if telling or scope.get("http_version") == "1.0":
            return _behind_proxies(address, telling, self._access)
        is_own = address is not None and address == read_address((scope.get("server") or ("",))[0])
        return Caller(str(address or peer), is_local=is_own or is_in(address, self._access.local))


def _behind_proxies(peer: Address | None, telling: Sequence[tuple[bytes, bytes]], access: Access) -> Caller:
    """Return the caller behind the last proxy that is trusted; the proxy itself if it tells nobody that makes sense."""
    if peer is None or not is_in(peer, access.trusted_proxies):
        return Caller(str(peer or ""), is_proxy=True)
    client = _client(_hops(telling), access)
    return Caller(str(client or peer), is_proxy=client is None)


def _client(hops: Sequence[str], access: Access) -> Address | None:
    """Return the last of the hops that is not a trusted proxy, or the first of all; None if an address is malformed."""
    client = None
    for hop in reversed(hops):
        client = read_address(_without_port(hop))
        if client is None or not is_in(client, access.trusted_proxies):
            break
    return client


def _hops(telling: Sequence[tuple[bytes, bytes]]) -> Sequence[str]:
    """Return the addresses that X-Forwarded-For or Forwarded lists, the nearest last.

    No address if both are there and differ: a proxy that writes the one may pass on the other from its client.
    """
    lists: dict[bytes, list[str]] = {}
    for name, value in telling:
        if name == b"x-forwarded-for":
            lists.setdefault(name, []).extend(part.strip() for part in value.decode("latin-1").split(","))
        elif name == b"forwarded":
            lists.setdefault(name, []).extend(_forwarded(value.decode("latin-1")))
    first, *others = lists.values() or [[]]
    return first[-_MOST_HOPS:] if all(other == first for other in others) else ()


def _forwarded(value: str) -> Iterator[str]:
    """Yield the `for` of each element of a Forwarded header (RFC 7239); "" for one that is missing or malformed."""
    node, position = "", 0
    while position < len(value):
        part = _FORWARDED_PART.match(value, position)
        if part is None:
            yield ""
            return
        if part[1].lower() == "for":
            node = part[2].strip('"')
        position = part.end()
        if value[position : position + 1] == ",":
            yield node
            node = ""
        position += 1
    yield node


def _without_port(hop: str) -> str:
    """Return the address of `1.2.3.4:80`, `[::1]:80`, or of what has no port."""
    found = _PORT.fullmatch(hop)
    return (found[1] or found[2] or "") if found else hop
