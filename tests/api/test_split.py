"""Models in several GGUF files: made of any part, shown, copied, pushed, pulled and removed like others."""

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import gguf
import numpy as np
import pytest

from ossia.cli.arguments import main
from ossia.config import EngineOptions
from ossia.engine import loading
from ossia.engine.gpt_oss.reference import forward
from ossia.engine.gpt_oss.weights import load
from ossia.engine.wire import Load, ToParent
from ossia.errors import InvalidModelFile, RegistryError
from ossia.gguf import GGUF
from ossia.split import open_model
from ossia.store.hub import HubFile, choose_parts
from ossia.store.identity import Identity
from ossia.store.models import ModelStore
from ossia.store.name import ModelName
from ossia.store.progress import ignore
from ossia.store.pull import pull
from ossia.store.push import push
from tests.api.conftest import HARMONY, Api
from tests.model.tiny_gpt_oss import Model, random_model, write_gguf
from tests.registry.server import Registry

PARTS = 3


@pytest.fixture(scope="module")
def random() -> Model:
    return random_model(num_hidden_layers=1)


@pytest.fixture(scope="module")
def whole(random: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gguf(random, tmp_path_factory.mktemp("whole") / "model.gguf", special=HARMONY)


@pytest.fixture(scope="module")
def parts(random: Model, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_parts(random, tmp_path_factory.mktemp("parts"))


def write_parts(model: Model, folder: Path, name: str = "model") -> list[Path]:
    """The model as the gguf package splits it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gguf, "GGUFWriter", partial(gguf.GGUFWriter, split_max_tensors=9))
        write_gguf(model, folder / f"{name}.gguf", special=HARMONY)
    parts = sorted(folder.glob(f"{name}-*.gguf"))
    assert [part.name for part in parts] == [f"{name}-{n:05}-of-{PARTS:05}.gguf" for n in range(1, PARTS + 1)]
    return parts


@pytest.fixture
def cli(api: Api, monkeypatch: pytest.MonkeyPatch) -> Api:
    monkeypatch.setenv("OLLAMA_HOST", api.url)
    return api


def digest_of(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


@pytest.mark.parametrize("source", ["the first part", "the last part", "their folder", "a Modelfile"])
def test_a_model_is_made_of_all_parts(
    source: str, cli: Api, store: ModelStore, parts: list[Path], whole: Path, tmp_path: Path
) -> None:
    file = {"the first part": parts[0], "the last part": parts[-1], "their folder": parts[0].parent}.get(source)
    if file is None:
        file = tmp_path / "Modelfile"
        file.write_text(f"FROM {parts[1]}\nSYSTEM Be brief.\n")
    assert main(["create", "mine", "-f", str(file)]) == 0
    model = store.resolve("mine")
    assert [layer.digest for layer in model.manifest.of_kind("model")] == list(map(digest_of, parts))
    expected = forward(load(whole), [1, 2, 3])
    np.testing.assert_array_equal(forward(load(open_model(*model.files)), [1, 2, 3]), expected)
    assert model.config["model_type"] == store.create("whole", files=[whole]).config["model_type"]


def test_it_is_shown_copied_made_again_quantised_and_removed(
    cli: Api, store: ModelStore, parts: list[Path], whole: Path, tmp_path: Path
) -> None:
    before = set(store.blobs.root.iterdir())
    assert main(["create", "mine", "-f", str(parts[1])]) == 0
    shown = cli.request("POST", "/api/show", {"model": "mine"}).json
    assert {tensor["name"] for tensor in shown["tensors"]} == set(GGUF.open(whole).tensors)
    (tmp_path / "Modelfile").write_text(shown["modelfile"])
    assert main(["create", "again", "-f", str(tmp_path / "Modelfile")]) == 0
    assert main(["cp", "mine", "other"]) == 0
    mine, again, other = (store.resolve(name) for name in ("mine", "again", "other"))
    assert mine.files == again.files == other.files
    assert mine.size == sum(layer.size for layer in mine.manifest.layers) + mine.manifest.config.size
    assert main(["create", "small", "-f", str(parts[0]), "-q", "q8_0"]) == 0
    small = store.resolve("small")
    assert len(small.files) == 1
    assert not [key for key in GGUF.open(small.path).metadata if key.startswith("split.")]
    for name in ("mine", "again", "small"):
        assert main(["rm", name]) == 0
    assert all(path.exists() for path in other.files)
    assert main(["rm", "other"]) == 0
    store.sweep()
    assert set(store.blobs.root.iterdir()) == before


def test_files_may_be_named_in_any_order(api: Api, store: ModelStore, parts: list[Path]) -> None:
    for names in ([part.name for part in parts], ["a.gguf", "b.gguf", "c.gguf"]):
        files = {name: send(api, part) for name, part in zip(names, parts, strict=True)}
        answer = api.post("/api/create", model="mine", files=dict(reversed(files.items())))
        assert answer.lines[-1] == {"status": "success"}
        assert [layer.digest for layer in store.resolve("mine").manifest.of_kind("model")] == list(files.values())


def send(api: Api, path: Path) -> str:
    digest = digest_of(path)
    assert api.request("POST", f"/api/blobs/{digest}", path.read_bytes()).status in (200, 201)
    return digest


@pytest.mark.parametrize(
    ("choose", "text"),
    [
        (lambda here, other: {p.name: p for p in here[:2]}, "model-00003-of-00003.gguf is not there"),
        (lambda here, other: {"a.gguf": here[0]}, "of the model's 3 parts 2, 3 missing"),
        (lambda here, other: {"a.gguf": here[0], "b.gguf": here[2]}, "of the model's 3 parts 2 missing"),
        (lambda here, other: {p.name: p for p in (*here, *other)}, "are parts of different models"),
        (lambda here, other: {"a.gguf": here[0], "b.gguf": other[0], "c.gguf": here[2]}, "parts 2 missing"),
        (lambda here, other: {f"{i}.gguf": p for i, p in enumerate((*here, other[0]))}, "has 3 parts, but 4 are given"),
        (lambda here, other: {"a.gguf": other[-1], "b.gguf": other[-2]}, "are not the parts of one model"),
    ],
)
def test_parts_that_are_no_whole_are_named(
    choose: Callable[[list[Path], list[Path]], dict[str, Path]],
    text: str,
    api: Api,
    store: ModelStore,
    parts: list[Path],
    random: Model,
    tmp_path: Path,
) -> None:
    wider = random_model(num_hidden_layers=1, vocab_size=600)
    other = [*write_parts(wider, tmp_path, "other"), write_gguf(random, tmp_path / "whole.gguf")]
    files = {name: send(api, path) for name, path in choose(parts, other).items()}
    answer = api.post("/api/create", model="mine", files=files)
    assert text in answer.json["error"]
    assert "hint" in answer.json
    assert len(store.list()) == 1


def test_parts_whose_tensors_are_no_model(parts: list[Path], tmp_path: Path) -> None:
    total, wrong = len(open_model(*parts).tensors), tmp_path / "wrong"
    wrong.write_bytes(parts[0].read_bytes().replace(split_total(total), split_total(total + 1), 1))
    with pytest.raises(InvalidModelFile, match=f"parts have {total} tensors, but should have {total + 1}"):
        open_model(wrong, *parts[1:])
    with pytest.raises(InvalidModelFile, match="two parts have the tensor"):
        GGUF.open(parts[0]).join(GGUF.open(parts[0]))


def split_total(count: int) -> bytes:
    return b"split.tensors.count" + (5).to_bytes(4, "little") + count.to_bytes(4, "little")


def test_a_part_that_is_missing_on_the_disk(
    cli: Api, parts: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for part in parts[:2]:
        (folder / part.name).write_bytes(part.read_bytes())
    for source in (folder / parts[0].name, folder):
        assert main(["create", "mine", "-f", str(source)]) == 1
        assert "model-00003-of-00003.gguf is not there" in capsys.readouterr().err


def test_the_model_is_loaded_of_all_parts(parts: list[Path]) -> None:
    sent: list[ToParent] = []
    options = EngineOptions(device="cpu", threads=1, kv_cache_bytes=1 << 22)
    core, _ = loading.load(Load([*map(str, parts)], options, None), sent.append)
    assert core.capacity.memory.host > sum(part.stat().st_size for part in parts) / 2


def test_registries_have_a_blob_for_each_part(
    registry: Registry, store: ModelStore, parts: list[Path], tmp_path: Path
) -> None:
    name = ModelName.parse(f"{registry.host}/library/split")
    identity = Identity.load(tmp_path / "identity")
    pushed = store.create(str(name), files=parts)
    push(name, store, identity, ignore, insecure=True)
    pulled = pull(name, ModelStore(tmp_path / "second"), identity, ignore, insecure=True)
    assert pulled.digest == pushed.digest
    assert [path.read_bytes() for path in pulled.files] == [part.read_bytes() for part in parts]


# ---- Hugging Face


@pytest.fixture
def hub(parts: list[Path]) -> Iterator[str]:
    """A Hub that lists its files on two pages, and whose registry refuses split models."""
    files = {f"Q4_K_M/{part.name}": part.read_bytes() for part in parts}
    listing = [
        {"type": "file", "path": path, "size": 1, "lfs": {"oid": hashlib.sha256(data).hexdigest(), "size": len(data)}}
        for path, data in files.items()
    ]
    pages = [[{"type": "file", "path": "README.md", "size": 3}, *listing[:2]], listing[2:]]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            if "/manifests/" in path:
                return self.answer(400, b'{"error":"The specified tag is a sharded GGUF. Ollama does not support it"}')
            if path == "/api/models/me/big-GGUF/tree/main":
                last = "cursor" in query
                link = {} if last else {"Link": f'<http://{self.headers["Host"]}{path}?cursor=2>; rel="next"'}
                return self.answer(200, json.dumps(pages[last]).encode(), link)
            data = files.get(path.removeprefix("/me/big-GGUF/resolve/main/"))
            asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers["Range"] or "")
            if data is None or asked is None:
                return self.answer(404, b"")
            first, last = int(asked[1]), int(asked[2])
            self.answer(206, data[first : last + 1], {"Content-Range": f"bytes {first}-{last}/{len(data)}"})

        def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("tag", ["", ":q4_k_m", ":model"])
def test_split_models_are_pulled_from_hugging_face(
    tag: str, hub: str, store: ModelStore, parts: list[Path], tmp_path: Path
) -> None:
    said: list[str] = []
    name, identity = ModelName.parse(f"{hub}/me/big-GGUF{tag}"), Identity.load(tmp_path / "identity")
    model = pull(name, store, identity, lambda progress: said.append(progress.status), insecure=True)
    assert [path.read_bytes() for path in model.files] == [part.read_bytes() for part in parts]
    assert said[-1] == "success"
    assert f"pulling {digest_of(parts[2])[7:19]}" in said
    assert store.resolve(str(name)) == model


def test_hugging_face_without_what_is_asked_for(hub: str, store: ModelStore, tmp_path: Path) -> None:
    identity = Identity.load(tmp_path / "identity")
    with pytest.raises(InvalidModelFile, match="no split model 'Q8_0'") as caught:
        pull(ModelName.parse(f"{hub}/me/big-GGUF:Q8_0"), store, identity, ignore, insecure=True)
    assert caught.value.hint == "there are: Q4_K_M/model"
    with pytest.raises(RegistryError, match="404"):
        pull(ModelName.parse(f"{hub}/me/none"), store, identity, ignore, insecure=True)


def test_tags_mean_types_names_or_folders() -> None:
    names = ["a-Q8_0", "UD-Q4_K_XL/a-UD-Q4_K_XL", "a.mxfp4", "BF16/a"]
    files = [HubFile(f"{name}-0000{n}-of-00002.gguf", "", 0) for name in names for n in (2, 1)]
    found = {tag: choose_parts(files, tag)[0].path for tag in ("q8_0", "Q4_K_XL", "MXFP4", "bf16", "a-Q8_0", "latest")}
    assert found["Q4_K_XL"].startswith("UD-Q4_K_XL/")
    assert found["bf16"] == "BF16/a-00001-of-00002.gguf"
    assert found["q8_0"] == found["a-Q8_0"] == found["latest"] == "a-Q8_0-00001-of-00002.gguf"
    assert found["MXFP4"] == "a.mxfp4-00001-of-00002.gguf"
    with pytest.raises(InvalidModelFile, match=r"a-Q8_0: of 2 parts number 1 is not there"):
        choose_parts(files[:1], "latest")


@pytest.mark.parametrize("name", ["a-00001-of-00000.gguf", "a-00000-of-00000.gguf", "a-00003-of-00002.gguf"])
def test_a_part_is_one_of_their_number(name: str) -> None:
    with pytest.raises(InvalidModelFile, match="there is no split model"):
        choose_parts([HubFile(name, "", 0)], "latest")
