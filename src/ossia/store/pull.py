"""`pull`: download a model from its registry into the store.

Missing blobs are downloaded in parallel ranges into a partial file, which becomes a blob if its hash is right. The
manifest is written last. A kill at any point leaves the store valid, and the next pull resumes. Knows no HTTP.
"""

import hashlib
import shutil
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from ossia.errors import InvalidModelFile, RegistryError, RegistryUnavailable, StoreError
from ossia.sizes import human_size
from ossia.store.blobs import store_errors
from ossia.store.http import HttpClient, Limits, pieces
from ossia.store.hub import HubFile, choose_parts
from ossia.store.identity import Identity
from ossia.store.manifest import Layer, Manifest
from ossia.store.models import MissingBlobs, Model, ModelStore
from ossia.store.name import ModelName
from ossia.store.partial import Part, Partial, completed_bytes, space_needed
from ossia.store.patience import Patience
from ossia.store.progress import Progress, Report
from ossia.store.registry import Registry
from ossia.store.threads import TICK, run_in_threads

_STREAMS: Final = 8
_ATTEMPTS: Final = 3
_CHUNK: Final = 4 << 20
_SPLIT: Final = "sharded GGUF"
"""Words with which Hugging Face's registry refuses a split model."""


def pull(
    name: ModelName,
    store: ModelStore,
    identity: Identity,
    report: Report,
    *,
    insecure: bool = False,
    limits: Limits | None = None,
) -> Model:
    """Download the missing blobs of a model and commit it. The last report is `success`.

    Raises RegistryError, StoreError, InvalidModelFile, and whatever `report` raises, which is called every 0.1 s.
    """
    with closing(HttpClient(limits or Limits())) as http:
        registry = Registry(name, identity, http, insecure=insecure)
        return _Pull(name, store, registry, http, report).run()


class DigestMismatch(RegistryError):
    def __init__(self, want: str, got: str) -> None:
        text = f"digest mismatch, file must be downloaded again: want {want}, got {got}"
        super().__init__(text, hint="what came is not what the manifest names; pull again")


class _NoRanges(Exception):
    """Raised when the registry ignores ranges and sends whole blobs only."""


