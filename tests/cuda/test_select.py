"""The search for the smallest key that is kept, against a sort."""

import numpy as np
import pytest
import torch

from ossia.engine.gpt_oss.cuda.kernels.select import TILE, select, select_slowly

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
ROWS = 6


def assert_same(keys: np.ndarray, weights: np.ndarray, targets: np.ndarray) -> None:
    given = [torch.from_numpy(array).to(DEVICE) for array in (keys, weights, targets)]
    assert select(*given).tolist() == select_slowly(*given).tolist()


@pytest.mark.parametrize("size", [1, 5, TILE + 3])
def test_a_mass_is_reached(size: int):
    random = np.random.default_rng(size)
    keys = random.standard_normal((ROWS, size)).astype(np.float32) * 10
    weights = random.random((ROWS, size)).astype(np.float32)
    assert_same(keys, weights, weights.sum(1, dtype=np.float64) * np.array([0, 1e-9, 0.3, 0.9, 1, np.inf]))


@pytest.mark.parametrize("count", [1, 7, TILE, 2 * TILE])
def test_a_number_is_reached_and_of_equal_keys_the_first_are_taken(count: int):
    keys = np.random.default_rng(count).integers(-2, 3, (ROWS, 2 * TILE)).astype(np.float32)
    keys[0] = -np.inf
    keys[1, ::2] = -0.0  # which is equal to zero
    assert_same(keys, np.ones_like(keys), np.full(ROWS, count, np.float64))
