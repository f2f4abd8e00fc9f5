"""History: the requests of the last hour, by the minute, and the latest failures, in little memory."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ossia.server.monitor.ended import Ended
from ossia.types import Usage

MINUTES: Final = 60
MOST_TIMES: Final = 4096
"""Latest first tokens whose times are kept."""
MOST_FAILURES: Final = 50


@dataclass(slots=True)
class Minute:
    """Counts of the requests that ended in one minute, numbered since the clock's zero."""

    number: int
    requests: int = 0
    failures: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0


class History:
    """Counts of requests that asked for a model, and failures of all requests."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._minutes: deque[Minute] = deque(maxlen=MINUTES)
        self._first_tokens: deque[tuple[float, float]] = deque(maxlen=MOST_TIMES)  # when it came, and after how long
        self.failures: deque[Ended] = deque(maxlen=MOST_FAILURES)

    def add(self, ended: Ended) -> None:
        """Count a request that ends now."""
        if ended.failed:
            self.failures.appendleft(ended)
        if not ended.asks_model:
            return
        minute, usage = self._minute(), ended.usage or Usage()
        minute.requests += 1
        minute.failures += ended.failed
        minute.tokens_in += usage.prompt_tokens
        minute.tokens_out += usage.completion_tokens
        minute.tokens_cached += usage.cached_tokens
        if ended.first_token is not None:
            self._first_tokens.append((self._clock(), ended.first_token))

    @property
    def uptime(self) -> float:
        return self._clock() - self._began

    def minutes(self) -> list[Minute]:
        """Return the last hour, the oldest minute first."""
        now, known = self._number(), {minute.number: minute for minute in self._minutes}
        return [known.get(number) or Minute(number) for number in range(now - MINUTES + 1, now + 1)]

    def first_tokens(self) -> list[float]:
        """Return the last hour's times to the first token, the shortest first."""
        since = self._clock() - 60 * MINUTES
        return sorted(seconds for moment, seconds in self._first_tokens if moment >= since)

    def _minute(self) -> Minute:
        if not self._minutes or self._minutes[-1].number != self._number():
            self._minutes.append(Minute(self._number()))
        return self._minutes[-1]

    def _number(self) -> int:
        return int(self._clock() // 60)


def quantile(ordered: list[float], share: float) -> float | None:
    """Return the value below which that share of the values lies; None of no values."""
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else None
