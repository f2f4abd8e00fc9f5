"""RowReader: the rows of a tensor as a converter wants them, read piece by piece from a file that has them another way.

A piece takes memory of its own size, whatever the tensor's. Nothing is read through a memory map: a file that is cut
off meanwhile is then an error, and not the end of the process.
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
from ossia.convert.safetensors import Tensor
from ossia.engine.gpt_oss.matrix import Kind, row_bytes
from ossia.errors import InvalidModelFile

Bytes = npt.NDArray[np.uint8]

PIECE: Final = 1 << 20
"""Bytes of a piece, more or less: it stays in the cache until it is written."""


@dataclass(frozen=True, slots=True)
class RowReader:
    """`read(start, stop)` gives rows as `kind` has them, u8[stop - start, row_bytes]; both are multiples of `unit`."""

    kind: Kind
    rows: int
    cols: int
    read: Callable[[int, int], Bytes]
    unit: int = 1

    def pieces(self, multiple: int = 1) -> Iterator[tuple[int, int]]:
        """Starts and stops that cover all rows, multiples of `unit` and of `multiple`."""
        unit = math.lcm(self.unit, multiple)
        step = unit * max(1, PIECE // (unit * row_bytes(self.kind, self.cols)))
        for start in range(0, self.rows, step):
            yield start, min(start + step, self.rows)

    def read_all(self) -> Bytes:
        data = np.empty((self.rows, row_bytes(self.kind, self.cols)), np.uint8)
        for start, stop in self.pieces():
            data[start:stop] = self.read(start, stop)
        return data


def plain(path: Path, offset: int, kind: Kind, rows: int, cols: int) -> RowReader:
    """Rows that follow each other from `offset` on."""
    return RowReader(kind, rows, cols, partial(_read, path, offset, row_bytes(kind, cols)))


def mxfp4_blocks(blocks: Tensor, scales: Tensor, rows: int, cols: int) -> RowReader:
    """Rows of MXFP4 in OpenAI's order, with scales elsewhere; they are put into GGUF's order, exactly."""
    groups = cols // mxfp4.BLOCK_SIZE

    def read(start: int, stop: int) -> Bytes:
        codes = _read(blocks.path, blocks.offset, groups * 16, start, stop)
        exponents = _read(scales.path, scales.offset, groups, start, stop)
        if (exponents == 255).any():
            raise InvalidModelFile(f"{scales.path}: among the scales of MXFP4 is one that is not a number")
        return mxfp4.from_openai(codes.reshape(-1, groups, 16), exponents)

    return RowReader("mxfp4", rows, cols, read)


def transposed(tensor: Tensor, kind: Kind, experts: int, rows: int, cols: int) -> RowReader:
    """Experts whose matrices have inputs as rows; each is turned round as a whole."""
    size = row_bytes(kind, 1)

    def read(start: int, stop: int) -> Bytes:
        data = _read(tensor.path, tensor.offset, cols * size, start, stop)  # an expert's bytes, the same either way
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
