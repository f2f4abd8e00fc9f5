"""Inspection of a store: which models are whole, and what else takes space in it. Nothing is changed.

The weights themselves are not read, only the headers of their files: a bit that has changed in them is not noticed.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ossia.errors import InvalidModelFile, OssiaError
from ossia.split import open_model
from ossia.store.models import Model, ModelStore


@dataclass(frozen=True, slots=True)
class Files:
    """A number of files and the bytes that they take on the disk."""

    count: int
    bytes: int

    @classmethod
    def of(cls, paths: Iterable[Path]) -> "Files":
        sizes = [_size(path) for path in paths]
        return cls(len(sizes), sum(sizes))


@dataclass(frozen=True, slots=True)
class Problem:
    """A thing that is wrong with a model, and what to do about it."""

    text: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """State of a store. `broken` has what is wrong with models, by their names.

    `leftovers` are what a server removes when it starts; None if that is not known, since a manifest cannot be read.
    """

    models: tuple[Model, ...]
    broken: Mapping[str, Problem]
    leftovers: Files | None
    unfinished: Files


def inspect(store: ModelStore) -> Inspection:
    """Look at every model and every file of the store. Raises OSError for a folder that cannot be read."""
    models: list[Model] = []
    broken: dict[str, Problem] = {}
    for name in map(str, store.names()):
        match _examined(store, name):
            case Problem() as problem:
                broken[name] = problem
            case model:
                models.append(model)
    return Inspection(tuple(models), broken, _leftovers(store), Files.of(store.blobs.unfinished()))


def _examined(store: ModelStore, name: str) -> Model | Problem:
    try:
        store.manifest(name)
    except (OssiaError, OSError) as error:  # a link, or another user's: no command mends that
        hint = error.hint if isinstance(error, OssiaError) else None
        return Problem(str(error), hint or "let this user read it")
    try:
        return _whole(store, name)
    except (OssiaError, OSError) as error:
        text = str(error).removeprefix(f"model '{name}' cannot be read: ")
        return Problem(text, f"`ossia pull {name}` gets it again, `ossia rm {name}` removes it")


def _whole(store: ModelStore, name: str) -> Model:
    """Return a model that has all of its blobs. Raises OssiaError or OSError."""
    model = store.resolve(name)
    if missing := store.missing(model.manifest):
        raise InvalidModelFile(f"{len(missing)} of its files are missing or cut off")
    open_model(*model.files)
    return model


def _leftovers(store: ModelStore) -> Files | None:
    try:
        return Files.of(store.blobs.leftovers(store.used()))
    except (InvalidModelFile, OSError):
        return None


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.lstat().st_blocks * 512
    return 0
