"""Readings: models as they were read, for as long as none of their files changes.

To read a model takes a dozen files and folders and 0.2 ms, and each request asks for one. Other programs may change the
store at any time, so the state of the files is looked at each time.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from ossia.cache import ByteStore
from ossia.store.file_state import FileState, state_of

if TYPE_CHECKING:
    from ossia.store.models import Model

_LIMIT: Final = 32 << 20
_TIMES: Final = 24
"""Bytes of memory that a byte of JSON takes; lists in lists take twice as many."""

Files = dict[Path, FileState | None]


class Readings:
    """The latest models that were read, by the paths of their manifests. May be used in any thread."""

    def __init__(self) -> None:
        self._known: ByteStore[tuple[Path, FileState | None], tuple[Model, Files]] = ByteStore(_LIMIT, _size)

    def find(self, manifest: Path) -> "Model | None":
        """Return the model that was read from a manifest; None if there is none, or one of its files has changed."""
        known = self._known.get((manifest, state_of(manifest)))
        if known is None:
            return None
        model, blobs = known
        return model if all(state_of(path) == state for path, state in blobs.items()) else None

    def keep(self, manifest: Path, state: FileState | None, model: "Model", blobs: list[Path]) -> None:
        """Keep a model, unless one of its files has just changed. `state` is the manifest's before it was read."""
        files: Files = {path: state_of(path) for path in blobs}
        if state == state_of(manifest) and all(each and each.is_settled for each in (state, *files.values())):
            self._known.put((manifest, state), (model, files))


def _size(key: tuple[Path, FileState | None], reading: "tuple[Model, Files]") -> int:
    _, manifest = key
    model, files = reading
    small = sum(state.size for path, state in files.items() if state and path not in model.loads)
    small += manifest.size if manifest else 0
    return _TIMES * (small + model.manifest.text_bytes)  # texts in both, but one that is listed twice counts twice
