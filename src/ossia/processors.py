"""Number of the processors that this process may use, on any system."""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ossia import control_groups


def num_processors(root: Path = control_groups.ROOT) -> int:
    """Return how many there are, or fewer if control groups give it less time than that.

    With more threads than it has time for, all of them stand still until the next period begins.
    """
    there = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, int(min([there, *_quotas(root)])))


def _quotas(root: Path) -> Iterator[float]:
    """Yield how many processors' time each control group may use."""
    for text in control_groups.settings("cpu", ("cpu.max",), root):
        with suppress(ValueError, ZeroDivisionError):  # "max" for no limit
            quota, period = map(int, text.split())
            yield quota / period
    quotas = control_groups.settings("cpu", ("cpu.cfs_quota_us",), root)
    periods = control_groups.settings("cpu", ("cpu.cfs_period_us",), root)
    for quota, period in zip(quotas, periods, strict=False):
        with suppress(ValueError, ZeroDivisionError):
            if int(quota) > 0:  # -1 for no limit
                yield int(quota) / int(period)
