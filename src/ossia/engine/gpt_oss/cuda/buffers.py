"""Intermediates of the forward pass on the device, made once and reused by every layer and step; and its tables."""

import numpy as np
import torch
from torch import Tensor

from ossia.engine.gpt_oss.config import GptOssConfig
from ossia.engine.gpt_oss.cuda.kernels.dense import MOST_PARTS

PAIRED = 32  # tokens up to which experts run as pairs of (token, expert)
LOGITS_AT_ONCE = 64
LARGEST_BLOCK = 128  # pairs of one expert in a tile


class Buffers:
    """Those of `rows` tokens, and of decodes of `places` tokens whose attention is in `splits`."""

    def __init__(self, config: GptOssConfig, rows: int, places: int, splits: int, device: torch.device) -> None:
        c = config
        width, inner, k = c.hidden_size, c.intermediate_size, c.experts_per_token
        queries = c.num_heads * c.head_dim

        def tensor(dtype: torch.dtype, *shape: int) -> Tensor:
            return torch.empty(shape, dtype=dtype, device=device)

        def f32(*shape: int) -> Tensor:
            return tensor(torch.float32, *shape)

        self.x, self.x_mid, self.normed = f32(rows, width), f32(rows, width), f32(rows, width)
        self.qkv = f32(rows, queries + 2 * c.num_kv_heads * c.head_dim)
        self.queries = tensor(torch.bfloat16, rows, c.num_heads, c.head_dim)
        self.attended = f32(rows, queries)
        self.router_logits = f32(rows, c.num_experts)
        # ---- experts of many tokens
        self.ids, self.shares = tensor(torch.int32, rows, k), f32(rows, k)
        self.counts = tensor(torch.int32, c.num_experts)
        self.order = tensor(torch.int32, rows * k + (c.num_experts + 1) * LARGEST_BLOCK)
        self.block_experts = tensor(torch.int32, rows * k + c.num_experts + 1)
        self.inner, self.outputs = f32(rows * k, inner), f32(rows * k, width)
        # ---- decode
        self.partial = tensor(torch.float16, places, splits, queries)
        self.extremes = f32(places, splits, 2, c.num_heads)
        self.parts = f32(MOST_PARTS, places, max(width, self.qkv.shape[1]))
        self.sums = f32(c.num_heads, width)
        self.planes = tensor(torch.float16, min(places, PAIRED), width)
        self.inner_planes = tensor(torch.float16, min(places, PAIRED) * k, inner)
        self.logits = f32(max(places, LOGITS_AT_ONCE), c.vocab_size)

    @property
    def num_bytes(self) -> int:
        values: list[Tensor] = list(vars(self).values())
        return sum(value.nbytes for value in values)


def rotary_tables(config: GptOssConfig, context: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """cos and sin f32[context, hd / 2], of angles in float64: exact at any position."""
    frequencies, concentration = config.inv_freq()
    if device.type == "meta":  # where arithmetic would import half of torch
        table = torch.empty(context, len(frequencies), dtype=torch.float32, device=device)
        return table, table
    turns = torch.from_numpy(frequencies).to(device)
    angles = torch.from_numpy(np.arange(context, dtype=np.float64)).to(device)[:, None] * turns
    return (angles.cos() * concentration).float(), (angles.sin() * concentration).float()
