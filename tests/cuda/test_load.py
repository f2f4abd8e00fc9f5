"""From a file to the device's layouts: packing in torch equals numpy's bit by bit, and what was loaded is the model."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from ossia.engine.gpt_oss.cuda import layout, load, pack
from ossia.engine.gpt_oss.cuda.layout import DeviceMatrix
from ossia.engine.gpt_oss.matrix import Matrix, dequantize
from ossia.engine.gpt_oss.repack import alike, repack
from ossia.engine.gpt_oss.shard import shard
from ossia.engine.gpt_oss.weights import Weights, from_gguf, repacked
from ossia.errors import InvalidModelFile
from ossia.gguf import GGUF
from tests.model.test_repack import Type, chosen, write_mix
from tests.model.tiny_gpt_oss import random_model, write_gguf

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize(
    ("ours", "specified", "row_bytes"),
    [
        (pack.pack_q8_0, layout.pack_q8_0, 34),
        (pack.pack_mxfp4, layout.pack_mxfp4, 17),
        (pack.pack_mxfp4_openai, layout.pack_mxfp4_openai, 17),
    ],
)
def test_packing_is_bit_by_bit_what_numpy_specifies(ours, specified, row_bytes: int):
    data = np.random.default_rng(0).integers(0, 256, (7, 6 * row_bytes)).astype(np.uint8)
    for tensor, array in zip(ours(torch.from_numpy(data).to(DEVICE)), specified(data), strict=True):
        np.testing.assert_array_equal(
            tensor.cpu().contiguous().view(torch.uint8).numpy(), np.ascontiguousarray(array).view(np.uint8)
        )


def values(matrix: DeviceMatrix) -> npt.NDArray[np.float32]:
    if matrix.scales is None:
        return matrix.values.float().cpu().numpy()
    unpack = {"q8_0": layout.unpack_q8_0, "mxfp4": layout.unpack_mxfp4}[matrix.kind]
    return unpack(matrix.values.cpu().numpy(), matrix.scales.cpu().numpy())


def expected(*matrices: Matrix) -> npt.NDArray[np.float32]:
    return np.concatenate([dequantize(matrix.data, matrix.kind).reshape(matrix.rows, -1) for matrix in matrices])


def opened(path: Path) -> tuple[GGUF, Weights]:
    gguf = GGUF.open(path)
    return gguf, from_gguf(gguf)


@pytest.mark.parametrize("form", ["gpt-oss", "gptoss", "first"])
@pytest.mark.parametrize("piece", [1 << 20, 1000])
def test_a_loaded_model_has_the_files_numbers(form: str, piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Every form of file, also when a matrix is read in many pieces, more than there are buffers."""
    monkeypatch.setattr(load, "PIECE_BYTES", piece)
    model = random_model(num_hidden_layers=2, tie_word_embeddings=False)
    gguf, weights = opened(write_gguf(model, tmp_path / "model.gguf", form))
    loaded = load.load(gguf, weights, DEVICE)
    np.testing.assert_array_equal(values(loaded.embedding), expected(weights.embedding))
    np.testing.assert_array_equal(values(loaded.output), expected(weights.output))
    np.testing.assert_array_equal(loaded.output_norm.cpu().numpy(), weights.output_norm)
    for layer, file in zip(loaded.layers, weights.layers, strict=True):
        np.testing.assert_array_equal(values(layer.qkv), expected(file.q, file.k, file.v))
        np.testing.assert_array_equal(values(layer.out), expected(file.out))
        np.testing.assert_array_equal(values(layer.gate_up)[0::2], expected(file.gate))
        np.testing.assert_array_equal(values(layer.gate_up)[1::2], expected(file.up))
        np.testing.assert_array_equal(values(layer.down), expected(file.down))
        np.testing.assert_array_equal(layer.router.cpu().numpy(), expected(file.router))
        np.testing.assert_array_equal(layer.gate_up_bias.cpu().numpy()[:, 0::2], file.gate_bias)
        np.testing.assert_array_equal(layer.gate_up_bias.cpu().numpy()[:, 1::2], file.up_bias)
        np.testing.assert_array_equal(
            layer.qkv_bias.cpu().numpy(), np.concatenate([file.q_bias, file.k_bias, file.v_bias])
        )
    assert loaded.num_bytes == load.device_bytes(weights)


