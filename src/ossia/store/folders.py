"""Folders that other programs may change while they are read.

Knows what has vanished and what cannot be read; it does not know what the files mean.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

_NOTHING_THERE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


def files_at(
    path: str, depth: int, unreadable: Callable[[OSError], object], root: str = ""
) -> Iterator[tuple[str, ...]]:
    """Yield the paths of files that are so deep below a folder, or of the file itself. They may vanish meanwhile.

    A link out of the folder, whose real path is `root`, is not followed: all files of the machine may be there.
    """
    root = root or os.path.realpath(path)
    try:
        if not depth and stat.S_ISREG(os.stat(path).st_mode):
            yield ()
        if depth and os.path.islink(path) and not Path(os.path.realpath(path)).is_relative_to(root):
            raise OSError(errno.EXDEV, "it leads out of the model store", path)
        for entry in os.listdir(path) if depth else ():
            yield from ((entry, *rest) for rest in files_at(f"{path}/{entry}", depth - 1, unreadable, root))
    except OSError as error:
        if error.errno not in _NOTHING_THERE:
            unreadable(error)
