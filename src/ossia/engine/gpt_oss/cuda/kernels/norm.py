# pyright: basic, reportMissingImports=false
# (Triton's language has no types, and torch and Triton are optional.)
"""RMS norm of every row, in float32."""

import torch
import triton
import triton.language as tl

from ossia.engine.gpt_oss.cuda.kernels.launch import power_of_two_at_least
from ossia.engine.gpt_oss.cuda.kernels.words import wait_then_release


def rms_norm_reference(x, gain, eps: float):
    return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + eps) * gain


@triton.jit
def rms_norm_kernel(x, gain, out, D: tl.constexpr, BD: tl.constexpr, EPS: tl.constexpr, PDL: tl.constexpr):
    k = tl.arange(0, BD)
    at = tl.program_id(0).to(tl.int64) * D + k
    g = tl.load(gain + k, k < D, other=0.0)
    wait_then_release(PDL)
    h = tl.load(x + at, k < D, other=0.0)
    tl.store(out + at, h * tl.rsqrt(tl.sum(h * h, 0) / D + EPS) * g, k < D)


def rms_norm(x, gain, eps: float, out, *, pdl: bool = False) -> None:
    """out f32[T, D] of x f32[T, D]."""
    rows, width = x.shape
    rms_norm_kernel[(rows,)](
        x, gain, out, D=width, BD=power_of_two_at_least(width), EPS=eps, PDL=pdl, num_warps=8, launch_pdl=pdl
    )
