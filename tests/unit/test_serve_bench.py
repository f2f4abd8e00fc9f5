"""The statistics of bench/serve.py."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "bench"))

from serve import interval


@pytest.mark.parametrize(
    ("count", "low", "high"), [(1, 0, 0), (5, 0, 4), (6, 0, 5), (9, 1, 7), (20, 5, 14), (100, 39, 60)]
)
def test_the_interval_of_a_median_is_that_of_the_tables(count: int, low: int, high: int) -> None:
    """Ranks from tables of the sign test for 95 %."""
    assert interval([float(value) for value in reversed(range(count))]) == (low, high)
