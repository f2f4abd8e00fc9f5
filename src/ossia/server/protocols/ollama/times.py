"""Times and durations in the form of Ollama's API."""

from datetime import UTC, datetime
from functools import lru_cache


def timestamp(nanoseconds: int) -> str:
    """Format nanoseconds since the epoch by RFC 3339, in UTC."""
    seconds, fraction = divmod(nanoseconds, 10**9)
    return f"{_to_the_second(seconds)}.{fraction:09d}Z"


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def nanoseconds(seconds: float) -> int:
    """Convert a duration to nanoseconds, at least 1, since clients divide by it."""
    return max(round(seconds * 1e9), 1)


@lru_cache(maxsize=4)
def _to_the_second(seconds: int) -> str:
    """Format a time without the fraction. Cached, because every line of every stream has one."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"
