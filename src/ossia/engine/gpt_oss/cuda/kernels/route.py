"""Between attention and experts of many tokens: the residual, the norm in the order of operands, and the routing.

The router's products are of float32 in three parts on the matrix units, since a near tie of two experts must not hang
on rounding. Choices are those of `group.choose`.
"""

import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.launch import power_of_two_at_least
from ossia.engine.gpt_oss.cuda.kernels.norm import rms_norm_reference
from ossia.engine.gpt_oss.cuda.kernels.sorted_experts import column_at, in_order
from ossia.engine.gpt_oss.cuda.kernels.words import wait_then_release

LARGEST = tl.constexpr(65504.0)
TOKENS, DEPTH = 16, 64
EXPERTS, PAIR = 8, 2  # experts and tokens of a program of `router_logits`


def add_norm_reference(x: Tensor, added: Tensor, bias: Tensor, gain: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """The sum f32[T, D] and its norm, in the order of operands."""
    total = x + added + bias
    return total, in_order(rms_norm_reference(total, gain, eps))


@triton.jit(do_not_specialize=["T"])
def add_norm_kernel(
    x, added, bias, gain, total, normed, T, D: tl.constexpr, BD: tl.constexpr, EPS: tl.constexpr, PARTS: tl.constexpr,
    PDL: tl.constexpr,
):  # fmt: skip
    """Program: a token, by places of its operand. `added` f32[PARTS, T, D]."""
    at = tl.program_id(0).to(tl.int64) * D
    place = tl.arange(0, BD)
    column = column_at(place, D)
    live = place < D
    g = tl.load(gain + column, live, other=0.0)
    more = tl.load(bias + column, live, other=0.0)
    wait_then_release(PDL)
    h = tl.load(x + at + column, live, other=0.0)
    for part in tl.static_range(PARTS):
        h += tl.load(added + part * T * D + at + column, live, other=0.0)
    h += more
    tl.store(total + at + column, h, live)
    y = h * tl.rsqrt(tl.sum(h * h, 0) / D + EPS) * g
    tl.store(normed + at + place, tl.minimum(tl.maximum(y, -LARGEST), LARGEST).to(tl.float16), live)


@triton.jit(do_not_specialize=["T"])
def route_kernel(
    x, gain, weights, bias, ids, shares, T, D: tl.constexpr, E: tl.constexpr, EP: tl.constexpr, TOPK: tl.constexpr,
    EPS: tl.constexpr, BM: tl.constexpr, BK: tl.constexpr,
):  # fmt: skip
    """Program: BM tokens. The norm's factor comes after the product, since that is linear."""
    t = tl.program_id(0) * BM + tl.arange(0, BM)
    e = tl.arange(0, EP)
    rows = tl.where(t < T, t, 0).to(tl.int64)[:, None] * D
    squares = tl.zeros([BM], tl.float32)
    logits = tl.zeros([BM, EP], tl.float32)
    for k in tl.range(0, D, BK, num_stages=3):
        at = k + tl.arange(0, BK)
        h = tl.load(x + rows + at[None, :])
        w = tl.load(weights + e[:, None] * D + at[None, :], (e < E)[:, None], other=0.0)
        squares += tl.sum(h * h, 1)
        h *= tl.load(gain + at)[None, :]
        logits = tl.dot(h, tl.trans(w), logits, input_precision="tf32x3")
    logits *= tl.rsqrt(squares / D + EPS)[:, None]
    logits += tl.load(bias + e, e < E, other=-float("inf"))[None, :]
    highest = tl.max(logits, 1)
    weights_of = ()
    total = tl.zeros([BM], tl.float32)
    for j in tl.static_range(TOPK):
        best = tl.exp(tl.max(logits, 1) - highest)
        id = tl.minimum(tl.argmax(logits, 1), E - 1)
        tl.store(ids + t * TOPK + j, id.to(tl.int32), t < T)
        logits = tl.where(e[None, :] == id[:, None], -float("inf"), logits)
        weights_of = weights_of + (best,)
        total += best
    for j in tl.static_range(TOPK):
        tl.store(shares + t * TOPK + j, weights_of[j] / total, t < T)


def add_norm(
    x: Tensor, added: Tensor, bias: Tensor, gain: Tensor, eps: float, total: Tensor, normed: Tensor, *,
    pdl: bool = False,
) -> None:  # fmt: skip
    """total f32[T, D] becomes x + the sum of added f32[parts, T, D] + bias, normed f16[T, D] its norm `in_order`."""
    rows, width = x.shape
    add_norm_kernel[(rows,)](
        x, added, bias, gain, total, normed, rows, D=width, BD=power_of_two_at_least(width), EPS=eps,
        PARTS=len(added), PDL=pdl, num_warps=8, launch_pdl=pdl,
    )  # fmt: skip


def route(
    x: Tensor, gain: Tensor, eps: float, weights: Tensor, bias: Tensor, ids: Tensor, shares: Tensor
) -> None:  # fmt: skip
    """ids i32[T, k], best first, and shares f32[T, k] of states x f32[T, D], by the logits of their norm."""
    (rows, width), experts = x.shape, len(weights)
    route_kernel[(triton.cdiv(rows, TOKENS),)](
        x, gain, weights, bias, ids, shares, rows, D=width, E=experts, EP=max(16, power_of_two_at_least(experts)),
        TOPK=ids.shape[1], EPS=eps, BM=TOKENS, BK=DEPTH, num_warps=4,
    )  # fmt: skip


@triton.jit(do_not_specialize=["T"])
def logits_kernel(
    x, gain, weights, bias, logits, T, D: tl.constexpr, E: tl.constexpr, BE: tl.constexpr, BT: tl.constexpr,
    BK: tl.constexpr, EPS: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Program (BE experts, BT tokens), in float32. Products are summed up at the end alone."""
    e = tl.program_id(0) * BE + tl.arange(0, BE)
    first = tl.program_id(1) * BT
    k = tl.arange(0, BK)
    z = tl.load(bias + e, e < E, other=0.0)
    squares = ()
    products = ()
    for _ in tl.static_range(BT):
        squares = squares + (tl.zeros([BK], tl.float32),)
        products = products + (tl.zeros([BE, BK], tl.float32),)
    wait_then_release(PDL)
    for begin in range(0, D, BK):
        at = begin + k
        w = tl.load(weights + e[:, None] * D + at[None, :], (e < E)[:, None] & (at < D)[None, :], other=0.0)
        w *= tl.load(gain + at, at < D, other=0.0)[None, :]
        new_squares = ()
        new_products = ()
        for i in tl.static_range(BT):
            h = tl.load(x + tl.minimum(first + i, T - 1) * D + at, at < D, other=0.0)
            new_squares = new_squares + (squares[i] + h * h,)
            new_products = new_products + (products[i] + w * h[None, :],)
        squares = new_squares
        products = new_products
    for i in tl.static_range(BT):
        own = tl.sum(products[i], 1) * tl.rsqrt(tl.sum(squares[i], 0) / D + EPS) + z
        tl.store(logits + (first + i) * E + e, own, (e < E) & (first + i < T))


def router_logits(
    x: Tensor, gain: Tensor, eps: float, weights: Tensor, bias: Tensor, logits: Tensor, *, pdl: bool = False
) -> None:  # fmt: skip
    """logits f32[T, E] of the norm of states x f32[T, D], for fewer tokens than `route` needs to fill the device."""
    (rows, width), experts = x.shape, len(weights)
    logits_kernel[(triton.cdiv(experts, EXPERTS), triton.cdiv(rows, PAIR))](
        x, gain, weights, bias, logits, rows, D=width, E=experts, BE=EXPERTS, BT=PAIR, BK=512, EPS=eps, PDL=pdl,
        num_warps=8, launch_pdl=pdl,
    )  # fmt: skip
