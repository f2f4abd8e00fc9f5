"""The tables of a GGUF file: its version, metadata and tensors, read from a buffer.

The file is not trusted: every count, length and offset is checked against the file's size before anything is allocated
or sliced, and every defect raises InvalidModelFile. The meaning of metadata and tensors is not known here.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3, little endian.
"""

import math
import mmap
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ossia.errors import InvalidModelFile
from ossia.tensor_types import TENSOR_TYPES

MAGIC = b"GGUF"
CUT_OFF = "the file may be cut off or damaged: pull it again"
_MAX_DIMS = 4
_MAX_STRING = 1 << 24  # chat templates and licenses are the long ones
_MAX_ENTRIES = 1 << 16  # of each table; a model with hundreds of layers has thousands
_MAX_TABLES = 1 << 26  # bytes of both; the largest vocabularies take a third
_MAX_ELEMENTS = 1 << 22  # of all arrays together, which become Python objects; the largest vocabularies have a third
_MAX_KEY = (1 << 16) - 1  # bytes, by the format
_MAX_TENSOR_NAME = 256  # bytes; the format says 64, but ggml can be built for more
_STRING, _ARRAY = 8, 9
_DEFAULT_ALIGNMENT = 32
_FORMATS = "BbHhIif?  Qqd"  # of struct and numpy, by GGUF's type of a value; strings and arrays have none
_SCALARS = {number: f"<{code}" for number, code in enumerate(_FORMATS) if code != " "}
_SCALAR_SIZES = {number: struct.calcsize(code) for number, code in _SCALARS.items()}
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """An entry of the tensor table. `shape` is in numpy's order, `type` ggml's number, `offset` that in file `file`."""

    name: str
    shape: tuple[int, ...]
    type: int
    offset: int
    nbytes: int
    file: int = 0

    @property
    def type_name(self) -> str:
        return TENSOR_TYPES[self.type].name


@dataclass(frozen=True, slots=True)
class Tables:
    """All that a file holds before the tensors' data. An array in `metadata` is decoded when it is first asked for.

    `array_bytes` has the arrays' keys, and the bytes that each takes in the file.
    """

    version: int
    metadata: Mapping[str, Any]
    array_bytes: Mapping[str, int]
    tensors: dict[str, TensorInfo]

    @classmethod
    def read(cls, path: Path, buffer: mmap.mmap) -> "Tables":
        """Read the tables of the file whose map is `buffer`. Raises InvalidModelFile, with `path` in its message."""
        cursor = _Cursor(path, buffer)
        version = _version(cursor)
        num_tensors = cursor.entries(min_bytes=24, what="tensors")
        num_values = cursor.entries(min_bytes=13, what="metadata values")
        metadata = _Metadata(cursor, num_values)
        tensors = _tensors(cursor, num_tensors, _alignment(cursor, metadata))
        return cls(version, metadata, metadata.array_bytes, tensors)


