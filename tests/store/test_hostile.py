"""Files and names made to do harm: each kind of hole that Ollama had has its test here, named by its CVE.

Nothing may be read, written or deleted outside the store, nothing may hang, and nothing may take memory because a
file says so. What else GGUF files can lie about stands in test_gguf.py.
"""

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ossia.errors import InvalidModelFile, InvalidRequest, ModelNotFound
from ossia.gguf import GGUF
from ossia.safetensors import open_file, open_shards
from ossia.store.manifest import Manifest
from ossia.store.modelfile import parse
from ossia.store.models import ModelStore
from tests.memory import takes_at_most
from tests.unit.test_gguf import ARRAY, DATA, STRING, UINT32, header, string, tensor, u32, u64, value

MAGIC = b"GGUF"
ARCHITECTURE = value("general.architecture", STRING, string("gpt-oss"))


def aligned(tables: bytes) -> bytes:
    return tables + bytes(-len(tables) % 32)


GOOD = aligned(header(1, 1) + ARCHITECTURE + tensor()) + DATA


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """A store with one model, beside a file that is nobody's business."""
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "good.gguf").write_bytes(GOOD)
    store = ModelStore(tmp_path / "store")
    store.create("good", files=[tmp_path / "good.gguf"], system="Be brief.")
    return store


def plant(store: ModelStore, name: str, data: bytes) -> Path:
    """Write a manifest past all checks."""
    path = store.root / "manifests/registry.ollama.ai/library" / name / "latest"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    before = tree(folder)
    yield
    assert tree(folder) == before


# CVE-2024-37032: a digest that is a path.

DIGESTS = [
    *("", "sha256:", "sha256-", "../../secret", "sha256:../../../secret", "sha256-../../secret", "/etc/passwd"),
    *(f"sha256:{'0' * 63}", f"sha256:{'0' * 65}", f"sha256:{'g' * 64}", f"sha256:{'0' * 64}/../../../secret"),
    *(f"sha256:{'0' * 64}\n", f"sha256:{'0' * 64}\0", f"md5:{'0' * 64}", f"SHA256:{'0' * 64}", f" sha256:{'0' * 64}"),
    *(f"sha256:{'٠' * 64}", f"sha256/{'0' * 64}", "sha256:" + "../" * 21 + "0"),
]


def manifest(config: object, *layers: object) -> bytes:
    return json.dumps({"schemaVersion": 2, "config": config, "layers": layers}).encode()


def layer(digest: object, kind: str = "model", size: object = 6) -> dict[str, object]:
    return {"mediaType": f"application/vnd.ollama.image.{kind}", "digest": digest, "size": size}


@pytest.mark.parametrize("digest", DIGESTS)
def test_cve_2024_37032_a_digest_is_no_path(store: ModelStore, tmp_path: Path, digest: str) -> None:
    model = store.resolve("good").manifest
    for data in (
        manifest(layer(digest), layer(model.config.digest)),
        manifest(model.config.to_dict(), layer(digest)),
        manifest(model.config.to_dict(), model.layers[0].to_dict(), layer(digest, "system")),
        manifest(model.config.to_dict(), model.layers[0].to_dict(), layer(digest, "unknown")),
    ):
        plant(store, "evil", data)
        with pytest.raises(InvalidModelFile, match="invalid digest format"):
            store.resolve("evil")
        assert [str(found.name) for found in store.list()] == ["good:latest"]
        store.delete("evil")
    for use in (store.blobs.path, store.blobs.has, store.blobs.read, store.blobs.delete):
        with pytest.raises(InvalidModelFile, match="invalid digest format"):
            use(digest)
    assert (tmp_path / "secret").read_text() == "secret"
    assert store.resolve("good").system == "Be brief."


# CVE-2024-39720 and others: GGUF files.

ROOM = 1 << 26  # for all tables


def refused(store: ModelStore, path: Path, text: str) -> None:
    """A model cannot be made of that file, and the store is as before."""

    def refused() -> None:
        with unchanged(store.root), pytest.raises(InvalidModelFile, match=text):
            store.create("evil", files=[path])

    takes_at_most(1 << 20, refused)
    with pytest.raises(ModelNotFound):
        store.resolve("evil")


