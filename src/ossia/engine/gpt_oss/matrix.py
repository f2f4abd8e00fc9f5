"""Matrix: rows of weights in a file's own format, and how to decode them."""

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from ossia import mxfp4

Kind = Literal["f32", "f16", "bf16", "q8_0", "mxfp4", "mxfp4_openai"]
"""Format of a matrix. `q8_0` has 34-byte blocks of a float16 scale and 32 int8 values. `mxfp4` is GGUF's, see
ossia.mxfp4; `mxfp4_openai` has the scale byte first, as in GGUF, and then 16 bytes in OpenAI's order."""

BLOCK: Final[dict[Kind, tuple[int, int]]] = {
    "f32": (1, 4),
    "f16": (1, 2),
    "bf16": (1, 2),
    "q8_0": (32, 34),
    "mxfp4": (mxfp4.BLOCK_SIZE, mxfp4.BLOCK_BYTES),
    "mxfp4_openai": (mxfp4.BLOCK_SIZE, mxfp4.BLOCK_BYTES),
}
"""Number of weights in a block of each kind, and the block's bytes."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Weights of one kind: `data` is u8[rows, row_bytes], or u8[groups, rows, row_bytes] for groups of rows that lie
    apart. Each row is contiguous; rows are not necessarily adjacent.

    Where `stored` is ggml's number of another type, `data` are rows of that type, and what makes rows of `kind` of them
    is ossia.engine.gpt_oss.repack.
    """

    data: npt.NDArray[np.uint8]
    kind: Kind
    cols: int
    stored: int | None = None

    @property
    def rows(self) -> int:
        return math.prod(self.data.shape[:-1])

    @property
    def nbytes(self) -> int:
        """Bytes of the rows in `kind`."""
        return self.rows * row_bytes(self.kind, self.cols)


def bytes_per_weight(kind: Kind) -> float:
    weights, size = BLOCK[kind]
    return size / weights


def row_bytes(kind: Kind, cols: int) -> int:
    weights, size = BLOCK[kind]
    return cols // weights * size


def dequantize(data: npt.NDArray[np.uint8], kind: Kind) -> npt.NDArray[np.float32]:
    """Decode rows u8[..., row_bytes] to f32[..., cols], exactly."""
    data = np.ascontiguousarray(data)
    match kind:
        case "f32":
            return data.view(np.float32)
        case "f16":
            return data.view(np.float16).astype(np.float32)
        case "bf16":
            return (data.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
        case "q8_0":
            blocks = data.reshape(*data.shape[:-1], -1, 34)
            scales = blocks[..., :2].copy().view(np.float16).astype(np.float32)  # [..., n, 1]
            return (scales * blocks[..., 2:].view(np.int8)).reshape(*data.shape[:-1], -1)
        case "mxfp4":
            return mxfp4.dequantize(data)
        case "mxfp4_openai":
            blocks = data.reshape(*data.shape[:-1], -1, mxfp4.BLOCK_BYTES)
            return mxfp4.dequantize(mxfp4.from_openai(blocks[..., 1:], blocks[..., 0]))