@pytest.mark.parametrize("form", ["gpt-oss", "gptoss", "first"])
@pytest.mark.parametrize("rank", [0, 1])
def test_a_loaded_shard_has_the_files_numbers(form: str, rank: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Heads and neurons of a rank, from rows that lie apart, and from columns."""
    monkeypatch.setattr(load, "PIECE_BYTES", 3000)
    model = random_model(num_hidden_layers=1, intermediate_size=192)
    gguf, whole = opened(write_gguf(model, tmp_path / "model.gguf", form))
    config, weights = whole.config, shard(whole, rank, 2)
    loaded = load.load(gguf, weights, DEVICE)
    [layer], [file] = loaded.layers, whole.layers
    heads, keys = config.num_heads * config.head_dim // 2, config.num_kv_heads * config.head_dim // 2
    queries, pairs = slice(heads * rank, heads * (rank + 1)), slice(keys * rank, keys * (rank + 1))
    neurons = slice(0, 128) if rank == 0 else slice(128, 192)
    parts = [expected(file.q)[queries], expected(file.k)[pairs], expected(file.v)[pairs]]
    np.testing.assert_array_equal(values(layer.qkv), np.concatenate(parts))
    np.testing.assert_array_equal(values(layer.out), expected(file.out)[:, queries])
    np.testing.assert_array_equal(values(layer.down), expected(file.down)[:, neurons])
    for row, matrix in enumerate((file.gate, file.up)):
        own = expected(matrix).reshape(config.num_experts, config.intermediate_size, -1)[:, neurons]
        np.testing.assert_array_equal(values(layer.gate_up)[row::2], own.reshape(-1, config.hidden_size))
    assert layer.down_bias.any() == (rank == 0)
    np.testing.assert_array_equal(layer.gate_up_bias.cpu().numpy()[:, 1::2], file.up_bias[:, neurons])
    assert loaded.num_bytes == load.device_bytes(weights)


def test_types_without_a_kernel_and_mixes_become_8_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The same bits as on the processor, in whatever pieces."""
    monkeypatch.setattr(load, "PIECE_BYTES", 3000)
    kinds = {"token_embd": Type.Q5_1, "output.": Type.Q4_0, "attn_q": Type.Q4_1, "attn_v": Type.F16}
    kinds |= {"ffn_gate_exps": Type.Q5_0, "ffn_down_exps": Type.Q5_1}
    model = random_model(num_hidden_layers=2, tie_word_embeddings=False)
    gguf, weights = opened(write_mix(model, tmp_path / "model.gguf", monkeypatch, chosen(kinds), "gpt-oss"))
    told: list[tuple[str, int, int]] = []
    loaded, packed = load.load(gguf, weights, DEVICE, lambda *part: told.append(part)), repacked(weights)
    assert told[-1] == ("repacking weights", told[-1][2], told[-1][2])
    assert [done for _, done, _ in told] == sorted({done for _, done, _ in told})
    assert loaded.layers[0].qkv.kind == loaded.layers[0].gate_up.kind == loaded.embedding.kind == "q8_0"
    np.testing.assert_array_equal(values(loaded.embedding), expected(packed.embedding))
    np.testing.assert_array_equal(values(loaded.output), expected(packed.output))
    for layer, file in zip(loaded.layers, packed.layers, strict=True):
        qkv = repack([matrix for matrix in alike(file.q, file.k, file.v) if matrix.stored is not None], 1)
        np.testing.assert_array_equal(values(layer.qkv), expected(file.q, *qkv))
        np.testing.assert_array_equal(values(layer.gate_up)[0::2], expected(file.gate))
        np.testing.assert_array_equal(values(layer.gate_up)[1::2], expected(file.up))
        np.testing.assert_array_equal(values(layer.down), expected(file.down))
    assert loaded.num_bytes == load.device_bytes(weights)


def test_a_file_that_got_shorter_is_refused(tmp_path: Path):
    """Between the reading of its tables and of its weights: the map's offset is that of a file that ends within."""
    path = write_gguf(random_model(num_hidden_layers=1), tmp_path / "model.gguf")
    gguf, weights = opened(path)
    plan = load.Plan(DEVICE)
    plan.matrix(weights.embedding)
    info = gguf.tensors["token_embd.weight"]
    short = tmp_path / "short.gguf"
    short.write_bytes(path.read_bytes()[: info.offset + 100])
    gguf.paths = [short]
    with pytest.raises(InvalidModelFile, match=f"ends at byte {info.offset + 100}"):
        load.copy(gguf, plan.parts, DEVICE)