@pytest.mark.parametrize("content", [b"", b"G", MAGIC, MAGIC + u32(3), MAGIC + u32(3) + u64(1), header(1, 1)])
def test_cve_2024_39720_a_file_of_few_bytes(store: ModelStore, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "evil").write_bytes(content)
    refused(store, tmp_path / "evil", "evil: ")


NO_FILE = "is not a file|file is empty|directory|No such device"


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "path", ["/dev/zero", "/dev/random", "/dev/null", "/dev/tty", "/proc/self/environ", "/proc", "/"]
)
def test_cve_2024_39721_a_device_as_a_model(store: ModelStore, tmp_path: Path, path: str) -> None:
    assert parse(f"FROM {path}").sources == (path,)
    refused(store, Path(path), NO_FILE)
    (tmp_path / "link").symlink_to(path)
    refused(store, tmp_path / "link", NO_FILE)


@pytest.mark.timeout(60)
def test_cve_2024_39721_a_pipe_or_a_socket_as_a_model(store: ModelStore, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    refused(store, tmp_path / "pipe", "is not a file")
    with pytest.raises(InvalidModelFile, match="is not a file"):
        store.blobs.put_file(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        refused(store, tmp_path / "socket", NO_FILE)


HUGE = 2**63
ALIGNMENT = "general.alignment"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (header(1, 1) + ARCHITECTURE + tensor(dims=(32, 0)) + DATA, "dimensions"),
        (header(1, 1) + ARCHITECTURE + tensor(dims=(0,)) + DATA, "dimensions"),
        (header(1, 1) + ARCHITECTURE + tensor(dims=()) + DATA, "0 dimensions"),
        (header(1, 1) + ARCHITECTURE + tensor(dims=(0,), kind=39) + DATA, "dimensions"),
        (header(1, 2) + ARCHITECTURE + value(ALIGNMENT, UINT32, u32(0)) + tensor() + DATA, "not a power of two"),
    ],
)
def test_cve_2024_8063_and_2025_0317_division_by_zero(
    store: ModelStore, tmp_path: Path, content: bytes, text: str
) -> None:
    (tmp_path / "evil").write_bytes(content)
    refused(store, tmp_path / "evil", text)


@pytest.mark.parametrize(
    "entry",
    [
        *(tensor(dims=dims) for dims in ((4096,), (2**62,), (2**32, 2**32), (HUGE, 2), (2**63 - 1, 2**63 - 1, 4, 4))),
        *(tensor(offset=offset) for offset in (1024, 2**31, HUGE, 2**64 - 32)),
        *(tensor(dims=(2**60,), kind=39), tensor(dims=(32, 32), kind=1, offset=512)),
    ],
)
def test_cve_2024_12055_and_2026_7482_tensors_beyond_the_end(store: ModelStore, tmp_path: Path, entry: bytes) -> None:
    (tmp_path / "evil").write_bytes(aligned(header(1, 1) + ARCHITECTURE + entry) + DATA)
    refused(store, tmp_path / "evil", "ends at byte [0-9]+, but the file at")


@pytest.mark.parametrize("length", [len(DATA), 2**31, HUGE, 2**64 - 1])
@pytest.mark.parametrize(
    "before",
    [
        header(0, 2) + ARCHITECTURE,  # a key
        header(0, 2) + ARCHITECTURE + string("a") + u32(STRING),
        header(0, 2) + ARCHITECTURE + string("a") + u32(ARRAY) + u32(STRING),
        header(0, 2) + ARCHITECTURE + string("a") + u32(ARRAY) + u32(UINT32),
        header(0, 2) + ARCHITECTURE + string("a") + u32(ARRAY) + u32(STRING) + u64(1),
        header(1, 1) + ARCHITECTURE,  # a tensor's name
        MAGIC + u32(3),  # the number of tensors
        MAGIC + u32(3) + u64(0),
    ],
)
def test_cve_2025_0315_a_length_that_is_a_lie(store: ModelStore, tmp_path: Path, before: bytes, length: int) -> None:
    """Also ollama#17042."""
    (tmp_path / "evil").write_bytes(before + u64(length) + DATA[:-1])
    refused(store, tmp_path / "evil", "evil: ")


