"""Durations as Go writes them, which Ollama's settings and requests use, and limits. Knows no setting and no clock."""

import re

FOREVER = float("inf")
_LONGEST = 2**63 / 1e9  # seconds; longer durations do not fit into Go's type and count as for ever
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST_TEXT = 1000  # characters
_PART = r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)"  # micro sign and Greek mu are both in use


def parse_duration(value: str | float) -> float:
    """Return the seconds of a Go duration ("10m", "1h30m", "-1s", "0") or of a number; negative means for ever.

    Raises ValueError for anything else, including a bare number in a string, which has no unit.
    """
    seconds = value if isinstance(value, int | float) else _go_duration(value)
    return float(seconds) if 0 <= seconds < _LONGEST else FOREVER


def limit(seconds: float) -> float | None:
    """Return a limit of time; None for 0 and for ever, which both stand for none."""
    return seconds if 0 < seconds < FOREVER else None


def _go_duration(text: str) -> float:
    sign, unsigned = (text[0], text[1:]) if text.startswith(("+", "-")) else ("+", text)
    if unsigned == "0":
        return 0.0
    if len(text) > _LONGEST_TEXT or not re.fullmatch(f"(?:{_PART})+", unsigned):
        raise ValueError(f"{text[:100]!r} is not a duration such as 5m, 1h30m or 300s")
    seconds = sum(float(number) * _UNITS[unit] for number, unit in re.findall(_PART, unsigned))
    return -seconds if sign == "-" else seconds
