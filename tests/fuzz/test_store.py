"""Manifests, the texts of a model, and Modelfiles that are not what they should be."""

import json
import logging
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossia.errors import InvalidModelFile, ModelNotFound, NotSupported
from ossia.store import modelfile
from ossia.store.manifest import Manifest
from ossia.store.models import MissingBlobs, ModelStore
from ossia.types import Message
from tests.api.conftest import write_gguf
from tests.fuzz.mutation import as_json, bounded, changed_json, changed_text, fuzz

PARTS = {
    "params": {"temperature": 0.5, "stop": ["a", "b"], "num_ctx": 4096},
    "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}],
}
CONFIG = {
    **{"model_format": "gguf", "model_family": "gptoss", "model_families": ["gptoss"], "model_type": "20.9B"},
    **{"file_type": "MXFP4", "architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": ["a"]}},
}


def written(root: Path) -> ModelStore:
    """A store with one model, which has every part that a model can have."""
    store = ModelStore(root)
    store.create(
        "good",
        files=[write_gguf(root.parent / "good.gguf")],
        parameters=PARTS["params"],
        system="Be brief.",
        template="{{ messages }}",
        licenses=["MIT", "Apache"],
        messages=[Message("user", "Hi"), Message("assistant", "Ho")],
    )
    return store


def planted(store: ModelStore, manifest: bytes) -> None:
    """Write a manifest past all checks."""
    path = store.root / "manifests/registry.ollama.ai/library/bad/latest"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(manifest)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    return written(tmp_path_factory.mktemp("fuzz") / "models")


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, "ossia.store.models")  # it warns of each model that cannot be read


@cache
def manifest() -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        return json.loads(written(Path(folder) / "models").manifest("good")[1])


DIGESTS = ["sha256:../../../etc/passwd", "sha256-" + "0" * 64, "SHA256:" + "A" * 64, "sha256:" + "0" * 64]


@given(document=st.deferred(lambda: changed_json(manifest(), DIGESTS)))
@fuzz(60)
def test_a_manifest_that_lies(document: Any, store: ModelStore) -> None:
    data = as_json(document)
    bounded(lambda: Manifest.from_json(data).check_sums(), InvalidModelFile)
    planted(store, data)
    bounded(lambda: store.resolve("bad"), InvalidModelFile)
    bounded(lambda: store.list()[0])
    bounded(lambda: store.copy("bad", "other"), InvalidModelFile, MissingBlobs)
    bounded(lambda: store.delete("bad"), ModelNotFound)
    assert store.resolve("good").system == "Be brief."


@pytest.mark.parametrize("kind", ["config", "params", "messages"])
@given(data=st.data())
@fuzz(40)
def test_a_part_that_is_not_what_it_should_be(kind: str, data: st.DataObject, store: ModelStore) -> None:
    part = as_json(data.draw(changed_json({"config": CONFIG, **PARTS}[kind])))
    changed = json.loads(store.manifest("good")[1])
    layer = {"digest": store.blobs.put_bytes(part), "size": len(part)}
    if kind == "config":
        changed["config"] |= layer
    else:
        next(each for each in changed["layers"] if each["mediaType"].endswith(f".{kind}")).update(layer)
    planted(store, as_json(changed))

    def used() -> None:
        model = store.resolve("bad")
        json.dumps([model.config, model.parameters]).encode()
        assert {message.role for message in model.messages} <= {"system", "user", "assistant"}

    bounded(used, InvalidModelFile)


PIECES = [
    *(
        "FROM",
        " ",
        "tiny",
        "\n",
        "PARAMETER",
        " ",
        "temperature",
        " ",
        "0.5",
        "\n",
        "PARAMETER stop ",
        '"',
        "a b",
        '"',
        "\n",
    ),
    *("TEMPLATE ", '"""', "{{ .System }}\n{{ .Prompt }}", '"""', "\n", "SYSTEM ", '"""', "Be\nbrief.", '"""', "\n"),
    *("MESSAGE", " ", "user", " ", "Hi", "\n", "MESSAGE assistant ", "Ho", "\n", "LICENSE ", '"', "MIT", '"', "\n"),
    *("# a comment", "\n", "REQUIRES ", "0.14.0", "\n", "ADAPTER ./a", "\r\n"),
]
MORE = [
    '"""',
    '"',
    "'",
    "\r",
    "\x0b",
    "\u2028",
    "FROM ",
    "from\t",
    "nan",
    "1e999",
    "9" * 400,
    "PARAMETER num_ctx ",
    "\ufeff",
]


@given(text=changed_text(PIECES, MORE))
@fuzz(200)
def test_a_modelfile(text: str) -> None:
    def parsed() -> None:
        file = modelfile.parse(text)
        shown = str(file)
        if '"""' not in repr(file):  # which no Modelfile can say
            assert modelfile.parse(shown) == file

    bounded(parsed, InvalidModelFile, NotSupported)


@given(
    data=st.binary(max_size=200) | changed_text(PIECES, MORE).map(lambda text: text.encode("utf-16", "surrogatepass"))
)
@fuzz(100)
def test_the_bytes_of_a_modelfile(data: bytes) -> None:
    bounded(lambda: modelfile.parse(modelfile.decode(data)), InvalidModelFile, NotSupported)
