"""Memory of this machine, of the container and of one process, and the processor time of one.

It knows where Linux tells such numbers, and what to do elsewhere. It knows neither models nor what is in their memory.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from ossia import control_groups
from ossia.config import MIN_KV_CACHE_BYTES

_RESERVE = 2 << 30  # for the system and other programs
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes in the machine's memory and in that of its accelerators, and what they are for, wherever that is."""

    host: int
    device: int = 0
    weights: int = 0
    kv: int = 0
    work: int = 0


def usable_bytes(root: Path = Path("/")) -> int:
    """Return the memory that models may use: the machine's or the control groups' limit, less a reserve."""
    total = min([os.sysconf("SC_PHYS_PAGES") * _PAGE, *_limits(root)])
    return total - min(_RESERVE, total // 8)


def memory_left_by(weights_bytes: int, memory_bytes: int | None) -> int:
    """Return the size of the KV cache: half of the memory that is left once the weights are resident.

    The mapped weights of other models count as available memory; `memory_bytes` excludes them.
    """
    limit = usable_bytes() if memory_bytes is None else memory_bytes
    return max((min(available_bytes(), limit) - weights_bytes) // 2, MIN_KV_CACHE_BYTES)


def available_bytes(root: Path = Path("/")) -> int:
    """Return the memory that is free now, or that Linux can free at once. Mapped files count as available.

    Other systems do not tell: there it is all that models may use.
    """
    try:
        lines = (root / "proc/meminfo").read_text().splitlines()
    except OSError:
        return usable_bytes(root)
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable"))


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process, including mapped files; 0 if there is no such process."""
    if sys.platform != "linux":
        listed = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=False)
        return int(listed.stdout.strip() or 0) << 10
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process has taken, in whole seconds at least; 0 if there is no such process."""
    if sys.platform != "linux":
        listed = subprocess.run(["ps", "-o", "time=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return reduce(lambda whole, part: 60 * whole + float(part), (listed.stdout.strip() or "0").split(":"), 0.0)
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _limits(root: Path) -> Iterator[int]:
    """Yield the limits of this process's control groups, of either version."""
    for text in control_groups.settings("memory", ("memory.max", "memory.limit_in_bytes"), root):
        with suppress(ValueError):  # "max" for no limit
            yield int(text)