@pytest.mark.parametrize(
    ("tables", "text"),
    [
        (MAGIC + u32(3) + u64(0) + u64(1 << 20), "1048576 metadata values are more than any model has"),
        (MAGIC + u32(3) + u64(1 << 20) + u64(0), "1048576 tensors are more than any model has"),
        (MAGIC + u32(3) + u64(1 << 28) + u64(0), "268435456 tensors do not fit"),
        (header(0, 1) + string("a") + u32(ARRAY) + u32(UINT32) + u64(1 << 30), "1073741824 numbers"),
        (header(0, 1) + string("a") + u32(ARRAY) + u32(STRING) + u64(1 << 28), "268435456 strings"),
        (header(0, 1) + string("a") + u32(ARRAY) + u32(STRING) + u64(1) + u64(1 << 32), "larger than any model's"),
        (header(0, 2) + value("a", ARRAY, u32(0) + u64(ROOM - 60)), "larger than any model's"),
    ],
)
def test_cve_2025_0315_lengths_that_a_large_file_has_room_for(
    store: ModelStore, tmp_path: Path, tables: bytes, text: str
) -> None:
    """Honest numbers, in a file of 8 GiB that takes one page on disk."""
    (tmp_path / "evil").write_bytes(tables)
    os.truncate(tmp_path / "evil", 8 << 30)
    refused(store, tmp_path / "evil", text)


# CVE-2024-39722: a name that is a path.

NAMES = [
    *("..", ".", "../secret", "../../secret", "a/../../secret", "/etc/passwd", "/secret", "a//b", "a/b/c/d", "./x"),
    *("x:..", "x:../../secret", "..:x", ".x", "x:.x", "a/.b/c", "../x:y", "x\\..\\y", "..\\x", "C:\\x", "x\0", "x:\0"),
    *("x\n", "%2e%2e/x", "x:%2e%2e", "~/x", "~", "$HOME", "x|y", "x;y", "", "a" * 300, "http://../x", "x/y:z/../q"),
]


@pytest.mark.parametrize("name", NAMES)
def test_cve_2024_39722_a_name_is_no_path(store: ModelStore, tmp_path: Path, name: str) -> None:
    good = store.resolve("good")
    uses: list[Callable[[], object]] = [
        lambda: store.resolve(name),
        lambda: store.manifest(name),
        lambda: store.delete(name),
        lambda: store.copy(name, "copy"),
        lambda: store.copy("good", name),
        lambda: store.create(name, base=good),
        lambda: store.create(name, files=[tmp_path / "good.gguf"]),
    ]
    with unchanged(tmp_path):
        for use in uses:
            with pytest.raises(InvalidRequest, match=r"^invalid model name$"):
                use()


# CVE-2025-1975: manifests and other parts that are not what they should be.

BAD_SIZES: list[object] = [-1, 1 << 63, 10**4000, 0.5, 1e300, True, None, "6", [6], {}]
SOME_LAYER = layer(f"sha256:{'0' * 64}")
BAD_MANIFESTS = {
    "empty": b"",
    "null": b"null",
    "list": b"[]",
    "object": b"{}",
    "number": b"1",
    "text": b'"layers"',
    "NUL": b"\0",
    "cut off": manifest(SOME_LAYER, SOME_LAYER)[:-1],
    "two": manifest(SOME_LAYER) * 2,
    "bytes": b"\xff\xfe\xfd",
    "no config": b'{"layers":[]}',
    "no layers": json.dumps({"config": SOME_LAYER}).encode(),
    "null config": manifest(None, SOME_LAYER),
    "null layer": manifest(SOME_LAYER, None),
    "a list for a layer": manifest(SOME_LAYER, []),
    "a text for a layer": manifest(SOME_LAYER, "digest"),
    "no digest": manifest(SOME_LAYER, {"mediaType": "x", "size": 1}),
    "digest 1": manifest(SOME_LAYER, layer(1)),
    **{f"size {size!r:.9}": manifest(SOME_LAYER, layer(SOME_LAYER["digest"], size=size)) for size in BAD_SIZES},
    **{
        f"size {text}": manifest(SOME_LAYER).replace(b"6", text.encode())
        for text in ("NaN", "Infinity", "-0.0", "1e999")
    },
    "more digits than Python reads": manifest(SOME_LAYER).replace(b"6", b"9" * 5000),
    **{f"layers {text}": manifest(SOME_LAYER).replace(b"[]", text) for text in (b"null", b"1", b'"abc"', b'{"a":1}')},
    "deep lists": b"[" * 100_000,
    "deep layers": b'{"config":{},"layers":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"config":' * 100_000,
    "large": manifest(SOME_LAYER, *[SOME_LAYER] * 40_000),
}


