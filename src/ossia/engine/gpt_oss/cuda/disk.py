"""A model file that is read, though it is mapped: what is in the page cache from there, the rest from the disk past it.

Reading 12 GB through the page cache would copy them once more and push out whatever else is there. It knows files and
their system calls, and no tensor.
"""

import ctypes
import errno
import os
from pathlib import Path
from typing import Final

import numpy as np

from ossia.errors import InvalidModelFile

ALIGNMENT: Final = 4096
"""Offsets, lengths and addresses of a read past the page cache are multiples of this, which is also the page's size."""
_LIBRARY: Final = ctypes.CDLL(None, use_errno=True)


class ModelFile:
    """Several threads may read it at once."""

    def __init__(self, path: Path, address: int) -> None:
        """`address` is that of a map of the whole file."""
        self._path = path
        self._address = address
        self._cached = os.open(path, os.O_RDONLY)
        try:
            self._direct = os.open(path, os.O_RDONLY | os.O_DIRECT)
        except OSError:  # a file system in memory, or across a network
            self._direct = None
        self.size = os.fstat(self._cached).st_size

    def close(self) -> None:
        for descriptor in (self._cached, self._direct):
            if descriptor is not None:
                os.close(descriptor)

    def read(self, offset: int, size: int, buffer: memoryview) -> int:
        """Read `size` bytes from `offset` on into the buffer, and return where in it they begin: at the offset's
        remainder, so that file and memory are aligned alike.

        The buffer has an aligned address, and ALIGNMENT bytes more than `size` on either side. Raises InvalidModelFile
        for a file that ends too early.
        """
        skipped = offset % ALIGNMENT
        start, end, done = offset - skipped, skipped + size, 0
        if self._direct is not None and not self._is_cached(start, end):
            done = self._read_direct(self._direct, buffer, start, end)
        while done < end:
            done += self._some(os.preadv(self._cached, [buffer[done:end]], start + done), start + done)
        return skipped

    def _is_cached(self, start: int, size: int) -> bool:
        """True if all pages are in the page cache, or the system does not tell."""
        size = min(size, self.size - start)
        pages = np.empty(-(-max(size, 1) // ALIGNMENT), np.uint8)
        where = ctypes.c_void_p(pages.ctypes.data)
        failed = _LIBRARY.mincore(ctypes.c_void_p(self._address + start), ctypes.c_size_t(max(size, 1)), where)
        return bool(failed) or bool((pages & 1).all())

    def _read_direct(self, direct: int, buffer: memoryview, start: int, end: int) -> int:
        """Bytes at the buffer's beginning that could be read: less than all if the file system refuses."""
        whole, done = end + -end % ALIGNMENT, 0
        while done < end and done % ALIGNMENT == 0:
            try:
                done += self._some(os.preadv(direct, [buffer[done:whole]], start + done), start + done)
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise
                return done
        return done

    def _some(self, count: int, offset: int) -> int:
        if not count:
            raise InvalidModelFile(f"{self._path} ends at byte {offset}", hint="it has been changed; pull it again")
        return count
