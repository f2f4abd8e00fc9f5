"""A folder as gpt-oss is published on Hugging Face, read as if it were a GGUF: the same names, the same shapes.

Experts come as MXFP4 in two tensors, blocks and scales, which are brought together into GGUF's blocks, exactly and in
memory; or, in an export to bfloat16, as matrices with inputs as rows, which are transposed. All else stays mapped.
"""

import json
from pathlib import Path
from typing import Any, Final, cast

import numpy as np

from ossia import mxfp4
from ossia.engine.gpt_oss.config import GptOssConfig
from ossia.engine.gpt_oss.matrix import Kind, Matrix
from ossia.engine.gpt_oss.safetensors import Tensor, open_shards
from ossia.errors import InvalidModelFile

_TOP: Final = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
_LAYER: Final = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "post_attention_norm": "post_attention_layernorm",
    "ffn_gate_inp": "mlp.router",
}
_EXPERTS: Final = {"ffn_gate_up_exps": "mlp.experts.gate_up_proj", "ffn_down_exps": "mlp.experts.down_proj"}
_KINDS: Final[dict[str, Kind]] = {"F32": "f32", "F16": "f16", "BF16": "bf16"}


def open_folder(folder: Path) -> tuple[GptOssConfig, "HuggingFaceTensors"]:
    """Raises InvalidModelFile."""
    path = folder / "config.json"
    try:
        config = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InvalidModelFile(f"{path}: {error}") from error
    if not isinstance(config, dict):
        raise InvalidModelFile(f"{path}: not a JSON object")
    return GptOssConfig.from_hf(cast(dict[str, Any], config)), HuggingFaceTensors(folder)


class HuggingFaceTensors:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tensors = open_shards(folder)

    def __contains__(self, name: object, /) -> bool:
        theirs = _theirs(str(name))
        return theirs in self._tensors or f"{theirs}_blocks" in self._tensors

    def matrix(self, name: str, *shape: int) -> Matrix:
        theirs = _theirs(name)
        if f"{theirs}_blocks" in self._tensors:
            return self._mxfp4(theirs, shape)
        if name.endswith("exps.weight"):
            return self._transposed(theirs, shape)
        tensor = self._checked(theirs, shape)
        return Matrix(tensor.data.reshape(-1, tensor.data.shape[-1]), self._kind(theirs, tensor), shape[-1])

    def _mxfp4(self, name: str, shape: tuple[int, ...]) -> Matrix:
        experts, rows, cols = shape
        groups = cols // mxfp4.BLOCK_SIZE
        blocks = self._checked(f"{name}_blocks", (experts, rows, groups, 16), "U8").data
        scales = self._checked(f"{name}_scales", (experts, rows, groups), "U8").data
        packed = np.empty((experts, rows, groups * mxfp4.BLOCK_BYTES), np.uint8)
        for expert in range(experts):  # one at a time: what is needed on the way stays small
            packed[expert] = mxfp4.from_openai(blocks[expert], scales[expert])
        return Matrix(packed.reshape(experts * rows, -1), "mxfp4", cols)

    def _transposed(self, name: str, shape: tuple[int, ...]) -> Matrix:
        experts, rows, cols = shape
        tensor = self._checked(name, (experts, cols, rows))
        values = tensor.data.reshape(experts, cols, rows, -1)  # the last dimension is one value's bytes
        transposed = np.ascontiguousarray(values.swapaxes(1, 2))
        return Matrix(transposed.reshape(experts * rows, -1), self._kind(name, tensor), cols)

    def _checked(self, name: str, shape: tuple[int, ...], dtype: str | None = None) -> Tensor:
        if not (tensor := self._tensors.get(name)):
            raise InvalidModelFile(f"{self._folder}: there is no tensor {name!r}")
        if tensor.shape != shape or dtype not in (None, tensor.dtype):
            raise InvalidModelFile(
                f"{self._folder}: tensor {name!r} is {tensor.dtype}{list(tensor.shape)}, "
                f"but config.json makes it {dtype or ''}{list(shape)}"
            )
        return tensor

    def _kind(self, name: str, tensor: Tensor) -> Kind:
        if not (kind := _KINDS.get(tensor.dtype)):
            raise InvalidModelFile(f"{self._folder}: tensor {name!r} is {tensor.dtype}, which cannot be computed with")
        return kind


def _theirs(name: str) -> str:
    """`blk.3.attn_q.weight` to `model.layers.3.self_attn.q_proj.weight`."""
    if not name.startswith("blk."):
        stem, _, kind = name.partition(".")
        return f"{_TOP[stem]}.{kind}"
    _, layer, stem, kind = name.split(".")
    prefix = f"model.layers.{layer}"
    if stem == "attn_sinks":
        return f"{prefix}.self_attn.sinks"
    if stem in _EXPERTS:
        return f"{prefix}.{_EXPERTS[stem]}" + ("_bias" if kind == "bias" else "")
    return f"{prefix}.{_LAYER.get(stem, stem)}.{kind}"
