"""A create that fails: what was made for it goes at once, and nothing that anybody else may count on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ossia.errors import InvalidModelFile
from ossia.store.models import ModelStore
from ossia.store.progress import Progress
from tests.api.conftest import write_gguf


class Left(Exception):
    """Raised by a report of a client that has left."""


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_gguf(tmp_path / "model.gguf")


def leave_at(words: str) -> Callable[[Progress], None]:
    def report(progress: Progress) -> None:
        if words in progress.status:
            raise Left

    return report


def blobs(store: ModelStore) -> set[str]:
    return {path.name for path in store.blobs.root.iterdir()}


@pytest.mark.parametrize("words", ["creating new layer", "writing manifest"])
def test_a_client_that_leaves_leaves_nothing(store: ModelStore, file: Path, words: str) -> None:
    with pytest.raises(Left):
        store.create("mine", files=[file], system="Be brief.", report=leave_at(words))
    assert blobs(store) == set()


def test_a_model_that_could_not_be_read_back_leaves_nothing(store: ModelStore, file: Path) -> None:
    with pytest.raises(InvalidModelFile):
        store.create("mine", files=[file], parameters={"stop": ["x" * (1 << 18)]})
    assert blobs(store) == set()


def test_what_others_use_stays(store: ModelStore, file: Path, tmp_path: Path) -> None:
    """A model, a client that may try again, and whoever has written a blob before, such as Ollama."""
    store.create("other", files=[file], system="Be brief.")
    sent = store.blobs.put_file(write_gguf(tmp_path / "sent.gguf", tokens=("b",)))
    store.uploads.add(sent)
    store.blobs.put_bytes(b"A stranger's")
    before = blobs(store)
    for weights in (file, store.blobs.path(sent)):
        with pytest.raises(Left):
            store.create(
                "mine",
                files=[weights],
                system="Be brief.",
                template="A stranger's",
                report=leave_at("writing manifest"),
            )
    assert blobs(store) >= before


def test_what_another_create_uses_stays(store: ModelStore, file: Path) -> None:
    """Both make the same weights; the second one fails while the first is about to commit."""

    def meanwhile(progress: Progress) -> None:
        if progress.status.startswith("creating new layer"):
            with pytest.raises(Left):
                store.create("second", files=[file], report=leave_at("creating new layer"))

    assert store.create("first", files=[file], report=meanwhile).path.exists()


def test_nothing_goes_while_a_manifest_cannot_be_read(store: ModelStore, file: Path) -> None:
    manifest = store.root / "manifests" / "registry.ollama.ai" / "library" / "broken" / "latest"
    manifest.parent.mkdir(parents=True)
    manifest.write_bytes(b"{")
    with pytest.raises(Left):
        store.create("mine", files=[file], report=leave_at("writing manifest"))
    assert len(blobs(store)) == 1
