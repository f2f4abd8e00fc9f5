"""Splits of attention joined, for rows of any number: what each left unfinished becomes one average of the values.

A row's splits are joined in ascending order, as many as it used, so that neighbours never change a bit.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.attention import AttentionShape, Unfinished, split_length
from ossia.engine.gpt_oss.cuda.kernels.launch import power_of_two_at_least
from ossia.engine.gpt_oss.cuda.kernels.words import PLAIN, store_half, wait_then_release

TOGETHER = tl.constexpr(16)
"""Splits that are joined in one go: their loads do not wait for each other. More than those are joined in halves of
it, for want of registers."""


@triton.jit
def used_splits(visible, SPLITS: tl.constexpr, TILE: tl.constexpr):
    """Splits of so many visible tokens."""
    return tl.cdiv(visible, split_length(visible, SPLITS, TILE))


@triton.jit
def highest(extremes, at, first, used, head, top, COUNT: tl.constexpr, H: tl.constexpr):
    """The largest score of `top` and of COUNT splits of the row at `at`, from `first` on, those before `used`."""
    for i in tl.static_range(COUNT):
        live = (head >= 0) & (first + i < used)
        top = tl.maximum(top, tl.load(extremes + (at + (first + i) * H) * 2 + head, live, other=-1e30))
    return top


@triton.jit
def add_splits(
    partial, extremes, at, first, used, head, top, total, mixed, COUNT: tl.constexpr, H: tl.constexpr, HD: tl.constexpr
):  # fmt: skip
    """Sums of weights and of weighted values, with those of the splits of `highest` added."""
    d = tl.arange(0, HD)[None, :]
    for i in tl.static_range(COUNT):
        live = (head >= 0) & (first + i < used)
        split = at + (first + i) * H
        weight = tl.load(extremes + split * 2 + H + head, live, other=0.0)
        weight *= tl.exp2(tl.load(extremes + split * 2 + head, live, other=-1e30) - top)
        total += weight
        part = tl.load(partial + (split + head[:, None]) * HD + d, live[:, None], other=0.0)
        mixed += weight[:, None] * part.to(tl.float32)
    return total, mixed


@triton.jit
def join(
    partial, extremes, at, used, head, z, COUNT: tl.constexpr, H: tl.constexpr, HD: tl.constexpr
):  # fmt: skip
    """Sums of weights and of weighted values of at most COUNT splits, and of a sink of score z."""
    top = highest(extremes, at, 0, used, head, z, COUNT, H)
    mixed = tl.zeros([head.shape[0], HD], tl.float32)
    return add_splits(partial, extremes, at, 0, used, head, top, tl.exp2(z - top), mixed, COUNT, H, HD)


@triton.jit
def join_many(
    partial, extremes, at, used, head, z, COUNT: tl.constexpr, H: tl.constexpr, HD: tl.constexpr
):  # fmt: skip
    """`join` of any number of splits, COUNT of them at a time."""
    top = z
    total = tl.full([head.shape[0]], 1.0, tl.float32)
    mixed = tl.zeros([head.shape[0], HD], tl.float32)
    for first in tl.range(0, used, COUNT, num_stages=1):
        higher = highest(extremes, at, first, used, head, top, COUNT, H)
        keep = tl.exp2(top - higher)
        total, mixed = add_splits(
            partial, extremes, at, first, used, head, higher, total * keep, mixed * keep[:, None], COUNT, H, HD
        )
        top = higher
    return total, mixed


@triton.jit
def merge_heads(
    partial, extremes, sinks, b, used, head, SPLITS: tl.constexpr, H: tl.constexpr, HD: tl.constexpr
):  # fmt: skip
    """Attention f32[heads, HD] of row b, joined from its `used` splits in ascending order; the sink takes its share."""
    z = tl.load(sinks + head) * 1.4426950408889634
    at = b * SPLITS * H
    if SPLITS <= TOGETHER:
        total, mixed = join(partial, extremes, at, used, head, z, SPLITS, H, HD)
    elif used <= TOGETHER:
        total, mixed = join(partial, extremes, at, used, head, z, TOGETHER, H, HD)
    else:
        total, mixed = join_many(partial, extremes, at, used, head, z, TOGETHER // 2, H, HD)
    return mixed / total[:, None]


@triton.jit
def merge_kernel(
    partial, extremes, sinks, positions, counts, out, H: tl.constexpr, HD: tl.constexpr, WINDOW: tl.constexpr,
    SPLITS: tl.constexpr, TILE: tl.constexpr, HEADS: tl.constexpr, HALF: tl.constexpr, ORDER: tl.constexpr,
    PDL: tl.constexpr,
):  # fmt: skip
    """Program (group of HEADS heads, row): out f32 or f16[row, H * hd]. `counts`, if any, are the used splits."""
    b = tl.program_id(1)
    head = tl.program_id(0) * HEADS + tl.arange(0, HEADS)
    if counts is None:
        visible = tl.load(positions + b) + 1
        if WINDOW > 0:
            visible = tl.minimum(visible, WINDOW)
        wait_then_release(PDL)
        used = used_splits(visible, SPLITS, TILE)
    else:
        wait_then_release(PDL)
        used = tl.load(counts + b)
    mixed = merge_heads(partial, extremes, sinks, b, used, head, SPLITS, H, HD)
    d = tl.arange(0, HD)[None, :]
    k = head[:, None] * HD + d
    if HALF:
        store_half(out, b * (H * HD), k, mixed, k >= 0, H * HD, ORDER)
    else:
        tl.store(out + b * (H * HD) + k, mixed)


def merge(
    unfinished: Unfinished,
    sinks: Tensor,
    positions: Tensor,
    out: Tensor,
    shape: AttentionShape,
    *,
    order: tl.constexpr = PLAIN,
    pdl: bool,
) -> None:
    """out f32 or f16[batch, H * hd]: what the splits of `decode_attention` make together; `order` as of `rms_norm`."""
    group = heads_together(shape.heads)
    merge_kernel[(shape.heads // group, len(out))](
        unfinished.partial, unfinished.extremes, sinks, positions, unfinished.counts, out, H=shape.heads,
        HD=shape.head_dim, WINDOW=shape.window, SPLITS=shape.splits, TILE=shape.tile, HEADS=group,
        HALF=out.dtype == torch.float16, ORDER=order, PDL=pdl, num_warps=4, launch_pdl=pdl,
    )  # fmt: skip


def heads_together(heads: int, most: int = 8) -> int:
    """The largest power of two, at most `most`, that divides the number of heads."""
    return min(heads & -heads, power_of_two_at_least(most))
