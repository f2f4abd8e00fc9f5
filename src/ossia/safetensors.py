"""safetensors files: tensors by name over a memory map, one file or the shards of a folder.

The format is an unsigned 64-bit length, a JSON header of that length, and the data. Files are not trusted: lengths and
offsets are checked before anything is sliced. The meaning of the names is not known here.

Format: https://github.com/huggingface/safetensors#format
"""

import json
import math
import mmap
import os
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ossia.errors import InvalidModelFile
from ossia.json_values import is_object
from ossia.regular_file import open_regular

ITEM_SIZES: Final = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
MAX_HEADER: Final = 16 << 20  # bytes, which become Python objects of many times their size; a model has less than one
_METADATA: Final = "__metadata__"
_MAX_DIMS: Final = 8  # numpy has 64 at most, and models four
_MAX_JSON: Final = 64 << 20  # bytes of a file of JSON; the largest vocabularies have half of that


class Tensor(NamedTuple):
    """A tensor in a mapped file.

    `data` is a read-only view on the map, u8[..., bytes of the last dimension], otherwise shaped as `shape`. The same
    bytes are in the file `path` from `offset`.
    """

    dtype: str
    shape: tuple[int, ...]
    data: npt.NDArray[np.uint8]
    path: Path
    offset: int

    def rows(self, start: int, stop: int) -> "Tensor":
        """Return a range of the first dimension."""
        data = self.data.reshape(self.shape[0], -1)[start:stop]  # a vector's only dimension is split into bytes
        offset = self.offset + start * data.shape[1]
        shape = (stop - start, *self.shape[1:])
        return Tensor(self.dtype, shape, data.reshape(*shape[:-1], -1), self.path, offset)


def open_shards(folder: Path) -> dict[str, Tensor]:
    """Open all files that `model.safetensors.index.json` names, or all `*.safetensors` without it."""
    index = folder / "model.safetensors.index.json"
    files = _indexed_files(index) if index.exists() else sorted(folder.glob("*.safetensors"))
    if not files:
        raise InvalidModelFile(
            f"{folder}: there is no safetensors file",
            hint="of a folder, only gpt-oss as safetensors can be read; make a GGUF of anything else with llama.cpp",
        )
    tensors: dict[str, Tensor] = {}
    for file in files:
        tensors |= open_file(file)
    return tensors


def open_file(path: Path) -> dict[str, Tensor]:
    """Map the file and parse its header. Raises InvalidModelFile."""
    try:
        with open_regular(path) as file:
            buffer = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:  # ValueError: the file is empty
        raise InvalidModelFile(f"{path}: {error}") from error
    start = 8 + int.from_bytes(buffer[:8], "little")
    if start > min(len(buffer), MAX_HEADER):
        raise InvalidModelFile(f"{path}: not a safetensors file: the header would end at byte {start}")
    header = _json(path, buffer[8:start])
    return {name: _tensor(path, buffer, start, name, entry) for name, entry in header.items() if name != _METADATA}


def read_metadata(path: Path) -> dict[str, Any]:
    """Read the texts that a file's header gives beside the tensors. Raises InvalidModelFile."""
    try:
        with open_regular(path) as file:
            length = int.from_bytes(file.read(8), "little")
            header = file.read(min(length, MAX_HEADER))
    except OSError as error:
        raise InvalidModelFile(f"{path}: {error}") from error
    return dict(_json(path, header).get(_METADATA) or {})


def _tensor(path: Path, buffer: mmap.mmap, start: int, name: str, entry: Any) -> Tensor:
    match entry:
        case {"dtype": str(dtype), "shape": [*dimensions], "data_offsets": [int(begin), int(end)]} if (
            dtype in ITEM_SIZES and len(dimensions) <= _MAX_DIMS and all(map(_is_size, dimensions))
        ):
            pass
        case _:
            raise InvalidModelFile(f"{path}: the entry of tensor {name!r} cannot be read")
    size = math.prod(dimensions) * ITEM_SIZES[dtype]
    if begin < 0 or end - begin != size or start + end > len(buffer):
        raise InvalidModelFile(
            f"{path}: tensor {name!r} of {size} bytes cannot lie at {begin} to {end} of {len(buffer) - start}"
        )
    data = np.frombuffer(buffer, np.uint8, size, start + begin)
    return Tensor(dtype, tuple(dimensions), data.reshape(*dimensions[:-1], -1), path, start + begin)


def _is_size(number: object) -> bool:
    return type(number) is int and 0 < number < 1 << 63


def read_json(path: Path) -> dict[str, Any]:
    """Read a file with a JSON object. Raises InvalidModelFile."""
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            content = file.read(min(size, _MAX_JSON))  # for which Python reserves memory, however small the file is
    except OSError as error:
        raise InvalidModelFile(f"{path}: {error.strerror or error}") from error
    if size > _MAX_JSON:
        raise InvalidModelFile(f"{path}: it has more than {_MAX_JSON} bytes of JSON")
    return _json(path, content)


def _indexed_files(index: Path) -> list[Path]:
    shards = read_json(index).get("weight_map")
    if not is_object(shards):
        raise InvalidModelFile(f"{index}: there is no weight_map")
    names = {str(name) for name in shards.values()}
    for name in names:
        if Path(name).name != name:  # an index must not refer outside its folder
            raise InvalidModelFile(f"{index}: {name!r} is not the name of a file beside it")
    return [index.parent / name for name in sorted(names)]


def _json(path: Path, content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidModelFile(f"{path}: not JSON: {error}") from None
    if not is_object(value):
        raise InvalidModelFile(f"{path}: not a JSON object")
    return value
