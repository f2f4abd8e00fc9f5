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

from ossia.engine.gpt_oss.cuda.kernels.order import (
    BY_COUNT,
    BY_MASS,
    COUNT,
    MIN_P,
    NEVER,
    NUMBERS,
    ROW,
    bit_by_bit,
    distance_of,
    highest_of,
    load_logits,
    logit_of,
    place_of,
    steps_of,
    weigh,
    weight_ahead,
)
from ossia.engine.gpt_oss.cuda.kernels.words import wait_then_release
from ossia.engine.gpt_oss.cuda.transfer import upload
from ossia.engine.gpt_oss.sampler import GREEDY, LARGEST_SCORE

TILE = 1024
WIDE_TILE = 8192  # of the one program that looks through a whole row
BINS = 2048
STATE = tl.constexpr(6)  # words behind the bins
STAGE_WORDS = 2 * BINS + STATE.value
LISTED = 64  # logits that are put into order; a row with more of them at its limit takes the long way
SMALL = 48  # a top_k up to which all that is kept is listed, not only what lies at the limit
LEAST_ROOM = tl.constexpr(SMALL)
HEAD = tl.constexpr(4)  # words before the ids that are gathered


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


def likeliest(logits: Tensor, rows: list[int], tokens: Tensor, most: int, *, pdl: bool = False) -> Tensor:
    """i32[r, 4 + 2 most] of r rows of logits f32[R, V]: the largest, of equal ones those with lower ids, and the logit
    of the row's token, tokens i32[R]. On the host it is `unpacked`."""
    if logits.is_cpu:
        return likeliest_slowly(logits, rows, tokens, most)
    numbers = np.zeros(len(rows), NUMBERS)
    numbers["top_k"], numbers["row"], numbers["slot"] = most, rows, -1
    on_device = upload(numbers.view(np.int32).reshape(len(rows), -1), logits.device)
    selection = Selection(Rows(logits, on_device, on_device, pdl), sums=True)  # nobody reads masks
    if most:
        selection.narrow(COUNT)
    return selection.gather(tokens, most)


@dataclass(frozen=True, slots=True)
class Rows:
    """R rows among logits f32[*, V], which are contiguous, and what is asked of each: `numbers` i32[R, 8] are NUMBERS.

    `words` i32[slots, W] are packed masks; the slot of a row is negative where every id is allowed. With `pdl`, kernels
    are launched dependently.
    """

    logits: Tensor
    numbers: Tensor
    words: Tensor
    pdl: bool = False


class Selection:
    """The `limits` i64[R] of R rows: kept are logits whose place, see `_place`, is not beyond. At first all are."""

    def __init__(self, rows: Rows, *, sums: bool = False) -> None:
        """With `sums`, the sums of exponentials of every tile are made too, for `gather`."""
        count, device = len(rows.numbers), rows.logits.device
        self._size = rows.logits.shape[1]
        self._tiles = triton.cdiv(self._size, TILE)
        self._grid = (self._tiles, count)
        self.limits = torch.empty(count, dtype=torch.int64, device=device)
        self._peaks = torch.empty(count, self._tiles, dtype=torch.float32, device=device)
        self._sums = torch.empty(count, self._tiles, dtype=torch.float64, device=device)
        self._bins = torch.empty(2, count, STAGE_WORDS, dtype=torch.int64, device=device)  # and the state of each round
        self._launch = {"PDL": rows.pdl, "launch_pdl": rows.pdl}
        numbers = rows.numbers
        self._wanted = numbers.view(torch.float64)
        self._rows = (rows.logits, numbers, numbers.view(torch.float32), rows.words, rows.words.stride(0))
        _survey[self._grid](
            *(*self._rows, self._peaks, self._sums, self.limits, self._bins, self._size, self._tiles),
            **{"TILE": TILE, "SUMS": sums, "CLEARED": 2 * STAGE_WORDS},
            EACH=triton.next_power_of_2(triton.cdiv(2 * STAGE_WORDS, self._tiles)),
            **self._launch,
        )

    def narrow(self, stage: int, *, both: bool = False) -> None:
        """Of what is kept so far, keep the fewest largest that reach a limit: the COUNT of top_k, or top_p's share of
        the MASS at the row's temperature. COUNT does `both` for rows whose top_k is from 1 to SMALL."""
        count, device = self._grid[1], self.limits.device
        listed = torch.empty(count, LISTED, dtype=torch.int64, device=device)
        shared = (*self._rows, self._peaks, self.limits, self._wanted, self._bins[stage], listed)
        shared = (*shared, self._size, self._tiles)
        sizes = {"TILES": triton.next_power_of_2(self._tiles), "BINS": BINS, "LISTED": LISTED, "STAGE": stage}
        sizes |= self._launch | {"GREEDY": GREEDY, "LARGEST": LARGEST_SCORE}
        for number in range(3):
            _search[self._grid](*shared, ROUND=number, TILE=TILE, **sizes)
        tile = min(WIDE_TILE, triton.next_power_of_2(self._size))
        _settle[(count,)](*shared, TILE=tile, BOTH=both, **sizes, num_warps=8)

    def apply(self) -> None:
        """Minus infinity for what is not kept, or has less than min_p of the largest's weight. NaN and inf stay."""
        _apply[self._grid](
            *(*self._rows, self._peaks, self.limits, self._size, self._tiles),
            **{"TILES": triton.next_power_of_2(self._tiles), "TILE": TILE, "GREEDY": GREEDY, "LARGEST": LARGEST_SCORE},
            **self._launch,
        )

    def gather(self, tokens: Tensor, most: int) -> Tensor:
        """Logits that are kept, at most so many, and those of tokens: see `likeliest`."""
        count, device = self._grid[1], self.limits.device
        packed = torch.zeros(count, HEAD.value + 2 * most, dtype=torch.int32, device=device)
        _gather[self._grid](
            *(*self._rows, self._peaks, self._sums, self.limits, tokens, packed, most, self._size, self._tiles),
            TILES=triton.next_power_of_2(self._tiles),
            TILE=TILE,
            **self._launch,
        )
        return packed


