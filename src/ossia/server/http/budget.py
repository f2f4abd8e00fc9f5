"""Budget: the memory that large requests share while they are answered, and who makes room when it is full.

Room is made by the client that has most of it, if that is not the one who needs some: its body that has been silent for
longest goes first, then the latest of its requests. Otherwise it is made by the body that has stalled for longest,
whoever sends it, or else by a body that the one who needs room is sending, too; if there is none, that one is refused.
So clients that stall take nothing from those that send, and one that sends much takes nothing from others who send.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from ossia.errors import ServerBusy

SMALL: Final = 64 << 10
"""Bytes of requests that are not counted."""

STALLED: Final = 1.0
"""Seconds of silence after which a body has stalled."""

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
    """A body on its way in."""

    @property
    def silent(self) -> float:
        """Seconds since its client was last heard."""
        ...

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
    def silent(self) -> float:
        """Seconds since the client was last heard in the middle of its body, -1 if that is here."""
        return -1.0 if self.arriving is None else self.arriving.silent

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
        self._claims: dict[Claim, int] = {}  # each with its size, in the order in which they came
        self._total = 0
        self._taken = Counter[str]()  # by each client

    def charge(self, claim: Claim) -> None:
        """Count a claim, as large as it is now. Raises ServerBusy if nobody makes room for it. One alone has room."""
        self._count(claim, claim.size - self._claims.get(claim, 0))
        self._claims[claim] = claim.size
        others = self._least_needed(claim)
        while len(self._claims) > 1 and self._total > self._size:
            other = next(others, None)
            if other is None:
                self.discard(claim)
                raise crowded()
            self.discard(other)
            other.crowd_out()

    def discard(self, claim: Claim) -> None:
        self._count(claim, -self._claims.pop(claim, 0))
        if not self._taken[claim.client]:
            del self._taken[claim.client]

    def _count(self, claim: Claim, more: int) -> None:
        self._total += more
        self._taken[claim.client] += more

    def _least_needed(self, claim: Claim) -> Iterator[Claim]:
        """Yield the claims that make room for another, each of which is discarded before the next one is asked for."""
        ranked = sorted(self._claims, key=lambda each: each.silent)
        theirs = defaultdict[str, list[Claim]](list)
        for each in ranked:
            if each.may_go:
                theirs[each.client].append(each)
        while self._taken[most := max(self._taken, key=self._taken.__getitem__)] > self._taken[claim.client]:
            if not theirs[most]:
                break
            yield theirs[most].pop()
        for each in reversed(ranked):
            allowed = 0 if each.client == claim.client else STALLED
            if each is not claim and each in self._claims and each.silent >= allowed:
                yield each


def crowded() -> ServerBusy:
    return ServerBusy("too many large requests at one time", hint="try again later, or send less at once")
