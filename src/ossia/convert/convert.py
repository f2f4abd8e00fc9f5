"""Conversion: a folder of safetensors to a GGUF in llama.cpp's layout, or a GGUF to a smaller one.

MXFP4 is kept bit by bit, in GGUF's order; other matrices keep their type or become Q8_0; small tensors (norms, biases,
sinks, the router) become F32. Writing the file is the business of `gguf_writer.py`.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from gguf import GGML_QUANT_VERSION, LlamaFileType

from ossia import split
from ossia.convert.gguf_writer import Move, Target, write
from ossia.convert.header import header_metadata
from ossia.convert.huggingface import HuggingFaceTensors, open_folder
from ossia.convert.rows import plain
from ossia.convert.vocabulary import find_vocabulary, read_vocabulary
from ossia.engine.facts import ModelFacts
from ossia.engine.gpt_oss.config import GptOssConfig
from ossia.engine.gpt_oss.matrix import BLOCK, Kind
from ossia.errors import InvalidRequest, NotSupported
from ossia.gguf import GGUF
from ossia.gguf_tables import TensorInfo
from ossia.split import open_model

_NOT_HERE: Final = {"F32", "F16", "BF16", "Q4_K_S", "Q4_K_M", "Q4_K"}
_FILE_TYPES: Final[dict[Kind, LlamaFileType]] = {
    "f32": LlamaFileType.ALL_F32,
    "f16": LlamaFileType.MOSTLY_F16,
    "bf16": LlamaFileType.MOSTLY_BF16,
    "q8_0": LlamaFileType.MOSTLY_Q8_0,
    "mxfp4": LlamaFileType.MOSTLY_MXFP4_MOE,
}
"""File types by the type of the experts, which are nearly all of a file."""


class Conversion(NamedTuple):
    """Contents of the GGUF to write. `kind` is the type of the embedding in the source."""

    metadata: dict[str, Any]
    moves: list[Move]
    kind: Kind


def convert(
    sources: Sequence[Path],
    destination: Path,
    *,
    quantize: str | None = None,
    report: Callable[[str, int, int], None],
) -> None:
    """Write the GGUF `destination` from a folder (Hugging Face's or OpenAI's layout), or from the files of a GGUF.

    `quantize` is None or "q8_0". `report` is called with the current step, the bytes written and the total; it may
    raise, which ends the conversion. An incomplete file is deleted. Raises InvalidModelFile, InvalidRequest or
    NotSupported for a source that cannot be converted, StoreError for a full disk.
    """
    to_q8_0 = _is_q8_0(quantize)
    folder = sources[0] if sources[0].is_dir() else None
    conversion = _from_folder(folder, to_q8_0) if folder else _from_gguf(open_model(*sources), to_q8_0)
    doing = f"quantizing {conversion.kind.upper()} model to Q8_0" if to_q8_0 else "converting model"
    try:
        write(destination, conversion.metadata, conversion.moves, partial(report, doing))
    except BaseException:
        destination.unlink(missing_ok=True)
        raise


def _is_q8_0(name: str | None) -> bool:
    if not name:
        return False
    if name.upper() in _NOT_HERE:
        raise NotSupported(f"quantizing to {name} is not supported", hint="q8_0 is")
    if name.upper() != "Q8_0":
        raise InvalidRequest(f"there is no quantization type {name!r}", hint="q8_0 is supported")
    return True


def _from_folder(folder: Path, to_q8_0: bool) -> Conversion:
    config, tensors = open_folder(folder)
    metadata = {"general.architecture": "gpt-oss"} | header_metadata(config)
    vocabulary = find_vocabulary(folder)
    moves = list(_folder_moves(config, tensors, to_q8_0))  # this checked the sizes
    return _conversion(metadata | read_vocabulary(vocabulary, config.vocab_size), moves)


def _from_gguf(gguf: GGUF, to_q8_0: bool) -> Conversion:
    facts = ModelFacts.of(gguf)
    if not facts.is_gpt_oss:
        raise NotSupported(
            f"{gguf.path}: quantizing models of the architecture {facts.architecture!r} is not supported",
            hint="quantize the file with llama.cpp's llama-quantize",
        )
    GptOssConfig.from_gguf(gguf.metadata, gguf.tensors)
    moves = [_gguf_move(gguf.paths[info.file], info, to_q8_0) for info in gguf.tensors.values()]
    dropped = ("general.alignment", *split.KEYS)
    return _conversion({key: gguf.metadata[key] for key in gguf.metadata if key not in dropped}, moves)


def _conversion(metadata: dict[str, Any], moves: list[Move]) -> Conversion:
    written: dict[str, Kind] = {target.name: target.kind for move in moves for target in move.targets}
    source: dict[str, Kind] = {target.name: move.source.kind for move in moves for target in move.targets}
    metadata["general.file_type"] = int(_FILE_TYPES[written["blk.0.ffn_down_exps.weight"]])
    metadata["general.quantization_version"] = GGML_QUANT_VERSION
    return Conversion(metadata, moves, source["token_embd.weight"])


def _gguf_move(path: Path, info: TensorInfo, to_q8_0: bool) -> Move:
    kind = info.type_name.lower()
    if kind in BLOCK:
        source = plain(path, info.offset, kind, math.prod(info.shape[:-1]), info.shape[-1])
        return Move(source, (_target(info.name, info.shape, kind, to_q8_0),))
    raise InvalidRequest(
        f"{path}: tensor {info.name!r} is {info.type_name}, which cannot be quantized again",
        hint="quantize a file that is F16, BF16 or F32",
    )


def _folder_moves(config: GptOssConfig, tensors: HuggingFaceTensors, to_q8_0: bool) -> Iterator[Move]:
    for name, shape in _shapes(config):
        if name == "output.weight" and name not in tensors:  # tied to the embedding
            continue
        source = tensors.reader(name, *shape)
        targets = {name: shape}
        if "ffn_gate_up_exps" in name:
            experts, rows, *cols = shape
            targets = {name.replace("gate_up", half): (experts, rows // 2, *cols) for half in ("gate", "up")}
        yield Move(source, tuple(_target(name, shape, source.kind, to_q8_0) for name, shape in targets.items()))


def _shapes(c: GptOssConfig) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield llama.cpp's names and shapes; gate and up are the even and odd rows of `ffn_gate_up_exps`."""
    queries, keys = c.num_heads * c.head_dim, c.num_kv_heads * c.head_dim
    yield "token_embd.weight", (c.vocab_size, c.hidden_size)
    yield "output_norm.weight", (c.hidden_size,)
    yield "output.weight", (c.vocab_size, c.hidden_size)
    for prefix in (f"blk.{layer}." for layer in range(c.num_layers)):
        yield f"{prefix}attn_norm.weight", (c.hidden_size,)
        yield f"{prefix}attn_sinks.weight", (c.num_heads,)
        yield f"{prefix}post_attention_norm.weight", (c.hidden_size,)
        for name, rows, cols in (
            ("attn_q", (queries,), c.hidden_size),
            ("attn_k", (keys,), c.hidden_size),
            ("attn_v", (keys,), c.hidden_size),
            ("attn_output", (c.hidden_size,), queries),
            ("ffn_gate_inp", (c.num_experts,), c.hidden_size),
            ("ffn_gate_up_exps", (c.num_experts, 2 * c.intermediate_size), c.hidden_size),
            ("ffn_down_exps", (c.num_experts, c.hidden_size), c.intermediate_size),
        ):
            yield f"{prefix}{name}.weight", (*rows, cols)
            yield f"{prefix}{name}.bias", rows


def _target(name: str, shape: tuple[int, ...], kind: Kind, to_q8_0: bool) -> Target:
    if len(shape) == 1 or name.endswith(".bias") or "ffn_gate_inp" in name:
        return Target(name, shape, "f32")
    if kind == "mxfp4_openai":
        return Target(name, shape, "mxfp4")
    quantizable = kind in ("f32", "f16", "bf16") and shape[-1] % BLOCK["q8_0"][0] == 0
    return Target(name, shape, "q8_0" if to_q8_0 and quantizable else kind)
