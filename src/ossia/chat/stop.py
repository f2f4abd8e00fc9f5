"""Stop strings over text that comes in pieces."""


class StopStrings:
    """Ends a text before the stop string that is complete first; of two that end at one place, before the longer.

    Text that may be the beginning of a stop string is held back until it is known not to be. How the text is cut into
    pieces makes no difference to what comes out in all.
    """

    def __init__(self, stop: tuple[str, ...]) -> None:
        self._stop = tuple(string for string in stop if string)
        self._held = ""
        self.met: str | None = None
        """The stop string that has ended the text."""

    def feed(self, text: str) -> tuple[str, bool]:
        """The text that may be shown now, and whether a stop string was met: then nothing comes any more."""
        if self.met is not None:
            return "", True
        self._held += text
        found = [(start + len(stop), start, stop) for stop in self._stop if (start := self._held.find(stop)) >= 0]
        if found:
            _, start, self.met = min(found)
            return self._release(start), True
        return self._release(len(self._held) - self._ambiguous()), False

    def finish(self) -> str:
        """What was held back, when the text has ended by itself."""
        return "" if self.met is not None else self._release(len(self._held))

    def _release(self, length: int) -> str:
        text, self._held = self._held[:length], self._held[length:]
        return text

    def _ambiguous(self) -> int:
        """The length of the longest end of what is held that a stop string begins with."""
        longest = max(map(len, self._stop), default=1) - 1
        for length in range(min(longest, len(self._held)), 0, -1):
            if any(stop.startswith(self._held[-length:]) for stop in self._stop):
                return length
        return 0
