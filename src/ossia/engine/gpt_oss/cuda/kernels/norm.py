"""RMS norm of every row."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.launch import power_of_two_at_least
from ossia.engine.gpt_oss.cuda.kernels.words import PLAIN, store_half, wait_then_release


def rms_norm_reference(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + eps) * gain


@triton.jit
def rms_norm_kernel(
    x, gain, out, D: tl.constexpr, BD: tl.constexpr, EPS: tl.constexpr, HALF: tl.constexpr, ORDER: tl.constexpr,
    PDL: tl.constexpr,
):  # fmt: skip
    k = tl.arange(0, BD)
    at = tl.program_id(0).to(tl.int64) * D
    g = tl.load(gain + k, k < D, other=0.0)
    wait_then_release(PDL)
    h = tl.load(x + at + k, k < D, other=0.0)
    y = h * tl.rsqrt(tl.sum(h * h, 0) / D + EPS) * g
    if HALF:
        store_half(out, at, k, y, k < D, D, ORDER)
    else:
        tl.store(out + at + k, y, k < D)


def rms_norm(
    x: Tensor, gain: Tensor, eps: float, out: Tensor, *, order: tl.constexpr = PLAIN, pdl: bool = False
) -> None:  # fmt: skip
    """out f32 or f16[T, D] of x f32[T, D]. `order` is that of f16: see `store_half`."""
    rows, width = x.shape
    rms_norm_kernel[(rows,)](
        x, gain, out, D=width, BD=power_of_two_at_least(width), EPS=eps, HALF=out.dtype == torch.float16, ORDER=order,
        PDL=pdl, num_warps=8, launch_pdl=pdl,
    )  # fmt: skip
