"""State of a file, by which one sees whether it has changed since it was read."""

import os
import time
from pathlib import Path
from typing import Final, NamedTuple

_SETTLED_NANOSECONDS: Final = 3_000_000_000
"""Age at which a file's time tells every change: file systems count time in steps, some of two seconds."""


class FileState(NamedTuple):
    """State of a file that differs after a change. `changed` is the time of the last one, in nanoseconds."""

    changed: int = 0
    inode: int = 0
    size: int = 0
    mode: int = 0

    @property
    def is_settled(self) -> bool:
        """True if another change would show."""
        return time.time_ns() - self.changed > _SETTLED_NANOSECONDS


def state_of(path: Path) -> FileState | None:
    """Return a file's state; None if there is no file, and an empty one if it is hidden."""
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return FileState()
    return FileState(found.st_ctime_ns, found.st_ino, found.st_size, found.st_mode)
