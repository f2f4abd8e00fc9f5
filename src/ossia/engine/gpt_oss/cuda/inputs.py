"""Inputs of the forward pass on the device, and its cache: tensors at fixed addresses that outlive steps."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ossia.engine.gpt_oss.config import GptOssConfig
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE


class DeviceCache:
    """Keys and values bf16[layers, blocks + 1, key | value, KV, 64, hd]; the last block is where padding writes."""

    def __init__(self, config: GptOssConfig, num_blocks: int, device: torch.device | str) -> None:
        shape = (config.num_layers, num_blocks + 1, 2, config.num_kv_heads, BLOCK_SIZE, config.head_dim)
        self.blocks = torch.empty(shape, dtype=torch.bfloat16, device=device)
        self.blocks[:, num_blocks].zero_()
        self.scratch = num_blocks

    @staticmethod
    def block_bytes(config: GptOssConfig) -> int:
        """Bytes of one block in all layers."""
        return config.kv_bytes_per_token(2) * BLOCK_SIZE


@dataclass(frozen=True, slots=True)
class DecodeInputs:
    """Inputs of a decode step at fixed addresses; the first three are rows of `staging`, one copy from the host.

    A place without a sequence has id 0, position 0 and the row after the last, whose blocks are all scratch.
    """

    staging: Tensor  # i32[3, places]
    ids: Tensor  # i32[places], -1 for the row's last token
    rows: Tensor  # i32[places], of block_tables and last_tokens
    positions: Tensor  # i32[places], tokens before this one
    block_tables: Tensor  # i32[rows + 1, blocks]
    last_tokens: Tensor  # i32[rows + 1]

    @classmethod
    def empty(cls, max_rows: int, max_blocks: int, cache: DeviceCache) -> "DecodeInputs":
        device = cache.blocks.device
        staging = torch.zeros(3, max_rows, dtype=torch.int32, device=device)
        staging[1] = max_rows
        tables = torch.full((max_rows + 1, max_blocks), cache.scratch, dtype=torch.int32, device=device)
        last_tokens = torch.zeros(max_rows + 1, dtype=torch.int32, device=device)
        return cls(staging, staging[0], staging[1], staging[2], tables, last_tokens)


@dataclass(frozen=True, slots=True)
class ExtendInputs:
    """T tokens of S sequences; block tables and last tokens are those of DecodeInputs."""

    ids: Tensor  # i32[T], -1 for the last token of the token's sequence
    positions: Tensor  # i32[T]
    sequences: Tensor  # i32[T], number of the sequence among the S
    rows: Tensor  # i32[S]
    query_start: Tensor  # i32[S + 1], first token of each
    tiles: Tensor  # i32[n, 2], see attention_tiles
    final_rows: Tensor  # i64[n], tokens whose final states are wanted
