"""Output projection of attention at batch 1: joins the splits of its heads, then multiplies its slice of the rows.

The columns are split over groups of heads, so that the card is full; the router's kernel adds the groups' sums.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.attention import AttentionShape, Unfinished
from ossia.engine.gpt_oss.cuda.kernels.gemv import values_of
from ossia.engine.gpt_oss.cuda.kernels.merge import merge_heads, used_splits
from ossia.engine.gpt_oss.cuda.kernels.words import INT8_SCALE, int8_dot, pairs, wait_then_release
from ossia.engine.gpt_oss.cuda.layout import DeviceMatrix


def project_reference(attended: Tensor, matrix: DeviceMatrix, group: int) -> Tensor:
    """Sums f32[H / group, D] of attended f32[H * hd] by groups of heads."""
    weights = values_of(matrix)
    return torch.einsum("dgk,gk->gd", weights.view(len(weights), group, -1), attended.view(group, -1))


@triton.jit
def project_kernel(
    partial, extremes, sinks, positions, weights, scales, sums, D: tl.constexpr, H: tl.constexpr, HD: tl.constexpr,
    WINDOW: tl.constexpr, SPLITS: tl.constexpr, TILE: tl.constexpr, HEADS: tl.constexpr, BN: tl.constexpr,
    INT8: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Program (BN rows, HEADS heads): sums f32[H / HEADS, D]."""
    group = tl.program_id(1)
    K: tl.constexpr = H * HD
    KW: tl.constexpr = HEADS * HD
    rows = tl.program_id(0) * BN + tl.arange(0, BN)
    head = group * HEADS + tl.arange(0, HEADS)
    if INT8:
        word = tl.arange(0, KW // 4)[None, :]
        lane = tl.arange(0, KW // 16)[None, :]
        q = tl.load(weights + rows[:, None] * (K // 4) + group * (KW // 4) + word, eviction_policy="evict_first")
        s = tl.load(scales + rows[:, None] * (K // 32) + group * (KW // 32) + lane // 2)
    else:
        q = tl.load(weights + rows[:, None] * K + group * KW + tl.arange(0, KW)[None, :], eviction_policy="evict_first")
    visible = tl.load(positions) + 1
    if WINDOW > 0:
        visible = tl.minimum(visible, WINDOW)
    wait_then_release(PDL)
    used = used_splits(visible, SPLITS, TILE)
    x = tl.reshape(merge_heads(partial, extremes, sinks, 0, used, head, SPLITS, H, HD), [KW])
    if INT8:
        x0, x1 = pairs(x * INT8_SCALE, KW)
        dots = tl.sum(tl.reshape(int8_dot(q, x0, x1), [BN, KW // 16, 4]), 2)
        y = tl.sum(dots * s.to(tl.float32), 1) * (1.0 / INT8_SCALE)
    else:
        y = tl.sum(q.to(tl.float32) * x[None, :], 1)
    tl.store(sums + group * D + rows, y)


def project(
    unfinished: Unfinished,
    sinks: Tensor,
    positions: Tensor,
    matrix: DeviceMatrix,
    sums: Tensor,
    shape: AttentionShape,
    *,
    group: int,
    rows: int,
    warps: int,
    pdl: bool,
) -> None:
    """sums f32[H / group, D]; `rows` at a time, which divides D; `group` heads at a time, which divides H."""
    project_kernel[(matrix.rows // rows, shape.heads // group)](
        unfinished.partial, unfinished.extremes, sinks, positions, matrix.values, matrix.scales, sums, D=matrix.rows,
        H=shape.heads, HD=shape.head_dim, WINDOW=shape.window, SPLITS=shape.splits, TILE=shape.tile, HEADS=group,
        BN=rows, INT8=matrix.kind == "q8_0", PDL=pdl, num_warps=warps, launch_pdl=pdl,
    )  # fmt: skip
