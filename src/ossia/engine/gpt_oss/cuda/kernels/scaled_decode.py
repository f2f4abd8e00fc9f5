"""Attention of one new token over 8-bit keys and values: the kernel of `decode_attention` for such a cache.

Codes are read as pairs of 16 bits, which the matrix units' loads can transpose, and become float16 in registers. So a
head has an even and an odd half, each with products of its own. What is stored, and how a sequence is split, is as in
`attention.py`.
"""

import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.attention import (
    AttentionShape,
    Inputs,
    Paged,
    Unfinished,
    load_tile,
    rotate,
    split_length,
)
from ossia.engine.gpt_oss.cuda.kernels.scaled import codes, load_scales, scale_of, store_scales
from ossia.engine.gpt_oss.cuda.kernels.words import ASM, wait_then_release
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE
from ossia.engine.gpt_oss.cuda.tuned import Warps

DOT = tl.float16 if ASM.value else tl.float32  # the interpreter multiplies no float16
UP = tl.constexpr(256.0)  # of weights times scales of values, which so stay clear of float16's subnormals
EVEN = tl.constexpr("""
{ .reg .b32 c; mov.b32 c, 0x64806480;
  lop3.b32 $0, $1, 0x00ff00ff, c, 0x6a; sub.rn.f16x2 $0, $0, c; }
""")
ODD = tl.constexpr("""
{ .reg .b32 c; mov.b32 c, 0x64806480; shr.u32 $0, $1, 8;
  lop3.b32 $0, $0, 0x00ff00ff, c, 0x6a; sub.rn.f16x2 $0, $0, c; }
""")


@triton.jit
def even(pair, DOT: tl.constexpr):
    """The low of two int8 in each int16, as DOT: its sign flipped and 1024's exponent above it, it is 1152 too much."""
    if ASM:
        return tl.inline_asm_elementwise(EVEN, "=r,r", [pair], dtype=tl.float16, is_pure=True, pack=2)
    else:
        return ((pair.to(tl.int32) << 24) >> 24).to(DOT)


@triton.jit
def odd(pair, DOT: tl.constexpr):
    """The high of two int8 in each int16, as DOT."""
    if ASM:
        return tl.inline_asm_elementwise(ODD, "=r,r", [pair], dtype=tl.float16, is_pure=True, pack=2)
    else:
        return (pair.to(tl.int32) >> 8).to(DOT)


@triton.jit
def attend_pairs(q0, q1, k, v, k_scale, v_scale, seen, top, total, mixed0, mixed1, DOT: tl.constexpr):
    """`attend_scaled` over pairs of codes, with halves of queries and of values."""
    scores = tl.dot(q0, tl.trans(even(k, DOT)))
    scores = tl.dot(q1, tl.trans(odd(k, DOT)), acc=scores)
    scores = tl.where(seen, scores * k_scale[None, :], -1e30)
    higher = tl.maximum(top, tl.max(scores, 1))
    weights = tl.exp2(scores - higher[:, None])
    keep = tl.exp2(top - higher)
    total = total * keep + tl.sum(weights, 1)
    weights = (weights * (v_scale * UP)[None, :]).to(DOT)
    mixed0 = tl.dot(weights, even(v, DOT), acc=mixed0 * keep[:, None])
    mixed1 = tl.dot(weights, odd(v, DOT), acc=mixed1 * keep[:, None])
    return higher, total, mixed0, mixed1


