"""The update as one file, in the format of `ossia.store.tiny_update`."""

from pathlib import Path
from typing import Final

import torch
from safetensors.torch import save_file
from torch import Tensor

from ossia import mxfp4
from ossia.store.tiny_base import GGUF_SHA256
from training import rounding
from training.net import ATTENTION, EXPERT, IDS, Net, in_8_bits

LARGEST: Final = 12_000_000
"""Bytes that the file may have: it is part of the package."""


def save(net: Net, path: Path, recipe: str) -> None:
    """Write the update; `recipe` names the training, and differs for each that ships."""
    tensors = _tensors(net)
    size = sum(tensor.nbytes for tensor in tensors.values())
    assert size < LARGEST, f"{size:,} bytes are more than the package may have: less rank or width"
    metadata = {"base": GGUF_SHA256, "recipe": recipe}
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path, metadata)


@torch.no_grad()
def _tensors(net: Net) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {"rows.ids": torch.tensor(IDS, dtype=torch.int32)}
    for name, factor in EXPERT.items():
        blocks = mxfp4.quantize((net.expert[name].cpu() * factor).numpy())
        tensors[f"expert.{name}"] = torch.from_numpy(blocks)
    for name in ATTENTION:
        factors = in_8_bits(net.factors[f"{name}:a"].cpu(), net.factors[f"{name}:b"].cpu())
        tensors |= {f"{name}.a": factors.a.to(torch.int8), f"{name}.b": factors.b.mT.to(torch.int8)}
        tensors |= {f"{name}.a_scale": factors.a_scale[:, 0], f"{name}.b_scale": factors.b_scale[:, 0]}
    for side, rows in (("in", net.rows_in), ("out", net.rows_out)):
        integers, scale = rounding.int8(rows.cpu(), 1)
        tensors |= {f"rows.{side}": integers.to(torch.int8), f"rows.{side}_scale": scale[:, 0]}
    return tensors
