"""Batches: one new token of each of many sequences, every kernel at the speed of the memory or of the matrix units.

It knows the kernels of such a step and their order. States and the residual are float32; whatever is multiplied with a
matrix is float16. A token's numbers do not depend on its neighbours, their number or padding.
"""

from dataclasses import replace

import torch
from torch import Tensor

from ossia.engine.gpt_oss.cuda.buffers import Buffers
from ossia.engine.gpt_oss.cuda.inputs import DecodeInputs, DeviceCache
from ossia.engine.gpt_oss.cuda.kernels import dense, group
from ossia.engine.gpt_oss.cuda.kernels.attention import AttentionShape, merge, num_splits
from ossia.engine.gpt_oss.cuda.kernels.norm import rms_norm
from ossia.engine.gpt_oss.cuda.kernels.route import add_norm, router_logits
from ossia.engine.gpt_oss.cuda.kernels.streams import attend_streams
from ossia.engine.gpt_oss.cuda.kernels.words import OPERAND
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE, DeviceLayer, DeviceMatrix, DeviceWeights
from ossia.engine.gpt_oss.cuda.prompts import Prompts, narrow
from ossia.engine.gpt_oss.cuda.ranks import Ranks
from ossia.engine.gpt_oss.cuda.tuned import Tuning


class Batches:
    """The layers for new tokens of many sequences, in the buffers of a Forward; experts are those of Prompts."""

    def __init__(
        self,
        weights: DeviceWeights,
        cache: DeviceCache,
        inputs: DecodeInputs,
        buffers: Buffers,
        shapes: list[AttentionShape],
        rotary: tuple[Tensor, Tensor],
        tuning: Tuning,
        ranks: Ranks,
        *,
        prompts: Prompts,
        pdl: bool,
    ) -> None:
        self._weights, self._cache, self._inputs, self._buffers = weights, cache, inputs, buffers
        self._rotary, self._tuning, self._prompts, self._pdl = rotary, tuning, prompts, pdl
        self._ranks = ranks
        context = inputs.tables.shape[2] * BLOCK_SIZE
        self._shapes = [_in_pieces(shape, shape.window or context, tuning) for shape in shapes]
        self._eps = weights.config.rms_norm_eps

    def takes(self, batch: int) -> bool:
        """True if so many sequences run here."""
        return batch >= self._tuning.batches_from

    def decode(self, x: Tensor, logits: Tensor) -> None:
        """logits f32[batch, V] of embeddings x f32[batch, D], which the layers change in place."""
        weights = self._weights
        normed = narrow(self._buffers.normed[: len(x)], torch.float16)
        rms_norm(x, weights.layers[0].attn_norm, self._eps, normed, order=OPERAND, pdl=self._pdl)
        gains = [*(layer.attn_norm for layer in weights.layers[1:]), weights.output_norm]
        for number, (layer, gain) in enumerate(zip(weights.layers, gains, strict=True)):
            self._attend(number, layer, normed)
            self._mix(layer, x, gain, normed)
        dense.dense(normed, weights.output, logits[None], tile=self._tuning.dense, pdl=self._pdl)

    def _attend(self, number: int, layer: DeviceLayer, normed: Tensor) -> None:
        """Attention of normed tokens f16[batch, D], in the buffers' `attended`; keys and values go to the cache."""
        buffers, shape, tuning = self._buffers, self._shapes[number], self._tuning
        attend_streams(
            self._times(normed, layer.qkv),
            layer.qkv_bias,
            self._cache.blocks[number],
            self._inputs,
            self._inputs.tables[self._cache.pool_of[number]],
            *self._rotary,
            buffers.partial,
            buffers.extremes,
            shape,
            tuned=tuning.streams_window if shape.window else tuning.streams,
            pdl=self._pdl,
        )
        attended, positions = narrow(buffers.attended[: len(normed)], torch.float16), self._inputs.positions
        merge(
            buffers.partial, buffers.extremes, layer.sinks, positions, attended, shape, order=OPERAND, pdl=self._pdl
        )  # fmt: skip

    def _mix(self, layer: DeviceLayer, x: Tensor, gain: Tensor, normed: Tensor) -> None:
        """x plus attention plus experts, of tokens f32[batch, D] in place; `normed` becomes its norm by the gain."""
        buffers, tile, pdl = self._buffers, self._tuning.sorted_least, self._pdl
        x_mid, operand = self._add(layer, x)
        logits, shares = buffers.router_logits[: len(x)], buffers.shares[: len(x)]
        router_logits(x_mid, layer.mlp_norm, self._eps, layer.router, layer.router_bias, logits, pdl=pdl)
        order, block_experts = self._prompts.places(len(x), tile)
        group.choose_and_sort(logits, shares, order, block_experts, block=tile.tokens, pdl=pdl)
        outputs = self._prompts.experts(layer, operand, order, block_experts, tile, pdl=pdl)
        if self._ranks.size == 1:
            group.weighted_sum(x_mid, outputs, shares, x, gain=gain, eps=self._eps, normed=normed, pdl=pdl)
            return
        group.weighted_sum(self._ranks.once(x_mid), outputs, shares, x, pdl=pdl)
        self._ranks.add(x)
        rms_norm(x, gain, self._eps, normed, order=OPERAND, pdl=pdl)

    def _add(self, layer: DeviceLayer, x: Tensor) -> tuple[Tensor, Tensor]:
        """x + attention of tokens x [batch, D], and its norm for the experts."""
        buffers, batch = self._buffers, len(x)
        added = self._times(narrow(buffers.attended[:batch], torch.float16), layer.out)
        x_mid, normed = buffers.x_mid[:batch], narrow(buffers.normed[:batch], torch.float16)
        if self._ranks.size > 1:
            added = torch.sum(added, 0, out=x_mid)[None]
            self._ranks.add(x_mid)
        add_norm(x, added, layer.out_bias, layer.mlp_norm, self._eps, x_mid, normed, pdl=self._pdl)
        return x_mid, normed

    def _times(self, x: Tensor, matrix: DeviceMatrix) -> Tensor:
        """The product with tokens x f16[batch, cols], as sums of parts f32[parts, batch, rows]."""
        shape = dense.num_parts(matrix), len(x), matrix.rows
        parts = self._buffers.parts.flatten()[: shape[0] * shape[1] * shape[2]].view(shape)
        dense.dense(x, matrix, parts, tile=self._tuning.dense, pdl=self._pdl)
        return parts


def can_run(weights: DeviceWeights, cache: DeviceCache) -> bool:
    """True if the kernels take the dense matrices of all layers, the head, and the cache."""
    matrices = [matrix for layer in weights.layers for matrix in (layer.qkv, layer.out)]
    return all(map(dense.can_run, [*matrices, weights.output])) and cache.blocks[0].dtype == torch.bfloat16


def _in_pieces(shape: AttentionShape, visible: int, tuning: Tuning) -> AttentionShape:
    """A layer's attention in pieces for many sequences, of which a token sees at most so many keys."""
    least = tuning.streams_least
    return replace(shape, splits=min(tuning.streams_splits, num_splits(visible, least)), tile=least)
