"""A model file that is read and not mapped: from the page cache what is there, and the rest from the disk past it.

Reading 12 GB through the page cache would copy them once more and push out whatever else is there. It knows files and
their system calls, and no tensor.
"""

import errno
import os
from pathlib import Path
from typing import Final

from ossia.errors import InvalidModelFile

ALIGNMENT: Final = 4096
"""Offsets, lengths and addresses of a read past the page cache are multiples of this."""


class ModelFile:
    """Several threads may read it at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
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
        start, end = offset - skipped, skipped + size
        done = self._read_cached(buffer[:end], start)
        if done < end and self._direct is not None:
            done = self._read_direct(self._direct, buffer, start, done - done % ALIGNMENT, end)
        while done < end:
            done += self._some(os.preadv(self._cached, [buffer[done:end]], start + done), start + done)
        return skipped

    def _read_cached(self, buffer: memoryview, start: int) -> int:
        """Bytes of the buffer that could be filled without waiting for the disk."""
        try:
            return os.preadv(self._cached, [buffer], start, os.RWF_NOWAIT)
        except OSError:  # nothing is there, or the file system cannot tell
            return 0

    def _read_direct(self, direct: int, buffer: memoryview, start: int, done: int, end: int) -> int:
        """Fill the buffer from `done` on; returns where it ends. Less than all if the file system refuses."""
        whole = end + -end % ALIGNMENT
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