@pytest.mark.parametrize("data", BAD_MANIFESTS.values(), ids=BAD_MANIFESTS)
def test_cve_2025_1975_what_is_no_manifest(store: ModelStore, data: bytes) -> None:
    with pytest.raises(InvalidModelFile, match=r"^not a manifest: ") as caught:
        Manifest.from_json(data)
    assert len(caught.value.message) < 200
    path = plant(store, "evil", data)
    with pytest.raises(InvalidModelFile, match=r"^model 'evil:latest' cannot be read: not a manifest"):
        store.resolve("evil")
    assert [str(found.name) for found in store.list()] == ["good:latest"]
    store.delete("evil")
    assert not path.exists()


def test_cve_2025_1975_a_manifest_without_layers(store: ModelStore) -> None:
    plant(store, "evil", manifest(store.resolve("good").manifest.config.to_dict()))
    with pytest.raises(InvalidModelFile, match="its GGUF file is missing"):
        store.resolve("evil")


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.sampled_from(DIGESTS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["config", "layers", "mediaType", "digest", "size", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)
LAYERS = st.builds(
    layer, st.sampled_from([*DIGESTS[:4], "sha256:" + "a" * 64]) | JSONS, st.text(max_size=5), st.integers(0, 9) | JSONS
)


@given(st.binary() | st.builds(manifest, LAYERS, LAYERS | JSONS) | JSONS.map(lambda value: json.dumps(value).encode()))
@example(manifest(layer("sha256:" + "a" * 64), layer("sha256-" + "A" * 64)))
def test_any_bytes_are_a_manifest_or_an_invalid_model_file(data: bytes) -> None:
    with suppress(InvalidModelFile):
        read = Manifest.from_json(data)
        assert Manifest.from_json(read.to_json()) == read
        assert all(len(digest) == 71 for digest in read.digests)


BAD_PARTS = [
    b"",
    b"\0",
    b"1",
    b'"x"',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"[null]",
    b'[{"role":"tool","content":""}]',
    b"\xff",
]


@pytest.mark.parametrize("part", BAD_PARTS)
@pytest.mark.parametrize("kind", ["config", "params", "messages"])
def test_cve_2025_1975_parts_that_are_not_what_they_should_be(store: ModelStore, kind: str, part: bytes) -> None:
    good = store.resolve("good").manifest
    if kind != "config" and not part:
        return  # an empty part is none
    blob = layer(store.blobs.put_bytes(part), kind, len(part))
    config = blob if kind == "config" else good.config.to_dict()
    plant(store, "evil", manifest(config, good.layers[0].to_dict(), blob))
    with pytest.raises(InvalidModelFile, match=r"^model 'evil:latest' cannot be read: "):
        store.resolve("evil")
    assert [str(found.name) for found in store.list()] == ["good:latest"]


# Links that lead out of the store.


def test_a_blob_that_is_a_link_is_deleted_and_not_what_it_leads_to(store: ModelStore, tmp_path: Path) -> None:
    target = tmp_path / "good.gguf"
    weights = store.resolve("good").path
    weights.unlink()
    weights.symlink_to(target)
    assert store.resolve("good").path == weights  # a large blob may be kept on another disk
    store.delete("good")
    assert not weights.is_symlink()
    assert target.read_bytes() == GOOD


def test_a_blob_is_never_written_through_a_link(store: ModelStore, tmp_path: Path) -> None:
    target = tmp_path / "target"
    blob = store.blobs.path(store.blobs.put_bytes(b"new"))
    blob.unlink()
    blob.symlink_to(target)
    store.blobs.put_bytes(b"new")
    assert not target.exists()
    assert blob.read_bytes() == b"new"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/null")])
def test_a_blob_that_is_no_file_is_not_read(store: ModelStore, make: Callable[[Path], None]) -> None:
    (system,) = store.resolve("good").manifest.of_kind("system")
    path = store.blobs.path(system.digest)
    path.unlink()
    make(path)
    with pytest.raises(InvalidModelFile, match="is missing"):
        store.resolve("good")


@pytest.mark.parametrize("link", ["h", "h/n", "h/n/m"])
def test_a_folder_of_manifests_that_leads_out_is_not_followed(store: ModelStore, tmp_path: Path, link: str) -> None:
    good = store.resolve("good")
    folder = tmp_path / "outside"
    manifest_file = folder / Path("h/n/m/latest").relative_to(link)
    manifest_file.parent.mkdir(parents=True)
    manifest_file.write_bytes(store.manifest("good")[1])
    (store.root / "manifests" / link).parent.mkdir(parents=True, exist_ok=True)
    (store.root / "manifests" / link).symlink_to(folder)
    uses: list[Callable[[str], object]] = [
        *(store.resolve, store.delete, store.manifest, lambda name: store.create(name, base=good)),
        lambda name: store.copy("good", name),
    ]
    with unchanged(folder):
        for use in uses:
            with pytest.raises(InvalidModelFile, match="leads out of the model store"):
                use("h/n/m")
        assert [str(found.name) for found in store.list()] == ["good:latest"]
        store.sweep()
    assert store.resolve("good").system == "Be brief."


def test_a_manifest_that_leads_out_is_not_read(store: ModelStore, tmp_path: Path) -> None:
    link = plant(store, "evil", b"")
    link.unlink()
    link.symlink_to(tmp_path / "secret")
    for use in (store.resolve, store.manifest, store.delete):
        with pytest.raises(InvalidModelFile, match="leads out of the model store"):
            use("evil")
    assert (tmp_path / "secret").read_text() == "secret"
    assert [str(found.name) for found in store.list()] == ["good:latest"]


def test_clearing_up_follows_no_links(store: ModelStore, tmp_path: Path) -> None:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "file").write_text("x")
    for name, target in (("a", folder), ("b", folder / "file"), ("c", tmp_path / "nothing")):
        link = store.blobs.root / f"sha256-{name * 64}"
        link.symlink_to(target)
        os.utime(link, (1, 1), follow_symlinks=False)
    os.utime(folder, (1, 1))
    os.utime(folder / "file", (1, 1))
    with unchanged(folder):
        store.sweep()
    assert not [path for path in store.blobs.root.iterdir() if path.is_symlink()]
    assert store.resolve("good").system == "Be brief."


