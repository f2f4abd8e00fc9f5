"""Weights: the matrices and vectors of gpt-oss by name, as views on the mapped file.

Nothing is copied that the kernels can multiply as it is stored: matrices of types without a kernel are repacked to
Q8_0 (ossia.engine.gpt_oss.repack); vectors, and routers of such types, are expanded to float32. The shape of each
tensor is checked against the config.

Two layouts are read: llama.cpp's (`gpt-oss`), and Ollama's older one (`gptoss`), in whose first form q, k and v are one
matrix, and gate and up are alternating rows of another.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ossia.engine.gpt_oss.config import GptOssConfig
from ossia.engine.gpt_oss.matrix import BLOCK, Matrix
from ossia.engine.gpt_oss.repack import alike, is_readable, repack, values
from ossia.engine.timeline import Report, silent
from ossia.errors import InvalidModelFile
from ossia.gguf import GGUF
from ossia.gguf_tables import TensorInfo

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Layer:
    """Weights of a layer: D hidden size, H and KV heads of hd, E experts of F. Rows are outputs, experts in order."""

    attn_norm: Floats  # [D]
    q: Matrix  # [H * hd, D]
    k: Matrix  # [KV * hd, D]
    v: Matrix  # [KV * hd, D]
    q_bias: Floats
    k_bias: Floats
    v_bias: Floats
    sinks: Floats  # [H]
    out: Matrix  # [D, H * hd]
    out_bias: Floats  # [D]
    mlp_norm: Floats  # [D]
    router: Matrix  # [E, D]
    router_bias: Floats  # [E]
    gate: Matrix  # [E * F, D]
    up: Matrix  # [E * F, D]
    down: Matrix  # [E * D, F]
    gate_bias: Floats  # [E, F]
    up_bias: Floats  # [E, F]
    down_bias: Floats  # [E, D]

    @property
    def num_bytes(self) -> int:
        values: list[Matrix | Floats] = [getattr(self, field.name) for field in fields(self)]
        return sum(value.nbytes for value in values)


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of a model. `output` is the same object as `embedding` if the model ties them."""

    config: GptOssConfig
    embedding: Matrix  # [V, D]
    output: Matrix  # [V, D]
    output_norm: Floats  # [D]
    layers: tuple[Layer, ...]

    @property
    def num_bytes(self) -> int:
        output = 0 if self.output is self.embedding else self.output.nbytes
        layers = sum(layer.num_bytes for layer in self.layers)
        return self.embedding.nbytes + output + self.output_norm.nbytes + layers


def layer_kinds(layer: Layer) -> tuple[str, ...]:
    """Kinds of all matrices of a layer, in their order."""
    return tuple(matrix.kind for matrix in _matrices(layer).values())


def _matrices(part: Layer | Weights) -> dict[str, Matrix]:
    """Matrices of a layer, or those outside all layers, by their fields' names."""
    values: dict[str, object] = {field.name: getattr(part, field.name) for field in fields(part)}
    return {name: value for name, value in values.items() if isinstance(value, Matrix)}


def load(model: Path | GGUF, threads: int = 1, report: Report = silent) -> Weights:
    """Load the weights of a GGUF file: repack what has no kernel, read the rest ahead. Raises InvalidModelFile."""
    gguf = model if isinstance(model, GGUF) else GGUF.open(model)
    stored = from_gguf(gguf)
    weights = repacked(stored, threads, report, gguf.release)
    for part in (weights, *weights.layers):
        for matrix in _matrices(part).values():
            gguf.populate(matrix.data)
    return weights


def repacked(
    weights: Weights, threads: int = 1, report: Report = silent, done: Callable[[Bytes], None] = lambda data: None
) -> Weights:
    """The same weights, each matrix in its kind. `done` is told of rows that are not needed any more."""
    parts = (weights, *weights.layers)
    stored = {id(m): m for part in parts for m in _matrices(part).values() if m.stored is not None}
    if not stored:
        return weights
    packed = dict(zip(stored, repack(list(stored.values()), threads, report, done), strict=True))

    def changes(part: Layer | Weights) -> dict[str, Any]:
        return {name: packed.get(id(matrix), matrix) for name, matrix in _matrices(part).items()}

    layers = tuple(replace(layer, **changes(layer)) for layer in weights.layers)
    return replace(weights, layers=layers, **changes(weights))


def from_gguf(gguf: GGUF) -> Weights:
    """Weights of an open file, of which no matrix is read yet. Raises InvalidModelFile."""
    return assemble(GptOssConfig.from_gguf(gguf.metadata, gguf.tensors), _GGUFTensors(gguf))


_OLDER_NAMES: Final = (
    (".attn_out.", ".attn_output."),
    (".attn_sinks", ".attn_sinks.weight"),
    (".ffn_norm.", ".post_attention_norm."),
)


class _GGUFTensors:
    """The tensors of a file under llama.cpp's names."""

    def __init__(self, gguf: GGUF) -> None:
        self._gguf = gguf
        self._tensors = {_current_name(name): info for name, info in gguf.tensors.items()}

    def __contains__(self, name: object, /) -> bool:
        return name in self._tensors

    def matrix(self, name: str, *shape: int) -> Matrix:
        """Return a tensor, its last dimension as columns. Raises InvalidModelFile if it is missing or misshapen."""
        info = self._checked(name, shape)
        kind = info.type_name.lower()
        if kind in BLOCK:
            return Matrix(self._gguf.rows(info.name), kind, shape[-1])
        if not is_readable(info.type):
            problem = f"tensor {info.name!r} is {info.type_name}, which cannot be read"
            raise InvalidModelFile(f"{self._gguf.path}: {problem}")
        return Matrix(self._gguf.rows(info.name), "q8_0", shape[-1], info.type)

    def _checked(self, name: str, shape: tuple[int, ...]) -> TensorInfo:
        if not (info := self._tensors.get(name)):
            raise InvalidModelFile(f"{self._gguf.path}: there is no tensor {name!r}")
        if info.shape != shape:
            raise InvalidModelFile(
                f"{self._gguf.path}: tensor {info.name!r} has shape {list(info.shape)}, "
                f"but the model's config makes it {list(shape)}"
            )
        return info


