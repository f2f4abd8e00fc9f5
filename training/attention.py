"""Causal attention over texts that stand one behind the other in one row of tokens, and over texts that are written.

An `Attend` is called for each layer with queries [T, H, hd], keys and values [T, KV, hd], and returns [T, H * hd].
It alone knows which tokens see which.
"""

from collections.abc import Callable
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor

Attend = Callable[[int, Tensor, Tensor, Tensor], Tensor]


def packed(starts: Tensor, longest: int) -> Attend:
    """Attend within each text. `starts` i32[n + 1] are the texts' first tokens, and T."""
    if starts.is_cuda:
        return lambda layer, q, k, v: _flash(q, k, v, starts, longest)
    return lambda layer, q, k, v: _one_by_one(q, k, v, starts.tolist())


def _flash(q: Tensor, k: Tensor, v: Tensor, starts: Tensor, longest: int) -> Tensor:
    """FlashAttention 2 over texts of unequal lengths, as torch uses it for nested tensors."""
    output, *_ = torch.ops.aten._flash_attention_forward(q, k, v, starts, starts, longest, longest, 0.0, True, False)
    return output.flatten(1)


def _one_by_one(q: Tensor, k: Tensor, v: Tensor, starts: list[int]) -> Tensor:
    """The same for processors, where one text after the other costs nothing."""
    outputs: list[Tensor] = []
    for start, stop in pairwise(starts):
        one = (part[start:stop].transpose(0, 1)[None] for part in (q, k, v))  # [1, heads, length, hd]
        outputs.append(F.scaled_dot_product_attention(*one, is_causal=True, enable_gqa=True)[0].transpose(0, 1))
    return torch.cat(outputs).flatten(1)


class Cache:
    """Keys and values of a batch of texts that grow together: B texts of up to S places, filled from the left.

    `visible` bool[B, S] tells which places hold tokens: prompts are padded in front.
    """

    def __init__(self, shape: tuple[int, int, int], visible: Tensor, like: Tensor) -> None:
        """`shape` is (L, KV, hd); keys and values get the device and the type of `like`."""
        layers, heads, size = shape
        self._keys = like.new_zeros(layers, len(visible), heads, visible.shape[1], size)
        self._values = torch.zeros_like(self._keys)
        self._visible = visible
        self._filled = 0

    def advance(self, count: int) -> Attend:
        """Attend of the next `count` tokens of each text, [B * count] in a row, to all before them."""
        start, stop = self._filled, self._filled + count
        self._filled = stop
        places = torch.arange(stop, device=self._visible.device)
        earlier = places <= torch.arange(start, stop, device=places.device)[:, None]  # [count, stop]
        mask = (self._visible[:, None, :stop] & earlier) | (places == places[start:, None])  # padding sees itself
        return lambda layer, q, k, v: self._attend(layer, q, k, v, mask[:, None], start)

    def _attend(self, layer: int, q: Tensor, k: Tensor, v: Tensor, mask: Tensor, start: int) -> Tensor:
        batch, count, stop = len(mask), mask.shape[2], mask.shape[3]
        q, k, v = (part.unflatten(0, (batch, count)).transpose(1, 2) for part in (q, k, v))  # [B, heads, count, hd]
        keys, values = (stored[layer][:, :, :stop] for stored in (self._keys, self._values))
        keys[:, :, start:], values[:, :, start:] = k, v
        shared = q.shape[1] // k.shape[1]  # query heads of a key head become rows of it
        rows = q.reshape(batch, k.shape[1], shared * count, -1)
        mixed = F.scaled_dot_product_attention(rows, keys, values, mask.repeat(1, 1, shared, 1))
        return mixed.reshape(q.shape).transpose(1, 2).reshape(batch * count, -1)
