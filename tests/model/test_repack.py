"""Files that others quantised: every type that the gguf package reads becomes 8 bit, and costs what Q8_0 costs."""

from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt
import pytest
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quants

from ossia.config import EngineOptions
from ossia.engine.costs import costs_of
from ossia.engine.gpt_oss.cpu import CpuRunner
from ossia.engine.gpt_oss.matrix import Matrix, dequantize
from ossia.engine.gpt_oss.reference import forward
from ossia.engine.gpt_oss.repack import alike, convert, is_readable, repack, values
from ossia.engine.gpt_oss.weights import Weights, from_gguf, layer_kinds, load, repacked
from ossia.errors import InvalidModelFile
from ossia.gguf import GGUF
from ossia.tensor_types import TENSOR_TYPES
from tests.model.tiny_gpt_oss import Model, random_model, write_gguf

Type = GGMLQuantizationType
IDS = list(np.random.default_rng(1).integers(0, 512, 24))
UNREADABLE = {"F64", "I8", "I16", "I32", "I64", "Q8_1", "Q8_K"}
READABLE = [number for number, kind in TENSOR_TYPES.items() if kind.name not in {*UNREADABLE, "MXFP4_OPENAI"}]


@pytest.fixture(scope="module")
def model() -> Model:
    return random_model(num_hidden_layers=2, tie_word_embeddings=False)


