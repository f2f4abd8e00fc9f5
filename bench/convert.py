"""Speed of conversion from safetensors to GGUF, compared with `cp`, and the memory that it needs.

A folder in Hugging Face's layout is filled with random numbers, at the width of gpt-oss-20b: its MXFP4 experts, or with
`--experts bf16` the same amount of bfloat16. Rates count bytes read. The last line is one JSON object.

    python bench/convert.py [--layers 2] [--experts mxfp4|bf16] [--quantize q8_0] [--vocabulary tokenizer.json]
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ossia.convert.convert import convert

HIDDEN, HEADS, KV_HEADS, HEAD_DIM, EXPERTS, VOCABULARY = 2880, 64, 8, 64, 32, 201088
RNG = np.random.default_rng(0)
PATTERNS = {  # random values are drawn once and repeated
    "U8": RNG.integers(0, 255, 1 << 22, np.uint8),
    "BF16": (RNG.standard_normal(1 << 21, np.float32) * np.float32(0.02)).view(np.uint16)[1::2].copy().view(np.uint8),
}

Tensors = dict[str, tuple[str, tuple[int, ...]]]


def tensors(layers: int, experts: str) -> Tensors:
    d, q, kv = HIDDEN, HEADS * HEAD_DIM, KV_HEADS * HEAD_DIM
    dense = {"model.embed_tokens.weight": (VOCABULARY, d), "lm_head.weight": (VOCABULARY, d), "model.norm.weight": (d,)}
    blocks: Tensors = {}
    for prefix in (f"model.layers.{layer}." for layer in range(layers)):
        dense |= {f"{prefix}input_layernorm.weight": (d,), f"{prefix}post_attention_layernorm.weight": (d,)}
        dense[f"{prefix}self_attn.sinks"] = (HEADS,)
        for name, rows, cols in (("q", q, d), ("k", kv, d), ("v", kv, d), ("o", d, q)):
            dense[f"{prefix}self_attn.{name}_proj.weight"] = (rows, cols)
            dense[f"{prefix}self_attn.{name}_proj.bias"] = (rows,)
        dense |= {f"{prefix}mlp.router.weight": (EXPERTS, d), f"{prefix}mlp.router.bias": (EXPERTS,)}
        for name, rows in (("gate_up_proj", 2 * d), ("down_proj", d)):
            name = f"{prefix}mlp.experts.{name}"
            dense[f"{name}_bias"] = (EXPERTS, rows)
            if experts == "mxfp4":
                blocks[f"{name}_blocks"] = "U8", (EXPERTS, rows, d // 32, 16)
                blocks[f"{name}_scales"] = "U8", (EXPERTS, rows, d // 32)
            else:
                dense[name] = (EXPERTS, d, rows)
    return {name: ("BF16", shape) for name, shape in dense.items()} | blocks


def num_bytes(dtype: str, shape: tuple[int, ...]) -> int:
    return int(np.prod(shape)) * (1 if dtype == "U8" else 2)


def write_folder(folder: Path, layers: int, experts: str, vocabulary: Path | None) -> None:
    config = {
        "model_type": "gpt_oss",
        "num_hidden_layers": layers,
        "hidden_size": HIDDEN,
        "intermediate_size": HIDDEN,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS,
        "head_dim": HEAD_DIM,
        "num_local_experts": EXPERTS,
        "num_experts_per_tok": 4,
        "vocab_size": VOCABULARY,
        "sliding_window": 128,
        "max_position_embeddings": 131072,
        "rope_theta": 150000,
        "swiglu_limit": 7.0,
        "rope_scaling": {"rope_type": "yarn", "factor": 32.0, "original_max_position_embeddings": 4096},
    }
    (folder / "config.json").write_text(json.dumps(config))
    if vocabulary:
        shutil.copy(vocabulary, folder / "tokenizer.json")
    else:
        model = {"vocab": {str(number): number for number in range(200_000)}, "merges": []}
        settings = {"model": model, "pre_tokenizer": {"type": "ByteLevel", "use_regex": True}}
        (folder / "tokenizer.json").write_text(json.dumps(settings))
    header: dict[str, object] = {}
    end = 0
    everything = tensors(layers, experts)
    for name, (dtype, shape) in everything.items():
        begin, end = end, end + num_bytes(dtype, shape)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}
    encoded = json.dumps(header).encode()
    with open(folder / "model.safetensors", "wb") as file:
        file.write(len(encoded).to_bytes(8, "little") + encoded)
        for dtype, shape in everything.values():
            rest = num_bytes(dtype, shape)
            while rest > 0:
                rest -= file.write(PATTERNS[dtype][:rest])


def seconds(work: Callable[[], object]) -> float:
    """Time the work, after the disk has written everything left over from before."""
    os.sync()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_a_child(source: Path, destination: Path, quantize: str | None) -> tuple[float, float, int]:
    """Run the conversion in a child. Returns seconds, CPU seconds, and the growth of peak memory after all imports, in
    bytes."""
    command = [sys.executable, __file__, "--child", str(source), str(destination), *([quantize] if quantize else [])]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    taken, busy, memory = json.loads(output)
    return taken, busy, memory


def child(source: str, destination: str, quantize: str | None = None) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF)
    taken = seconds(lambda: convert([Path(source)], Path(destination), quantize=quantize, report=lambda *_: None))
    after = resource.getrusage(resource.RUSAGE_SELF)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps([taken, busy, (after.ru_maxrss - before.ru_maxrss) * 1024]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--experts", choices=("mxfp4", "bf16"), default="mxfp4")
    parser.add_argument("--quantize")
    parser.add_argument("--vocabulary", type=Path, help="tokenizer.json of gpt-oss")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where to write, instead of the folder for temporary files")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        source, result, copy = Path(folder) / "model", Path(folder) / "model.gguf", Path(folder) / "copy"
        source.mkdir()
        write_folder(source, options.layers, options.experts, options.vocabulary)
        weights = source / "model.safetensors"
        size = weights.stat().st_size
        rates: dict[str, list[float]] = {"cp": [], "convert": []}
        busy: list[float] = []
        memory: list[int] = []
        for _ in range(options.rounds):
            rates["cp"].append(size / 1e6 / seconds(lambda: subprocess.run(["cp", "--reflink=never", weights, copy])))
            copy.unlink()
            taken, used, grown = in_a_child(source, result, options.quantize)
            rates["convert"].append(size / 1e6 / taken)
            busy.append(used)
            memory.append(grown)
            result.unlink()
    best = {name: round(max(values)) for name, values in rates.items()}
    print(f"{size / 1e9:.2f} GB, {options.layers} layers, experts {options.experts}, quantize {options.quantize}")
    for name, values in rates.items():
        print(f"{name:8} {best[name]:6} MB/s   all: {', '.join(f'{value:.0f}' for value in values)}")
    print(f"memory   {max(memory) / 1e6:6.0f} MB above what a Python with the imports has")
    print(f"busy     {min(busy):6.1f} s of processors at least")
    figures = {"bytes": size, "MB/s": best, "cpu_s": round(min(busy), 1), "peak_rss_added_MB": round(max(memory) / 1e6)}
    print(json.dumps(figures | vars(options), default=str))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:])
    else:
        main()
