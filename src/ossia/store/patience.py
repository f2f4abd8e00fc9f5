"""Limit on the time without progress, whatever a registry does: a head can come for years, byte by byte."""

import time

from ossia.errors import RegistryUnavailable


class Patience:
    """Patience with a registry. `complaint` says what it has not done, up to "for 600 seconds"."""

    def __init__(self, complaint: str, seconds: float) -> None:
        self._complaint, self._seconds = complaint, seconds
        self._progress, self._since = 0, time.monotonic()

    def check(self, progress: int) -> None:
        """Raise RegistryUnavailable if the number of bytes has been the same for too long."""
        now = time.monotonic()
        if progress != self._progress:
            self._progress, self._since = progress, now
        elif now - self._since > self._seconds:
            raise RegistryUnavailable(f"{self._complaint} for {self._seconds:g} seconds", hint="try again later")
