"""Writer of GGUF files of any size: tensors are read, converted and written to their places piece by piece.

Memory use does not depend on the size of the model. Which tensors there are, and their types, is decided elsewhere.
"""

import math
import os
import struct
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import gguf as ggml
import numpy as np

from ossia import mxfp4
from ossia.atomic import no_space
from ossia.convert.rows import Bytes, RowReader
from ossia.engine.gpt_oss.matrix import Kind, dequantize, row_bytes
from ossia.errors import InvalidModelFile, StoreError

_TYPES: Final[dict[Kind, ggml.GGMLQuantizationType]] = {
    "f32": ggml.GGMLQuantizationType.F32,
    "f16": ggml.GGMLQuantizationType.F16,
    "bf16": ggml.GGMLQuantizationType.BF16,
    "q8_0": ggml.GGMLQuantizationType.Q8_0,
    "mxfp4": ggml.GGMLQuantizationType.MXFP4,
}
_THREADS: Final = 2  # enough to keep the writing thread busy
_MAX_Q8_0: Final = 127 * 65504.0  # scales are float16


class Target(NamedTuple):
    """A tensor of the file; `shape` is in numpy's order."""

    name: str
    shape: tuple[int, ...]
    kind: Kind

    @property
    def num_bytes(self) -> int:
        return math.prod(self.shape[:-1]) * row_bytes(self.kind, self.shape[-1])


class Move(NamedTuple):
    """Rows to write: with n targets of one kind and shape, row i of `source` goes to target i mod n."""

    source: RowReader
    targets: tuple[Target, ...]


class _Piece(NamedTuple):
    """A range of a move's rows; `offsets` are the positions of the targets in the file."""

    move: Move
    offsets: list[int]
    start: int
    stop: int


def write(path: Path, metadata: Mapping[str, Any], moves: list[Move], report: Callable[[int, int], None]) -> None:
    """Write the file. `metadata` includes the architecture; `report` gets the bytes written and the total.

    An error, of `report` too, leaves an incomplete file. Raises InvalidModelFile for a source that cannot be read or
    expressed in a GGUF, StoreError for a full disk.
    """
    try:
        end = _write_tables(path, metadata, [target for move in moves for target in move.targets])
    except (struct.error, OverflowError, ValueError) as error:
        raise InvalidModelFile(f"the model's metadata cannot be written as a GGUF: {error}") from error
    pieces: list[_Piece] = []
    for move in moves:
        offsets: list[int] = []
        for target in move.targets:
            offsets.append(end)
            end += _aligned(target.num_bytes)
        pieces += [_Piece(move, offsets, start, stop) for start, stop in move.source.pieces(len(move.targets))]
    total = sum(target.num_bytes for move in moves for target in move.targets)
    with open(path, "r+b", buffering=0) as file:
        file.truncate(end)
        _write_pieces(file.fileno(), pieces, lambda done: report(done, total))


def _write_tables(path: Path, metadata: Mapping[str, Any], targets: list[Target]) -> int:
    """Write all but the tensors' data, and return the position where it begins."""
    with closing(ggml.GGUFWriter(path, metadata["general.architecture"])) as writer:
        for key, value in metadata.items():
            if key != "general.architecture":
                _add(writer, key, value)
        for target in targets:
            kind = _TYPES[target.kind]
            writer.add_tensor_info(target.name, target.shape, np.dtype(np.float32), target.num_bytes, raw_dtype=kind)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
    return _aligned(path.stat().st_size)


def _add(writer: ggml.GGUFWriter, key: str, value: Any) -> None:
    match value:
        case bool():
            writer.add_bool(key, value)
        case int() if 0 <= value < 1 << 32:
            writer.add_uint32(key, value)
        case int():
            writer.add_int64(key, value)
        case float():
            writer.add_float32(key, value)
        case str():
            writer.add_string(key, value)
        case _:
            writer.add_array(key, value)


def _aligned(size: int) -> int:
    return ggml.GGUFWriter.ggml_pad(size, ggml.GGUF_DEFAULT_ALIGNMENT)


def _write_pieces(file: int, pieces: list[_Piece], report: Callable[[int], None]) -> None:
    """Read and convert in threads; write in one, since the file system admits one writer per file."""
    done = 0
    report(done)
    pool = ThreadPoolExecutor(_THREADS)
    try:
        for piece, data in _ahead(pool, pieces):
            targets = len(piece.offsets)
            first = piece.start // targets * data.shape[1]
            for i, offset in enumerate(piece.offsets):
                _write_at(file, offset + first, data[i::targets])
            done += data.nbytes
            report(done)
    finally:
        pool.shutdown(cancel_futures=True)


def _ahead(pool: ThreadPoolExecutor, pieces: list[_Piece]) -> Iterator[tuple[_Piece, Bytes]]:
    """Yield the pieces in order, with their converted rows. Only a few are in memory at a time."""
    waiting: deque[tuple[_Piece, Future[Bytes]]] = deque()
    for piece in pieces:
        waiting.append((piece, pool.submit(_read, piece)))
        if len(waiting) > 2 * _THREADS:
            first, future = waiting.popleft()
            yield first, future.result()
    for piece, future in waiting:
        yield piece, future.result()


def _read(piece: _Piece) -> Bytes:
    source, targets = piece.move
    return _recode(source.read(piece.start, piece.stop), source.kind, targets[0])


def _recode(data: Bytes, kind: Kind, target: Target) -> Bytes:
    """Convert rows from one kind to the target's."""
    if kind == target.kind:
        return data
    if kind == "mxfp4_openai":
        blocks = data.reshape(len(data), -1, mxfp4.BLOCK_BYTES)
        return mxfp4.from_openai(blocks[..., 1:], blocks[..., 0])
    values = dequantize(data, kind)
    if target.kind == "f32":
        return values.view(np.uint8)
    if not np.abs(values).max() <= _MAX_Q8_0:  # also true for NaN
        raise InvalidModelFile(f"tensor {target.name!r} has weights that cannot be Q8_0: too large, or not numbers")
    return ggml.quants.quantize(values, ggml.GGMLQuantizationType.Q8_0)


def _write_at(file: int, offset: int, data: Bytes) -> None:
    rest = memoryview(cast(Any, np.ascontiguousarray(data).reshape(-1)))
    while rest:
        try:
            written = os.pwrite(file, rest, offset)
        except OSError as error:
            hint = "free some space" if no_space(error) else None
            raise StoreError(f"the model cannot be written: {error.strerror or error}", hint) from error
        rest, offset = rest[written:], offset + written
