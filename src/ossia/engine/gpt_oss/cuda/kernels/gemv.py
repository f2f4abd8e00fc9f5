"""Dense matrix times one token, with the RMS norm before it, and times a few tokens.

A persistent grid streams the rows once: the next group of rows is in flight while this one is summed, for each token in
turn. Floats are multiplied in float32; int8 in float16 pairs, exactly but for the rounding of x to 11 bits.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.launch import chunks_of, power_of_two_at_least
from ossia.engine.gpt_oss.cuda.kernels.words import (
    INT8_SCALE,
    int8_dot,
    mxfp4_reference,
    pairs,
    q8_0_reference,
    wait_then_release,
)
from ossia.engine.gpt_oss.cuda.layout import DeviceMatrix


def values_of(matrix: DeviceMatrix) -> Tensor:
    """A matrix as float32 [rows, cols]."""
    if matrix.kind == "q8_0":
        return q8_0_reference(matrix.values, matrix.scales)
    if matrix.kind == "mxfp4":
        return mxfp4_reference(matrix.values, matrix.scales)
    return matrix.values.float()


def norm_gemv_reference(
    x: Tensor, gain: Tensor, eps: float, matrix: DeviceMatrix, bias: Tensor | None = None
) -> Tensor:
    """matrix times rms_norm(x) plus bias: [rows] of x f32[cols]."""
    normed = x * torch.rsqrt((x * x).mean() + eps) * gain
    y = values_of(matrix) @ normed
    return y if bias is None else y + bias


@triton.jit
def load_pieces(at, live, CHUNKS: tl.constexpr, WIDTH: tl.constexpr):
    """Pieces of rows that are read once, each WIDTH after the one before: they need not stay in the cache."""
    pieces = ()
    for c in tl.static_range(CHUNKS):
        pieces = pieces + (tl.load(at + c * WIDTH, live, other=0, eviction_policy="evict_first"),)
    return pieces


@triton.jit
def load_group(
    weights, scales, unit, live, K: tl.constexpr, CHUNKS: tl.constexpr, LANES: tl.constexpr, BN: tl.constexpr,
    INT8: tl.constexpr,
):  # fmt: skip
    """Weights and scales of the rows of group `unit`, in CHUNKS pieces; lanes beyond a piece idle.

    The scale of a block of int8 is loaded for each lane, 16 weights, since that is the layout of the sums.
    """
    CK: tl.constexpr = K // CHUNKS
    rows = tl.arange(0, BN)[:, None]
    if INT8:
        lane = tl.arange(0, LANES // 4)[None, :]
        base = weights + unit.to(tl.int64) * BN * (K // 4)
        q = load_pieces(base + rows * (K // 4) + lane, (lane < CK // 4) & (rows >= 0) & live, CHUNKS, CK // 4)
        block = tl.arange(0, LANES // 16)[None, :]
        base = scales + unit.to(tl.int64) * BN * (K // 32)
        at = base + rows * (K // 32) + block // 2
        s = load_pieces(at, (block < CK // 16) & (rows >= 0) & live, CHUNKS, CK // 32)
    else:
        lane = tl.arange(0, LANES)[None, :]
        base = weights + unit.to(tl.int64) * BN * K
        q = load_pieces(base + rows * K + lane, (lane < CK) & (rows >= 0) & live, CHUNKS, CK)
        s = ()
    return q, s


@triton.jit
def normed_pieces(
    x, g, EPS: tl.constexpr, K: tl.constexpr, CHUNKS: tl.constexpr, LANES: tl.constexpr, INT8: tl.constexpr
):
    """Pieces of rms_norm(x), and its factor. Int8's are pairs; the factor of floats' is yet to be applied."""
    CK: tl.constexpr = K // CHUNKS
    k = tl.arange(0, LANES)
    h = ()
    square = tl.zeros([LANES], tl.float32)
    for c in tl.static_range(CHUNKS):
        piece = tl.load(x + c * CK + k, k < CK, other=0.0)
        square += piece * piece
        h = h + (piece,)
    rstd = tl.rsqrt(tl.sum(square, 0) / K + EPS)
    v = ()
    for c in tl.static_range(CHUNKS):
        if INT8:
            v = v + (pairs(h[c] * g[c] * (rstd * INT8_SCALE), LANES),)
        else:
            v = v + ((h[c] * g[c])[None, :],)
    return v, rstd


@triton.jit(do_not_specialize=["UNITS"])
def norm_gemv_kernel(
    x, gain, weights, scales, bias, out, UNITS, EPS: tl.constexpr, K: tl.constexpr, CHUNKS: tl.constexpr,
    LANES: tl.constexpr, BN: tl.constexpr, INT8: tl.constexpr, BIAS: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """out[n] = weights[n] . rms_norm(x) + bias[n]. Program p takes the groups p, p + P, ... of BN rows."""
    first = tl.program_id(0)
    step = tl.num_programs(0)
    rows = tl.arange(0, BN)
    q, s = load_group(weights, scales, first, True, K, CHUNKS, LANES, BN, INT8)
    k = tl.arange(0, LANES)
    g = ()
    for c in tl.static_range(CHUNKS):
        g = g + (tl.load(gain + c * (K // CHUNKS) + k, k < K // CHUNKS, other=0.0),)
    wait_then_release(PDL)
    v, rstd = normed_pieces(x, g, EPS, K, CHUNKS, LANES, INT8)
    for unit in range(first, UNITS, step):
        q_next, s_next = load_group(weights, scales, unit + step, unit + step < UNITS, K, CHUNKS, LANES, BN, INT8)
        if INT8:
            acc = tl.zeros([BN, LANES // 16], tl.float32)
            for c in tl.static_range(CHUNKS):
                dots = tl.reshape(int8_dot(q[c], v[c][0], v[c][1]), [BN, LANES // 16, 4])
                acc += tl.sum(dots, 2) * s[c].to(tl.float32)
            y = tl.sum(acc, 1) * (1.0 / INT8_SCALE)
        else:
            acc = q[0].to(tl.float32) * v[0]
            for c in tl.static_range(1, CHUNKS):
                acc += q[c].to(tl.float32) * v[c]
            y = tl.sum(acc, 1) * rstd
        if BIAS:
            y += tl.load(bias + unit * BN + rows)
        tl.store(out + unit * BN + rows, y)
        q = q_next
        s = s_next


def norm_gemv(
    x: Tensor, gain: Tensor, eps: float, matrix: DeviceMatrix, bias: Tensor | None,
    out: Tensor, *, group: int, programs: int, warps: int, pdl: bool,
) -> None:  # fmt: skip
    """out f32[rows] of x f32[cols]. `group` rows at a time, which divides the matrix's rows."""
    chunks = chunks_of(matrix.cols, 1024, 32)
    units = matrix.rows // group
    norm_gemv_kernel[(min(programs, units),)](
        x, gain, matrix.values, matrix.scales, bias, out, units, EPS=eps, K=matrix.cols, CHUNKS=chunks,
        LANES=power_of_two_at_least(matrix.cols // chunks), BN=group, INT8=matrix.kind == "q8_0",
        BIAS=bias is not None, PDL=pdl, num_warps=warps, launch_pdl=pdl,
    )  # fmt: skip


@triton.jit
def sums_of_tokens(parts, BATCH: tl.constexpr):
    """[BN, P] of a tuple of P tensors [BN, N], P being 1, 2, 4 or 8: their sums over N, in one exchange between warps.
    Column c holds token `token_of(c)`."""
    if BATCH == 1:
        return tl.sum(parts[0], 1)[:, None]
    elif BATCH == 2:
        return tl.sum(tl.join(parts[0], parts[1]), 1)
    elif BATCH == 4:
        both = tl.join(tl.join(parts[0], parts[1]), tl.join(parts[2], parts[3]))
        return tl.reshape(tl.sum(both, 1), [parts[0].shape[0], 4])
    else:
        low = tl.join(tl.join(parts[0], parts[1]), tl.join(parts[2], parts[3]))
        high = tl.join(tl.join(parts[4], parts[5]), tl.join(parts[6], parts[7]))
        return tl.reshape(tl.sum(tl.join(low, high), 1), [parts[0].shape[0], 8])


@triton.jit
def token_of(column, PLACES: tl.constexpr):
    """The token of a column of `sums_of_tokens`: its bits in reverse."""
    if PLACES <= 2:
        return column
    elif PLACES == 4:
        return column // 2 + column % 2 * 2
    else:
        return column // 4 + column // 2 % 2 * 2 + column % 2 * 4


@triton.jit
def few_sums(
    q, s, x, K: tl.constexpr, CHUNKS: tl.constexpr, LANES: tl.constexpr, BN: tl.constexpr, BATCH: tl.constexpr,
    PLACES: tl.constexpr, INT8: tl.constexpr,
):  # fmt: skip
    """Products [BN, PLACES] of a group of rows with BATCH tokens; see `sums_of_tokens`."""
    CK: tl.constexpr = K // CHUNKS
    lane = tl.arange(0, LANES // 4 if INT8 else LANES)[None, :]
    parts = ()
    for b in tl.static_range(PLACES):
        if b >= BATCH:
            part = tl.zeros_like(parts[0])
        elif INT8:
            part = tl.zeros([BN, LANES // 16], tl.float32)
            for c in tl.static_range(CHUNKS):
                at = x + b * (K // 2) + c * (CK // 4) + lane
                x0 = tl.load(at, lane < CK // 4, other=0)
                x1 = tl.load(at + K // 4, lane < CK // 4, other=0)
                dots = tl.reshape(int8_dot(q[c], x0, x1), [BN, LANES // 16, 4])
                part += tl.sum(dots, 2) * s[c].to(tl.float32)
        else:
            acc = tl.zeros([BN, LANES], tl.float32)
            for c in tl.static_range(CHUNKS):
                piece = tl.load(x + b * K + c * CK + lane, lane < CK, other=0.0)
                acc += q[c].to(tl.float32) * piece.to(tl.float32)
            part = tl.sum(tl.reshape(acc, [BN, LANES // 8, 8]), 2)
        parts = parts + (part,)
    return sums_of_tokens(parts, PLACES) * (1.0 / INT8_SCALE if INT8 else 1.0)


@triton.jit(do_not_specialize=["UNITS"])
def few_gemv_kernel(
    x, weights, scales, bias, residual, out, UNITS, N: tl.constexpr, K: tl.constexpr, CHUNKS: tl.constexpr,
    LANES: tl.constexpr, BN: tl.constexpr, BATCH: tl.constexpr, PLACES: tl.constexpr, INT8: tl.constexpr,
    BIAS: tl.constexpr, RESIDUAL: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """out[b, n] = weights[n] . x[b] + bias[n] + residual[b, n]; x f16[BATCH, K] as `store_half` leaves it.

    A piece of a row has as many vectors of 16 bytes as there are threads, so that all rows of a group, and x, have one
    layout: a thread's piece of x meets its piece of every row. PLACES is the least power of two that holds the batch.
    """
    first = tl.program_id(0)
    step = tl.num_programs(0)
    q, s = load_group(weights, scales, first, True, K, CHUNKS, LANES, BN, INT8)
    wait_then_release(PDL)
    for unit in range(first, UNITS, step):
        q_next, s_next = load_group(weights, scales, unit + step, unit + step < UNITS, K, CHUNKS, LANES, BN, INT8)
        y = few_sums(q, s, x, K, CHUNKS, LANES, BN, BATCH, PLACES, INT8)
        n = unit * BN + tl.arange(0, BN)[:, None]
        b = token_of(tl.arange(0, PLACES), PLACES)[None, :]
        live = (b < BATCH) & (n >= 0)
        if BIAS:
            y += tl.load(bias + n)
        if RESIDUAL:
            y += tl.load(residual + b * N + n, live, other=0.0)
        tl.store(out + b * N + n, y, live)
        q = q_next
        s = s_next


def few_gemv(
    x: Tensor, matrix: DeviceMatrix, bias: Tensor | None, out: Tensor, *,
    residual: Tensor | None = None, group: int, programs: int, warps: int, pdl: bool,
) -> None:  # fmt: skip
    """out f32[T, rows] of x f16[T, cols], whose order for q8_0 is `pairs`. `group` divides the matrix's rows."""
    int8 = matrix.kind == "q8_0"
    chunks = chunks_of(matrix.cols, warps * 32 * (16 if int8 else 8), 32)
    units = matrix.rows // group
    few_gemv_kernel[(min(programs, units),)](
        x.view(torch.int32) if int8 else x, matrix.values, matrix.scales, bias, residual, out, units, N=matrix.rows,
        K=matrix.cols, CHUNKS=chunks, LANES=power_of_two_at_least(matrix.cols // chunks), BN=group, BATCH=len(x),
        PLACES=power_of_two_at_least(len(x)), INT8=int8, BIAS=bias is not None, RESIDUAL=residual is not None, PDL=pdl,
        num_warps=warps, launch_pdl=pdl,
    )  # fmt: skip
