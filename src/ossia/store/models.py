"""The model store: `manifests/` and `blobs/` in Ollama's layout, so that both programs share their models.

Knows what a model consists of and how to create, copy and delete one; it neither runs nor downloads models. Writers
hold a lock file; readers need none, since manifests are replaced by rename. The manifest is written last: a writer that
is killed earlier leaves unreferenced blobs, never half a model.
"""

import fcntl
import hashlib
import logging
import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Unpack

from ossia.atomic import write_atomically
from ossia.errors import InvalidModelFile, InvalidRequest, ModelNotFound, OssiaError, StoreError
from ossia.regular_file import open_regular
from ossia.split import open_model
from ossia.store.adapter import check_adapter
from ossia.store.blobs import BlobStore, store_errors
from ossia.store.contents import LARGEST_OBJECT, Own, contents, messages_of, object_of, to_json
from ossia.store.file_state import state_of
from ossia.store.folders import files_at
from ossia.store.making import Making, Makings
from ossia.store.manifest import CONFIG, LARGEST_MANIFEST, Layer, LayerKind, Manifest
from ossia.store.model_config import directed, model_config
from ossia.store.name import ModelName
from ossia.store.progress import Progress, Report, ignore
from ossia.store.readings import Readings
from ossia.store.suggest import existing_tag, meant_model
from ossia.store.uploads import Uploads
from ossia.types import Message

logger = logging.getLogger(__name__)

_RIGHTS: Final = "whoever runs the server must be able to read all files in OLLAMA_MODELS"
_LATEST: Final = 253_402_300_799.0  # the last second of the year 9999; some file systems know later ones


def _skip(error: OSError) -> None:
    logger.warning("skipping models: %s", error)


class MissingBlobs(StoreError):
    """Raised when a model cannot be committed because one of its blobs was deleted in the meantime."""

    def __init__(self, name: ModelName) -> None:
        super().__init__(f"a part of '{name}' was deleted while it was created", hint="try again")


@dataclass(frozen=True, slots=True)
class Model:
    """A stored model. `digest` is the manifest's sha256 in hex, `path` the GGUF file, `config` Ollama's config JSON.

    `others` are the other parts of a GGUF that is split.
    """

    name: ModelName
    digest: str
    size: int
    modified_at: datetime
    files: tuple[Path, ...]
    """The GGUF file, or all parts of it."""
    config: dict[str, Any]
    parameters: dict[str, Any]
    system: str
    template: str
    licenses: tuple[str, ...]
    messages: tuple[Message, ...]
    manifest: Manifest = field(repr=False)
    adapters: tuple[Path, ...] = ()
    """GGUF files of LoRAs, which change what the model says."""

    @property
    def loads(self) -> tuple[Path, ...]:
        """All files that the model's process loads: models with the same ones share it."""
        return *self.files, *self.adapters

    @property
    def path(self) -> Path:
        """The GGUF file, or its first part, which has the metadata."""
        return self.files[0]


