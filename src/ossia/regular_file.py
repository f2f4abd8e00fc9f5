"""Regular files, opened for reading. Opening a pipe may wait for ever, and reading a device may never end."""

import errno
import os
import stat
from os import PathLike
from typing import BinaryIO


def open_regular(path: str | PathLike[str]) -> BinaryIO:
    """Open a file. Raises OSError if that is not possible, or if it is a pipe, a device or a socket."""
    return open(path, "rb", opener=_open_at_once)


def _open_at_once(path: str, flags: int) -> int:
    """Open without blocking: a pipe would wait for a writer. Of folders `open` itself tells that they are some."""
    descriptor = os.open(path, flags | os.O_NONBLOCK)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, "it is not a file", path)
