"""The largest logits of a row that reach a number or a mass, without a sort: what top_k, top_p and logprobs keep.

The distance of a logit from the row's largest, as an integer of 22 bits, has two digits; a launch for each adds weights
to bins, and the running sum over the bins says in which of them the number or mass is reached. The few logits of that
bin are listed and put into their exact order. Weights are integers, counts or fixed-point numbers, so that atomic
additions give the same sums in any order, and a row's choice depends on nothing but the row.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.draw import allowed, divisor_of
from ossia.engine.gpt_oss.cuda.transfer import upload
from ossia.engine.gpt_oss.sampler import GREEDY, LARGEST_SCORE

NUMBERS = np.dtype(
    [("top_k", "<f8"), ("top_p", "<f8"), ("temperature", "<f4"), ("min_p", "<f4"), ("row", "<i4"), ("slot", "<i4")]
)
"""Limits of a row. A top_k of 0, and a top_p of 1, are none."""
TEMPERATURE, MIN_P, ROW, SLOT = (tl.constexpr(place) for place in (4, 5, 6, 7))  # among the 8 words of NUMBERS
TILE = 1024
WIDE_TILE = 8192  # of the one program that looks through a whole row
BINS = 2048
STATE = tl.constexpr(6)  # words behind the bins
LISTED = 64  # logits that are put into order; a row with more of them at its limit takes the long way
COUNT, MASS = 0, 1  # ways to weigh, for the first and the second of NUMBERS
BY_MASS = tl.constexpr(MASS)
ID_BITS = tl.constexpr(20)
ONE = tl.constexpr(float(1 << 40))  # a weight of 1: a whole vocabulary of them fits into 64 bits
STEPS = tl.constexpr(float(1 << 17))  # of a distance of 1
FARTHEST = tl.constexpr((1 << 22) - 1)  # 32 and more: weights below e^-32
HEAD = tl.constexpr(4)  # words before the ids that are gathered
NEVER = tl.constexpr(1 << 62)  # a target that nothing reaches


Unpacked = tuple[npt.NDArray[np.float64], npt.NDArray[np.float32], npt.NDArray[np.int32], npt.NDArray[np.float32]]


def unpacked(packed: Tensor) -> Unpacked:
    """Findings of `likeliest` for r rows, on the host: the logarithms of the sums of all exponentials f64[r], the
    tokens' logits f32[r], the ids of the largest i32[r, most], in any order, and their logits f32[r, most]."""
    words = packed.numpy()
    most = (words.shape[1] - HEAD.value) // 2
    head = np.ascontiguousarray(words[:, : HEAD.value])
    ids, logits = np.split(words[:, HEAD.value :], [most], axis=1)
    return head.view(np.float64)[:, 0], head.view(np.float32)[:, 2], ids, np.ascontiguousarray(logits).view(np.float32)


def likeliest_slowly(logits: Tensor, rows: list[int], tokens: Tensor, most: int) -> Tensor:
    """The reference of `likeliest`."""
    z = logits[rows]
    found, ids = z.sort(dim=1, descending=True, stable=True)
    totals = z.double().logsumexp(1, keepdim=True).view(torch.int32)
    chosen = z.gather(1, tokens[rows].clamp(min=0).long()[:, None]).view(torch.int32)
    counts = torch.full_like(chosen, most)
    return torch.cat([totals, chosen, counts, ids[:, :most].int(), found[:, :most].contiguous().view(torch.int32)], 1)


def likeliest(logits: Tensor, rows: list[int], tokens: Tensor, most: int) -> Tensor:
    """i32[r, 4 + 2 most] of r rows of logits f32[R, V]: the largest, of equal ones those with lower ids, and the logit
    of the row's token, tokens i32[R]. On the host it is `unpacked`."""
    if logits.is_cpu:
        return likeliest_slowly(logits, rows, tokens, most)
    numbers = np.zeros(len(rows), NUMBERS)
    numbers["top_k"], numbers["row"], numbers["slot"] = most, rows, -1
    on_device = upload(numbers.view(np.int32).reshape(len(rows), -1), logits.device)
    selection = Selection(Rows(logits, on_device, on_device), sums=True)  # nobody reads masks
    if most:
        selection.narrow(COUNT)
    return selection.gather(tokens, most)


