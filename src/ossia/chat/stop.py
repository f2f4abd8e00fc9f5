"""Stop strings in streamed text."""

from typing import Final

from ossia.errors import InvalidRequest

_MOST: Final = 64
_LONGEST: Final = 4096
"""Characters of all stop strings together, with which each token is compared."""


class StopStrings:
    """Ends a text before the first stop string that is complete; of two that end together, before the longer one.

    Text that may be the beginning of a stop string is held back until that is decided. The total output does not depend
    on how the text is divided into pieces.
    """

    def __init__(self, stop: tuple[str, ...]) -> None:
        """Raises InvalidRequest for more stop strings than a text can be compared with while it is streamed."""
        if len(stop) > _MOST or sum(map(len, stop)) > _LONGEST:
            raise InvalidRequest(f"there may be {_MOST} stop strings, of {_LONGEST} characters together")
        self._stop = tuple(string for string in stop if string)
        self._held = ""
        self.met: str | None = None
        """The stop string that ended the text, if one did."""

    def feed(self, text: str) -> tuple[str, bool]:
        """Return the text that can be shown now, and True once a stop string was found, after which nothing follows."""
        if self.met is not None:
            return "", True
        self._held += text
        found = [(start + len(stop), start, stop) for stop in self._stop if (start := self._held.find(stop)) >= 0]
        if found:
            _, start, self.met = min(found)
            return self._release(start), True
        return self._release(len(self._held) - self._ambiguous()), False

    def finish(self) -> str:
        """Return the text that was held back, after the text has ended by itself."""
        return "" if self.met is not None else self._release(len(self._held))

    def _release(self, length: int) -> str:
        text, self._held = self._held[:length], self._held[length:]
        return text

    def _ambiguous(self) -> int:
        """Length of the longest suffix of the held text that is a prefix of a stop string."""
        return max((self._overlap(stop) for stop in self._stop), default=0)

    def _overlap(self, stop: str) -> int:
        """Length of the longest suffix of the held text that is a prefix of `stop`, but not all of it."""
        start = max(0, len(self._held) - len(stop) + 1) - 1
        while (start := self._held.find(stop[0], start + 1)) >= 0:
            if stop.startswith(self._held[start:]):
                return len(self._held) - start
        return 0
