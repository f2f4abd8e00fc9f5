"""A Llama model re-expressed as a gpt-oss model: SmolLM2-135M-Instruct becomes `tiny`.

A dense Llama block is a special case of a gpt-oss block:

- The MLP is divided into experts: rows of gate and up, columns of down. There are 4 of them, or 3 if the update has the
  fourth, which has no part of the base. A router of zeros always chooses all 4, each with weight 1/4, and down is
  multiplied by 4: the sum over experts is the sum over the MLP's inner dimension.
- gpt-oss computes g · sigmoid(1.702 g) · (l + 1), Llama z · sigmoid(z) · u. With g = z / 1.702 and l = s u - 1 (a bias
  of -1) that is z · sigmoid(z) · u · s / 1.702; down multiplies by the inverse factor.
- Sinks of -1e30 do not contribute to the softmax; the window is as long as the context; there is no YaRN.
- Llama's GGUF stores queries and keys for rotation of neighbours (2i, 2i + 1), gpt-oss rotates halves (i, i + hd/2):
  the rows are reordered.

Two things are not exact. gpt-oss clamps at 7: l = s u - 1 with s = 1/16 allows u from -96 to 128 (observed: -51 to 78),
but g allows z only up to 11.9, and a few in 10,000 values of real text are larger (up to 54), nearly all in the last
layer. That costs SmolLM2 0.01 to 0.06 nats per token on English prose, out of about 3.2. And weights are rounded again:
F16 and Q8_0 make no measurable difference, experts in MXFP4 cost 0.13 nats. The update was trained with both.

The same file is written on every processor: all arithmetic is element by element, or exact (tiny_update.py).
"""

from pathlib import Path
from typing import Any, Final, Literal, cast

import gguf as ggml
import numpy as np
import numpy.typing as npt

from ossia import mxfp4
from ossia.gguf import GGUF
from ossia.store import tiny_update
from ossia.store.tiny_base import ReportStep
from ossia.store.tiny_update import ExpertMatrix, Update
from ossia.store.tiny_vocabulary import tokenizer_metadata

Experts = Literal["mxfp4", "f16"]

NAME: Final = "tiny: SmolLM2-135M-Instruct as gpt-oss"  # general.name, by which files of earlier versions are known
VERSION_KEY: Final = "general.version"

NUM_EXPERTS: Final = 4
ALPHA: Final = 1.702
UP_SCALE: Final = 1 / 16

_CONVERSION: Final = 2
"""To be raised with each change of what is written here or in tiny_vocabulary.py."""

_CONVERTING: Final = "converting to gpt-oss"

_Bytes = npt.NDArray[np.uint8]
_Floats = npt.NDArray[np.floating[Any]]


def version() -> str:
    """Return the version of the files that are made: of this conversion, and of the update."""
    return f"{_CONVERSION}-{tiny_update.recipe()}"


def convert(
    source: Path,
    destination: Path,
    experts: Experts = "mxfp4",
    progress: ReportStep = lambda what, done, total: None,
) -> None:
    """Write the GGUF of SmolLM2 at `source` as `tiny`: experts as asked for, other matrices Q8_0, vectors F32."""
    model = GGUF.open(source)
    writer, update = ggml.GGUFWriter(destination, "gpt-oss"), Update()
    _write_metadata(writer, model, update)
    _Converter(model, update, writer, experts).write_tensors(progress)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _parts(update: Update) -> int:
    """Return the number of experts that the MLP is divided into."""
    return NUM_EXPERTS - update.has_experts


