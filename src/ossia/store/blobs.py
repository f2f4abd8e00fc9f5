"""Content-addressed files: `blobs/sha256-<64 hex>`, in Ollama's layout.

A program that is killed at any point leaves only complete blobs, and temporary files that `sweep` removes. This module
knows nothing of models.
"""

import hashlib
import math
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Set
from contextlib import contextmanager, suppress
from pathlib import Path

from ossia.atomic import TEMPORARY, commit, no_space, temporary_file, write_atomically
from ossia.errors import InvalidModelFile, StoreError

ReportBytes = Callable[[int, int], None]  # bytes done, bytes in total

_DIGEST = re.compile(r"sha256[:-]([0-9a-fA-F]{64})")
_PARTIAL = re.compile(r"sha256-[0-9a-f]{64}-partial(-\d+)?")  # an unfinished download, and the records of its parts
_CHUNK = 4 << 20
_SMALL = 16 << 20
_ABANDONED_SECONDS = 3600
UNUSED_SECONDS = 24 * 3600  # a blob that no model uses may be for one that is yet to be made
_UNFINISHED_SECONDS = 7 * 24 * 3600  # an interrupted download can be resumed for this long


class InvalidDigest(InvalidModelFile, ValueError):
    """Raised for a digest that is not `sha256:<64 hex>`; anything else could be a path."""

    def __init__(self) -> None:
        super().__init__("invalid digest format")


def normalize_digest(text: str) -> str:
    """Return `sha256:<64 lower-case hex>` for a digest or a blob's file name. Raises InvalidDigest."""
    match = _DIGEST.fullmatch(text)
    if match is None:
        raise InvalidDigest
    return f"sha256:{match[1].lower()}"


class BlobStore:
    """The blobs in the folder `root`, which is created with the first blob."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, digest: str) -> Path:
        """Return the path of a blob, whether or not it exists. Raises InvalidDigest."""
        return self.root / normalize_digest(digest).replace(":", "-")

    def has(self, digest: str, size: int | None = None) -> bool:
        """True if the blob exists and, if `size` is given, has that many bytes."""
        path = self.path(digest)
        return path.is_file() and size in (None, path.stat().st_size)

    def read(self, digest: str, limit: int = _SMALL) -> bytes:
        """Read a small blob. Raises InvalidModelFile if it is missing, or larger than `limit` bytes."""
        path = self.path(digest)
        try:
            if not path.is_file():  # reading a pipe or a device might never end
                raise FileNotFoundError
            if path.stat().st_size > min(limit, _SMALL):
                raise InvalidModelFile(f"blob {path.name} is too large for a text")
            return path.read_bytes()
        except FileNotFoundError:
            raise InvalidModelFile(f"blob {path.name} is missing") from None

    def put_bytes(self, data: bytes) -> str:
        """Store `data` and return its digest."""
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        if not self.has(digest):
            with store_errors(self.root):
                write_atomically(self.path(digest), data)
        return digest

    def put_file(self, path: Path, *, move: bool = False, progress: ReportBytes | None = None) -> str:
        """Store a copy of a regular file and return its digest. A blob that is already in this store stays where it is.

        With `move` the file itself is renamed into the store; it must be on the same file system. Raises
        InvalidModelFile for anything but a regular file.
        """
        if not path.is_file():  # reading a device or a pipe might never end
            raise InvalidModelFile(f"{path} is not a file")
        if _DIGEST.fullmatch(path.name) and path.absolute().parent == self.root.absolute():
            return normalize_digest(path.name)
        with store_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            return self._adopt(path, progress) if move else self._copy(path, progress)

    @contextmanager
    def workspace(self) -> Generator[Path]:
        """Temporary folder on the blobs' file system, for files that will become blobs; removed when the block ends."""
        with store_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=self.root) as folder:
                yield Path(folder)

    def commit(self, temporary: Path, digest: str) -> None:
        """Turn a finished file with the hash `digest` into a blob. The file must be on the same file system."""
        commit(temporary, self.path(digest))

    def sweep(self, used: Set[str]) -> None:
        """Delete what is left over."""
        for path in self.leftovers(used):
            with suppress(FileNotFoundError):
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

    def leftovers(self, used: Set[str]) -> Iterator[Path]:
        """Yield old blobs that are not in `used`, and leftovers of killed programs."""
        for path in self.root.glob("*"):
            with suppress(FileNotFoundError):
                if time.time() - path.lstat().st_mtime > _lifetime(path.name, used):
                    yield path

    def unfinished(self) -> Iterator[Path]:
        """Yield the files of interrupted downloads, without the records of their parts."""
        return (path for path in self.root.glob("sha256-*-partial") if _PARTIAL.fullmatch(path.name))

    def delete(self, digest: str) -> None:
        self.path(digest).unlink(missing_ok=True)

    def _adopt(self, path: Path, progress: ReportBytes | None) -> str:
        hasher = hashlib.sha256()
        for chunk in _chunks(path, progress):
            hasher.update(chunk)
        digest = f"sha256:{hasher.hexdigest()}"
        commit(path, self.path(digest))
        return digest

    def _copy(self, path: Path, progress: ReportBytes | None) -> str:
        hasher = hashlib.sha256()
        with temporary_file(self.root) as temporary:
            with temporary.open("wb") as file:
                for chunk in _chunks(path, progress):
                    hasher.update(chunk)
                    file.write(chunk)
            digest = f"sha256:{hasher.hexdigest()}"
            if not self.has(digest):
                commit(temporary, self.path(digest))
        return digest