class _Cursor:
    """A position in the file's tables that never moves past the end of the file, or past the limits above."""

    def __init__(self, path: Path, buffer: mmap.mmap, position: int = 0) -> None:
        self.path = path
        self.buffer = buffer
        self.position = position
        self.end = min(len(buffer), _MAX_TABLES)
        self._elements = 0

    def invalid(self, problem: str) -> InvalidModelFile:
        return InvalidModelFile(f"{self.path}: {problem}", hint=CUT_OFF)

    def beyond_end(self, what: str) -> InvalidModelFile:
        if self.end < len(self.buffer):
            return self.invalid(f"{what} makes the tables larger than any model's")
        return self.invalid(f"the file ends at byte {self.end}, within {what}")

    def skip(self, length: int, what: str) -> int:
        """Skip `length` bytes and return where they begin."""
        start = self.position
        if length > self.end - start:
            raise self.beyond_end(what)
        self.position += length
        return start

    def u32(self, what: str) -> int:
        return _U32.unpack_from(self.buffer, self.skip(4, what))[0]

    def u64(self, what: str) -> int:
        return _U64.unpack_from(self.buffer, self.skip(8, what))[0]

    def count(self, min_bytes: int, what: str) -> int:
        """Read a number of items of at least `min_bytes` each."""
        count = self.u64(f"the number of {what}")
        if count * min_bytes > self.end - self.position:
            raise self.invalid(f"{count} {what} do not fit into {self.end} bytes")
        return count

    def entries(self, min_bytes: int, what: str) -> int:
        """Read the number of a table's entries, which become Python objects of many times their size."""
        count = self.count(min_bytes, what)
        if count > _MAX_ENTRIES:
            raise self.invalid(f"{count} {what} are more than any model has")
        return count

    def elements(self, min_bytes: int, what: str) -> int:
        """Read the length of an array, whose elements count towards the limit on all of the file's arrays."""
        count = self.count(min_bytes, what)
        self._elements += count
        if self._elements > _MAX_ELEMENTS:
            raise self.invalid(f"{what} make all arrays of {self._elements} elements larger than any model's")
        return count

    def string(self, what: str, limit: int = _MAX_STRING) -> bytes:
        length = self.u64(what)
        if length > limit:
            raise self.invalid(f"{what} has {length} bytes, more than any string should")
        start = self.skip(length, what)
        return self.buffer[start : self.position]

    def name(self, what: str, limit: int) -> str:
        """Read a string that serves as a name, which must be UTF-8 of at most `limit` bytes."""
        data = self.string(what, limit)
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            raise self.invalid(f"{what} is not UTF-8: {data[:64]!r}") from None


@dataclass(frozen=True, slots=True)
class _Array:
    """An array that was skipped, and lies wholly within the file."""

    type: int
    count: int
    position: int
    nbytes: int

    def values(self, buffer: mmap.mmap) -> list[Any]:
        if self.type != _STRING:
            return np.frombuffer(buffer, _SCALARS[self.type], self.count, self.position).tolist()
        return [buffer[start:end].decode("utf-8", "replace") for start, end in self._spans(buffer)]

    def _spans(self, buffer: mmap.mmap) -> Iterator[tuple[int, int]]:
        length_at, end = _U64.unpack_from, self.position
        for _ in range(self.count):
            start = end + 8
            end = start + length_at(buffer, end)[0]
            yield start, end


class _Metadata(Mapping[str, Any]):
    """Keys and values. Arrays, such as a vocabulary's, are decoded on first use."""

    def __init__(self, cursor: _Cursor, count: int) -> None:
        self._buffer = cursor.buffer
        self._values: dict[str, Any] = {}
        self.array_bytes: dict[str, int] = {}
        for _ in range(count):
            key = cursor.name("a metadata key", _MAX_KEY)
            if key in self._values:
                raise cursor.invalid(f"metadata key {key!r} occurs twice")
            self._values[key] = value = _value(cursor, key)
            if isinstance(value, _Array):
                self.array_bytes[key] = value.nbytes

    def __getitem__(self, key: str) -> Any:
        value = self._values[key]
        if isinstance(value, _Array):
            value = self._values[key] = value.values(self._buffer)
        return value

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def _version(cursor: _Cursor) -> int:
    if (magic := cursor.buffer[:4]) != MAGIC:
        raise InvalidModelFile(f"{cursor.path}: not a GGUF file: it begins with {magic!r}")
    cursor.position = 4
    version = cursor.u32("the version")
    if version in (2, 3):
        return version
    if version and version & 0xFFFF == 0:
        raise InvalidModelFile(
            f"{cursor.path}: the file is big endian, which is not supported",
            hint="use a little-endian file of the same model",
        )
    raise InvalidModelFile(
        f"{cursor.path}: GGUF version {version} is not supported",
        hint="versions 2 and 3 are; convert the file with a current llama.cpp",
    )


def _value(cursor: _Cursor, key: str) -> Any:
    what = f"the value of {key!r}"
    match cursor.u32(what):
        case kind if kind in _SCALARS:
            return struct.unpack_from(_SCALARS[kind], cursor.buffer, cursor.skip(_SCALAR_SIZES[kind], what))[0]
        case kind if kind == _STRING:
            return cursor.string(what).decode("utf-8", "replace")
        case kind if kind == _ARRAY:
            return _array(cursor, what)
        case kind:
            raise cursor.invalid(f"{what} has the unknown type {kind}")


