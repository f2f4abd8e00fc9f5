"""Masks of grammars, made in other threads: those that one client's sequences want at the same time are made together.

Taken one by one, 32 short masks of a step cost more by their threads' turns at the interpreter than by all the parsing.
Together they are one piece of work, whose parsing is llguidance's own threads', without the interpreter. A client's
masks wait for each other's then, and for others' only while those are parsed, which PARSER_LIMITS bounds; and once
some took long together, each is made alone again.

It knows futures, clients and times. What a mask is made of, its constraint knows.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import cache, partial
from typing import Final, Protocol

import numpy as np
from llguidance import LLExecutor, LLMatcher
from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask_par

from ossia.engine.fair_threads import FairThreads
from ossia.engine.figures import masks
from ossia.engine.sequence import Words
from ossia.processors import num_processors

_MANY: Final = 8
"""Masks from which on several threads parse: to wake them takes as long as a few masks, which take 3 to 60 us each."""
_AT_ONCE: Final = 32
"""Masks that are parsed before any of them is handed out."""
_PARSERS: Final = min(8, num_processors() // 2)


class Maskable(Protocol):
    """A constraint as it is seen here. `words` is set by who made the mask, and nobody else looks at it before."""

    words: Future[Words]

    @property
    def vocab_size(self) -> int: ...

    def alone(self) -> Words:
        """Make the next mask in this thread."""
        ...

    def read(self) -> LLMatcher | None:
        """Read the ids that were sampled. Returns what makes the mask; None if the grammar can no longer do so."""
        ...

    def completed(self, allowed: Words | None, seconds: float) -> Words:
        """Return the mask, by the ids that the matcher allows; None without a matcher. Note how long that took."""
        ...


class MaskThreads:
    """So many threads that make masks."""

    def __init__(self, number: int) -> None:
        self._threads = FairThreads(number, "masks")
        self._wanted: dict[str, list[Maskable]] = {}
        self._lock = threading.Lock()

    def want(self, constraint: Maskable, client: str) -> None:
        """Set the constraint's `words` in another thread, with those of the client's that are not begun by then."""
        with self._lock:
            together = self._wanted.setdefault(client, [])
            together.append(constraint)
            is_first = len(together) == 1
        if is_first:
            self._threads.submit(client, 0, lambda: self._make(client))

    def _make(self, client: str) -> None:
        with self._lock:
            constraints = self._wanted.pop(client)
        try:
            make(constraints)
        except BaseException as error:  # nobody waits for ever
            for constraint in constraints:
                if not constraint.words.done():
                    constraint.words.set_exception(error)


def make(constraints: Sequence[Maskable]) -> None:
    """Make the masks of constraints with one vocabulary. Whatever happens to one, the others get theirs."""
    if len(constraints) < _MANY or _PARSERS < 2:
        for constraint in constraints:
            _settle(constraint.words, constraint.alone)
    else:
        for start in range(0, len(constraints), _AT_ONCE):
            _make_at_once(constraints[start : start + _AT_ONCE])


def _make_at_once(constraints: Sequence[Maskable]) -> None:
    began = time.monotonic()
    matchers = [_matcher(constraint) for constraint in constraints]
    rows = allocate_token_bitmask(len(matchers), constraints[0].vocab_size)
    if readable := [(each, row) for row, each in enumerate(matchers) if each]:  # llguidance refuses an empty list
        fill_next_token_bitmask_par(_executor(), readable, rows)
    seconds = time.monotonic() - began
    for constraint, matcher, row in zip(constraints, matchers, rows.view(np.uint32), strict=True):
        if not constraint.words.done():
            _settle(constraint.words, partial(constraint.completed, row if matcher else None, seconds))
    masks.add(seconds, len(constraints))


def _matcher(constraint: Maskable) -> LLMatcher | None:
    try:
        return constraint.read()
    except BaseException as error:
        constraint.words.set_exception(error)
        return None


def _settle(words: Future[Words], make: Callable[[], Words]) -> None:
    try:
        words.set_result(make())
    except BaseException as error:
        words.set_exception(error)


@cache
def _executor() -> LLExecutor:
    return LLExecutor(num_threads=_PARSERS)
