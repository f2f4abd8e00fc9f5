"""Many small parts are as large as one large part: bounds hold for the sum, in manifests, model files and caches."""

import asyncio
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossia import engine
from ossia.cache import byte_cache
from ossia.chat.grammar.checks import KNOWN, checked_grammar
from ossia.chat.harmony.format import Harmony
from ossia.config import EngineOptions
from ossia.engine.facts import ModelFacts
from ossia.errors import InvalidModelFile, OssiaError
from ossia.gguf import GGUF
from ossia.server.protocols.ollama import models as endpoints
from ossia.server.protocols.ollama.facts import file_facts
from ossia.store.manifest import CONFIG, Layer, Manifest
from ossia.store.models import ModelStore
from ossia.types import GenerateRequest, Grammar, Message, Tool
from tests.gguf_files import write_one_tensor
from tests.memory import takes_at_most
from tests.unit.test_gguf import ARRAY, DATA, STRING, UINT8, header, string, tensor, u32, u64, value
from tests.vocabulary import harmony_tokenizer

MB = 1 << 20


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    store = ModelStore(tmp_path / "store")
    store.create("good", files=[write_one_tensor(tmp_path / "model.gguf")])
    return store


# ---- manifests


def text_layer(store: ModelStore, kind: Any, size: int, seed: int = 0) -> Layer:
    data = random.Random(seed).randbytes(32) + b"a" * (size - 32)
    return Layer.of(kind, store.blobs.put_bytes(data), size)


MANIFESTS: dict[str, Callable[[ModelStore], list[Layer]]] = {
    "one licence 150 times": lambda store: [text_layer(store, "license", 100_000)] * 150,
    "one large licence 15 times": lambda store: [text_layer(store, "license", MB)] * 15,
    "many templates": lambda store: [text_layer(store, "template", 100_000, seed) for seed in range(60)],
    "a bit of everything": lambda store: [
        text_layer(store, kind, MB) for kind in ("template", "system", "messages", "license", "params")
    ],
    "one text that is too large": lambda store: [text_layer(store, "system", 5 * MB)],
    "a thousand layers of no bytes": lambda store: [Layer.of("license", store.blobs.put_bytes(b""), 0)] * 1000,
    "layers of unknown kinds": lambda store: [Layer("x", store.blobs.put_bytes(b"x"), 1)] * 1000,
}


MESSAGES = {
    "many": b'[{"role":"user","content":""}' + b',{"role":"user","content":""}' * 10_000 + b"]",
    "one long": b'[{"role":"user","content":"' + b"a" * 300_000 + b'"}]',
    "lists of nothing": b"[" + b"[]," * 100_000 + b"[]]",
}


@pytest.mark.parametrize("data", MESSAGES.values(), ids=MESSAGES)
def test_a_conversation_is_short_since_each_list_of_models_reads_it(store: ModelStore, data: bytes) -> None:
    good = store.resolve("good")
    layer = Layer.of("messages", store.blobs.put_bytes(data), len(data))
    plant(store, "evil", Manifest(good.manifest.config, (*good.manifest.layers, layer)).to_json())
    takes_at_most(2 * MB, store.list)
    assert [model.name for model in store.list()] == [good.name]


