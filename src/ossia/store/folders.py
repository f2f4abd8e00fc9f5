"""Folders that other programs may change while they are read.

Knows what has vanished and what cannot be read; it does not know what the files mean.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from typing import Final

_NOTHING_THERE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


def files_at(path: str, depth: int, unreadable: Callable[[OSError], object]) -> Iterator[tuple[str, ...]]:
    """Yield the paths of files that are so deep below a folder, or of the file itself. They may vanish meanwhile."""
    try:
        if not depth and stat.S_ISREG(os.stat(path).st_mode):
            yield ()
        for entry in os.listdir(path) if depth else ():
            yield from ((entry, *rest) for rest in files_at(f"{path}/{entry}", depth - 1, unreadable))
    except OSError as error:
        if error.errno not in _NOTHING_THERE:
            unreadable(error)
