"""Repacking: matrices of types that no kernel multiplies become Q8_0, in pieces that several threads convert.

A file whose matrices are Q4_K, Q5_0, IQ4_NL or the like so takes the memory of its Q8_0 form, and has that form's
speed. Types are decoded by the gguf package. Where rows come from, and what they are weights of, is not known here.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
import numpy.typing as npt

from ossia.engine.gpt_oss.matrix import BLOCK, Kind, Matrix, dequantize, row_bytes
from ossia.engine.timeline import Report, silent
from ossia.tensor_types import MXFP4_OPENAI, TENSOR_TYPES

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

AT_ONCE: Final = 1 << 16  # weights: a piece and what is made of it stay in a core's cache
PIECE: Final = 1 << 22  # weights that a thread takes at a time
_NUMBERS: Final = {kind.name.lower(): number for number, kind in TENSOR_TYPES.items()}
_BLOCK, _BLOCK_BYTES = BLOCK["q8_0"]


def is_readable(number: int) -> bool:
    """True for a type of ggml's that can be decoded."""
    kind = TENSOR_TYPES[number]
    try:
        _decode(np.zeros((1, kind.size), np.uint8), number)
    except NotImplementedError:
        return False
    return True


def values(matrix: Matrix) -> Floats:
    """Decode a matrix of any type to f32[rows, cols], exactly."""
    if matrix.stored is None:
        return dequantize(matrix.data, matrix.kind)
    return _decode(matrix.data, matrix.stored).reshape(matrix.rows, matrix.cols)


def alike(*matrices: Matrix) -> tuple[Matrix, ...]:
    """The same matrices in one kind: unchanged if they have one, else to be Q8_0; float32 if rows are no whole blocks.

    They have equally many columns.
    """
    if len({matrix.kind for matrix in matrices}) == 1:
        return matrices
    if matrices[0].cols % _BLOCK:
        return tuple(Matrix(values(matrix).view(np.uint8), "f32", matrix.cols) for matrix in matrices)
    return tuple(_as_q8_0(matrix) for matrix in matrices)


def _as_q8_0(matrix: Matrix) -> Matrix:
    if matrix.kind == "q8_0":
        return matrix
    return Matrix(matrix.data, "q8_0", matrix.cols, _NUMBERS[matrix.kind])


def repack(
    matrices: Sequence[Matrix], threads: int, report: Report = silent, done: Callable[[Bytes], None] = lambda data: None
) -> list[Matrix]:
    """Return each matrix in its kind. `done` is told of rows that are not needed any more, by any thread."""
    packed = [_empty(matrix) for matrix in matrices]
    pieces = [piece for pair in zip(matrices, packed, strict=True) for piece in _pieces(*pair)]
    total = sum(matrix.nbytes for matrix in packed)
    finished = 0

    def work(piece: tuple[Bytes, int, Bytes]) -> int:
        data, number, out = piece
        convert(data, number, out)
        done(data)
        return out.nbytes

    with ThreadPoolExecutor(threads, thread_name_prefix="repack") as pool:
        report("repacking weights", 0, total)
        for size in pool.map(work, pieces):
            finished += size
            report("repacking weights", finished, total)
    return packed


def convert(data: Bytes, number: int, out: Bytes) -> None:
    """Write rows u8[n, row_bytes] of ggml's type `number` to rows u8[n, blocks * 34] of Q8_0."""
    kind = TENSOR_TYPES[number]
    rows = max(1, AT_ONCE // (data.shape[1] // kind.size * kind.block))
    for start in range(0, len(data), rows):
        _quantize(_decode(data[start : start + rows], number), out[start : start + rows])


def _empty(matrix: Matrix) -> Matrix:
    kind: Kind = matrix.kind
    return Matrix(np.empty((matrix.rows, row_bytes(kind, matrix.cols)), np.uint8), kind, matrix.cols)


def _pieces(matrix: Matrix, packed: Matrix) -> Iterator[tuple[Bytes, int, Bytes]]:
    """Yield rows, their type, and where they go."""
    assert matrix.stored is not None
    rows = max(1, PIECE // matrix.cols)
    for start in range(0, matrix.rows, rows):
        part = slice(start, start + rows)
        yield matrix.data[part], matrix.stored, packed.data[part]


def _decode(data: Bytes, number: int) -> Floats:
    """Decode whole blocks u8[rows, row_bytes]. Raises NotImplementedError for a type that the gguf package cannot."""
    from gguf import GGMLQuantizationType, quants  # slow to import, and rarely needed

    if number == MXFP4_OPENAI:
        return dequantize(data, "mxfp4_openai")
    flat = np.ascontiguousarray(data).reshape(1, -1)  # one row: the package takes few rows at a time
    with np.errstate(all="ignore"):  # a damaged file's scales may be anything
        return quants.dequantize(flat, GGMLQuantizationType(number)).astype(np.float32, copy=False)


def _quantize(values: Floats, out: Bytes) -> None:
    """Write values to Q8_0 as llama.cpp does (but for ties): a block's largest weight is 127 times its scale."""
    blocks = values.reshape(-1, _BLOCK)
    scales = np.abs(blocks).max(axis=1, keepdims=True) / np.float32(127)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        codes = blocks * np.where(scales > 0, 1 / scales, 0)
        packed = np.empty((len(blocks), _BLOCK_BYTES), np.uint8)
        packed[:, :2] = scales.astype(np.float16).view(np.uint8)
        packed[:, 2:].view(np.int8)[...] = np.rint(codes, out=codes)
    out[...] = packed.reshape(out.shape)
