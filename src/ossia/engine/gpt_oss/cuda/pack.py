"""Rows of a file's bytes to rows of a device's matrix, in torch, bit by bit as numpy does it in `layout.py`."""

from functools import cache

import numpy as np
import torch
from torch import Tensor

from ossia.engine.gpt_oss.cuda.layout import LARGEST_SCALE, MAGNITUDE_BITS, SIGN_BITS, DeviceKind, DeviceMatrix
from ossia.engine.gpt_oss.matrix import Kind
from ossia.mxfp4 import BLOCK_BYTES

_DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}


def device_kind(kind: Kind) -> DeviceKind:
    """The kind that a matrix of a file has on the device."""
    return "mxfp4" if kind == "mxfp4_openai" else kind


def empty_matrix(kind: Kind, rows: int, cols: int, device: torch.device, *, in_host: bool = False) -> DeviceMatrix:
    """A matrix of this shape whose rows are to be filled by `fill`, on the device or in host memory that it reads."""

    def empty(columns: int, dtype: torch.dtype) -> Tensor:
        if in_host:
            return torch.empty(rows, columns, dtype=dtype, pin_memory=device.type == "cuda")
        return torch.empty(rows, columns, dtype=dtype, device=device)

    match device_kind(kind):
        case "q8_0":
            return DeviceMatrix("q8_0", rows, cols, empty(cols // 4, torch.int32), empty(cols // 32, torch.float16))
        case "mxfp4":
            return DeviceMatrix("mxfp4", rows, cols, empty(cols // 8, torch.int32), empty(cols // 32, torch.uint8))
        case dense:
            return DeviceMatrix(dense, rows, cols, empty(cols, _DTYPES[dense]))


def fill(matrix: DeviceMatrix, rows: slice, data: Tensor, kind: Kind) -> None:
    """Write rows of bytes u8[n, row_bytes] of this kind to n rows of the matrix."""
    match kind:
        case "q8_0":
            values, scales = pack_q8_0(data)
        case "mxfp4":
            values, scales = pack_mxfp4(data)
        case "mxfp4_openai":
            values, scales = pack_mxfp4_openai(data)
        case _:
            values, scales = data.view(_DTYPES[kind]), None
    matrix.values[rows] = values
    if matrix.scales is not None and scales is not None:
        matrix.scales[rows] = scales


def pack_q8_0(data: Tensor) -> tuple[Tensor, Tensor]:
    blocks = data.reshape(len(data), -1, 34)
    values = blocks[..., 2:].contiguous().view(torch.int32)
    return values.reshape(len(data), -1), blocks[..., :2].contiguous().view(torch.float16)[..., 0]


def pack_mxfp4(data: Tensor) -> tuple[Tensor, Tensor]:
    blocks = data.reshape(len(data), -1, BLOCK_BYTES)
    words = blocks[..., 1:].contiguous().view(torch.int32)
    codes = torch.stack([words, words >> 4], dim=-2) & 0x0F0F0F0F  # [rows, n, 2, 4]: four codes in a word, in order
    codes = (codes | codes >> 4) & 0x00FF00FF
    return _packed(codes | codes >> 8), _scales(blocks)


def pack_mxfp4_openai(data: Tensor) -> tuple[Tensor, Tensor]:
    blocks = data.reshape(len(data), -1, BLOCK_BYTES)
    return _packed(blocks[..., 1:].contiguous().view(torch.int16).int()), _scales(blocks)


def _packed(codes: Tensor) -> Tensor:
    """Words i32[rows, n * 4] of four codes in the low 16 bits of each of codes i32[rows, ...], the first lowest."""
    halves = _table(codes.device).index_select(0, (codes & 0xFFFF).flatten())
    return halves.view(len(codes), -1).view(torch.int32)


@cache
def _table(device: torch.device) -> Tensor:
    """The half of a word i16[65536] for each four codes. It replaces forty operations on a piece of a matrix, whose
    launches took longer than reading it."""
    codes, bits = np.arange(1 << 16), np.zeros(1 << 16, np.int64)
    for i, (magnitude, sign) in enumerate(zip(MAGNITUDE_BITS, SIGN_BITS, strict=True)):
        code = codes >> 4 * i & 15
        bits |= (code & 7) << magnitude | code >> 3 << sign
    return torch.from_numpy(bits.astype(np.uint16).view(np.int16)).to(device)


def _scales(blocks: Tensor) -> Tensor:
    return blocks[..., 0].clamp(max=LARGEST_SCALE)
