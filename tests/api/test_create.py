"""Making models: /api/create and /api/blobs under Ollama's client and under `ossia create`."""

import hashlib
import json
import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import ollama
import pytest

from ossia.cli.arguments import main
from ossia.config import Settings
from ossia.engine.gpt_oss.reference import forward
from ossia.engine.gpt_oss.weights import load
from ossia.gguf import GGUF
from ossia.server.app import create_app
from ossia.server.pool import EnginePool
from ossia.store.models import ModelStore
from tests.api.conftest import NAME, Api, write_gguf
from tests.conftest import Serve
from tests.doubles.scripted_engine import ScriptedEngine
from tests.model.tiny_gpt_oss import Model as RandomModel
from tests.model.tiny_gpt_oss import random_model, write_folder, write_original_folder, write_vocabulary
from tests.model.tiny_gpt_oss import write_gguf as write_gguf_of
from tests.waiting import PATIENCE, wait_until

Captured = pytest.CaptureFixture[str]


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_gguf(tmp_path / "other.gguf", tokens=("a", "b"))


@pytest.fixture
def cli(api: Api, monkeypatch: pytest.MonkeyPatch) -> Api:
    """The command line's server."""
    monkeypatch.setenv("OLLAMA_HOST", api.url)
    return api


def statuses(answer: Any) -> list[str]:
    return [line["status"] for line in answer.lines]


# /api/blobs


def test_a_blob_is_sent_once(api: Api, store: ModelStore, ollama_client: ollama.Client, file: Path) -> None:
    digest = digest_of(file.read_bytes())
    assert api.request("HEAD", f"/api/blobs/{digest}").status == 404
    assert ollama_client.create_blob(file) == digest
    assert api.request("HEAD", f"/api/blobs/{digest}").status == 200
    assert store.blobs.path(digest).read_bytes() == file.read_bytes()
    assert api.request("POST", f"/api/blobs/{digest}", file.read_bytes()).status == 200


def test_a_large_blob_comes_in_pieces(api: Api, store: ModelStore) -> None:
    data = bytes(range(256)) * 40_000
    assert api.request("POST", f"/api/blobs/{digest_of(data)}", data).status == 201
    assert store.blobs.path(digest_of(data)).read_bytes() == data


def test_a_blob_that_is_another_is_refused(api: Api, store: ModelStore) -> None:
    want, got = digest_of(b"a"), digest_of(b"b")
    before = sorted(store.blobs.root.iterdir())
    answer = api.request("POST", f"/api/blobs/{want}", b"b")
    assert (answer.status, answer.json["error"]) == (400, f'digest mismatch, expected "{want}", got "{got}"')
    assert sorted(store.blobs.root.iterdir()) == before


def test_a_blob_cut_short_leaves_nothing(api: Api, store: ModelStore) -> None:
    before = sorted(store.blobs.root.iterdir())
    connection = api.connect()
    connection.putrequest("POST", f"/api/blobs/{digest_of(b'abc')}")
    connection.putheader("Content-Length", "3")
    connection.endheaders(b"ab")
    wait_until(lambda: sorted(store.blobs.root.iterdir()) != before)
    connection.close()
    wait_until(lambda: sorted(store.blobs.root.iterdir()) == before)


@pytest.mark.parametrize("digest", ["sha256:12", "sha256:..%2F..%2Fetc%2Fpasswd", "md5:" + "0" * 64])
@pytest.mark.parametrize("method", ["HEAD", "POST"])
def test_a_digest_that_is_none(api: Api, digest: str, method: str) -> None:
    assert api.request(method, f"/api/blobs/{digest}", b"x").status in (400, 404)


# /api/create


