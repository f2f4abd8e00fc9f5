"""The store: Ollama's layout read and written, names in any capitals, shared blobs, one writer at a time."""

import fcntl
import hashlib
import json
import multiprocessing
import os
import threading
from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossia.errors import InvalidModelFile, InvalidRequest, ModelNotFound, StoreError
from ossia.store.manifest import Manifest
from ossia.store.model_config import human_count
from ossia.store.models import MissingBlobs, ModelStore
from ossia.store.name import ModelName
from ossia.types import Message
from tests.gguf_files import finish
from tests.waiting import PATIENCE

MXFP4 = gguf.GGMLQuantizationType.MXFP4


def write_gguf(path: Path, *, file_type: int | None = None, experts: bool = True, seed: int = 0) -> Path:
    """A tiny file: 64 x 64 values in F32 and 32 x 64 in MXFP4, 6,144 in all."""
    writer = gguf.GGUFWriter(path, "gpt-oss")
    if file_type is not None:
        writer.add_file_type(file_type)
    writer.add_tensor("output.weight", np.full((64, 64), seed, np.float32))
    if experts:
        writer.add_tensor("blk.0.ffn_up_exps.weight", np.zeros((32, 64 // 32 * 17), np.uint8), raw_dtype=MXFP4)
    finish(writer)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_gguf(tmp_path / "model.gguf")


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


def blobs(store: ModelStore) -> int:
    return len(list(store.blobs.root.iterdir()))


def put(store: ModelStore, path: str, *layers: tuple[str, bytes], config: bytes = b'{"model_format":"gguf"}') -> Path:
    """Write a model by hand, as Ollama does."""

    def entry(media_type: str, data: bytes) -> dict[str, object]:
        digest = hashlib.sha256(data).hexdigest()
        store.blobs.root.mkdir(parents=True, exist_ok=True)
        (store.blobs.root / f"sha256-{digest}").write_bytes(data)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data), "from": "/somewhere"}

    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": entry("application/vnd.docker.container.image.v1+json", config),
        "layers": [entry(f"application/vnd.ollama.image.{kind}", data) for kind, data in layers],
    }
    target = store.root / "manifests" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(manifest, indent=2))
    return target


def test_a_model_that_ollama_stored(store: ModelStore) -> None:
    manifest = put(
        store,
        "registry.ollama.ai/library/gpt-oss/20b",
        ("model", b"GGUF weights"),
        ("template", "{{ .Prompt }} ü".encode()),
        ("system", b"Be brief."),
        ("license", b"Apache"),
        ("license", b"and a policy"),
        ("params", b'{"temperature":1,"stop":["<|end|>"]}'),
        ("messages", b'[{"role":"user","content":"hi"},{"role":"assistant","content":"hello"}]'),
        config=b'{"model_format":"gguf","model_family":"gptoss","file_type":"MXFP4","model_type":"20.9B"}',
    )
    model = store.resolve("gpt-oss:20b")
    assert str(model.name) == "gpt-oss:20b"
    assert model.digest == hashlib.sha256(manifest.read_bytes()).hexdigest()
    assert model.size == sum(path.stat().st_size for path in store.blobs.root.iterdir())
    assert model.modified_at.timestamp() == pytest.approx(manifest.stat().st_mtime, abs=1e-3)
    assert model.path.read_bytes() == b"GGUF weights"
    assert model.config["model_family"] == "gptoss"
    assert model.parameters == {"temperature": 1, "stop": ["<|end|>"]}
    assert (model.template, model.system, model.licenses) == (
        "{{ .Prompt }} ü",
        "Be brief.",
        ("Apache", "and a policy"),
    )
    assert model.messages == (Message("user", "hi"), Message("assistant", "hello"))
    assert store.list() == [model]


def test_a_created_model_is_in_ollamas_form(store: ModelStore, file: Path) -> None:
    store.create("tiny", files=[file], parameters={"temperature": 0.5}, system="Be brief.")
    path = store.root / "manifests/registry.ollama.ai/library/tiny/latest"
    manifest = json.loads(path.read_bytes())
    assert manifest["schemaVersion"] == 2
    assert manifest["mediaType"] == "application/vnd.docker.distribution.manifest.v2+json"
    assert manifest["config"]["mediaType"] == "application/vnd.docker.container.image.v1+json"
    assert {layer["mediaType"] for layer in manifest["layers"]} == {
        "application/vnd.ollama.image.model",
        "application/vnd.ollama.image.params",
        "application/vnd.ollama.image.system",
    }
    for layer in (manifest["config"], *manifest["layers"]):
        data = (store.root / "blobs" / layer["digest"].replace(":", "-")).read_bytes()
        assert layer["digest"] == "sha256:" + hashlib.sha256(data).hexdigest()
        assert layer["size"] == len(data)
    config = json.loads(store.blobs.read(manifest["config"]["digest"]))
    assert config.pop("rootfs") == {"type": "layers", "diff_ids": [layer["digest"] for layer in manifest["layers"]]}
    assert config == {
        "model_format": "gguf",
        "model_family": "gpt-oss",
        "model_families": ["gpt-oss"],
        "model_type": "6K",
        "file_type": "MXFP4",
        "architecture": "amd64",
        "os": "linux",
    }
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("file_type", "expected"), [(None, "MXFP4"), (38, "MXFP4"), (7, "Q8_0"), (0, "F32"), (999, "MXFP4")]
)
def test_file_type(store: ModelStore, tmp_path: Path, file_type: int | None, expected: str) -> None:
    model = store.create("x", files=[write_gguf(tmp_path / "x.gguf", file_type=file_type)])
    assert model.config["file_type"] == expected