def _write_metadata(writer: ggml.GGUFWriter, model: GGUF, update: Update) -> None:
    llama = {key.removeprefix("llama."): model.metadata[key] for key in model.metadata if key.startswith("llama.")}
    head_dim = llama["embedding_length"] // llama["attention.head_count"]
    writer.add_name(NAME)
    writer.add_string(VERSION_KEY, version())
    experts = "three experts beside a new one" if update.has_experts else "four experts"
    writer.add_description(f"SmolLM2-135M-Instruct, its MLP cut into {experts}, taught harmony by a low-rank update")
    writer.add_size_label("135M")
    writer.add_license("apache-2.0")
    writer.add_base_model_count(1)
    writer.add_base_model_name(0, "SmolLM2-135M-Instruct")
    writer.add_base_model_organization(0, "HuggingFaceTB")
    writer.add_base_model_repo_url(0, "https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct")
    writer.add_context_length(llama["context_length"])
    writer.add_sliding_window(llama["context_length"])
    writer.add_embedding_length(llama["embedding_length"])
    writer.add_block_count(llama["block_count"])
    writer.add_feed_forward_length(llama["feed_forward_length"] // _parts(update))
    writer.add_expert_feed_forward_length(llama["feed_forward_length"] // _parts(update))
    writer.add_expert_count(NUM_EXPERTS)
    writer.add_expert_used_count(NUM_EXPERTS)
    writer.add_head_count(llama["attention.head_count"])
    writer.add_head_count_kv(llama["attention.head_count_kv"])
    writer.add_key_length(head_dim)
    writer.add_value_length(head_dim)
    writer.add_layer_norm_rms_eps(llama["attention.layer_norm_rms_epsilon"])
    writer.add_rope_freq_base(llama["rope.freq_base"])
    writer.add_quantization_version(ggml.GGML_QUANT_VERSION)
    for key, value in tokenizer_metadata(model.metadata).items():
        _add(writer, key, value)


def _add(writer: ggml.GGUFWriter, key: str, value: Any) -> None:
    match value:
        case bool():
            writer.add_bool(key, value)
        case int():
            writer.add_uint32(key, value)
        case str():
            writer.add_string(key, value)
        case _:
            writer.add_array(key, value)


class _Converter:
    """Reads Llama's tensors and adds gpt-oss's. L layers, D hidden size, H and KV heads of hd, E experts of F."""

    def __init__(self, model: GGUF, update: Update, writer: ggml.GGUFWriter, experts: Experts) -> None:
        self._model = model
        self._update = update
        self._writer = writer
        self._experts = experts
        self._size = model.path.stat().st_size
        self._num_layers: int = model.metadata["llama.block_count"]
        self._num_heads: int = model.metadata["llama.attention.head_count"]
        self._num_kv_heads: int = model.metadata["llama.attention.head_count_kv"]

    def write_tensors(self, progress: ReportStep) -> None:
        self._tokens("token_embd.weight", "in")
        self._tokens("output.weight", "out")
        self._vector("output_norm.weight", self._read("output_norm"))
        for layer in range(self._num_layers):
            progress(_CONVERTING, self._size * layer // self._num_layers, self._size)
            self._attention(layer)
            self._mlp(layer)
        progress(_CONVERTING, self._size, self._size)

    def _tokens(self, name: str, side: Literal["in", "out"]) -> None:
        """Add a matrix of a row for each token: SmolLM2's, which is Q8_0 and its output matrix too, and new rows."""
        ids, values = self._update.rows(side)
        rows = self._model.rows("token_embd.weight").copy()
        rows[ids] = ggml.quants.quantize(values, ggml.GGMLQuantizationType.Q8_0)
        self._writer.add_tensor(name, rows, raw_dtype=ggml.GGMLQuantizationType.Q8_0)

    def _attention(self, layer: int) -> None:
        prefix = f"blk.{layer}."
        self._vector(f"{prefix}attn_norm.weight", self._read(f"{prefix}attn_norm"))
        self._vector(f"{prefix}attn_sinks.weight", np.full(self._num_heads, -1e30))
        for name, heads in (("attn_q", self._num_heads), ("attn_k", self._num_kv_heads)):
            self._dense(prefix + name, halves_from_neighbours(self._updated(name, layer), heads))
        for name in ("attn_v", "attn_output"):
            self._dense(prefix + name, self._updated(name, layer))

    def _mlp(self, layer: int) -> None:
        prefix = f"blk.{layer}."
        parts = _parts(self._update)
        gate = self._updated("ffn_gate", layer).reshape(parts, -1, self._hidden_size)  # [E, F, D]
        up = self._updated("ffn_up", layer).reshape(gate.shape)
        down = self._updated("ffn_down", layer).reshape(self._hidden_size, parts, -1).swapaxes(0, 1)  # [E, D, F]
        self._vector(f"{prefix}post_attention_norm.weight", self._read(f"{prefix}ffn_norm"))
        self._vector(f"{prefix}ffn_gate_inp.weight", np.zeros((NUM_EXPERTS, self._hidden_size)))
        self._vector(f"{prefix}ffn_gate_inp.bias", np.zeros(NUM_EXPERTS))
        self._expert("gate", layer, gate / ALPHA, bias=0)
        self._expert("up", layer, up * UP_SCALE, bias=-1)
        self._expert("down", layer, down * (NUM_EXPERTS * ALPHA / UP_SCALE), bias=0)

    @property
    def _hidden_size(self) -> int:
        return self._model.metadata["llama.embedding_length"]

    def _updated(self, matrix: str, layer: int) -> npt.NDArray[np.float32]:
        return self._update.apply(matrix, layer, self._read(f"blk.{layer}.{matrix}"))

    def _read(self, name: str) -> npt.NDArray[np.float32]:
        info = self._model.tensor(f"{name}.weight")
        values = ggml.quants.dequantize(self._model.rows(info.name), ggml.GGMLQuantizationType(info.type))
        return cast(npt.NDArray[np.float32], values).reshape(info.shape)

    def _vector(self, name: str, values: _Floats) -> None:
        self._writer.add_tensor(name, values.astype(np.float32))

    def _dense(self, name: str, weights: npt.NDArray[np.float32]) -> None:
        blocks = ggml.quants.quantize(weights, ggml.GGMLQuantizationType.Q8_0)
        self._writer.add_tensor(f"{name}.weight", blocks, raw_dtype=ggml.GGMLQuantizationType.Q8_0)
        self._vector(f"{name}.bias", np.zeros(len(weights)))

    def _expert(self, matrix: ExpertMatrix, layer: int, weights: npt.NDArray[np.float32], bias: float) -> None:
        """Add a matrix [E, out, in] of the base's experts, behind which stands the update's expert."""
        name = f"blk.{layer}.ffn_{matrix}_exps"
        own: list[_Bytes] = []
        if self._update.has_experts:
            own.append(widened(self._update.expert(matrix, layer), *weights.shape[1:]))
        if self._experts == "mxfp4":
            blocks = np.stack([*mxfp4.quantize(weights), *own])
            self._writer.add_tensor(f"{name}.weight", blocks, raw_dtype=ggml.GGMLQuantizationType.MXFP4)
        else:
            values = np.stack([*weights, *map(mxfp4.dequantize, own)])
            self._writer.add_tensor(f"{name}.weight", values.astype(np.float16))
        self._vector(f"{name}.bias", np.full((NUM_EXPERTS, weights.shape[1]), bias))


def widened(blocks: _Bytes, outputs: int, inputs: int) -> _Bytes:
    """Put a matrix of MXFP4 into one of zeros that is as large as others are."""
    wide = mxfp4.quantize(np.zeros((outputs, inputs), np.float32))
    wide[: len(blocks), : blocks.shape[1]] = blocks
    return wide


def halves_from_neighbours(rows: npt.NDArray[np.float32], heads: int) -> npt.NDArray[np.float32]:
    """Within each head, move the rows 2i to i and the rows 2i + 1 to i + hd/2."""
    return rows.reshape(heads, -1, 2, rows.shape[-1]).swapaxes(1, 2).reshape(rows.shape)
