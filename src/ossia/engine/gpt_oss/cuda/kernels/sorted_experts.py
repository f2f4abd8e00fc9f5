"""Experts of many tokens, MXFP4, over pairs of (token, expert) sorted by expert: from memory to the matrix units.

A lane of a warp holds 16 weights of each of two rows of the left operand, for 64 columns. They are two words of each of
two rows here: a lane loads them, unpacks them, and they are where the matrix unit wants them. For that, a column of the
operand is not a column of the matrix, and activations are stored in the operand's order (`column_at`): sums may run
over the columns in any order. Outputs of the first product are rows of its operand, so they come out in that order.

Weights are float16, exact where their block's scale is from 2^-23 to 2; smaller ones lose bits that no sum would
notice, and for larger ones `forward.py` takes another way.
"""

import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.words import mx_values, power_pair, wait_then_release
from ossia.engine.gpt_oss.cuda.layout import DeviceMatrix
from ossia.engine.gpt_oss.cuda.tuned import Tile

GROUP = 64
"""Columns of an operand, and rows of a tile."""
LARGEST_SCALE = 128  # E8M0: its power of two, times the 2^14 that codes lack, is the largest of float16
WARPS = tl.constexpr(4)  # of 16 rows; with 8, Triton 3.6's pipelining of operands in registers is a race
BLOCKS_TOGETHER = tl.constexpr(8)  # that walk the same weights while those are in the L2


def in_order(x: Tensor) -> Tensor:
    """x [..., n * 64] in the order of operands, as it is stored."""
    groups = x.view(*x.shape[:-1], -1, 4, 2, 2, 2, 2)  # lane of four, word, half, pair of codes, code
    return groups.movedim((-4, -2, -1, -5, -3), (-5, -4, -3, -2, -1)).reshape(x.shape)


@triton.jit
def column_at(place):
    """The column that stands at a place among the columns of an operand."""
    lane = place // 2 % 4 * 16
    return place // 64 * 64 + lane + place // 32 % 2 * 8 + place % 2 * 4 + place // 16 % 2 * 2 + place // 8 % 2


@triton.jit
def _values(words, scale):
    """Words i32[32 warps, 2] and bytes [32 warps, 1] as values [32 warps, word, half, code % 2, code // 2]."""
    a, b, c, d, e, f, g, h = mx_values(words, power_pair(scale))
    return tl.join(tl.join(tl.join(a, b), tl.join(c, d)), tl.join(tl.join(e, f), tl.join(g, h)))


@triton.jit
def operand(upper, lower, upper_scale, lower_scale):
    """Left operand f16[16 warps, 64] of words of the rows 0 to 7 of each warp, and of its rows 8 to 15."""
    w = tl.join(_values(upper, upper_scale), _values(lower, lower_scale))
    w = tl.reshape(
        w, [WARPS, 8, 4, 2, 2, 2, 2, 2]
    )  # warp, row of 8, lane of 4, word, half, code % 2, code // 2, 8 rows
    return tl.reshape(tl.permute(w, (0, 7, 1, 3, 6, 5, 2, 4)), [16 * WARPS, 64])


