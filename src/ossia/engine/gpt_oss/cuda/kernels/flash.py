"""Attention of many new tokens over the paged cache, for chunks of prompts: keys that all queries see are not masked.

A tile is 16 neighbouring tokens of one sequence times the query heads that share a kv head, 128 rows of the matrix
units: keys and values are loaded once for all of them, and only the last blocks, or the few of a window, need masks.
The softmax starts with the sink as its first score. `prefill.attention_tiles` makes the tiles; a tile of sequence -1 is
none.

Where there are few tiles, the keys that all queries of a tile see may be split over several programs, which leave their
softmax unfinished for `merge`. Splits follow from the tile's first position and nothing else.
"""

import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.attention import DOT, Paged, Unfinished, attend
from ossia.engine.gpt_oss.cuda.kernels.launch import power_of_two_at_least
from ossia.engine.gpt_oss.cuda.kernels.prefill import TILE_TOKENS, Pieces
from ossia.engine.gpt_oss.cuda.kernels.scaled import attend_scaled
from ossia.engine.gpt_oss.cuda.kernels.words import OPERAND, PLAIN, operand_place, wait_then_release
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE
from ossia.engine.gpt_oss.cuda.tuned import Warps

LOG2_E = tl.constexpr(1.4426950408889634)
LARGEST = tl.constexpr(65504.0)
LEAST_BLOCKS = tl.constexpr(8)


@triton.jit
def keys_of_block(
    cache, table, block, kvh, KV: tl.constexpr, HD: tl.constexpr, BS: tl.constexpr, HEAD: tl.constexpr
):  # fmt: skip
    """Addresses [BS, HD] of the keys of a block; its values are KV * HEAD further."""
    base = cache + (tl.load(table + block).to(tl.int64) * (2 * KV) + kvh) * HEAD
    return base + tl.arange(0, BS)[:, None] * HD + tl.arange(0, HD)[None, :]


