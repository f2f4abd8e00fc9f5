"""Readers of a tensor's rows in the converter's order, piece by piece, from files that store them differently.

A piece takes memory of its own size, whatever the tensor's. Files are not read through a memory map: one that is
truncated meanwhile causes an error instead of killing the process.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ossia import mxfp4
from ossia.engine.gpt_oss.matrix import Kind, row_bytes
from ossia.errors import InvalidModelFile
from ossia.safetensors import Tensor

Bytes = npt.NDArray[np.uint8]

PIECE: Final = 1 << 20
"""Approximate size of a piece in bytes: small enough to stay in the cache until it is written."""


@dataclass(frozen=True, slots=True)
class RowReader:
    """A tensor's rows: `read(start, stop)` returns u8[stop - start, row_bytes] of `kind`, for multiples of `unit`."""

    kind: Kind
    rows: int
    cols: int
    read: Callable[[int, int], Bytes]
    unit: int = 1

    def pieces(self, multiple: int = 1) -> Iterator[tuple[int, int]]:
        """Yield starts and stops that cover all rows, multiples of `unit` and of `multiple`."""
        unit = math.lcm(self.unit, multiple)
        step = unit * max(1, PIECE // (unit * row_bytes(self.kind, self.cols)))
        for start in range(0, self.rows, step):
            yield start, min(start + step, self.rows)


def plain(path: Path, offset: int, kind: Kind, rows: int, cols: int) -> RowReader:
    """Return a reader of rows that lie one after the other from `offset`."""
    return RowReader(kind, rows, cols, partial(_read, path, offset, row_bytes(kind, cols)))


def mxfp4_blocks(blocks: Tensor, scales: Tensor, rows: int, cols: int) -> RowReader:
    """Return a reader of MXFP4 rows in OpenAI's order, with separate scales; they are reordered exactly to GGUF's."""
    groups = cols // mxfp4.BLOCK_SIZE

    def read(start: int, stop: int) -> Bytes:
        codes = _read(blocks.path, blocks.offset, groups * 16, start, stop)
        exponents = _read(scales.path, scales.offset, groups, start, stop)
        if (exponents == 255).any():
            raise InvalidModelFile(f"{scales.path}: among the scales of MXFP4 is one that is not a number")
        return mxfp4.from_openai(codes.reshape(-1, groups, 16), exponents)

    return RowReader("mxfp4", rows, cols, read)


def transposed(tensor: Tensor, kind: Kind, experts: int, rows: int, cols: int) -> RowReader:
    """Return a reader of experts whose matrices have inputs as rows; each expert is transposed as a whole."""
    size = row_bytes(kind, 1)

    def read(start: int, stop: int) -> Bytes:
        data = _read(tensor.path, tensor.offset, cols * size, start, stop)  # whole experts: equally long either way
        values = data.view(f"u{size}").reshape(-1, cols, rows)
        return np.ascontiguousarray(values.swapaxes(1, 2)).view(np.uint8).reshape(stop - start, cols * size)

    return RowReader(kind, experts * rows, cols, read, unit=rows)


def _read(path: Path, offset: int, row_size: int, start: int, stop: int) -> Bytes:
    count = (stop - start) * row_size
    try:
        data = np.fromfile(path, np.uint8, count, offset=offset + start * row_size)
    except OSError as error:
        raise InvalidModelFile(f"{path}: {error.strerror or error}") from error
    if len(data) < count:
        raise InvalidModelFile(f"{path}: the file has become shorter while it was read")
    return data.reshape(stop - start, row_size)
