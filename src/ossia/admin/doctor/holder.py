"""The program that listens on a port, as Linux tells it in /proc, of the user's own programs, or of all to root."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_LISTENING: Final = "0A"
_PORT, _STATE, _INODE = 1, 3, 9  # columns of /proc/net/tcp


def holder(port: int) -> str:
    """Return the name and the id of the process, "" if it is another user's."""
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if any(os.readlink(file) in sockets for file in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
    return ""


def _listening(port: int) -> Iterator[str]:
    """Yield the inodes of sockets that listen on a port, of either version of IP."""
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in Path("/proc/net", table).read_text().splitlines()[1:]:
                columns = line.split()
                if columns[_STATE] == _LISTENING and int(columns[_PORT].rpartition(":")[2], 16) == port:
                    yield columns[_INODE]
