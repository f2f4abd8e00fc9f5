"""Memory that a piece of work takes, as Python's allocator counts it. The memory of C libraries is not seen."""

import tracemalloc
from collections.abc import Callable

_TRIES = 3  # threads of servers that other tests keep may take memory at the same time, but not at each try


def takes_at_most(limit: int, work: Callable[[], object]) -> None:
    """Assert that the work, which can be done again, takes at most so many bytes at one time."""
    peaks: list[int] = []
    while not peaks or (min(peaks) > limit and len(peaks) < _TRIES):
        peaks.append(_peak(work))
    assert min(peaks) <= limit


def _peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
