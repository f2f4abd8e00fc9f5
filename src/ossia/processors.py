"""Number of the processors that this process may use, on any system."""

import os
import sys


def num_processors() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
