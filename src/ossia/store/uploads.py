"""Uploads: blobs that clients sent for models that are yet to be made, and the record of their digests.

The store may be Ollama's too, so no blob expires that this record does not name. A blob's time of change is that of its
last use: when it was sent, or when a client asked for it. The record is beside the folder of blobs, where Ollama does
not look. Changes happen under the store's lock, so a blob that a client was told of is there for a day from then on.
"""

import os
import time
from collections.abc import Callable, Set
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Final

from ossia.atomic import write_atomically
from ossia.errors import InvalidModelFile, StoreError
from ossia.store.blobs import UNUSED_SECONDS, BlobStore, InvalidDigest, normalize_digest

MOST_UPLOADS: Final = 4096
"""Unused uploads that are kept at one time; a model has fewer files. The oldest expire first."""

_LARGEST_RECORD: Final = 8 << 20  # bytes


class Uploads:
    """Uploads of one store. `lock` is held by one writer at a time; `used` returns the digests that all models use.

    It raises InvalidModelFile if they are not known. `clock` counts seconds as files do.
    """

    def __init__(
        self,
        blobs: BlobStore,
        record: Path,
        lock: Callable[[], AbstractContextManager[None]],
        used: Callable[[], Set[str]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._blobs, self._record = blobs, record
        self._lock, self._used, self._clock = lock, used, clock

    def add(self, digest: str) -> None:
        """Record a blob that a client has sent."""
        with self._lock(), self._record.open("a") as file:
            file.write(f"{normalize_digest(digest)}\n")

    def has(self, digest: str) -> bool:
        """True if the blob exists; an upload then stays for a day from now. Raises InvalidDigest."""
        if normalize_digest(digest) in self.recorded():
            with suppress(StoreError, OSError), self._lock():  # no lock where nothing can be written, nor expire
                os.utime(self._blobs.path(digest), (self._clock(), self._clock()))  # unless it is gone, or another's
        return self._blobs.has(digest)

    def expire(self) -> None:
        """Delete uploads that no model has used for a day, and the oldest of too many.

        Reads no manifest if there are none.
        """
        if not self._expired(self._ages(self.recorded())):
            return
        with self._lock():
            try:
                unused = self._ages(self.recorded() - self._used())
            except InvalidModelFile:
                return  # as long as a model cannot be read, its blobs are not known
            expired = self._expired(unused)
            for digest in expired:
                self._blobs.delete(digest)
            write_atomically(
                self._record, "".join(f"{digest}\n" for digest in unused if digest not in expired).encode()
            )

    def recorded(self) -> Set[str]:
        """Return the recorded digests. A line that a crash cut short is none."""
        try:
            with self._record.open("rb") as file:
                lines = file.read(_LARGEST_RECORD).decode(errors="replace").splitlines()
        except FileNotFoundError:
            return frozenset()
        digests: set[str] = set()
        for line in lines:
            with suppress(InvalidDigest):
                digests.add(normalize_digest(line))
        return digests

    def _ages(self, digests: Set[str]) -> dict[str, float]:
        """Return the seconds since the last use of each blob that exists, the longest first."""
        ages: dict[str, float] = {}
        for digest in digests:
            with suppress(FileNotFoundError):
                ages[digest] = self._clock() - self._blobs.path(digest).stat().st_mtime
        return dict(sorted(ages.items(), key=lambda item: item[1], reverse=True))

    def _expired(self, ages: dict[str, float]) -> Set[str]:
        too_many = max(0, len(ages) - MOST_UPLOADS)
        return {digest for index, (digest, age) in enumerate(ages.items()) if age > UNUSED_SECONDS or index < too_many}
