"""Dense matrices times many tokens, by the matrix product of torch's library. 8-bit weights are widened first."""

import torch
import triton
import triton.language as tl
from torch import Tensor

from ossia.engine.gpt_oss.cuda.layout import DeviceMatrix

BLOCK = 4096


@triton.jit
def widen_kernel(values, scales, out, BLOCK: tl.constexpr):
    """Program: BLOCK weights."""
    i = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    tl.store(out + i, tl.load(values + i).to(tl.float16) * tl.load(scales + i // 32))


def operand_type(matrix: DeviceMatrix) -> torch.dtype:
    """Type of the tokens that are multiplied with a matrix."""
    return torch.bfloat16 if matrix.kind == "bf16" else torch.float16


def can_run(matrix: DeviceMatrix, room: int) -> bool:
    """True for a kind that can be multiplied, with room for so many widened weights."""
    size = matrix.rows * matrix.cols
    return matrix.kind in ("bf16", "f16") or (matrix.kind == "q8_0" and size % BLOCK == 0 and size <= room)


def multiply(x: Tensor, matrix: DeviceMatrix, wide: Tensor, out: Tensor) -> None:
    """out f32[T, rows] of tokens x [T, cols] of the `operand_type`; `wide` f16 has room for the matrix."""
    weights = matrix.values
    if matrix.kind == "q8_0":
        size = matrix.rows * matrix.cols
        weights = wide[:size].view(matrix.rows, matrix.cols)
        widen_kernel[(size // BLOCK,)](
            matrix.values.view(torch.int8), matrix.scales, weights, BLOCK=BLOCK, num_warps=8
        )  # fmt: skip
    if x.is_cuda:
        torch.mm(x, weights.T, out_dtype=torch.float32, out=out)
    elif x.is_cpu:
        torch.mm(x.float(), weights.T.float(), out=out)
