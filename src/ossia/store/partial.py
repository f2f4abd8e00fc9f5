"""A blob on its way: one sparse file of its full length, and beside it a record of each part, as Ollama keeps them.

    sha256-<hex>-partial        the bytes, each at its place
    sha256-<hex>-partial-<N>    {"N": 0, "Offset": 0, "Size": 16000000, "Completed": 4194304}

What a record claims is on the disk: the bytes are synced first, then the record is written in one piece. So whatever is
killed when, the download goes on from its records, in either program. A lock on the file makes one download of two.
Where bytes come from is not known here.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

_PARTS: Final = 16
MIN_PART: Final = 16 << 20
MAX_PART: Final = 128 << 20
"""A part is large enough that asking for it costs nothing, small enough that all streams are busy until the end."""

_SAVED_EVERY: Final = 2 << 20  # what eight streams lose at most is less than a part
_RECORD_BYTES: Final = 128  # always the same, so that one write replaces the whole record


@dataclass(slots=True)
class Part:
    """Bytes from `offset` on, of which the first `completed` are there; `saved` of them are in the record."""

    number: int
    offset: int
    size: int
    completed: int = 0
    saved: int = 0

    @property
    def position(self) -> int:
        """Where the next byte belongs."""
        return self.offset + self.completed

    @property
    def end(self) -> int:
        return self.offset + self.size


class Partial:
    """The file `path` for a blob of `size` bytes, which this process has locked. Use `lock`."""

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
        """Open or create it. None when somebody else has it, or has just made it a blob."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.stat(path).st_ino == os.fstat(descriptor).st_ino:
                return cls(path, size, descriptor)
        except (BlockingIOError, FileNotFoundError):
            pass
        except BaseException:  # or nobody could ever lock it again
            os.close(descriptor)
            raise
        os.close(descriptor)
        return None

    @property
    def completed(self) -> int:
        return sum(part.completed for part in self.parts)

    def write(self, part: Part, data: bytes) -> None:
        """Put the part's next bytes in their place, and now and then into its record."""
        view = memoryview(data)
        while view:
            written = os.pwrite(self._descriptor, view, part.position)
            part.completed += written
            view = view[written:]
        if part.completed - part.saved >= _SAVED_EVERY:
            self.save(part)

    def save(self, part: Part) -> None:
        """Bring the part's record up to date, once its bytes are on the disk."""
        if part.completed != part.saved:
            os.fdatasync(self._descriptor)
            self._record(part)

    def restart(self, part_size: int | None = None) -> None:
        """Forget what is there, and cut the blob into parts, of this size if it is given."""
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
        """Delete everything."""
        self.remove_records()
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Give the lock back."""
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
    """Bytes that the file system has to give yet for a blob of `size` bytes."""
    with suppress(FileNotFoundError):
        return max(size - path.stat().st_blocks * 512, 0)
    return size


def completed_bytes(path: Path, size: int) -> int:
    """How much of a download that somebody else has locked is on the disk."""
    return sum(part.completed for part in _load(path, size))


def _load(path: Path, size: int) -> list[Part]:
    """The parts by their records; none when these do not cover the blob, each byte once."""
    parts: list[Part] = []
    with suppress(OSError, ValueError, KeyError, TypeError):
        if path.stat().st_size == size:
            parts = sorted((_read(record) for record in _records(path)), key=lambda part: part.offset)
    ends = [0, *(part.end for part in parts)]
    fits = all(part.offset == end and part.size > 0 for part, end in zip(parts, ends, strict=False))
    return parts if fits and ends[-1] == size else []


def _read(record: Path) -> Part:
    fields = cast(dict[str, Any], json.loads(record.read_bytes()))
    number, offset, size, completed = (fields[name] for name in ("N", "Offset", "Size", "Completed"))
    if not all(type(value) is int for value in (number, offset, size, completed)) or not 0 <= completed <= size:
        raise ValueError("not a record of a part")
    if record.name.rpartition("-")[2] != str(number):
        raise ValueError("the record of another part")
    return Part(number, offset, size, completed, completed)


def _records(path: Path) -> Iterator[Path]:
    return (file for file in path.parent.glob(f"{path.name}-*") if file.name.rpartition("-")[2].isdecimal())