@dataclass(frozen=True, slots=True)
class Rows:
    """R rows among logits f32[*, V], which are contiguous, and what is asked of each: `numbers` i32[R, 8] are NUMBERS.

    `words` i32[slots, W] are packed masks; the slot of a row is negative where every id is allowed.
    """

    logits: Tensor
    numbers: Tensor
    words: Tensor


class Selection:
    """The `limits` i64[R] of R rows: kept are logits whose place, see `_place`, is not beyond. At first all are."""

    def __init__(self, rows: Rows, *, sums: bool = False) -> None:
        """With `sums`, the sums of exponentials of every tile are made too, for `gather`."""
        count, device = len(rows.numbers), rows.logits.device
        self._size = rows.logits.shape[1]
        self._tiles = triton.cdiv(self._size, TILE)
        self._grid = (self._tiles, count)
        self.limits = torch.full((count,), NEVER.value, dtype=torch.int64, device=device)
        self._peaks = torch.empty(count, self._tiles, dtype=torch.float32, device=device)
        self._sums = torch.empty(count, self._tiles, dtype=torch.float64, device=device)
        numbers = rows.numbers
        self._wanted = numbers.view(torch.float64)
        self._rows = (rows.logits, numbers, numbers.view(torch.float32), rows.words, rows.words.stride(0))
        _survey[self._grid](*self._rows, self._peaks, self._sums, self._size, self._tiles, TILE=TILE, SUMS=sums)

    def narrow(self, stage: int) -> None:
        """Of what is kept so far, keep the fewest largest that reach a limit: the COUNT of top_k, or top_p's share of
        the MASS at the row's temperature."""
        count, device = self._grid[1], self.limits.device
        bins = torch.zeros(
            count, 2 * BINS + STATE.value, dtype=torch.int64, device=device
        )  # and the state after each round
        listed = torch.empty(count, LISTED, dtype=torch.int64, device=device)
        shared = (*self._rows, self._peaks, self.limits, self._wanted, bins, listed, self._size, self._tiles)
        sizes = {"TILES": triton.next_power_of_2(self._tiles), "BINS": BINS, "LISTED": LISTED, "STAGE": stage}
        sizes |= {"GREEDY": GREEDY, "LARGEST": LARGEST_SCORE}
        for number in range(3):
            _search[self._grid](*shared, ROUND=number, TILE=TILE, **sizes)
        _settle[(count,)](*shared, TILE=min(WIDE_TILE, triton.next_power_of_2(self._size)), **sizes, num_warps=8)

    def apply(self) -> None:
        """Minus infinity for what is not kept, or has less than min_p of the largest's weight. NaN and inf stay."""
        _apply[self._grid](
            *(*self._rows, self._peaks, self.limits, self._size, self._tiles),
            **{"TILES": triton.next_power_of_2(self._tiles), "TILE": TILE, "GREEDY": GREEDY, "LARGEST": LARGEST_SCORE},
        )

    def gather(self, tokens: Tensor, most: int) -> Tensor:
        """Logits that are kept, at most so many, and those of tokens: see `likeliest`."""
        count, device = self._grid[1], self.limits.device
        packed = torch.zeros(count, HEAD.value + 2 * most, dtype=torch.int32, device=device)
        _gather[self._grid](
            *(*self._rows, self._peaks, self._sums, self.limits, tokens, packed, most, self._size, self._tiles),
            TILES=triton.next_power_of_2(self._tiles),
            TILE=TILE,
        )
        return packed


# ---- what the kernels share


