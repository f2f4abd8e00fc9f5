"""Conversion: whatever form a model comes in, the GGUF has its numbers, its vocabulary, and llama.cpp's names."""

import errno
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import gguf as ggml
import numpy as np
import numpy.typing as npt
import pytest

from ossia.convert.convert import convert
from ossia.engine.gpt_oss.matrix import Matrix, dequantize
from ossia.engine.gpt_oss.reference import forward
from ossia.engine.gpt_oss.weights import Layer, Weights, load
from ossia.errors import InvalidModelFile, InvalidRequest, NotSupported, OssiaError, StoreError
from ossia.gguf import GGUF
from ossia.tokenizer import Tokenizer
from tests.memory import takes_at_most
from tests.model.folders import load_folder
from tests.model.llama_cpp import LlamaCpp
from tests.model.tiny_gpt_oss import (
    CONFIG,
    Model,
    random_model,
    write_folder,
    write_gguf,
    write_original_folder,
    write_vocabulary,
)
from tests.vocabulary import vocabulary

IDS = list(np.random.default_rng(1).integers(0, 512, 24))
FORMS: dict[str, Callable[[Model, Path], Path]] = {
    "published": lambda model, folder: write_vocabulary(write_folder(model, folder)),
    "shards": lambda model, folder: write_vocabulary(write_folder(model, folder, shards=3)),
    "bf16": lambda model, folder: write_vocabulary(write_folder(model, folder, "bf16")),
    "original": lambda model, folder: write_vocabulary(write_original_folder(model, folder)),
    "original shards": lambda model, folder: write_vocabulary(write_original_folder(model, folder, shards=3)),
}


def silent(what: str, done: int, total: int) -> None:
    pass


@pytest.fixture(scope="module")
def model() -> Model:
    return random_model(num_hidden_layers=2)


