"""Access rules: the origins of web pages that may use the server, and the host names that it answers to.

Any web page can send requests to localhost, so requests with an Origin that is not allowed are refused, whatever their
method. A page can also make its own host name resolve to 127.0.0.1 (DNS rebinding), which makes it same-origin: so a
server on a loopback address answers only to names and addresses of this machine or its network.
"""

import ipaddress
import re
import socket
from collections.abc import Iterable
from functools import cache
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

_LOCAL = r"https?://(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(:\d+)?"
_APPLICATIONS = r"(app|file|tauri|vscode-webview|vscode-file)://.*"
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal")


def origin_pattern(extra: Iterable[str]) -> str:
    """Return a pattern of the allowed origins: Ollama's, and those of OLLAMA_ORIGINS, where `*` matches anything."""
    return "|".join((_LOCAL, _APPLICATIONS, *(re.escape(origin).replace(r"\*", ".*") for origin in extra)))


def is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def is_local_host(header: str) -> bool:
    """True if a Host header names this machine or an address that is valid only in its own network."""
    try:
        host = (urlsplit(f"//{header}").hostname or "").rstrip(".")
    except ValueError:
        return False
    if _is_address(host):
        address = ipaddress.ip_address(host)
        return address.is_loopback or address.is_private or address.is_unspecified
    return host in ("", "localhost", _own_name()) or host.endswith(_LOCAL_SUFFIXES)


@cache
def _own_name() -> str:
    return socket.gethostname().lower()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class AccessCheck:
    """Middleware that answers 403 with an empty body to a foreign Origin, and with `check_host` to a foreign Host."""

    def __init__(self, app: ASGIApp, origins: str, check_host: bool) -> None:
        self._app = app
        self._origins = re.compile(origins)
        self._check_host = check_host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._allows(Headers(scope=scope)):
            await Response(status_code=403)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _allows(self, headers: Headers) -> bool:
        host, origin = headers.get("host", ""), headers.get("origin")
        if self._check_host and not is_local_host(host):
            return False
        same_origin = (f"http://{host}", f"https://{host}")
        return origin is None or origin in same_origin or self._origins.fullmatch(origin) is not None