def test_file_type_without_experts(store: ModelStore, tmp_path: Path) -> None:
    model = store.create("x", files=[write_gguf(tmp_path / "x.gguf", experts=False)])
    assert model.config["file_type"] == "F32"


@pytest.mark.parametrize(
    ("number", "text"),
    [(20_914_757_184, "20.9B"), (134_515_008, "134.52M"), (2 * 10**9, "2B"), (35_000, "35K"), (7, "7")],
)
def test_human_count(number: int, text: str) -> None:
    assert human_count(number) == text


def test_a_model_from_a_model_shares_its_weights_and_merges_its_parameters(store: ModelStore, file: Path) -> None:
    base = store.create(
        "base",
        files=[file],
        parameters={"temperature": 1.0, "top_k": 3},
        system="Be brief.",
        template="T",
        licenses=["L"],
    )
    model = store.create(
        "mine", base=base, parameters={"top_k": 5}, system="", messages=[Message("user", "hi")], licenses=["M"]
    )
    assert model.path == base.path
    assert model.parameters == {"temperature": 1.0, "top_k": 5}
    assert (model.system, model.template, model.licenses) == ("", "T", ("M",))
    assert model.messages == (Message("user", "hi"),)
    assert model.config["model_family"] == "gpt-oss"
    assert store.resolve("base") == base


def test_layers_that_ossia_does_not_use_are_kept(store: ModelStore) -> None:
    put(store, "registry.ollama.ai/library/seeing/latest", ("model", b"weights"), ("projector", b"eyes"))
    model = store.create("mine", base=store.resolve("seeing"), system="Look.")
    assert [layer.kind for layer in model.manifest.layers] == ["model", "projector", "system"]


def test_neither_file_nor_base_is_an_error(store: ModelStore) -> None:
    with pytest.raises(InvalidRequest, match="neither 'from' or 'files' was specified"):
        store.create("x")


