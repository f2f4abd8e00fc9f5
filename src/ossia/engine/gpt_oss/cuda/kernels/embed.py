"""Rows of the embedding: a step's first kernel. An id of -1 is the sequence's latest, which only the device knows."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.gemv import values_of
from ossia.engine.gpt_oss.cuda.kernels.launch import power_of_two_at_least
from ossia.engine.gpt_oss.cuda.kernels.words import wait_then_release
from ossia.engine.gpt_oss.cuda.layout import DeviceMatrix


def embed_reference(matrix: DeviceMatrix, ids: Tensor, rows: Tensor, last_tokens: Tensor) -> Tensor:
    """f32[T, D] of ids i32[T]."""
    return values_of(matrix)[torch.where(ids < 0, last_tokens[rows], ids).long()]


@triton.jit
def embed_kernel(
    ids, rows, sequences, last_tokens, values, scales, x, D: tl.constexpr, BD: tl.constexpr, INT8: tl.constexpr,
    SEQUENCES: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Program t: x[t] = the embedding of id t. With SEQUENCES, `rows` is by the token's sequence, not by the token."""
    wait_then_release(PDL)
    t = tl.program_id(0)
    id = tl.load(ids + t)
    if id < 0:
        place = tl.load(sequences + t) if SEQUENCES else t
        id = tl.load(last_tokens + tl.load(rows + place))
    k = tl.arange(0, BD)
    live = k < D
    value = tl.load(values + id.to(tl.int64) * D + k, live, other=0).to(tl.float32)
    if INT8:
        value *= tl.load(scales + id.to(tl.int64) * (D // 32) + k // 32, live, other=0).to(tl.float32)
    tl.store(x + t * D + k, value, live)


def embed(
    matrix: DeviceMatrix, ids: Tensor, rows: Tensor, last_tokens: Tensor, x: Tensor, *,
    sequences: Tensor | None = None, pdl: bool = False,
) -> None:  # fmt: skip
    """x f32[T, D] of ids i32[T]."""
    int8 = matrix.kind == "q8_0"
    embed_kernel[(len(x),)](
        ids, rows, sequences, last_tokens, matrix.values.view(torch.int8) if int8 else matrix.values, matrix.scales, x,
        D=matrix.cols, BD=power_of_two_at_least(matrix.cols), INT8=int8, SEQUENCES=sequences is not None, PDL=pdl,
        num_warps=8, launch_pdl=pdl,
    )  # fmt: skip
