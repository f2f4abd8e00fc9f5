"""Matrix products of several tokens with weights of any kind: dense, and by experts over rows sorted by expert.

Weights are unpacked to 16 bits on the way to the matrix units (MXFP4 exactly). Activations are float32; for few tokens
each is multiplied as the sum of two 16-bit numbers, which costs nothing while the weights' bytes are the limit, so that
batches agree with batch 1 almost to float32's last bits. A row's sums run over K in one order, whatever its neighbours.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.words import ASM, MAGNITUDES, SIGNS, power_of_two, wait_then_release
from ossia.engine.gpt_oss.cuda.layout import DeviceMatrix
from ossia.engine.gpt_oss.cuda.tuned import Tile

FLOAT, Q8_0, MXFP4 = tl.constexpr(0), tl.constexpr(1), tl.constexpr(2)
LARGEST_HALF = tl.constexpr(65504.0)
WARPS = 4  # with 8 warps, Triton 3.6's pipelining of wgmma with operands in registers is a race


def matmul_reference(x: Tensor, weights: Tensor, bias: Tensor | None = None, residual: Tensor | None = None) -> Tensor:
    """x f32[T, K] times weights f32[N, K], transposed."""
    y = x @ weights.T
    y = y if bias is None else y + bias
    return y if residual is None else y + residual


def grouped_reference(x: Tensor, weights: Tensor, bias: Tensor, ids: Tensor) -> Tensor:
    """f32[pairs, N]: row p of x f32[pairs, K] times the matrix of expert ids[p], of weights f32[E, N, K]."""
    return torch.einsum("pnk,pk->pn", weights[ids], x) + bias[ids]


@triton.jit
def weight_tile(values, scales, rows, k, live, KIND: tl.constexpr, K: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr):
    """Tile [BN, BK] of rows i64[BN] from column k on, as the matrix units want it; `live` marks rows that exist."""
    at = k + tl.arange(0, BK)
    block = k // 32 + tl.arange(0, BK // 32)
    live_blocks = live[:, None] & (block < K // 32)[None, :]
    if KIND == FLOAT:
        tile = tl.load(values + rows[:, None] * K + at[None, :], live[:, None] & (at < K)[None, :], other=0.0)
    elif KIND == Q8_0:
        q = tl.load(values + rows[:, None] * K + at[None, :], live[:, None] & (at < K)[None, :], other=0)
        scale = tl.load(scales + rows[:, None] * (K // 32) + block[None, :], live_blocks, other=0.0)
        tile = tl.reshape(tl.reshape(q, [BN, BK // 32, 32]).to(tl.float16) * scale[:, :, None], [BN, BK])
    else:
        word_at = k // 8 + tl.arange(0, BK // 8)
        live_words = live[:, None] & (word_at < K // 8)[None, :]
        word = tl.load(values + rows[:, None] * (K // 8) + word_at[None, :], live_words, other=0)[:, :, None]
        scale = tl.load(scales + rows[:, None] * (K // 32) + block[None, :], live_blocks, other=0)
        i = tl.arange(0, 8)[None, None, :]
        sign_at = tl.where(
            i % 4 == 0, SIGNS[0], tl.where(i % 4 == 1, SIGNS[1], tl.where(i % 4 == 2, SIGNS[2], SIGNS[3]))
        )
        magnitude = (word >> (i // 4 * 16 + MAGNITUDES[0] - 3 * (i % 4))) & 7
        bits = magnitude << 9 | ((word >> (i // 4 * 16 + sign_at)) & 1) << 15
        code = bits.to(tl.int16).to(tl.float16, bitcast=True).to(tl.float32)
        tile = tl.reshape(code, [BN, BK // 32, 32]) * power_of_two(scale, 14)[:, :, None]
        tile = tl.reshape(tile, [BN, BK])
    return tile


@triton.jit
def add_product(acc, x, w, DOT: tl.constexpr, SPLIT: tl.constexpr):
    """acc + x . w^T, of x f32[BM, BK]; with SPLIT, x is the sum of two numbers of type DOT."""
    if DOT == tl.float32:
        acc = tl.dot(x, tl.trans(w.to(tl.float32)), acc, input_precision="ieee")
    else:
        if DOT == tl.float16:
            x = tl.minimum(tl.maximum(x, -LARGEST_HALF), LARGEST_HALF)
        w = tl.trans(w.to(DOT))
        high = x.to(DOT)
        acc = tl.dot(high, w, acc)
        if SPLIT:
            acc = tl.dot((x - high.to(tl.float32)).to(DOT), w, acc)
    return acc


@triton.jit(do_not_specialize=["T"])
def matmul_kernel(
    x, values, scales, bias, residual, out, T, N: tl.constexpr, K: tl.constexpr, KIND: tl.constexpr, BM: tl.constexpr,
    BN: tl.constexpr, BK: tl.constexpr, BIAS: tl.constexpr, RESIDUAL: tl.constexpr, DOT: tl.constexpr,
    SPLIT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Program (BN outputs, BM tokens)."""
    n = tl.program_id(0) * BN + tl.arange(0, BN)
    t = tl.program_id(1) * BM + tl.arange(0, BM)
    rows = n.to(tl.int64)
    wait_then_release(PDL)
    acc = tl.zeros([BM, BN], tl.float32)
    for k in range(0, K, BK):
        at = k + tl.arange(0, BK)
        xs = tl.load(x + t[:, None] * K + at[None, :], (t < T)[:, None] & (at < K)[None, :], other=0.0)
        acc = add_product(acc, xs, weight_tile(values, scales, rows, k, n < N, KIND, K, BN, BK), DOT, SPLIT)
    live = (t < T)[:, None] & (n < N)[None, :]
    at_out = t.to(tl.int64)[:, None] * N + n[None, :]
    if BIAS:
        acc += tl.load(bias + n, n < N, other=0.0)[None, :]
    if RESIDUAL:
        acc += tl.load(residual + at_out, live, other=0.0)
    tl.store(out + at_out, acc, live)


