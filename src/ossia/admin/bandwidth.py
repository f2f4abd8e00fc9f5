"""The speed at which this machine's processor reads its memory, which limits how fast an answer is written."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

_PASSES: Final = 5


def read_bandwidth(threads: int, num_bytes: int = 2 << 30) -> float:
    """Measure the memory's speed in bytes a second: the best of some passes over memory, one part for each thread.

    `num_bytes` should be more than all caches hold.
    """
    values = np.ones(num_bytes // 8, np.int64)
    parts = np.array_split(values, threads)
    best = 0.0
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(_PASSES):
            start = time.perf_counter()
            list(pool.map(np.bitwise_or.reduce, parts))
            best = max(best, values.nbytes / (time.perf_counter() - start))
    return best
