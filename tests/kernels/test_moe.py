from dataclasses import dataclass

import numpy as np
import pytest
from numpy.random import Generator

from ossia import _cpu
from tests.kernels import oracle
from tests.kernels.oracle import BLOCK_KINDS, F32, F64, Weights

LIMIT, ALPHA = 7.0, 1.702


@dataclass
class Layer:
    gate: Weights
    up: Weights
    down: Weights
    gate_bias: F32
    up_bias: F32
    down_bias: F32

    @classmethod
    def random(cls, rng: Generator, kind: str, experts: int, dim: int, inner: int) -> "Layer":
        gate, up = oracle.interleaved(rng, kind, experts * inner, dim)
        down = oracle.weights(rng, kind, experts * dim, inner)
        shapes = (experts, inner), (experts, inner), (experts, dim)
        return cls(gate, up, down, *(rng.standard_normal(s).astype(np.float32) for s in shapes))

    def run(self, x: F32, experts: np.ndarray, weights: F32, *, exact: bool) -> F32:
        out = np.full_like(x, np.nan)
        matrices = self.gate.matrix, self.up.matrix, self.down.matrix
        _cpu.moe(x, experts, weights, *matrices, self.gate_bias, self.up_bias, self.down_bias, LIMIT, ALPHA, out, exact)
        return out

    def expected(self, x: F32, experts: np.ndarray, weights: F32, *, int8: bool) -> F64:
        dim, inner = x.shape[1], self.gate_bias.shape[1]
        out = np.zeros(x.shape)
        for t, e, weight in zip(np.repeat(range(len(x)), experts.shape[1]), experts.flat, weights.flat, strict=True):
            seen = oracle.quantized(x[t : t + 1])[0] if int8 else x[t].astype(np.float64)
            rows, columns = slice(e * inner, (e + 1) * inner), slice(e * dim, (e + 1) * dim)
            gate = self.gate.values[rows] @ seen + self.gate_bias[e]
            up = self.up.values[rows] @ seen + self.up_bias[e]
            hidden = oracle.swiglu(gate, up, LIMIT, ALPHA)
            if int8:
                hidden = oracle.quantized(hidden.astype(np.float32)[None])[0]
            out[t] += weight * (self.down.values[columns] @ hidden + self.down_bias[e])
        return out


def choose(rng: Generator, tokens: int, experts: int, k: int) -> tuple[np.ndarray, F32]:
    chosen = np.stack([rng.permutation(experts)[:k] for _ in range(tokens)]).astype(np.int32)
    weights = rng.dirichlet(np.ones(k), tokens).astype(np.float32)
    return chosen, weights


@pytest.mark.parametrize("kind", ["bf16", *BLOCK_KINDS])
@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize(("tokens", "k"), [(1, 4), (2, 1), (3, 2), (7, 3), (8, 4), (33, 4), (130, 2)])
def test_against_float64(isa: str, rng: Generator, kind: str, exact: bool, tokens: int, k: int) -> None:
    """Eight experts, of which the last is never chosen."""
    layer = Layer.random(rng, kind, 8, 64, 96)
    x = rng.standard_normal((tokens, 64), np.float32)
    experts, weights = choose(rng, tokens, 7, k)
    int8 = not exact and kind in BLOCK_KINDS
    expected = layer.expected(x, experts, weights, int8=int8)
    size = np.abs(expected).max()
    # f32 sums agree to 1e-5. A hidden value on the edge between two int8 steps may fall to the other side: one step
    # is 1/127 of its block's largest. bf16 activations are good to 2^-8.
    tolerance = 1e-5 if exact else 1e-2
    out = layer.run(x, experts, weights, exact=exact)
    assert np.abs(out - expected).max() <= tolerance * size
    assert np.median(np.abs(out - expected)) <= (2e-3 if kind == "bf16" else 1e-5) * size


@pytest.mark.parametrize("kind", ["f32", *BLOCK_KINDS])
def test_exact_is_the_same_alone_and_in_any_batch(isa: str, rng: Generator, kind: str) -> None:
    layer = Layer.random(rng, kind, 6, 96, 64)
    x = rng.standard_normal((40, 96), np.float32)
    experts, weights = choose(rng, 40, 6, 3)
    whole = layer.run(x, experts, weights, exact=True)
    for threads in (1, 2, 5):
        _cpu.set_threads(threads)
        for first, last in ((0, 1), (39, 40), (5, 12), (0, 40)):
            part = layer.run(x[first:last], experts[first:last], weights[first:last], exact=True)
            np.testing.assert_array_equal(part, whole[first:last])


def test_the_order_of_a_tokens_experts_does_not_matter(isa: str, rng: Generator) -> None:
    layer = Layer.random(rng, "mxfp4", 6, 64, 64)
    x = rng.standard_normal((3, 64), np.float32)
    experts, weights = choose(rng, 3, 6, 4)
    turned = layer.run(x, experts[:, ::-1].copy(), weights[:, ::-1].copy(), exact=True)
    np.testing.assert_array_equal(layer.run(x, experts, weights, exact=True), turned)


def test_the_clamps_hold(isa: str, rng: Generator) -> None:
    """Biases of +-1000 drive gate and up far beyond the limit on both sides."""
    layer = Layer.random(rng, "f32", 2, 32, 32)
    layer.gate_bias[:] = np.where(np.arange(32) % 2, 1000, -1000)
    layer.up_bias[:] = np.where(np.arange(32) % 4 < 2, 1000, -1000)
    x = rng.standard_normal((2, 32), np.float32)
    experts, weights = choose(rng, 2, 2, 1)
    expected = layer.expected(x, experts, weights, int8=False)
    np.testing.assert_allclose(layer.run(x, experts, weights, exact=True), expected, rtol=1e-5, atol=1e-3)
