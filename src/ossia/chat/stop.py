"""Stop strings in streamed text."""


class StopStrings:
    """Ends a text before the first stop string that is complete; of two that end together, before the longer one.

    Text that may be the beginning of a stop string is held back until that is decided. The total output does not depend
    on how the text is divided into pieces.
    """

    def __init__(self, stop: tuple[str, ...]) -> None:
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
        longest = max(map(len, self._stop), default=1) - 1
        for length in range(min(longest, len(self._held)), 0, -1):
            if any(stop.startswith(self._held[-length:]) for stop in self._stop):
                return length
        return 0