@pytest.fixture
def folder(model: Model, tmp_path: Path) -> Path:
    """As published."""
    return FORMS["published"](model, tmp_path / "model")


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that small tensors are cut too; of most, the last piece is smaller than the others."""
    monkeypatch.setattr("ossia.convert.rows.PIECE", 3000)


def tensors(weights: Weights) -> dict[str, Matrix | npt.NDArray[np.float32]]:
    found: dict[str, Any] = {name: getattr(weights, name) for name in ("embedding", "output", "output_norm")}
    for number, layer in enumerate(weights.layers):
        found |= {f"{number}.{field.name}": getattr(layer, field.name) for field in fields(Layer)}
    return found


def assert_equal(weights: Weights, expected: Weights) -> None:
    """Bit by bit, and of the same kinds, but for the router, which only a GGUF has to have in float32."""
    theirs = tensors(expected)
    for name, value in tensors(weights).items():
        other = theirs[name]
        if name.endswith("router"):
            value, other = (dequantize(matrix.data, matrix.kind) for matrix in (value, other))
        elif isinstance(value, Matrix) and isinstance(other, Matrix):
            assert (value.kind, value.cols) == (other.kind, other.cols), name
            value, other = value.data, other.data
        np.testing.assert_array_equal(value, other, name)


# ---- the numbers


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("form", FORMS)
def test_every_form_becomes_the_same_file(form: str, model: Model, tmp_path: Path) -> None:
    source, path = FORMS[form](model, tmp_path / "model"), tmp_path / "model.gguf"
    convert([source], path, report=silent)
    weights, expected = load(path), load(write_gguf(model, tmp_path / "expected.gguf"))
    assert weights.config == replace(expected.config, rms_norm_eps=weights.config.rms_norm_eps)
    if form == "bf16":
        assert weights.layers[0].gate.kind == "bf16"
        expected = load_folder(source)
    assert_equal(weights, expected)
    np.testing.assert_array_equal(forward(weights, IDS), forward(expected, IDS))


def test_the_original_layout_can_be_loaded_too(model: Model, tmp_path: Path) -> None:
    assert_equal(
        load_folder(FORMS["original"](model, tmp_path / "a")), load_folder(FORMS["published"](model, tmp_path / "b"))
    )


def test_an_output_that_is_tied_is_left_out(model: Model, tmp_path: Path) -> None:
    tied = replace(model, dense={n: v for n, v in model.dense.items() if n != "lm_head.weight"})
    convert([FORMS["published"](tied, tmp_path / "model")], tmp_path / "model.gguf", report=silent)
    weights = load(tmp_path / "model.gguf")
    assert weights.output is weights.embedding


@pytest.mark.parametrize("dtype", ["F32", "F16"])
def test_matrices_keep_their_type(dtype: str, folder: Path, tmp_path: Path) -> None:
    import safetensors.numpy

    values = np.random.default_rng(0).standard_normal((512, 128)).astype({"F32": np.float32, "F16": np.float16}[dtype])
    safetensors.numpy.save_file({"lm_head.weight": values}, folder / "output.safetensors")  # read last
    convert([folder], tmp_path / "model.gguf", report=silent)
    output = load(tmp_path / "model.gguf").output
    assert output.kind == dtype.lower()
    np.testing.assert_array_equal(dequantize(output.data, output.kind), values)


# ---- the file


def test_the_file_is_llama_cpps(folder: Path, model: Model, tmp_path: Path) -> None:
    convert([folder], tmp_path / "model.gguf", report=silent)
    reader = ggml.GGUFReader(tmp_path / "model.gguf")
    expected = ggml.GGUFReader(write_gguf(model, tmp_path / "expected.gguf"))
    ours, theirs = ({t.name: (t.tensor_type, t.shape.tolist()) for t in r.tensors} for r in (reader, expected))
    assert ours == theirs
    values = {name: field.contents() for name, field in reader.fields.items()}
    kinds = {name: field.types for name, field in reader.fields.items()}
    for name, field in expected.fields.items():
        if name.startswith("gpt-oss."):
            assert values[name] == field.contents()
            assert kinds[name] == field.types
    assert values["general.file_type"] == ggml.LlamaFileType.MOSTLY_MXFP4_MOE
    assert values["general.quantization_version"] == 2
    assert values["gpt-oss.rope.scaling.yarn_beta_fast"] == 32
    assert values["gpt-oss.rope.scaling.yarn_beta_slow"] == 1
    assert "gpt-oss.attention.sliding_window_pattern" not in values
    assert values["tokenizer.chat_template"] == "{{ messages }}"


def test_another_pattern_of_windows_is_written_down(tmp_path: Path) -> None:
    kinds = ["full_attention", "sliding_attention"]
    model = random_model(num_hidden_layers=2, layer_types=kinds)
    convert([FORMS["published"](model, tmp_path / "model")], tmp_path / "model.gguf", report=silent)
    assert load(tmp_path / "model.gguf").config.sliding_pattern == (False, True)


def test_without_yarn(tmp_path: Path) -> None:
    model = random_model(num_hidden_layers=1, rope_scaling=None)
    convert([FORMS["published"](model, tmp_path / "model")], tmp_path / "model.gguf", report=silent)
    assert load(tmp_path / "model.gguf").config.yarn is None


def test_progress_counts_all_bytes_once(folder: Path, tmp_path: Path, small_pieces: None) -> None:
    told: list[tuple[str, int, int]] = []
    convert([folder], tmp_path / "model.gguf", report=lambda *progress: told.append(progress))
    size = sum(int(tensor.n_bytes) for tensor in ggml.GGUFReader(tmp_path / "model.gguf").tensors)
    assert {(what, total) for what, _, total in told} == {("converting model", size)}
    done = [done for _, done, _ in told]
    assert (done[0], done[-1]) == (0, size)
    assert done == sorted(set(done))
    assert len(done) > size / 6000  # pieces double when they become F32


def test_who_reports_may_end_it(folder: Path, tmp_path: Path, small_pieces: None) -> None:
    path = tmp_path / "model.gguf"

    def cancel(what: str, done: int, total: int) -> None:
        assert path.exists()
        if done > total / 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        convert([folder], path, report=cancel)
    assert not path.exists()


def test_a_full_disk(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(StoreError, match="No space left") as refused:
        convert([folder], tmp_path / "model.gguf", report=silent)
    assert refused.value.hint == "free some space"
    assert not (tmp_path / "model.gguf").exists()


@pytest.mark.parametrize("experts", ["mxfp4", "bf16"])
def test_memory_does_not_grow_with_the_model(experts: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ossia.convert.rows.PIECE", 1 << 16)
    monkeypatch.setattr("ossia.convert.gguf_writer._THREADS", 1)
    model = random_model(num_hidden_layers=1, hidden_size=1024, num_local_experts=24)
    folder = write_vocabulary(write_folder(model, tmp_path / "model", experts))
    limit = (folder / "model.safetensors").stat().st_size // 4
    takes_at_most(limit, lambda: convert([folder], tmp_path / "model.gguf", report=silent))


# ---- vocabularies


def test_the_vocabulary_encodes_as_before(folder: Path, tmp_path: Path) -> None:
    convert([folder], tmp_path / "model.gguf", report=silent)
    metadata = GGUF.open(tmp_path / "model.gguf").metadata
    ours, theirs = Tokenizer.from_gguf(metadata), Tokenizer.from_hf(folder / "tokenizer.json")
    text = "hello, hell! Grüße 123<|return|>"
    assert ours.encode(text, special=True) == theirs.encode(text, special=True)
    assert ours.encode("hello") == [259]
    assert (ours.bos_id, ours.eos_ids) == (theirs.bos_id, theirs.eos_ids)
    assert ours.vocab_size == 512
    assert ours.token_bytes(511) == b"<|reserved_511|>"
    assert ours.is_special(511)
    assert metadata["tokenizer.ggml.token_type"][511] == ggml.TokenType.UNUSED
    assert metadata["tokenizer.ggml.eos_token_id"] == 302
    assert metadata["tokenizer.ggml.padding_token_id"] == 301


@pytest.mark.parametrize("name", ["gpt-4o", "llama-bpe", "qwen2", "smollm"])
def test_pre_tokenizers_are_known_by_what_they_do(name: str, folder: Path, tmp_path: Path) -> None:
    from ossia import tokenizer

    splitter = tokenizer._SPLITTERS[name]
    digits = {"type": "Digits", "individual_digits": True}
    split = {"type": "Split", "pattern": {"Regex": splitter.pattern}, "behavior": "Isolated", "invert": False}
    steps = [digits, {"type": "ByteLevel"}] if name == "smollm" else [split, {"type": "ByteLevel", "use_regex": False}]
    content = json.loads((folder / "tokenizer.json").read_text())
    content["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": steps}
    content["model"]["ignore_merges"] = splitter.ignore_merges
    (folder / "tokenizer.json").write_text(json.dumps(content))
    convert([folder], tmp_path / "model.gguf", report=silent)
    assert GGUF.open(tmp_path / "model.gguf").metadata["tokenizer.ggml.pre"] == name
    content["model"]["ignore_merges"] = not splitter.ignore_merges
    (folder / "tokenizer.json").write_text(json.dumps(content))
    with pytest.raises(NotSupported, match="no known pre-tokenizer"):
        convert([folder], tmp_path / "model.gguf", report=silent)


def test_ends_and_template_from_the_tokenizers_config(folder: Path, tmp_path: Path) -> None:
    (folder / "generation_config.json").unlink()
    (folder / "chat_template.jinja").unlink()
    settings = {"bos_token": {"content": "<|call|>"}, "eos_token": None, "chat_template": "{{ of_the_config }}"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    convert([folder], tmp_path / "model.gguf", report=silent)
    metadata = GGUF.open(tmp_path / "model.gguf").metadata
    ends = {end: metadata[f"tokenizer.ggml.{end}_token_id"] for end in ("bos", "eos", "padding")}
    assert ends == {"bos": 303, "eos": 302, "padding": 301}
    assert metadata["tokenizer.chat_template"] == "{{ of_the_config }}"


def test_the_original_layout_finds_its_vocabulary_one_folder_up(model: Model, tmp_path: Path) -> None:
    folder = write_original_folder(model, tmp_path / "gpt-oss" / "original")
    with pytest.raises(InvalidModelFile, match=r"no tokenizer\.json") as error:
        convert([folder], tmp_path / "model.gguf", report=silent)
    assert error.value.hint
    write_vocabulary(folder.parent)
    convert([folder], tmp_path / "model.gguf", report=silent)
    assert Tokenizer.from_gguf(GGUF.open(tmp_path / "model.gguf").metadata).encode("hello") == [259]


@pytest.mark.parametrize("vocab_size", [512, pytest.param(201088, marks=pytest.mark.slow)])
def test_llama_cpp_has_the_same_ids_and_logits(vocab_size: int, tmp_path: Path) -> None:
    model, path = random_model(num_hidden_layers=2, vocab_size=vocab_size), tmp_path / "model.gguf"
    folder = FORMS["published"](model, tmp_path / "model")
    if vocab_size > 512:
        (folder / "generation_config.json").unlink()
        shutil.copy(vocabulary().tokenizer_json, folder)
    convert([folder], path, quantize="q8_0", report=silent)
    ids = Tokenizer.from_gguf(GGUF.open(path).metadata).encode("Why is the sky blue?")
    assert ids == Tokenizer.from_hf(folder / "tokenizer.json").encode("Why is the sky blue?")
    [choice] = LlamaCpp(path).greedy(ids, 1)
    logits = forward(load(path), ids)[-1].astype(np.float64)
    logprobs = logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max()
    assert len(choice.logprobs) == 20
    for id, logprob in choice.logprobs.items():
        assert logprobs[id] == pytest.approx(logprob, abs=0.3)  # llama.cpp rounds activations to 8 bits


# ---- Q8_0


def test_dense_matrices_become_q8_0_and_experts_stay(folder: Path, model: Model, tmp_path: Path) -> None:
    told: set[str] = set()
    convert([folder], tmp_path / "model.gguf", quantize="Q8_0", report=lambda what, *_: told.add(what))
    assert told == {"quantizing BF16 model to Q8_0"}
    weights, expected = load(tmp_path / "model.gguf"), load_folder(folder)
    before = tensors(expected)
    for name, value in tensors(weights).items():
        if isinstance(value, Matrix) and value.kind == "q8_0":
            wanted = ggml.quants.quantize(dequantize(before[name].data, "bf16"), ggml.GGMLQuantizationType.Q8_0)
            np.testing.assert_array_equal(value.data, wanted, name)
    kinds = {name.split(".")[-1]: value.kind for name, value in tensors(weights).items() if isinstance(value, Matrix)}
    dense = dict.fromkeys(("embedding", "output", "q", "k", "v", "out"), "q8_0")
    assert kinds == dense | dict.fromkeys(("gate", "up", "down"), "mxfp4") | {"router": "f32"}
    for layer, other in zip(weights.layers, expected.layers, strict=True):
        np.testing.assert_array_equal(layer.up.data, other.up.data)
        np.testing.assert_array_equal(layer.down.data, other.down.data)
    assert GGUF.open(tmp_path / "model.gguf").metadata["general.file_type"] == ggml.LlamaFileType.MOSTLY_MXFP4_MOE


def test_experts_of_numbers_become_q8_0(model: Model, tmp_path: Path) -> None:
    folder = FORMS["bf16"](model, tmp_path / "model")
    convert([folder], tmp_path / "model.gguf", quantize="q8_0", report=silent)
    weights = load(tmp_path / "model.gguf")
    assert {weights.layers[0].gate.kind, weights.layers[1].down.kind} == {"q8_0"}
    np.testing.assert_allclose(forward(weights, IDS), forward(load_folder(folder), IDS), atol=0.3)
    assert GGUF.open(tmp_path / "model.gguf").metadata["general.file_type"] == ggml.LlamaFileType.MOSTLY_Q8_0


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("form", ["gpt-oss", "gptoss", "first"])
def test_a_gguf_can_be_quantized(form: Any, folder: Path, model: Model, tmp_path: Path) -> None:
    source, path, again = (
        write_gguf(model, tmp_path / "source.gguf", form),
        tmp_path / "q8.gguf",
        tmp_path / "again.gguf",
    )
    convert([source], path, quantize="q8_0", report=silent)
    convert([folder], tmp_path / "expected.gguf", quantize="q8_0", report=silent)
    assert_equal(load(path), load(tmp_path / "expected.gguf"))
    convert([path], again, quantize="q8_0", report=silent)
    assert again.read_bytes() == path.read_bytes()


def test_a_ggufs_metadata_is_kept(folder: Path, tmp_path: Path) -> None:
    convert([folder], tmp_path / "model.gguf", report=silent)
    convert([tmp_path / "model.gguf"], tmp_path / "q8.gguf", quantize="q8_0", report=silent)
    before, after = (ggml.GGUFReader(tmp_path / name).fields for name in ("model.gguf", "q8.gguf"))
    for name in before:
        if not name.startswith("GGUF."):
            assert (after[name].types, after[name].contents()) == (before[name].types, before[name].contents())


@pytest.mark.parametrize(
    ("name", "error"), [("Q4_K_M", NotSupported), ("q4_k", NotSupported), ("F16", NotSupported), ("q9", InvalidRequest)]
)
def test_other_types_are_refused(name: str, error: type[OssiaError], folder: Path, tmp_path: Path) -> None:
    with pytest.raises(error, match=name) as raised:
        convert([folder], tmp_path / "model.gguf", quantize=name, report=silent)
    assert type(raised.value) is error
    assert raised.value.hint
    assert not (tmp_path / "model.gguf").exists()


def test_what_is_quantized_already_is_not_quantized_again(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_tensor = ggml.GGUFWriter.add_tensor

    def as_q4_1(writer: ggml.GGUFWriter, name: str, values: npt.NDArray[np.generic], **options: object) -> None:
        if name == "output.weight":
            number = ggml.GGMLQuantizationType.Q4_1
            values, options = ggml.quants.quantize(model.dense["lm_head.weight"], number), {"raw_dtype": number}
        add_tensor(writer, name, values, **options)

    monkeypatch.setattr(ggml.GGUFWriter, "add_tensor", as_q4_1)
    with pytest.raises(InvalidRequest, match=r"output\.weight.*Q4_1"):
        convert([write_gguf(model, tmp_path / "source.gguf")], tmp_path / "q8.gguf", quantize="q8_0", report=silent)


def test_ggufs_of_other_models_are_refused(smollm2_gguf: Path, tmp_path: Path) -> None:
    with pytest.raises(NotSupported, match="llama"):
        convert([smollm2_gguf], tmp_path / "q8.gguf", quantize="q8_0", report=silent)


# ---- what is wrong


def with_config(folder: Path, **changes: object) -> None:
    config = json.loads((folder / "config.json").read_text()) | changes
    (folder / "config.json").write_text(json.dumps(config))


def with_tokenizer(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads((folder / "tokenizer.json").read_text())
    change(content)
    (folder / "tokenizer.json").write_text(json.dumps(content))


def only_pytorch(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "no config": (lambda f: (f / "config.json").unlink(), r"config\.json"),
    "another model": (lambda f: with_config(f, model_type="llama"), "'llama' is not gpt_oss"),
    "not a number": (lambda f: with_config(f, rms_norm_eps=float("nan")), "rms_norm_eps"),
    "an endless context": (lambda f: with_config(f, max_position_embeddings=float("inf")), "max_position_embeddings"),
    "more layers": (lambda f: with_config(f, num_hidden_layers=3), r"layers\.2"),
    "other experts": (lambda f: with_config(f, intermediate_size=64), "gate_up_proj_blocks"),
    "no whole blocks": (lambda f: with_config(f, hidden_size=130), "128"),
    "a larger vocabulary": (lambda f: with_config(f, vocab_size=1 << 40), "embed_tokens"),
    "only pytorch": (only_pytorch, "no safetensors"),
    "cut off": (lambda f: os.truncate(f / "model.safetensors", 100_000), "cannot lie"),
    "no tokenizer": (lambda f: (f / "tokenizer.json").unlink(), r"no tokenizer\.json"),
    "no json": (lambda f: (f / "tokenizer.json").write_text("{"), "not JSON"),
    "no vocabulary": (lambda f: (f / "tokenizer.json").write_text("{}"), "not a vocabulary"),
    "too many tokens": (lambda f: with_tokenizer(f, lambda t: t["model"]["vocab"].update(x=512)), "512"),
    "negative ids": (lambda f: with_tokenizer(f, lambda t: t["model"]["vocab"].update(x=-1)), "-1"),
    "an id of text": (lambda f: with_tokenizer(f, lambda t: t["model"]["vocab"].update(x="1")), "not a vocabulary"),
    "unspellable": (lambda f: with_tokenizer(f, lambda t: t["model"]["vocab"].update({"語": 400})), "spelled"),
    "an end that is no id": (lambda f: (f / "generation_config.json").write_text('{"eos_token_id": "x"}'), "eos"),
    "half a character": (lambda f: with_tokenizer(f, lambda t: t["added_tokens"][0].update(content="\ud800")), "GGUF"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_broken_folders(how: str, folder: Path, tmp_path: Path) -> None:
    damage, message = BROKEN[how]
    damage(folder)
    with pytest.raises(InvalidModelFile, match=message):
        convert([folder], tmp_path / "model.gguf", report=silent)
    assert not (tmp_path / "model.gguf").exists()


@pytest.mark.parametrize("how", ["another model", "only pytorch", "no tokenizer"])
def test_what_to_do_about_it(how: str, folder: Path, tmp_path: Path) -> None:
    BROKEN[how][0](folder)
    with pytest.raises(InvalidModelFile) as error:
        convert([folder], tmp_path / "model.gguf", report=silent)
    assert error.value.hint


@pytest.mark.parametrize(
    "changes", [{"swiglu_limit": 5.0}, {"swiglu_alpha": 1.0}, {"rope_scaling": {"truncate": True}}]
)
def test_what_a_gguf_cannot_say(changes: dict[str, Any], folder: Path, tmp_path: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    if rope := changes.get("rope_scaling"):
        changes = {"rope_scaling": config["rope_scaling"] | rope}
    with_config(folder, **changes)
    with pytest.raises(NotSupported, match="cannot say"):
        convert([folder], tmp_path / "model.gguf", report=silent)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e10])
def test_weights_that_q8_0_cannot_hold(value: float, model: Model, tmp_path: Path) -> None:
    output = model.dense["lm_head.weight"].copy()
    output[7, 7] = value
    folder = FORMS["published"](replace(model, dense=model.dense | {"lm_head.weight": output}), tmp_path / "model")
    with pytest.raises(InvalidModelFile, match=r"output\.weight"):
        convert([folder], tmp_path / "model.gguf", quantize="q8_0", report=silent)
    assert not (tmp_path / "model.gguf").exists()


def test_a_scale_that_is_not_a_number(model: Model, tmp_path: Path) -> None:
    name = "model.layers.1.mlp.experts.down_proj"
    packed = model.experts[name].copy()
    packed[7, 7, 17] = 255
    folder = FORMS["published"](replace(model, experts=model.experts | {name: packed}), tmp_path / "model")
    with pytest.raises(InvalidModelFile, match="not a number"):
        convert([folder], tmp_path / "model.gguf", report=silent)


def test_a_file_that_is_cut_off_meanwhile(folder: Path, tmp_path: Path, small_pieces: None) -> None:
    def cut(what: str, done: int, total: int) -> None:
        os.truncate(folder / "model.safetensors", 4096)

    with pytest.raises(InvalidModelFile, match="shorter"):
        convert([folder], tmp_path / "model.gguf", report=cut)
    assert not (tmp_path / "model.gguf").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"num_key_value_heads": 1}, "rows, not 256 and twice 64"),
        ({"rope_scaling_factor": float("inf")}, "rope_scaling_factor"),
        ({"rope_scaling_factor": float("nan")}, "rope_scaling_factor"),
        ({"initial_context_length": 10**400}, "initial_context_length"),
        ({"rope_theta": 10**400}, "rope_theta"),
        ({"initial_context_length": None}, "initial_context_length"),
        ({"num_experts": 7}, "router"),
    ],
)
def test_broken_originals(changes: dict[str, Any], message: str, model: Model, tmp_path: Path) -> None:
    folder = FORMS["original"](model, tmp_path / "model")
    with_config(folder, **changes)
    with pytest.raises(InvalidModelFile, match=message):
        convert([folder], tmp_path / "model.gguf", report=silent)


# ---- against transformers


@pytest.mark.torch
@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_transformers_own_export_has_the_same_logits(
    dtype: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    import torch
    from transformers import GptOssConfig, GptOssForCausalLM

    torch.manual_seed(0)
    settings = {name: value for name, value in CONFIG.items() if name not in ("architectures", "quantization_config")}
    config = GptOssConfig(**settings)
    model = GptOssForCausalLM(config).to(getattr(torch, dtype))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.3 if parameter.ndim == 1 else parameter.shape[-1] ** -0.5)
    model.save_pretrained(tmp_path / "model", max_shard_size="200KB")
    write_vocabulary(tmp_path / "model")
    convert([tmp_path / "model"], tmp_path / "model.gguf", report=silent)
    with torch.no_grad():
        expected = model.float().eval()(torch.tensor([IDS])).logits[0].numpy()
    logits = forward(load(tmp_path / "model.gguf"), IDS)
    record_property("largest difference", float(np.abs(logits - expected).max()))
    np.testing.assert_allclose(logits, expected, atol=1e-3)