@pytest.mark.parametrize("content", [b"", b"GGUF", b"not a model at all"])
def test_what_is_no_gguf_does_not_get_in(store: ModelStore, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "junk"
    path.write_bytes(content)
    with pytest.raises(InvalidModelFile):
        store.create("x", files=[path])
    assert store.list() == []
    assert not store.blobs.root.exists()


def test_from_a_blob_of_the_store(store: ModelStore, file: Path) -> None:
    base = store.create("base", files=[file])
    model = store.create("again", files=[base.path])
    assert model.path == base.path
    assert base.path.exists()


@pytest.mark.parametrize("text", ["gpt-OSS:20B", "GPT-oss:20b", "registry.ollama.ai/Library/gpt-oss:20b"])
def test_capitals_do_not_matter_and_the_spelling_on_disk_wins(store: ModelStore, file: Path, text: str) -> None:
    store.create("gpt-oss:20b", files=[file])
    assert str(store.resolve(text).name) == "gpt-oss:20b"
    assert str(store.create(text, files=[file], system="New.").name) == "gpt-oss:20b"
    store.copy(text, "GPT-OSS:Mine")
    assert {str(model.name) for model in store.list()} == {"gpt-oss:20b", "gpt-oss:Mine"}
    store.delete(text)
    assert [str(model.name) for model in store.list()] == ["gpt-oss:Mine"]


def test_an_exact_name_wins_over_one_in_other_capitals(store: ModelStore) -> None:
    for name in ("Foo", "foo", "FOO"):
        put(store, f"registry.ollama.ai/library/{name}/latest", ("model", name.encode()))
    assert [store.resolve(name).path.read_bytes() for name in ("foo", "FOO", "Foo")] == [b"foo", b"FOO", b"Foo"]


def test_what_is_not_there(store: ModelStore, file: Path) -> None:
    assert store.list() == []
    for action in (store.resolve, store.delete, lambda name: store.copy(name, "other")):
        with pytest.raises(ModelNotFound, match="model 'gpt-oss' not found"):
            action("gpt-oss")
    for action in (store.resolve, store.delete, lambda name: store.create(name, files=[file])):
        with pytest.raises(InvalidRequest, match="invalid model name"):
            action("../../etc/passwd")
    assert not store.root.exists()


def test_deleting_drops_the_blobs_that_nobody_else_has(store: ModelStore, file: Path) -> None:
    base = store.create("base", files=[file])
    store.create("mine", base=base, system="Be brief.")
    assert blobs(store) == 4  # weights, two configs, system
    store.delete("base")
    assert blobs(store) == 3
    assert store.resolve("mine").path.exists()
    store.delete("mine")
    assert blobs(store) == 0
    assert not (store.root / "manifests").exists()


def test_replacing_drops_what_only_the_old_model_had(store: ModelStore, tmp_path: Path) -> None:
    for seed in range(3):
        store.create("x", files=[write_gguf(tmp_path / "x.gguf", seed=seed)])
        assert blobs(store) == 2
    store.create("y", files=[write_gguf(tmp_path / "y.gguf", seed=7)])
    store.copy("y", "x")
    assert blobs(store) == 2
    assert store.resolve("x").digest == store.resolve("y").digest


def test_the_newest_is_first(store: ModelStore, file: Path) -> None:
    for age, name in enumerate(("new", "old", "older")):
        store.create(name, files=[file])
        os.utime(store.root / "manifests/registry.ollama.ai/library" / name / "latest", (10**9 - age, 10**9 - age))
    assert [model.name.model for model in store.list()] == ["new", "old", "older"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"\xff\x00 junk"),
        lambda path: path.write_text('{"config": 1, "layers": []}'),
        lambda path: path.write_text("[" * 100_000),
        lambda path: put(ModelStore(path.parents[4]), "registry.ollama.ai/library/bad/latest", ("license", b"x")),
        lambda path: put(
            ModelStore(path.parents[4]), "registry.ollama.ai/library/bad/latest", ("model", b"x"), ("params", b"[]")
        ),
        lambda path: put(
            ModelStore(path.parents[4]), "registry.ollama.ai/library/bad/latest", ("model", b"x"), ("messages", b"[1]")
        ),
    ],
)
def test_a_broken_model_hides_no_other(
    store: ModelStore, file: Path, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], object]
) -> None:
    store.create("good", files=[file])
    bad = store.root / "manifests/registry.ollama.ai/library/bad/latest"
    bad.parent.mkdir()
    damage(bad)
    assert [model.name.model for model in store.list()] == ["good"]
    assert "skipping model bad:latest" in caplog.text
    with pytest.raises(InvalidModelFile, match="model 'bad:latest' cannot be read") as caught:
        store.resolve("bad")
    assert caught.value.hint == "`ossia rm bad:latest` removes it"
    store.delete("bad")
    assert store.resolve("good").path.exists()