def aged(path: Path) -> Path:
    """Make a file one that was last changed long ago."""
    os.utime(path, (1, 1))
    return path


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads expire at once when they are old enough, instead of once an hour."""
    monkeypatch.setattr("ossia.server.protocols.ollama.blobs._EXPIRY_SECONDS", 0.02)


@pytest.mark.usefixtures("often")
def test_an_upload_of_no_model_expires(serve: Serve, store: ModelStore, file: Path) -> None:
    api, data = api_of(serve, store), file.read_bytes()
    used, unused, others = digest_of(data), digest_of(b"unused"), store.blobs.put_bytes(b"Ollama's")
    assert api.request("POST", f"/api/blobs/{used}", data).status == 201
    assert api.request("POST", f"/api/blobs/{unused}", b"unused").status == 201
    body = {"model": "mine", "files": {"m.gguf": used}, "stream": False}
    assert api.request("POST", "/api/create", body).json == {"status": "success"}
    for digest in (used, others, unused):
        aged(store.blobs.path(digest))
    wait_until(lambda: not store.blobs.has(unused))
    assert store.blobs.has(others)
    assert store.resolve("mine").path.exists()
    assert api.request("HEAD", f"/api/blobs/{unused}").status == 404


@pytest.mark.usefixtures("often")
def test_an_upload_that_somebody_asks_for_does_not_expire(api: Api, store: ModelStore) -> None:
    """As `ollama create` asks, before it relies on what is there."""
    digest = digest_of(b"asked for")
    api.request("POST", f"/api/blobs/{digest}", b"asked for")
    for method in ("HEAD", "POST"):
        os.utime(store.blobs.path(digest), (time.time() - 23 * 3600, time.time() - 23 * 3600))
        assert api.request(method, f"/api/blobs/{digest}", b"asked for").status == 200
        assert store.blobs.path(digest).stat().st_mtime > time.time() - 3600


@pytest.mark.usefixtures("often")
def test_nothing_expires_if_nothing_is_to_be_pruned(serve: Serve, store: ModelStore) -> None:
    api, digest = api_of(serve, store, no_prune=True), digest_of(b"unused")
    api.request("POST", f"/api/blobs/{digest}", b"unused")
    aged(store.blobs.path(digest))
    for _ in range(10):
        assert api.request("HEAD", f"/api/blobs/sha256:{'0' * 64}").status == 404
        time.sleep(0.01)
    assert store.blobs.has(digest)


def api_of(serve: Serve, store: ModelStore, **chosen: Any) -> Api:
    """A server with settings of its own, that loads no model."""
    settings = Settings(models=store.root, **chosen)
    pool = EnginePool(settings, lambda model, start: pytest.fail("nothing is loaded"))
    return Api(serve(create_app(settings, store, pool)), ScriptedEngine(), [])


def test_from_files(ollama_client: ollama.Client, store: ModelStore, file: Path) -> None:
    answer = ollama_client.create("mine", files={"other.gguf": ollama_client.create_blob(file)}, system="Be brief.")
    assert answer.status == "success"
    model = store.resolve("mine")
    assert (model.path.read_bytes(), model.system) == (file.read_bytes(), "Be brief.")


def test_from_a_model(api: Api, ollama_client: ollama.Client, store: ModelStore) -> None:
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    lines = ollama_client.create(
        "mine",
        from_=NAME,
        parameters={"temperature": 0, "stop": ["a", "b"], "num_ctx": 4096},
        license=["MIT", "and more"],
        template="{{ .Prompt }}",
        messages=messages,
        stream=True,
    )
    said = [(line.status or "").split(":")[0] for line in lines]
    assert said == ["creating new layer sha256"] * 5 + ["writing manifest", "success"]
    mine, base = store.resolve("mine"), store.resolve(NAME)
    assert mine.path == base.path
    assert mine.parameters == {"temperature": 0, "stop": ["a", "b"], "num_ctx": 4096}
    assert (mine.licenses, mine.template) == (("MIT", "and more"), "{{ .Prompt }}")
    assert [(message.role, message.content) for message in mine.messages] == [("user", "Hi"), ("assistant", "Hello")]
    assert api.post("/api/show", model="mine").json["license"] == "MIT\nand more"


def test_directives_survive_a_round_trip(cli: Api, store: ModelStore, tmp_path: Path) -> None:
    """The Modelfile that `show --modelfile` prints makes the same model again, also from a name."""
    said = {"renderer": "harmony", "parser": "harmony", "requires": "0.14.0"}
    made = cli.post("/api/create", model="mine", **{"from": NAME}, **said)
    assert statuses(made)[-1] == "success"
    shown = cli.post("/api/show", model="mine").json
    assert shown["requires"] == "0.14.0"
    (tmp_path / "Modelfile").write_text(shown["modelfile"])
    for name in ("again", "once-more"):
        assert main(["create", name, "-f", str(tmp_path / "Modelfile")]) == 0
        assert {key: store.resolve(name).config[key] for key in said} == said
        (tmp_path / "Modelfile").write_text("FROM again")
    assert "RENDERER harmony\nPARSER harmony\nREQUIRES 0.14.0\n" in shown["modelfile"]


def test_a_required_version_that_is_none(api: Api) -> None:
    answer = api.post("/api/create", model="mine", requires="latest", **{"from": NAME})
    assert (answer.status, answer.json["error"]) == (400, "requires must be a valid semver (e.g. 0.14.0)")


def test_a_base_that_is_missing_is_fetched(
    api: Api, store: ModelStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(destination: Path, experts: str, progress: Any) -> None:
        progress("converting to gpt-oss", 1, 2)
        destination.write_bytes(file.read_bytes())

    monkeypatch.setattr("ossia.store.tiny.build", build)
    said = statuses(api.post("/api/create", model="mine", **{"from": "tiny", "system": "Be brief."}))
    assert said[0] == "converting to gpt-oss"
    assert said.count("success") == 1
    assert said[-1] == "success"
    assert [str(model.name) for model in store.list()] == ["mine:latest", "tiny:latest", NAME]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "neither 'from' or 'files' was specified"),
        ({"from": NAME, "model": "../x"}, "invalid model name"),
        ({"files": {"a.gguf": "sha256:0"}}, "invalid digest format"),
        ({"files": {"a.gguf": digest_of(b"absent")}}, f"there is no blob {digest_of(b'absent')}"),
        ({"files": {"../a.gguf": digest_of(b"absent")}}, "insecure path: ../a.gguf"),
        ({"files": {"/etc/passwd": digest_of(b"absent")}}, "insecure path: /etc/passwd"),
        ({"files": {"..\\a.gguf": digest_of(b"absent")}}, "insecure path: ..\\a.gguf"),
        ({"from": NAME, "adapters": {"a": digest_of(b"absent")}}, f"there is no blob {digest_of(b'absent')}"),
        ({"from": NAME, "adapters": {"a": 5}}, "adapters.a must be a string"),
        ({"files": {"a" * 256: digest_of(b"absent")}}, "files has a name of more than 255 bytes"),
        ({"files": {"\u00e9" * 128: digest_of(b"absent")}}, "files has a name of more than 255 bytes"),
        ({"files": dict.fromkeys(map(str, range(4097)), digest_of(b"absent"))}, "files must have at most 4096 fields"),
        ({"from": NAME, "draft_files": {"a": digest_of(b"absent")}}, "draft_files is not supported"),
        ({"from": NAME, "parameters": {"top_k": "many"}}, "parameters.top_k must be a number"),
        ({"from": NAME, "parameters": {"speed": 1}}, "unknown parameter 'speed'"),
        ({"from": NAME, "parameters": {"stop": ["a", 1]}}, "parameters.stop[1] must be a string"),
        ({"files": {"a.gguf": 5}}, "files.a.gguf must be a string"),
        ({"from": NAME, "messages": [{"role": "king", "content": ""}]}, "messages[0].role must be one of "),
    ],
)
def test_what_cannot_be_made(api: Api, store: ModelStore, body: dict[str, Any], error: str) -> None:
    answer = api.request("POST", "/api/create", {"model": "mine", **body})
    assert answer.status == 400
    assert answer.json["error"].startswith(error)
    assert len(store.list()) == 1


def test_a_file_that_is_no_model(api: Api, store: ModelStore) -> None:
    api.request("POST", f"/api/blobs/{digest_of(b'junk')}", b"junk")
    answer = api.request("POST", "/api/create", {"model": "mine", "files": {"a.gguf": digest_of(b"junk")}})
    assert answer.status == 400
    assert "not a GGUF file" in answer.json["error"]


@pytest.mark.parametrize(
    "header", [b"", b"\xff" * 8, b"\2" + b"\0" * 7 + b"{}"], ids=["empty", "too long", "no tensor"]
)
def test_a_broken_folder_is_told_without_a_path_of_the_server(api: Api, store: ModelStore, header: bytes) -> None:
    files = {"config.json": b'{"model_type": "gpt_oss"}', "model.safetensors": header}
    for data in files.values():
        api.request("POST", f"/api/blobs/{digest_of(data)}", data)
    digests = {name: digest_of(data) for name, data in files.items()}
    answer = api.request("POST", "/api/create", {"model": "mine", "files": digests})
    assert answer.status == 400
    assert str(store.root) not in answer.body.decode()


# ossia create


def test_the_command_makes_a_model_of_a_gguf(cli: Api, store: ModelStore, file: Path, capsys: Captured) -> None:
    assert main(["create", "me/mine", "-f", str(file)]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[0] == "hashing other.gguf"
    assert err.splitlines()[-1] == "success"
    assert store.resolve("me/mine").path.read_bytes() == file.read_bytes()


def test_the_command_follows_a_modelfile(
    cli: Api, store: ModelStore, file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "Modelfile").write_text("FROM ../other.gguf\nPARAMETER top_k 7\nSYSTEM Be brief.\nMESSAGE user hi\n")
    monkeypatch.chdir(folder)
    assert main(["create", "mine"]) == 0
    (folder / "Second").write_text("FROM mine\nPARAMETER seed 1\nLICENSE Free\nLICENSE and more\n")
    monkeypatch.chdir("/")
    assert main(["create", "other", "--file", str(folder / "Second")]) == 0
    mine, other = store.resolve("mine"), store.resolve("other")
    assert other.path == mine.path
    assert (mine.parameters, other.parameters) == ({"top_k": 7}, {"top_k": 7, "seed": 1})
    assert (other.system, other.licenses, other.messages) == ("Be brief.", ("Free", "and more"), mine.messages)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "error: no FROM line"),
        (b"GGUF then junk", "hashing Modelfile\nsending Modelfile\nerror: "),
        (b"FROM ./absent.gguf", "error: FROM ./absent.gguf: "),
        (b"FROM x\nADAPTER absent", "error: ADAPTER absent: "),
        (b"FROM x\nDRAFT y", "error: DRAFT is not supported"),
        (b"FROM x\nFROM y", "error: FROM "),
        (b"\xff\xfe\xfd", "error: not a Modelfile"),
        (b"FROM /dev/zero", "error: FROM /dev/zero: "),
        (b"FROM .", "error: no Modelfile or safetensors files found in "),
    ],
)
def test_what_the_command_cannot_use(
    cli: Api, store: ModelStore, tmp_path: Path, content: bytes, text: str, capsys: Captured
) -> None:
    path = tmp_path / "folder" / "Modelfile"
    path.parent.mkdir()
    path.write_bytes(content)
    assert main(["create", "x", "-f", str(path)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(text)
    assert len(store.list()) == 1


def test_the_command_tells_what_it_does_not_use(cli: Api, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "Modelfile").write_text(f"FROM {NAME}\nTEMPLATE {{{{ .Prompt }}}}\n")
    assert main(["create", "x", "-f", str(tmp_path / "Modelfile")]) == 0
    assert "success\nTEMPLATE is kept, but not used" in capsys.readouterr().err


def test_the_command_without_a_file(
    cli: Api, capsys: Captured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (empty := tmp_path / "empty").mkdir()
    monkeypatch.chdir(empty)
    assert main(["create", "x"]) == 1
    assert main(["create", "x", "-f", "absent"]) == 1
    assert main(["create", "x", "-f", "/dev/zero"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if line.startswith("error")] == [
        f"error: no Modelfile or safetensors files found in {empty}",
        "error: absent is not there",
        "error: /dev/zero is not a file",
    ]


def test_a_modelfile_from_a_pipe(cli: Api, store: ModelStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its paths are relative to the folder in which the command runs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.gguf").write_bytes(store.resolve(NAME).path.read_bytes())
    read, write = os.pipe()
    with os.fdopen(write, "w") as pipe:
        pipe.write("FROM ./other.gguf\nSYSTEM Be brief.\n")
    with os.fdopen(read):
        assert main(["create", "piped", "-f", f"/dev/fd/{read}"]) == 0
    assert store.resolve("piped").system == "Be brief."


def test_a_link_out_of_a_models_folder_is_not_followed(
    cli: Api, store: ModelStore, tmp_path: Path, capsys: Captured
) -> None:
    secret, folder = tmp_path / "secret.json", tmp_path / "a" / "b" / "model"
    folder.mkdir(parents=True)
    secret.write_text("{}")
    (folder / "model.safetensors").write_bytes(b"")
    (folder / "tokenizer.json").symlink_to(secret)
    assert main(["create", "x", "-f", str(folder)]) == 1
    assert capsys.readouterr().err.startswith(f"error: insecure path: {folder / 'tokenizer.json'} leads to {secret}")
    assert not store.blobs.has(digest_of(b"{}"))


def test_hugging_faces_cache_is_a_folder_of_links(cli: Api, store: ModelStore, tmp_path: Path) -> None:
    blobs, snapshot = tmp_path / "repo" / "blobs", tmp_path / "repo" / "snapshots" / "1234"
    blobs.mkdir(parents=True)
    snapshot.mkdir(parents=True)
    (blobs / "abcd").write_bytes(b"{}")
    (snapshot / "config.json").symlink_to("../../blobs/abcd")
    (snapshot / "model.safetensors").write_bytes(b"")
    assert main(["create", "x", "-f", str(snapshot)]) == 1  # it is no model, but its files were sent
    assert store.blobs.has(digest_of(b"{}"))


# safetensors and quantization


@pytest.fixture(scope="module")
def random() -> RandomModel:
    return random_model(num_hidden_layers=1)


@pytest.mark.parametrize("layout", ["model", "original"])
def test_a_folder_of_safetensors_becomes_a_model(
    cli: Api, store: ModelStore, random: RandomModel, tmp_path: Path, layout: str, capsys: Captured
) -> None:
    folder = tmp_path / layout
    if layout == "original":
        write_original_folder(random, folder)
        write_vocabulary(folder.parent)
    else:
        write_vocabulary(write_folder(random, folder, shards=3))
    (tmp_path / "Modelfile").write_text(f"FROM ./{layout}\nSYSTEM Be brief.\n")
    assert main(["create", "mine", "-f", str(tmp_path / "Modelfile")]) == 0
    assert "converting model\n" in capsys.readouterr().err
    model = store.resolve("mine")
    expected = forward(load(write_gguf_of(random, tmp_path / "expected.gguf")), [1, 2, 3])
    assert np.abs(forward(load(model.path), [1, 2, 3]) - expected).max() < 1e-3
    assert (model.config["file_type"], model.system) == ("MXFP4", "Be brief.")


def test_quantize(cli: Api, store: ModelStore, random: RandomModel, tmp_path: Path, capsys: Captured) -> None:
    file = write_gguf_of(random, tmp_path / "model.gguf")
    assert main(["create", "whole", "-f", str(file)]) == 0
    assert main(["create", "small", "-f", str(file), "--quantize", "Q8_0"]) == 0
    assert "quantizing BF16 model to Q8_0\n" in capsys.readouterr().err
    (tmp_path / "Modelfile").write_text("FROM whole\nSYSTEM Be brief.\n")
    assert main(["create", "smaller", "-f", str(tmp_path / "Modelfile"), "-q", "q8_0"]) == 0
    whole, small, smaller = (store.resolve(name) for name in ("whole", "small", "smaller"))
    assert GGUF.open(small.path).tensor("output.weight").type_name == "Q8_0"
    assert (small.path, smaller.system) == (smaller.path, "Be brief.")
    assert small.size < whole.size


def test_a_type_that_cannot_be_had(api: Api) -> None:
    answer = api.request("POST", "/api/create", {"model": "small", "from": NAME, "quantize": "q4_K_M"})
    assert (answer.status, answer.json["error"]) == (400, "quantizing to q4_K_M is not supported")


def test_a_conversion_that_its_client_leaves_leaves_nothing(
    api: Api, store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = threading.Event()

    def convert(sources: Sequence[Path], destination: Path, *, report: Any, **_: object) -> None:
        destination.write_bytes(b"half of a model")
        began.set()
        while True:
            report("converting model", 1, 2)

    monkeypatch.setattr("ossia.convert.convert.convert", convert)
    before = sorted(store.blobs.root.iterdir())
    connection = api.connect()
    connection.request("POST", "/api/create", json.dumps({"model": "x", "from": NAME, "quantize": "q8_0"}))
    assert began.wait(PATIENCE)
    assert sorted(store.blobs.root.iterdir()) != before
    connection.close()
    wait_until(lambda: sorted(store.blobs.root.iterdir()) == before)


# pull, push and what cannot be done


def test_http_needs_the_word_insecure(api: Api) -> None:
    for path in ("/api/pull", "/api/push"):
        answer = api.post(path, model="http://127.0.0.1:1/library/x")
        assert (answer.status, answer.json["error"]) == (400, "insecure protocol http")
