"""Routing of many tokens: the chosen experts, pairs of (token, expert) sorted by expert, and the weighted sum.

The sort is stable and uses no atomics: the same tokens give the same order, and the host never learns the counts.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.launch import power_of_two_at_least
from ossia.engine.gpt_oss.cuda.kernels.words import OPERAND, rank_experts, store_half, wait_then_release

CHUNK = tl.constexpr(1024)


def choose_reference(logits: Tensor, experts_per_token: int) -> tuple[Tensor, Tensor]:
    """ids i32[T, k], best first, and shares f32[T, k]."""
    top, ids = torch.sort(logits, dim=-1, descending=True, stable=True)
    return ids[:, :experts_per_token].int(), top[:, :experts_per_token].softmax(-1)


def sort_reference(ids: Tensor, experts: int, block: int) -> tuple[Tensor, Tensor]:
    """(order, block_experts) of ids i32[pairs]: pairs of each expert in ascending order, filled up with `pairs` to
    whole blocks, and the expert of each block, -1 for blocks that are not needed."""
    pairs = ids.numel()
    blocks = num_blocks(pairs, experts, block)
    order = torch.full((blocks * block,), pairs, dtype=torch.int32, device=ids.device)
    block_experts = torch.full((blocks,), -1, dtype=torch.int32, device=ids.device)
    start = 0
    for expert in range(experts):
        found = torch.nonzero(ids.flatten() == expert).flatten()
        order[start : start + len(found)] = found.int()
        length = -(-len(found) // block) * block
        block_experts[start // block : (start + length) // block] = expert
        start += length
    return order, block_experts


def num_blocks(pairs: int, experts: int, block: int) -> int:
    """Blocks that are enough for any routing of so many pairs."""
    return min(triton.cdiv(pairs, block) + experts, pairs)


@triton.jit
def choose_kernel(logits, ids, shares, E: tl.constexpr, EP: tl.constexpr, TOPK: tl.constexpr, PDL: tl.constexpr):
    """Program: a token."""
    wait_then_release(PDL)
    t = tl.program_id(0)
    rank, share = rank_experts(logits + t * E, E, EP, TOPK)
    tl.store(ids + t * TOPK + rank, tl.arange(0, EP), rank < TOPK)
    tl.store(shares + t * TOPK + rank, share, rank < TOPK)


@triton.jit(do_not_specialize=["PAIRS"])
def count_kernel(ids, counts, PAIRS, PDL: tl.constexpr):
    """Program: an expert."""
    wait_then_release(PDL)
    expert = tl.program_id(0)
    i = tl.arange(0, CHUNK)
    found = tl.zeros([CHUNK], tl.int32)
    for first in range(0, PAIRS, CHUNK):
        found += (tl.load(ids + first + i, first + i < PAIRS, other=-1) == expert).to(tl.int32)
    tl.store(counts + expert, tl.sum(found, 0))


@triton.jit(do_not_specialize=["PAIRS", "BLOCKS"])
def place_kernel(
    ids, counts, order, block_experts, PAIRS, BLOCKS, E: tl.constexpr, EP: tl.constexpr, BLOCK: tl.constexpr,
    PDL: tl.constexpr,
):  # fmt: skip
    """Program: an expert. It writes its part of `order`, filled up to whole blocks; the last also marks the rest."""
    wait_then_release(PDL)
    expert = tl.program_id(0)
    e = tl.arange(0, EP)
    count = tl.load(counts + e, e < E, other=0)
    length = (count + BLOCK - 1) // BLOCK
    start = tl.sum(tl.where(e < expert, length, 0), 0)
    end = start + tl.sum(tl.where(e == expert, length, 0), 0)
    mark_blocks(block_experts, start, end, expert)
    place = start * BLOCK
    i = tl.arange(0, CHUNK)
    for first in range(0, PAIRS, CHUNK):
        mine = (tl.load(ids + first + i, first + i < PAIRS, other=-1) == expert).to(tl.int32)
        tl.store(order + place + tl.cumsum(mine, 0) - 1, first + i, mine > 0)
        place += tl.sum(mine, 0)
    rest = place + tl.arange(0, BLOCK)
    tl.store(order + rest, PAIRS, rest < end * BLOCK)
    if expert == E - 1:
        mark_blocks(block_experts, end, BLOCKS, -1)


@triton.jit(do_not_specialize=["T", "BLOCKS"])
def choose_and_sort_kernel(
    logits, shares, order, block_experts, T, BLOCKS, TP: tl.constexpr, E: tl.constexpr, EP: tl.constexpr,
    TOPK: tl.constexpr, BLOCK: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Program: an expert. Each looks at all tokens' choices, keeps its own, and knows where the others end."""
    wait_then_release(PDL)
    expert = tl.program_id(0)
    t = tl.arange(0, TP)
    e = tl.arange(0, EP)
    z = tl.load(
        logits + t[:, None] * E + e[None, :], (t < T)[:, None] & (e < E)[None, :], other=-float("inf")
    )  # fmt: skip
    highest = tl.max(z, 1)
    chosen = tl.zeros([TP, EP], tl.int32)
    rank = tl.full([TP], -1, tl.int32)
    own = tl.zeros([TP], tl.float32)
    total = tl.zeros([TP], tl.float32)
    for j in tl.static_range(TOPK):
        top = tl.max(z, 1)
        id = tl.min(tl.where(z == top[:, None], e[None, :], E - 1), 1)
        hit = e[None, :] == id[:, None]
        weight = tl.exp(top - highest)
        rank = tl.where(id == expert, j, rank)
        own = tl.where(id == expert, weight, own)
        total += weight
        chosen = chosen | (hit & (t < T)[:, None]).to(tl.int32)
        z = tl.where(hit, -float("inf"), z)
    length = (tl.sum(chosen, 0) + BLOCK - 1) // BLOCK
    start = tl.sum(tl.where(e < expert, length, 0), 0)
    end = start + tl.sum(tl.where(e == expert, length, 0), 0)
    mine = ((rank >= 0) & (t < T)).to(tl.int32)
    pair = t * TOPK + rank
    tl.store(shares + pair, own / total, mine > 0)
    tl.store(order + start * BLOCK + tl.cumsum(mine, 0) - 1, pair, mine > 0)
    rest = start * BLOCK + tl.sum(mine, 0) + tl.arange(0, BLOCK)
    tl.store(order + rest, T * TOPK, rest < end * BLOCK)
    mark_blocks(block_experts, start, end, expert)
    if expert == E - 1:
        mark_blocks(block_experts, end, BLOCKS, -1)


