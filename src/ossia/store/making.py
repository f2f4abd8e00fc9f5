"""Models that are being made. If that fails, the blobs that were made for one go at once.

The store may be Ollama's too, so a blob stays if it is older than the attempt, if a manifest or another attempt of this
process uses it, or if a client has sent it: that one stays for a day, so that the client may try again.
"""

import threading
from collections.abc import Callable, Generator, Set
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ossia.errors import OssiaError
from ossia.store.blobs import BlobStore
from ossia.store.progress import Progress, Report


@dataclass(slots=True, eq=False)
class Making:
    """Attempt to make a model: a report of its progress that notes the blobs that it uses."""

    report: Report
    before: Set[Path]
    """The blobs that were there when it began."""
    digests: set[str] = field(default_factory=set[str])

    def __call__(self, progress: Progress) -> None:
        self.report(progress)

    def uses(self, digest: str) -> str:
        self.digests.add(digest)
        return digest


class Makings:
    """Attempts in one store. `lock` is held by one writer at a time; `kept` returns the digests that stay in any case.

    It raises InvalidModelFile if they are not known.
    """

    def __init__(
        self, blobs: BlobStore, lock: Callable[[], AbstractContextManager[None]], kept: Callable[[], Set[str]]
    ) -> None:
        self._blobs, self._lock, self._kept = blobs, lock, kept
        self._running: list[Making] = []
        self._guard = threading.Lock()

    @contextmanager
    def begin(self, report: Report) -> Generator[Making]:
        """Begin an attempt, which ends with the `with` block. If that raises, the attempt's own blobs are deleted."""
        making = Making(report, frozenset(self._blobs.root.glob("sha256-*")))
        with self._guard:
            self._running.append(making)
        try:
            yield making
        except BaseException:
            self._end(making)
            with suppress(OssiaError, OSError):  # what cannot be deleted now is swept up after a day
                self._clear_up(making)
            raise
        self._end(making)

    def _end(self, making: Making) -> None:
        with self._guard:
            self._running.remove(making)

    def _clear_up(self, failed: Making) -> None:
        with self._lock():
            kept = set(self._kept())
            with self._guard:
                kept.update(*(making.digests for making in self._running))
            for digest in failed.digests - kept:
                if self._blobs.path(digest) not in failed.before:
                    self._blobs.delete(digest)
