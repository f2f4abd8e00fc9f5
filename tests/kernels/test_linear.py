import numpy as np
import pytest
from numpy.random import Generator

from ossia import _cpu
from tests.kernels.oracle import BLOCK_KINDS, E2M1, F32, KINDS, Weights, decode, encode, quantized, weights

TOKENS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 33, 130)


def linear(x: F32, parts: list[Weights], biases: list[F32 | None] | None = None, *, exact: bool) -> F32:
    out = np.full((len(x), sum(p.matrix.rows for p in parts)), np.nan, np.float32)
    _cpu.linear(x, [p.matrix for p in parts], biases or [None] * len(parts), out, exact)
    return out


def check(x: F32, w: Weights, *, exact: bool) -> None:
    """Against float64, with a bound on the rounding of sums of this size."""
    seen = x.astype(np.float64)
    relative = 2e-6  # f32 sums of up to 2880 products in at least 8 lanes
    if not exact and w.matrix.kind in BLOCK_KINDS:
        seen = quantized(x)
    elif not exact and w.matrix.kind == "bf16" and len(x) >= 8:
        relative = 2**-8  # activations may be rounded to bf16
    expected = seen @ w.values.T
    bound = np.abs(seen) @ np.abs(w.values).T
    error = np.abs(linear(x, [w], exact=exact) - expected)
    assert (error <= relative * bound + 1e-30).all(), (error / bound).max()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize(("rows", "cols"), [(1, 32), (7, 64), (37, 96), (50, 128), (64, 160), (66, 224), (16, 2880)])
def test_every_kind_and_shape(isa: str, rng: Generator, kind: str, exact: bool, rows: int, cols: int) -> None:
    w = weights(rng, kind, rows, cols)
    for tokens in TOKENS:
        check(rng.standard_normal((tokens, cols), np.float32), w, exact=exact)


@pytest.mark.parametrize("kind", ["f32", "f16", "bf16"])
@pytest.mark.parametrize("cols", [1, 5, 31, 33, 50, 100])
def test_plain_kinds_take_any_number_of_columns(isa: str, rng: Generator, kind: str, cols: int) -> None:
    w = weights(rng, kind, 9, cols)
    for tokens in (1, 5, 9):
        check(rng.standard_normal((tokens, cols), np.float32), w, exact=False)


def test_projections_beside_each_other_with_biases(isa: str, rng: Generator) -> None:
    x = rng.standard_normal((6, 64), np.float32)
    parts = [weights(rng, kind, rows, 64) for kind, rows in (("q8_0", 40), ("q8_0", 8), ("mxfp4", 3), ("bf16", 5))]
    bias = rng.standard_normal(8).astype(np.float32)
    fused = linear(x, parts, [None, bias, None, None], exact=False)
    apart = np.concatenate([linear(x, [p], exact=False) for p in parts], 1)
    apart[:, 40:48] += bias
    np.testing.assert_array_equal(fused, apart)


@pytest.mark.parametrize("kind", BLOCK_KINDS)
def test_activations_of_every_size(isa: str, rng: Generator, kind: str) -> None:
    """Blocks of zeros, tiny and huge blocks, and the extremes +-127 in every place, next to each other."""
    x = np.repeat(np.float32([0, 1, -1, 1e-20, 1e20, -1, 0]), 32)[None] * np.ones((12, 1), np.float32)
    check(x, weights(rng, kind, 33, x.shape[1]), exact=False)


def test_extreme_q8_0_weights_do_not_overflow(isa: str) -> None:
    """-128 * 127 in every product: the worst case of 16-bit partial sums."""
    for value in (-128, 127):
        data = np.full((32, 2, 34), value, np.int8).view(np.uint8)
        data[..., :2] = np.float16([1]).view(np.uint8)
        data = data.reshape(32, -1)
        w = Weights(_cpu.Matrix(data, "q8_0", 64), data, decode("q8_0", data))
        for tokens in (1, 2, 9):
            check(np.ones((tokens, 64), np.float32), w, exact=False)
            check(-np.ones((tokens, 64), np.float32), w, exact=False)


