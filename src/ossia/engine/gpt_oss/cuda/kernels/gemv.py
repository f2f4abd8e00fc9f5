# pyright: basic, reportMissingImports=false
# (Triton's language has no types, and torch and Triton are optional.)
"""Dense matrix times one token, with the RMS norm before it: queries, keys and values, and logits, at batch 1.

A persistent grid streams the rows once: the next group of rows is in flight while this one is summed. Floats are
multiplied in float32; int8 in float16 pairs, exactly but for the rounding of x to 11 bits.
"""

import torch
import triton
import triton.language as tl

from ossia.engine.gpt_oss.cuda.kernels.launch import chunks_of, power_of_two_at_least
from ossia.engine.gpt_oss.cuda.kernels.words import (
    INT8_SCALE,
    int8_dot,
    pairs,
    q8_0_reference,
    wait_then_release,
)
from ossia.engine.gpt_oss.cuda.layout import DeviceMatrix


def values_of(matrix: DeviceMatrix) -> torch.Tensor:
    """A dense matrix as float32 [rows, cols]."""
    if matrix.kind == "q8_0":
        return q8_0_reference(matrix.values, matrix.scales)
    return matrix.values.float()


def norm_gemv_reference(x, gain, eps: float, matrix: DeviceMatrix, bias=None):
    """matrix times rms_norm(x) plus bias: [rows] of x f32[cols]."""
    normed = x * torch.rsqrt((x * x).mean() + eps) * gain
    y = values_of(matrix) @ normed
    return y if bias is None else y + bias


@triton.jit
def norm_gemv_kernel(
    x, gain, weights, scales, bias, out, UNITS, EPS: tl.constexpr, K: tl.constexpr, CHUNKS: tl.constexpr,
    LANES: tl.constexpr, BN: tl.constexpr, INT8: tl.constexpr, BIAS: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """out[n] = weights[n] . rms_norm(x) + bias[n]. Program p takes the groups p, p + P, ... of BN rows.

    A row of K is read in CHUNKS pieces; lanes beyond a piece idle. The scale of a block of int8 is loaded once for each
    lane (16 weights), since that is the layout of the sums.
    """
    CK: tl.constexpr = K // CHUNKS
    W: tl.constexpr = LANES // 4 if INT8 else LANES
    CW: tl.constexpr = CK // 4 if INT8 else CK
    KW: tl.constexpr = K // 4 if INT8 else K
    first = tl.program_id(0)
    step = tl.num_programs(0)
    rows = tl.arange(0, BN)
    lane = tl.arange(0, W)[None, :]
    live = (lane < CW) & (rows >= 0)[:, None]
    at = rows[:, None] * KW + lane
    base = weights + first.to(tl.int64) * BN * KW
    q = ()
    for c in tl.static_range(CHUNKS):
        q = q + (tl.load(base + at + c * CW, live, other=0, eviction_policy="evict_first"),)
    if INT8:
        block = tl.arange(0, LANES // 16)[None, :]
        sat = rows[:, None] * (K // 32) + block // 2
        slive = (block < CK // 16) & (rows >= 0)[:, None]
        sbase = scales + first.to(tl.int64) * BN * (K // 32)
        s = ()
        for c in tl.static_range(CHUNKS):
            s = s + (tl.load(sbase + sat + c * (CK // 32), slive, other=0),)

    k = tl.arange(0, LANES)
    g = ()
    for c in tl.static_range(CHUNKS):
        g = g + (tl.load(gain + c * CK + k, k < CK, other=0.0),)
    wait_then_release(PDL)
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

    for unit in range(first, UNITS, step):
        more = unit + step < UNITS
        base += step.to(tl.int64) * BN * KW
        qn = ()
        for c in tl.static_range(CHUNKS):
            qn = qn + (tl.load(base + at + c * CW, live & more, other=0, eviction_policy="evict_first"),)
        if INT8:
            sbase += step.to(tl.int64) * BN * (K // 32)
            sn = ()
            for c in tl.static_range(CHUNKS):
                sn = sn + (tl.load(sbase + sat + c * (CK // 32), slive & more, other=0),)
            acc = tl.zeros([BN, LANES // 16], tl.float32)
            for c in tl.static_range(CHUNKS):
                dots = tl.reshape(int8_dot(q[c], v[c][0], v[c][1]), [BN, LANES // 16, 4])
                acc += tl.sum(dots, 2) * s[c].to(tl.float32)
            y = tl.sum(acc, 1) * (1.0 / INT8_SCALE)
            s = sn
        else:
            acc = q[0].to(tl.float32) * v[0]
            for c in tl.static_range(1, CHUNKS):
                acc += q[c].to(tl.float32) * v[c]
            y = tl.sum(acc, 1) * rstd
        if BIAS:
            y += tl.load(bias + unit * BN + rows)
        tl.store(out + unit * BN + rows, y)
        q = qn


def norm_gemv(
    x: torch.Tensor, gain: torch.Tensor, eps: float, matrix: DeviceMatrix, bias: torch.Tensor | None,
    out: torch.Tensor, *, group: int, programs: int, warps: int, pdl: bool,
) -> None:  # fmt: skip
    """out f32[rows] of x f32[cols]. `group` rows at a time, which divides the matrix's rows."""
    chunks = chunks_of(matrix.cols, 1024, 32)
    units = matrix.rows // group
    norm_gemv_kernel[(min(programs, units),)](
        x, gain, matrix.values, matrix.scales, bias, out, units, EPS=eps, K=matrix.cols, CHUNKS=chunks,
        LANES=power_of_two_at_least(matrix.cols // chunks), BN=group, INT8=matrix.kind == "q8_0",
        BIAS=bias is not None, PDL=pdl, num_warps=warps, launch_pdl=pdl,
    )  # fmt: skip
