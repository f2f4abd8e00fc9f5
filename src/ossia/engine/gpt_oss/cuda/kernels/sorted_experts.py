"""Experts of many tokens, MXFP4, over pairs of (token, expert) sorted by expert: from memory to the matrix units.

A lane of a warp holds 16 weights of each of two rows of the left operand, for 64 columns. They are two words of each of
two rows here: a lane loads them, unpacks them, and they are where the matrix unit wants them. For that, a column of the
operand is not a column of the matrix, and activations are stored in the operand's order (`column_at`): sums may run
over the columns in any order. Outputs of the first product are rows of its operand, so they come out in that order.

A load is a block of 32 weights, half for each of two operands: so groups have 128 columns, but for a last one of 64.

Weights are float16, exact where their block's scale is from 2^-23 to 2; smaller ones lose bits that no sum would
notice, and for larger ones `forward.py` takes another way.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.launch import largest_divisor
from ossia.engine.gpt_oss.cuda.kernels.words import mx_values, power_pair, wait_then_release
from ossia.engine.gpt_oss.cuda.layout import DeviceMatrix
from ossia.engine.gpt_oss.cuda.tuned import Tile

ROWS = 64
"""Rows of a tile, and columns of an operand."""
GROUP = 128
"""Columns of a group, two operands."""
LARGEST_SCALE = 128  # E8M0: its power of two, times the 2^14 that codes lack, is the largest of float16
WARPS = tl.constexpr(4)  # of 16 rows; with 8, Triton 3.6's pipelining of operands in registers is a race
BLOCKS_TOGETHER = tl.constexpr(8)  # that walk the same weights while those are in the L2


def in_order(x: Tensor) -> Tensor:
    """x [..., n * 64] in the order of operands, as it is stored."""
    groups, last = x.split([x.shape[-1] // 128 * 128, x.shape[-1] % 128], -1)
    groups = groups.view(*x.shape[:-1], -1, 4, 2, 2, 2, 2, 2)  # lane of four, operand, word, half, pair of codes, code
    groups = groups.movedim((-5, -4, -2, -1, -6, -3), (-6, -5, -4, -3, -2, -1)).flatten(len(x.shape) - 1)
    last = last.view(*x.shape[:-1], -1, 4, 2, 2, 2, 2)
    last = last.movedim((-4, -2, -1, -5, -3), (-5, -4, -3, -2, -1)).flatten(len(x.shape) - 1)
    return torch.cat([groups, last], -1)


@triton.jit
def column_at(place, K: tl.constexpr):
    """The column that stands at a place among the K columns of an operand."""
    lane = place // 2 % 4
    code = place // 32 % 2 * 8 + place % 2 * 4 + place // 16 % 2 * 2 + place // 8 % 2
    wide = place // 128 * 128 + lane * 32 + place // 64 % 2 * 16
    return code + tl.where(place < K // 128 * 128, wide, place // 64 * 64 + lane * 16)


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
def load_words(
    words, stride: tl.constexpr, APART: tl.constexpr, K: tl.constexpr, WIDTH: tl.constexpr, UNROLL: tl.constexpr
):
    """Words of UNROLL loads, `stride` words apart: of rows 0 to 7 and 8 to 15 of a warp, which lie APART; with a WIDTH
    of 2 those of the gate and, in the next row, of the neuron above it."""
    q = ()
    for n in tl.static_range(UNROLL * 2 * WIDTH):
        row = n % 2 * APART + n // 2 % WIDTH
        q = q + (tl.load(words + (row * (K // 8) + n // (2 * WIDTH) * stride)),)
    return q


@triton.jit
def load_scales(
    scales, stride: tl.constexpr, APART: tl.constexpr, K: tl.constexpr, WIDTH: tl.constexpr, UNROLL: tl.constexpr
):
    """Their scales, `stride` apart."""
    s = ()
    for n in tl.static_range(UNROLL * 2 * WIDTH):
        row = n % 2 * APART + n // 2 % WIDTH
        s = s + (tl.load(scales + (row * (K // 32) + n // (2 * WIDTH) * stride)),)
    return s


@triton.jit
def halves(q, COUNT: tl.constexpr):
    """Words [lanes, 4] of COUNT loads as those of two operands, [lanes, 2], one after the other."""
    parts = ()
    for n in tl.static_range(COUNT):
        first, second = tl.split(tl.permute(tl.reshape(q[n], [q[n].shape[0], 2, 2]), (0, 2, 1)))
        parts = parts + (first, second)
    return parts


@triton.jit
def add_operand(acc, up, q, s, x, first: tl.constexpr, part: tl.constexpr, EACH: tl.constexpr, GLU: tl.constexpr):
    """Sums that go on over 64 columns of tokens x f16[64, BM]: part `part` of the EACH that the loads from `first` on
    consist of."""
    acc = tl.dot(operand(q[first * EACH + part], q[(first + 1) * EACH + part], s[first], s[first + 1]), x, acc)
    if GLU:
        more = operand(q[(first + 2) * EACH + part], q[(first + 3) * EACH + part], s[first + 2], s[first + 3])
        up = tl.dot(more, x, up)
    return acc, up


@triton.jit
def sums_of(
    words, scales, part, column, live, K: tl.constexpr, BM: tl.constexpr, GLU: tl.constexpr, UNROLL: tl.constexpr,
    STAGES: tl.constexpr,
):  # fmt: skip
    """Products [64, BM] of the rows that `words` begin with the `live` [1, BM] of tokens whose columns are at `column`
    [64, BM]; with GLU, also those of the rows above. `part` [lanes, 1] is a lane's place among the four of a row.

    Words come by asynchronous copies: loads into registers that are made an iteration ahead are moved by the assembler
    to where they are used. Places without a token load nothing: all programs would load one row at the same time.
    """
    GROUP: tl.constexpr = 128
    GROUPS: tl.constexpr = K // GROUP
    WIDTH: tl.constexpr = 2 if GLU else 1
    APART: tl.constexpr = 2 if GLU else 8  # by `column_at`, 8 places further is the next column
    acc = tl.zeros([16 * WARPS, BM], tl.float32)
    up = tl.zeros([16 * WARPS, BM], tl.float32)
    if K % GROUP > 0:
        rest = words + (GROUPS * (GROUP // 8) + part * 2) + tl.arange(0, 2)[None, :]
        q_rest = load_words(rest, 0, APART, K, WIDTH, 1)
        s_rest = load_scales(scales + (GROUPS * (GROUP // 32) + part // 2), 0, APART, K, WIDTH, 1)
        acc, up = add_operand(acc, up, q_rest, s_rest, tl.load(column + GROUPS * GROUP, live, other=0.0), 0, 0, 1, GLU)
    if GROUPS > 0:
        words = words + part * 4 + tl.arange(0, 4)[None, :]
        scales = scales + part
        s = load_scales(scales, GROUP // 32, APART, K, WIDTH, UNROLL)
        for group in tl.range(0, GROUPS, UNROLL, num_stages=STAGES):
            q = load_words(words + group * (GROUP // 8), GROUP // 8, APART, K, WIDTH, UNROLL)
            xs = ()
            for i in tl.static_range(2 * UNROLL):
                xs = xs + (tl.load(column + group * GROUP + i * 64, live, other=0.0),)
            following = tl.minimum(group + UNROLL, GROUPS - UNROLL)
            s_next = load_scales(scales + following * (GROUP // 32), GROUP // 32, APART, K, WIDTH, UNROLL)
            parts = halves(q, 2 * WIDTH * UNROLL)
            for i in tl.static_range(2 * UNROLL):
                acc, up = add_operand(acc, up, parts, s, xs[i], i // 2 * 2 * WIDTH, i % 2, 2, GLU)
            s = s_next
    return acc, up


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
        token = (pair // SHARING).to(tl.int64)
        lane = tl.arange(0, 32 * WARPS)
        row = first + lane // 32 * 16 + lane % 32 // 4
        if GLU:
            row = column_at(row, N)
        row = (expert * (N * WIDTH) + row * WIDTH)[:, None]
        column = x + token[None, :] * K + tl.arange(0, 64)[:, None]
        part = (lane % 4)[:, None]
        words, bytes = values + row * (K // 8), scales + row * (K // 32)
        acc, up = sums_of(words, bytes, part, column, live[None, :], K, BM, GLU, UNROLL, STAGES)
        store_tile(acc, up, bias + expert * (N * WIDTH), out, first, pair, live, N, GLU, LIMIT, ALPHA)


@triton.jit
def store_tile(
    acc, up, bias, out, first, pair, live, N: tl.constexpr, GLU: tl.constexpr, LIMIT: tl.constexpr, ALPHA: tl.constexpr
):  # fmt: skip
    """Rows `first` and following of the products acc (and up) [rows, BM], to the pairs' rows of out."""
    place = first + tl.arange(0, acc.shape[0])
    if GLU:
        row = column_at(place, N) * 2
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
    unroll = largest_divisor(matrix.cols // GROUP, tile.depth // GROUP)
    limit, alpha = glu or (0.0, 0.0)
    sorted_kernel[(width // ROWS * blocks,)](
        x, matrix.values, matrix.scales, bias, out, order, block_experts, pairs, blocks, N=width, K=matrix.cols,
        SHARING=sharing, GLU=glu is not None, LIMIT=limit, ALPHA=alpha, BM=tile.tokens, UNROLL=unroll,
        STAGES=tile.stages, PDL=pdl, num_warps=WARPS.value, launch_pdl=pdl
    )  # fmt: skip


def can_run(matrix: DeviceMatrix, rows: int) -> bool:
    """True for a matrix of experts with so many outputs each, of which none is out of reach."""
    if matrix.kind != "mxfp4" or matrix.cols % ROWS or rows % ROWS or matrix.scales is None:
        return False
    return matrix.scales.device.type == "meta" or float(matrix.scales.flatten().amax(0)) <= LARGEST_SCALE
