"""Times of day that follow from other times, for results that must agree with what was asked."""


def later(clock: str, minutes: int) -> str:
    """Time of day `minutes` after `clock`, both "HH:MM"; a negative number goes back."""
    hours, minute = map(int, clock.split(":"))
    total = (hours * 60 + minute + minutes) % (24 * 60)
    return f"{total // 60:02}:{total % 60:02}"
