"""Attention of one new token of each of many sequences over the paged cache, with sinks and window: it streams keys.

Many sequences fill the device by themselves, so a program walks through the blocks of a long piece of one sequence, for
all query heads of a kv head, with the next blocks in flight. As in `attention.py`, pieces follow from the sequence's
own length and nothing else, their softmax is left unfinished for `merge`, and the token's key and value are written.
The token itself comes as the parts of the sums that `dense` leaves.
"""

import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.attention import (
    DOT,
    AttentionShape,
    Inputs,
    Paged,
    Unfinished,
    attend,
    split_length,
    store_token,
)
from ossia.engine.gpt_oss.cuda.kernels.flash import keys_of_block
from ossia.engine.gpt_oss.cuda.kernels.words import wait_then_release
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE
from ossia.engine.gpt_oss.cuda.tuned import Warps

LOG2_E = tl.constexpr(1.4426950408889634)


@triton.jit
def _whole(sums, bias, at, stride, PARTS: tl.constexpr):
    """Elements `at` of a token: the sum of its parts, which lie `stride` apart, and the bias."""
    total = tl.load(bias + at)
    for part in tl.static_range(PARTS):
        total += tl.load(sums + part * stride + at)
    return total


@triton.jit
def _turned(sums, bias, head, d, c, s, stride, HD: tl.constexpr, PARTS: tl.constexpr):
    """Elements d of heads, turned; s is negative in the first half."""
    own = _whole(sums, bias, head * HD + d, stride, PARTS)
    return own * c + _whole(sums, bias, head * HD + (d + HD // 2) % HD, stride, PARTS) * s


@triton.jit(do_not_specialize=["T"])
def streams_kernel(
    qkv, bias, cache, rows, positions, tables, cos, sin, partial, extremes, T, TABLE: tl.constexpr, H: tl.constexpr,
    KV: tl.constexpr, HD: tl.constexpr, WINDOW: tl.constexpr, SPLITS: tl.constexpr, LEAST: tl.constexpr,
    BS: tl.constexpr, PARTS: tl.constexpr, STAGES: tl.constexpr, DOT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Program (kv head, row, split). partial and extremes as of `decode_attention_kernel`; qkv f32[PARTS, T, width]."""
    kvh = tl.program_id(0)
    b = tl.program_id(1)
    split = tl.program_id(2)
    G: tl.constexpr = H // KV
    position = tl.load(positions + b)
    table = tables + tl.load(rows + b) * TABLE
    begin = position * 0
    if WINDOW > 0:
        begin = tl.maximum(position - (WINDOW - 1), 0)
    length = split_length(position + 1 - begin, SPLITS, LEAST)
    start = begin + split * length
    end = tl.minimum(start + length, position + 1)
    d = tl.arange(0, HD)
    c = tl.load(cos + position * (HD // 2) + d % (HD // 2))
    s = tl.load(sin + position * (HD // 2) + d % (HD // 2))
    s = tl.where(d < HD // 2, -s, s)
    wait_then_release(PDL)
    if start <= position:
        width: tl.constexpr = (H + 2 * KV) * HD
        own = qkv + b * width
        g = tl.arange(0, 16)
        head = kvh * G + g % G
        q = _turned(own, bias, head[:, None], d[None, :], c[None, :], s[None, :], T * width, HD, PARTS)
        q = (q * (LOG2_E / HD**0.5)).to(DOT)
        new_k = _turned(own, bias, H + kvh, d, c, s, T * width, HD, PARTS).to(cache.dtype.element_ty)
        new_v = _whole(own, bias, (H + KV + kvh) * HD + d, T * width, PARTS).to(cache.dtype.element_ty)
        if end == position + 1:
            store_token(cache, table, position, kvh, new_k, new_v, KV, HD, BS, BS * HD)
        top = tl.full([16], -1e30, tl.float32)
        total = tl.zeros([16], tl.float32)
        mixed = tl.zeros([16, HD], tl.float32)
        t = tl.arange(0, BS)
        masked = start // BS
        if WINDOW == 0:  # pieces begin and end with whole blocks, but for the block that the token is in
            masked = tl.minimum(end, position) // BS
            for block in tl.range(start // BS, masked, num_stages=STAGES):
                keys = keys_of_block(cache, table, block, kvh, KV, HD, BS, BS * HD)
                seen = tl.full([1, BS], 1, tl.int1)
                top, total, mixed = attend(q, tl.load(keys), tl.load(keys + KV * BS * HD), seen, top, total, mixed, DOT)
        for block in tl.range(masked, tl.cdiv(end, BS), num_stages=STAGES if WINDOW > 0 else 1):
            keys = keys_of_block(cache, table, block, kvh, KV, HD, BS, BS * HD)
            key = block * BS + t
            old = ((key >= start) & (key < position))[:, None]
            is_new = (key == position)[:, None]
            k = tl.where(is_new, new_k[None, :], tl.load(keys, old, other=0.0))
            v = tl.where(is_new, new_v[None, :], tl.load(keys + KV * BS * HD, old, other=0.0))
            seen = ((key >= start) & (key < end))[None, :]
            top, total, mixed = attend(q, k, v, seen, top, total, mixed, DOT)
        at = (b * SPLITS + split) * H
        own = (mixed / total[:, None]).to(tl.float16)
        tl.store(partial + (at + head[:, None]) * HD + d[None, :], own, (g < G)[:, None])
        tl.store(extremes + at * 2 + head, top, g < G)
        tl.store(extremes + at * 2 + H + head, total, g < G)


def attend_streams(
    qkv: Tensor, bias: Tensor, paged: Paged, inputs: Inputs, out: Unfinished, shape: AttentionShape, *, tuned: Warps,
    pdl: bool,
) -> None:  # fmt: skip
    """Attention of the sum of qkv f32[parts, batch, (H + 2 KV) * hd] and bias; see `decode_attention`.

    The shape's tile is the least length of a split.
    """
    parts, batch, _ = qkv.shape
    streams_kernel[(shape.kv_heads, batch, shape.splits)](
        qkv, bias, paged.cache, inputs.rows, inputs.positions, paged.tables, paged.cos, paged.sin, out.partial,
        out.extremes, batch, TABLE=paged.tables.shape[1], H=shape.heads, KV=shape.kv_heads, HD=shape.head_dim,
        WINDOW=shape.window, SPLITS=shape.splits, LEAST=shape.tile, BS=BLOCK_SIZE, PARTS=parts, STAGES=tuned.stages,
        DOT=DOT, PDL=pdl, num_warps=tuned.warps, launch_pdl=pdl,
    )  # fmt: skip
