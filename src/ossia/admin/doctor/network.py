"""Checks of the address, of who may reach it, and of proxies."""

import os
import ssl
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.request import getproxies, proxy_bypass

import msgspec

from ossia import __version__
from ossia.admin.doctor.check import Check
from ossia.admin.doctor.holder import holder
from ossia.admin.doctor.within import within
from ossia.config import Settings
from ossia.errors import OssiaError
from ossia.printable import one_line
from ossia.server.http.access import is_loopback
from ossia.server.listen import AddressInUse, listen
from ossia.server.tls import Certificate
from ossia.store.keys import KeyFile

_SECONDS: Final = 3.0
_LOCAL: Final = ("localhost", "127.0.0.1")
_LARGEST: Final = 1 << 22  # bytes of an answer
_LONGEST: Final = 40  # characters of a version
_OTHER_PORT: Final = "OLLAMA_HOST=127.0.0.1:11435 takes another port"


class _About(msgspec.Struct):
    title: str = ""
    version: str = ""


class _Answer(msgspec.Struct):
    """Name and version in the answer of /openapi.json by an ossia, or of /api/version by an Ollama."""

    info: _About = msgspec.field(default_factory=_About)
    version: str = ""


def port(settings: Settings) -> Iterator[Check]:
    """Yield whether the address can be listened on, or whose it is."""
    try:
        for bound in listen(settings.host, settings.port):
            bound.close()
    except OssiaError as error:
        yield _taken(settings, error)
    else:
        yield Check("port", f"{settings.host}:{settings.port} is free: no server runs there")


def exposure(settings: Settings) -> Iterator[Check]:
    """Yield who can reach the server, and what protects it from them."""
    has_keys = bool(settings.api_keys) or KeyFile().state() is not None
    if is_loopback(settings.host):
        yield Check("exposure", f"{settings.host}: only this machine reaches it")
        return
    text = f"{settings.host}: other machines reach it"
    if not has_keys:
        yield Check(
            "exposure", f"{text}, and may use models without a key", "`ossia key create NAME` makes them need one"
        )
    elif not settings.tls_cert:
        remedy = "OSSIA_TLS_CERT sets a certificate; or listen on 127.0.0.1 behind a proxy that speaks https"
        yield Check("exposure", f"{text} with a key, which whoever is on the way can read", remedy)
    else:
        yield Check("exposure", f"{text} with a key, over https")


def keys(settings: Settings) -> Iterator[Check]:
    """Yield how many keys there are. Raises StoreError for a file that is unusable."""
    found = KeyFile().read()
    scopes = sorted(scope for key in found for scope in key.scopes)
    text = ", ".join(f"{scopes.count(scope)} with {scope}" for scope in dict.fromkeys(scopes))
    yield Check(
        "keys", f"{len(found)} made here{f' ({text})' if text else ''}, {len(settings.api_keys)} in OSSIA_API_KEYS"
    )


def certificate(settings: Settings) -> Iterator[Check]:
    """Yield whether the certificate is valid, if there is one. Raises OssiaError for one that cannot be used."""
    if found := Certificate.of(settings):
        problem = found.problem()
        yield Check("certificate", problem or f"{settings.tls_cert} is valid", "renew it" if problem else "")


def proxies(settings: Settings) -> Iterator[Check]:
    """Yield the proxies of the environment, and whether clients on this machine would ask them for the server."""
    found = {kind: url for kind, url in getproxies().items() if kind in ("http", "https", "all")}
    if not found:
        yield Check("proxies", "none")
        return
    text = ", ".join(f"{kind} by {url.rpartition('@')[2]}" for kind, url in sorted(found.items()))
    missing = [name for name in _LOCAL if not proxy_bypass(name)]
    if {"http", "all"} & found.keys() and missing:
        before = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
        remedy = f"NO_PROXY={','.join(filter(None, (before, *missing)))}"
        yield Check("proxies", f"{text}: clients ask that one for {' and '.join(missing)}, too", remedy)
    else:
        yield Check("proxies", f"{text}, but not for localhost")


def _taken(settings: Settings, error: OssiaError) -> Check:
    """Return the check of an address that cannot be listened on."""
    what = _answering(settings)
    if what == f"ossia {__version__}":
        return Check("port", f"{what} answers at {settings.url}")
    if what.startswith("ossia"):
        return Check("port", f"{what} answers at {settings.url}, and this is {__version__}", "start the server again")
    who = what or (holder(settings.port) if isinstance(error, AddressInUse) else "")
    text = f"{error.message}{f' by {who}' if who else ''}"
    return Check("port", text, f"end that program, or {_OTHER_PORT}" if who else error.hint or _OTHER_PORT)


def _answering(settings: Settings) -> str:
    """Return the name and the version of the server that has the address, "" for one that is no such server."""
    about = _asked(settings, "/openapi.json").info
    if about.title == "ossia":
        return f"ossia {one_line(about.version, _LONGEST)}"
    version = _asked(settings, "/api/version").version
    return f"Ollama {one_line(version, _LONGEST)}" if version else ""


def _asked(settings: Settings, path: str) -> _Answer:
    """Return what a server says of itself at a path, nothing if it is not such a server or draws its answer out."""
    return within(_SECONDS, lambda: _answer(settings, path)) or _Answer()


def _answer(settings: Settings, path: str) -> _Answer:
    scheme, _, address = settings.url.partition("://")
    connection = HTTPConnection(address, timeout=_SECONDS)
    if scheme == "https":
        connection = HTTPSConnection(address, timeout=_SECONDS, context=_trusting_all())
    try:
        connection.request("GET", path)
        return msgspec.json.decode(connection.getresponse().read(_LARGEST), type=_Answer)
    except (OSError, HTTPException, ValueError, RecursionError):  # also of msgspec
        return _Answer()
    finally:
        connection.close()


def _trusting_all() -> ssl.SSLContext:
    """Return a context for whoever it is: only its name is asked for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
