"""Attention of many new tokens over the paged cache, for chunks of prompts: keys that all queries see are not masked.

A tile is 16 neighbouring tokens of one sequence times the query heads that share a kv head, 128 rows of the matrix
units: keys and values are loaded once for all of them, and only the last blocks, or the few of a window, need masks.
The softmax starts with the sink as its first score. `prefill.attention_tiles` makes the tiles; a tile of sequence -1 is
none.
"""

import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.attention import DOT, attend
from ossia.engine.gpt_oss.cuda.kernels.launch import power_of_two_at_least
from ossia.engine.gpt_oss.cuda.kernels.prefill import TILE_TOKENS
from ossia.engine.gpt_oss.cuda.kernels.scaled import attend_scaled, load_scales
from ossia.engine.gpt_oss.cuda.kernels.words import OPERAND, PLAIN, operand_place, wait_then_release
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE
from ossia.engine.gpt_oss.cuda.tuned import Warps

LOG2_E = tl.constexpr(1.4426950408889634)
LARGEST = tl.constexpr(65504.0)


@triton.jit
def keys_of_block(
    cache, table, block, kvh, KV: tl.constexpr, HD: tl.constexpr, BS: tl.constexpr, HEAD: tl.constexpr
):  # fmt: skip
    """Addresses [BS, HD] of the keys of a block; its values are KV * HEAD further."""
    base = cache + (tl.load(table + block).to(tl.int64) * (2 * KV) + kvh) * HEAD
    return base + tl.arange(0, BS)[:, None] * HD + tl.arange(0, HD)[None, :]


@triton.jit
def attend_keys(
    q, k, v, cache, table, key, written, seen, top, total, mixed, kvh, KV: tl.constexpr, HD: tl.constexpr,
    BS: tl.constexpr, HEAD: tl.constexpr, DOT: tl.constexpr,
):  # fmt: skip
    """`attend` over keys of 16 bits, or of 8 with their scales."""
    if HEAD > BS * HD:
        ks, vs = load_scales(cache, table, key, written, kvh, KV, HD, BS, HEAD)
        top, total, mixed = attend_scaled(q, k, v, ks, vs, seen, top, total, mixed, DOT)
    else:
        top, total, mixed = attend(q, k, v, seen, top, total, mixed, DOT)
    return top, total, mixed


@triton.jit
def flash_kernel(
    queries, cache, tiles, query_start, rows, positions, tables, sinks, out, TABLE: tl.constexpr, H: tl.constexpr,
    KV: tl.constexpr, HD: tl.constexpr, WINDOW: tl.constexpr, BT: tl.constexpr, GP: tl.constexpr, BS: tl.constexpr,
    HEAD: tl.constexpr, STAGES: tl.constexpr, ORDER: tl.constexpr, DOT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Program (kv head, tile, the last tiles first): out [T, H * hd]. Row m is token m // GP, head m % GP."""
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
    m = tl.arange(0, BT * GP)
    token = first + m // GP
    live = (token <= last) & (m % GP < G)
    head = kvh * G + m % GP % G
    d = tl.arange(0, HD)[None, :]
    own = (token * H + head)[:, None] * HD  # a step has fewer than 2^31 elements of queries
    q = tl.load(queries + own + d, live[:, None], other=0.0).to(DOT)
    position = tl.load(positions + token, live, other=0)
    top = tl.load(sinks + head) * LOG2_E
    total = tl.full([BT * GP], 1.0, tl.float32)
    mixed = tl.zeros([BT * GP, HD], tl.float32)
    earliest = tl.load(positions + first)
    newest = tl.load(positions + last)
    t = tl.arange(0, BS)
    if WINDOW > 0:
        masked = tl.maximum(earliest - (WINDOW - 1), 0) // BS
    else:
        masked = (earliest + 1) // BS
        for block in tl.range(0, masked, num_stages=STAGES):
            keys = keys_of_block(cache, table, block, kvh, KV, HD, BS, HEAD)
            seen = tl.full([1, BS], 1, tl.int1)
            k = tl.load(keys)
            v = tl.load(keys + KV * HEAD)
            top, total, mixed = attend_keys(
                q, k, v, cache, table, block * BS + t, t >= 0, seen, top, total, mixed, kvh, KV, HD, BS, HEAD, DOT
            )  # fmt: skip
    for block in tl.range(masked, newest // BS + 1, num_stages=STAGES):
        keys = keys_of_block(cache, table, block, kvh, KV, HD, BS, HEAD)
        key = block * BS + t
        written = (key <= newest)[:, None]  # beyond, a NaN of somebody else would outlive its weight of 0
        seen = key[None, :] <= position[:, None]
        if WINDOW > 0:
            seen &= key[None, :] > position[:, None] - WINDOW
        k = tl.load(keys, written, other=0)
        v = tl.load(keys + KV * HEAD, written, other=0)
        top, total, mixed = attend_keys(
            q, k, v, cache, table, key, key <= newest, seen, top, total, mixed, kvh, KV, HD, BS, HEAD, DOT
        )  # fmt: skip
    y = tl.minimum(tl.maximum(mixed / total[:, None], -LARGEST), LARGEST)
    if ORDER == OPERAND:
        d = operand_place(d)  # within a head: those of 64, and multiples of it
    tl.store(out + own + d, y.to(out.dtype.element_ty), live[:, None])


def flash_attention(
    queries: Tensor, cache: Tensor, tiles: Tensor, query_start: Tensor, rows: Tensor, positions: Tensor,
    tables: Tensor, sinks: Tensor, out: Tensor, *, kv_heads: int, window: int, tuned: Warps,
    order: tl.constexpr = PLAIN, pdl: bool = False,
) -> None:  # fmt: skip
    """out [T, H * hd] of queries bf16[T, H, hd], as `prefill_attention` does it; `window` 0 is none.

    `order` is PLAIN or OPERAND, that of dense.py.
    """
    _, heads, head_dim = queries.shape
    flash_kernel[(kv_heads, len(tiles))](
        queries, cache, tiles, query_start, rows, positions, tables, sinks, out, TABLE=tables.shape[1], H=heads,
        KV=kv_heads, HD=head_dim, WINDOW=window, BT=TILE_TOKENS, GP=power_of_two_at_least(heads // kv_heads),
        BS=BLOCK_SIZE, HEAD=cache.stride(2), STAGES=tuned.stages, ORDER=order, DOT=DOT,
        PDL=pdl, num_warps=tuned.warps, launch_pdl=pdl,
    )  # fmt: skip
