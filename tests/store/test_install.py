"""Installing a model: `tiny` is built here, everything else is pulled."""

from pathlib import Path
from typing import Any, cast

import pytest

from ossia.errors import StoreError
from ossia.store.identity import Identity
from ossia.store.install import install
from ossia.store.models import ModelStore
from ossia.store.name import ModelName
from ossia.store.progress import Progress
from tests.store.test_models import write_gguf

NOBODY = cast(Identity, None)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Stands for the builder of `tiny`, which takes minutes and a network; lists what was asked of it."""
    asked: list[str] = []

    def build(destination: Path, experts: str, progress: Any) -> None:
        asked.append(experts)
        progress("converting to gpt-oss", 1, 2)
        write_gguf(destination)

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
    assert model.parameters == {"temperature": 0.2, "top_p": 0.9}
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
    known = store.create("gpt-oss:20b", gguf=write_gguf(tmp_path / "x.gguf"))
    told: list[Progress] = []
    assert install(ModelName.parse("gpt-oSS:20b"), store, NOBODY, told.append) == known
    assert (told, pulls) == ([Progress("success")], [])
    install(ModelName.parse("gpt-oss:20b"), store, NOBODY, told.append)
    install(ModelName.parse("gpt-oSS:120b"), store, NOBODY, told.append)
    assert pulls == [("gpt-oss:20b", False), ("gpt-oss:120b", False)]
