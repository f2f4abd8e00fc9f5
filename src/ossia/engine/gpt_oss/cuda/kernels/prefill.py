"""Attention of many new tokens over the paged cache: rotation and the cache's writes first, then tiles of queries.

A tile is 16 neighbouring tokens of one sequence times the query heads that share a kv head, so that keys and values are
loaded once for all of them. The softmax starts with the sink as its first score, which is exact.
"""

from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.attention import DOT, Paged, attend
from ossia.engine.gpt_oss.cuda.kernels.launch import power_of_two_at_least
from ossia.engine.gpt_oss.cuda.kernels.scaled import attend_scaled, load_scales, quantized
from ossia.engine.gpt_oss.cuda.kernels.words import wait_then_release
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE

TILE_TOKENS = 16


class Pieces(Protocol):
    """Tokens of a step that are pieces of sequences; see ExtendInputs."""

    @property
    def positions(self) -> Tensor: ...
    @property
    def sequences(self) -> Tensor: ...
    @property
    def rows(self) -> Tensor: ...
    @property
    def query_start(self) -> Tensor: ...
    @property
    def tiles(self) -> Tensor: ...


def attention_tiles(query_start: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Tiles i32[n, 2] of query_start i32[S + 1]: each a sequence and its first token in the batch."""
    tiles = [
        (sequence, token)
        for sequence in range(len(query_start) - 1)
        for token in range(query_start[sequence], query_start[sequence + 1], TILE_TOKENS)
    ]
    return np.array(tiles, np.int32).reshape(-1, 2)


def rotate_reference(heads: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """heads [T, heads, hd], turned by cos, sin [T, hd / 2]."""
    first, second = heads.chunk(2, -1)
    c, s = cos[:, None], sin[:, None]
    return torch.cat([first * c - second * s, second * c + first * s], -1)


@triton.jit(do_not_specialize=["T"])
def rotate_and_store_kernel(
    qkv, bias, positions, sequences, rows, tables, cos, sin, queries, cache, T, TABLE: tl.constexpr, H: tl.constexpr,
    KV: tl.constexpr, HD: tl.constexpr, HEADS: tl.constexpr, BS: tl.constexpr, HEAD: tl.constexpr,
    PARTS: tl.constexpr, BIAS: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Program: a token. queries bf16[T, H, hd] are scaled for a softmax in powers of 2; the rest goes to the cache."""
    wait_then_release(PDL)
    token = tl.program_id(0).to(tl.int64)
    W: tl.constexpr = (H + 2 * KV) * HD
    base = qkv + token * W
    position = tl.load(positions + token)
    row = tl.load(rows + tl.load(sequences + token))
    block = tl.load(tables + row * TABLE + position // BS).to(tl.int64)
    head = tl.arange(0, HEADS)[:, None]
    d = tl.arange(0, HD)[None, :]
    c = tl.load(cos + position * (HD // 2) + d % (HD // 2))
    s = tl.load(sin + position * (HD // 2) + d % (HD // 2))
    s = tl.where(d < HD // 2, -s, s)
    own = tl.load(base + head * HD + d, head < H + 2 * KV, other=0.0)
    partner = tl.load(base + head * HD + (d + HD // 2) % HD, head < H + KV, other=0.0)
    for part in tl.static_range(1, PARTS):
        at = base + part * T * W + head * HD
        own += tl.load(at + d, head < H + 2 * KV, other=0.0)
        partner += tl.load(at + (d + HD // 2) % HD, head < H + KV, other=0.0)
    if BIAS:
        own += tl.load(bias + head * HD + d, head < H + 2 * KV, other=0.0)
        partner += tl.load(bias + head * HD + (d + HD // 2) % HD, head < H + KV, other=0.0)
    turned = own * c + partner * s
    scaled = (turned * (1.4426950408889634 / HD**0.5)).to(queries.dtype.element_ty)
    tl.store(queries + (token * H + head) * HD + d, scaled, (head < H) & (d >= 0))
    at = block * (2 * KV * HEAD) + (position % BS) * HD + d
    stored = cache.dtype.element_ty
    if HEAD > BS * HD:
        codes, scale = quantized(tl.where(head < H + KV, turned, own), 1)
        tl.store(cache + at + (head - H) * HEAD, codes.to(stored), (head >= H) & (head < H + 2 * KV) & (d >= 0))
        halves = cache.to(tl.pointer_type(tl.float16), bitcast=True)
        number = tl.arange(0, HEADS)
        place = (block * (2 * KV * HEAD) + (number - H) * HEAD + BS * HD) // 2 + position % BS
        tl.store(halves + place, scale.to(tl.float16), (number >= H) & (number < H + 2 * KV))
    else:
        tl.store(cache + at + (head - H) * HEAD, turned.to(stored), (head >= H) & (head < H + KV) & (d >= 0))
        tl.store(cache + at + (head - H) * HEAD, own.to(stored), (head >= H + KV) & (head < H + 2 * KV) & (d >= 0))


@triton.jit
def prefill_attention_kernel(
    queries, cache, tiles, query_start, rows, positions, tables, sinks, out, TABLE: tl.constexpr, H: tl.constexpr,
    KV: tl.constexpr, HD: tl.constexpr, WINDOW: tl.constexpr, BT: tl.constexpr, GP: tl.constexpr, BS: tl.constexpr,
    HEAD: tl.constexpr, DOT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Program (tile, kv head): out f32[T, H * hd]. Row m of a tile is token m // GP, query head m % GP of the group."""
    wait_then_release(PDL)
    tile = tl.program_id(0)
    kvh = tl.program_id(1)
    G: tl.constexpr = H // KV
    sequence = tl.load(tiles + tile * 2)
    first = tl.load(tiles + tile * 2 + 1)
    last = tl.minimum(first + BT, tl.load(query_start + sequence + 1)) - 1
    table = tables + tl.load(rows + sequence) * TABLE
    m = tl.arange(0, BT * GP)
    token = first + m // GP
    g = m % GP
    live = (token <= last) & (g < G)
    head = kvh * G + g % G
    d = tl.arange(0, HD)[None, :]
    at = (token.to(tl.int64) * H + head)[:, None] * HD + d
    q = tl.load(queries + at, live[:, None], other=0.0).to(DOT)
    position = tl.load(positions + token, live, other=0)
    top = tl.load(sinks + head) * 1.4426950408889634
    total = tl.full([BT * GP], 1.0, tl.float32)
    mixed = tl.zeros([BT * GP, HD], tl.float32)
    begin = 0
    if WINDOW > 0:
        begin = tl.maximum(tl.load(positions + first) - (WINDOW - 1), 0) // BS
    newest = tl.load(positions + last)
    for block in range(begin, newest // BS + 1):
        base = cache + (tl.load(table + block).to(tl.int64) * (2 * KV) + kvh) * HEAD
        t = tl.arange(0, BS)
        written = (block * BS + t <= newest)[:, None]  # beyond, a NaN of somebody else would outlive its weight of 0
        k = tl.load(base + t[:, None] * HD + d, written, other=0)
        v = tl.load(base + KV * HEAD + t[:, None] * HD + d, written, other=0)
        key = (block * BS + t)[None, :]
        seen = key <= position[:, None]
        if WINDOW > 0:
            seen &= key > position[:, None] - WINDOW
        if HEAD > BS * HD:
            old = block * BS + t
            ks, vs = load_scales(cache, table, old, old <= newest, kvh, KV, HD, BS, HEAD)
            top, total, mixed = attend_scaled(q, k, v, ks, vs, seen, top, total, mixed, DOT)
        else:
            top, total, mixed = attend(q, k, v, seen, top, total, mixed, DOT)
    tl.store(out + at, mixed / total[:, None], live[:, None])


def rotate_and_store(
    qkv: Tensor,
    inputs: Pieces,
    paged: Paged,
    queries: Tensor,
    *,
    kv_heads: int,
    bias: Tensor | None = None,
    pdl: bool = False,
) -> None:
    """queries bf16[T, H, hd], and keys and values in one layer's cache, of qkv f32[T, (H + 2 KV) * hd] plus bias.

    qkv may also be f32[parts, T, (H + 2 KV) * hd]: their sum.
    """
    tokens, heads, head_dim = queries.shape
    rotate_and_store_kernel[(tokens,)](
        qkv, bias, inputs.positions, inputs.sequences, inputs.rows, paged.tables, paged.cos, paged.sin, queries,
        paged.cache, tokens, TABLE=paged.tables.shape[1], H=heads, KV=kv_heads, HD=head_dim,
        HEADS=power_of_two_at_least(heads + 2 * kv_heads), BS=BLOCK_SIZE, HEAD=paged.cache.stride(2),
        PARTS=len(qkv) if qkv.dim() == 3 else 1, BIAS=bias is not None, PDL=pdl, num_warps=8, launch_pdl=pdl,
    )  # fmt: skip


def prefill_attention(
    queries: Tensor,
    inputs: Pieces,
    paged: Paged,
    sinks: Tensor,
    out: Tensor,
    *,
    kv_heads: int,
    window: int,
    pdl: bool = False,
) -> None:
    """out f32[T, H * hd] of queries bf16[T, H, hd]; `window` 0 is none."""
    _, heads, head_dim = queries.shape
    prefill_attention_kernel[(len(inputs.tiles), kv_heads)](
        queries, paged.cache, inputs.tiles, inputs.query_start, inputs.rows, inputs.positions, paged.tables, sinks, out,
        TABLE=paged.tables.shape[1], H=heads, KV=kv_heads, HD=head_dim, WINDOW=window, BT=TILE_TOKENS,
        GP=power_of_two_at_least(heads // kv_heads), BS=BLOCK_SIZE, HEAD=paged.cache.stride(2), DOT=DOT, PDL=pdl,
        num_warps=4, num_stages=2, launch_pdl=pdl,
    )  # fmt: skip
