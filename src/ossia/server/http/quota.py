"""Quota: limits on the requests of one key, at once and in a minute. Knows no key and no request."""

import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from ossia.errors import TooManyRequests

_MINUTE: Final = 60.0


class Quota:
    """Requests of one key that run, and when the latest ones began. A limit of 0 is none."""

    def __init__(self, at_once: int, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._at_once = at_once
        self._running = 0
        self._began: deque[float] = deque(maxlen=per_minute)
        self._clock = clock

    def place(self) -> AbstractContextManager[None]:
        """Count a request, as running while the block lasts. Raises TooManyRequests if there are too many already."""
        self._check()
        self._began.append(self._clock())
        return self.held()

    @contextmanager
    def held(self) -> Generator[None]:
        """Count work that goes on after its request, which was counted when it came."""
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    def _check(self) -> None:
        if 0 < self._at_once <= self._running:
            text = f"the API key has {self._running} requests running, and may have {self._at_once} at once"
            raise TooManyRequests(text, hint="wait for one of them to end")
        if self._began and len(self._began) == self._began.maxlen:
            wait = self._began[0] + _MINUTE - self._clock()
            if wait > 0:
                text = f"the API key may have {self._began.maxlen} requests a minute"
                raise TooManyRequests(text, hint=f"try again in {max(1, round(wait))} seconds", retry_after=wait)
