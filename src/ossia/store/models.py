"""The model store: `manifests/` and `blobs/` in Ollama's own layout, so that each program finds what the other stored.

Knows what a model is made of and how it is created, copied and deleted; neither runs a model nor fetches one.
Writers hold a lock file; readers need none, since manifests appear and change by rename. The manifest is written last:
whatever is killed before that leaves blobs that nobody refers to, never half a model.
"""

import fcntl
import hashlib
import json
import logging
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from ossia.errors import InvalidModelFile, InvalidRequest, ModelNotFound, OssiaError, StoreError
from ossia.gguf import GGUF
from ossia.store.blobs import BlobStore, Progress, store_errors, write_atomically
from ossia.store.manifest import CONFIG, Kind, Layer, Manifest
from ossia.store.model_config import model_config
from ossia.store.name import ModelName
from ossia.types import Message

logger = logging.getLogger(__name__)


class MissingBlobs(StoreError):
    """Raised when a model cannot be committed because a part of it was deleted in the meantime."""

    def __init__(self, name: ModelName) -> None:
        super().__init__(f"a part of '{name}' was deleted while it was created", hint="try again")


@dataclass(frozen=True, slots=True)
class Model:
    """A stored model. `digest` is the manifest's sha256 in hex, `path` the GGUF file, `config` Ollama's config JSON."""

    name: ModelName
    digest: str
    size: int
    modified_at: datetime
    path: Path
    config: dict[str, Any]
    parameters: dict[str, Any]
    system: str
    template: str
    license: str
    messages: tuple[Message, ...]
    manifest: Manifest = field(repr=False)


