"""Figures: counts of a model's process, for metrics and for whoever looks at the server.

They are counted once a step or once a mask, and read by another thread at any time. They say how much was done, and
nothing of what: no id, no text, no client.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec

BATCH_BOUNDS: Final = (1, 2, 4, 8, 16, 32, 64, 128)
"""Upper bounds of the buckets in which steps are counted by their sequences; one more bucket has no bound."""
WINDOW: Final = 5
"""Whole seconds of which the present speed is the mean."""


class Tally:
    """Number of some things, and the seconds that they took together."""

    def __init__(self) -> None:
        self.count, self.seconds = 0, 0.0
        self._lock = threading.Lock()

    def add(self, seconds: float, count: int = 1) -> None:
        with self._lock:
            self.count += count
            self.seconds += seconds


compilations: Final = Tally()
"""Grammars that this process compiled."""
masks: Final = Tally()
"""Masks of grammars that this process computed."""


class Figures(msgspec.Struct, frozen=True):
    """Counts of a model's process since its start, and its state now. The default is that of an engine that has none.

    `steps` counts batches by their sequences, in the buckets of BATCH_BOUNDS; `batched` are all of these sequences
    together. Blocks of the KV cache are used, cached or free; `blocks` are all of them.
    """

    running: int = 0
    waiting: int = 0
    blocks: int = 0
    blocks_used: int = 0
    blocks_cached: int = 0
    preemptions: int = 0
    sampled: int = 0
    tokens_per_second: float = 0.0
    steps: tuple[int, ...] = (0,) * (len(BATCH_BOUNDS) + 1)
    batched: int = 0
    compiled: int = 0
    compile_seconds: float = 0.0
    masked: int = 0
    mask_seconds: float = 0.0


class Activity:
    """Steps of an engine, counted by the thread that makes them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.sampled = self.batched = 0
        self.steps = [0] * (len(BATCH_BOUNDS) + 1)
        self._clock = clock
        self._recent: deque[tuple[int, int]] = deque(maxlen=WINDOW + 1)
        """Seconds in which ids were sampled, and how many."""

    def launched(self, sequences: int) -> None:
        """Count a step with so many sequences."""
        self.batched += sequences
        self.steps[sum(sequences > bound for bound in BATCH_BOUNDS)] += 1

    def collected(self, sampled: int) -> None:
        """Count ids that were sampled now."""
        self.sampled += sampled
        second = int(self._clock())
        if self._recent and self._recent[-1][0] == second:
            sampled += self._recent.pop()[1]
        self._recent.append((second, sampled))

    def figures(self, running: int) -> Figures:
        """Return what is known of an engine whose process tells no more."""
        return Figures(running=running, sampled=self.sampled, tokens_per_second=self.tokens_per_second)

    @property
    def tokens_per_second(self) -> float:
        """Speed in the last WINDOW whole seconds."""
        now = int(self._clock())
        return sum(count for second, count in tuple(self._recent) if now - WINDOW <= second < now) / WINDOW
