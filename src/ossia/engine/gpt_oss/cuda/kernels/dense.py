"""Dense matrices times several tokens: each weight is read once, and goes to the matrix units from registers.

A lane of a warp holds 16 weights of each of two rows of the left operand, for 64 columns. They are 16 neighbours of a
row here: a lane loads them, unpacks them to float16, and they are where the matrix unit wants them. For that, a column
of the operand is not a column of the matrix, and tokens are stored in the operand's order (`operand_place`).

A matrix has fewer tiles of rows than the device has room for, so its columns are divided too: each part leaves its own
sums, and whoever reads them adds them in order. Weights beyond float16's range, which no model has, would be infinite.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.launch import largest_divisor, power_of_two_at_least
from ossia.engine.gpt_oss.cuda.kernels.words import int8_values, wait_then_release
from ossia.engine.gpt_oss.cuda.layout import DeviceMatrix
from ossia.engine.gpt_oss.cuda.tuned import Tile

GROUP = 64
"""Columns of an operand, and rows of a tile."""
MOST_PARTS = 8  # of the columns
PROGRAMS = 360  # of which a large card runs two or three on each multiprocessor
WARPS = tl.constexpr(4)  # of 16 rows; with 8, Triton 3.6's pipelining of operands in registers is a race
F16, BF16, Q8_0 = tl.constexpr(0), tl.constexpr(1), tl.constexpr(2)
KINDS = {"f16": F16, "bf16": BF16, "q8_0": Q8_0}
HIGH_HALF = tl.constexpr(-65536)


def in_order(x: Tensor) -> Tensor:
    """x [..., n * 64] in the order of operands, as `store_half` leaves it."""
    groups = x.view(*x.shape[:-1], -1, 4, 4, 2, 2)  # lane of four, step of 16, half of it, one of a pair
    return groups.movedim((-3, -2, -4), (-4, -3, -2)).reshape(x.shape)


def can_run(matrix: DeviceMatrix) -> bool:
    """True for a kind and a size that can be multiplied."""
    return matrix.kind in KINDS and matrix.rows % GROUP == 0 and matrix.cols % GROUP == 0


def sizes(tile: Tile) -> list[int]:
    """Numbers of tokens from which each runs another kernel."""
    return [1, *(block + 1 for block in (16, 32, 64) if block < tile.tokens)]


def num_parts(matrix: DeviceMatrix, share: int = 1) -> int:
    """Parts of a matrix's columns: as many as give all programs something to do, each of equal length.

    `share` is for many tokens, of which each part has so many times as many programs.
    """
    groups, most = matrix.cols // GROUP, min(MOST_PARTS, PROGRAMS // share * GROUP // matrix.rows)
    return largest_divisor(groups, most)


@triton.jit
def load_words(words, KIND: tl.constexpr, K: tl.constexpr, UNROLL: tl.constexpr):
    """Words of UNROLL groups of columns: of rows 0 to 7 and 8 to 15 of a warp. Of 16-bit weights a lane's are two
    loads, of 8 neighbours each."""
    q = ()
    EACH: tl.constexpr = 1 if KIND == Q8_0 else 2
    PER_WORD: tl.constexpr = 4 if KIND == Q8_0 else 2
    for n in tl.static_range(UNROLL * 2 * EACH):
        row = n // EACH % 2 * 8
        at = words + (row * (K // PER_WORD) + n // (2 * EACH) * (64 // PER_WORD) + n % EACH * 4)
        q = q + (tl.load(at),)
    return q


@triton.jit
def load_scales(scales, KIND: tl.constexpr, K: tl.constexpr, UNROLL: tl.constexpr):
    """Their scales, if they have any: one a lane, whose weights are half a block."""
    s = ()
    for n in tl.static_range(UNROLL * 2):
        if KIND == Q8_0:
            s = s + (tl.load(scales + (n % 2 * 8 * (K // 32) + n // 2 * 2)),)
        else:
            s = s + (0,)
    return s


@triton.jit
def _pairs_of(word, KIND: tl.constexpr):
    """The two weights of words, as [..., 2] of float16."""
    if KIND == BF16:
        low = (word << 16).to(tl.float32, bitcast=True).to(tl.float16)
        high = (word & HIGH_HALF).to(tl.float32, bitcast=True).to(tl.float16)
    else:
        low = (word & 0xFFFF).to(tl.int16).to(tl.float16, bitcast=True)
        high = ((word >> 16) & 0xFFFF).to(tl.int16).to(tl.float16, bitcast=True)
    return tl.join(low, high)


@triton.jit
def _eights(words, scale):
    """int8 of words [32 warps, step] as float16 [32 warps, step, one of a pair, half]."""
    a, b, c, d = int8_values(words, scale)
    return tl.join(tl.join(a, b), tl.join(c, d))


@triton.jit
def operand(q, s, first: tl.constexpr, KIND: tl.constexpr):
    """Left operand f16[64, 64] of the loads of rows 0 to 7 of each warp from `first` on, and of its rows 8 to 15."""
    if KIND == Q8_0:
        w = tl.join(_eights(q[first], s[first]), _eights(q[first + 1], s[first + 1]))
        w = tl.reshape(w, [WARPS, 8, 4, 4, 2, 2, 2])  # warp, row of 8, lane of 4, step, one of a pair, half, 8 rows
        w = tl.permute(w, (0, 6, 1, 3, 5, 2, 4))
    else:
        at: tl.constexpr = 2 * first
        upper = tl.join(_pairs_of(q[at], KIND), _pairs_of(q[at + 1], KIND))
        w = tl.join(upper, tl.join(_pairs_of(q[at + 2], KIND), _pairs_of(q[at + 3], KIND)))
        w = tl.reshape(
            w, [WARPS, 8, 4, 2, 2, 2, 2, 2]
        )  # warp, row of 8, lane of 4, step % 2, half, one of a pair, step // 2, 8 rows
        w = tl.permute(w, (0, 7, 1, 6, 3, 4, 2, 5))
    return tl.reshape(w, [16 * WARPS, 64])


@triton.jit(do_not_specialize=["T"])
def dense_kernel(
    x, values, scales, out, T, N: tl.constexpr, K: tl.constexpr, KIND: tl.constexpr, BM: tl.constexpr,
    PARTS: tl.constexpr, UNROLL: tl.constexpr, STAGES: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Program (BM tokens, 64 outputs, part of the columns): out f32[PARTS, T, N]."""
    STEPS: tl.constexpr = K // 64 // PARTS
    PER_WORD: tl.constexpr = 4 if KIND == Q8_0 else 2
    first = tl.program_id(1) * 64
    part = tl.program_id(2)
    lane = tl.arange(0, 32 * WARPS)
    row = (first + lane // 32 * 16 + lane % 32 // 4).to(tl.int64)[:, None]
    at = row * (K // PER_WORD) + part * STEPS * (64 // PER_WORD) + (lane % 4 * (16 // PER_WORD))[:, None]
    words = values + at + tl.arange(0, 4)[None, :]
    blocks = scales
    if KIND == Q8_0:
        blocks = scales + row * (K // 32) + part * STEPS * 2 + (lane % 4 // 2)[:, None]
    s = load_scales(blocks, KIND, K, UNROLL)
    wait_then_release(PDL)
    t = tl.program_id(0) * BM + tl.arange(0, BM)
    column = x + part * STEPS * 64 + t[None, :] * K + tl.arange(0, 64)[:, None]
    acc = tl.zeros([16 * WARPS, BM], tl.float32)
    for step in tl.range(0, STEPS, UNROLL, num_stages=STAGES):
        q = load_words(words + step * (64 // PER_WORD), KIND, K, UNROLL)
        xs = ()
        for u in tl.static_range(UNROLL):
            xs = xs + (tl.load(column + (step + u) * 64, (t < T)[None, :], other=0.0),)
        s_next = s
        if KIND == Q8_0:
            s_next = load_scales(blocks + tl.minimum(step + UNROLL, STEPS - UNROLL) * 2, KIND, K, UNROLL)
        for u in tl.static_range(UNROLL):
            acc = tl.dot(operand(q, s, 2 * u, KIND), xs[u], acc)
        s = s_next
    n = first + tl.arange(0, 64)
    tl.store(out + (part * T + t).to(tl.int64)[:, None] * N + n[None, :], tl.trans(acc), (t < T)[:, None])


def dense(x: Tensor, matrix: DeviceMatrix, out: Tensor, *, tile: Tile, pdl: bool = False) -> None:
    """out f32[parts, T, N], whose sum over the parts is the product with tokens x f16[T, K] `in_order`.

    The tile's outputs are 64, and its tokens at most so many as there are.
    """
    parts, tokens, rows = out.shape
    unroll = largest_divisor(matrix.cols // GROUP // parts, tile.depth // GROUP)
    block = min(tile.tokens, max(16, power_of_two_at_least(tokens)))
    kind = KINDS[matrix.kind]
    dense_kernel[(triton.cdiv(tokens, block), rows // GROUP, parts)](
        x, matrix.values if kind == Q8_0 else matrix.values.view(torch.int32), matrix.scales, out, tokens, N=rows,
        K=matrix.cols, KIND=kind, BM=block, PARTS=parts, UNROLL=unroll, STAGES=tile.stages, PDL=pdl,
        num_warps=WARPS.value, launch_pdl=pdl,
    )  # fmt: skip
