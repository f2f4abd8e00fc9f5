"""Residual, norm and router logits of a few tokens, in float32, and the normed tokens as experts.py wants them."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.launch import power_of_two_at_least
from ossia.engine.gpt_oss.cuda.kernels.words import X_LARGEST, X_SCALE, wait_then_release


def router_reference(x: Tensor, gain: Tensor, eps: float, weights: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """rms_norm(x) f32[T, D] and logits f32[T, E]."""
    normed = x * torch.rsqrt((x * x).mean(-1, keepdim=True) + eps) * gain
    return normed, normed @ weights.T + bias


def from_planes(planes: Tensor) -> Tensor:
    """Planes f16[T, D] as values f32[T, D] in order; see `plane_place`."""
    values = planes.view(len(planes), 4, -1, 2).float() / X_SCALE.value
    return values.permute(0, 2, 3, 1).flatten(1)


@triton.jit
def plane_place(k, D: tl.constexpr):
    """Place of element k of a token among the float16 of its planes.

    Word w of plane i is the pair (x[8w + i], x[8w + 4 + i]): the two that meet code i of the halves of word w.
    """
    return ((k % 4) * (D // 8) + k // 8) * 2 + (k % 8) // 4


@triton.jit
def to_plane(x):
    return tl.minimum(tl.maximum(x * X_SCALE, -X_LARGEST), X_LARGEST).to(tl.float16)


@triton.jit
def _add_both(a, b, c, d):
    return a + c, b + d


@triton.jit
def router_kernel(
    x, sums, sums_bias, gain, weights, bias, x_mid, planes, logits, D: tl.constexpr, BD: tl.constexpr,
    E: tl.constexpr, GROUPS: tl.constexpr, EPS: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Program (expert, row): with GROUPS, x_mid = x + sums_bias + the GROUPS sums of the output projection; without, x
    is complete already. Every program computes the whole row for itself, and stores its own share of it."""
    e = tl.program_id(0)
    b = tl.program_id(1)
    SHARE: tl.constexpr = (D + E - 1) // E
    k = tl.arange(0, BD)
    live = k < D
    g = tl.load(gain + k, live, other=0.0)
    w = tl.load(weights + e * D + k, live, other=0.0) * g
    z = tl.load(bias + e)
    if GROUPS > 0:
        h = tl.load(sums_bias + k, live, other=0.0)
    wait_then_release(PDL)
    if GROUPS > 0:
        h += tl.load(x + b * D + k, live, other=0.0)
        for i in tl.static_range(GROUPS):
            h += tl.load(sums + i * D + k, live, other=0.0)
    else:
        h = tl.load(x + b * D + k, live, other=0.0)
    square, product = tl.reduce((h * h, h * w), 0, _add_both)  # one exchange between the warps, not two
    rstd = tl.rsqrt(square / D + EPS)
    tl.store(logits + b * E + e, product * rstd + z)
    mine = live & (k >= e * SHARE) & (k < (e + 1) * SHARE)
    if GROUPS > 0:
        tl.store(x_mid + b * D + k, h, mine)
    tl.store(planes + b * D + plane_place(k, D), to_plane(h * g * rstd), mine)


def router(
    x: Tensor,
    sums: Tensor | None,
    sums_bias: Tensor | None,
    gain: Tensor,
    eps: float,
    weights: Tensor,
    bias: Tensor,
    x_mid: Tensor | None,
    planes: Tensor,
    logits: Tensor,
    *,
    groups: int,
    warps: int,
    pdl: bool,
) -> None:
    """planes f16[batch, D] and logits f32[batch, E] of x f32[batch, D]; with groups of sums, of 1 token, x_mid too."""
    experts, width = weights.shape
    router_kernel[(experts, len(x))](
        x, sums, sums_bias, gain, weights, bias, x_mid, planes, logits, D=width, BD=power_of_two_at_least(width),
        E=experts, GROUPS=groups, EPS=eps, PDL=pdl, num_warps=warps, launch_pdl=pdl,
    )  # fmt: skip
