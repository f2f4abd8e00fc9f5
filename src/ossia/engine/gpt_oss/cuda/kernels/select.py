"""The fewest largest keys of each row whose weights reach a mass: what top_k, top_p and typical_p keep, without a sort.

The smallest key that is kept is searched for bit by bit, sixteen candidates in a launch: keys are compared as integers
of the same order. Sums are float64 in a fixed order, so a row's choice depends on nothing but the row.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

TILE = 1024
WAYS = 16  # candidates of a round
ROUNDS = 8  # 16 ** 8 is 2 ** 32
SEARCH, SUM, KEEP = 0, 1, 2  # stages
SEARCH_STAGE, SUM_STAGE, KEEP_STAGE = tl.constexpr(SEARCH), tl.constexpr(SUM), tl.constexpr(KEEP)
LEAST = 1e-300  # a target that only the first key reaches


def select_slowly(keys: Tensor, weights: Tensor, targets: Tensor) -> Tensor:
    """The reference: bool[R, V] of keys f32[R, V], weights f32[R, V] and targets f64[R].

    Kept are the fewest largest keys with weights of `target` in all, at least one; of equal keys those with lower ids.
    A target that all together do not reach keeps all.
    """
    order = keys.sort(dim=1, descending=True, stable=True).indices
    before = weights.gather(1, order).double().cumsum(1).roll(1, dims=1)
    before[:, 0] = 0
    kept = before < targets.clamp(min=LEAST)[:, None]
    return torch.zeros_like(kept).scatter_(1, order, kept)


def select(keys: Tensor, weights: Tensor, targets: Tensor) -> Tensor:
    """As `select_slowly`, in ten launches. All are contiguous."""
    rows, size = keys.shape
    tiles = triton.cdiv(size, TILE)
    lows = keys.new_empty(2, rows, dtype=torch.int64)
    masses = keys.new_empty(2, rows, tiles, WAYS, dtype=torch.float64)
    kept = torch.empty(rows, size, dtype=torch.bool, device=keys.device)
    shared = (keys, weights, targets, lows, masses, kept, size, tiles, rows)
    sizes = {"TILE": TILE, "TILES": triton.next_power_of_2(tiles), "WAYS": WAYS, "ROUNDS": ROUNDS, "LEAST": LEAST}
    for number in range(ROUNDS + 2):
        stage = SEARCH if number < ROUNDS else SUM if number == ROUNDS else KEEP
        _round[(tiles, rows)](*shared, number, STAGE=stage, **sizes)
    return kept


@triton.jit(do_not_specialize=["R", "number"])
def _round(
    keys,
    weights,
    targets,
    lows,
    masses,
    kept,
    V,
    T,
    R,
    number,
    STAGE: tl.constexpr,
    TILE: tl.constexpr,
    TILES: tl.constexpr,
    WAYS: tl.constexpr,
    ROUNDS: tl.constexpr,
    LEAST: tl.constexpr,
):
    """One round for one tile. The masses of all tiles from the round before narrow the range [low, low + width), which
    holds the smallest key that is kept.

    SEARCH sums the weights at and above each of WAYS candidates; SUM, when only `low` is left, those above it and those
    equal to it; KEEP tells of each key whether it is kept.
    """
    tile, row = tl.program_id(0), tl.program_id(1).to(tl.int64)
    ids = tile * TILE + tl.arange(0, TILE)
    key = tl.load(keys + row * V + ids, mask=ids < V, other=float("-inf")) + 0.0  # no negative zero
    bits = key.to(tl.int32, bitcast=True)
    order = (bits ^ ((bits >> 31) & 0x7FFFFFFF)).to(tl.int64)  # integers in the order of the keys
    weight = tl.load(weights + row * V + ids, mask=ids < V, other=0.0).to(tl.float64)
    target = tl.maximum(tl.load(targets + row), LEAST)
    before, here = (number + 1) % 2, number % 2

    tiles, ways = tl.arange(0, TILES), tl.arange(0, WAYS)
    place = ((before * R + row) * T + tiles[:, None]) * WAYS + ways[None, :]
    found = tl.load(masses + place, mask=(tiles < T)[:, None] & (number > 0), other=0.0)
    low = tl.load(lows + before * R + row, mask=number > 0, other=-(1 << 31))
    one = tl.full((), 1, tl.int64)
    if STAGE != KEEP_STAGE:
        reached = (tl.sum(found, 0) >= target) & (number > 0)
        low += tl.max(tl.where(reached, ways, 0), 0).to(tl.int64) * (one << (4 * (ROUNDS - number)))
        tl.store(lows + here * R + row, low)

    place = ((here * R + row) * T + tile) * WAYS
    if STAGE == SEARCH_STAGE:
        step = one << (4 * (ROUNDS - 1 - number))
        for way in tl.static_range(WAYS):
            tl.store(masses + place + way, tl.sum(tl.where(order >= low + way * step, weight, 0.0), 0))
    elif STAGE == SUM_STAGE:
        tl.store(masses + place, tl.sum(tl.where(order > low, weight, 0.0), 0))
        tl.store(masses + place + 1, tl.sum(tl.where(order == low, weight, 0.0), 0))
    else:
        counted = (ways[None, :] == 0) | ((ways[None, :] == 1) & (tiles < tile)[:, None])
        mass = tl.sum(tl.sum(tl.where(counted, found, 0.0), 1), 0)  # above, and equal in earlier tiles
        equal = tl.where(order == low, weight, 0.0)
        is_reached = mass + tl.cumsum(equal, 0) - equal >= target
        tl.store(kept + row * V + ids, (order > low) | ((order == low) & ~is_reached), mask=ids < V)
