"""Ollama's model endpoints, the root, and what every unknown path answers."""

from pathlib import Path
from typing import Any

import anthropic
import ollama
import pytest

from ossia.config import OLLAMA_VERSION, Settings
from ossia.engine.memory import Memory
from ossia.gguf import GGUF
from ossia.store import tiny, tiny_conversion
from ossia.store.models import ModelStore
from ossia.types import Message
from tests.api.conftest import HARMONY, NAME, Api, write_gguf
from tests.model import tiny_gpt_oss
from tests.store.test_install import write_tiny


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_root_and_the_version(api: Api, method: str) -> None:
    root, version = api.request(method, "/"), api.request(method, "/api/version")
    assert (root.status, version.status) == (200, 200)
    if method == "GET":
        assert root.body == b"Ollama is running"
        assert version.json == {"version": OLLAMA_VERSION}


def test_the_version_is_what_clients_accept() -> None:
    """Codex compares three plain numbers with 0.13.4."""
    assert tuple(int(part) for part in OLLAMA_VERSION.split(".")) >= (0, 13, 4)


def test_tags(api: Api, store: ModelStore, ollama_client: ollama.Client) -> None:
    store.create("copy", base=store.resolve(NAME), system="x")
    first, second = ollama_client.list().models
    assert (first.model, second.model) == ("copy:latest", NAME)
    assert first.digest != second.digest
    assert first.details is not None
    assert (first.details.family, first.details.quantization_level) == ("gpt-oss", "F32")
    raw = api.request("GET", "/api/tags").json["models"][1]
    assert raw["name"] == raw["model"] == NAME
    assert raw["capabilities"] == ["completion", "tools", "thinking"]
    assert raw["details"]["context_length"] == 131072
    assert raw["modified_at"].endswith("Z")


def test_an_empty_store_lists_nothing(api: Api, store: ModelStore) -> None:
    store.delete(NAME)
    assert api.request("GET", "/api/tags").json == {"models": []}
    assert api.request("GET", "/v1/models").json == {"object": "list", "data": []}


def test_models_in_the_shape_of_each_client(api: Api) -> None:
    """Anthropic's is read by its own SDK; Codex takes a list without a field that it needs for an error."""
    with anthropic.Anthropic(base_url=api.url, api_key="ollama", max_retries=0) as client:
        listed = client.models.list()
        (model,) = listed.data
        assert (listed.first_id, listed.last_id, listed.has_more) == (NAME, NAME, False)
        assert (model.type, model.id, model.display_name) == ("model", NAME, NAME)
        assert model.created_at == client.models.retrieve(NAME).created_at
        assert model.created_at.tzinfo is not None
    (entry,) = api.request("GET", "/v1/models?client_version=0.171.0").json["models"]
    assert (entry["slug"], entry["context_window"], entry["input_modalities"]) == (NAME, 131072, ["text"])
    assert entry["base_instructions"] == entry["model_messages"]["instructions_template"] != ""
    (plain,) = api.request("GET", "/v1/models").json["data"]
    assert plain.keys() == {"id", "object", "created", "owned_by"}


def test_show_tells_of_an_outdated_tiny(api: Api, store: ModelStore, tmp_path: Path) -> None:
    old, new = write_tiny(tmp_path / "old", None), write_tiny(tmp_path / "new", tiny_conversion.version())
    store.create("tiny", files=[old], parameters=tiny.PARAMETERS)
    store.create("tiny:f16", files=[new], parameters=tiny.PARAMETERS)
    store.copy("tiny", "mine")
    names = ("tiny", "tiny:f16", "mine")
    shown = {name: api.post("/api/show", model=name).json.get("outdated") for name in names}
    assert shown == {"tiny": True, "tiny:f16": None, "mine": None}


@pytest.mark.parametrize(("parameters", "outdated"), [({"temperature": 0.2, "top_p": 0.9}, True), ({"seed": 1}, None)])
def test_show_tells_of_a_tiny_with_earlier_parameters(
    api: Api, store: ModelStore, tmp_path: Path, parameters: dict[str, Any], outdated: bool | None
) -> None:
    """Other parameters are the user's own."""
    file = write_tiny(tmp_path / "file", tiny_conversion.version())
    store.create("tiny", files=[file], parameters=parameters)
    assert api.post("/api/show", model="tiny").json.get("outdated") is outdated


