"""Write a GGUF of gpt-oss's true shape with random weights, whose values do not affect speed.

    python bench/random_model.py OUT.gguf --shape 20b|120b|small|toy [--layers N] [--dense q8_0|bf16|f16]
                                   [--vocabulary tokenizer.json]

Tensor types are those of the published GGUFs: experts MXFP4, other matrices Q8_0 (or 16 bits), the rest F32. With a
`tokenizer.json` of gpt-oss the file has its vocabulary and can be chatted with (in nonsense); without one, only ids go
in and out.
"""

import argparse
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gguf import GGML_QUANT_SIZES, GGUFWriter, RopeScalingType, TokenType
from gguf import GGUF_DEFAULT_ALIGNMENT as ALIGNMENT
from gguf import GGMLQuantizationType as Type
from rich.progress import Progress

VOCABULARY = 201088
PATTERN = 1 << 22  # random values are drawn once and repeated: only neighbours must differ


@dataclass(frozen=True)
class Shape:
    layers: int
    experts: int
    hidden: int = 2880
    heads: int = 64
    kv_heads: int = 8
    head_dim: int = 64
    experts_used: int = 4


SHAPES = {"20b": Shape(24, 32), "120b": Shape(36, 128), "small": Shape(4, 32), "toy": Shape(2, 8, 64, 4, 2)}
DENSE = {"q8_0": Type.Q8_0, "bf16": Type.BF16, "f16": Type.F16}
Tensor = tuple[str, tuple[int, ...], Type]


def tensors(shape: Shape, dense: Type) -> Iterator[Tensor]:
    d, e, q, kv = shape.hidden, shape.experts, shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    yield "token_embd.weight", (VOCABULARY, d), dense
    yield "output_norm.weight", (d,), Type.F32
    yield "output.weight", (VOCABULARY, d), dense
    for i in range(shape.layers):
        for name, dims in {"attn_norm": (d,), "post_attention_norm": (d,), "attn_sinks": (shape.heads,)}.items():
            yield f"blk.{i}.{name}.weight", dims, Type.F32
        for name, rows, cols in (("q", q, d), ("k", kv, d), ("v", kv, d), ("output", d, q)):
            yield f"blk.{i}.attn_{name}.weight", (rows, cols), dense
            yield f"blk.{i}.attn_{name}.bias", (rows,), Type.F32
        yield f"blk.{i}.ffn_gate_inp.weight", (e, d), Type.F32
        yield f"blk.{i}.ffn_gate_inp.bias", (e,), Type.F32
        for name in ("gate", "up", "down"):
            yield f"blk.{i}.ffn_{name}_exps.weight", (e, d, d), Type.MXFP4
            yield f"blk.{i}.ffn_{name}_exps.bias", (e, d), Type.F32


def add_metadata(writer: GGUFWriter, shape: Shape) -> None:
    writer.add_name("random gpt-oss")
    writer.add_context_length(131072)
    writer.add_embedding_length(shape.hidden)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_expert_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_key_length(shape.head_dim)
    writer.add_value_length(shape.head_dim)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_expert_count(shape.experts)
    writer.add_expert_used_count(shape.experts_used)
    writer.add_sliding_window(128)
    writer.add_rope_freq_base(150000.0)
    writer.add_rope_scaling_type(RopeScalingType.YARN)
    writer.add_rope_scaling_factor(32.0)
    writer.add_rope_scaling_orig_ctx_len(4096)
    writer.add_quantization_version(2)


def add_vocabulary(writer: GGUFWriter, path: Path | None) -> None:
    if path is None:
        writer.add_tokenizer_model("no_vocab")
        writer.add_vocab_size(VOCABULARY)
        return
    source = json.loads(path.read_text(encoding="utf-8"))
    tokens = [f"<|reserved_{i}|>" for i in range(VOCABULARY)]
    types = [TokenType.UNUSED] * VOCABULARY
    for token, i in source["model"]["vocab"].items():
        tokens[i], types[i] = token, TokenType.NORMAL
    for token in source["added_tokens"]:
        tokens[token["id"]], types[token["id"]] = token["content"], TokenType.CONTROL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-4o")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in source["model"]["merges"]])
    writer.add_bos_token_id(199998)
    writer.add_eos_token_id(200002)
    writer.add_pad_token_id(199999)


