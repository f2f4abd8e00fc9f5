"""Attention of one new token a sequence over the paged cache, with sinks and window; it also writes the token's key.
`scaled_decode.py` does it over a cache of 8 bits.

The visible tokens of a sequence are split over at most `splits` programs a kv head, by the sequence's own length and
nothing else, so that neighbours never change a bit. Each split leaves its softmax unfinished; `merge.py` (or the output
projection of batch 1) joins them and lets the sink take its share, once.
"""

from dataclasses import dataclass
from typing import Protocol

import torch
import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.words import ASM, wait_then_release
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE
from ossia.engine.gpt_oss.cuda.tuned import Warps

MAX_SPLITS = 32
"""Splits of a decode: two programs an SM on most cards, where each alone would wait for its tiles."""
DOT = tl.bfloat16 if ASM.value else tl.float32  # the interpreter multiplies no bfloat16


@dataclass(frozen=True, slots=True)
class AttentionShape:
    """A layer's attention. `window` 0 is none; keys are looked at in tiles, by at most so many splits of a sequence."""

    heads: int
    kv_heads: int
    head_dim: int
    window: int
    splits: int
    tile: int


class Inputs(Protocol):
    """Sequences of a step: the row of each in the block tables, and its position."""

    @property
    def rows(self) -> Tensor: ...
    @property
    def positions(self) -> Tensor: ...