def test_show(api: Api, store: ModelStore, ollama_client: ollama.Client) -> None:
    store.create(
        "mine",
        base=store.resolve(NAME),
        parameters={"temperature": 1, "stop": ["<a>", "b\n"]},
        system="Be brief.",
        licenses=["MIT"],
        messages=[Message("user", "Hi")],
    )
    shown = ollama_client.show("mine")
    assert shown.capabilities == ["completion", "tools", "thinking"]
    assert shown.parameters is not None
    assert shown.parameters.split("\n") == [
        "temperature                    1",
        'stop                           "<a>"',
        'stop                           "b\\n"',
    ]
    raw = api.request("POST", "/api/show", {"name": "MINE"}).json
    assert (raw["system"], raw["license"]) == ("Be brief.", "MIT")
    assert raw["messages"] == [{"role": "user", "content": "Hi"}]
    assert raw["template"].endswith("{{ messages }}")
    assert raw["modelfile"].startswith("# Modelfile generated by")
    assert "\nFROM /" in raw["modelfile"]
    assert raw["tensors"] == [{"name": "output.weight", "type": "F32", "shape": [32, 64]}]
    info = raw["model_info"]
    assert info["general.architecture"] == "gpt-oss"
    assert info["gpt-oss.context_length"] == 131072
    assert info["general.parameter_count"] == 64 * 32
    assert info["tokenizer.ggml.tokens"] == []
    assert "general.name" not in info
    assert "tokenizer.chat_template" not in info
    verbose = api.request("POST", "/api/show", {"model": "mine", "verbose": True}).json
    assert verbose["model_info"]["tokenizer.ggml.tokens"][0] == "a"
    assert api.loads == []


@pytest.mark.parametrize(
    ("tokens", "template", "own", "has_tools"),
    [
        pytest.param(("a", *HARMONY), None, "", True, id="harmony without a template"),
        pytest.param(("a", *HARMONY), "{{ messages }}", "", True, id="harmony, a template without the word"),
        pytest.param(("a", *HARMONY), "{% if tools %}", "", True, id="harmony, a template with the word"),
        pytest.param(("a", *HARMONY), None, "{{ .Prompt }}", True, id="harmony, a TEMPLATE of one's own"),
        pytest.param(("a",), None, "", False, id="no template"),
        pytest.param(("a",), "{{ messages }}", "", False, id="a template without the word"),
    ],
)
@pytest.mark.parametrize("pooling", [None, 0])
def test_capabilities_and_the_word_for_tools(
    api: Api,
    store: ModelStore,
    tmp_path: Path,
    tokens: tuple[str, ...],
    template: str | None,
    own: str,
    has_tools: bool,
    pooling: int | None,
) -> None:
    """litellm looks for the word `tools` in the template; Ollama takes a file with a pooling_type for embeddings."""
    store.create("mine", files=[write_gguf(tmp_path / "f", "gpt-oss", tokens, template, pooling)], template=own or None)
    shown = api.post("/api/show", model="mine").json
    assert ("tools" in shown["template"].lower()) == has_tools
    assert shown["template"].endswith(own or template or "")
    assert shown["template"] or not has_tools
    kind = "completion" if pooling is None else "embedding"
    assert shown["capabilities"] == [kind, *(("tools", "thinking") if has_tools else ())]
    assert {model["name"]: model["capabilities"] for model in api.request("GET", "/api/tags").json["models"]}[
        "mine:latest"
    ] == shown["capabilities"]
    assert "harmony" not in shown["modelfile"]


def test_show_reads_the_file_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []

    def open_gguf(path: Path) -> GGUF:
        opened.append(path)
        return original(path)

    original = GGUF.open
    monkeypatch.setattr(GGUF, "open", open_gguf)
    assert [api.post("/api/show").status for _ in range(3)] == [200, 200, 200]
    assert len(opened) == 1


def test_show_needs_a_model_that_is_there(api: Api) -> None:
    missing = api.request("POST", "/api/show", {"model": "missing"})
    assert (missing.status, missing.json["error"]) == (404, "model 'missing' not found")
    nameless = api.request("POST", "/api/show", {})
    assert (nameless.status, nameless.json["error"]) == (400, "model is required")


