"""Moments and durations as Ollama's API writes them."""

from datetime import UTC, datetime
from functools import lru_cache


def timestamp(nanoseconds: int) -> str:
    """Time since the epoch in RFC 3339, UTC, with nanoseconds."""
    seconds, fraction = divmod(nanoseconds, 10**9)
    return f"{_to_the_second(seconds)}.{fraction:09d}Z"


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def nanoseconds(seconds: float) -> int:
    """A duration of at least 1: clients divide by it."""
    return max(round(seconds * 1e9), 1)


@lru_cache(maxsize=4)
def _to_the_second(seconds: int) -> str:
    """Kept, because every line of every stream has one."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"
