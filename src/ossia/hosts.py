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
_NAME = re.compile(r"\*|(\*\.|\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")


def parse_host(text: str) -> tuple[str, str, int]:
    """Parse `[http[s]://]host[:port]` into (scheme or "", host, port).

    A bare host means port 11434, one after http:// port 80, and one after https:// port 443. Raises InvalidRequest.
    """
    scheme, separator, rest = text.rpartition("://")
    try:
        parts = urlsplit(f"//{_bracketed(rest)}")
        port = parts.port
    except ValueError:
        raise InvalidRequest(f"OLLAMA_HOST: {text!r} is not host:port", hint="for example 127.0.0.1:11434") from None
    scheme = scheme.lower()
    if separator and scheme not in ("http", "https"):
        raise InvalidRequest(f"OLLAMA_HOST: {text!r} is neither http nor https", hint="for example 127.0.0.1:11434")
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username is not None:
        raise InvalidRequest(f"OLLAMA_HOST: {text!r} has more than a host and a port", hint="a path cannot be served")
    return scheme, parts.hostname or "127.0.0.1", _PORTS[scheme] if port is None else port


def _bracketed(text: str) -> str:
    """Put a bare IPv6 address into the brackets that URLs require."""
    return f"[{text}]" if ":" in text and read_address(text) else text


def read_hosts(text: str) -> tuple[str, ...]:
    """Read host names between commas: in lower case, in ASCII, without a port. Raises ValueError."""
    return tuple(_host(name.strip()) for name in text.split(",") if name.strip())


def _host(name: str) -> str:
    read = (name if name.isascii() else name.encode("idna").decode()).lower()
    if not _NAME.fullmatch(read):
        raise ValueError(f"{name!r} is not a host name such as ai.example.org or *.example.org")
    return read.removesuffix(".")