@pytest.mark.parametrize("number", [1000, 5000, 20_000])
def test_a_manifest_is_short_since_each_list_of_models_reads_it(
    store: ModelStore, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = store.resolve("good")
    layers = (*good.manifest.layers, *[Layer.of("license", good.manifest.config.digest, 1)] * number)
    plant(store, "evil", Manifest(good.manifest.config, layers).to_json())
    read: list[int] = []
    really = json.loads
    monkeypatch.setattr("ossia.store.manifest.json.loads", lambda data: read.append(len(data)) or really(data))
    assert [model.name for model in store.list()] == [good.name]
    assert max(read) < 1 << 17


@pytest.mark.parametrize("layers", MANIFESTS.values(), ids=MANIFESTS)
def test_a_manifest_of_too_much_is_refused(store: ModelStore, layers: Callable[[ModelStore], list[Layer]]) -> None:
    good = store.resolve("good")
    manifest = Manifest(good.manifest.config, (*good.manifest.layers, *layers(store)))

    def refused() -> None:
        with pytest.raises(InvalidModelFile, match=r"than any model|bytes together"):
            store.add(good.name, manifest.to_json())
        plant(store, "evil", manifest.to_json())
        assert [model.name for model in store.list()] == [good.name]

    takes_at_most(2 * MB, refused)
    store.delete("evil")
    assert store.resolve("good").digest == good.digest


def plant(store: ModelStore, name: str, data: bytes) -> None:
    """Write a manifest past all checks."""
    path = store.root / "manifests/registry.ollama.ai/library" / name / "latest"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def test_a_file_larger_than_any_manifest_is_not_read(store: ModelStore) -> None:
    plant(store, "evil", b"{")
    os.truncate(store.root / "manifests/registry.ollama.ai/library/evil/latest", 1 << 40)
    takes_at_most(2 * MB, store.list)
    with pytest.raises(InvalidModelFile, match="than any model"):
        store.resolve("evil")
    store.copy("good", "other")
    store.delete("evil")
    assert {model.name.model for model in store.list()} == {"good", "other"}


@pytest.mark.parametrize("kind", ["license", "system", "template", "params", "messages"])
def test_a_text_is_not_larger_than_its_manifest_says(store: ModelStore, kind: Any) -> None:
    good = store.resolve("good").manifest
    large = text_layer(store, kind, MB)
    plant(store, "evil", Manifest(good.config, (*good.layers, Layer.of(kind, large.digest, 1))).to_json())
    with pytest.raises(InvalidModelFile, match="is too large"):
        store.resolve("evil")


@pytest.mark.parametrize("config", [b'{"a":"' + b"a" * 2 * MB + b'"}', b'{"a":[' + b"[]," * MB + b"1]}"])
def test_a_config_that_is_too_large(store: ModelStore, config: bytes) -> None:
    good = store.resolve("good").manifest
    layer = Layer(CONFIG, store.blobs.put_bytes(config), len(config))
    plant(store, "evil", Manifest(layer, good.layers).to_json())

    def refused() -> None:
        with pytest.raises(InvalidModelFile, match="is too large"):
            store.resolve("evil")

    takes_at_most(8 * MB, refused)


def test_sizes_whose_sum_no_client_can_read(store: ModelStore) -> None:
    good = store.resolve("good").manifest
    layers = [Layer("x", f"sha256:{number:064}", (1 << 63) - 1) for number in range(3)]
    with pytest.raises(InvalidModelFile, match="larger than any disk"):
        Manifest(good.config, (*good.layers, *layers)).check_sums()


def test_what_a_model_has_is_far_below_the_limits(store: ModelStore) -> None:
    texts = {"template": "t" * 20_000, "system": "s" * 10_000, "licenses": ["l" * 15_000] * 5}
    model = store.create("rich", base=store.resolve("good"), **texts)  # pyright: ignore[reportArgumentType]
    assert store.resolve("rich").licenses == model.licenses == ("l" * 15_000,) * 5


HALF: dict[str, Any] = {
    "config": {"model_family": "\ud800"},
    "params": {"stop": ["\udfff"]},
    "messages": [{"role": "user", "content": "\ud83d"}],
}


@pytest.mark.parametrize("kind", HALF)
def test_half_a_surrogate_pair_is_not_told_to_every_client(store: ModelStore, kind: Any) -> None:
    """A text that is no UTF-8 would make /api/tags fail for everybody."""
    good = store.resolve("good").manifest
    data = json.dumps(HALF[kind]).encode()
    layer = Layer.of(kind, store.blobs.put_bytes(data), len(data))
    manifest = Manifest(layer, good.layers) if kind == "config" else Manifest(good.config, (*good.layers, layer))
    plant(store, "evil", manifest.to_json())
    with pytest.raises(InvalidModelFile, match="should be JSON is not"):
        store.resolve("evil")
    assert len(endpoints._tags(store)) == 1  # pyright: ignore[reportPrivateUsage]


# ---- what is shown of configs

CONFIGS: dict[str, Any] = {
    "long words": dict.fromkeys(("model_family", "model_type", "file_type", "model_format"), "a" * 30_000),
    "many families": {"model_families": ["a" * 10] * 8_000},
    "no texts": {"model_family": {"a": 1}, "model_families": {"a": 1}, "model_type": [1], "file_type": 10**300},
    "families that are no texts": {"model_families": [None, 1, [1], {"a": 1}, "b"]},
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_details_are_a_few_words(store: ModelStore, config: dict[str, Any]) -> None:
    good = store.resolve("good").manifest
    data = json.dumps(config).encode()
    plant(store, "evil", Manifest(Layer(CONFIG, store.blobs.put_bytes(data), len(data)), good.layers).to_json())
    tags = endpoints._tags(store)  # pyright: ignore[reportPrivateUsage]
    assert len(msgspec.json.encode(tags)) < 8000
    for tag in tags:
        families = tag["details"].pop("families")
        assert all(isinstance(word, str) for word in (*tag["details"].values(), *families))


# ---- GGUF files


def evil_gguf(path: Path, *values: bytes, tensors: bytes = tensor(), count: int = 1) -> Path:
    tables = header(count, len(values)) + b"".join(values) + tensors
    path.write_bytes(tables + bytes(-len(tables) % 32) + DATA)
    return path


def array(key: str, kind: int, count: int, data: bytes) -> bytes:
    return value(key, ARRAY, u32(kind) + u64(count) + data)


ARRAYS = {
    "bytes": [array("a", UINT8, 5 * MB, bytes(5 * MB))],
    "flags": [array("a", 7, 5 * MB, bytes(5 * MB))],
    "empty strings": [array("a", STRING, 5 * MB, bytes(40 * MB))],
    "many arrays": [array(f"a{number}", UINT8, 100_000, bytes(100_000)) for number in range(50)],
}


@pytest.mark.parametrize("values", ARRAYS.values(), ids=ARRAYS)
def test_arrays_that_would_be_objects_of_many_times_their_size(tmp_path: Path, values: list[bytes]) -> None:
    path = evil_gguf(tmp_path / "evil.gguf", *values)

    def refused() -> None:
        with pytest.raises(InvalidModelFile, match="larger than any model's"):
            GGUF.open(path)

    takes_at_most(4 * MB, refused)


def test_names_have_the_length_of_names(tmp_path: Path) -> None:
    key = value("k" * 70_000, UINT8, b"1")
    for path in (
        evil_gguf(tmp_path / "key.gguf", key),
        evil_gguf(tmp_path / "name.gguf", tensors=string("t" * 300) + tensor()),
    ):
        with pytest.raises(InvalidModelFile, match="more than any string"):
            GGUF.open(path)


METADATA = {
    "one long value": [value("long", STRING, string("a" * 9 * MB))],
    "many values": [value(f"v{number}", STRING, string("a" * 50_000)) for number in range(200)],
    "many names": [value(f"{number:0>50000}", UINT8, b"1") for number in range(200)],
    "names of lists": [array(f"{number:0>50000}", UINT8, 1, b"1") for number in range(200)],
    "a long template": [value("tokenizer.chat_template", STRING, string("a" * 9 * MB))],
}


@pytest.mark.parametrize("values", METADATA.values(), ids=METADATA)
def test_what_is_shown_of_metadata_is_bounded_by_bytes(tmp_path: Path, values: list[bytes]) -> None:
    facts = file_facts((evil_gguf(tmp_path / "evil.gguf", *values),))
    for verbose in (False, True):
        assert len(msgspec.json.encode(facts.model_info(verbose))) < 2 * MB
    assert len(facts.template("")) <= MB


def test_lists_are_shown_as_long_as_they_fit(tmp_path: Path) -> None:
    many = [array(f"a{i}", STRING, 1000, string("b" * 12_000) * 1000) for i in range(4)]  # 12 MB each
    facts = file_facts((evil_gguf(tmp_path / "evil.gguf", *many, array("small", UINT8, 2, b"\1\2")),))
    shown = facts.model_info(verbose=True)
    assert [len(shown[f"a{i}"]) for i in range(4)] == [1000, 1000, 0, 0]
    assert shown["small"] == [1, 2]
    assert facts.model_info(verbose=False)["small"] == []


@pytest.mark.parametrize("kind", [UINT8, 7])
def test_tokens_that_are_no_list(tmp_path: Path, kind: int) -> None:
    file = GGUF.open(evil_gguf(tmp_path / "evil.gguf", value("tokenizer.ggml.tokens", kind, b"\1")))
    assert not ModelFacts.of(file).is_harmony


def test_facts_are_kept_by_bytes(tmp_path: Path) -> None:
    """Every file's facts take a megabyte, and there may be more files than memory."""
    file_facts.cache_clear()
    text = value("text", STRING, string("a" * (MB - 100)))
    for number in range(80):
        file_facts((evil_gguf(tmp_path / f"{number}.gguf", text),))
    assert 32 * MB < file_facts.cache_info().num_bytes <= 64 * MB
    file_facts.cache_clear()


ARCHITECTURE = value("general.architecture", STRING, string("a" * 9 * MB))
ALIGNMENT = value("general.alignment", STRING, string("a" * 9 * MB))
KEY = value("k" * 60_000, UINT8, b"1")


def load(path: Path) -> None:
    asyncio.run(engine.load((path,), EngineOptions(engine_name="native")))


@pytest.mark.parametrize(
    ("values", "use"),
    [([ARCHITECTURE], load), ([ALIGNMENT], GGUF.open), ([KEY, KEY], GGUF.open)],
    ids=["architecture", "alignment", "key"],
)
def test_an_error_is_no_copy_of_the_file(tmp_path: Path, values: list[bytes], use: Callable[[Path], object]) -> None:
    with pytest.raises(OssiaError) as caught:
        use(evil_gguf(tmp_path / "evil.gguf", *values))
    assert len(str(caught.value)) < 11_000


# ---- caches of what clients send


class NoCompiler:
    """Takes every grammar for valid, which a real one would take its time for."""

    kind = "none"
    asked = 0

    async def run(self, job: bytes, client: str = "") -> bytes:
        self.asked += 1
        return b""


@pytest.mark.parametrize(
    "tool",
    [
        lambda number: Tool("f", parameters={"const": f"{number}" + "a" * 400_000}),
        lambda number: Tool("f", takes_text=True, grammar=Grammar("regex", f"{number}" + "a" * 40_000)),
        lambda number: Tool("f", takes_text=True, grammar=Grammar("lark", f"start: /{number}/ //" + "a" * 40_000)),
    ],
    ids=["schemas", "regular expressions", "grammars"],
)
async def test_grammars_are_kept_by_bytes(tool: Callable[[int], Tool]) -> None:
    KNOWN.cache_clear()
    chat_format, compiler = Harmony(harmony_tokenizer()), NoCompiler()

    async def ask(number: int) -> None:
        request = GenerateRequest((Message("user", "x"),), (tool(number),))
        await checked_grammar(chat_format, request, 0, compiler)

    for number in range(100):
        await ask(number)
        assert KNOWN.cache_info().num_bytes <= 16 * MB
    asked = compiler.asked
    await ask(99)
    assert compiler.asked == asked >= 100
    KNOWN.cache_clear()


@given(st.lists(st.integers(0, 30)))
def test_a_cache_never_holds_more_than_its_limit(asked: list[int]) -> None:
    made: list[int] = []

    def make(number: int) -> int:
        made.append(number)
        return -number

    cached = byte_cache(40, lambda number, result: number)(make)
    for number in asked:
        assert cached(number) == -number
        assert cached.cache_info().num_bytes <= 40
    assert cached.cache_info().misses == len(made)
    assert set(made) == set(asked)
    if asked:
        before = len(made)
        cached(asked[-1])
        assert len(made) == before, "the latest result is kept"


def test_a_result_larger_than_the_cache_does_not_empty_it() -> None:
    cached = byte_cache(40, lambda number, result: number)(lambda number: number)
    for number in (10, 20, 41, 10, 20):
        cached(number)
    assert cached.cache_info().hits == 2


PARAMETERS: dict[str, Any] = {
    "objects": {"stop": {"a": 1}, "temperature": [1, {"a": 1}], "seed": None, "num_ctx": True},
    "no names": {"": "", "\n": "\n", "\u2028": [" "]},
    "large numbers": {"seed": 10**300, "top_p": 1e308, "min_p": float("nan"), "num_ctx": float("-inf")},
    "many values": {"stop": ["x"] * 25_000},
}


@pytest.mark.parametrize("parameters", PARAMETERS.values(), ids=PARAMETERS)
def test_show_tells_any_parameters(store: ModelStore, parameters: dict[str, Any]) -> None:
    good = store.resolve("good").manifest
    data = json.dumps(parameters).encode()
    layer = Layer.of("params", store.blobs.put_bytes(data), len(data))
    plant(store, "evil", Manifest(good.config, (*good.layers, layer)).to_json())
    for verbose in (False, True):
        shown = endpoints._shown(store.resolve("evil"), verbose)  # pyright: ignore[reportPrivateUsage]
        assert len(msgspec.json.encode(shown)) < 16 * MB
