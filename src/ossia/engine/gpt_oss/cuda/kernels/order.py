"""Order of a row's logits: their places, their distances from the largest, and the weights of both, as integers.

A place is the logit and its id as one integer, ascending where logits descend: no two are equal. Weights are counts or
fixed-point numbers, whose sums are the same in any order.
"""

import numpy as np
import triton
import triton.language as tl

from ossia.engine.gpt_oss.cuda.kernels.draw import allowed, divisor_of

NUMBERS = np.dtype(
    [("top_k", "<f8"), ("top_p", "<f8"), ("temperature", "<f4"), ("min_p", "<f4"), ("row", "<i4"), ("slot", "<i4")]
)
"""Limits of a row. A top_k of 0, and a top_p of 1, are none."""
TEMPERATURE, MIN_P, ROW, SLOT = (tl.constexpr(place) for place in (4, 5, 6, 7))  # among the 8 words of NUMBERS
COUNT, MASS = 0, 1  # ways to weigh, for the first and the second of NUMBERS
BY_COUNT, BY_MASS = tl.constexpr(COUNT), tl.constexpr(MASS)
ID_BITS = tl.constexpr(20)
ONE = tl.constexpr(float(1 << 40))  # a weight of 1: a whole vocabulary of them fits into 64 bits
STEPS = tl.constexpr(float(1 << 17))  # of a distance of 1
FARTHEST = tl.constexpr((1 << 22) - 1)  # 32 and more: weights below e^-32
NEVER = tl.constexpr(1 << 62)  # a target that nothing reaches, and the place of nothing


@triton.jit
def load_logits(logits, ints, words, words_stride, V, line, ids):
    """Logits of ids of a line's row, minus infinity where its grammar forbids them."""
    row = tl.load(ints + line * 8 + ROW).to(tl.int64)
    z = tl.load(logits + row * V + ids, mask=ids < V, other=float("-inf"))
    return allowed(z, ids, tl.load(ints + line * 8 + SLOT), words, words_stride, V)


@triton.jit
def highest_of(peaks, line, T, TILES: tl.constexpr):
    tiles = tl.arange(0, TILES)
    return tl.max(tl.load(peaks + line * T + tiles, mask=tiles < T, other=float("-inf")), 0)


@triton.jit
def place_of(z, ids):
    """Places i64 of logits in descending order; of equal ones the lower id comes first. The two zeros are equal."""
    bits = (z + 0.0).to(tl.int32, bitcast=True)
    ascending = (bits ^ ((bits >> 31) & 0x7FFFFFFF)).to(tl.int64)
    return ((0x7FFFFFFF - ascending) << ID_BITS) | ids.to(tl.int64)


@triton.jit
def logit_of(place):
    """The logit of a place."""
    ascending = (0x7FFFFFFF - (place >> ID_BITS)).to(tl.int32)
    return (ascending ^ ((ascending >> 31) & 0x7FFFFFFF)).to(tl.float32, bitcast=True)


@triton.jit
def distance_of(z, highest, floats, line, STAGE: tl.constexpr, GREEDY: tl.constexpr, LARGEST: tl.constexpr):
    """Distances of logits from the highest, in units of the temperature if it is for masses."""
    x = highest - z
    if STAGE == BY_MASS:
        x /= divisor_of(tl.load(floats + line * 8 + TEMPERATURE), GREEDY, LARGEST)
    return x


@triton.jit
def weigh(x, STAGE: tl.constexpr):
    """Weights i64 of distances."""
    if STAGE == BY_MASS:
        return (tl.exp(-x) * ONE).to(tl.int64)
    else:
        return tl.full(x.shape, 1, tl.int64)


@triton.jit
def steps_of(x):
    """Distances as integers from 0 to FARTHEST, in the same order."""
    q = tl.minimum(x * STEPS, FARTHEST * 1.0).to(tl.int32)
    return tl.minimum(tl.maximum(q, 0), FARTHEST)


@triton.jit
def weight_ahead(
    logits, ints, floats, words, words_stride, V, line, highest, last, steps, end, ALL: tl.constexpr,
    STAGE: tl.constexpr, GREEDY: tl.constexpr, LARGEST: tl.constexpr, TILE: tl.constexpr,
):  # fmt: skip
    """Weight of a row's places up to `last` and before `end`: of ALL, or of those so many steps away."""
    sums = tl.zeros([TILE], tl.int64)
    for first in range(0, V, TILE):
        ids = first + tl.arange(0, TILE)
        z = load_logits(logits, ints, words, words_stride, V, line, ids)
        x = distance_of(z, highest, floats, line, STAGE, GREEDY, LARGEST)
        place = place_of(z, ids)
        live = (z > float("-inf")) & (place <= last) & (place < end) & ((steps_of(x) == steps) | ALL)
        sums += tl.where(live, weigh(x, STAGE), 0)
    return tl.sum(sums, 0)


@triton.jit
def bit_by_bit(
    logits, ints, floats, words, words_stride, V, line, highest, last, steps, before, target, ALL: tl.constexpr,
    STAGE: tl.constexpr, GREEDY: tl.constexpr, LARGEST: tl.constexpr, TILE: tl.constexpr,
):  # fmt: skip
    """The last place before which less than the target lies, by looking through the whole row for each of its bits."""
    limit = target * 0
    for bit in range(52):
        trial = limit | (tl.full((), 1, tl.int64) << (51 - bit))
        ahead = weight_ahead(
            logits, ints, floats, words, words_stride, V, line, highest, last, steps, trial, ALL, STAGE, GREEDY,
            LARGEST, TILE,
        )  # fmt: skip
        limit = tl.where(before + ahead < target, trial, limit)
    return limit