# An index of safetensors that names files elsewhere.


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "..", ".", "", "a/b", "a/../b", "./a", "x\0", "a/"])
def test_an_index_names_files_beside_it_only(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(u64(2) + b"{}")
    folder = tmp_path / "model"
    (folder / "a").mkdir(parents=True)
    index: dict[str, Any] = {"weight_map": {"t": name}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(InvalidModelFile):
        open_shards(folder)


def shard(path: Path, shape: list[int]) -> Path:
    header = json.dumps({"t": {"dtype": "F32", "shape": shape, "data_offsets": [0, 4]}}).encode()
    path.write_bytes(u64(len(header)) + header + bytes(4))
    return path


@pytest.mark.timeout(60)
@pytest.mark.parametrize("shape", [[1] * 65, [1] * 10_000, [10**4000] * 3000, [2**63], [0], [-1, -1]])
def test_a_shape_that_no_tensor_has(tmp_path: Path, shape: list[int]) -> None:
    assert open_file(shard(tmp_path / "good", [1, 1])).keys() == {"t"}
    with pytest.raises(InvalidModelFile, match="the entry of tensor 't' cannot be read"):
        open_file(shard(tmp_path / "evil", shape))


@pytest.mark.timeout(60)
def test_a_pipe_as_a_part_of_a_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "model.safetensors")
    with pytest.raises(InvalidModelFile, match="it is not a file"):
        open_shards(tmp_path)
    os.mkfifo(tmp_path / "model.safetensors.index.json")
    with pytest.raises(InvalidModelFile, match="it is not a file"):
        open_shards(tmp_path)


def test_the_good_file_is_good(store: ModelStore) -> None:
    """Else all of the above would be refused for some other reason."""
    assert GGUF.open(store.resolve("good").path).tensors.keys() == {"t"}
