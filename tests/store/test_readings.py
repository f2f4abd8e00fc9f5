"""A model that was read is kept for as long as none of its files changes, whoever changes them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ossia.errors import InvalidModelFile, ModelNotFound
from ossia.store.models import Model, ModelStore
from ossia.store.readings import Readings
from tests.store.test_models import write_gguf


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    """A store with the model x, whose files are taken for old ones."""
    monkeypatch.setattr("ossia.store.file_state._SETTLED_NANOSECONDS", -(10**18))
    store = ModelStore(tmp_path / "models")
    store.create("x", files=[write_gguf(tmp_path / "model.gguf")], system="first")
    return store


def other(store: ModelStore) -> ModelStore:
    """The same folder, as another program sees it."""
    return ModelStore(store.root)


def test_a_model_is_read_once(store: ModelStore) -> None:
    assert store.resolve("x") is store.resolve("x:latest") is store.list()[0]


def test_a_model_in_other_capitals_is_that_of_the_exact_name_if_there_is_one(store: ModelStore) -> None:
    assert store.resolve("X") is store.resolve("x")
    file = Path(store.root / "manifests/registry.ollama.ai/library/x/latest")
    (file.parents[1] / "X").mkdir()
    file.with_name("latest").rename(file.parents[1] / "X" / "latest")
    assert store.resolve("X").name.model == store.resolve("x").name.model == "X"


@pytest.mark.parametrize(
    "change",
    [
        lambda store: other(store).create("x", base=store.resolve("x"), system="other"),
        lambda store: other(store).copy("y", "x"),
    ],
    ids=["created", "copied"],
)
def test_a_change_by_another_program_shows(store: ModelStore, change: Callable[[ModelStore], object]) -> None:
    store.create("y", base=store.resolve("x"), system="other")
    assert store.resolve("x").system == "first"
    change(store)
    assert store.resolve("x").system == "other"


def test_a_model_that_another_program_deletes_is_gone(store: ModelStore) -> None:
    store.resolve("x")
    other(store).delete("x")
    with pytest.raises(ModelNotFound):
        store.resolve("x")


@pytest.mark.parametrize("part", [lambda model: model.path, lambda model: model.path.parent])
def test_a_model_whose_weights_vanish_cannot_be_used(store: ModelStore, part: Callable[[Model], Path]) -> None:
    lost = part(store.resolve("x"))
    os.rename(lost, lost.with_name("lost"))
    with pytest.raises(InvalidModelFile):
        store.resolve("x")


def test_a_text_that_is_written_over_shows(store: ModelStore) -> None:
    model = store.resolve("x")
    (layer,) = model.manifest.of_kind("system")
    store.blobs.path(layer.digest).write_bytes(b"late")  # another size, since the clock of files may be slow
    assert store.resolve("x").system == "late"


def test_a_file_that_has_just_changed_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ossia.store.file_state._SETTLED_NANOSECONDS", 10**18)  # however slow the machine is
    store = ModelStore(tmp_path / "models")
    store.create("x", files=[write_gguf(tmp_path / "model.gguf")])
    assert store.resolve("x") is not store.resolve("x")


def test_a_manifest_that_is_replaced_while_it_is_read_is_not_taken_for_the_old_one(store: ModelStore) -> None:
    readings, model = Readings(), store.resolve("x")
    manifest = store.root / "manifests/registry.ollama.ai/library/x/latest"
    readings.keep(manifest, None, model, [])
    assert readings.find(manifest) is None