def _array(cursor: _Cursor, what: str) -> _Array:
    """Skip an array, which ensures that it lies within the file."""
    kind = cursor.u32(what)
    if kind == _STRING:
        count = cursor.elements(8, f"strings in {what}")
        start = cursor.position
        _skip_strings(cursor, count, what)
        array = _Array(kind, count, start, cursor.position - start)
    elif kind in _SCALARS:
        count = cursor.elements(_SCALAR_SIZES[kind], f"numbers in {what}")
        nbytes = count * _SCALAR_SIZES[kind]
        array = _Array(kind, count, cursor.skip(nbytes, what), nbytes)
    else:
        problem = "an array of arrays" if kind == _ARRAY else f"an array of the unknown type {kind}"
        raise cursor.invalid(f"{what} is {problem}")
    return array


def _skip_strings(cursor: _Cursor, count: int, what: str) -> None:
    """Skip strings like `count` calls of `cursor.string`, but four times as fast: vocabularies have over 100,000."""
    buffer, length_at, position = cursor.buffer, _U64.unpack_from, cursor.position
    last = cursor.end - 8
    for _ in range(count):
        if position > last:
            break
        position += 8 + length_at(buffer, position)[0]
    else:
        if position <= cursor.end:
            cursor.position = position
            return
    raise cursor.beyond_end(what)


def _alignment(cursor: _Cursor, metadata: Mapping[str, Any]) -> int:
    alignment = metadata.get("general.alignment", _DEFAULT_ALIGNMENT)
    if not isinstance(alignment, int) or alignment < 1 or alignment.bit_count() != 1:
        raise cursor.invalid(f"general.alignment is {alignment!r}, not a power of two")
    return alignment


def _tensors(cursor: _Cursor, count: int, alignment: int) -> dict[str, TensorInfo]:
    """Read the tensor table. Its offsets count from the data, which begins at the next multiple of `alignment`."""
    tensors: dict[str, TensorInfo] = {}
    for _ in range(count):
        info = _tensor(cursor)
        if info.name in tensors:
            raise cursor.invalid(f"tensor {info.name!r} occurs twice")
        if info.offset % alignment:
            raise cursor.invalid(f"tensor {info.name!r} lies at {info.offset}, not a multiple of {alignment}")
        tensors[info.name] = info
    data = -(-cursor.position // alignment) * alignment
    return {name: _placed(cursor, info, data) for name, info in tensors.items()}


def _tensor(cursor: _Cursor) -> TensorInfo:
    """Read one entry of the table; its offset still counts from the data."""
    name = cursor.name("a tensor's name", _MAX_TENSOR_NAME)
    what = f"the entry of tensor {name!r}"
    num_dims = cursor.u32(what)
    if not 1 <= num_dims <= _MAX_DIMS:
        raise cursor.invalid(f"tensor {name!r} has {num_dims} dimensions, not 1 to {_MAX_DIMS}")
    dims = [cursor.u64(what) for _ in range(num_dims)]  # fastest-varying first
    number = cursor.u32(what)
    if not (kind := TENSOR_TYPES.get(number)):
        raise InvalidModelFile(
            f"{cursor.path}: tensor {name!r} has type {number}, which is not known",
            hint="the file may be made for a newer version of ossia",
        )
    if 0 in dims or dims[0] % kind.block:
        raise cursor.invalid(f"tensor {name!r} cannot be {kind.name} of the dimensions {dims}")
    nbytes = math.prod(dims) // kind.block * kind.size
    return TensorInfo(name, tuple(reversed(dims)), number, cursor.u64(what), nbytes)


def _placed(cursor: _Cursor, info: TensorInfo, data: int) -> TensorInfo:
    offset = data + info.offset
    if offset + info.nbytes > len(cursor.buffer):
        raise cursor.invalid(
            f"tensor {info.name!r} ends at byte {offset + info.nbytes}, but the file at {len(cursor.buffer)}"
        )
    return TensorInfo(info.name, info.shape, info.type, offset, info.nbytes)
