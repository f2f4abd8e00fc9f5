import numpy as np
import pytest
from numpy.random import Generator

from ossia import _cpu


@pytest.mark.parametrize("dim", [1, 7, 64, 100, 2880])
def test_rms_norm(isa: str, rng: Generator, dim: int) -> None:
    x = rng.standard_normal((5, dim), np.float32) * np.float32([[1e-4], [1], [3], [1e4], [0]])
    gain = rng.standard_normal(dim).astype(np.float32)
    out = np.empty_like(x)
    _cpu.rms_norm(x, gain, 1e-5, out)
    wide = x.astype(np.float64)
    expected = wide / np.sqrt((wide**2).mean(-1, keepdims=True) + 1e-5) * gain
    np.testing.assert_allclose(out, expected, rtol=2e-6)  # a few roundings of f32
    alone = np.empty((1, dim), np.float32)
    _cpu.rms_norm(x[2:3], gain, 1e-5, alone)
    np.testing.assert_array_equal(alone[0], out[2])


@pytest.mark.parametrize("dim", [2, 6, 32, 64, 80])
def test_rope_rotates_a_strided_view_in_place(isa: str, rng: Generator, dim: int) -> None:
    fused = rng.standard_normal((7, 6 * dim), np.float32)
    before = fused.copy()
    angle = rng.uniform(0, 6, (7, dim // 2))
    view = fused[:, dim : 4 * dim].reshape(7, 3, dim, copy=False)
    _cpu.rope(view, np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32))
    a, b = np.split(before[:, dim : 4 * dim].reshape(7, 3, dim).astype(np.float64), 2, -1)
    c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]
    expected = np.concatenate((a * c - b * s, b * c + a * s), -1)
    np.testing.assert_allclose(view, expected, atol=2e-6)  # |x| < 5: two products of 2^-24 each
    np.testing.assert_array_equal(fused[:, :dim], before[:, :dim])
    np.testing.assert_array_equal(fused[:, 4 * dim :], before[:, 4 * dim :])


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_store_kv_touches_its_slots_only(isa: str, rng: Generator, dtype: type) -> None:
    fused = rng.standard_normal((3, 100), np.float32)
    k, v = fused[:, 4:36].reshape(3, 2, 16, copy=False), fused[:, 36:68].reshape(3, 2, 16, copy=False)
    cache = np.full((5, 2, 2, 4, 16), 7, dtype)
    expected = cache.copy()
    slots = np.array([19, 0, 6], np.int64)
    _cpu.store_kv(k, v, cache, slots)
    for t, slot in enumerate(slots):
        expected[slot // 4, 0, :, slot % 4] = k[t].astype(dtype)
        expected[slot // 4, 1, :, slot % 4] = v[t].astype(dtype)
    np.testing.assert_array_equal(cache, expected)


def test_halves_round_to_nearest_even(isa: str, rng: Generator) -> None:
    """All exponents, subnormals, ties, overflow to infinity: as numpy rounds."""
    bits = rng.integers(0, 2**32, 16 * 500, np.uint32)
    ties = (np.arange(16 * 100, dtype=np.uint32) << 12) + 0x38000000
    special = np.float32(
        [0, -0.0, np.inf, -np.inf, 65504, 65519.9, 65520, 1e-8, 3e-8, 2**-25, 2**-24, 6.1e-5, 1, 2, 3, 4]
    )
    values = np.concatenate((bits.view(np.float32), ties.view(np.float32), special))
    values = np.where(np.isnan(values), np.float32(1), values).reshape(-1, 1, 16)
    cache = np.zeros((len(values), 2, 1, 1, 16), np.float16)
    _cpu.store_kv(values, values, cache, np.arange(len(values), dtype=np.int64))
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(cache[:, 0, 0, 0], values[:, 0].astype(np.float16))


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_route_takes_the_largest_and_the_lowest_index_of_equals(isa: str, rng: Generator, k: int) -> None:
    logits = rng.integers(-3, 3, (200, 32)).astype(np.float32)  # full of ties
    experts, weights = np.empty((200, k), np.int32), np.empty((200, k), np.float32)
    _cpu.route(logits, k, experts, weights)
    expected = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    np.testing.assert_array_equal(experts, expected)
    chosen = np.exp(np.take_along_axis(logits, expected, 1).astype(np.float64))
    np.testing.assert_allclose(weights, chosen / chosen.sum(1, keepdims=True), rtol=1e-6)


def test_route_of_huge_logits() -> None:
    logits = np.float32([[1e30, -1e30, 1e30, 5]])
    experts, weights = np.empty((1, 3), np.int32), np.empty((1, 3), np.float32)
    _cpu.route(logits, 3, experts, weights)
    np.testing.assert_array_equal(experts, [[0, 2, 3]])
    np.testing.assert_array_equal(weights, [[0.5, 0.5, 0]])