# ---- the kernels. Line l of a grid is the l-th of the rows.


@triton.jit
def _survey(
    logits, ints, floats, words, words_stride, peaks, sums, limits, bins, V, T, TILE: tl.constexpr,
    SUMS: tl.constexpr, CLEARED: tl.constexpr, EACH: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """The largest logit of a tile; and the sum of exponentials, relative to it. Limits are set, and bins cleared,
    CLEARED words for each line."""
    tile, line = tl.program_id(0), tl.program_id(1)
    wait_then_release(PDL)
    at = tile * EACH + tl.arange(0, EACH)
    tl.store(bins + line * CLEARED + at, tl.zeros([EACH], tl.int64), mask=at < CLEARED)
    if tile == 0:
        tl.store(limits + line, tl.full((), NEVER, tl.int64))
    z = load_logits(logits, ints, words, words_stride, V, line, tile * TILE + tl.arange(0, TILE))
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
        return _share(wanted, total)
    else:
        target = wanted.to(tl.int64)
        target = tl.where(target <= LEAST_ROOM, tl.minimum(target, total), target)  # of so few, all are listed
        return tl.where((target > 0) & (target <= total), target, NEVER)


@triton.jit
def _search(
    logits, ints, floats, words, words_stride, peaks, limits, wanted, bins, listed, V, T, TILES: tl.constexpr,
    BINS: tl.constexpr, LISTED: tl.constexpr, STAGE: tl.constexpr, GREEDY: tl.constexpr, LARGEST: tl.constexpr,
    ROUND: tl.constexpr, TILE: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Round 0 and 1 add a tile's weights to the bins of the first and the second digit, round 2 lists what is in the
    bin that both have led to, and before it if that is little. Behind the bins is the state: target, weight before and
    digit after round 0; logits in the list; weight before and both digits after round 1."""
    tile, line = tl.program_id(0), tl.program_id(1)
    wait_then_release(PDL)
    ids = tile * TILE + tl.arange(0, TILE)
    z = load_logits(logits, ints, words, words_stride, V, line, ids)
    place = place_of(z, ids)
    live = (z > float("-inf")) & (place <= tl.load(limits + line))
    x = distance_of(z, highest_of(peaks, line, T, TILES), floats, line, STAGE, GREEDY, LARGEST)
    q = steps_of(x)
    bins += line * (2 * BINS + STATE)
    state = bins + 2 * BINS
    if ROUND == 0:
        tl.atomic_add(bins + _bin(q >> 11), weigh(x, STAGE), mask=live, sem="relaxed")
    else:
        if ROUND == 1:
            target = _target(bins, tl.load(wanted + line * 4 + STAGE), BINS, STAGE)
            digit, before = _narrowed(bins, target * 0, target, BINS)
            if tile == 0:
                tl.store(state, target)
                tl.store(state + 1, before)
                tl.store(state + 2, digit.to(tl.int64))
            live &= (q >> 11) == digit
            tl.atomic_add(bins + BINS + _bin(q & 2047), weigh(x, STAGE), mask=live, sem="relaxed")
        else:
            target = tl.load(state)
            second, before = _narrowed(bins + BINS, tl.load(state + 1), target, BINS)
            steps = tl.load(state + 2).to(tl.int32) * 2048 + second
            if tile == 0:
                tl.store(state + 4, before)
                tl.store(state + 5, steps.to(tl.int64))
            live &= ((q == steps) | (_lists_all(target, STAGE) & (q < steps))) & (target < NEVER)
            number = tl.atomic_add(state + 3 + ids * 0, (ids * 0 + 1).to(tl.int64), mask=live, sem="relaxed")
            tl.store(listed + line * LISTED + number, place, mask=live & (number < LISTED))


@triton.jit
def _lists_all(target, STAGE: tl.constexpr):
    """True if all that is kept is listed."""
    return (target <= LEAST_ROOM) & (STAGE == BY_COUNT)


@triton.jit
def _reaches(place, others, weights, before, target):
    """True for those of the places [n] before which less than the target lies; `others` [n] are the same places."""
    ahead = tl.sum(tl.where(others[None, :] < place[:, None], weights[None, :], 0), 1)
    return (before + ahead < target) & (place < NEVER)


@triton.jit
def _share(wanted, total):
    """The mass that is top_p's share of the total."""
    return tl.where(wanted < 1, tl.maximum(tl.ceil(wanted * total.to(tl.float64)).to(tl.int64), 1), NEVER)


@triton.jit
def _settle(
    logits, ints, floats, words, words_stride, peaks, limits, wanted, bins, listed, V, T, TILES: tl.constexpr,
    BINS: tl.constexpr, LISTED: tl.constexpr, STAGE: tl.constexpr, GREEDY: tl.constexpr, LARGEST: tl.constexpr,
    TILE: tl.constexpr, BOTH: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Program: a row. Its limit is the place at which the target is reached; with BOTH, then that of top_p's mass."""
    line = tl.program_id(0)
    wait_then_release(PDL)
    state = bins + line * (2 * BINS + STATE) + 2 * BINS
    target = tl.load(state)
    count = tl.load(state + 3)
    before = tl.load(state + 4)
    steps = tl.load(state + 5)
    highest = highest_of(peaks, line, T, TILES)
    share = tl.load(wanted + line * 4 + BY_MASS)
    if target < NEVER:
        if count <= LISTED:
            i = tl.arange(0, LISTED)
            mine = tl.load(listed + line * LISTED + i, mask=i < count, other=NEVER)
            other = tl.load(listed + line * LISTED + i, mask=i < count, other=NEVER)
            x = distance_of(logit_of(other), highest, floats, line, STAGE, GREEDY, LARGEST)
            weight = tl.where(other < NEVER, weigh(x, STAGE), 0)
            before = tl.where(_lists_all(target, STAGE), 0, before)
            kept = _reaches(mine, other, weight, before, target)
            if BOTH:
                x = distance_of(logit_of(other), highest, floats, line, BY_MASS, GREEDY, LARGEST)
                limit = tl.max(tl.where(kept, mine, 0), 0)
                weight = tl.where(other <= limit, weigh(x, BY_MASS), 0)
                kept = kept & _reaches(mine, other, weight, 0, _share(share, tl.sum(weight, 0)))
            limit = tl.max(tl.where(kept, mine, 0), 0)
        else:
            limit = bit_by_bit(
                logits, ints, floats, words, words_stride, V, line, highest, tl.load(limits + line), steps, before,
                target, False, STAGE, GREEDY, LARGEST, TILE,
            )  # fmt: skip
            if BOTH:
                total = weight_ahead(
                    logits, ints, floats, words, words_stride, V, line, highest, limit, steps, NEVER, True, BY_MASS,
                    GREEDY, LARGEST, TILE,
                )  # fmt: skip
                if share < 1:
                    limit = bit_by_bit(
                        logits, ints, floats, words, words_stride, V, line, highest, limit, steps, total * 0,
                        _share(share, total), True, BY_MASS, GREEDY, LARGEST, TILE,
                    )  # fmt: skip
        tl.store(limits + line, limit)


@triton.jit
def _apply(
    logits, ints, floats, words, words_stride, peaks, limits, V, T, TILES: tl.constexpr, TILE: tl.constexpr,
    GREEDY: tl.constexpr, LARGEST: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    tile, line = tl.program_id(0), tl.program_id(1)
    wait_then_release(PDL)
    ids = tile * TILE + tl.arange(0, TILE)
    z = load_logits(logits, ints, words, words_stride, V, line, ids)
    x = distance_of(z, highest_of(peaks, line, T, TILES), floats, line, BY_MASS, GREEDY, LARGEST)
    is_dropped = (place_of(z, ids) > tl.load(limits + line)) | (tl.exp(-x) < tl.load(floats + line * 8 + MIN_P))
    row = tl.load(ints + line * 8 + ROW).to(tl.int64)
    tl.store(logits + row * V + ids, float("-inf"), mask=is_dropped & (z < float("inf")) & (ids < V))


@triton.jit(do_not_specialize=["MOST"])
def _gather(
    logits, ints, floats, words, words_stride, peaks, sums, limits, tokens, packed, MOST, V, T,
    TILES: tl.constexpr, TILE: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """packed i32[lines, HEAD + 2 * MOST]: logarithm of the sum (two words), the token's logit, the number of logits
    that are kept, their ids, themselves."""
    tile, line = tl.program_id(0), tl.program_id(1)
    wait_then_release(PDL)
    ids = tile * TILE + tl.arange(0, TILE)
    z = load_logits(logits, ints, words, words_stride, V, line, ids)
    packed += line.to(tl.int64) * (HEAD + 2 * MOST)
    live = (z > float("-inf")) & (place_of(z, ids) <= tl.load(limits + line)) & (MOST > 0)
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
