from dataclasses import dataclass

import numpy as np
import pytest
from numpy.random import Generator

from ossia import _cpu
from tests.kernels import oracle
from tests.kernels.oracle import F32, F64


@dataclass
class Sequences:
    """Several sequences in one paged cache whose blocks are shuffled; the unused blocks hold NaN."""

    k: list[F64]  # [context, KV, hd] as the cache holds them
    v: list[F64]
    cache: np.ndarray
    tables: np.ndarray

    @classmethod
    def random(
        cls, rng: Generator, lengths: list[int], kv_heads: int, dim: int, dtype: type, block: int
    ) -> "Sequences":
        """`lengths`: the context of each."""
        counts = [-(-n // block) for n in lengths]
        order = rng.permutation(sum(counts) + 3)
        cache = np.full((len(order), 2, kv_heads, block, dim), np.nan, dtype)
        tables = np.full((len(lengths), max(counts) + 1), -1, np.int32)
        keys, values, used = [], [], 0
        for s, (length, count) in enumerate(zip(lengths, counts, strict=True)):
            tables[s, :count] = order[used : used + count]
            used += count
            k, v = (rng.standard_normal((length, kv_heads, dim), np.float32) for _ in "kv")
            slots = tables[s, np.arange(length) // block].astype(np.int64) * block + np.arange(length) % block
            _cpu.store_kv(k, v, cache, slots)
            keys.append(k.astype(dtype).astype(np.float64))
            values.append(v.astype(dtype).astype(np.float64))
        return cls(keys, values, cache, tables)

    def attend(self, q: F32, counts: list[int], contexts: list[int], sinks: F32, window: int) -> F32:
        out = np.full((len(q), q.shape[1] * q.shape[2]), np.nan, np.float32)
        start = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
        _cpu.attention(q, self.cache, self.tables, start, np.array(contexts, np.int32), sinks, window, 0.3, out)
        return out


CASES = [
    # heads, kv heads, head dim, block size, contexts, queries of each
    (8, 1, 64, 16, [1], [1]),
    (8, 2, 64, 16, [300], [300]),
    (4, 4, 32, 32, [129, 5, 700], [1, 5, 30]),
    (16, 2, 64, 64, [257, 128, 1, 40], [17, 128, 1, 0]),
    (6, 2, 48, 7, [131, 60], [3, 60]),
    (3, 1, 16, 1, [20], [4]),
]


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("window", [0, 1, 16, 128])
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_against_float64(isa: str, rng: Generator, case: tuple, window: int, dtype: type) -> None:
    heads, kv_heads, dim, block, contexts, counts = case
    sequences = Sequences.random(rng, contexts, kv_heads, dim, dtype, block)
    fused = rng.standard_normal((sum(counts), heads + 3, dim), np.float32)
    q = fused[:, 1 : heads + 1]
    sinks = rng.standard_normal(heads).astype(np.float32)
    sinks[:2] = (1e4, -1e4)[: len(sinks[:2])]
    out = sequences.attend(q, counts, contexts, sinks, window).reshape(-1, heads, dim)
    at = 0
    for s, count in enumerate(counts):
        mine = q[at : at + count].astype(np.float64)
        expected = oracle.attention(mine, sequences.k[s], sequences.v[s], sinks, window, 0.3)
        # Convex combinations of values below 5; the scores, up to about 10, carry f32 errors of some 2e-6.
        np.testing.assert_allclose(out[at : at + count], expected, atol=2e-5)
        at += count


def test_a_large_sink_takes_all_and_a_small_one_nothing(isa: str, rng: Generator) -> None:
    sequences = Sequences.random(rng, [50], 1, 32, np.float32, 16)
    q = rng.standard_normal((1, 2, 32), np.float32)
    out = sequences.attend(q, [1], [50], np.float32([1e4, -1e4]), 0).reshape(2, 32)
    np.testing.assert_array_equal(out[0], 0)
    scores = sequences.k[0][:, 0] @ q[0, 1] * 0.3
    p = np.exp(scores - scores.max())
    np.testing.assert_allclose(out[1], p @ sequences.v[0][:, 0] / p.sum(), atol=1e-5)


@pytest.mark.parametrize("window", [0, 128, 50])
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_chunks_decode_and_threads_give_the_same_bits(isa: str, rng: Generator, window: int, dtype: type) -> None:
    length, heads = 421, 8
    sequences = Sequences.random(rng, [length], 2, 64, dtype, 16)
    q = rng.standard_normal((length, heads, 64), np.float32)
    sinks = rng.standard_normal(heads).astype(np.float32)
    whole = sequences.attend(q, [length], [length], sinks, window)
    for threads, step in ((1, 100), (2, 37), (2, 1), (16, 1)):  # 16 threads: the context is split over them
        _cpu.set_threads(threads)
        starts = range(0, length, step) if threads == 2 else range(length - length % step - step, length, step)
        for first in starts:
            last = min(first + step, length)
            part = sequences.attend(q[first:last], [last - first], [last], sinks, window)
            np.testing.assert_array_equal(part, whole[first:last])


def test_other_sequences_do_not_matter(isa: str, rng: Generator) -> None:
    contexts = [200, 31, 450, 129]
    sequences = Sequences.random(rng, contexts, 2, 64, np.float16, 16)
    q = rng.standard_normal((4, 16, 64), np.float32)
    sinks = rng.standard_normal(16).astype(np.float32)
    together = sequences.attend(q, [1] * 4, contexts, sinks, 0)
    for s in range(4):
        alone = Sequences(sequences.k, sequences.v, sequences.cache, sequences.tables[s : s + 1])
        np.testing.assert_array_equal(alone.attend(q[s : s + 1], [1], contexts[s : s + 1], sinks, 0)[0], together[s])
