"""Sizes that launches are made of."""


def power_of_two_at_least(n: int) -> int:
    return 1 << max(n - 1, 0).bit_length()


def chunks_of(length: int, longest: int, unit: int) -> int:
    """The fewest equal pieces of `length` that are no longer than `longest` and whole multiples of `unit`."""
    count = -(-length // longest)
    while length % (count * unit):
        count += 1
    return count


def largest_divisor(length: int, most: int) -> int:
    """The largest number, at most `most`, that divides the length; 1 at the least."""
    return next(n for n in range(max(1, most), 0, -1) if length % n == 0)