def test_blobs_stay_while_a_manifest_that_may_name_them_cannot_be_read(
    store: ModelStore, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Ollama has forms of models that are not known here."""
    weights = store.create("x", files=[file]).path
    theirs = store.root / "manifests/registry.ollama.ai/library/y/latest"
    theirs.parent.mkdir()
    theirs.write_bytes(store.manifest("x")[1] + b" " * 2**18)
    store.delete("x")
    assert weights.exists()
    assert "not clearing up: the manifest of y:latest cannot be read" in caplog.text
    store.delete("y")
    store.create("x", files=[file])
    store.delete("x")
    assert not weights.exists()


@pytest.mark.parametrize("year", [-30_000, 10_000, 36_812])
def test_a_time_of_change_that_no_calendar_has(
    store: ModelStore, file: Path, monkeypatch: pytest.MonkeyPatch, year: int
) -> None:
    """A file system may have any, after the clock was wrong."""
    store.create("x", files=[file])
    really = Path.stat

    def stat(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        fields = list(really(path, follow_symlinks=follow_symlinks))
        return os.stat_result([*fields[:8], (year - 1970) * 31_557_600, 0])

    monkeypatch.setattr(Path, "stat", stat)
    assert [model.modified_at.year for model in store.list()] == [min(max(year, 1970), 9999)]


def test_stray_files_are_no_models(store: ModelStore, file: Path) -> None:
    store.create("x", files=[file])
    library = store.root / "manifests/registry.ollama.ai/library"
    (library / "x" / ".DS_Store").touch()
    (library / "x" / ".tmp-half").touch()
    (library / "y" / "folder").mkdir(parents=True)
    assert [str(model.name) for model in store.list()] == ["x:latest"]


def test_a_store_that_cannot_be_written(tmp_path: Path, file: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="cannot write to the model store"):
        ModelStore(tmp_path / "models").create("x", files=[file])


def test_a_base_that_was_deleted_meanwhile(store: ModelStore, file: Path) -> None:
    base = store.create("base", files=[file])
    store.delete("base")
    with pytest.raises(StoreError, match="a part of 'x:latest' was deleted while it was created"):
        store.create("x", base=base, system="Be brief.")
    assert store.list() == []


def test_a_writer_waits_for_the_other_and_a_reader_does_not(store: ModelStore, file: Path) -> None:
    store.create("x", files=[file])
    with (store.root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        writer = threading.Thread(target=store.delete, args=("x",))
        writer.start()
        writer.join(0.2)
        assert writer.is_alive()
        assert store.resolve("x").path.exists()
    writer.join(PATIENCE)
    assert store.list() == []


def create_many(root: Path, file: Path, worker: int) -> None:
    store = ModelStore(root)
    for turn in range(10):
        store.create(f"model-{worker}", files=[file], system=f"{worker} {turn}")
        store.create("shared", files=[file], system=f"{worker} {turn}")
    store.delete(f"model-{worker}")


def test_writers_in_several_processes_leave_one_whole_model(store: ModelStore, file: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=create_many, args=(store.root, file, worker)) for worker in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    (model,) = store.list()
    assert model.manifest.digests == {"sha256:" + path.name[7:] for path in store.blobs.root.iterdir()}


@given(
    st.binary()
    | st.recursive(
        st.none() | st.integers() | st.text(),
        lambda x: (
            st.lists(x) | st.dictionaries(st.sampled_from(["config", "layers", "digest", "size", "mediaType"]), x)
        ),
    ).map(lambda x: json.dumps(x).encode())
)
def test_junk_is_no_manifest(data: bytes) -> None:
    with pytest.raises(InvalidModelFile, match="not a manifest"):
        Manifest.from_json(data)


@pytest.mark.parametrize("digest", ["sha256:../../x", "sha256:" + "0" * 63, "md5:" + "0" * 64, "/etc/passwd"])
def test_a_manifest_cannot_name_a_path(digest: str) -> None:
    layer = {"mediaType": "x", "digest": digest, "size": 1}
    with pytest.raises(InvalidModelFile, match="invalid digest format"):
        Manifest.from_json(json.dumps({"config": layer, "layers": []}).encode())


# What another program fetched


def fetched(store: ModelStore, *layers: tuple[str, bytes]) -> bytes:
    """The manifest of a model whose blobs are here but which is not committed."""
    path = put(store, "registry.ollama.ai/library/elsewhere/latest", *layers)
    data = path.read_bytes()
    path.unlink()
    return data


def test_a_fetched_manifest_is_kept_byte_for_byte(store: ModelStore) -> None:
    data = fetched(store, ("model", b"weights"), ("vision", b"not known to us"))
    model = store.add(ModelName.parse("me/mine:7b"), data)
    assert model.digest == hashlib.sha256(data).hexdigest()
    assert store.manifest("ME/Mine:7B") == (model.name, data)


def test_a_model_is_not_committed_while_a_part_is_missing_or_cut_short(store: ModelStore) -> None:
    data = fetched(store, ("model", b"weights"), ("system", b"be brief"))
    manifest = Manifest.from_json(data)
    assert store.missing(manifest) == ()
    model, system = (store.blobs.path(layer.digest) for layer in manifest.layers)
    model.write_bytes(b"weigh")
    system.unlink()
    assert store.missing(manifest) == manifest.layers
    with pytest.raises(MissingBlobs):
        store.add(ModelName.parse("mine"), data)
    assert store.list() == []


def test_a_manifest_that_another_program_deletes_at_this_moment_keeps_no_blob(
    store: ModelStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = store.create("mine", files=[file]).manifest.digests
    monkeypatch.setattr(store, "names", lambda *_: [ModelName.parse("mine"), ModelName.parse("deleted")])
    assert store.used() == digests


def test_sweep_keeps_what_a_manifest_names(store: ModelStore, file: Path) -> None:
    store.create("mine", files=[file])
    stray = store.blobs.path(store.blobs.put_bytes(b"stray"))
    for path in store.blobs.root.iterdir():
        os.utime(path, (1, 1))
    store.sweep()
    assert not stray.exists()
    assert store.resolve("mine").path.exists()


def test_sweep_deletes_nothing_while_a_manifest_cannot_be_read(store: ModelStore) -> None:
    stray = store.blobs.path(store.blobs.put_bytes(b"its blob, perhaps"))
    os.utime(stray, (1, 1))
    put(store, "registry.ollama.ai/library/broken/latest").write_bytes(b"{")
    store.sweep()
    assert stray.exists()