@dataclass(frozen=True, slots=True)
class Paged:
    """A layer's part of the cache, [blocks, 2, KV, ...], the block tables of all rows, and the rotary tables."""

    cache: Tensor
    tables: Tensor
    cos: Tensor
    sin: Tensor


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Attention of T tokens by splits: averages f16[T, splits, H * hd] and extremes f32[T, splits, 2, H]. How many
    splits a token uses follows from its position, or is in `counts`, i32[T]; see `decode_attention_kernel`."""

    partial: Tensor
    extremes: Tensor
    counts: Tensor | None = None


def num_splits(visible: int, tile: int) -> int:
    """Splits of a layer in which no token sees more than `visible` keys; a split is at least a tile of them."""
    return min(MAX_SPLITS, -(-visible // tile))


def attention_reference(
    qkv: Tensor, k_cache: Tensor, v_cache: Tensor, cos: Tensor, sin: Tensor, position: int, window: int, sinks: Tensor
) -> Tensor:
    """f32[H * hd] of a token's qkv f32[(H + 2 KV) * hd]; caches f32[KV, position, hd] are of the tokens before it."""
    kv, _, hd = k_cache.shape
    q, k, v = qkv.view(-1, hd).split([len(qkv) // hd - 2 * kv, kv, kv])
    c, s = cos[position], sin[position]

    def rotate(x: Tensor) -> Tensor:
        first, second = x.chunk(2, -1)
        return torch.cat([first * c - second * s, second * c + first * s], -1)

    first = max(0, position - window + 1)
    keys = torch.cat([k_cache[:, first:], rotate(k)[:, None]], 1)
    values = torch.cat([v_cache[:, first:], v[:, None]], 1)
    scores = torch.einsum("ghd,gtd->ght", rotate(q).view(kv, -1, hd), keys) * hd**-0.5
    joined = torch.cat([scores, sinks.view(kv, -1, 1)], -1).softmax(-1)[..., :-1]
    return torch.einsum("ght,gtd->ghd", joined, values).reshape(-1)


@triton.jit
def split_length(visible, SPLITS: tl.constexpr, TILE: tl.constexpr):
    """Tokens of a split: as few tiles as let SPLITS cover the visible ones."""
    return tl.cdiv(tl.cdiv(visible, TILE), SPLITS) * TILE


@triton.jit
def load_tile(
    cache, table, t, old, kvh, KV: tl.constexpr, HD: tl.constexpr, BS: tl.constexpr, HEAD: tl.constexpr
):  # fmt: skip
    """Keys and values [TILE, HD] of tokens t, of one kv head."""
    d = tl.arange(0, HD)[None, :]
    block = tl.load(table + t // BS, old, other=0).to(tl.int64)
    at = (block * (2 * KV) + kvh) * HEAD + (t % BS) * HD
    k = tl.load(cache + at[:, None] + d, old[:, None], other=0)
    v = tl.load(cache + at[:, None] + KV * HEAD + d, old[:, None], other=0)
    return k, v


@triton.jit
def rotate(base, d, c, s, HD: tl.constexpr):
    """Elements d of a head at `base`, turned; s is negative in the first half."""
    return tl.load(base + d) * c + tl.load(base + (d + HD // 2) % HD) * s


@triton.jit
def store_token(
    cache, table, position, kvh, k, v, KV: tl.constexpr, HD: tl.constexpr, BS: tl.constexpr, HEAD: tl.constexpr
):  # fmt: skip
    """Put the key and value [HD] of one kv head into the cache."""
    d = tl.arange(0, HD)
    block = tl.load(table + position // BS).to(tl.int64)
    at = (block * (2 * KV) + kvh) * HEAD + (position % BS) * HD
    tl.store(cache + at + d, k)
    tl.store(cache + at + KV * HEAD + d, v)


@triton.jit
def attend(q, k, v, seen, top, total, mixed, DOT: tl.constexpr):
    """A softmax that goes on over one more tile of keys: its largest score, sum of weights and sum of weighted values.

    Scores are in units of log2. `seen` marks the keys that count, of which a first tile has at least one.
    """
    scores = tl.where(seen, tl.dot(q, tl.trans(k.to(DOT))), -1e30)
    higher = tl.maximum(top, tl.max(scores, 1))
    weights = tl.exp2(scores - higher[:, None])
    keep = tl.exp2(top - higher)
    total = total * keep + tl.sum(weights, 1)
    mixed = mixed * keep[:, None] + tl.dot(weights.to(DOT), v.to(DOT))
    return higher, total, mixed


@triton.jit
def attend_span(
    cache, table, kvh, q, k, v, new_k, new_v, start, end, position, KV: tl.constexpr, HD: tl.constexpr,
    BS: tl.constexpr, HEAD: tl.constexpr, TILE: tl.constexpr, STAGES: tl.constexpr, DOT: tl.constexpr,
):  # fmt: skip
    """The softmax of `attend` over the tokens of a split, whose first tile is k and v.

    The last of the sequence's tokens is new, and stored. Whole tiles of older ones come with STAGES in flight.
    """
    new_k = new_k.to(cache.dtype.element_ty)
    new_v = new_v.to(cache.dtype.element_ty)
    if end == position + 1:
        store_token(cache, table, position, kvh, new_k, new_v, KV, HD, BS, HEAD)
    t = start + tl.arange(0, TILE)
    k = tl.where((t == position)[:, None], new_k[None, :], k)
    v = tl.where((t == position)[:, None], new_v[None, :], v)
    top = tl.full([16], -1e30, tl.float32)
    total = tl.zeros([16], tl.float32)
    mixed = tl.zeros([16, HD], tl.float32)
    top, total, mixed = attend(q, k, v, (t < end)[None, :], top, total, mixed, DOT)
    rest = start + TILE
    whole = rest + tl.maximum(tl.minimum(end, position) - rest, 0) // TILE * TILE
    for first in tl.range(rest, whole, TILE, num_stages=STAGES):
        t = first + tl.arange(0, TILE)
        k, v = load_tile(cache, table, t, t < end, kvh, KV, HD, BS, HEAD)
        top, total, mixed = attend(q, k, v, tl.full([1, TILE], 1, tl.int1), top, total, mixed, DOT)
    if whole < end:
        t = whole + tl.arange(0, TILE)
        k, v = load_tile(cache, table, t, t < position, kvh, KV, HD, BS, HEAD)
        k = tl.where((t == position)[:, None], new_k[None, :], k)
        v = tl.where((t == position)[:, None], new_v[None, :], v)
        top, total, mixed = attend(q, k, v, (t < end)[None, :], top, total, mixed, DOT)
    return top, total, mixed


@triton.jit
def decode_attention_kernel(
    qkv, cache, rows, positions, tables, cos, sin, partial, extremes, TABLE: tl.constexpr, H: tl.constexpr,
    KV: tl.constexpr, HD: tl.constexpr, WINDOW: tl.constexpr, SPLITS: tl.constexpr, TILE: tl.constexpr,
    BS: tl.constexpr, HEAD: tl.constexpr, STAGES: tl.constexpr, DOT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Program (kv head, split, row). partial f16[row, split, H * hd] is each split's own average of the values;
    extremes f32[row, split, 2, H] are the largest score (in units of log2) and the sum of weights.

    Cached keys and values are loaded before the wait: earlier steps wrote them.
    """
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
    k, v = load_tile(cache, table, t, (t < position) & (t < end), kvh, KV, HD, BS, HEAD)
    d = tl.arange(0, HD)
    c = tl.load(cos + position * (HD // 2) + d % (HD // 2))
    s = tl.load(sin + position * (HD // 2) + d % (HD // 2))
    s = tl.where(d < HD // 2, -s, s)
    wait_then_release(PDL)
    if start <= position:
        qkv += b * ((H + 2 * KV) * HD)
        g = tl.arange(0, 16)
        head = kvh * G + g % G
        q = rotate(qkv + head[:, None] * HD, d[None, :], c[None, :], s[None, :], HD)
        q = (q * (1.4426950408889634 / HD**0.5)).to(DOT)
        new_k = rotate(qkv + (H + kvh) * HD, d, c, s, HD)
        new_v = tl.load(qkv + (H + KV + kvh) * HD + d)
        top, total, mixed = attend_span(
            cache, table, kvh, q, k, v, new_k, new_v, start, end, position, KV, HD, BS, HEAD, TILE, STAGES, DOT
        )
        at = (b * SPLITS + split) * H
        own = (mixed / total[:, None]).to(tl.float16)
        tl.store(partial + (at + head[:, None]) * HD + d[None, :], own, (g < G)[:, None])
        tl.store(extremes + at * 2 + head, top, g < G)
        tl.store(extremes + at * 2 + H + head, total, g < G)


def decode_attention(
    qkv: Tensor, paged: Paged, inputs: Inputs, out: Unfinished, shape: AttentionShape, *, tuned: Warps, pdl: bool
) -> None:
    """Attention of qkv f32[batch, (H + 2 KV) * hd]."""
    decode_attention_kernel[(shape.kv_heads, shape.splits, len(qkv))](
        qkv, paged.cache, inputs.rows, inputs.positions, paged.tables, paged.cos, paged.sin, out.partial, out.extremes,
        TABLE=paged.tables.shape[1], H=shape.heads, KV=shape.kv_heads, HD=shape.head_dim, WINDOW=shape.window,
        SPLITS=shape.splits, TILE=shape.tile, BS=BLOCK_SIZE, HEAD=paged.cache.stride(2), STAGES=tuned.stages, DOT=DOT,
        PDL=pdl, num_warps=tuned.warps, launch_pdl=pdl,
    )  # fmt: skip
