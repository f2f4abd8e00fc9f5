"""A store of which something can be read or written only by others, or by nobody since the disk fails."""

import errno
import os
from pathlib import Path

import pytest

from ossia.errors import InvalidModelFile, ModelNotFound, StoreError
from ossia.store.models import ModelStore
from tests.gguf_files import write_one_tensor


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    store = ModelStore(tmp_path / "models")
    file = write_one_tensor(tmp_path / "model.gguf")
    store.create("mine", files=[file])
    store.create("theirs", files=[file], system="Be brief.")
    return store


def refuse(monkeypatch: pytest.MonkeyPatch, module: object, name: str, part: str, code: int = errno.EACCES) -> None:
    """Let a function fail for paths with `part`: tests may run as a user who may read everything."""
    whole = getattr(module, name)

    def refusing(path: object, *more: object) -> object:
        if part in str(path):
            raise OSError(code, os.strerror(code), str(path))
        return whole(path, *more)

    monkeypatch.setattr(module, name, refusing)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.ESTALE])
def test_blobs_stay_while_a_folder_with_manifests_cannot_be_read(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    """Models in such a folder were unknown, and the weights that one of them shared were deleted."""
    weights = store.resolve("theirs").path
    refuse(monkeypatch, os, "listdir", "theirs", code)
    assert [model.name.model for model in store.list()] == ["mine"]
    assert f"skipping models: [Errno {code}]" in caplog.text
    with pytest.raises(ModelNotFound):
        store.resolve("theirs")
    with pytest.raises(InvalidModelFile, match="manifests cannot be read"):
        store.used()
    store.delete("mine")
    assert weights.exists()


@pytest.mark.parametrize(("function", "part"), [("open", "manifests"), ("read_bytes", "blobs")])
def test_a_model_that_cannot_be_read_says_so(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch, function: str, part: str
) -> None:
    refuse(monkeypatch, *((os, "open") if function == "open" else (Path, "read_bytes")), part)
    with pytest.raises(StoreError, match=r"model 'mine:latest' cannot be read: .*Permission denied") as caught:
        store.resolve("mine")
    assert caught.value.hint == "whoever runs the server must be able to read all files in OLLAMA_MODELS"
    assert store.list() == []


def test_whether_a_blob_is_here_is_asked_of_a_store_that_cannot_be_written(store: ModelStore) -> None:
    digest = store.resolve("mine").manifest.of_kind("model")[0].digest
    store.uploads.add(digest)
    (store.root / ".lock").unlink()
    (store.root / ".lock").mkdir()
    assert store.uploads.has(digest)
    with pytest.raises(StoreError, match="cannot write to the model store"):
        store.uploads.add(digest)


def test_a_link_to_all_files_of_the_machine_is_not_followed(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Each list of models walked through them, and logged each."""
    (store.root / "manifests" / "all").symlink_to("/")
    refuse(monkeypatch, os, "listdir", "manifests/all")
    assert len(store.list()) == 2
    assert [record.getMessage() for record in caplog.records if "leads out" in record.getMessage()] == caplog.messages
    assert len(caplog.messages) == 1
    with pytest.raises(InvalidModelFile, match="leads out of the model store"):
        store.used()