def num_bytes(dims: tuple[int, ...], kind: Type) -> int:
    block, size = GGML_QUANT_SIZES[kind]
    return int(np.prod(dims)) // block * size


def pattern(name: str, dims: tuple[int, ...], kind: Type, rng: np.random.Generator) -> np.ndarray:
    """Return bytes that a tensor repeats, of numbers that keep activations near 1 through every layer."""
    spread = dims[-1] ** -0.5
    if kind == Type.F32:
        if "norm" in name:
            return np.ones(dims, np.float32).view(np.uint8)
        return (rng.standard_normal(dims, np.float32) * np.float32(spread if len(dims) == 2 else 0.02)).view(np.uint8)
    if kind in (Type.BF16, Type.F16):
        numbers = rng.standard_normal(PATTERN, np.float32) * np.float32(spread)
        half = numbers.astype(np.float16).view(np.uint16) if kind == Type.F16 else (numbers.view(np.uint32) >> 16)
        return half.astype(np.uint16).view(np.uint8)
    if kind == Type.Q8_0:
        blocks = np.empty((PATTERN // 32, 34), np.uint8)
        blocks[:, :2] = np.array([spread / 48], np.float16).view(np.uint8)
        quants = np.clip(rng.standard_normal((len(blocks), 32), np.float32) * 48, -127, 127)
        blocks[:, 2:] = quants.astype(np.int8).view(np.uint8)
        return blocks
    blocks = np.frombuffer(rng.bytes(PATTERN // 32 * 17), np.uint8).reshape(-1, 17).copy()
    blocks[:, 0] = 127 - 7 - (blocks[:, 0] & 1)
    return blocks


def fill(target: np.ndarray, repeated: np.ndarray) -> None:
    """Write bytes again and again, until the target u8[n] is full."""
    unit = repeated.reshape(-1)
    whole = len(target) // len(unit) * len(unit)
    target[:whole].reshape(-1, len(unit))[:] = unit
    target[whole:] = unit[: len(target) - whole]


def write_values(path: Path, start: int, everything: list[Tensor]) -> None:
    """Append the tensors' values to a file whose header ends before `start`, several at a time: 63 GB in half a minute.

    Written through a map, since a file has one writer at a time.
    """
    sizes = [num_bytes(dims, kind) for _, dims, kind in everything]
    offsets = start + np.cumsum([0, *(GGUFWriter.ggml_pad(size, ALIGNMENT) for size in sizes)])
    os.truncate(path, offsets[-1])
    data = np.memmap(path, np.uint8, "r+")

    def write(number: int) -> None:
        name, dims, kind = everything[number]
        repeated = pattern(name, dims, kind, np.random.default_rng(number))
        fill(data[offsets[number] : offsets[number] + sizes[number]], repeated)

    with Progress(transient=True) as progress, ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in progress.track(
            pool.map(write, range(len(everything))), total=len(everything), description="random weights"
        ):
            pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--shape", choices=SHAPES, default="20b")
    parser.add_argument("--layers", type=int, help="fewer layers than the shape has")
    parser.add_argument("--dense", choices=DENSE, default="q8_0", help="type of all matrices but the experts")
    parser.add_argument("--vocabulary", type=Path, help="tokenizer.json of gpt-oss")
    arguments = parser.parse_args()
    shape = SHAPES[arguments.shape]
    if arguments.layers:
        shape = Shape(arguments.layers, shape.experts)
    writer = GGUFWriter(arguments.out, "gpt-oss")
    add_metadata(writer, shape)
    add_vocabulary(writer, arguments.vocabulary)
    everything = list(tensors(shape, DENSE[arguments.dense]))
    for name, dims, kind in everything:
        block, size = GGML_QUANT_SIZES[kind]
        stored = np.dtype(np.float32 if kind == Type.F32 else np.uint8)
        row = dims[-1] if kind == Type.F32 else dims[-1] // block * size
        writer.add_tensor_info(name, (*dims[:-1], row), stored, num_bytes(dims, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    write_values(arguments.out, GGUFWriter.ggml_pad(arguments.out.stat().st_size, ALIGNMENT), everything)


if __name__ == "__main__":
    main()
