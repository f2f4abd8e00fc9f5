"""Wait for a condition instead of sleeping and hoping."""

import time
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds that a test waits for what comes at once on an idle machine: only one that fails waits so long."""


def wait_until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Return once the condition holds. Fails when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.01)
