"""Random LoRAs in GGUF, large enough that a model says something else."""

from pathlib import Path

import gguf
import numpy as np

from tests.gguf_files import finish

_RANK = 4


def write(path: Path, architecture: str = "llama", *, layers: int = 2, width: int = 576, seed: int = 0) -> Path:
    """Write one for the matrices of the queries, which are square."""
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 2.0 * _RANK)
    rng = np.random.default_rng(seed)
    for layer in range(layers):
        name = f"blk.{layer}.attn_q.weight"
        writer.add_tensor(f"{name}.lora_a", rng.standard_normal((_RANK, width)).astype(np.float32))
        writer.add_tensor(f"{name}.lora_b", rng.standard_normal((width, _RANK)).astype(np.float32))
    finish(writer)
    return path