@triton.jit
def _load(logits, ints, words, words_stride, V, line, ids):
    """Logits of ids of a line's row, minus infinity where its grammar forbids them."""
    row = tl.load(ints + line * 8 + ROW).to(tl.int64)
    z = tl.load(logits + row * V + ids, mask=ids < V, other=float("-inf"))
    return allowed(z, ids, tl.load(ints + line * 8 + SLOT), words, words_stride, V)


@triton.jit
def _highest(peaks, line, T, TILES: tl.constexpr):
    tiles = tl.arange(0, TILES)
    return tl.max(tl.load(peaks + line * T + tiles, mask=tiles < T, other=float("-inf")), 0)


@triton.jit
def _place(z, ids):
    """Places i64 of logits in descending order; of equal ones the lower id comes first. The two zeros are equal."""
    bits = (z + 0.0).to(tl.int32, bitcast=True)
    ascending = (bits ^ ((bits >> 31) & 0x7FFFFFFF)).to(tl.int64)
    return ((0x7FFFFFFF - ascending) << ID_BITS) | ids.to(tl.int64)


@triton.jit
def _logit(place):
    """The logit of a place."""
    ascending = (0x7FFFFFFF - (place >> ID_BITS)).to(tl.int32)
    return (ascending ^ ((ascending >> 31) & 0x7FFFFFFF)).to(tl.float32, bitcast=True)


@triton.jit
def _distance(z, highest, floats, line, STAGE: tl.constexpr, GREEDY: tl.constexpr, LARGEST: tl.constexpr):
    """Distances of logits from the highest, in units of the temperature if it is for masses."""
    x = highest - z
    if STAGE == BY_MASS:
        x /= divisor_of(tl.load(floats + line * 8 + TEMPERATURE), GREEDY, LARGEST)
    return x


@triton.jit
def _weigh(x, STAGE: tl.constexpr):
    """Weights i64 of distances."""
    if STAGE == BY_MASS:
        return (tl.exp(-x) * ONE).to(tl.int64)
    else:
        return tl.full(x.shape, 1, tl.int64)


@triton.jit
def _steps(x):
    """Distances as integers from 0 to FARTHEST, in the same order."""
    q = tl.minimum(x * STEPS, FARTHEST * 1.0).to(tl.int32)
    return tl.minimum(tl.maximum(q, 0), FARTHEST)


# ---- the kernels. Line l of a grid is the l-th of the rows.


@triton.jit
def _survey(logits, ints, floats, words, words_stride, peaks, sums, V, T, TILE: tl.constexpr, SUMS: tl.constexpr):
    """The largest logit of a tile; and the sum of exponentials, relative to it."""
    tile, line = tl.program_id(0), tl.program_id(1)
    z = _load(logits, ints, words, words_stride, V, line, tile * TILE + tl.arange(0, TILE))
    peak = tl.max(z, 0)
    tl.store(peaks + line * T + tile, peak)
    if SUMS:
        weights = tl.where(z > float("-inf"), tl.exp(z - peak), 0.0)
        tl.store(sums + line * T + tile, tl.sum(weights.to(tl.float64), 0))


@triton.jit
def _bin(digit):
    """Place of a digit's bin. Neighbours, which are the busiest together, lie in different lines of the cache."""
    return (digit % 128) * 16 + digit // 128


@triton.jit
def _narrowed(bins, before, target, BINS: tl.constexpr):
    """The bin in which the target is reached, and the weight before it."""
    sums = before + tl.cumsum(tl.load(bins + _bin(tl.arange(0, BINS))), 0)
    short = sums < target
    digit = tl.minimum(tl.sum(short.to(tl.int32), 0), BINS - 1)
    return digit, tl.max(tl.where(short, sums, before), 0)


@triton.jit
def _target(bins, wanted, BINS: tl.constexpr, STAGE: tl.constexpr):
    """The weight that is to be reached, by the bins of the first digit."""
    total = tl.sum(tl.load(bins + tl.arange(0, BINS)), 0)
    if STAGE == BY_MASS:
        target = tl.maximum(tl.ceil(wanted * total.to(tl.float64)).to(tl.int64), 1)
        is_limit = wanted < 1
    else:
        target = wanted.to(tl.int64)
        is_limit = (wanted > 0) & (target <= total)
    return tl.where(is_limit, target, NEVER)