def random_rows(number: int, rows: int, cols: int) -> npt.NDArray[np.uint8]:
    """Rows of any type, whose scales are small numbers however they are stored."""
    block, size = GGML_QUANT_SIZES[Type(number)]
    low, high = (100, 125) if TENSOR_TYPES[number].name == "MXFP4" else (0, 60)
    return np.random.default_rng(number).integers(low, high, (rows, cols // block * size), np.uint8)


@pytest.mark.parametrize("number", READABLE, ids=lambda number: TENSOR_TYPES[number].name)
def test_every_type_becomes_8_bit_within_their_rounding(number: int) -> None:
    stored = random_rows(number, 300, 512)
    packed = np.empty((300, 512 // 32 * 34), np.uint8)
    convert(stored, number, packed)
    expected = quants.dequantize(stored, Type(number)).reshape(-1, 32)
    got = dequantize(packed, "q8_0").reshape(-1, 32)
    step = np.abs(expected).max(1, keepdims=True) / 127
    assert (np.abs(got - expected) <= 0.51 * step + 127 * (step * 2**-11 + 2**-25)).all()


@pytest.mark.parametrize("name", sorted(UNREADABLE))
def test_a_type_that_nobody_can_decode(name: str) -> None:
    assert not is_readable(Type[name].value)


def test_8_bit_are_llama_cpps_own() -> None:
    weights = np.random.default_rng(0).standard_normal((64, 256), np.float32)
    weights[3, 32:64] = 0
    packed = np.empty((64, 256 // 32 * 34), np.uint8)
    convert(weights.view(np.uint8), Type.F32, packed)
    np.testing.assert_array_equal(packed, quants.quantize(weights, Type.Q8_0))


def write_mix(
    model: Model, path: Path, monkeypatch: pytest.MonkeyPatch, choose: Callable[[str], Type | None], form: str
) -> Path:
    """The model with matrices of the types that `choose` names."""
    add_tensor = gguf.GGUFWriter.add_tensor

    def add(writer: gguf.GGUFWriter, name: str, stored: npt.NDArray[np.generic], **options: object) -> None:
        kind = choose(name)
        if kind is not None:
            old = options.get("raw_dtype")
            exact = stored if old is None else quants.dequantize(stored, old)  # pyright: ignore
            stored, options = quants.quantize(exact, kind), {"raw_dtype": kind}
        add_tensor(writer, name, stored, **options)

    with monkeypatch.context() as patch:
        patch.setattr(gguf.GGUFWriter, "add_tensor", add)
        return write_gguf(model, path, form)  # pyright: ignore


KINDS = {"token_embd": Type.Q5_1, "output.": Type.Q4_0, "attn_q": Type.Q4_1, "attn_k": Type.Q5_0, "attn_v": Type.F16}
KINDS |= {"attn_output": Type.Q5_0}
EXPERTS = {"ffn_gate_exps": Type.Q5_0, "ffn_up_exps": Type.Q8_0, "ffn_down_exps": Type.Q4_1}
FUSED = {"attn_qkv": Type.Q5_1, "ffn_gate_up_exps": Type.Q5_1}


def chosen(kinds: dict[str, Type]) -> Callable[[str], Type | None]:
    return lambda name: next((t for part, t in kinds.items() if part in name and name.endswith(".weight")), None)


@pytest.mark.parametrize(
    ("kinds", "form"),
    [(KINDS, "gpt-oss"), (KINDS | EXPERTS, "gpt-oss"), (FUSED, "first"), ({"ffn_up_exps": Type.Q5_1}, "gpt-oss")],
    ids=["dense", "experts", "fused", "gate unlike up"],
)
def test_a_mix_costs_what_q8_0_costs_and_computes_what_is_written(
    kinds: dict[str, Type], form: str, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_mix(model, tmp_path / "model.gguf", monkeypatch, chosen(kinds), form)
    told: list[tuple[str, int, int]] = []
    weights = load(path, 2, lambda *part: told.append(part))
    eight = write_mix(model, tmp_path / "q8_0.gguf", monkeypatch, chosen(dict.fromkeys(kinds, Type.Q8_0)), form)
    assert weights.num_bytes <= 1.05 * load(eight).num_bytes
    costs = costs_of(GGUF.open(path))
    assert costs
    assert costs.weights == weights.num_bytes  # known from the header, before it is loaded
    assert {kind for layer in weights.layers for kind in layer_kinds(layer)} <= {
        "q8_0",
        "f16",
        "bf16",
        "f32",
        "mxfp4",
        "mxfp4_openai",
    }
    assert weights.layers[0].gate.kind == weights.layers[0].up.kind
    assert told[0][:2] == ("repacking weights", 0)
    assert told[-1][1] == told[-1][2] > 0
    exact, got = forward(in_float32(path), IDS), forward(weights, IDS)
    errors = np.sqrt(np.square(got - exact).mean(axis=1))  # of each row: a few have other experts
    assert np.median(errors) < 0.03 * exact.std()
    CpuRunner(weights, EngineOptions(threads=1, kv_cache_bytes=1 << 22))  # the kernels take every kind


def in_float32(path: Path) -> Weights:
    """The file's weights, every matrix widened."""

    def wide(matrices: list[Matrix], *_: object) -> list[Matrix]:
        return [Matrix(values(matrix).view(np.uint8), "f32", matrix.cols) for matrix in matrices]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ossia.engine.gpt_oss.weights.repack", wide)
        return repacked(from_gguf(GGUF.open(path)), 1)


def test_routers_stay_exact(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_mix(model, tmp_path / "model.gguf", monkeypatch, chosen({"ffn_gate_inp": Type.Q5_0}), "gpt-oss")
    router = load(path).layers[0].router
    expected = quants.dequantize(quants.quantize(model.dense["model.layers.0.mlp.router.weight"], Type.Q5_0), Type.Q5_0)
    assert router.kind == "f32"
    np.testing.assert_array_equal(dequantize(router.data, "f32"), expected)


def test_a_type_that_cannot_be_read_is_named(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_gguf(model, tmp_path / "model.gguf", dense=Type.Q8_0)
    monkeypatch.setitem(TENSOR_TYPES, Type.Q8_0, TENSOR_TYPES[Type.Q8_0]._replace(name="Q8_1"))
    monkeypatch.setattr("ossia.engine.gpt_oss.weights.is_readable", lambda number: False)
    with pytest.raises(InvalidModelFile, match=r"'token_embd\.weight' is Q8_1, which cannot be read"):
        from_gguf(GGUF.open(path))


def test_matrices_of_one_kind_are_left_alone_and_others_become_8_bit() -> None:
    random = np.random.default_rng(1)
    half = Matrix(random.standard_normal((3, 64)).astype(np.float16).view(np.uint8), "f16", 64)
    whole = Matrix(random.standard_normal((2, 64)).astype(np.float32).view(np.uint8), "f32", 64)
    assert alike(half, half) == (half, half)
    packed = repack(alike(half, whole), 1)
    assert [matrix.kind for matrix in packed] == ["q8_0", "q8_0"]
    np.testing.assert_allclose(values(packed[1]), values(whole), atol=0.02)
    narrow = [
        Matrix(matrix.data[:, : matrix.data.shape[1] * 3 // 4].copy(), matrix.kind, 48) for matrix in (half, whole)
    ]
    assert [matrix.kind for matrix in alike(*narrow)] == ["f32", "f32"]


def test_the_originals_memory_is_given_back(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    big = random_model(num_hidden_layers=1, vocab_size=16384, tie_word_embeddings=False)
    path = write_mix(big, tmp_path / "model.gguf", monkeypatch, chosen(KINDS), "gpt-oss")
    weights = load(path)
    kept = sum(m.data.nbytes for m in (weights.layers[0].gate, weights.layers[0].up, weights.layers[0].down))
    assert resident(path) < path.stat().st_size / 2
    assert resident(path) >= kept


def resident(path: Path) -> int:
    """Bytes of this process's memory that are the file's."""
    total, ours = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if "-" in line.split(" ")[0]:
            ours = line.endswith(str(path))
        elif ours and line.startswith("Rss:"):
            total += int(line.split()[1]) << 10
    return total
