"""An id for each row of logits, in two launches: tiles are surveyed, then one program a row looks into one of them.

The draw is `engine/gpt_oss/sampler.py`'s: the ids are walked in ascending order until the running sum of their weights,
exp((logit - max) / temperature), exceeds u times the total. No order of the sums depends on another row.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.sampler import GREEDY, LARGEST_SCORE

BROKEN = -1
"""The id that is drawn from a row that is not numbers."""
TILE = 1024


def draw_slowly(logits: Tensor, temperature: Tensor, u: Tensor, slots: Tensor, words: Tensor) -> Tensor:
    """The reference: ids i32[R] of logits f32[R, V].

    `temperature` f32[R] below GREEDY takes the largest, of equals the lowest id. `u` f64[R] is in [0, 1). `words`
    i32[slots, W] are packed masks; `slots` i32[R] names each row's, or is negative where every id is allowed.
    """
    ids = torch.arange(logits.shape[1], device=logits.device)
    bits = words[slots.clamp(min=0).long()][:, ids >> 5] >> (ids & 31) & 1
    scores = torch.where((slots[:, None] < 0) | (bits == 1), logits, -torch.inf)
    highest = scores.amax(1, keepdim=True)
    weights = ((scores - highest) / temperature.clamp(1e-30, LARGEST_SCORE)[:, None]).exp().double()
    sums = weights.cumsum(1)
    total = sums[:, -1:].contiguous()
    chosen = torch.searchsorted(sums, u[:, None] * total, right=True)
    last = torch.searchsorted(sums, total)
    chosen = torch.where(temperature[:, None] >= GREEDY, torch.minimum(chosen, last), scores.argmax(1, keepdim=True))
    numbers = logits.amax(1).isfinite() & highest[:, 0].isfinite()
    return torch.where(numbers, chosen[:, 0], BROKEN).int()


class DrawKernels:
    """The two kernels, with the work space for `max_rows` rows of `vocab_size` logits."""

    def __init__(self, max_rows: int, vocab_size: int, device: torch.device) -> None:
        self._tiles = triton.cdiv(vocab_size, TILE)
        self._vocab_size = vocab_size
        self._peaks = torch.empty(max_rows, self._tiles, dtype=torch.float32, device=device)
        self._sums = torch.empty(max_rows, self._tiles, dtype=torch.float64, device=device)

    def __call__(
        self,
        logits: Tensor,
        temperature: Tensor,
        u: Tensor,
        slots: Tensor,
        words: Tensor,
        out: Tensor,
        rows: Tensor,
        latest: Tensor,
    ) -> None:
        """Write `draw_slowly`'s ids to `out` i32[R], and to `latest` i32 at each of `rows` i32[R], with 0 for BROKEN.

        Rows of logits and words are contiguous; temperature, u, slots and rows may be strided.
        """
        shared = (logits, logits.stride(0), temperature, temperature.stride(0), slots, slots.stride(0), words)
        shared = (*shared, words.stride(0), self._peaks, self._sums, self._vocab_size, self._tiles)
        _survey[(self._tiles, len(logits))](*shared, TILE=TILE, GREEDY=GREEDY, LARGEST=LARGEST_SCORE)
        _choose[(len(logits),)](
            *(*shared, u, u.stride(0), out, rows, rows.stride(0), latest),
            TILES=triton.next_power_of_2(self._tiles),
            **{"TILE": TILE, "GREEDY": GREEDY, "LARGEST": LARGEST_SCORE, "BROKEN": BROKEN},
        )


@triton.jit
def allowed(z, ids, slot, words, words_stride, V):
    """Logits z of `ids`, minus infinity for those that the row's mask forbids."""
    if slot >= 0:
        word = tl.load(words + slot.to(tl.int64) * words_stride + (ids >> 5), mask=ids < V, other=0)
        z = tl.where(((word >> (ids & 31)) & 1) == 1, z, float("-inf"))
    return z


@triton.jit
def divisor_of(temperature, GREEDY: tl.constexpr, LARGEST: tl.constexpr):
    """Divisor of the exponents: the temperature, or 1 for a greedy row, which has no use for weights."""
    return tl.where(temperature >= GREEDY, tl.minimum(temperature, LARGEST), 1.0)