@triton.jit
def load_steps(words, scales, step, ROWS: tl.constexpr, K: tl.constexpr, GLU: tl.constexpr, UNROLL: tl.constexpr):
    """Words and scales of UNROLL groups of columns, from group `step` on: of rows 0 to 7 and 8 to 15 of a warp, which
    lie ROWS apart; with GLU those of the gate and, in the next row, of the neuron above it."""
    q = ()
    s = ()
    WIDTH: tl.constexpr = 2 if GLU else 1
    for n in tl.static_range(UNROLL * 2 * WIDTH):
        row = n % 2 * ROWS + n // 2 % WIDTH
        group = step + n // (2 * WIDTH)
        q = q + (tl.load(words + (row * (K // 8) + group * 8)),)
        s = s + (tl.load(scales + (row * (K // 32) + group * 2)),)
    return q, s


@triton.jit(do_not_specialize=["PAIRS", "BLOCKS"])
def sorted_kernel(
    x, values, scales, bias, out, order, block_experts, PAIRS, BLOCKS, N: tl.constexpr, K: tl.constexpr,
    SHARING: tl.constexpr, GLU: tl.constexpr, LIMIT: tl.constexpr, ALPHA: tl.constexpr, BM: tl.constexpr,
    UNROLL: tl.constexpr, STAGES: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Program: 64 outputs of a block of BM pairs of one expert. Row p // SHARING of x is pair p's.

    With GLU the expert's rows are gate and up in turn, and out is the clamped SwiGLU, in the order of operands.
    """
    TILES: tl.constexpr = N // 64
    STEPS: tl.constexpr = K // 64
    WIDTH: tl.constexpr = 2 if GLU else 1
    together = tl.program_id(0) // (BLOCKS_TOGETHER * TILES) * BLOCKS_TOGETHER
    size = tl.minimum(BLOCKS - together, BLOCKS_TOGETHER)
    place = tl.program_id(0) % (BLOCKS_TOGETHER * TILES)
    block = together + place % size
    first = place // size * 64
    wait_then_release(PDL)
    expert = tl.load(block_experts + block).to(tl.int64)
    if expert >= 0:
        pair = tl.load(order + block * BM + tl.arange(0, BM))
        live = pair < PAIRS
        token = tl.where(live, pair // SHARING, 0).to(tl.int64)
        lane = tl.arange(0, 32 * WARPS)
        row = first + lane // 32 * 16 + lane % 32 // 4
        if GLU:
            row = column_at(row)
        row = expert * (N * WIDTH) + row * WIDTH
        words = values + (row * (K // 8) + lane % 4 * 2)[:, None] + tl.arange(0, 2)[None, :]
        bytes = scales + (row * (K // 32) + lane % 4 // 2)[:, None]
        APART: tl.constexpr = 2 if GLU else 8  # by `column_at`, 8 places further is the next column
        acc = tl.zeros([16 * WARPS, BM], tl.float32)
        up = tl.zeros([16 * WARPS, BM], tl.float32)
        q, s = load_steps(words, bytes, 0, APART, K, GLU, UNROLL)
        column = x + token[None, :] * K + tl.arange(0, 64)[:, None]
        for step in tl.range(0, STEPS, UNROLL, num_stages=STAGES):
            xs = ()
            for u in tl.static_range(UNROLL):
                xs = xs + (tl.load(column + (step + u) * 64),)
            following = tl.minimum(step + UNROLL, STEPS - UNROLL)
            q_next, s_next = load_steps(words, bytes, following, APART, K, GLU, UNROLL)
            for u in tl.static_range(UNROLL):
                if GLU:
                    acc = tl.dot(operand(q[4 * u], q[4 * u + 1], s[4 * u], s[4 * u + 1]), xs[u], acc)
                    up = tl.dot(operand(q[4 * u + 2], q[4 * u + 3], s[4 * u + 2], s[4 * u + 3]), xs[u], up)
                else:
                    acc = tl.dot(operand(q[2 * u], q[2 * u + 1], s[2 * u], s[2 * u + 1]), xs[u], acc)
            q = q_next
            s = s_next
        store_tile(acc, up, bias + expert * (N * WIDTH), out, first, pair, live, N, GLU, LIMIT, ALPHA)


@triton.jit
def store_tile(
    acc, up, bias, out, first, pair, live, N: tl.constexpr, GLU: tl.constexpr, LIMIT: tl.constexpr, ALPHA: tl.constexpr
):  # fmt: skip
    """Rows `first` and following of the products acc (and up) [64, BM], to the pairs' rows of out."""
    place = first + tl.arange(0, 64)
    if GLU:
        row = column_at(place) * 2
        gate = tl.minimum(acc + tl.load(bias + row)[:, None], LIMIT)
        up = tl.minimum(tl.maximum(up + tl.load(bias + row + 1)[:, None], -LIMIT), LIMIT)
        acc = gate / (1.0 + tl.exp(-ALPHA * gate)) * (up + 1.0)
    else:
        acc += tl.load(bias + place)[:, None]
    at = out + pair.to(tl.int64)[:, None] * N + place[None, :]
    tl.store(at, tl.trans(acc.to(out.dtype.element_ty)), live[:, None])


def sorted_matmul(
    x: Tensor, matrix: DeviceMatrix, bias: Tensor, out: Tensor, order: Tensor, block_experts: Tensor, *,
    glu: tuple[float, float] | None, sharing: int, tile: Tile, pdl: bool = False,
) -> None:  # fmt: skip
    """out [pairs, N] of the pairs in `order`, blocks of `tile.tokens` of one expert, of x f16[T, K] `in_order`.

    `glu` is the limit and alpha of a SwiGLU; its matrix has two rows an output, and its outputs are `in_order`.
    """
    (pairs, width), blocks = out.shape, len(block_experts)
    unroll = 1 if matrix.cols % tile.depth else tile.depth // GROUP
    limit, alpha = glu or (0.0, 0.0)
    sorted_kernel[(width // GROUP * blocks,)](
        x, matrix.values, matrix.scales, bias, out, order, block_experts, pairs, blocks, N=width, K=matrix.cols,
        SHARING=sharing, GLU=glu is not None, LIMIT=limit, ALPHA=alpha, BM=tile.tokens, UNROLL=unroll,
        STAGES=tile.stages, PDL=pdl, num_warps=WARPS.value, launch_pdl=pdl,
    )  # fmt: skip


def can_run(matrix: DeviceMatrix, rows: int) -> bool:
    """True for a matrix of experts with so many outputs each, of which none is out of reach."""
    if matrix.kind != "mxfp4" or matrix.cols % GROUP or rows % GROUP or matrix.scales is None:
        return False
    return matrix.scales.device.type == "meta" or float(matrix.scales.flatten().amax(0)) <= LARGEST_SCALE
