"""Check of the certificates that are trusted: registries and servers with https prove with them who they are."""

import os
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ossia.admin.doctor.check import Check
from ossia.config import Settings

_NAME: Final = "trust"
_HASHED: Final = "*.[0-9]"
"""Names by which OpenSSL finds certificates in a folder."""
_FILE: Final = "let it name a file of certificates in PEM format that this user may read, or unset it"
_INSTALL: Final = "`apt install ca-certificates`, or let SSL_CERT_FILE name some: registries are not reached without"


def trust(settings: Settings) -> Iterator[Check]:
    """Yield a line for each file that cannot be used, or one that tells what is trusted."""
    named = {"OSSIA_CA": settings.ca, "SSL_CERT_FILE": os.environ.get("SSL_CERT_FILE")}
    bad = [Check(_NAME, f"{name}={path}: {why}", _FILE) for name, path in named.items() if path and (why := _why(path))]
    if not bad and not _has_any():
        bad = [Check(_NAME, "this system has no certificates that it trusts", _INSTALL)]
    files = ["" if named["SSL_CERT_FILE"] else "the system's", *(name for name, path in named.items() if path)]
    yield from bad or [Check(_NAME, f"certificates: {' and '.join(filter(None, files))}")]


def _why(path: str | Path) -> str:
    """Return why a file of certificates cannot be used, "" if it can."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        return "there is no certificate in it"
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _has_any() -> bool:
    """True if the system has certificates, in one file or in a folder with a file for each."""
    if ssl.create_default_context().cert_store_stats()["x509_ca"]:
        return True
    folder = ssl.get_default_verify_paths().capath
    return bool(folder) and any(Path(folder).glob(_HASHED))
