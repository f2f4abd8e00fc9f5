"""How much memory models may have: of this machine, of the container, and of one process.

Knows Linux's files; knows neither models nor what is in their memory.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

KV_CACHE_BYTES = 256 << 20
"""The least that a model gets for its KV cache, however little memory is left."""

_RESERVE = 2 << 30  # for the system and for everybody else
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes in the machine's memory and in that of its accelerators."""

    host: int
    device: int = 0


def usable_bytes(root: Path = Path("/")) -> int:
    """What models may use: the machine's memory, or its control groups' limit if that is less, without a reserve."""
    total = min([os.sysconf("SC_PHYS_PAGES") * _PAGE, *_limits(root)])
    return total - min(_RESERVE, total // 8)


def resident_bytes(pid: int) -> int:
    """What the process has in memory now, mapped files included; 0 when there is no such process."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _limits(root: Path) -> Iterator[int]:
    """The limits of this process's control groups and of all groups above them, of either version."""
    for folder in _groups(root):
        for name in ("memory.max", "memory.limit_in_bytes"):
            try:
                yield int((folder / name).read_text())
            except (OSError, ValueError):  # not this version; or "max", which is none
                continue


def _groups(root: Path) -> Iterator[Path]:
    """In a container the path may be the host's, which is not there; the folders above it are the container's own."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers in ("", "memory"):
            mount = root / "sys/fs/cgroup" / controllers
            group = mount / path.lstrip("/")
            yield from (folder for folder in (group, *group.parents) if folder.is_relative_to(mount))
