"""API keys: a file with the name, the scopes, the limits and the hash of each, which is its owner's alone.

A key is shown once, when it is made, and cannot be found out from the file. It is random and long, so a quick hash is
enough. The file lies beside the key by which registries know this machine; as long as it is there, keys are needed. It
is replaced as a whole, so that a server may read it at any time. Knows neither requests nor who sends them.
"""

import fcntl
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO, Final, Literal

import msgspec
from msgspec import Meta

from ossia.atomic import FOR_OWNER, no_space, write_atomically
from ossia.config import home
from ossia.errors import InvalidRequest, StoreError
from ossia.regular_file import open_regular
from ossia.store.file_state import FileState, state_of

Scope = Literal["inference", "manage", "metrics"]

INFERENCE: Final[frozenset[Scope]] = frozenset(("inference",))
ALL: Final[frozenset[Scope]] = frozenset(("inference", "manage"))
"""Scopes of a key that may manage: models are managed in order to be used. It may read metrics, too."""
METRICS: Final[frozenset[Scope]] = frozenset(("metrics",))

Limit = Annotated[int, Meta(ge=0, le=1_000_000)]

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_SECRET_BYTES: Final = 24
_LARGEST: Final = 16 << 20  # bytes of the file


class Key(msgspec.Struct, frozen=True):
    """A key, without the key itself. `at_once` and `per_minute` are limits on its requests; 0 is no limit.

    `space` is random, so that a new key of an old name finds nothing that belonged to the old one.
    """

    name: str
    digest: str
    space: str
    scopes: frozenset[Scope] = INFERENCE
    at_once: Limit = 0
    per_minute: Limit = 0
    created: datetime | None = None


class _Content(msgspec.Struct):
    keys: tuple[Key, ...] = ()


_decode: Final = msgspec.json.Decoder(_Content).decode


def digest_of(secret: bytes) -> str:
    return hashlib.sha256(secret).hexdigest()


def _with_implied(scopes: frozenset[Scope]) -> frozenset[Scope]:
    return scopes | ALL if "manage" in scopes else scopes or INFERENCE


class KeyFile:
    """The file of this user's keys, `~/.ollama/ossia-keys.json`. Every method raises StoreError if it is unusable."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or home() / ".ollama" / "ossia-keys.json"

    def state(self) -> FileState | None:
        """Return the file's state, None if there is no file."""
        return state_of(self.path)

    def read(self) -> tuple[Key, ...]:
        """Return all keys; none if there is no file."""
        with self._errors():
            try:
                file = open_regular(self.path)
            except (FileNotFoundError, NotADirectoryError):
                return ()
            with file:
                return self._content(file)

    def create(self, name: str, scopes: Iterable[Scope] = INFERENCE, at_once: int = 0, per_minute: int = 0) -> str:
        """Make a key and return it. Raises InvalidRequest for a name that is taken or has other signs than allowed."""
        if not _NAME.fullmatch(name):
            raise InvalidRequest(
                f"{name!r} cannot be a key's name", hint="letters, digits and ._@-, for example laptop"
            )
        secret = f"ossia-{secrets.token_hex(_SECRET_BYTES)}"
        key = Key(
            name=name,
            digest=digest_of(secret.encode()),
            space=secrets.token_hex(16),
            scopes=_with_implied(frozenset(scopes)),
            at_once=at_once,
            per_minute=per_minute,
            created=datetime.now(UTC).replace(microsecond=0),
        )

        def add(keys: Sequence[Key]) -> Sequence[Key]:
            if any(other.name == name for other in keys):
                raise InvalidRequest(f"there is a key {name} already", hint=f"`ossia key revoke {name}` ends it")
            return (*keys, key)

        self._change(add)
        return secret

    def revoke(self, name: str) -> int:
        """Remove a key, and return how many are left. Raises InvalidRequest if there is none of that name."""

        def remove(keys: Sequence[Key]) -> Sequence[Key]:
            if all(key.name != name for key in keys):
                raise InvalidRequest(f"there is no key {name!r}", hint="`ossia key list` shows the keys that are there")
            return [key for key in keys if key.name != name]

        return len(self._change(remove))

    def _change(self, change: Callable[[Sequence[Key]], Sequence[Key]]) -> Sequence[Key]:
        with self._errors(), self._locked():
            keys = change(self.read())
            content = msgspec.json.format(msgspec.json.encode(_Content(tuple(keys))))
            write_atomically(self.path, content + b"\n", FOR_OWNER)
            return keys

    def _content(self, file: BinaryIO) -> tuple[Key, ...]:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            text = f"{self.path} holds API keys, and others may read or change it: its mode is {mode:03o}"
            raise StoreError(text, hint=f"chmod 600 {self.path}")
        data = file.read(_LARGEST)
        try:
            return _decode(data).keys
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # whose words might quote the file
            text = f"{self.path} does not hold API keys, or is damaged"
            raise StoreError(text, hint="move it away, and make new keys with `ossia key create`") from None

    @contextmanager
    def _locked(self) -> Generator[None]:
        """Keep other commands from changing the file meanwhile."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FOR_OWNER)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    @contextmanager
    def _errors(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            text = f"{self.path} cannot be used: {error.strerror or error}"
            hint = "free some space" if no_space(error) else "it belongs to the user who runs `ossia serve`"
            raise StoreError(text, hint) from error