class ModelStore:
    """The models in the folder `root` (usually `~/.ollama/models`), which need not exist yet."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.blobs = BlobStore(root / "blobs")

    def resolve(self, text: str) -> Model:
        """The model of that name, in any capitals. Raises InvalidRequest, ModelNotFound or InvalidModelFile."""
        return self._load(self._existing(text))

    def list(self) -> list[Model]:
        """Every model that can be read, newest first; the others are logged and left out."""
        models: list[Model] = []
        for name in self._names():
            try:
                models.append(self._load(name))
            except (OssiaError, OSError) as error:
                logger.warning("skipping model %s: %s", name, error)
        return sorted(models, key=lambda model: model.modified_at, reverse=True)

    def create(
        self,
        name: str,
        *,
        gguf: Path | None = None,
        base: Model | None = None,
        parameters: Mapping[str, Any] | None = None,
        system: str | None = None,
        template: str | None = None,
        license: str | None = None,
        messages: Iterable[Message] | None = None,
        move: bool = False,
        progress: Progress | None = None,
    ) -> Model:
        """Make or replace a model from a GGUF file or from a stored model, and return it.

        What is not given comes from `base`; parameters are merged over those of `base`; an empty text takes that of
        `base` away. With `move` the file itself goes into the store, from the same file system. Raises InvalidModelFile
        for a file that is not a GGUF.
        """
        parsed = ModelName.parse(name)
        config = {} if base is None else base.config
        layers = {} if base is None else _by_kind(base.manifest)
        if gguf is not None:
            config = model_config(GGUF.open(gguf))
            layers["model"] = [self._layer("model", self.blobs.put_file(gguf, move=move, progress=progress))]
        elif base is None:
            raise InvalidRequest("neither 'from' or 'files' was specified")
        if parameters is not None and base is not None:
            parameters = {**base.parameters, **parameters}
        with self._writing():
            for kind, data in _contents(parameters, system, template, license, messages):
                layers[kind] = [self._layer(kind, self.blobs.put_bytes(data))] if data else []
            return self._write(self._spelling(parsed), config, [layer for group in layers.values() for layer in group])

    def missing(self, manifest: Manifest) -> tuple[Layer, ...]:
        """The manifest's blobs that are not here, or not whole; each once."""
        layers = {layer.digest: layer for layer in (*manifest.layers, manifest.config)}
        return tuple(layer for layer in layers.values() if not self.blobs.has(layer.digest, layer.size))

    def add(self, name: ModelName, data: bytes) -> Model:
        """Commit a model whose blobs are here. The manifest is kept byte for byte: its hash is the model's digest.

        Raises InvalidModelFile, or MissingBlobs when another program deleted a blob in the meantime.
        """
        with self._writing():
            return self._commit(self._spelling(name), data)

    def manifest(self, text: str) -> tuple[ModelName, bytes]:
        """A stored model's name and manifest, byte for byte. Raises InvalidRequest or ModelNotFound."""
        name = self._existing(text)
        return name, self._manifest_path(name).read_bytes()

    def copy(self, source: str, destination: str) -> None:
        """Give a model a second name. Raises InvalidRequest, ModelNotFound or InvalidModelFile."""
        self.resolve(source)
        self.add(ModelName.parse(destination), self.manifest(source)[1])

    def delete(self, text: str) -> None:
        """Remove a model and the blobs that no other model has. Raises InvalidRequest or ModelNotFound."""
        name = self._existing(text)
        with self._writing():
            digests = self._digests(name)
            path = self._manifest_path(name)
            path.unlink(missing_ok=True)
            self._remove_empty_folders(path)
            self._remove_unreferenced(digests)

    def sweep(self) -> None:
        """Delete what killed programs left behind: blobs that no manifest names, downloads that nobody goes on with.

        While one manifest cannot be read nothing is deleted, since nobody knows which blobs are its own.
        """
        with self._writing():
            used: set[str] = set()
            for name in self._names():
                try:
                    used |= Manifest.from_json(self._manifest_path(name).read_bytes()).digests
                except InvalidModelFile as error:
                    logger.warning("not clearing up: the manifest of %s cannot be read: %s", name, error.message)
                    return
            self.blobs.sweep(used)

    def _load(self, name: ModelName) -> Model:
        try:
            path = self._manifest_path(name)
            data, modified = path.read_bytes(), path.stat().st_mtime
            manifest = Manifest.from_json(data)
            weights = manifest.of_kind("model")
            if not weights or not self.blobs.has(weights[0].digest):
                raise InvalidModelFile("its GGUF file is missing")
            return Model(
                name=name,
                digest=hashlib.sha256(data).hexdigest(),
                size=manifest.size,
                modified_at=datetime.fromtimestamp(modified, UTC),
                path=self.blobs.path(weights[0].digest),
                config=_object(self.blobs.read(manifest.config.digest)),
                parameters=_object(self._text(manifest, "params") or "{}"),
                system=self._text(manifest, "system"),
                template=self._text(manifest, "template"),
                license=self._text(manifest, "license"),
                messages=_messages(self._text(manifest, "messages") or "[]"),
                manifest=manifest,
            )
        except InvalidModelFile as error:
            hint = f"`ossia rm {name}` removes it"
            raise InvalidModelFile(f"model '{name}' cannot be read: {error.message}", hint) from None

    def _text(self, manifest: Manifest, kind: Kind) -> str:
        texts = (self.blobs.read(layer.digest) for layer in manifest.of_kind(kind))
        return "\n".join(text.decode(errors="replace") for text in texts)

    def _layer(self, kind: Kind, digest: str) -> Layer:
        return Layer.of(kind, digest, self.blobs.path(digest).stat().st_size)

    def _write(self, name: ModelName, config: Mapping[str, Any], layers: Sequence[Layer]) -> Model:
        rootfs = {"type": "layers", "diff_ids": [layer.digest for layer in layers]}
        data = _json({**config, "rootfs": rootfs})
        manifest = Manifest(Layer(CONFIG, self.blobs.put_bytes(data), len(data)), tuple(layers))
        return self._commit(name, manifest.to_json())

    def _commit(self, name: ModelName, data: bytes) -> Model:
        """Write the manifest and drop what only the model it replaces had. The lock must be held."""
        if self.missing(Manifest.from_json(data)):
            raise MissingBlobs(name)
        replaced = self._digests(name)
        write_atomically(self._manifest_path(name), data)
        self._remove_unreferenced(replaced)
        return self._load(name)

    def _remove_empty_folders(self, path: Path) -> None:
        with suppress(OSError):  # the first folder that is not empty ends it
            for folder in path.relative_to(self.root).parents:
                (self.root / folder).rmdir()

    def _remove_unreferenced(self, digests: Set[str]) -> None:
        used = set[str]().union(*(self._digests(name) for name in self._names()))
        for digest in digests - used:
            self.blobs.delete(digest)

    def _digests(self, name: ModelName) -> Set[str]:
        """The blobs of a model; none for a manifest that is not there or cannot be read."""
        try:
            return Manifest.from_json(self._manifest_path(name).read_bytes()).digests
        except (FileNotFoundError, InvalidModelFile):
            return frozenset()

    def _manifest_path(self, name: ModelName) -> Path:
        return self.root.joinpath("manifests", *name.parts)

    def _names(self) -> Iterator[ModelName]:
        folder = self.root / "manifests"
        for path in sorted(folder.glob("*/*/*/*")):
            with suppress(InvalidRequest):  # .DS_Store and the like
                name = ModelName(*path.relative_to(folder).parts)
                if path.is_file():
                    yield name

    def _existing(self, text: str) -> ModelName:
        name = self._find(ModelName.parse(text))
        if name is None:
            raise ModelNotFound(text)
        return name

    def _find(self, name: ModelName) -> ModelName | None:
        """The stored name that equals `name`, or differs from it in capitals only."""
        found = [existing for existing in self._names() if existing.folded == name.folded]
        return name if name in found else next(iter(found), None)

    def _spelling(self, name: ModelName) -> ModelName:
        """How to write `name`: as many parts as there are, from the host on, in the capitals that are in use."""
        if existing := self._find(name):
            return existing
        for count in (3, 2, 1):
            for other in self._names():
                if other.folded[:count] == name.folded[:count]:
                    return ModelName(*other.parts[:count], *name.parts[count:])
        return name

    @contextmanager
    def _writing(self) -> Generator[None]:
        """One writer at a time, over all processes."""
        with store_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            with (self.root / ".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield


def _by_kind(manifest: Manifest) -> dict[str, list[Layer]]:
    layers: dict[str, list[Layer]] = {}
    for layer in manifest.layers:
        layers.setdefault(layer.kind, []).append(layer)
    return layers


def _contents(
    parameters: Mapping[str, Any] | None,
    system: str | None,
    template: str | None,
    license: str | None,
    messages: Iterable[Message] | None,
) -> Iterator[tuple[Kind, bytes]]:
    """The blobs of what is given (is not None); an empty one means that there shall be none."""
    texts: list[tuple[Kind, str | None]] = [("template", template), ("system", system), ("license", license)]
    for kind, text in texts:
        if text is not None:
            yield kind, text.encode()
    if parameters is not None:
        yield "params", _json(parameters) if parameters else b""
    if messages is not None:
        turns = [{"role": message.role, "content": message.content} for message in messages]
        yield "messages", _json(turns) if turns else b""


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _parsed(text: str | bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidModelFile(f"a part that should be JSON is not: {error}") from None


def _object(text: str | bytes) -> dict[str, Any]:
    value = _parsed(text)
    if not isinstance(value, dict):
        raise InvalidModelFile("a part that should be a JSON object is not")
    return cast(dict[str, Any], value)


def _messages(text: str) -> tuple[Message, ...]:
    items = _parsed(text)
    if not isinstance(items, list):
        raise InvalidModelFile("its messages are not a list")
    return tuple(_message(item) for item in cast(list[object], items))


def _message(item: object) -> Message:
    fields = cast(dict[str, object], item) if isinstance(item, dict) else {}
    role, content = fields.get("role"), fields.get("content")
    if role not in ("system", "user", "assistant") or not isinstance(content, str):
        raise InvalidModelFile("one of its messages is not a role with a text")
    return Message(role, content)