class ModelStore:
    """The models in the folder `root` (usually `~/.ollama/models`), which need not exist yet."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.blobs = BlobStore(root / "blobs")
        self._readings = Readings()
        self.uploads = Uploads(self.blobs, root / ".uploads", self._writing, self._kept)
        self._makings = Makings(self.blobs, self._writing, lambda: self._kept() | self.uploads.recorded())

    def resolve(self, text: str) -> Model:
        """Return the model with this name, in any case. Raises InvalidRequest, ModelNotFound or InvalidModelFile."""
        return self._readings.find(self._path(ModelName.parse(text))) or self._load(self._existing(text))

    def list(self) -> list[Model]:
        """Return every readable model, newest first; unreadable ones are logged and skipped."""
        models: list[Model] = []
        for name in self.names():
            try:
                models.append(self._load(name))
            except OssiaError as error:
                logger.warning("skipping model %s: %s", name, error)
        return sorted(models, key=lambda model: model.modified_at, reverse=True)

    def create(
        self,
        name: str,
        *,
        files: Sequence[Path] = (),
        adapters: Sequence[Path] = (),
        base: Model | None = None,
        move: bool = False,
        report: Report = ignore,
        **own: Unpack[Own],
    ) -> Model:
        """Create or replace a model from a GGUF file, all parts of one in any order, or a stored model, and return it.

        `adapters` replace those of `base`, and parameters are merged over those of `base`. With `move` the files
        themselves are moved into the store, from the same file system. Raises InvalidModelFile for files that are not a
        GGUF, or an adapter for other models.
        """
        parsed = ModelName.parse(name)
        if not files and base is None:
            raise InvalidRequest("neither 'from' or 'files' was specified")
        config = before = base.config if base else {}
        layers = _by_kind(base)
        with self._makings.begin(report) as making:
            if files:
                opened = open_model(*files)
                config = model_config(opened)
                layers["model"] = [self._put_gguf(path, move, making) for path in opened.paths]
            for path in adapters:
                check_adapter(path, config.get("model_family"))
            if adapters:
                layers["adapter"] = [self._put_gguf(path, False, making, "adapter") for path in adapters]
            if (parameters := own.get("parameters")) is not None and base is not None:
                own["parameters"] = {**base.parameters, **parameters}
            with self._writing():
                for kind, parts in contents(own):
                    layers[kind] = [self._layer(kind, self.blobs.put_bytes(data), making) for data in parts if data]
                making(Progress("writing manifest"))
                found = [layer for group in layers.values() for layer in group]
                config = directed(config, before, own.get("directives", {}))
                return self._write(self._spelling(parsed), config, found, making)

    def missing(self, manifest: Manifest) -> tuple[Layer, ...]:
        """Return the layers whose blobs are missing or incomplete, each once."""
        return tuple(layer for layer in manifest.blobs if not self.blobs.has(layer.digest, layer.size))

    def add(self, name: ModelName, data: bytes) -> Model:
        """Commit a model whose blobs are stored. The manifest is kept byte for byte: its hash is the model's digest.

        Raises InvalidModelFile, or MissingBlobs if another program deleted a blob in the meantime.
        """
        with self._writing():
            return self._commit(self._spelling(name), data)

    def manifest(self, text: str) -> tuple[ModelName, bytes]:
        """Return a stored model's name and its manifest, byte for byte. Raises InvalidRequest or ModelNotFound."""
        name = self._existing(text)
        with _reading(name):
            try:
                return name, self._manifest_bytes(name)
            except FileNotFoundError:  # it is deleted at this moment
                raise ModelNotFound(text) from None

    def copy(self, source: str, destination: str) -> None:
        """Copy a model to a second name. Raises InvalidRequest, ModelNotFound or InvalidModelFile."""
        self.resolve(source)
        name = ModelName.parse(destination)
        with self._writing():  # so that nobody deletes or replaces the source meanwhile
            self._commit(self._spelling(name), self.manifest(source)[1])

    def delete(self, text: str) -> None:
        """Delete a model and the blobs that no other model uses. Raises InvalidRequest or ModelNotFound."""
        name = self._existing(text)
        with self._writing():
            digests, path = self._replaceable(name), self._manifest_path(name)
            path.unlink(missing_ok=True)
            self._remove_empty_folders(path)
            self._remove_unreferenced(digests)

    def sweep(self) -> None:
        """Delete leftovers of killed programs: blobs that no manifest names, and abandoned downloads.

        Nothing is deleted while a manifest cannot be read, since its blobs are not known.
        """
        with self._writing(), suppress(InvalidModelFile):
            self.blobs.sweep(self._kept())

    def used(self) -> Set[str]:
        """Return the digests that all models use. Raises InvalidModelFile if a manifest cannot be read."""
        unreadable: list[OSError] = []
        names = [*self.names(unreadable.append)]
        if unreadable:
            raise InvalidModelFile(f"manifests cannot be read: {unreadable[0]}", hint=_RIGHTS)
        return set[str]().union(*(self._digests(name) for name in names))

    def _load(self, name: ModelName) -> Model:
        """Return the model. Raises InvalidModelFile, StoreError, or ModelNotFound if it is deleted at this moment."""
        path = self._path(name)
        if known := self._readings.find(path):
            return known
        with _reading(name):
            while True:
                state = state_of(path)
                try:
                    model = self._model(name, self._manifest_bytes(name), path.stat().st_mtime)
                    self._readings.keep(path, state, model, [self.blobs.path(each) for each in model.manifest.digests])
                    return model
                except (FileNotFoundError, InvalidModelFile):
                    if not path.exists():
                        raise ModelNotFound(str(name)) from None
                    if state == state_of(path):
                        raise  # else it was replaced, and is read again

    def _model(self, name: ModelName, data: bytes, modified: float) -> Model:
        """Build a Model from a manifest and the stored blobs. Raises InvalidModelFile."""
        try:
            manifest = Manifest.from_json(data)
            manifest.check_sums()
            weights, adapters = manifest.of_kind("model"), manifest.of_kind("adapter")
            if not weights or not all(self.blobs.has(layer.digest) for layer in (*weights, *adapters)):
                raise InvalidModelFile("its GGUF file is missing")
            return Model(
                name=name,
                digest=hashlib.sha256(data).hexdigest(),
                size=manifest.size,
                modified_at=datetime.fromtimestamp(min(max(modified, 0), _LATEST), UTC),
                files=tuple(dict.fromkeys(self.blobs.path(layer.digest) for layer in weights)),
                adapters=tuple(self.blobs.path(layer.digest) for layer in adapters),
                config=object_of(self.blobs.read(manifest.config.digest, LARGEST_OBJECT)),
                parameters=object_of(self._text(manifest, "params") or "{}"),
                system=self._text(manifest, "system"),
                template=self._text(manifest, "template"),
                licenses=self._texts(manifest, "license"),
                messages=messages_of(self._text(manifest, "messages") or "[]"),
                manifest=manifest,
            )
        except InvalidModelFile as error:
            hint = f"`ossia rm {name}` removes it"
            raise InvalidModelFile(f"model '{name}' cannot be read: {error.message}", hint) from None

    def _text(self, manifest: Manifest, kind: LayerKind) -> str:
        return "\n".join(self._texts(manifest, kind))

    def _texts(self, manifest: Manifest, kind: LayerKind) -> tuple[str, ...]:
        return tuple(self._read(layer).decode(errors="replace") for layer in manifest.of_kind(kind))

    def _read(self, layer: Layer) -> bytes:
        """Read a text, which must not be larger than its manifest says: the sum of those sizes was checked."""
        return self.blobs.read(layer.digest, layer.size)

    def _put_gguf(self, path: Path, move: bool, making: Making, kind: LayerKind = "model") -> Layer:
        def show(done: int, total: int) -> None:
            making(Progress("copying the weights", "", total, done))

        return self._layer(kind, self.blobs.put_file(path, move=move, progress=show), making)

    def _layer(self, kind: LayerKind, digest: str, making: Making) -> Layer:
        making(Progress(f"creating new layer {making.uses(digest)}"))
        return Layer.of(kind, digest, self.blobs.path(digest).stat().st_size)

    def _write(self, name: ModelName, config: Mapping[str, Any], layers: Sequence[Layer], making: Making) -> Model:
        rootfs = {"type": "layers", "diff_ids": [layer.digest for layer in layers]}
        data = to_json({**config, "rootfs": rootfs})
        manifest = Manifest(Layer(CONFIG, making.uses(self.blobs.put_bytes(data)), len(data)), tuple(layers))
        return self._commit(name, manifest.to_json())

    def _commit(self, name: ModelName, data: bytes) -> Model:
        """Write the manifest and delete blobs that only the replaced model used. The lock must be held."""
        if self.missing(Manifest.from_json(data)):
            raise MissingBlobs(name)
        self._model(name, data, 0)  # raises for a model that could not be read back
        replaced = self._replaceable(name)
        write_atomically(self._manifest_path(name), data)
        self._remove_unreferenced(replaced)
        return self._load(name)

    def _remove_empty_folders(self, path: Path) -> None:
        with suppress(OSError):  # stops at the first folder that is not empty
            for folder in path.relative_to(self.root).parents:
                (self.root / folder).rmdir()

    def _remove_unreferenced(self, digests: Set[str]) -> None:
        """Delete blobs that no model uses any more; none while a manifest cannot be read, whose blobs are not known."""
        if digests:
            with suppress(InvalidModelFile):
                for digest in digests - self._kept():
                    self.blobs.delete(digest)

    def _kept(self) -> Set[str]:
        """Return the digests that clearing up keeps. Raises InvalidModelFile, and logs it, while they are not known."""
        try:
            return self.used()
        except InvalidModelFile as error:
            logger.warning("not clearing up: %s", error.message)
            raise

    def _replaceable(self, name: ModelName) -> Set[str]:
        """Return the digests of a model that is to go; none if they are not known."""
        with suppress(InvalidModelFile):
            return self._digests(name)
        return frozenset()

    def _digests(self, name: ModelName) -> Set[str]:
        """Return the digests of a model's blobs; none if another program just deleted it. Raises InvalidModelFile."""
        try:
            return Manifest.from_json(self._manifest_bytes(name)).digests
        except FileNotFoundError:
            return frozenset()
        except (InvalidModelFile, OSError) as error:
            raise InvalidModelFile(f"the manifest of {name} cannot be read: {error}", hint=_RIGHTS) from None

    def _manifest_bytes(self, name: ModelName) -> bytes:
        """Read a manifest; of a file that is larger than any, only so much that it is refused."""
        with open_regular(self._manifest_path(name)) as file:
            return file.read(LARGEST_MANIFEST + 1)

    def _manifest_path(self, name: ModelName) -> Path:
        """Return the path of a manifest. Raises InvalidModelFile if a link leads out of the store."""
        path = self._path(name)
        if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.root / "manifests")):
            raise InvalidModelFile(f"{path} leads out of the model store", hint="remove the link")
        return path

    def _path(self, name: ModelName) -> Path:
        return self.root.joinpath("manifests", *name.parts)

    def names(self, unreadable: Callable[[OSError], object] = _skip) -> Iterator[ModelName]:
        """Yield the name of every manifest, readable or not. `unreadable` is told of folders that are not."""
        for parts in sorted(files_at(str(self.root / "manifests"), 4, unreadable)):
            with suppress(InvalidRequest):  # skips .DS_Store and the like
                yield ModelName(*parts)

    def _existing(self, text: str) -> ModelName:
        parsed, names = ModelName.parse(text), [*self.names()]
        if name := _find(parsed, names):
            return name
        self._manifest_path(parsed)  # raises if it is not found since a link leads out
        local = [str(name) for name in names]
        meant = existing_tag(text, local) or meant_model(text, local)
        raise ModelNotFound(text, meant, is_here=bool(meant and _find(ModelName.parse(meant), names)))

    def _spelling(self, name: ModelName) -> ModelName:
        """Return `name` in the case that the store already uses, for as many leading parts as are stored."""
        names = [*self.names()]
        if existing := _find(name, names):
            return existing
        for count in (3, 2, 1):
            for other in names:
                if other.folded[:count] == name.folded[:count]:
                    return ModelName(*other.parts[:count], *name.parts[count:])
        return name

    @contextmanager
    def _writing(self) -> Generator[None]:
        """Hold the lock that allows one writer at a time, across processes."""
        with store_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            with (self.root / ".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield


def _find(name: ModelName, names: Sequence[ModelName]) -> ModelName | None:
    """Return the one of the names that equals `name`, or differs from it only in case."""
    found = [existing for existing in names if existing.folded == name.folded]
    return name if name in found else next(iter(found), None)


@contextmanager
def _reading(name: ModelName) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"model '{name}' cannot be read: {error}", hint=_RIGHTS) from None


def _by_kind(base: Model | None) -> dict[str, list[Layer]]:
    """Group the layers of `base` by kind, each with a repository that may already have it."""
    layers: dict[str, list[Layer]] = {}
    if base is not None:
        repository = f"{base.name.namespace}/{base.name.model}"
        for layer in base.manifest.layers:
            layers.setdefault(layer.kind, []).append(replace(layer, mount_from=layer.mount_from or repository))
    return layers
