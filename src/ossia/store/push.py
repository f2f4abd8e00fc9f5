"""`push`: upload a model from the store to its registry, blob by blob, the manifest last. Knows no HTTP."""

import functools
import hashlib
import os
from collections.abc import Callable
from contextlib import closing
from typing import BinaryIO, Final

from ossia.errors import StoreError
from ossia.store.http import HttpClient, Limits
from ossia.store.identity import Identity
from ossia.store.manifest import Layer, Manifest
from ossia.store.models import ModelStore
from ossia.store.name import ModelName
from ossia.store.patience import Patience
from ossia.store.progress import Progress, Report
from ossia.store.registry import Registry
from ossia.store.threads import run_in_threads

_PIECE: Final = 100 << 20  # bytes of one request


def push(
    name: ModelName,
    store: ModelStore,
    identity: Identity,
    report: Report,
    *,
    insecure: bool = False,
    limits: Limits | None = None,
) -> None:
    """Upload the blobs that the registry does not have, then the manifest. The last report is `success`.

    Raises ModelNotFound, RegistryError, StoreError, and whatever `report` raises, which is called every 0.1 s.
    """
    report(Progress("retrieving manifest"))
    name, data = store.manifest(str(name))
    manifest = Manifest.from_json(data)
    if store.missing(manifest):
        raise StoreError(f"parts of {name} are missing here", hint=f"`ossia pull {name}` fetches them again")
    with closing(HttpClient(limits or Limits())) as http:
        registry = Registry(name, identity, http, insecure=insecure)
        for layer in manifest.blobs:
            with store.blobs.path(layer.digest).open("rb") as file:
                _Upload(layer, file, registry, http).run(report)
        last = Progress("pushing manifest")
        _wait(registry, http, report, lambda: last, lambda: registry.put_manifest(data))
    report(Progress("success"))


def _wait(
    registry: Registry, http: HttpClient, report: Report, now: Callable[[], Progress], action: Callable[[], object]
) -> None:
    """Wait for `action` and its repetitions. Raises RegistryUnavailable, also if no byte leaves for too long."""
    limit = http.limits.patience + http.limits.put  # after the last byte, a registry hashes
    patience = Patience(f"{registry.host} has taken nothing", limit)

    def tick() -> None:
        progress = now()
        report(progress)
        patience.check(progress.completed)

    run_in_threads(http, tick, [lambda: http.retried(action)])


class _Slice:
    """A range of a file as a request's body, which counts and hashes the bytes that are read."""

    def __init__(self, file: BinaryIO, start: int, end: int, http: HttpClient) -> None:
        self._http = http
        self._file = file
        self._end = end
        self.position = start
        self.md5 = hashlib.md5(usedforsecurity=False)

    def read(self, length: int = -1, /) -> bytes:
        self._http.check()
        left = self._end - self.position
        data = os.pread(self._file.fileno(), left if length < 0 else min(length, left), self.position)
        self.position += len(data)
        self.md5.update(data)
        return data


class _Upload:
    """The upload of one blob."""

    def __init__(self, layer: Layer, file: BinaryIO, registry: Registry, http: HttpClient) -> None:
        self._layer = layer
        self._file = file
        self._registry = registry
        self._http = http
        self._sending = _Slice(file, 0, 0, http)

    def run(self, report: Report) -> None:
        digest, size = self._layer.digest, self._layer.size

        def now() -> Progress:
            return Progress(f"pushing {digest[7:19]}", digest, size, self._sending.position)

        _wait(self._registry, self._http, report, now, self._send_unless_there)

    def _send_unless_there(self) -> None:
        """Try once to upload the blob; after a failure, the next try begins again with its first byte."""
        if not self._registry.has_blob(self._layer.digest):
            url = self._registry.begin_upload(self._layer.digest, self._layer.mount_from)
            if url is not None:
                self._send(url)
        self._slice(self._layer.size, self._layer.size)

    def _send(self, url: str) -> None:
        sums: list[bytes] = []
        for start in range(0, self._layer.size, _PIECE):
            end = min(start + _PIECE, self._layer.size)
            url = self._registry.send(url, functools.partial(self._slice, start, end), start, end)
            sums.append(self._sending.md5.digest())
        etag = f"{hashlib.md5(b''.join(sums), usedforsecurity=False).hexdigest()}-{len(sums)}"  # the form of S3's ETags
        self._registry.finish_upload(url, self._layer.digest, etag)

    def _slice(self, start: int, end: int) -> _Slice:
        self._sending = _Slice(self._file, start, end, self._http)
        return self._sending
