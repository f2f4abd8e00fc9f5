"""The kernels that draw, against their reference in torch."""

import numpy as np
import pytest
import torch

from ossia.engine.gpt_oss.cuda.kernels.draw import BROKEN, TILE, DrawKernels, draw_slowly

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def arguments(rows: int, vocab_size: int, temperatures: list[float], seed: int = 0):
    random = np.random.default_rng(seed)
    logits = torch.from_numpy(random.standard_normal((rows, vocab_size)).astype(np.float32) * 3)
    temperature = torch.tensor((temperatures * rows)[:rows], dtype=torch.float32)
    u = torch.from_numpy(random.random(rows))
    slots = torch.full((rows,), -1, dtype=torch.int32)
    words = torch.from_numpy(random.integers(-(2**31), 2**31, (rows, -(-vocab_size // 32))).astype(np.int32))
    return [tensor.to(DEVICE) for tensor in (logits, temperature, u, slots, words)]


def drawn(given) -> list[int]:
    out = torch.full((len(given[0]),), -7, dtype=torch.int32, device=DEVICE)
    rows = torch.arange(len(out), dtype=torch.int32, device=DEVICE).flip(0)
    latest = torch.full((len(out) + 1,), -7, dtype=torch.int32, device=DEVICE)
    DrawKernels(len(out), given[0].shape[1], DEVICE)(*given, out, rows, latest)
    assert latest.tolist() == [*out.clamp(min=0).flip(0).tolist(), -7]
    return out.tolist()


@pytest.mark.parametrize("vocab_size", [5, TILE, TILE + 1, 3 * TILE + 77])
@pytest.mark.parametrize("masked", [False, True])
def test_ids_are_the_references(vocab_size: int, masked: bool):
    given = arguments(24, vocab_size, [1.0, 0.0, 0.3, 1e30])
    if masked:
        given[3] = torch.arange(24, dtype=torch.int32, device=DEVICE).flip(0)
        given[4] |= 1  # somebody is always allowed
    assert drawn(given) == draw_slowly(*given).tolist()


@pytest.mark.parametrize("u", [0.0, 1 - 2**-53])
def test_the_ends_of_the_random_number(u: float):
    given = arguments(2, 2 * TILE, [1.0])
    given[0][:, :3] = given[0][:, -3:] = -torch.inf
    given[2][:] = u
    assert drawn(given) == draw_slowly(*given).tolist()


def test_of_equal_logits_the_lowest_id_is_the_greedy_one():
    given = arguments(1, 3 * TILE, [0.0])
    given[0][0, [TILE - 1, TILE, 2 * TILE + 5]] = 99.0
    assert drawn(given) == [TILE - 1]


@pytest.mark.filterwarnings("ignore:invalid value encountered")  # of the interpreter's numpy
@pytest.mark.parametrize("value", [torch.nan, torch.inf])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_a_row_that_is_not_numbers_breaks_alone(value: float, temperature: float):
    given = arguments(3, 2 * TILE, [temperature])
    given[0][1, TILE + 3] = value
    found = drawn(given)
    assert found == draw_slowly(*given).tolist()
    assert [token == BROKEN for token in found] == [False, True, False]


def test_padded_rows_of_logits():
    """Rows may lie further apart than they are long."""
    given = arguments(3, TILE + 9, [1.0])
    wide = torch.full((3, TILE + 64), 50.0, device=DEVICE)
    wide[:, : TILE + 9] = given[0]
    expected = drawn(given)
    given[0] = wide[:, : TILE + 9]
    assert drawn(given) == expected