@triton.jit
def _search(
    logits, ints, floats, words, words_stride, peaks, limits, wanted, bins, listed, V, T, TILES: tl.constexpr,
    BINS: tl.constexpr, LISTED: tl.constexpr, STAGE: tl.constexpr, GREEDY: tl.constexpr, LARGEST: tl.constexpr,
    ROUND: tl.constexpr, TILE: tl.constexpr,
):  # fmt: skip
    """Round 0 and 1 add a tile's weights to the bins of the first and the second digit, round 2 lists what is in the
    bin that both have led to. Behind the bins is the state: target, weight before and digit after round 0; logits in
    the list; weight before and both digits after round 1."""
    tile, line = tl.program_id(0), tl.program_id(1)
    ids = tile * TILE + tl.arange(0, TILE)
    z = _load(logits, ints, words, words_stride, V, line, ids)
    place = _place(z, ids)
    live = (z > float("-inf")) & (place <= tl.load(limits + line))
    x = _distance(z, _highest(peaks, line, T, TILES), floats, line, STAGE, GREEDY, LARGEST)
    q = _steps(x)
    bins += line * (2 * BINS + STATE)
    state = bins + 2 * BINS
    if ROUND == 0:
        tl.atomic_add(bins + _bin(q >> 11), _weigh(x, STAGE), mask=live, sem="relaxed")
    else:
        if ROUND == 1:
            target = _target(bins, tl.load(wanted + line * 4 + STAGE), BINS, STAGE)
            digit, before = _narrowed(bins, target * 0, target, BINS)
            if tile == 0:
                tl.store(state, target)
                tl.store(state + 1, before)
                tl.store(state + 2, digit.to(tl.int64))
            live &= (q >> 11) == digit
            tl.atomic_add(bins + BINS + _bin(q & 2047), _weigh(x, STAGE), mask=live, sem="relaxed")
        else:
            target = tl.load(state)
            second, before = _narrowed(bins + BINS, tl.load(state + 1), target, BINS)
            steps = tl.load(state + 2).to(tl.int32) * 2048 + second
            if tile == 0:
                tl.store(state + 4, before)
                tl.store(state + 5, steps.to(tl.int64))
            live &= (q == steps) & (target < NEVER)
            number = tl.atomic_add(state + 3 + ids * 0, (ids * 0 + 1).to(tl.int64), mask=live, sem="relaxed")
            tl.store(listed + line * LISTED + number, place, mask=live & (number < LISTED))


@triton.jit
def _settle(
    logits, ints, floats, words, words_stride, peaks, limits, wanted, bins, listed, V, T, TILES: tl.constexpr,
    BINS: tl.constexpr, LISTED: tl.constexpr, STAGE: tl.constexpr, GREEDY: tl.constexpr, LARGEST: tl.constexpr,
    TILE: tl.constexpr,
):  # fmt: skip
    """Program: a row. Its limit is the place at which the target is reached."""
    line = tl.program_id(0)
    state = bins + line * (2 * BINS + STATE) + 2 * BINS
    target = tl.load(state)
    count = tl.load(state + 3)
    before = tl.load(state + 4)
    steps = tl.load(state + 5)
    highest = _highest(peaks, line, T, TILES)
    if target < NEVER:
        if count <= LISTED:
            i = tl.arange(0, LISTED)
            mine = tl.load(listed + line * LISTED + i, mask=i < count, other=NEVER)
            other = tl.load(listed + line * LISTED + i, mask=i < count, other=NEVER)
            x = _distance(_logit(other), highest, floats, line, STAGE, GREEDY, LARGEST)
            weight = tl.where(other < NEVER, _weigh(x, STAGE), 0)
            ahead = tl.sum(tl.where(other[None, :] < mine[:, None], weight[None, :], 0), 1)
            kept = (before + ahead < target) & (mine < NEVER)
            tl.store(limits + line, tl.max(tl.where(kept, mine, 0), 0))
        else:  # bit by bit, over the whole row
            limit = target * 0
            old = tl.load(limits + line)
            for bit in range(52):
                trial = limit | (tl.full((), 1, tl.int64) << (51 - bit))
                ahead = tl.zeros([TILE], tl.int64)
                for first in range(0, V, TILE):
                    ids = first + tl.arange(0, TILE)
                    z = _load(logits, ints, words, words_stride, V, line, ids)
                    x = _distance(z, highest, floats, line, STAGE, GREEDY, LARGEST)
                    place = _place(z, ids)
                    live = (z > float("-inf")) & (place <= old) & (_steps(x) == steps) & (place < trial)
                    ahead += tl.where(live, _weigh(x, STAGE), 0)
                limit = tl.where(before + tl.sum(ahead, 0) < target, trial, limit)
            tl.store(limits + line, limit)


