"""Timeline: the parts of a model's start as they happen, for the log and for whoever waits. Knows no model."""

import logging
import time
from collections.abc import Callable
from typing import Final

logger = logging.getLogger(__name__)

_SECONDS: Final = 5.0
"""Time between two messages in the log about one part."""

Report = Callable[[str, int, int], None]
"""Is told each part of a model's start when it begins, and how much of it is done, of how much: (0, 0) if unknown."""


def silent(part: str, done: int, total: int) -> None:
    """Report to nobody."""


class Timeline:
    """Passes each part on to `report`. The log hears at DEBUG how long a part took, at INFO of one that takes long."""

    def __init__(self, report: Report, clock: Callable[[], float] = time.monotonic) -> None:
        self._report = report
        self._clock = clock
        self._part = "starting the process"
        self._start = self._began = self._told = clock()

    def note(self, part: str, done: int = 0, total: int = 0) -> None:
        """Tell of a part that begins, or of how much of it is done."""
        now = self._clock()
        if part != self._part:
            logger.debug("%s: %.2f s", self._part, now - self._began)
            self._part, self._began, self._told = part, now, now
        elif total and now - self._told >= _SECONDS:
            logger.info("%s %d/%d", part, done, total)
            self._told = now
        self._report(part, done, total)

    def end(self) -> None:
        """Tell of the end of the last part. Whoever was told is forgotten: it may hold the model that was loaded."""
        self._report = silent
        now = self._clock()
        logger.debug("%s: %.2f s; the whole start: %.2f s", self._part, now - self._began, now - self._start)
