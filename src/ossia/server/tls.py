"""TLS: the server's certificate and its key, from files that may be renewed while the server runs.

Everything that can be wrong with the files is an error with a hint, before the first connection.
"""

import logging
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from ossia.config import Settings
from ossia.errors import OssiaError
from ossia.regular_file import open_regular

logger = logging.getLogger(__name__)

_REASONS = {
    "KEY_VALUES_MISMATCH": "the key does not belong to the certificate",
    "NO_START_LINE": "there is no certificate or no key in it, in PEM format",
    "PEM_LIB": "there is no certificate or no key in it, in PEM format",
    "EE_KEY_TOO_SMALL": "its key is too short to be safe",
    "CA_MD_TOO_WEAK": "its signature is too weak to be safe",
}


class _Encrypted(Exception):
    """Raised for a key that only a passphrase opens."""


class Certificate:
    """Certificate chain and key, as a context for TLS 1.2 and newer. `key` may be in the file of the certificate."""

    def __init__(self, certificate: Path, key: Path | None) -> None:
        """Read the files. Raises OssiaError."""
        self._certificate = certificate
        self._key = key or certificate
        self._times = self._modified()
        self.context = self._read(_context())

    @classmethod
    def of(cls, settings: Settings) -> "Certificate | None":
        """Return the certificate that is set, None for a server without TLS. Raises OssiaError if they contradict."""
        if settings.tls_cert:
            if settings.scheme == "http":
                raise OssiaError("OLLAMA_HOST says http, but OSSIA_TLS_CERT is set", "say https:// there, or nothing")
            return cls(settings.tls_cert, settings.tls_key)
        if settings.tls_key:
            raise OssiaError("OSSIA_TLS_KEY is set, but OSSIA_TLS_CERT is not", "set both: files in PEM format")
        if settings.scheme == "https":
            hint = "OSSIA_TLS_CERT and OSSIA_TLS_KEY name its files; or leave https to a proxy, and say http here"
            raise OssiaError("OLLAMA_HOST says https, but the server has no certificate", hint)
        return None

    def renew(self) -> None:
        """Read the files again if they have changed, for new connections. What is wrong is logged."""
        if (times := self._modified()) == self._times:
            return
        self._times = times
        try:
            self._read(_context())  # a pair that does not match would spoil the context in use
            self._read(self.context)
            logger.info("the certificate was renewed: %s", self._certificate)
        except OssiaError as error:
            logger.warning("the certificate stays the old one: %s", error.message)

    def _modified(self) -> tuple[float, ...]:
        return tuple(map(_modified, (self._certificate, self._key)))

    def _read(self, context: ssl.SSLContext) -> ssl.SSLContext:
        """Load the files into a context."""
        try:
            for path in (self._certificate, self._key):
                open_regular(path).close()  # OpenSSL would wait for a pipe's writer, and the event loop with it
            context.load_cert_chain(self._certificate, self._key, _refuse_passphrase)
        except _Encrypted:
            hint = "write it without one: openssl pkey -in KEY -out NEW, readable only for the server's user"
            raise OssiaError(f"the key in {self._key} is encrypted: it needs a passphrase", hint) from None
        except ssl.SSLError as error:
            text = (
                f"the certificate in {self._certificate} with the key in {self._key} cannot be used: {_reason(error)}"
            )
            raise OssiaError(text, "OSSIA_TLS_CERT and OSSIA_TLS_KEY name files in PEM format") from None
        except OSError as error:
            raise OssiaError(f"{self._unreadable()} cannot be read: {error.strerror}", _HINT) from None
        if problem := self.problem():
            logger.warning("%s", problem)
        return context

    def _unreadable(self) -> Path:
        """Return the file that cannot be opened: Python's error does not name it."""
        try:
            open_regular(self._certificate).close()
        except OSError:
            return self._certificate
        return self._key

    def problem(self) -> str:
        """Return what is wrong with the certificate's dates, "" if nothing is."""
        from cryptography import x509

        try:
            certificate = x509.load_pem_x509_certificates(self._certificate.read_bytes())[0]
        except (OSError, ValueError, x509.InvalidVersion):  # OpenSSL reads more forms, and has read the file before
            return ""
        now = datetime.now(UTC)
        if now > certificate.not_valid_after_utc:
            return f"the certificate in {self._certificate} expired at {certificate.not_valid_after_utc}"
        if now < certificate.not_valid_before_utc:
            return f"the certificate in {self._certificate} is not valid yet"
        return ""


_HINT = "OSSIA_TLS_CERT and OSSIA_TLS_KEY name files that the server's user may read"


def _modified(path: Path) -> float:
    """Return the time of a file's last change, 0 for a file that is not there or out of reach at this moment."""
    with suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _reason(error: ssl.SSLError) -> str:
    code = str(error).upper().replace(" ", "_")
    return next((text for name, text in _REASONS.items() if name in code), str(error))


def _refuse_passphrase() -> str:
    """Raise instead of asking at the terminal, which a server may not have."""
    raise _Encrypted