def _current_name(name: str) -> str:
    for older, current in _OLDER_NAMES:
        if current not in name:
            name = name.replace(older, current)
    return name


def assemble(config: GptOssConfig, tensors: _GGUFTensors) -> Weights:
    """Collect the weights of a model from a file's tensors, each checked against the shape that the config gives it."""
    c = config
    embedding = tensors.matrix("token_embd.weight", c.vocab_size, c.hidden_size)
    tied = "output.weight" not in tensors
    return Weights(
        config=c,
        embedding=embedding,
        output=embedding if tied else tensors.matrix("output.weight", c.vocab_size, c.hidden_size),
        output_norm=_vector(tensors, "output_norm.weight", c.hidden_size),
        layers=tuple(_layer(c, _LayerTensors(c, tensors, f"blk.{number}.")) for number in range(c.num_layers)),
    )


@dataclass(frozen=True, slots=True)
class _LayerTensors:
    """The tensors of one layer, whose names begin with `prefix`."""

    config: GptOssConfig
    tensors: _GGUFTensors
    prefix: str

    def matrix(self, name: str, *shape: int) -> Matrix:
        return self.tensors.matrix(f"{self.prefix}{name}.weight", *shape)

    def vector(self, name: str, *shape: int) -> Floats:
        return _vector(self.tensors, self.prefix + name, *shape)

    def queries_keys_values(self) -> tuple[list[Matrix], list[Floats]]:
        """Return q, k and v, and their biases; they may be one matrix, one after the other."""
        c = self.config
        queries, keys = c.num_heads * c.head_dim, c.num_kv_heads * c.head_dim
        if f"{self.prefix}attn_qkv.weight" in self.tensors:
            ends, rows = [queries, queries + keys], queries + 2 * keys
            matrices = _split(self.matrix("attn_qkv", rows, c.hidden_size), ends)
            return matrices, np.split(self.vector("attn_qkv.bias", rows), ends)
        sizes = {"attn_q": queries, "attn_k": keys, "attn_v": keys}
        matrices = [self.matrix(name, rows, c.hidden_size) for name, rows in sizes.items()]
        return matrices, [self.vector(f"{name}.bias", rows) for name, rows in sizes.items()]

    def gate_up(self) -> tuple[list[Matrix], list[Floats]]:
        """Return gate and up of all experts, and their biases; they may be alternating rows of one matrix."""
        experts, inner, hidden = self.config.num_experts, self.config.intermediate_size, self.config.hidden_size
        if f"{self.prefix}ffn_gate_up_exps.weight" in self.tensors:
            fused = self.matrix("ffn_gate_up_exps", experts, 2 * inner, hidden)
            bias = self.vector("ffn_gate_up_exps.bias", experts, 2 * inner)
            matrices = [replace(fused, data=fused.data[start::2]) for start in (0, 1)]
            return matrices, [np.ascontiguousarray(bias[:, start::2]) for start in (0, 1)]
        names = ("ffn_gate_exps", "ffn_up_exps")
        matrices = alike(*(self.matrix(name, experts, inner, hidden) for name in names))
        return list(matrices), [self.vector(f"{name}.bias", experts, inner) for name in names]


def _layer(c: GptOssConfig, tensors: _LayerTensors) -> Layer:
    matrix, vector = tensors.matrix, tensors.vector
    (q, k, v), (q_bias, k_bias, v_bias) = tensors.queries_keys_values()
    (gate, up), (gate_bias, up_bias) = tensors.gate_up()
    return Layer(
        attn_norm=vector("attn_norm.weight", c.hidden_size),
        q=q,
        k=k,
        v=v,
        q_bias=q_bias,
        k_bias=k_bias,
        v_bias=v_bias,
        sinks=vector("attn_sinks.weight", c.num_heads),
        out=matrix("attn_output", c.hidden_size, c.num_heads * c.head_dim),
        out_bias=vector("attn_output.bias", c.hidden_size),
        mlp_norm=vector("post_attention_norm.weight", c.hidden_size),
        router=_exact(matrix("ffn_gate_inp", c.num_experts, c.hidden_size)),
        router_bias=vector("ffn_gate_inp.bias", c.num_experts),
        gate=gate,
        up=up,
        down=matrix("ffn_down_exps", c.num_experts, c.hidden_size, c.intermediate_size),
        gate_bias=gate_bias,
        up_bias=up_bias,
        down_bias=vector("ffn_down_exps.bias", c.num_experts, c.hidden_size),
    )


def _split(matrix: Matrix, ends: list[int]) -> list[Matrix]:
    return [replace(matrix, data=data) for data in np.split(matrix.data, ends)]


def _exact(matrix: Matrix) -> Matrix:
    """The router: a rounded score flips experts."""
    return matrix if matrix.stored is None else Matrix(values(matrix).view(np.uint8), "f32", matrix.cols)


def _vector(tensors: _GGUFTensors, name: str, *shape: int) -> Floats:
    """Return a tensor of any kind in float32, contiguous and aligned as the kernels want it."""
    vector = values(tensors.matrix(name, *shape)).reshape(shape)
    return np.require(vector, requirements=["C_CONTIGUOUS", "ALIGNED"])
