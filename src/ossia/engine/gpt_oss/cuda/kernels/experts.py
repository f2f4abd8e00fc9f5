"""Experts of a few tokens, MXFP4: each chosen expert is a matrix times its one token.

Every tile is [warps, 128 words]: a warp has one row, a lane one load of 16 bytes, which is one block of 32 weights.
So weights, scales and activations have one layout and nothing is exchanged through shared memory. The grids are
persistent, with the next unit's weights in flight while this one is decoded. Pairs of (token, expert) walk their rows
in step, so an expert that two tokens chose is read from memory once. A row's arithmetic does not depend on others.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.launch import chunks_of, power_of_two_at_least
from ossia.engine.gpt_oss.cuda.kernels.router import plane_place, to_plane
from ossia.engine.gpt_oss.cuda.kernels.words import (
    MX_BIAS,
    mx_dot,
    mxfp4_reference,
    power_of_two,
    rank_experts,
    wait_then_release,
)
from ossia.engine.gpt_oss.cuda.layout import DeviceLayer


def swiglu_reference(gate: Tensor, up: Tensor, limit: float, alpha: float) -> Tensor:
    gate, up = gate.clamp(max=limit), up.clamp(-limit, limit)
    return gate * torch.sigmoid(alpha * gate) * (up + 1)


def experts_reference(
    x: Tensor, logits: Tensor, layer: DeviceLayer, experts_per_token: int, limit: float, alpha: float
) -> tuple[Tensor, Tensor]:
    """(inner [T, k, F], output [T, D]) of normed tokens x f32[T, D], for experts of MXFP4."""
    experts = len(layer.router)
    top, ids = logits.topk(experts_per_token)
    w1 = mxfp4_reference(layer.gate_up.values, layer.gate_up.scales).view(experts, -1, x.shape[1])
    w2 = mxfp4_reference(layer.down.values, layer.down.scales).view(experts, x.shape[1], -1)
    y = torch.einsum("tknd,td->tkn", w1[ids], x) + layer.gate_up_bias[ids]
    inner = swiglu_reference(y[..., 0::2], y[..., 1::2], limit, alpha)
    z = torch.einsum("tkdf,tkf->tkd", w2[ids], inner) + layer.down_bias[ids]
    return inner, (top.softmax(-1)[..., None] * z).sum(1)


@triton.jit
def load_planes(x, at, live, c: tl.constexpr, CW: tl.constexpr, WORDS: tl.constexpr):
    """Piece c of a token's four planes."""
    at += c * CW
    return (
        tl.load(x + at, live, other=0),
        tl.load(x + at + WORDS, live, other=0),
        tl.load(x + at + 2 * WORDS, live, other=0),
        tl.load(x + at + 3 * WORDS, live, other=0),
    )


