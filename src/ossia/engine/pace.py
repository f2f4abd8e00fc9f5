"""Pace of the extras of a batch: prompts, and the answers that one client has beyond those of others.

All answers of a batch wait for its extras, so they get a share of the time only; and who comes waits for the step that
has begun. It knows how long steps took; what is an extra is the scheduler's to say.
"""

from collections import deque
from collections.abc import Collection
from typing import Final

PROMPTS: Final = 1 / 3
"""Share of the time that prompts take: over many steps answers are 1 / (1 - PROMPTS) times slower for them, no more."""
SURPLUS: Final = 1 / 5
"""The same for the answers that one client has beyond those of others, and prompts in the same step."""
SHORT_PROMPT: Final = 512
"""Ids of a prompt that owes nothing while nobody but its client is here: the sooner it is done, the fuller are the
batches of that client's answers, which would make up the time with emptier ones."""
STEP_SECONDS: Final = 0.25
"""Longest step of prompts alone, if it needs no fewer ids than a device wants: newcomers wait for its end."""
_KEPT: Final = 8
"""Times of plain steps that are kept. The least of them is taken, since other programs delay some."""


class Pace:
    """`quick_step` is how many seconds a step with prompts may take without owing the answers any."""

    def __init__(self, quick_step: float = 0.0) -> None:
        self._quick_step = quick_step
        self._plain: dict[int, deque[float]] = {}
        """Times of the latest steps without extras, by their number of answers: a step of one client's thirty says
        nothing about one of two clients' two."""
        self._token_seconds: float | None = None
        self._owed = 0.0
        self._has_credit = True

    @property
    def allows_extras(self) -> bool:
        return self._owed <= 0

    @property
    def allows_newcomer(self) -> bool:
        """True if a newcomer's prompt may begin although others owe time: once, until all is paid for."""
        return self._has_credit

    def most_tokens(self, least: int) -> int:
        """Return how many ids of prompts alone a step may have: as many as it computes in time, or `least`."""
        return max(least, int(STEP_SECONDS / self._token_seconds)) if self._token_seconds else least

    def computed(self, seconds: float, num_tokens: int) -> None:
        """Note the time of a step of prompts alone, which had so many ids."""
        self._token_seconds = seconds / num_tokens

    def took(self, seconds: float, *, num_plain: int, share: float | None = None) -> None:
        """Note the time of a step with so many answers that are no extras, and the share of its extras, if it has any.
        A step without extras pays for what those of earlier ones cost."""
        plain = self._plain.setdefault(num_plain, deque(maxlen=_KEPT))
        if share:
            self._has_credit = self._owed <= 0
            is_quick = share == PROMPTS and seconds <= self._quick_step
            self._owed = max(0.0, self._owed) + (0.0 if is_quick else _debt(seconds, plain, share))
        else:
            plain.append(seconds)
            self._pay(seconds)

    def took_for_nothing(self, seconds: float, *, num_plain: int) -> None:
        """Note the time of a step whose prompts owe none: for what earlier ones cost it pays as a plain one does."""
        self._pay(min(self._plain.get(num_plain, ()), default=seconds))

    def _pay(self, seconds: float) -> None:
        self._owed -= seconds
        self._has_credit |= self._owed <= 0


def _debt(seconds: float, plain: Collection[float], share: float) -> float:
    """Return the time for which a step with extras must be followed by plain ones, which take as long as these did."""
    if not plain:  # the next step tells what a plain one takes
        return seconds
    return max(0.0, seconds - min(plain)) * (1 - share) / share - min(plain)
