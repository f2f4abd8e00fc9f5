"""GGUF files over a memory map: metadata, and tensors' bytes as stored; gguf_tables.py reads the tables.

What metadata and tensors mean, and how types of tensors are packed, is not known here.
"""

import math
import mmap
import os
from contextlib import suppress
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import byte_bounds

from ossia.errors import InvalidModelFile
from ossia.gguf_tables import CUT_OFF, MAGIC, Tables, TensorInfo
from ossia.regular_file import open_regular

_MADV_HUGEPAGE = 14
_MADV_POPULATE_READ = 22  # linux/mman.h; Python has no name for it


class GGUF:
    """An open file. Arrays read from it are read-only views on the map, and keep it alive."""

    def __init__(self, path: Path, buffer: mmap.mmap) -> None:
        """Parse the tables of `buffer`. Use `open`."""
        tables = Tables.read(path, buffer)
        self.paths = [path]
        self.version = tables.version
        self.metadata, self.array_bytes, self.tensors = tables.metadata, tables.array_bytes, tables.tensors
        self._buffers = [buffer]

    @property
    def path(self) -> Path:
        """The file, or the first of several that were joined."""
        return self.paths[0]

    @classmethod
    def open(cls, path: str | PathLike[str]) -> "GGUF":
        """Map the file and parse its tables. Raises InvalidModelFile for anything but a complete GGUF file."""
        path = Path(path)
        try:
            with open_regular(path) as file:
                buffer = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:
            raise InvalidModelFile(f"{path}: the file is empty", hint=CUT_OFF) from None
        except OSError as error:
            raise InvalidModelFile(f"{path}: {error.strerror or error}") from error
        return cls(path, buffer)

    def join(self, other: "GGUF") -> None:
        """Add the tensors of another file, whose metadata is not wanted. Raises InvalidModelFile if both have one."""
        for info in other.tensors.values():
            if info.name in self.tensors:
                raise InvalidModelFile(f"two parts have the tensor {info.name!r}")
            self.tensors[info.name] = replace(info, file=len(self.paths) + info.file)
        self.paths += other.paths
        self._buffers += other._buffers

    @property
    def addresses(self) -> list[int]:
        """The address of each file's map."""
        return [np.frombuffer(buffer, np.uint8).ctypes.data for buffer in self._buffers]

    def populate(self, data: npt.NDArray[np.uint8]) -> None:
        """Load the pages of a view on the map into memory now, unless the file is larger than this machine's memory.

        Uses huge pages where the file system can. Needs Linux 5.14; on older kernels pages are loaded one fault at a
        time, which slows down the first answers.
        """
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        if sum(map(len, self._buffers)) < memory:
            self._advise(data, _MADV_HUGEPAGE, _MADV_POPULATE_READ)

    def release(self, data: npt.NDArray[np.uint8]) -> None:
        """Give back the memory of a view on the map, which is read from the file again if it is used again."""
        self._advise(data, mmap.MADV_DONTNEED)

    def _advise(self, data: npt.NDArray[np.uint8], *advice: int) -> None:
        """Advise the kernel of the pages between a view's first and last byte; not of arrays that are elsewhere."""
        first, end = byte_bounds(data)
        for buffer, address in zip(self._buffers, self.addresses, strict=True):
            if first == end or not 0 <= (start := first - address) < len(buffer):
                continue
            skipped = start % mmap.PAGESIZE
            for option in advice:
                with suppress(OSError):  # an older kernel
                    buffer.madvise(option, start - skipped, end - first + skipped)

    def array(self, key: str) -> list[Any]:
        """Return the elements of an array in the metadata; none if there is no array with this key."""
        return self.metadata[key] if key in self.array_bytes else []

    def tensor(self, name: str) -> TensorInfo:
        """Look up a tensor. Raises InvalidModelFile if the file does not have it."""
        try:
            return self.tensors[name]
        except KeyError:
            raise InvalidModelFile(f"{self.path}: there is no tensor {name!r}") from None

    def rows(self, name: str) -> npt.NDArray[np.uint8]:
        """Return a tensor's bytes as stored, [rows, bytes_per_row]; rows is the product of all other dimensions."""
        info = self.tensor(name)
        data = np.frombuffer(self._buffers[info.file], np.uint8, info.nbytes, info.offset)
        return data.reshape(math.prod(info.shape[:-1]), -1)


def is_gguf(path: Path) -> bool:
    """Tell whether this is a file that begins as GGUF files do."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC
