"""The key that identifies this machine to registries: `id_ed25519` in OpenSSH's format, shared with Ollama."""

import base64
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)

from ossia.atomic import no_space
from ossia.config import home
from ossia.errors import StoreError
from ossia.regular_file import open_regular

_NAME = "id_ed25519"
_LARGEST = 64 << 10  # bytes


class Identity:
    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def load(cls, folder: Path | None = None) -> "Identity":
        """Load the key from `folder` (default ~/.ollama), creating it if there is none. Raises StoreError."""
        path = (folder or home() / ".ollama") / _NAME
        try:
            if not path.exists():
                _make(path)
            with open_regular(path) as file:
                key = load_ssh_private_key(file.read(_LARGEST), password=None)
        except OSError as error:
            writable = f"{path.parent} must be a folder that this user can write to"
            hint = "free some space" if no_space(error) else writable
            raise StoreError(f"{path} cannot be used: {error.strerror or error}", hint) from error
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:  # TypeError: the key has a password
            raise StoreError(f"{path} cannot be used: {error}", hint="move it away, and a new key is made") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise StoreError(f"{path} is not an ed25519 key", hint="move it away, and a new key is made")
        return cls(key)

    @property
    def public(self) -> str:
        """The public key in OpenSSH's base64, without the leading key type."""
        return _public(self._key).split()[1].decode()

    def sign(self, text: bytes) -> str:
        """Return an Authorization header for registries: the public key and the signature of `text`, both in base64."""
        return f"{self.public}:{base64.b64encode(self._key.sign(text)).decode()}"


def _make(path: Path) -> None:
    """Write a new key. If two processes do this at once, both end up with the same key."""
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{_NAME}-", dir=path.parent)  # readable by its owner only
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
        with suppress(FileExistsError):
            os.link(name, path)  # unlike a rename, this fails if a key exists
            path.with_suffix(".pub").write_bytes(_public(key) + b"\n")
    finally:
        os.unlink(name)


def _public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