@triton.jit
def _survey(
    logits,
    logits_stride,
    temperatures,
    temperatures_stride,
    slots,
    slots_stride,
    words,
    words_stride,
    peaks,
    sums,
    V,
    T,
    TILE: tl.constexpr,
    GREEDY: tl.constexpr,
    LARGEST: tl.constexpr,
):
    """The largest logit of a tile, and the sum of its weights relative to that one: NaN where one is not a number."""
    tile, row = tl.program_id(0), tl.program_id(1).to(tl.int64)
    ids = tile * TILE + tl.arange(0, TILE)
    z = tl.load(logits + row * logits_stride + ids, mask=ids < V, other=float("-inf"))
    broken = tl.max(((z != z) | (z == float("inf"))).to(tl.int32), 0)
    z = allowed(z, ids, tl.load(slots + row * slots_stride), words, words_stride, V)
    peak = tl.max(z, 0)
    divisor = divisor_of(tl.load(temperatures + row * temperatures_stride), GREEDY, LARGEST)
    weights = tl.where(z > float("-inf"), tl.exp((z - peak) / divisor), 0.0)
    total = tl.sum(weights.to(tl.float64), 0)
    tl.store(peaks + row * T + tile, peak)
    tl.store(sums + row * T + tile, tl.where(broken > 0, float("nan"), total))


@triton.jit
def _first_above(weights, target, indices, NONE: tl.constexpr):
    """The first index at which the running sum exceeds the target, among weights that are not zero; else the last."""
    above = (tl.cumsum(weights, 0) > target) & (weights > 0)
    first = tl.min(tl.where(above, indices, NONE), 0)
    last = tl.max(tl.where(weights > 0, indices, 0), 0)
    return tl.where(first < NONE, first, last)


@triton.jit
def _choose(
    logits,
    logits_stride,
    temperatures,
    temperatures_stride,
    slots,
    slots_stride,
    words,
    words_stride,
    peaks,
    sums,
    V,
    T,
    us,
    us_stride,
    out,
    rows,
    rows_stride,
    latest,
    TILES: tl.constexpr,
    TILE: tl.constexpr,
    GREEDY: tl.constexpr,
    LARGEST: tl.constexpr,
    BROKEN: tl.constexpr,
):
    """The tile that the draw falls into, and then the id in it."""
    row = tl.program_id(0).to(tl.int64)
    temperature = tl.load(temperatures + row * temperatures_stride)
    divisor = divisor_of(temperature, GREEDY, LARGEST)
    tiles, inside = tl.arange(0, TILES), tl.arange(0, TILE)
    peak = tl.load(peaks + row * T + tiles, mask=tiles < T, other=float("-inf"))
    weights = tl.load(sums + row * T + tiles, mask=tiles < T, other=0.0)
    highest = tl.max(peak, 0)
    weights *= tl.where(peak > float("-inf"), tl.exp((peak - highest) / divisor), 0.0).to(tl.float64)
    total = tl.sum(weights, 0)
    target = tl.load(us + row * us_stride) * total
    best = tl.min(tl.where(peak == highest, tiles, TILES - 1), 0)
    tile = tl.where(temperature >= GREEDY, _first_above(weights, target, tiles, TILES), best)
    target -= tl.sum(tl.where(tiles < tile, weights, 0.0), 0)

    ids = tile * TILE + inside
    z = tl.load(logits + row * logits_stride + ids, mask=ids < V, other=float("-inf"))
    z = allowed(z, ids, tl.load(slots + row * slots_stride), words, words_stride, V)
    own = tl.where(z > float("-inf"), tl.exp((z - highest) / divisor), 0.0).to(tl.float64)
    best = tl.min(tl.where(z == highest, inside, TILE - 1), 0)
    id = tile * TILE + tl.where(temperature >= GREEDY, _first_above(own, target, inside, TILE), best)
    is_drawn = total > 0  # false also where the total is not a number
    tl.store(out + row, tl.where(is_drawn, id, BROKEN))
    tl.store(latest + tl.load(rows + row * rows_stride), tl.where(is_drawn, id, 0))