@triton.jit
def _apply(
    logits, ints, floats, words, words_stride, peaks, limits, V, T, TILES: tl.constexpr, TILE: tl.constexpr,
    GREEDY: tl.constexpr, LARGEST: tl.constexpr,
):  # fmt: skip
    tile, line = tl.program_id(0), tl.program_id(1)
    ids = tile * TILE + tl.arange(0, TILE)
    z = _load(logits, ints, words, words_stride, V, line, ids)
    x = _distance(z, _highest(peaks, line, T, TILES), floats, line, BY_MASS, GREEDY, LARGEST)
    is_dropped = (_place(z, ids) > tl.load(limits + line)) | (tl.exp(-x) < tl.load(floats + line * 8 + MIN_P))
    row = tl.load(ints + line * 8 + ROW).to(tl.int64)
    tl.store(logits + row * V + ids, float("-inf"), mask=is_dropped & (z < float("inf")) & (ids < V))


@triton.jit(do_not_specialize=["MOST"])
def _gather(
    logits, ints, floats, words, words_stride, peaks, sums, limits, tokens, packed, MOST, V, T,
    TILES: tl.constexpr, TILE: tl.constexpr,
):  # fmt: skip
    """packed i32[lines, HEAD + 2 * MOST]: logarithm of the sum (two words), the token's logit, the number of logits
    that are kept, their ids, themselves."""
    tile, line = tl.program_id(0), tl.program_id(1)
    ids = tile * TILE + tl.arange(0, TILE)
    z = _load(logits, ints, words, words_stride, V, line, ids)
    packed += line.to(tl.int64) * (HEAD + 2 * MOST)
    live = (z > float("-inf")) & (_place(z, ids) <= tl.load(limits + line)) & (MOST > 0)
    number = tl.atomic_add(packed + 3 + ids * 0, ids * 0 + 1, mask=live, sem="relaxed")
    live &= number < MOST
    tl.store(packed + HEAD + number, ids, mask=live)
    tl.store(packed + HEAD + MOST + number, z.to(tl.int32, bitcast=True), mask=live)
    if tile == 0:
        tiles = tl.arange(0, TILES)
        peak = tl.load(peaks + line * T + tiles, mask=tiles < T, other=float("-inf"))
        highest = tl.max(peak, 0)
        weights = tl.where(peak > float("-inf"), tl.exp((peak - highest).to(tl.float64)), 0.0)
        total = tl.sum(weights * tl.load(sums + line * T + tiles, mask=tiles < T, other=0.0), 0)
        total = (highest.to(tl.float64) + tl.log(total)).to(tl.int64, bitcast=True)
        row = tl.load(ints + line * 8 + ROW).to(tl.int64)
        chosen = tl.load(logits + row * V + tl.maximum(tl.load(tokens + row), 0))
        tl.store(packed, total.to(tl.int32))
        tl.store(packed + 1, (total >> 32).to(tl.int32))
        tl.store(packed + 2, chosen.to(tl.int32, bitcast=True))
