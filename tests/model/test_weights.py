"""Every published form of one model gives the same numbers; and files that are wrong say where."""

import json
from dataclasses import replace
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt
import pytest

from ossia.engine.gpt_oss.matrix import dequantize
from ossia.engine.gpt_oss.reference import forward
from ossia.engine.gpt_oss.weights import load
from ossia.errors import InvalidModelFile
from ossia.safetensors import open_file
from tests.model.folders import load_folder
from tests.model.tiny_gpt_oss import Model, random_model, write_folder, write_gguf

IDS = list(np.random.default_rng(1).integers(0, 512, 24))


@pytest.fixture(scope="module")
def model() -> Model:
    return random_model(num_hidden_layers=2)


@pytest.fixture(scope="module")
def logits(model: Model, tmp_path_factory: pytest.TempPathFactory) -> npt.NDArray[np.float32]:
    return forward(load(write_gguf(model, tmp_path_factory.mktemp("model") / "model.gguf")), IDS)


@pytest.mark.parametrize("form", ["gptoss", "first"])
def test_ollamas_older_files_are_the_same_model(
    form: str, model: Model, logits: npt.NDArray[np.float32], tmp_path: Path
) -> None:
    weights = load(write_gguf(model, tmp_path / "model.gguf", form))
    assert weights.layers[0].gate.kind == ("mxfp4_openai" if form == "first" else "mxfp4")
    np.testing.assert_array_equal(forward(weights, IDS), logits)


@pytest.mark.parametrize(("experts", "shards"), [("mxfp4", 1), ("mxfp4", 3), ("bf16", 1)])
def test_hugging_faces_folder_is_the_same_model(
    experts: str, shards: int, model: Model, logits: npt.NDArray[np.float32], tmp_path: Path
) -> None:
    weights = load_folder(write_folder(model, tmp_path / "model", experts, shards))
    assert weights.layers[0].down.kind == experts
    np.testing.assert_array_equal(forward(weights, IDS), logits)


def test_what_runs_as_stored_is_not_copied(model: Model, tmp_path: Path) -> None:
    layer = load(write_gguf(model, tmp_path / "model.gguf", "first")).layers[0]
    for matrix in (layer.q, layer.v, layer.out, layer.gate, layer.up, layer.down, layer.router):
        assert not matrix.data.flags.owndata
        assert not matrix.data.flags.writeable  # a view on the read-only map
    assert layer.up.data.ctypes.data - layer.gate.data.ctypes.data == layer.gate.data.shape[1]  # neighbours in the map
    assert layer.gate.data.strides[0] == 2 * layer.gate.data.shape[1]


def test_num_bytes_is_the_files_size_but_for_its_tables(model: Model, tmp_path: Path) -> None:
    path = write_gguf(model, tmp_path / "model.gguf")
    tensors = sum(int(tensor.n_bytes) for tensor in gguf.GGUFReader(path).tensors)
    assert load(path).num_bytes == tensors


def test_an_output_that_is_missing_is_the_embedding(model: Model, tmp_path: Path) -> None:
    tied = replace(model, dense={n: v for n, v in model.dense.items() if n != "lm_head.weight"})
    weights = load_folder(write_folder(tied, tmp_path / "model"))
    assert weights.output is weights.embedding
    assert weights.num_bytes < load_folder(write_folder(model, tmp_path / "untied")).num_bytes


@pytest.mark.parametrize("kind", ["F32", "F16", "BF16", "Q8_0"])
def test_dequantize_equals_the_gguf_package(kind: str) -> None:
    number = gguf.GGMLQuantizationType[kind]
    rows = gguf.quants.quantize(np.random.default_rng(0).standard_normal((6, 64), np.float32), number)
    expected = gguf.quants.dequantize(rows, number)
    np.testing.assert_array_equal(dequantize(rows.view(np.uint8), kind.lower()), expected)  # pyright: ignore


def test_a_wrong_shape_names_the_tensor_and_both_shapes(model: Model, tmp_path: Path) -> None:
    name = "model.layers.1.self_attn.o_proj.bias"
    wrong = replace(model, dense=model.dense | {name: np.zeros(96, np.float32)})
    with pytest.raises(InvalidModelFile, match=r"blk\.1\.attn_output\.bias.*\[96\].*\[128\]"):
        load(write_gguf(wrong, tmp_path / "model.gguf"))
    with pytest.raises(InvalidModelFile, match=r"layers\.1\.self_attn\.o_proj\.bias.*\[96\].*\[128\]"):
        load_folder(write_folder(wrong, tmp_path / "model"))


def test_a_missing_tensor_is_named(model: Model, tmp_path: Path) -> None:
    name = "model.layers.1.mlp.router.bias"
    missing = replace(model, dense={n: v for n, v in model.dense.items() if n != name})
    with pytest.raises(InvalidModelFile, match=name):
        load_folder(write_folder(missing, tmp_path / "model"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x01",
        b"\xff" * 16,
        (2).to_bytes(8, "little") + b"[]",
        (3).to_bytes(8, "little") + b"{{{",
        (1 << 40).to_bytes(8, "little") + b"{}",
    ],
)
def test_what_is_not_safetensors(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(InvalidModelFile, match=r"model\.safetensors"):
        open_file(path)


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]},
        {"dtype": "F32", "shape": [2], "data_offsets": [-8, 0]},
        {"dtype": "F32", "shape": [-2, -1], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2.0], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [1 << 62, 1 << 62], "data_offsets": [0, 8]},
        {"dtype": "F7", "shape": [2], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2]},
        7,
    ],
)
def test_a_tensor_must_lie_within_the_file(entry: object, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    header = json.dumps({"weight": entry}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(8))
    with pytest.raises(InvalidModelFile, match="'weight'"):
        open_file(path)


@pytest.mark.parametrize("index", [{}, {"weight_map": {"x": "../secret.safetensors"}}, {"weight_map": {"x": "/etc/x"}}])
def test_an_index_does_not_reach_out_of_its_folder(index: object, model: Model, tmp_path: Path) -> None:
    folder = write_folder(model, tmp_path / "model")
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(InvalidModelFile, match=r"index\.json"):
        load_folder(folder)


def test_a_folder_without_a_config(tmp_path: Path) -> None:
    with pytest.raises(InvalidModelFile, match=r"config\.json"):
        load_folder(tmp_path)
