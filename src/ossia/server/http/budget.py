"""Budget: the memory that large requests share while they are answered, and who makes room when it is full.

Room is made by the client that has most of it, if that is not the one who needs some: its body that has stalled for
longest goes first, then the latest of its requests. Otherwise it is made by the body of anybody that has stalled for
longest. So clients that stall take nothing from those that send, and one that sends much takes nothing from others.
"""

from collections import Counter
from collections.abc import Callable
from math import inf
from typing import Final, Protocol

from ossia.errors import ServerBusy

SMALL: Final = 64 << 10
"""Bytes of requests that are not counted."""

_COMMA: Final = 40
_BRACKET: Final = 240
"""Bytes that a decoded value takes: a number or a short text, and a list or an object."""


def num_values(data: bytes | bytearray) -> tuple[int, int]:
    """Return how many commas and how many opening brackets JSON has, in texts too."""
    return data.count(b","), data.count(b"[") + data.count(b"{")


def weight(data: bytes | bytearray) -> int:
    """Return about how many bytes of memory JSON takes once it is decoded: its own, or those of many small values."""
    commas, brackets = num_values(data)
    return max(len(data), _COMMA * commas + _BRACKET * brackets)


class Arriving(Protocol):
    """A body on its way in, of which the next piece is late at the `deadline`."""

    deadline: float

    def crowd_out(self) -> None: ...


class Claim:
    """Memory that one request of a client takes of the budget, until it is released as often as it is held."""

    def __init__(self, budget: "Budget", client: str) -> None:
        self.client = client
        self.size = 0
        self.arriving: Arriving | None = None
        self.cancel: Callable[[], object] | None = None
        """Ends the work on the request, if that may be ended."""
        self.crowded_out = False
        """True once it was made to give way to another."""
        self._budget = budget
        self._holders = 1

    def charge(self, size: int) -> None:
        """Set the number of bytes. Raises ServerBusy if there is no room for them."""
        self.size = size
        if size > SMALL:
            self._budget.charge(self)
        else:
            self._budget.discard(self)

    def take(self, size: int) -> None:
        """Take so many bytes more. Raises ServerBusy if there is no room for them."""
        self.charge(self.size + size)

    def hold(self) -> None:
        """Keep the memory for one more `release`, for work that outlives its reply."""
        self._holders += 1

    def release(self) -> None:
        self._holders -= 1
        if not self._holders:
            self._budget.discard(self)
            self.cancel = None  # which leads to all of the request

    @property
    def deadline(self) -> float:
        return inf if self.arriving is None else self.arriving.deadline

    @property
    def may_go(self) -> bool:
        return self.arriving is not None or self.cancel is not None

    def crowd_out(self) -> None:
        """End the request, in favour of others."""
        self.crowded_out = True
        if self.arriving is not None:
            self.arriving.crowd_out()
        elif self.cancel is not None:
            self.cancel()


class Budget:
    """So many bytes for all requests together."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._claims: dict[Claim, None] = {}  # in the order in which they came

    def charge(self, claim: Claim) -> None:
        """Count a claim, as large as it is now. Raises ServerBusy if nobody makes room for it. One alone has room."""
        self._claims[claim] = None
        while len(self._claims) > 1 and sum(each.size for each in self._claims) > self._size:
            other = self._least_needed(claim)
            if other is None:
                raise crowded()
            self.discard(other)
            other.crowd_out()

    def discard(self, claim: Claim) -> None:
        self._claims.pop(claim, None)

    def _least_needed(self, claim: Claim) -> Claim | None:
        """Return the claim that makes room for another; None if that one has to go itself."""
        taken = Counter[str]()
        for each in self._claims:
            taken[each.client] += each.size
        most = max(taken, key=taken.__getitem__)
        if taken[most] > taken[claim.client]:
            theirs = [each for each in self._claims if each.client == most and each.may_go]
            if theirs:
                return min(reversed(theirs), key=lambda each: each.deadline)
        slowest = min(self._claims, key=lambda each: each.deadline)
        return None if slowest is claim or slowest.arriving is None else slowest


def crowded() -> ServerBusy:
    return ServerBusy("too many large requests at one time", hint="try again later, or send less at once")
