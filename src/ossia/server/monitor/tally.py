"""Tallies: sums of what has ended, in plain numbers that are added to in no time. No Prometheus is known here.

One update of a counter of `prometheus_client` takes as long as all that is added here for a request.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from ossia.server.monitor.ended import Ended

_LATENCIES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
_GAPS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
_LONG = (0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)


class Distribution:
    """Number of values between bounds, and their sum. A value that equals a bound lies below it."""

    __slots__ = ("_bounds", "_counts", "sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def add(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self.sum += value

    def buckets(self) -> list[tuple[str, float]]:
        """Return how many values lie below each bound, the last of which is infinite, as Prometheus wants it."""
        names = (*map(str, self._bounds), "+Inf")
        return [(name, float(count)) for name, count in zip(names, accumulate(self._counts), strict=True)]


def latencies() -> Distribution:
    """Return an empty distribution of times that a person waits, in seconds."""
    return Distribution(_LATENCIES)


def durations() -> Distribution:
    """Return an empty distribution of times that loading and downloading take, in seconds."""
    return Distribution(_LONG)


class ModelTally:
    """Sums of the requests that one model has answered."""

    __slots__ = ("cached", "completion", "first_token", "gaps", "hits", "prompt", "prompts")

    def __init__(self) -> None:
        self.prompts = self.hits = 0
        self.prompt = self.completion = self.cached = 0  # tokens
        self.first_token, self.gaps = latencies(), Distribution(_GAPS)

    def add(self, ended: Ended) -> None:
        if usage := ended.usage:
            self.prompts += 1
            self.hits += usage.cached_tokens > 0
            self.prompt += usage.prompt_tokens
            self.completion += usage.completion_tokens
            self.cached += usage.cached_tokens
        if ended.first_token is not None:
            self.first_token.add(ended.first_token)
        for gap in ended.gaps:
            self.gaps.add(gap)
