"""Reader of gpt-oss folders as published on Hugging Face, with the names and shapes of a GGUF.

Experts come as MXFP4 in two tensors, blocks and scales, which are combined exactly into GGUF's blocks; or, in an export
to bfloat16, as matrices with inputs as rows, which are transposed. Everything else is read as it is. OpenAI's own
layout has the same numbers under other names, see original.py.
"""

import math
from pathlib import Path
from typing import Final

from ossia import mxfp4
from ossia.convert.original import is_original, renamed
from ossia.convert.rows import RowReader, mxfp4_blocks, plain, transposed
from ossia.engine.gpt_oss.config import GptOssConfig
from ossia.engine.gpt_oss.matrix import Kind
from ossia.errors import InvalidModelFile
from ossia.safetensors import Tensor, open_shards, read_json

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
    """Open a folder in either layout and return its config and tensors. Raises InvalidModelFile.

    Links are followed: a cache of Hugging Face consists of them.
    """
    values = read_json(folder / "config.json")
    if is_original(values):
        config = GptOssConfig.from_original(values)
        return config, HuggingFaceTensors(folder, renamed(open_shards(folder), config))
    return GptOssConfig.from_hf(values), HuggingFaceTensors(folder, open_shards(folder))


class HuggingFaceTensors:
    """The tensors of a folder, under llama.cpp's names."""

    def __init__(self, folder: Path, tensors: dict[str, Tensor]) -> None:
        self._folder = folder
        self._tensors = tensors

    def __contains__(self, name: object, /) -> bool:
        theirs = _theirs(str(name))
        return theirs in self._tensors or f"{theirs}_blocks" in self._tensors

    def reader(self, name: str, *shape: int) -> RowReader:
        """Return a reader of the tensor's rows: all dimensions but the last; a bias has rows of one number.

        Raises InvalidModelFile if the tensor is missing or has another shape.
        """
        theirs = _theirs(name)
        if f"{theirs}_blocks" in self._tensors:
            return self._mxfp4(theirs, *shape)
        if name.endswith("exps.weight"):
            experts, rows, cols = shape
            tensor = self._checked(theirs, (experts, cols, rows))
            return transposed(tensor, self._kind(theirs, tensor), experts, rows, cols)
        tensor = self._checked(theirs, shape)
        cols = 1 if name.endswith(".bias") else shape[-1]
        return plain(tensor.path, tensor.offset, self._kind(theirs, tensor), math.prod(shape) // cols, cols)

    def _mxfp4(self, name: str, experts: int, rows: int, cols: int) -> RowReader:
        groups, rest = divmod(cols, mxfp4.BLOCK_SIZE)
        if rest:
            raise InvalidModelFile(f"{self._folder}: {name!r} cannot have rows of {cols} weights in MXFP4")
        blocks = self._checked(f"{name}_blocks", (experts, rows, groups, 16), "U8")
        scales = self._checked(f"{name}_scales", (experts, rows, groups), "U8")
        return mxfp4_blocks(blocks, scales, experts * rows, cols)

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
    """Translate `blk.3.attn_q.weight` to `model.layers.3.self_attn.q_proj.weight`."""
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