def test_ps_shows_what_is_loaded(api: Api, ollama_client: ollama.Client) -> None:
    ollama_client.generate(NAME, keep_alive="10m")
    (model,) = ollama_client.ps().models
    assert (model.model, model.size, model.context_length) == (NAME, 700, 8192)
    assert model.expires_at is not None
    (raw,) = api.request("GET", "/api/ps").json["models"]
    assert (raw["name"], raw["size_vram"]) == (NAME, 0)
    api.engine.memory = Memory(host=0, device=700)
    (raw,) = api.request("GET", "/api/ps").json["models"]
    assert (raw["size"], raw["size_vram"], raw["device"]) == (700, 700, "the processor")
    assert api.request("POST", "/api/show", {"model": NAME}).json["device"] == "the processor"


def test_show_tells_no_device_of_a_model_that_is_not_loaded(api: Api) -> None:
    assert "device" not in api.request("POST", "/api/show", {"model": NAME}).json


def test_show_tells_the_memory_by_context_if_it_is_asked(api: Api, store: ModelStore, tmp_path: Path) -> None:
    store.create("small", files=[tiny_gpt_oss.write_gguf(tiny_gpt_oss.random_model(), tmp_path / "small.gguf")])
    assert "memory" not in api.post("/api/show", model="small").json
    memory = api.post("/api/show", model="small", memory=True).json["memory"]
    assert memory["weights_bytes"] > memory["weights_bytes_per_token"] > 0
    api.post("/api/generate", model="small")
    api.engine.memory = Memory(host=12, weights=5, kv=4, work=3)
    loaded = api.post("/api/show", model="small", memory=True).json["memory"]
    assert (loaded["weights_bytes"], loaded["work_bytes"], loaded["contexts"]) == (5, 3, memory["contexts"])


def test_copy_and_delete(api: Api, ollama_client: ollama.Client) -> None:
    ollama_client.copy(NAME, "copy")
    ollama_client.generate("copy")
    ollama_client.delete(NAME)
    assert [model.model for model in ollama_client.list().models] == ["copy:latest"]
    assert api.request("DELETE", "/api/delete", {"name": "copy"}).status == 200
    assert api.engine.closed
    for call in (lambda: ollama_client.delete("copy"), lambda: ollama_client.copy("copy", "other")):
        with pytest.raises(ollama.ResponseError, match="model 'copy' not found") as caught:
            call()
        assert caught.value.status_code == 404
    assert api.request("POST", "/api/copy", {"source": "a"}).status == 400


def test_a_broken_model_can_be_deleted(api: Api, store: ModelStore) -> None:
    store.resolve(NAME).path.unlink()
    assert api.request("POST", "/api/show", {"model": NAME}).status == 400
    assert api.request("DELETE", "/api/delete", {"model": NAME}).status == 200
    assert api.request("DELETE", "/api/delete", {"model": NAME}).status == 404


def test_unknown_paths_and_methods_in_each_apis_words(api: Api) -> None:
    assert api.request("GET", "/nowhere").json == {"error": "404 page not found"}
    assert api.request("POST", "/v1/nowhere").json["error"]["type"] == "not_found_error"
    wrong = api.request("GET", "/api/chat")
    assert (wrong.status, wrong.json) == (405, {"error": "Method Not Allowed"})
    assert wrong.headers["allow"] == "POST"
    assert api.request("GET", "/api/blobs/sha256-0").headers["allow"] == "HEAD, POST"


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/chat/completions", "/v1/chat/completions"),
        ("/v1/v1/chat/completions", "/v1/chat/completions"),
        ("/completions", "/v1/completions"),
        ("/v1/chat/complitions", "/v1/chat/completions"),
        ("/v1/v1/messages", "/v1/messages"),
        ("/v1/api/chat", "/api/chat"),
        ("/chat", "/api/chat"),
    ],
)
def test_a_wrong_base_url_is_told_in_the_words_of_the_api_that_was_meant(api: Api, path: str, meant: str) -> None:
    answer = api.request("POST", path, {})
    assert answer.status == 404
    error = answer.json["error"]
    said = f"{error}|{answer.json['hint']}" if meant.startswith("/api") else error["message"]
    assert f"did you mean {meant}?" in said


def test_origins_come_from_the_environment() -> None:
    assert Settings.from_env({"OLLAMA_ORIGINS": "https://a.example, app://b"}).origins == (
        "https://a.example",
        "app://b",
    )
