"""Access rules: the origins of web pages that may use the server, and the host names that it answers to.

Any web page can send requests to localhost, so requests with an Origin that is not allowed are refused, whatever their
method. A page can also make its own host name resolve to this machine's address (DNS rebinding), which makes it
same-origin: so the server answers only to addresses, and to names that nobody else can have.
"""

import re
import socket
import threading
from collections.abc import Callable, Collection, Iterable
from functools import cache
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ossia.addresses import LOOPBACK, is_in, read_address
from ossia.errors import Forbidden, InvalidRequest, OssiaError
from ossia.hosts import LOCAL_SUFFIXES
from ossia.printable import one_line

_LOCAL = r"https?://(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(:\d+)?"
_APPLICATIONS = r"(app|file|tauri|vscode-webview|vscode-file)://.*"
_OWN_SUFFIXES: Final = (*LOCAL_SUFFIXES, ".ts.net")
_HOST: Final = re.compile(r"(?:\[([0-9a-f:.]+)(?:%[\w.-]+)?\]|([a-z0-9_.-]*))(?::[0-9]{0,5})?")
_LONGEST: Final = 300  # characters of a Host or an Origin: a name has at most 253
_QUOTED: Final = 100

Refusing = Callable[[OssiaError], ASGIApp]
"""Function from an error to the application that answers with it."""


def origin_pattern(extra: Iterable[str]) -> str:
    """Return a pattern of the allowed origins: Ollama's, and those of OLLAMA_ORIGINS, where `*` matches anything."""
    return "|".join((_LOCAL, _APPLICATIONS, *(re.escape(origin).replace(r"\*", ".*") for origin in extra)))


def is_loopback(host: str) -> bool:
    return host == "localhost" or is_in(read_address(host), LOOPBACK)


@cache
def own_names() -> set[str]:
    """Return this machine's names. Its full name, for which DNS may take seconds, is added by a thread."""
    names = {socket.gethostname().lower()}
    threading.Thread(target=lambda: names.add(socket.getfqdn().lower()), name="own name", daemon=True).start()
    return names


def answers_to(header: str, hosts: Collection[str], own: Collection[str]) -> bool:
    """True if a Host header has an address, a name of this machine or its network, or one of `hosts`.

    A name without a dot cannot be a web page's from elsewhere. `*.example.org` and `.example.org` stand for every name
    that ends so, `*` for any Host.
    """
    if "*" in hosts:
        return True
    found = _HOST.fullmatch(header.lower()) if len(header) <= _LONGEST else None
    if found is None:
        return False
    if found[1]:
        return read_address(found[1]) is not None
    name = found[2].removesuffix(".")
    if "." not in name or read_address(name) or name.endswith(_OWN_SUFFIXES) or name in own or name in hosts:
        return True
    return any(name.endswith(host.removeprefix("*")) for host in hosts if host.startswith(("*.", ".")))


class AccessCheck:
    """Middleware that refuses what comes from a foreign Origin or names a foreign Host."""

    def __init__(self, app: ASGIApp, origins: str, hosts: Collection[str], refusing: Refusing) -> None:
        self._app = app
        self._origins = re.compile(origins)
        self._hosts = hosts
        self._own = own_names()
        self._refusing = refusing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = self._refusal(Headers(scope=scope)) if scope["type"] == "http" else None
        await (self._refusing(refused) if refused else self._app)(scope, receive, send)

    def _refusal(self, headers: Headers) -> OssiaError | None:
        hosts, origin = headers.getlist("host"), headers.get("origin")
        if len(hosts) > 1:
            return InvalidRequest("the request has several Host headers")
        host = hosts[0] if hosts else ""
        if not answers_to(host, self._hosts, self._own):
            return _foreign_host(host)
        if origin is None or origin in (f"http://{host}", f"https://{host}"):
            return None
        return None if len(origin) <= _LONGEST and self._origins.fullmatch(origin) else _foreign_origin(origin)


def _foreign_host(host: str) -> Forbidden:
    shown = one_line(host, _QUOTED)
    text = f"the Host {shown!r} is not a name of this server; the setting OSSIA_HOSTS adds names"
    return Forbidden(text, hint=f"start the server with OSSIA_HOSTS={_name(shown)}, or use its address")


def _name(host: str) -> str:
    """Return the name in a Host header, if it can be set as one."""
    found = _HOST.fullmatch(host.lower())
    return found[2] if found and found[2] else "NAME"


def _foreign_origin(origin: str) -> Forbidden:
    shown = one_line(origin, _QUOTED)
    text = f"web pages of the Origin {shown!r} may not use this server; the setting OLLAMA_ORIGINS adds origins"
    return Forbidden(text, hint="start the server with OLLAMA_ORIGINS=, followed by the origin")