@triton.jit
def scales_of_block(
    cache, table, block, end, kvh, KV: tl.constexpr, HD: tl.constexpr, BS: tl.constexpr, HEAD: tl.constexpr
):  # fmt: skip
    """Scales f32[BS] of a block's 8-bit keys and values, of tokens before `end`; of 16 bits, nothing is loaded."""
    if HEAD > BS * HD:
        t = tl.arange(0, BS)
        live = block * BS + t < end
        halves = cache.to(tl.pointer_type(tl.float16), bitcast=True)
        place = tl.load(table + block, block * BS < end, other=0).to(tl.int64)
        halves += ((place * (2 * KV) + kvh) * HEAD + BS * HD) // 2
        k = tl.load(halves + t, live, other=0.0).to(tl.float32)
        v = tl.load(halves + KV * HEAD // 2 + t, live, other=0.0).to(tl.float32)
    else:
        k = block
        v = block
    return k, v


@triton.jit
def attend_keys(
    q, k, v, ks, vs, seen, top, total, mixed, HD: tl.constexpr, BS: tl.constexpr, HEAD: tl.constexpr, DOT: tl.constexpr
):  # fmt: skip
    """`attend` over keys of 16 bits, or of 8 with their scales."""
    if HEAD > BS * HD:
        top, total, mixed = attend_scaled(q, k, v, ks, vs, seen, top, total, mixed, DOT)
    else:
        top, total, mixed = attend(q, k, v, seen, top, total, mixed, DOT)
    return top, total, mixed


@triton.jit
def attend_whole(
    q, cache, table, begin, end, top, total, mixed, kvh, KV: tl.constexpr, HD: tl.constexpr, BS: tl.constexpr,
    HEAD: tl.constexpr, STAGES: tl.constexpr, DOT: tl.constexpr,
):  # fmt: skip
    """`attend` over blocks that all queries see. Scales, too small for asynchronous copies, come a block ahead."""
    ks, vs = scales_of_block(cache, table, begin, end * BS, kvh, KV, HD, BS, HEAD)
    for block in tl.range(begin, end, num_stages=STAGES):
        keys = keys_of_block(cache, table, block, kvh, KV, HD, BS, HEAD)
        seen = tl.full([1, BS], 1, tl.int1)
        k = tl.load(keys)
        v = tl.load(keys + KV * HEAD)
        next_ks, next_vs = scales_of_block(cache, table, block + 1, end * BS, kvh, KV, HD, BS, HEAD)
        top, total, mixed = attend_keys(q, k, v, ks, vs, seen, top, total, mixed, HD, BS, HEAD, DOT)
        ks = next_ks
        vs = next_vs
    return top, total, mixed


@triton.jit
def attend_masked(
    q, cache, table, begin, end, position, newest, top, total, mixed, kvh, KV: tl.constexpr, HD: tl.constexpr,
    WINDOW: tl.constexpr, BS: tl.constexpr, HEAD: tl.constexpr, STAGES: tl.constexpr, DOT: tl.constexpr,
):  # fmt: skip
    """`attend` over blocks of which each query sees a part."""
    t = tl.arange(0, BS)
    for block in tl.range(begin, end, num_stages=STAGES):
        keys = keys_of_block(cache, table, block, kvh, KV, HD, BS, HEAD)
        key = block * BS + t
        written = (key <= newest)[:, None]  # beyond, a NaN of somebody else would outlive its weight of 0
        seen = key[None, :] <= position[:, None]
        if WINDOW > 0:
            seen &= key[None, :] > position[:, None] - WINDOW
        k = tl.load(keys, written, other=0)
        v = tl.load(keys + KV * HEAD, written, other=0)
        ks, vs = scales_of_block(cache, table, block, newest + 1, kvh, KV, HD, BS, HEAD)
        top, total, mixed = attend_keys(q, k, v, ks, vs, seen, top, total, mixed, HD, BS, HEAD, DOT)
    return top, total, mixed


@triton.jit
def extremes_before(sinks, head, ROWS: tl.constexpr, SPLITS: tl.constexpr):
    """The softmax before its first key: the sink alone, or nothing where it is joined later."""
    if SPLITS > 1:
        top = tl.full([ROWS], -1e30, tl.float32)
        total = tl.zeros([ROWS], tl.float32)
    else:
        top = tl.load(sinks + head) * LOG2_E
        total = tl.full([ROWS], 1.0, tl.float32)
    return top, total


@triton.jit
def blocks_of_split(whole, split, SPLITS: tl.constexpr):
    """The first block of a split of so many, that after its last, and the number of splits that are used."""
    length = tl.maximum(tl.cdiv(whole, SPLITS), LEAST_BLOCKS)
    begin = split * length
    return begin, tl.minimum(begin + length, whole), tl.maximum(tl.cdiv(whole, length), 1)


@triton.jit
def flash_kernel(
    queries, cache, tiles, query_start, rows, positions, tables, sinks, out, extremes, counts, TABLE: tl.constexpr,
    H: tl.constexpr, KV: tl.constexpr, HD: tl.constexpr, WINDOW: tl.constexpr, BT: tl.constexpr, GP: tl.constexpr,
    BS: tl.constexpr, HEAD: tl.constexpr, SPLITS: tl.constexpr, STAGES: tl.constexpr, ORDER: tl.constexpr,
    DOT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Program (kv head, tile, the last tiles first, split): out [T, H * hd], or with SPLITS the parts of Unfinished.
    Row m is token m // GP, head m % GP."""
    wait_then_release(PDL)
    kvh = tl.program_id(0)
    tile = tl.num_programs(1) - 1 - tl.program_id(1)
    G: tl.constexpr = H // KV
    sequence = tl.load(tiles + tile * 2)
    if sequence < 0:
        return
    first = tl.load(tiles + tile * 2 + 1)
    last = tl.minimum(first + BT, tl.load(query_start + sequence + 1)) - 1
    table = tables + tl.load(rows + sequence) * TABLE
    split = tl.program_id(2)
    if SPLITS > 1:
        begin, end, used = blocks_of_split((tl.load(positions + first) + 1) // BS, split, SPLITS)
        if split >= used:
            return
    m = tl.arange(0, BT * GP)
    token = first + m // GP
    live = (token <= last) & (m % GP < G)
    head = kvh * G + m % GP % G
    d = tl.arange(0, HD)[None, :]
    own = (token * H + head)[:, None] * HD  # a step has fewer than 2^31 elements of queries
    q = tl.load(queries + own + d, live[:, None], other=0.0).to(DOT)
    position = tl.load(positions + token, live, other=0)
    top, total = extremes_before(sinks, head, BT * GP, SPLITS)
    mixed = tl.zeros([BT * GP, HD], tl.float32)
    earliest = tl.load(positions + first)
    newest = tl.load(positions + last)
    stop = newest // BS + 1
    if WINDOW > 0:
        masked = tl.maximum(earliest - (WINDOW - 1), 0) // BS
    else:
        masked = (earliest + 1) // BS
        if SPLITS > 1:  # the first has the last blocks, too, since every tile has it
            stop = tl.where(split == 0, stop, masked)
        else:
            begin, end = 0, masked
        top, total, mixed = attend_whole(
            q, cache, table, begin, end, top, total, mixed, kvh, KV, HD, BS, HEAD, STAGES, DOT
        )  # fmt: skip
    top, total, mixed = attend_masked(
        q, cache, table, masked, stop, position, newest, top, total, mixed, kvh, KV, HD, WINDOW, BS, HEAD, STAGES, DOT
    )  # fmt: skip
    y = tl.minimum(tl.maximum(mixed / total[:, None], -LARGEST), LARGEST)
    if SPLITS > 1:
        tl.store(counts + token, used + m * 0, live & (split + kvh + m % GP == 0))
        at = (token * SPLITS + split) * H
        own = (at + head)[:, None] * HD
        tl.store(extremes + at * 2 + head, top, live)
        tl.store(extremes + at * 2 + H + head, total, live)
    elif ORDER == OPERAND:
        d = operand_place(d)  # within a head: those of 64, and multiples of it
    tl.store(out + own + d, y.to(out.dtype.element_ty), live[:, None])


def flash_attention(
    queries: Tensor, inputs: Pieces, paged: Paged, sinks: Tensor, out: Tensor | Unfinished, *, kv_heads: int,
    window: int, tuned: Warps, order: tl.constexpr = PLAIN, pdl: bool = False,
) -> None:  # fmt: skip
    """out [T, H * hd] of queries bf16[T, H, hd], as `prefill_attention` does it; `window` 0 is none.

    `order` is PLAIN or OPERAND, that of dense.py. Where `out` is Unfinished, keys are split, and there is no window.
    """
    _, heads, head_dim = queries.shape
    assert isinstance(out, Tensor) or not window, "a window is too short to be split"
    results = (out, None, None) if isinstance(out, Tensor) else (out.partial, out.extremes, out.counts)
    splits = 1 if isinstance(out, Tensor) else out.partial.shape[1]
    flash_kernel[(kv_heads, len(inputs.tiles), splits)](
        queries, paged.cache, inputs.tiles, inputs.query_start, inputs.rows, inputs.positions, paged.tables, sinks,
        *results, TABLE=paged.tables.shape[1], H=heads, KV=kv_heads, HD=head_dim, WINDOW=window, BT=TILE_TOKENS,
        GP=power_of_two_at_least(heads // kv_heads), BS=BLOCK_SIZE, HEAD=paged.cache.stride(2), SPLITS=splits,
        STAGES=tuned.stages, ORDER=order, DOT=DOT, PDL=pdl, num_warps=tuned.warps, launch_pdl=pdl,
    )  # fmt: skip