@triton.jit(do_not_specialize=["PAIRS"])
def grouped_kernel(
    x, values, scales, bias, out, order, block_experts, PAIRS, N: tl.constexpr, K: tl.constexpr, KIND: tl.constexpr,
    SHARING: tl.constexpr, GLU: tl.constexpr, LIMIT: tl.constexpr, ALPHA: tl.constexpr, BM: tl.constexpr,
    BN: tl.constexpr, BK: tl.constexpr, DOT: tl.constexpr, SPLIT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Program (BN outputs, block of BM pairs of one expert): out f32[pairs, N]. Row p // SHARING of x is pair p's.

    With GLU the expert's rows are gate and up in turn, and out is the clamped SwiGLU.
    """
    wait_then_release(PDL)
    block = tl.program_id(1)
    expert = tl.load(block_experts + block).to(tl.int64)
    if expert >= 0:
        n = tl.program_id(0) * BN + tl.arange(0, BN)
        pair = tl.load(order + block * BM + tl.arange(0, BM))
        live = pair < PAIRS
        token = (pair // SHARING).to(tl.int64)
        rows = expert * N + n
        if GLU:
            rows = (expert * N + n) * 2
        acc = tl.zeros([BM, BN], tl.float32)
        up = tl.zeros([BM, BN], tl.float32)
        for k in range(0, K, BK):
            at = k + tl.arange(0, BK)
            xs = tl.load(x + token[:, None] * K + at[None, :], live[:, None] & (at < K)[None, :], other=0.0)
            acc = add_product(acc, xs, weight_tile(values, scales, rows, k, n < N, KIND, K, BN, BK), DOT, SPLIT)
            if GLU:
                up = add_product(up, xs, weight_tile(values, scales, rows + 1, k, n < N, KIND, K, BN, BK), DOT, SPLIT)
        acc += tl.load(bias + rows, n < N, other=0.0)[None, :]
        if GLU:
            up += tl.load(bias + rows + 1, n < N, other=0.0)[None, :]
            gate = tl.minimum(acc, LIMIT)
            up = tl.minimum(tl.maximum(up, -LIMIT), LIMIT)
            acc = gate / (1.0 + tl.exp(-ALPHA * gate)) * (up + 1.0)
        tl.store(out + pair.to(tl.int64)[:, None] * N + n[None, :], acc, live[:, None] & (n < N)[None, :])


def _kind(matrix: DeviceMatrix) -> int:
    return {"q8_0": Q8_0, "mxfp4": MXFP4}.get(matrix.kind, FLOAT).value


def _dot(matrix: DeviceMatrix) -> tl.dtype:
    """Type of the matrix units' operands; the interpreter multiplies no bfloat16."""
    if matrix.kind == "f32" or not ASM.value:
        return tl.float32
    return tl.float16 if matrix.kind in ("f16", "q8_0") else tl.bfloat16


def _values(matrix: DeviceMatrix) -> Tensor:
    return matrix.values.view(torch.int8) if matrix.kind == "q8_0" else matrix.values


def matmul(
    x: Tensor, matrix: DeviceMatrix, bias: Tensor | None, out: Tensor, *, tile: Tile, split: bool,
    residual: Tensor | None = None, pdl: bool = False,
) -> None:  # fmt: skip
    """out f32[T, N] of x f32[T, K]."""
    rows = len(x)
    matmul_kernel[(triton.cdiv(matrix.rows, tile.outputs), triton.cdiv(rows, tile.tokens))](
        x, _values(matrix), matrix.scales, bias, residual, out, rows, N=matrix.rows, K=matrix.cols, KIND=_kind(matrix),
        BM=tile.tokens, BN=tile.outputs, BK=tile.depth, BIAS=bias is not None, RESIDUAL=residual is not None,
        DOT=_dot(matrix), SPLIT=split, PDL=pdl, num_warps=WARPS, num_stages=tile.stages, launch_pdl=pdl,
    )  # fmt: skip


def grouped_matmul(
    x: Tensor, matrix: DeviceMatrix, bias: Tensor, out: Tensor, order: Tensor, block_experts: Tensor, *,
    glu: tuple[float, float] | None, sharing: int, tile: Tile, split: bool, pdl: bool = False,
) -> None:  # fmt: skip
    """out f32[pairs, N] of the pairs in `order`, blocks of `tile.tokens` of one expert; see `sort_by_expert`.

    `glu` is the limit and alpha of a SwiGLU; its matrix has two rows an output.
    """
    pairs, width = out.shape
    limit, alpha = glu or (0.0, 0.0)
    grouped_kernel[(triton.cdiv(width, tile.outputs), len(block_experts))](
        x, _values(matrix), matrix.scales, bias, out, order, block_experts, pairs, N=width, K=matrix.cols,
        KIND=_kind(matrix), SHARING=sharing, GLU=glu is not None, LIMIT=limit, ALPHA=alpha, BM=tile.tokens,
        BN=tile.outputs, BK=tile.depth, DOT=_dot(matrix), SPLIT=split, PDL=pdl, num_warps=WARPS, num_stages=tile.stages,
        launch_pdl=pdl,
    )  # fmt: skip
