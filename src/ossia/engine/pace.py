"""Pace of the extras of a batch: prompts, and the answers that one client has beyond those of others.

All answers of a batch wait for its extras, so they get a share of the time only. It knows how long steps took; what is
an extra is the scheduler's to say.
"""

from collections import deque
from typing import Final

SHARE: Final = 1 / 3
"""Share of the time that extras take: over many steps an answer is 1 / (1 - SHARE) times slower for them, no more."""


class Pace:
    def __init__(self) -> None:
        self._plain = deque[float](maxlen=8)  # the least of several, since other programs delay some
        self._owed = 0.0

    @property
    def allows_extras(self) -> bool:
        return self._owed <= 0

    def took(self, seconds: float, *, has_extras: bool) -> None:
        """Note the time of a step with answers: one without extras pays for what those of earlier ones cost."""
        if not has_extras:
            self._plain.append(seconds)
            self._owed -= seconds
        elif not self._plain:  # the next step tells what a plain one takes
            self._owed = seconds
        else:
            plain = min(self._plain)
            self._owed = max(0.0, seconds - plain) * (1 - SHARE) / SHARE - plain