@triton.jit
def mark_blocks(block_experts, start, end, expert):
    """The expert of the blocks from start to end."""
    for first in range(start, end, CHUNK):
        block = first + tl.arange(0, CHUNK)
        tl.store(block_experts + block, expert, block < end)


@triton.jit
def weighted_sum_kernel(
    x, y, shares, gain, out, normed, D: tl.constexpr, BD: tl.constexpr, TOPK: tl.constexpr, EPS: tl.constexpr,
    NORM: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Program: a token. out = x + the sum of its experts' outputs y, in their order; with NORM, its norm too."""
    t = tl.program_id(0).to(tl.int64)
    k = tl.arange(0, BD)
    live = k < D
    if NORM:
        g = tl.load(gain + k, live, other=0.0)
    wait_then_release(PDL)
    total = tl.zeros([BD], tl.float32)
    for j in tl.static_range(TOPK):
        own = tl.load(y + (t * TOPK + j) * D + k, live, other=0.0).to(tl.float32)
        total += tl.load(shares + t * TOPK + j) * own
    total += tl.load(x + t * D + k, live, other=0.0)
    tl.store(out + t * D + k, total, live)
    if NORM:
        y = total * tl.rsqrt(tl.sum(total * total, 0) / D + EPS) * g
        store_half(normed, t * D, k, y, live, D, OPERAND)


def choose(logits: Tensor, ids: Tensor, shares: Tensor, *, pdl: bool = False) -> None:
    """ids i32[T, k], best first, and shares f32[T, k] of logits f32[T, E]."""
    rows, experts = logits.shape
    choose_kernel[(rows,)](
        logits, ids, shares, E=experts, EP=power_of_two_at_least(experts), TOPK=ids.shape[1], PDL=pdl, num_warps=1,
        launch_pdl=pdl,
    )  # fmt: skip


def sort_by_expert(
    ids: Tensor, counts: Tensor, order: Tensor, block_experts: Tensor, *, block: int, pdl: bool = False
) -> None:
    """order i32[blocks * block] and block_experts i32[blocks] of ids i32[T, k]; see `sort_reference`."""
    experts, pairs = len(counts), ids.numel()
    count_kernel[(experts,)](ids, counts, pairs, PDL=pdl, num_warps=4, launch_pdl=pdl)
    place_kernel[(experts,)](
        ids, counts, order, block_experts, pairs, len(block_experts), E=experts, EP=power_of_two_at_least(experts),
        BLOCK=block, PDL=pdl, num_warps=4, launch_pdl=pdl,
    )  # fmt: skip


def choose_and_sort(
    logits: Tensor, shares: Tensor, order: Tensor, block_experts: Tensor, *, block: int, pdl: bool = False
) -> None:  # fmt: skip
    """`choose` and `sort_by_expert` in one launch, of few tokens: shares f32[T, k], order i32[blocks * block] and
    block_experts i32[blocks] of logits f32[T, E]."""
    tokens, experts = logits.shape
    choose_and_sort_kernel[(experts,)](
        logits, shares, order, block_experts, tokens, len(block_experts), TP=max(16, power_of_two_at_least(tokens)),
        E=experts, EP=power_of_two_at_least(experts), TOPK=shares.shape[1], BLOCK=block, PDL=pdl,
        num_warps=4 if experts <= 32 else 8, launch_pdl=pdl,
    )  # fmt: skip


def weighted_sum(
    x: Tensor, y: Tensor, shares: Tensor, out: Tensor, *, gain: Tensor | None = None, eps: float = 0.0,
    normed: Tensor | None = None, pdl: bool = False,
) -> None:  # fmt: skip
    """out f32[T, D] = x + the sum over k of shares[t, k] * y[t * k + k]; with a gain, normed f16[T, D] is its norm in
    the order of dense.py's operands."""
    rows, width = x.shape
    weighted_sum_kernel[(rows,)](
        x, y, shares, gain, out, normed, D=width, BD=power_of_two_at_least(width), TOPK=shares.shape[1], EPS=eps,
        NORM=gain is not None, PDL=pdl, num_warps=8, launch_pdl=pdl,
    )  # fmt: skip
