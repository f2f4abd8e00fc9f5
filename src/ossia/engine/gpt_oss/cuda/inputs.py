"""Inputs of the forward pass on the device, and its cache: tensors at fixed addresses that outlive steps."""

from dataclasses import dataclass
from math import prod
from typing import Final

import torch
from torch import Tensor

from ossia.config import CacheKind
from ossia.engine.gpt_oss.config import GptOssConfig
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE

_SCALE_BYTES: Final = 2
_ALIGNED: Final = 4
"""Rows of which every table begins where kernels want it."""


class DeviceCache:
    """Keys and values of each layer, bf16[blocks + 1, key | value, KV, 64, hd], in one pool or two.

    Of kind q8_0, a head's 64 tokens are int8[64 * hd], followed by one scale f16 for each token. With
    `num_window_blocks`, layers with a window have a pool of that size. A pool's last block, its scratch, is where
    padding writes.
    """

    def __init__(
        self,
        config: GptOssConfig,
        num_blocks: int,
        device: torch.device | str,
        num_window_blocks: int | None = None,
        kind: CacheKind = "f16",
    ) -> None:
        has_window = num_window_blocks is not None
        self.pool_of = [int(has_window and sliding) for sliding in config.sliding_pattern]
        self.scratch = [num_blocks] if num_window_blocks is None else [num_blocks, num_window_blocks]
        self._pools = [
            torch.empty(
                (self.pool_of.count(pool), scratch + 1, 2, config.num_kv_heads, *_head(config, kind)),
                dtype=torch.int8 if kind == "q8_0" else torch.bfloat16,
                device=device,
            )
            for pool, scratch in enumerate(self.scratch)
        ]
        for pool, scratch in zip(self._pools, self.scratch, strict=True):
            pool[:, scratch].zero_()
        layers = [iter(pool) for pool in self._pools]
        self.blocks = [next(layers[pool]) for pool in self.pool_of]
        self.device = self._pools[0].device

    @staticmethod
    def layer_bytes(config: GptOssConfig, kind: CacheKind = "f16") -> int:
        """Bytes of one block in one layer."""
        return 2 * config.num_kv_heads * prod(_head(config, kind)) * (1 if kind == "q8_0" else 2)


def _head(config: GptOssConfig, kind: CacheKind) -> tuple[int, ...]:
    """Shape of the keys or values of one head in a block."""
    return (BLOCK_SIZE * (config.head_dim + _SCALE_BYTES),) if kind == "q8_0" else (BLOCK_SIZE, config.head_dim)


@dataclass(frozen=True, slots=True)
class DecodeInputs:
    """Inputs of a decode step at fixed addresses; the first three are rows of `staging`, one copy from the host.

    A place without a sequence has id 0, position 0 and the row after the last, whose blocks are all scratch.
    """

    staging: Tensor  # i32[3, places]
    ids: Tensor  # i32[places], -1 for the row's last token
    rows: Tensor  # i32[places], of the tables and last_tokens
    positions: Tensor  # i32[places], tokens before this one
    tables: Tensor  # i32[pools, at least rows + 1, blocks], block tables of each pool of the cache
    last_tokens: Tensor  # i32[rows + 1]

    @classmethod
    def empty(cls, max_rows: int, max_blocks: int, cache: DeviceCache) -> "DecodeInputs":
        device = cache.device
        staging = torch.zeros(3, max_rows, dtype=torch.int32, device=device)
        staging[1] = max_rows
        rows = -(-(max_rows + 1) // _ALIGNED) * _ALIGNED
        tables = torch.empty(len(cache.scratch), rows, max_blocks, dtype=torch.int32, device=device)
        for table, scratch in zip(tables, cache.scratch, strict=True):
            table.fill_(scratch)
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