def test_tiny_mxfp4_scales_are_nothing_beside_others(isa: str, rng: Generator) -> None:
    """int8 products may add exponents instead of multiplying scales: bytes from 0 up must not wrap around."""
    data = encode(rng, "mxfp4", 40, 256).reshape(40, 8, 17)
    data[..., 0] = [0, 1, 2, 30, 69, 70, 127, 127]
    data = data.reshape(40, -1)
    w = Weights(_cpu.Matrix(data, "mxfp4", 256), data, decode("mxfp4", data))
    for size in (1e-15, 1, 1e6):
        for tokens in (1, 3, 9):
            check(rng.standard_normal((tokens, 256), np.float32) * np.float32(size), w, exact=False)


@pytest.mark.parametrize("kind", ["mxfp4", "mxfp4_openai"])
@pytest.mark.parametrize("scale", [0, 1, 2, 120, 127, 130, 252, 254])
def test_every_mxfp4_code_is_exact(isa: str, kind: str, scale: int) -> None:
    codes = np.arange(16, dtype=np.uint8)
    block = np.concatenate(([scale], codes | codes[::-1] << 4)).astype(np.uint8)[None]
    values = (E2M1[codes], E2M1[codes[::-1]])
    order = np.concatenate(values) if kind == "mxfp4" else np.stack(values, 1).ravel()
    with np.errstate(over="ignore"):  # 6 * 2^127 is infinite
        expected = np.ldexp(order, scale - 127).astype(np.float32)[None]
    matrix = _cpu.Matrix(block, kind, 32)
    out = np.empty((1, 32), np.float32)
    _cpu.embed(matrix, np.zeros(1, np.int32), out)
    np.testing.assert_array_equal(out, expected)
    if np.isinf(expected).any():
        return
    column = np.empty((32, 1), np.float32)
    _cpu.linear(np.eye(32, dtype=np.float32), [matrix], [None], column, True)
    np.testing.assert_array_equal(column.T, expected)


@pytest.mark.parametrize("kind", KINDS)
def test_embed_is_exact(isa: str, rng: Generator, kind: str) -> None:
    w = weights(rng, kind, 20, 96)
    ids = np.array([3, 19, 0, 3], np.int32)
    out = np.empty((4, 96), np.float32)
    _cpu.embed(w.matrix, ids, out)
    np.testing.assert_array_equal(out, w.values[ids].astype(np.float32))


@pytest.mark.parametrize("value", ["subnormal", "largest", "infinite"])
def test_embed_of_unusual_halves(isa: str, value: str) -> None:
    half = np.float16({"subnormal": 3e-7, "largest": 65504, "infinite": np.inf}[value])
    data = np.full((1, 32), half).view(np.uint8)
    out = np.empty((1, 32), np.float32)
    _cpu.embed(_cpu.Matrix(data, "f16", 32), np.zeros(1, np.int32), out)
    np.testing.assert_array_equal(out, np.float32(half))


@pytest.mark.parametrize("kind", KINDS)
def test_exact_is_the_same_alone_and_in_any_batch(isa: str, rng: Generator, kind: str) -> None:
    w = weights(rng, kind, 45, 160)
    x = rng.standard_normal((37, 160), np.float32)
    whole = linear(x, [w], exact=True)
    for threads in (1, 2, 5):
        _cpu.set_threads(threads)
        for first, last in ((0, 1), (36, 37), (3, 5), (1, 10), (0, 37)):
            np.testing.assert_array_equal(linear(x[first:last], [w], exact=True), whole[first:last])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tokens", [1, 9])
def test_threads_do_not_change_a_bit(isa: str, rng: Generator, kind: str, tokens: int) -> None:
    w = weights(rng, kind, 333, 96)
    x = rng.standard_normal((tokens, 96), np.float32)
    results = []
    for threads in (1, 2, 7):
        _cpu.set_threads(threads)
        results.append(linear(x, [w], exact=False))
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])


def test_rows_may_lie_apart(isa: str, rng: Generator) -> None:
    data = encode(rng, "mxfp4", 80, 96)
    x = rng.standard_normal((9, 96), np.float32)
    for part in (data[1::2], data[::3], data[5:]):
        w = Weights(_cpu.Matrix(part, "mxfp4", 96), part, decode("mxfp4", part))
        check(x, w, exact=False)
        check(x[:1], w, exact=False)
        check(x, w, exact=True)
