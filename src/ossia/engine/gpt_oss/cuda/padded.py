"""Padded steps: pieces of prompts and new tokens, filled up to one of a few sizes, at fixed addresses on the device.

So their kernels are the same at every step, and can be captured in a graph. The padding is one more sequence, in the
row of nobody, whose tokens are all the first: they cost the experts of one token, and nobody reads what they write.
"""

from typing import Final

import numpy as np
import torch

from ossia.engine.gpt_oss.cuda.inputs import ExtendInputs
from ossia.engine.gpt_oss.cuda.kernels.prefill import TILE_TOKENS, attention_tiles
from ossia.engine.gpt_oss.cuda.rows import Flat, Ints
from ossia.engine.gpt_oss.cuda.transfer import pinned

SIZES: Final = (32, 64, 128, 256, 336)
"""Tokens of a step; the last is a prompt's piece of 256 beside the answers of 64 places, and of extra ones."""
ALIGNED: Final = 4
"""Numbers of which every part begins where kernels want it."""
NO_TILE: Final = -1
NOTHING: Final = Flat(
    *(np.zeros(n, np.int32) for n in (0, 0, 0, 0, 1)), final_rows=np.zeros(0, np.int64), num_final=[]
)  # fmt: skip
"""A batch of padding alone."""


class PaddedStep:
    """Inputs of a step of so many tokens, of at most `sequences` sequences; `nobody` is the row of the padding."""

    def __init__(self, tokens: int, sequences: int, nobody: int, device: torch.device) -> None:
        self.tokens, self._nobody = tokens, nobody
        self._sequences = min(tokens, sequences)
        self._places = -(-(self._sequences + 2) // ALIGNED) * ALIGNED
        self._tiles = tokens // TILE_TOKENS + self._sequences + 1
        lengths = [tokens] * 3 + [self._places] * 2 + [2 * self._tiles]
        self._staging = torch.zeros(sum(lengths), dtype=torch.int32, device=device)
        ids, positions, numbers, rows, query_start, tiles = self._staging.split(lengths)
        all_rows = torch.arange(tokens, device=device)
        self.inputs = ExtendInputs(ids, positions, numbers, rows, query_start, tiles.view(-1, 2), all_rows)

    def takes(self, flat: Flat) -> bool:
        """True if the batch has no more tokens and sequences than this step."""
        return len(flat.ids) <= self.tokens and len(flat.rows) <= self._sequences

    def fill(self, flat: Flat) -> None:
        """Queue the copy of a batch that the step takes."""
        staged = np.concatenate(self._parts(flat))
        self._staging.copy_(pinned(staged, self._staging.device), non_blocking=True)

    def _parts(self, flat: Flat) -> list[Ints]:
        """The staged numbers, in order. The last tiles are the first that run."""
        query_start = _filled(flat.query_start, self._places, self.tokens)
        tiles = attention_tiles(query_start).ravel()
        none = np.full(2 * self._tiles - len(tiles), NO_TILE, np.int32)
        return [
            _filled(flat.ids, self.tokens, 0),
            _filled(flat.positions, self.tokens, 0),
            _filled(flat.sequences, self.tokens, len(flat.rows)),
            _filled(flat.rows, self._places, self._nobody),
            query_start,
            np.concatenate([none, tiles]),
        ]


def _filled(known: Ints, length: int, value: int) -> Ints:
    return np.concatenate([known, np.full(length - len(known), value, np.int32)])
