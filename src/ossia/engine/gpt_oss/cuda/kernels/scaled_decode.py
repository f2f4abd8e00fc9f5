"""Attention of one new token over 8-bit keys and values: the kernel of `decode_attention` for such a cache.

Codes are read as pairs of 16 bits, which the matrix units' loads can transpose, and become float16 in registers. So a
head has an even and an odd half, each with products of its own. What is stored, and how a sequence is split, is as in
`attention.py`.
"""

import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.attention import AttentionShape, Inputs, load_tile, split_length
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
def rotate_half(base, d, cos, sin, HD: tl.constexpr):
    """Elements d of a head at `base`, turned."""
    c = tl.load(cos + d % (HD // 2))
    s = tl.load(sin + d % (HD // 2))
    s = tl.where(d < HD // 2, -s, s)
    return tl.load(base + d) * c + tl.load(base + (d + HD // 2) % HD) * s


@triton.jit
def quantized_pairs(x0, x1):
    """Pairs of 8-bit codes of a head's halves, and their scale, which float16 holds."""
    scale = scale_of(tl.maximum(tl.max(tl.abs(x0), 0), tl.max(tl.abs(x1), 0)))
    low, high = codes(x0, scale).to(tl.int32), codes(x1, scale).to(tl.int32)
    return (low & 0xFF | high << 8).to(tl.int16), scale


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
    P: tl.constexpr = HD // 2
    position = tl.load(positions + b)
    table = tables + tl.load(rows + b) * TABLE
    begin = position * 0
    if WINDOW > 0:
        begin = tl.maximum(position - (WINDOW - 1), 0)
    length = split_length(position + 1 - begin, SPLITS, TILE)
    start = begin + split * length
    end = tl.minimum(start + length, position + 1)
    limit = tl.minimum(end, position)
    pairs = cache.to(tl.pointer_type(tl.int16), bitcast=True)
    t = start + tl.arange(0, TILE)
    k, v = load_tile(pairs, table, t, t < limit, kvh, KV, P, BS, HEAD // 2)
    k_scale, v_scale = load_scales(cache, table, t, t < limit, kvh, KV, HD, BS, HEAD)
    ahead = t + TILE
    next_k_scale, next_v_scale = load_scales(cache, table, ahead, ahead < limit, kvh, KV, HD, BS, HEAD)
    p = tl.arange(0, P)
    wait_then_release(PDL)
    if start <= position:
        qkv += b * ((H + 2 * KV) * HD)
        cos += position * (HD // 2)
        sin += position * (HD // 2)
        g = tl.arange(0, 16)
        head = kvh * G + g % G
        at = qkv + head[:, None] * HD
        q0 = (rotate_half(at, 2 * p[None, :], cos, sin, HD) * (1.4426950408889634 / HD**0.5)).to(DOT)
        q1 = (rotate_half(at, 2 * p[None, :] + 1, cos, sin, HD) * (1.4426950408889634 / HD**0.5)).to(DOT)
        at = qkv + (H + kvh) * HD
        new_k, new_k_scale = quantized_pairs(
            rotate_half(at, 2 * p, cos, sin, HD), rotate_half(at, 2 * p + 1, cos, sin, HD)
        )
        at = qkv + (H + KV + kvh) * HD
        new_v, new_v_scale = quantized_pairs(tl.load(at + 2 * p), tl.load(at + 2 * p + 1))
        if end == position + 1:
            block = tl.load(table + position // BS).to(tl.int64)
            place = (block * (2 * KV) + kvh) * (HEAD // 2) + (position % BS) * P
            tl.store(pairs + place + p, new_k)
            tl.store(pairs + place + KV * (HEAD // 2) + p, new_v)
            store_scales(cache, table, position, kvh, new_k_scale, new_v_scale, KV, HD, BS, HEAD)
        top = tl.full([16], -1e30, tl.float32)
        total = tl.zeros([16], tl.float32)
        mixed0 = tl.zeros([16, P], tl.float32)
        mixed1 = tl.zeros([16, P], tl.float32)
        k = tl.where((t == position)[:, None], new_k[None, :], k)
        v = tl.where((t == position)[:, None], new_v[None, :], v)
        k_scale = tl.where(t == position, new_k_scale, k_scale)
        v_scale = tl.where(t == position, new_v_scale, v_scale)
        top, total, mixed0, mixed1 = attend_pairs(
            q0, q1, k, v, k_scale, v_scale, (t < end)[None, :], top, total, mixed0, mixed1, DOT
        )
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
            top, total, mixed0, mixed1 = attend_pairs(
                q0, q1, k, v, k_scale, v_scale, seen, top, total, mixed0, mixed1, DOT
            )
        if whole < end:
            t = whole + tl.arange(0, TILE)
            k, v = load_tile(pairs, table, t, t < limit, kvh, KV, P, BS, HEAD // 2)
            k = tl.where((t == position)[:, None], new_k[None, :], k)
            v = tl.where((t == position)[:, None], new_v[None, :], v)
            k_scale = tl.where(t == position, new_k_scale, next_k_scale)
            v_scale = tl.where(t == position, new_v_scale, next_v_scale)
            top, total, mixed0, mixed1 = attend_pairs(
                q0, q1, k, v, k_scale, v_scale, (t < end)[None, :], top, total, mixed0, mixed1, DOT
            )
        first_head = (b * SPLITS + split) * H
        share = 1 / (total * UP)
        to = partial + (first_head + head[:, None]) * HD + 2 * p[None, :]
        tl.store(to, (mixed0 * share[:, None]).to(tl.float16), (g < G)[:, None])
        tl.store(to + 1, (mixed1 * share[:, None]).to(tl.float16), (g < G)[:, None])
        tl.store(extremes + first_head * 2 + head, top, g < G)
        tl.store(extremes + first_head * 2 + H + head, total, g < G)


def decode_scaled_attention(
    qkv: Tensor,
    cache: Tensor,
    inputs: Inputs,
    tables: Tensor,
    cos: Tensor,
    sin: Tensor,
    partial: Tensor,
    extremes: Tensor,
    shape: AttentionShape,
    *,
    tuned: Warps,
    pdl: bool,
) -> None:
    """`decode_attention` over a cache int8[blocks, 2, KV, ...]."""
    scaled_decode_kernel[(shape.kv_heads, shape.splits, len(qkv))](
        qkv, cache, inputs.rows, inputs.positions, tables, cos, sin, partial, extremes,
        TABLE=tables.shape[1], H=shape.heads, KV=shape.kv_heads, HD=shape.head_dim, WINDOW=shape.window,
        SPLITS=shape.splits, TILE=shape.tile, BS=BLOCK_SIZE, HEAD=cache.stride(2), STAGES=tuned.stages, DOT=DOT,
        PDL=pdl, num_warps=tuned.warps, launch_pdl=pdl,
    )  # fmt: skip