class _Pull:
    def __init__(
        self, name: ModelName, store: ModelStore, registry: Registry, http: HttpClient, report: Report
    ) -> None:
        self._name = name
        self._store = store
        self._registry = registry
        self._http = http
        self._report = report

    def run(self) -> Model:
        with store_errors(self._store.root):
            model = self._model()
        self._report(Progress("success"))
        return model

    def _model(self) -> Model:
        patience = self._patience()

        def tick() -> None:
            self._report(Progress("pulling manifest"))
            patience.check(0)

        found = run_in_threads(self._http, tick, [self._found])[0]
        if isinstance(found, bytes):
            return self._committed(_parsed(self._name, found), found)
        return self._joined(found)

    def _found(self) -> bytes | list[HubFile]:
        """Return the manifest or, of a split model of Hugging Face's Hub, the parts."""
        try:
            return self._http.retried(self._registry.manifest)
        except RegistryError as error:
            if _SPLIT not in error.message:
                raise
        return choose_parts(self._http.retried(self._registry.hub_files), self._name.tag)

    def _joined(self, parts: list[HubFile]) -> Model:
        """Download the parts of a split model, and make a model of them."""
        for part in parts:
            self._fetch(Layer.of("model", part.digest, part.size))
        files = [self._store.blobs.path(part.digest) for part in parts]
        return self._store.create(str(self._name), files=files, report=self._report)

    def _committed(self, manifest: Manifest, data: bytes) -> Model:
        """Download and commit; tried again if another program meanwhile deleted a blob that no model used yet."""
        for _ in range(_ATTEMPTS):
            for layer in manifest.blobs:
                self._fetch(layer)
            self._report(Progress("writing manifest"))
            with suppress(MissingBlobs):
                return self._store.add(self._name, data)
        raise MissingBlobs(self._name)

    def _fetch(self, layer: Layer) -> None:
        blobs = self._store.blobs
        blob = blobs.path(layer.digest)
        path = blob.with_name(f"{blob.name}-partial")
        path.parent.mkdir(parents=True, exist_ok=True)
        while not blobs.has(layer.digest, layer.size):
            self._check_space(path, layer.size)
            if partial := Partial.lock(path, layer.size):
                with closing(partial):
                    self._complete(layer, partial)
            else:  # another pull is downloading this blob
                self._tell(layer, completed_bytes(path, layer.size))
                self._http.pause(TICK)
        self._tell(layer, layer.size)

    def _patience(self) -> Patience:
        return Patience(f"{self._name.host} has sent nothing of use", self._http.limits.patience)

    def _tell(self, layer: Layer, completed: int) -> None:
        self._report(Progress(f"pulling {layer.digest[7:19]}", layer.digest, layer.size, completed))

    def _complete(self, layer: Layer, partial: Partial) -> None:
        """Download what is missing, verify the hash and turn the file into a blob."""
        if self._store.blobs.has(layer.digest, layer.size):  # another pull held the lock until a moment ago
            partial.discard()
            return
        while True:
            resumed = partial.resumed
            self._download(layer, partial)
            got = self._hash(partial)
            if got == layer.digest:
                self._store.blobs.commit(partial.path, layer.digest)
                partial.remove_records()
                return
            if not resumed:
                partial.discard()
                raise DigestMismatch(layer.digest, got)
            partial.restart()  # bytes of an earlier attempt may be wrong

    def _check_space(self, path: Path, size: int) -> None:
        """Check the free space before anything is written: the size in a manifest is only a claim."""
        need, free = space_needed(path, size), shutil.disk_usage(path.parent).free
        if need > free:
            raise StoreError(
                f"{human_size(need)} more are needed, but there are {human_size(free)} free in {self._store.root}",
                hint="free some space, or let OLLAMA_MODELS name another folder",
            )

    def _download(self, layer: Layer, partial: Partial) -> None:
        patience = self._patience()

        def tick() -> None:
            self._tell(layer, partial.completed)
            patience.check(partial.completed)

        def fetch(part: Part) -> Callable[[], bool]:
            return lambda: self._fetch_part(layer, partial, part)

        if not all(run_in_threads(self._http, tick, [fetch(part) for part in partial.parts], _STREAMS)):
            partial.restart(layer.size)
            run_in_threads(self._http, tick, [fetch(part) for part in partial.parts])

    def _fetch_part(self, layer: Layer, partial: Partial, part: Part) -> bool:
        """Download the rest of a part, retrying as long as bytes arrive. Returns False if there are no ranges."""
        failures, most = 0, part.completed  # without ranges a part begins anew, which is no progress
        try:
            while part.completed < part.size:
                try:
                    self._read(layer, partial, part)
                except RegistryUnavailable as error:
                    failures = 1 if part.completed > most else failures + 1
                    most = max(most, part.completed)
                    self._http.pause_before_retry(error, failures)
        except _NoRanges:
            return False
        finally:
            partial.save(part)
        return True

    def _read(self, layer: Layer, partial: Partial, part: Part) -> None:
        with self._registry.blob(layer.digest, part.position, part.end, layer.size) as answer:
            if answer.status == 200:
                if part.size < layer.size:
                    raise _NoRanges
                part.completed = 0
            for piece in pieces(answer):
                if len(piece) > part.size - part.completed:
                    raise RegistryError(f"{self._name.host} sends more than it was asked for")
                partial.write(part, piece)
        if part.completed < part.size:
            raise RegistryUnavailable(f"{self._name.host} has sent less than it was asked for", hint="try again later")

    def _hash(self, partial: Partial) -> str:
        """Return the digest of the whole file."""
        hasher, done = hashlib.sha256(), 0

        def tick() -> None:
            self._report(Progress("verifying sha256 digest", "", partial.size, done))

        def work() -> None:
            nonlocal done
            with partial.path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    self._http.check()
                    hasher.update(chunk)
                    done += len(chunk)

        run_in_threads(self._http, tick, [work])
        return f"sha256:{hasher.hexdigest()}"


def _parsed(name: ModelName, data: bytes) -> Manifest:
    """Parse a manifest. Raises InvalidModelFile for malformed data, and for a model that cannot run here."""
    try:
        manifest = Manifest.from_json(data)
        manifest.check_sums()
    except InvalidModelFile as error:
        raise InvalidModelFile(f"{name.host} has no usable manifest for {name}: {error.message}") from None
    if not manifest.of_kind("model"):
        raise InvalidModelFile(f"{name} has no GGUF file", hint="other forms of models cannot be run")
    return manifest
