"""An unfinished download: one sparse file of the blob's full length, and a record of each part, in Ollama's format.

    sha256-<hex>-partial        the bytes, each at its place
    sha256-<hex>-partial-<N>    {"N": 0, "Offset": 0, "Size": 16000000, "Completed": 4194304}

A record never claims bytes that are not on the disk: data is synced first, then the record is replaced in one write. So
a download that is killed at any point can be resumed, by ossia or by Ollama. A lock on the file joins two downloads of
one blob. This module does not know where the bytes come from.
"""

import fcntl
import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_PARTS: Final = 16
MIN_PART: Final = 16 << 20
MAX_PART: Final = 128 << 20
"""Large enough that the cost of a request is negligible, small enough that all streams stay busy until the end."""

_SAVED_EVERY: Final = 2 << 20  # a crash loses at most this much of each stream: with eight, less than one part in total
_RECORD_BYTES: Final = 128  # constant, so that one write replaces a whole record


@dataclass(slots=True)
class Part:
    """A range of the blob: `size` bytes from `offset`, the first `completed` written, `saved` of them recorded."""

    number: int
    offset: int
    size: int
    completed: int = 0
    saved: int = 0

    @property
    def position(self) -> int:
        """Offset of the next byte to write."""
        return self.offset + self.completed

    @property
    def end(self) -> int:
        return self.offset + self.size


class Partial:
    """The file `path` for a blob of `size` bytes, locked by this process. Create it with `lock`."""

    def __init__(self, path: Path, size: int, descriptor: int) -> None:
        self.path = path
        self.size = size
        self._descriptor = descriptor
        self.parts = _load(path, size)
        self.resumed = self.completed > 0
        if not self.parts:
            self.restart()
        os.ftruncate(descriptor, size)

    @classmethod
    def lock(cls, path: Path, size: int) -> "Partial | None":
        """Open or create the file. Returns None if another download holds it, or has just turned it into a blob."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.stat(path).st_ino == os.fstat(descriptor).st_ino:
                return cls(path, size, descriptor)
        except (BlockingIOError, FileNotFoundError):
            pass
        except BaseException:  # otherwise nobody could ever lock it again
            os.close(descriptor)
            raise
        os.close(descriptor)
        return None

    @property
    def completed(self) -> int:
        return sum(part.completed for part in self.parts)

    def write(self, part: Part, data: bytes) -> None:
        """Write the next bytes of a part, and from time to time its record."""
        view = memoryview(data)
        while view:
            written = os.pwrite(self._descriptor, view, part.position)
            part.completed += written
            view = view[written:]
        if part.completed - part.saved >= _SAVED_EVERY:
            self.save(part)

    def save(self, part: Part) -> None:
        """Update the record of a part after syncing its bytes to disk."""
        if part.completed != part.saved:
            _sync(self._descriptor)
            self._record(part)

    def restart(self, part_size: int | None = None) -> None:
        """Discard all progress and divide the blob into parts, of `part_size` bytes if given."""
        self.resumed = False
        self.remove_records()
        part_size = part_size or min(max(-(-self.size // _PARTS), MIN_PART), MAX_PART)
        starts = range(0, self.size, part_size) if self.size else ()
        self.parts = [Part(i, start, min(part_size, self.size - start)) for i, start in enumerate(starts)]
        for part in self.parts:
            self._record(part)

    def remove_records(self) -> None:
        for record in _records(self.path):
            record.unlink(missing_ok=True)

    def discard(self) -> None:
        """Delete the file and its records."""
        self.remove_records()
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Release the lock."""
        os.close(self._descriptor)

    def _record(self, part: Part) -> None:
        fields = {"N": part.number, "Offset": part.offset, "Size": part.size, "Completed": part.completed}
        data = json.dumps(fields).encode().ljust(_RECORD_BYTES)
        descriptor = os.open(f"{self.path}-{part.number}", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.pwrite(descriptor, data, 0)
        finally:
            os.close(descriptor)
        part.saved = part.completed


def space_needed(path: Path, size: int) -> int:
    """Return how many more bytes of disk space a blob of `size` bytes needs."""
    with suppress(FileNotFoundError):
        return max(size - path.stat().st_blocks * 512, 0)
    return size


def completed_bytes(path: Path, size: int) -> int:
    """Return how many bytes are on disk of a download that another process has locked."""
    return sum(part.completed for part in _load(path, size))


def _load(path: Path, size: int) -> list[Part]:
    """Load the parts from their records; empty if these do not cover the blob exactly."""
    parts: list[Part] = []
    with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        if path.stat().st_size == size:
            parts = sorted((_read(record) for record in _records(path)), key=lambda part: part.offset)
    ends = [0, *(part.end for part in parts)]
    fits = all(part.offset == end and part.size > 0 for part, end in zip(parts, ends, strict=False))
    return parts if fits and ends[-1] == size else []


def _read(record: Path) -> Part:
    fields: dict[str, Any] = json.loads(record.read_bytes())
    number, offset, size, completed = (fields[name] for name in ("N", "Offset", "Size", "Completed"))
    if not all(type(value) is int for value in (number, offset, size, completed)) or not 0 <= completed <= size:
        raise ValueError("not a record of a part")
    if record.name.rpartition("-")[2] != str(number):
        raise ValueError("the record of another part")
    return Part(number, offset, size, completed, completed)


def _records(path: Path) -> Iterator[Path]:
    return (file for file in path.parent.glob(f"{path.name}-*") if file.name.rpartition("-")[2].isdecimal())


def _sync(descriptor: int) -> None:
    """Bring a file's bytes to the disk; where that alone is not possible, all that belongs to the file."""
    if sys.platform == "darwin":
        os.fsync(descriptor)
    else:
        os.fdatasync(descriptor)
