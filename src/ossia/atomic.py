"""Files that are complete or not there: written under a temporary name, synced, then renamed.

The rename is the commit: a program that is killed at any point leaves the target as it was, and perhaps a file whose
name begins with TEMPORARY. Knows nothing of what files are for.
"""

import errno
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

TEMPORARY: Final = ".tmp-"
"""Beginning of the names of temporary files: neither a digest nor a model's tag begins with a dot."""
FOR_ALL: Final = 0o644
"""Mode of a file that everybody may read, as Ollama's blobs are."""
FOR_OWNER: Final = 0o600


def write_atomically(path: Path, data: bytes, mode: int = FOR_ALL) -> None:
    """Write a file atomically: after a crash it is complete, or as it was before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with temporary_file(path.parent) as temporary:
        temporary.write_bytes(data)
        commit(temporary, path, mode)


@contextmanager
def temporary_file(folder: Path) -> Generator[Path]:
    """Make an empty file in a folder, which is removed when the block ends, unless it was committed."""
    descriptor, name = tempfile.mkstemp(prefix=TEMPORARY, dir=folder)
    os.close(descriptor)
    path = Path(name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def commit(temporary: Path, target: Path, mode: int = FOR_ALL) -> None:
    """Sync a finished file, let those read it who may, and rename it to `target`, on the same file system."""
    temporary.chmod(mode)
    _sync(temporary)
    temporary.replace(target)
    _sync(target.parent)


def no_space(error: OSError) -> bool:
    """True if the error is that a disk, or a user's share of it, is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