class Upload:
    """Blob that comes in pieces: a temporary file until `commit`. In the end it must be closed, committed or not."""

    def __init__(self, blobs: BlobStore, digest: str) -> None:
        self._blobs, self._digest, self._hasher = blobs, normalize_digest(digest), hashlib.sha256()
        with store_errors(blobs.root):
            blobs.root.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix=TEMPORARY, dir=blobs.root)
        self._path, self._file = Path(name), os.fdopen(descriptor, "wb")

    def write(self, piece: bytes | bytearray) -> None:
        self._hasher.update(piece)
        with store_errors(self._blobs.root):
            self._file.write(piece)

    def commit(self) -> None:
        """Make a blob of all pieces. Raises InvalidModelFile if their hash is not the digest."""
        if (got := f"sha256:{self._hasher.hexdigest()}") != self._digest:
            raise InvalidModelFile(f'digest mismatch, expected "{self._digest}", got "{got}"')
        with store_errors(self._blobs.root):
            self._file.close()
            self._blobs.commit(self._path, self._digest)

    def close(self) -> None:
        with suppress(OSError):  # of the last bytes, which a full disk does not take
            self._file.close()
        self._path.unlink(missing_ok=True)


def _lifetime(name: str, used: Set[str]) -> float:
    """Return how many seconds after its last change a file may be deleted: infinite if it is used or not ours."""
    if name.startswith(TEMPORARY):
        return _ABANDONED_SECONDS
    if _PARTIAL.fullmatch(name):
        return _UNFINISHED_SECONDS
    if _DIGEST.fullmatch(name) and normalize_digest(name) not in used:
        return UNUSED_SECONDS
    return math.inf


@contextmanager
def store_errors(root: Path) -> Generator[None]:
    """Turn errors of the file system (no space, no permission) into a StoreError that names the folder."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"cannot write to the model store in {root}: {error.strerror or error}",
            hint=f"{'free some space; ' if no_space(error) else ''}OLLAMA_MODELS names the folder to use",
        ) from error


def _chunks(path: Path, progress: ReportBytes | None) -> Generator[bytes]:
    total, done = path.stat().st_size, 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
            done += len(chunk)
            if progress:
                progress(done, total)