@triton.jit
def block_dots(q, s, x, WARPS: tl.constexpr, LANES: tl.constexpr):
    """Dot products [warps, blocks] of the blocks of words q with a piece of a token, scaled."""
    dots = tl.sum(tl.reshape(mx_dot(q, x[0], x[1], x[2], x[3]), [WARPS, LANES // 4, 4]), 2)
    return dots * power_of_two(s, MX_BIAS)


@triton.jit
def load_unit(
    weights, scales, row, word, wlive, block, blive, more, ROWS: tl.constexpr, CHUNKS: tl.constexpr,
    CW: tl.constexpr, WORDS: tl.constexpr,
):  # fmt: skip
    """Words and scales of ROWS neighbouring rows for each warp, from `row` [warps, 1] on, each in CHUNKS pieces."""
    q = ()
    s = ()
    for n in tl.static_range(ROWS * CHUNKS):
        r = row + n // CHUNKS
        at = weights + r * WORDS + (n % CHUNKS) * CW + word
        q = q + (tl.load(at, wlive & more, other=0, eviction_policy="evict_first"),)
        s = s + (tl.load(scales + r * (WORDS // 4) + (n % CHUNKS) * (CW // 4) + block, blive & more, other=0),)
    return q, s


@triton.jit(do_not_specialize=["PAIRS"])
def gate_up_kernel(
    planes, logits, weights, scales, bias, inner, PAIRS, D: tl.constexpr, F: tl.constexpr, E: tl.constexpr,
    EP: tl.constexpr, TOPK: tl.constexpr, CHUNKS: tl.constexpr, LANES: tl.constexpr, LIMIT: tl.constexpr,
    ALPHA: tl.constexpr, WARPS: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Program p: pair p % PAIRS of (token, expert), units p // PAIRS, ... of one neuron a warp: a gate row and the up
    row after it. inner f16[pairs, F] is in planes."""
    WORDS: tl.constexpr = D // 8
    CW: tl.constexpr = WORDS // CHUNKS
    UNITS: tl.constexpr = F // WARPS
    pair = tl.program_id(0) % PAIRS
    first = tl.program_id(0) // PAIRS
    step = tl.num_programs(0) // PAIRS
    b = pair // TOPK
    i = tl.arange(0, WARPS)
    word = tl.arange(0, LANES)[None, :] + i[:, None] * 0
    wlive = word < CW
    block = tl.arange(0, LANES // 4)[None, :] + i[:, None] * 0
    blive = block < CW // 4
    wait_then_release(PDL)
    x = ()
    for c in tl.static_range(CHUNKS):
        x = x + (load_planes(planes, b * (D // 2) + word, wlive, c, CW, WORDS),)
    rank, _ = rank_experts(logits + b * E, E, EP, TOPK)
    expert = tl.sum(tl.where(rank == pair % TOPK, tl.arange(0, EP), 0), 0).to(tl.int64)
    weights += expert * (2 * F * WORDS)
    scales += expert * (2 * F * (WORDS // 4))
    bias += expert * (2 * F)
    q, s = load_unit(
        weights, scales, (first * WARPS + i)[:, None] * 2, word, wlive, block, blive, True, 2, CHUNKS, CW, WORDS
    )
    for unit in range(first, UNITS, step):
        more = unit + step < UNITS
        row = ((unit + step) * WARPS + i)[:, None] * 2
        q_next, s_next = load_unit(weights, scales, row, word, wlive, block, blive, more, 2, CHUNKS, CW, WORDS)
        gate = tl.zeros([WARPS, LANES // 4], tl.float32)
        up = tl.zeros([WARPS, LANES // 4], tl.float32)
        for c in tl.static_range(CHUNKS):
            gate += block_dots(q[c], s[c], x[c], WARPS, LANES)
            up += block_dots(q[c + CHUNKS], s[c + CHUNKS], x[c], WARPS, LANES)
        k = unit * WARPS + i
        y_gate = tl.minimum(tl.sum(gate, 1) + tl.load(bias + k * 2), LIMIT)
        y_up = tl.minimum(tl.maximum(tl.sum(up, 1) + tl.load(bias + k * 2 + 1), -LIMIT), LIMIT)
        y = y_gate / (1.0 + tl.exp(-ALPHA * y_gate)) * (y_up + 1.0)
        tl.store(inner + pair * F + plane_place(k, F), to_plane(y))
        q = q_next
        s = s_next


@triton.jit(do_not_specialize=["BATCH"])
def down_kernel(
    inner, logits, weights, scales, bias, x_mid, out, BATCH, D: tl.constexpr, F: tl.constexpr, E: tl.constexpr,
    EP: tl.constexpr, CHUNKS: tl.constexpr, LANES: tl.constexpr, ROWS: tl.constexpr, WARPS: tl.constexpr,
    PDL: tl.constexpr,
):  # fmt: skip
    """Program p: token p % BATCH, units of ROWS * WARPS / 4 outputs of its four experts (warp i has expert i % 4), so
    that the weighted sum needs no atomics. The experts were known two launches ago: weights are loaded before the wait.
    """
    WORDS: tl.constexpr = F // 8
    CW: tl.constexpr = WORDS // CHUNKS
    UNIT: tl.constexpr = ROWS * WARPS // 4
    UNITS: tl.constexpr = D // UNIT
    b = tl.program_id(0) % BATCH
    first = tl.program_id(0) // BATCH
    step = tl.num_programs(0) // BATCH
    i = tl.arange(0, WARPS)
    slot = i % 4
    word = tl.arange(0, LANES)[None, :] + i[:, None] * 0
    wlive = word < CW
    block = tl.arange(0, LANES // 4)[None, :] + i[:, None] * 0
    blive = block < CW // 4
    rank, share = rank_experts(logits + b * E, E, EP, 4)
    hit = rank[None, :] == slot[:, None]
    expert = tl.sum(tl.where(hit, tl.arange(0, EP)[None, :], 0), 1)
    weight = tl.sum(tl.where(hit, share[None, :], 0.0), 1)
    own = expert * D + (i // 4) * ROWS
    row = (own + first * UNIT).to(tl.int64)[:, None]
    q, s = load_unit(weights, scales, row, word, wlive, block, blive, True, ROWS, CHUNKS, CW, WORDS)
    wait_then_release(PDL)
    at = (b * 4 + slot)[:, None] * (F // 2) + word
    x = ()
    for c in tl.static_range(CHUNKS):
        x = x + (load_planes(inner, at, wlive, c, CW, WORDS),)
    for unit in range(first, UNITS, step):
        more = unit + step < UNITS
        row = (own + (unit + step) * UNIT).to(tl.int64)[:, None]
        q_next, s_next = load_unit(weights, scales, row, word, wlive, block, blive, more, ROWS, CHUNKS, CW, WORDS)
        for r in tl.static_range(ROWS):
            acc = tl.zeros([WARPS, LANES // 4], tl.float32)
            for c in tl.static_range(CHUNKS):
                acc += block_dots(q[r * CHUNKS + c], s[r * CHUNKS + c], x[c], WARPS, LANES)
            y = (tl.sum(acc, 1) + tl.load(bias + own + unit * UNIT + r)) * weight
            k = b * D + unit * UNIT + tl.arange(0, WARPS // 4) * ROWS + r
            tl.store(out + k, tl.sum(tl.reshape(y, [WARPS // 4, 4]), 1) + tl.load(x_mid + k))
        q = q_next
        s = s_next


def can_run(layer: DeviceLayer, experts_per_token: int) -> bool:
    """True if these kernels compute the layer: experts of MXFP4, four of them a token."""
    return layer.gate_up.kind == layer.down.kind == "mxfp4" and experts_per_token == 4


def gate_up(
    planes: Tensor,
    logits: Tensor,
    layer: DeviceLayer,
    inner: Tensor,
    *,
    limit: float,
    alpha: float,
    programs: int,
    warps: int,
    pdl: bool,
) -> None:
    """inner f16[batch * 4, F], in planes, of the experts that tokens chose."""
    experts, neurons = layer.gate_up_bias.shape[0], layer.gate_up_bias.shape[1] // 2
    chunks = chunks_of(layer.gate_up.cols, 1024, 32)
    pairs = len(planes) * 4
    each = max(1, min(programs // pairs, neurons // warps))
    gate_up_kernel[(each * pairs,)](
        planes.view(torch.int32), logits, layer.gate_up.values, layer.gate_up.scales, layer.gate_up_bias, inner, pairs,
        D=layer.gate_up.cols, F=neurons, E=experts, EP=power_of_two_at_least(experts), TOPK=4, CHUNKS=chunks,
        LANES=power_of_two_at_least(layer.gate_up.cols // chunks // 8), LIMIT=limit, ALPHA=alpha, WARPS=warps, PDL=pdl,
        num_warps=warps, launch_pdl=pdl,
    )  # fmt: skip


def down(
    inner: Tensor,
    logits: Tensor,
    layer: DeviceLayer,
    x_mid: Tensor,
    out: Tensor,
    *,
    programs: int,
    rows: int,
    warps: int,
    pdl: bool,
) -> None:
    """out f32[batch, D] = x_mid + the experts' outputs, weighted by the router."""
    (experts, width), batch = layer.down_bias.shape, len(out)
    chunks = chunks_of(layer.down.cols, 1024, 32)
    each = max(1, min(programs // batch, width * 4 // (rows * warps)))
    down_kernel[(each * batch,)](
        inner.view(torch.int32), logits, layer.down.values, layer.down.scales, layer.down_bias, x_mid, out, batch,
        D=width, F=layer.down.cols, E=experts, EP=power_of_two_at_least(experts), CHUNKS=chunks,
        LANES=power_of_two_at_least(layer.down.cols // chunks // 8), ROWS=rows, WARPS=warps, PDL=pdl, num_warps=warps,
        launch_pdl=pdl,
    )  # fmt: skip
