"""Batches: steps of some tokens, every kernel at the speed of the memory or of the matrix units, ready for graphs.

A step is one new token of each of many sequences, or short pieces of prompts, also beside new tokens. It knows the
kernels of both and their order. States and the residual are float32; whatever is multiplied with a matrix is float16. A
new token's numbers do not depend on its neighbours, their number or padding.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from ossia.engine.gpt_oss.cuda.inputs import ExtendInputs
from ossia.engine.gpt_oss.cuda.kernels import dense, group
from ossia.engine.gpt_oss.cuda.kernels.attention import AttentionShape, Unfinished, num_splits
from ossia.engine.gpt_oss.cuda.kernels.flash import flash_attention
from ossia.engine.gpt_oss.cuda.kernels.merge import TOGETHER, merge
from ossia.engine.gpt_oss.cuda.kernels.norm import rms_norm
from ossia.engine.gpt_oss.cuda.kernels.prefill import rotate_and_store
from ossia.engine.gpt_oss.cuda.kernels.route import add_norm, router_logits
from ossia.engine.gpt_oss.cuda.kernels.streams import attend_streams
from ossia.engine.gpt_oss.cuda.kernels.words import OPERAND
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE, DeviceLayer, DeviceMatrix, DeviceWeights
from ossia.engine.gpt_oss.cuda.prompts import Prompts, narrow
from ossia.engine.gpt_oss.cuda.shared import Shared
from ossia.engine.gpt_oss.cuda.tuned import Tile, Tuning

MOST_SORTED = 128
"""Tokens whose experts are chosen and sorted by one kernel."""


class Batches:
    """The layers for some tokens, in the buffers of a Forward; experts are those of Prompts."""

    def __init__(self, shared: Shared, prompts: Prompts) -> None:
        self._weights, self._inputs, self._buffers = shared.weights, shared.inputs, shared.buffers
        self._paged, self._tuning, self._ranks, self._pdl = shared.paged, shared.tuning, shared.ranks, shared.pdl
        self._prompts = prompts
        context = self._inputs.tables.shape[2] * BLOCK_SIZE
        self._shapes = [_in_pieces(shape, shape.window or context, self._tuning) for shape in shared.shapes]
        self._eps = self._weights.config.rms_norm_eps

    def takes(self, batch: int) -> bool:
        """True if new tokens of so many sequences run here."""
        return self._paged[0].cache.dtype == torch.bfloat16 and batch >= self._tuning.batches_from

    def can_extend(self, tokens: int) -> bool:
        """True if there is room for so many tokens of pieces of prompts."""
        layer, outputs, share = self._weights.layers[0], self._buffers.outputs, _share(tokens)
        wanted = [dense.num_parts(matrix, share) * tokens * matrix.rows for matrix in (layer.qkv, layer.out)]
        is_operand = self._weights.config.head_dim % dense.GROUP == 0
        return is_operand and tokens <= len(self._buffers.x) and max(wanted) <= outputs.numel()

    def decode(self, x: Tensor, logits: Tensor) -> None:
        """logits f32[batch, V] of embeddings x f32[batch, D], which the layers change in place."""
        normed = self._run(x, self._attend, self._tuning.sorted_least)
        dense.dense(normed, self._weights.output, logits[None], tile=self._tuning.dense, pdl=self._pdl)

    def head_sizes(self) -> list[int]:
        """Numbers of states of which each runs another kernel of `head`."""
        return dense.sizes(self._tuning.dense)

    def head(self, states: Tensor, logits: Tensor) -> None:
        """logits f32[n, V] of final states, normed, f32[n, D]."""
        dense.dense(dense.in_order(states).half(), self._weights.output, logits[None], tile=self._tuning.dense)

    def extend(self, x: Tensor, inputs: ExtendInputs) -> Tensor:
        """Final states, normed, f32[T, D] of all tokens, of embeddings x f32[T, D], which change in place."""
        self._run(x, partial(self._attend_pieces, inputs), self._prompts.tile(len(x)))
        states = self._buffers.normed[: len(x)]
        rms_norm(x, self._weights.output_norm, self._eps, states, pdl=self._pdl)
        return states

    def _run(self, x: Tensor, attend: Callable[[int, DeviceLayer, Tensor], Tensor], tile: Tile) -> Tensor:
        """The layers, on tokens x f32[T, D] in place; returns the operand f16[T, D] of the head.

        `attend` returns the output projection f32[parts, T, D] of attention of normed tokens f16[T, D].
        """
        weights = self._weights
        normed = narrow(self._buffers.normed[: len(x)], torch.float16)
        rms_norm(x, weights.layers[0].attn_norm, self._eps, normed, order=OPERAND, pdl=self._pdl)
        gains = [*(layer.attn_norm for layer in weights.layers[1:]), weights.output_norm]
        for number, (layer, gain) in enumerate(zip(weights.layers, gains, strict=True)):
            self._mix(layer, x, attend(number, layer, normed), gain, normed, tile)
        return normed

    def _attend(self, number: int, layer: DeviceLayer, normed: Tensor) -> Tensor:
        """Attention of new tokens; their keys and values go to the cache."""
        buffers, shape, tuning = self._buffers, self._shapes[number], self._tuning
        unfinished = Unfinished(buffers.partial, buffers.extremes)
        attend_streams(
            self._times(normed, layer.qkv, buffers.parts),
            layer.qkv_bias,
            self._paged[number],
            self._inputs,
            unfinished,
            shape,
            tuned=tuning.streams_window if shape.window else tuning.streams,
            pdl=self._pdl,
        )
        attended, positions = narrow(buffers.attended[: len(normed)], torch.float16), self._inputs.positions
        merge(unfinished, layer.sinks, positions, attended, shape, order=OPERAND, pdl=self._pdl)
        return self._times(attended, layer.out, buffers.parts)

    def _attend_pieces(self, inputs: ExtendInputs, number: int, layer: DeviceLayer, normed: Tensor) -> Tensor:
        """Attention of pieces of sequences; their keys and values go to the cache."""
        buffers, shape, tuning, tokens = self._buffers, self._shapes[number], self._tuning, len(normed)
        queries, paged = buffers.queries[:tokens], self._paged[number]
        room, share = buffers.outputs, _share(tokens)  # of no use while there is attention
        rotate_and_store(
            self._times(normed, layer.qkv, room, share),
            inputs,
            paged,
            queries,
            kv_heads=shape.kv_heads,
            bias=layer.qkv_bias,
            pdl=self._pdl,
        )
        attended = narrow(buffers.attended[:tokens], torch.float16)
        splits = 1 if shape.window else self._splits(tokens)
        unfinished = self._unfinished(tokens, splits)
        flash_attention(
            queries,
            inputs,
            paged,
            layer.sinks,
            attended if splits == 1 else unfinished,
            kv_heads=shape.kv_heads,
            window=shape.window,
            tuned=tuning.flash_window if shape.window else tuning.flash,
            order=OPERAND,
            pdl=self._pdl,
        )
        if splits > 1:
            merge(
                unfinished,
                layer.sinks,
                inputs.positions,
                attended,
                replace(shape, splits=splits),
                order=OPERAND,
                pdl=self._pdl,
            )
        return self._times(attended, layer.out, room, share)

    def _splits(self, tokens: int) -> int:
        """Splits of the keys of so many tokens, a power of two: more where programs are fewer, if there is room."""
        buffers, (_, heads, head_dim) = self._buffers, self._buffers.queries.shape
        room = min(2 * buffers.outputs.numel() // head_dim, buffers.inner.numel() // 2) // (tokens * heads)
        most = max(1, min(TOGETHER.value, self._tuning.pieces_splits // tokens, room))
        return 1 << (most.bit_length() - 1)

    def _unfinished(self, tokens: int, splits: int) -> Unfinished:
        """Results of so many splits, in buffers that are of no use while there is attention."""
        buffers, (_, heads, head_dim) = self._buffers, self._buffers.queries.shape
        size = tokens * splits * heads
        partial = buffers.outputs.view(torch.float16).flatten()[: size * head_dim]
        extremes, counts = buffers.inner.flatten()[: size * 2], buffers.ids.flatten()[:tokens]
        return Unfinished(partial.view(tokens, splits, -1), extremes.view(tokens, splits, 2, heads), counts)

    def _mix(self, layer: DeviceLayer, x: Tensor, added: Tensor, gain: Tensor, normed: Tensor, tile: Tile) -> None:
        """x f32[T, D] plus attention plus experts, in place; `normed` becomes its norm by the gain."""
        buffers, pdl = self._buffers, self._pdl
        x_mid, operand = buffers.x_mid[: len(x)], narrow(buffers.normed[: len(x)], torch.float16)
        added = self._ranks.total(added, x_mid)
        add_norm(x, added, layer.out_bias, layer.mlp_norm, self._eps, x_mid, operand, pdl=pdl)
        logits, shares = buffers.router_logits[: len(x)], buffers.shares[: len(x)]
        router_logits(x_mid, layer.mlp_norm, self._eps, layer.router, layer.router_bias, logits, pdl=pdl)
        order, block_experts = self._prompts.places(len(x), tile)
        self._sort(logits, shares, order, block_experts, tile)
        outputs = self._prompts.experts(layer, operand, order, block_experts, tile, pdl=pdl)
        if self._ranks.size == 1:
            group.weighted_sum(x_mid, outputs, shares, x, gain=gain, eps=self._eps, normed=normed, pdl=pdl)
            return
        group.weighted_sum(self._ranks.once(x_mid), outputs, shares, x, pdl=pdl)
        self._ranks.add(x)
        rms_norm(x, gain, self._eps, normed, order=OPERAND, pdl=pdl)

    def _sort(self, logits: Tensor, shares: Tensor, order: Tensor, block_experts: Tensor, tile: Tile) -> None:
        """Choose experts by the logits, and sort the tokens by them."""
        tokens, pdl, block = len(logits), self._pdl, tile.tokens
        if tokens <= MOST_SORTED:
            return group.choose_and_sort(logits, shares, order, block_experts, block=block, pdl=pdl)
        ids = self._buffers.ids[:tokens]
        group.choose(logits, ids, shares, pdl=pdl)
        group.sort_by_expert(ids, self._buffers.counts, order, block_experts, block=block, pdl=pdl)

    def _times(self, x: Tensor, matrix: DeviceMatrix, room: Tensor, share: int = 1) -> Tensor:
        """The product with tokens x f16[T, cols], as sums of parts f32[parts, T, rows]; see `dense.num_parts`."""
        shape = dense.num_parts(matrix, share), len(x), matrix.rows
        parts = room.flatten()[: shape[0] * shape[1] * shape[2]].view(shape)
        dense.dense(x, matrix, parts, tile=self._tuning.dense, pdl=self._pdl)
        return parts


def can_run(weights: DeviceWeights) -> bool:
    """True if the kernels take the dense matrices of all layers, and the head."""
    matrices = [matrix for layer in weights.layers for matrix in (layer.qkv, layer.out)]
    return all(map(dense.can_run, [*matrices, weights.output]))


def _share(tokens: int) -> int:
    """Share of a matrix's programs for a part of it, where so many tokens make more of them."""
    return max(1, tokens // MOST_SORTED)


def _in_pieces(shape: AttentionShape, visible: int, tuning: Tuning) -> AttentionShape:
    """A layer's attention in pieces for many sequences, of which a token sees at most so many keys."""
    least = tuning.streams_least
    return replace(shape, splits=min(tuning.streams_splits, num_splits(visible, least)), tile=least)
