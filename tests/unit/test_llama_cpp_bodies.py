"""Fields of requests to llama.cpp, which allocates what it is asked for."""

import pytest

from ossia.engine.llama_cpp.bodies import sampling
from ossia.types import SamplingParams


@pytest.mark.parametrize(
    ("asked", "sent"), [(0, 0), (64, 64), (-1, 4096), (4096, 4096), (4097, 4096), (2**31 - 1, 4096), (2**62, 4096)]
)
def test_the_window_of_penalties_is_no_longer_than_the_context(asked: int, sent: int) -> None:
    assert sampling(SamplingParams(repeat_last_n=asked), 9, 4096)["repeat_last_n"] == sent