@triton.jit
def turns(cos, sin, position, d, HD: tl.constexpr):
    """Cosines and sines that `rotate` turns elements d of a head with."""
    c = tl.load(cos + position * (HD // 2) + d % (HD // 2))
    s = tl.load(sin + position * (HD // 2) + d % (HD // 2))
    return c, tl.where(d < HD // 2, -s, s)


@triton.jit
def quantized_pairs(x0, x1):
    """Pairs of 8-bit codes of a head's halves, and their scale, which float16 holds."""
    scale = scale_of(tl.maximum(tl.max(tl.abs(x0), 0), tl.max(tl.abs(x1), 0)))
    low, high = codes(x0, scale).to(tl.int32), codes(x1, scale).to(tl.int32)
    return (low & 0xFF | high << 8).to(tl.int16), scale


@triton.jit
def store_pairs(
    cache, pairs, table, position, kvh, k, v, k_scale, v_scale, KV: tl.constexpr, HD: tl.constexpr, BS: tl.constexpr,
    HEAD: tl.constexpr,
):  # fmt: skip
    """Put the key and value of one kv head into the cache, as pairs of codes and scales."""
    p = tl.arange(0, HD // 2)
    block = tl.load(table + position // BS).to(tl.int64)
    at = (block * (2 * KV) + kvh) * (HEAD // 2) + (position % BS) * (HD // 2)
    tl.store(pairs + at + p, k)
    tl.store(pairs + at + KV * (HEAD // 2) + p, v)
    store_scales(cache, table, position, kvh, k_scale, v_scale, KV, HD, BS, HEAD)


@triton.jit
def attend_pairs_span(
    cache, pairs, table, kvh, q0, q1, k, v, k_scale, v_scale, new_k, new_v, new_k_scale, new_v_scale, start, end,
    position, KV: tl.constexpr, HD: tl.constexpr, BS: tl.constexpr, HEAD: tl.constexpr, TILE: tl.constexpr,
    STAGES: tl.constexpr, DOT: tl.constexpr,
):  # fmt: skip
    """`attend_span` over pairs of codes. Scales, too small for asynchronous copies, are loaded a tile ahead."""
    P: tl.constexpr = HD // 2
    limit = tl.minimum(end, position)
    t = start + tl.arange(0, TILE)
    ahead = t + TILE
    next_k_scale, next_v_scale = load_scales(cache, table, ahead, ahead < limit, kvh, KV, HD, BS, HEAD)
    k = tl.where((t == position)[:, None], new_k[None, :], k)
    v = tl.where((t == position)[:, None], new_v[None, :], v)
    k_scale = tl.where(t == position, new_k_scale, k_scale)
    v_scale = tl.where(t == position, new_v_scale, v_scale)
    top = tl.full([16], -1e30, tl.float32)
    total = tl.zeros([16], tl.float32)
    m0 = tl.zeros([16, P], tl.float32)
    m1 = tl.zeros([16, P], tl.float32)
    seen = (t < end)[None, :]
    top, total, m0, m1 = attend_pairs(q0, q1, k, v, k_scale, v_scale, seen, top, total, m0, m1, DOT)
    rest = start + TILE
    whole = rest + tl.maximum(limit - rest, 0) // TILE * TILE
    for first in tl.range(rest, whole, TILE, num_stages=STAGES):
        t = first + tl.arange(0, TILE)
        k_scale = next_k_scale
        v_scale = next_v_scale
        k, v = load_tile(pairs, table, t, t < end, kvh, KV, P, BS, HEAD // 2)
        ahead = t + TILE
        next_k_scale, next_v_scale = load_scales(cache, table, ahead, ahead < limit, kvh, KV, HD, BS, HEAD)
        seen = tl.full([1, TILE], 1, tl.int1)
        top, total, m0, m1 = attend_pairs(q0, q1, k, v, k_scale, v_scale, seen, top, total, m0, m1, DOT)
    if whole < end:
        t = whole + tl.arange(0, TILE)
        k, v = load_tile(pairs, table, t, t < limit, kvh, KV, P, BS, HEAD // 2)
        k = tl.where((t == position)[:, None], new_k[None, :], k)
        v = tl.where((t == position)[:, None], new_v[None, :], v)
        k_scale = tl.where(t == position, new_k_scale, next_k_scale)
        v_scale = tl.where(t == position, new_v_scale, next_v_scale)
        seen = (t < end)[None, :]
        top, total, m0, m1 = attend_pairs(q0, q1, k, v, k_scale, v_scale, seen, top, total, m0, m1, DOT)
    return top, total, m0, m1


@triton.jit
def scaled_decode_kernel(
    qkv, cache, rows, positions, tables, cos, sin, partial, extremes, TABLE: tl.constexpr, H: tl.constexpr,
    KV: tl.constexpr, HD: tl.constexpr, WINDOW: tl.constexpr, SPLITS: tl.constexpr, TILE: tl.constexpr,
    BS: tl.constexpr, HEAD: tl.constexpr, STAGES: tl.constexpr, DOT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """`decode_attention_kernel`, of the same programs and results."""
    kvh = tl.program_id(0)
    split = tl.program_id(1)
    b = tl.program_id(2)
    G: tl.constexpr = H // KV
    position = tl.load(positions + b)
    table = tables + tl.load(rows + b) * TABLE
    begin = position * 0
    if WINDOW > 0:
        begin = tl.maximum(position - (WINDOW - 1), 0)
    length = split_length(position + 1 - begin, SPLITS, TILE)
    start = begin + split * length
    end = tl.minimum(start + length, position + 1)
    t = start + tl.arange(0, TILE)
    old = (t < position) & (t < end)
    pairs = cache.to(tl.pointer_type(tl.int16), bitcast=True)
    k, v = load_tile(pairs, table, t, old, kvh, KV, HD // 2, BS, HEAD // 2)
    k_scale, v_scale = load_scales(cache, table, t, old, kvh, KV, HD, BS, HEAD)
    d0 = 2 * tl.arange(0, HD // 2)
    d1 = d0 + 1
    c0, s0 = turns(cos, sin, position, d0, HD)
    c1, s1 = turns(cos, sin, position, d1, HD)
    wait_then_release(PDL)
    if start <= position:
        qkv += b * ((H + 2 * KV) * HD)
        g = tl.arange(0, 16)
        head = kvh * G + g % G
        queries = qkv + head[:, None] * HD
        q0 = rotate(queries, d0[None, :], c0[None, :], s0[None, :], HD) * (1.4426950408889634 / HD**0.5)
        q1 = rotate(queries, d1[None, :], c1[None, :], s1[None, :], HD) * (1.4426950408889634 / HD**0.5)
        key = qkv + (H + kvh) * HD
        value = qkv + (H + KV + kvh) * HD
        new_k, new_k_scale = quantized_pairs(rotate(key, d0, c0, s0, HD), rotate(key, d1, c1, s1, HD))
        new_v, new_v_scale = quantized_pairs(tl.load(value + d0), tl.load(value + d1))
        if end == position + 1:
            store_pairs(
                cache, pairs, table, position, kvh, new_k, new_v, new_k_scale, new_v_scale, KV, HD, BS, HEAD
            )  # fmt: skip
        top, total, m0, m1 = attend_pairs_span(
            cache, pairs, table, kvh, q0.to(DOT), q1.to(DOT), k, v, k_scale, v_scale, new_k, new_v, new_k_scale,
            new_v_scale, start, end, position, KV, HD, BS, HEAD, TILE, STAGES, DOT
        )  # fmt: skip
        at = (b * SPLITS + split) * H
        share = 1 / (total * UP)
        own = partial + (at + head[:, None]) * HD + d0[None, :]
        tl.store(own, (m0 * share[:, None]).to(tl.float16), (g < G)[:, None])
        tl.store(own + 1, (m1 * share[:, None]).to(tl.float16), (g < G)[:, None])
        tl.store(extremes + at * 2 + head, top, g < G)
        tl.store(extremes + at * 2 + H + head, total, g < G)


def decode_scaled_attention(
    qkv: Tensor, paged: Paged, inputs: Inputs, out: Unfinished, shape: AttentionShape, *, tuned: Warps, pdl: bool
) -> None:
    """`decode_attention` over a cache int8[blocks, 2, KV, ...]."""
    scaled_decode_kernel[(shape.kv_heads, shape.splits, len(qkv))](
        qkv, paged.cache, inputs.rows, inputs.positions, paged.tables, paged.cos, paged.sin, out.partial, out.extremes,
        TABLE=paged.tables.shape[1], H=shape.heads, KV=shape.kv_heads, HD=shape.head_dim, WINDOW=shape.window,
        SPLITS=shape.splits, TILE=shape.tile, BS=BLOCK_SIZE, HEAD=paged.cache.stride(2), STAGES=tuned.stages, DOT=DOT,
        PDL=pdl, num_warps=tuned.warps, launch_pdl=pdl,
    )  # fmt: skip
