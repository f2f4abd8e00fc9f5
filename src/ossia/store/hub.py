"""Hugging Face's Hub as a place of files: split models, of which its registry has no manifests.

The registry answers for one with an error. But the Hub lists a repository's files with their hashes, so that they are
blobs like any others, which are read by their paths. Only the choice of files is made here.

https://huggingface.co/docs/hub/api
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from ossia.errors import InvalidModelFile
from ossia.json_values import as_list, as_object
from ossia.split import PartName
from ossia.store.blobs import normalize_digest
from ossia.store.name import DEFAULT_TAG

_PREFERRED: Final = "Q4_K_M"
"""The type that the registry takes when no tag is given, if the repository has it."""


class HubFile(NamedTuple):
    """A file of a repository; `digest` is `sha256:<64 hex>`."""

    path: str
    digest: str
    size: int

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]


def read_files(entries: object) -> list[HubFile]:
    """Read the large files of a listing, which is not trusted: what is none is left out."""
    found: list[HubFile] = []
    for entry in as_list(entries):
        fields = as_object(entry)
        path, lfs = fields.get("path"), as_object(fields.get("lfs"))
        oid, size = lfs.get("oid"), lfs.get("size")
        is_hash = isinstance(oid, str) and re.fullmatch(r"[0-9a-f]{64}", oid)
        if isinstance(path, str) and path.isprintable() and is_hash and type(size) is int and 0 <= size < 1 << 63:
            found.append(HubFile(path, normalize_digest(f"sha256:{oid}"), size))
    return found


def choose_parts(files: Iterable[HubFile], tag: str) -> list[HubFile]:
    """Return all parts of the split model that a tag means, in order: its type, or the name of its files or folder.

    Without a tag it is Q4_K_M, or the first that there is. Raises InvalidModelFile if a part is missing or none fits.
    """
    models: dict[str, dict[int, HubFile]] = {}
    totals: dict[str, int] = {}
    for file in files:
        if part := PartName.parse(file.name):
            model = f"{file.folder}/{part.stem}"
            models.setdefault(model, {})[part.number] = file
            totals[model] = part.total
    chosen = _chosen(sorted(models), tag)
    parts = models[chosen]
    if missing := [number for number in range(1, totals[chosen] + 1) if number not in parts]:
        raise InvalidModelFile(f"{chosen.strip('/')}: of {totals[chosen]} parts number {missing[0]} is not there")
    return [parts[number] for number in range(1, totals[chosen] + 1)]


def _chosen(models: list[str], tag: str) -> str:
    wanted = re.compile(rf"(^|.*[-._/]){re.escape(_PREFERRED if tag == DEFAULT_TAG else tag)}", re.IGNORECASE)
    for model in models:
        folder, _, stem = model.rpartition("/")
        if wanted.fullmatch(stem) or wanted.fullmatch(folder):
            return model
    if tag == DEFAULT_TAG and models:
        return models[0]
    known = ", ".join(model.strip("/") for model in models[:9]) or "none"
    raise InvalidModelFile(f"there is no split model {tag!r}", hint=f"there are: {known}")
