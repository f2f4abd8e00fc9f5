"""Hosts as settings name them: the address to listen on, and names as they come in Host headers.

Nothing is looked up.
"""

import re
from urllib.parse import urlsplit

from ossia.addresses import read_address
from ossia.errors import InvalidRequest

LOCAL_SUFFIXES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
"""Ends of names that mean something in a machine's own network only."""

_PORTS = {"": 11434, "http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")
_NAME = re.compile(rf"\*|(\*\.|\.)?{_HOST.pattern}")
_EXAMPLE = "for example 127.0.0.1:11434"


def parse_host(text: str) -> tuple[str, str, int]:
    """Parse `[http[s]://]host[:port]` into (scheme or "", host, port).

    A bare host means port 11434, one after http:// port 80, and one after https:// port 443. Raises InvalidRequest.
    """
    scheme, separator, rest = text.rpartition("://")
    try:
        parts = urlsplit(f"//{_bracketed(rest)}")
        port = parts.port
    except ValueError:
        raise _invalid(text, "is not host:port") from None
    scheme = scheme.lower()
    if separator and scheme not in ("http", "https"):
        raise _invalid(text, "is neither http nor https")
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username is not None:
        raise _invalid(text, "has more than a host and a port")
    host = parts.hostname or "127.0.0.1"
    if not text.isprintable() or not _can_be_looked_up(host):
        raise _invalid(text, "is not host:port")
    return scheme, host, _PORTS[scheme] if port is None else port


def _invalid(text: str, problem: str) -> InvalidRequest:
    return InvalidRequest(f"OLLAMA_HOST: {text!r} {problem}", hint=_EXAMPLE)


def _can_be_looked_up(host: str) -> bool:
    """True for an IPv6 address, and for a name that the system can be asked for."""
    if ":" in host:
        return True
    try:
        return bool(_HOST.fullmatch(_ascii(host)))
    except UnicodeError:  # an empty label, or one that is too long
        return False


def url_of(scheme: str, host: str, port: int) -> str:
    """Return the URL of a host, which may be an address."""
    return f"{scheme}://{_bracketed(host)}:{port}"


def _bracketed(text: str) -> str:
    """Put a bare IPv6 address into the brackets that URLs require."""
    return f"[{text}]" if ":" in text and read_address(text) else text


def read_hosts(text: str) -> tuple[str, ...]:
    """Read host names between commas: in lower case, in ASCII, without a port. Raises ValueError."""
    return tuple(_host(name.strip()) for name in text.split(",") if name.strip())


def _host(name: str) -> str:
    read = _ascii(name) if not name.isascii() else name.lower()
    if not _NAME.fullmatch(read):
        raise ValueError(f"{name!r} is not a host name such as ai.example.org or *.example.org")
    return read.removesuffix(".")


def _ascii(name: str) -> str:
    """Return a name as DNS has it, in lower case. Raises UnicodeError."""
    return name.encode("idna").decode().lower()
