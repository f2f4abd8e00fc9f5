"""Prompts: the forward pass of many tokens at once, at the speed of the matrix units; and experts of large batches.

It knows one layer's kernels for chunks of prompts and their order. States and the residual are float32; whatever is
multiplied has 16 bits. Numbers are near those of `Forward.extend`, and do not depend on how many tokens there are as
long as the same kernels run.
"""

import torch
from torch import Tensor

from ossia.engine.gpt_oss.cuda.buffers import Buffers
from ossia.engine.gpt_oss.cuda.inputs import ExtendInputs
from ossia.engine.gpt_oss.cuda.kernels import group, library, sorted_experts
from ossia.engine.gpt_oss.cuda.kernels.flash import flash_attention
from ossia.engine.gpt_oss.cuda.kernels.norm import rms_norm
from ossia.engine.gpt_oss.cuda.kernels.prefill import rotate_and_store
from ossia.engine.gpt_oss.cuda.kernels.route import add_norm, route
from ossia.engine.gpt_oss.cuda.kernels.sorted_experts import sorted_matmul
from ossia.engine.gpt_oss.cuda.layout import DeviceLayer, DeviceWeights
from ossia.engine.gpt_oss.cuda.shared import Shared
from ossia.engine.gpt_oss.cuda.tuned import Tile

LEAST, FEW = 17, 128  # pairs of an expert, on average, below which tiles are of 16 and of 32


class Prompts:
    """The layers for many tokens, in the buffers of a Forward, for weights that `can_run` takes."""

    def __init__(self, shared: Shared) -> None:
        self._weights, self._buffers, self._tuning = shared.weights, shared.buffers, shared.tuning
        self._config, self._shapes, self._paged = shared.weights.config, shared.shapes, shared.paged
        self._ranks = shared.ranks
        self._wide = self._buffers.outputs.view(torch.float16).flatten()  # of no use while there is attention

    def takes(self, tokens: int) -> bool:
        """True if chunks of so many tokens run here."""
        return self._tuning.prompts_from is not None and tokens >= self._tuning.prompts_from

    def extend(self, x: Tensor, inputs: ExtendInputs) -> Tensor:
        """Final states, normed, f32[n, D] of the tokens in `final_rows`, from embeddings x f32[T, D]."""
        weights, buffers, last = self._weights, self._buffers, len(self._weights.layers) - 1
        for number, layer in enumerate(weights.layers):
            x_mid, normed = self._attend(number, layer, x, inputs)
            if number == last:  # no other token is looked at again
                x_mid, normed = x_mid.index_select(0, inputs.final_rows), normed.index_select(0, inputs.final_rows)
                x = buffers.x[: len(x_mid)]
            if len(x):
                self._mix(layer, x_mid, normed, x, self.tile(len(x)))
        states = buffers.normed[: len(x)]
        if len(x):
            rms_norm(x, weights.output_norm, self._config.rms_norm_eps, states)
        return states

    def _attend(self, number: int, layer: DeviceLayer, x: Tensor, inputs: ExtendInputs) -> tuple[Tensor, Tensor]:
        """x + attention of tokens x [T, D], and its norm for the experts; keys and values go to the cache."""
        buffers, shape, tokens, eps = self._buffers, self._shapes[number], len(x), self._config.rms_norm_eps
        qkv, queries, paged = buffers.qkv[:tokens], buffers.queries[:tokens], self._paged[number]
        x_mid, tuning = buffers.x_mid[:tokens], self._tuning
        normed = narrow(buffers.normed[:tokens], library.operand_type(layer.qkv))
        rms_norm(x, layer.attn_norm, eps, normed)
        library.multiply(normed, layer.qkv, self._wide, qkv)
        rotate_and_store(qkv, inputs, paged, queries, kv_heads=shape.kv_heads, bias=layer.qkv_bias)
        attended = narrow(buffers.attended[:tokens], library.operand_type(layer.out))
        flash_attention(
            queries,
            inputs,
            paged,
            layer.sinks,
            attended,
            kv_heads=shape.kv_heads,
            window=shape.window,
            tuned=tuning.flash_window if shape.window else tuning.flash,
        )
        library.multiply(attended, layer.out, self._wide, x_mid)
        self._ranks.add(x_mid)
        normed = narrow(buffers.normed[:tokens], torch.float16)
        add_norm(x, x_mid[None], layer.out_bias, layer.mlp_norm, eps, x_mid, normed)
        return x_mid, normed

    def _mix(self, layer: DeviceLayer, x_mid: Tensor, normed: Tensor, x: Tensor, tile: Tile) -> None:
        """x = x_mid + experts, of tokens [T, D] and their norms f16[T, D] in the order of operands."""
        buffers, tokens, eps = self._buffers, len(x), self._config.rms_norm_eps
        ids, shares = buffers.ids[:tokens], buffers.shares[:tokens]
        route(x_mid, layer.mlp_norm, eps, layer.router, layer.router_bias, ids, shares)
        order, block_experts = self.places(tokens, tile)
        group.sort_by_expert(ids, buffers.counts, order, block_experts, block=tile.tokens)
        outputs = self.experts(layer, normed, order, block_experts, tile)
        group.weighted_sum(self._ranks.once(x_mid), outputs, shares, x)
        self._ranks.add(x)

    def places(self, tokens: int, tile: Tile) -> tuple[Tensor, Tensor]:
        """Room for the pairs of so many tokens, sorted by expert, and for the expert of each block of them."""
        config, buffers = self._config, self._buffers
        blocks = group.num_blocks(tokens * config.experts_per_token, config.num_experts, tile.tokens)
        return buffers.order[: blocks * tile.tokens], buffers.block_experts[:blocks]

    def experts(
        self, layer: DeviceLayer, normed: Tensor, order: Tensor, block_experts: Tensor, tile: Tile, *, pdl: bool = False
    ) -> Tensor:
        """Outputs bf16[T * k, D] of the pairs in `order`, of normed tokens f16[T, D] in the order of operands."""
        config, buffers = self._config, self._buffers
        k = config.experts_per_token
        inner = narrow(buffers.inner[: len(normed) * k], torch.float16)
        outputs = narrow(buffers.outputs[: len(normed) * k], torch.bfloat16)
        sorted_matmul(
            normed,
            layer.gate_up,
            layer.gate_up_bias,
            inner,
            order,
            block_experts,
            glu=(config.swiglu_limit, config.swiglu_alpha),
            sharing=k,
            tile=tile,
            pdl=pdl,
        )
        sorted_matmul(
            inner, layer.down, layer.down_bias, outputs, order, block_experts, glu=None, sharing=1, tile=tile, pdl=pdl
        )
        return outputs

    def sizes(self) -> list[int]:
        """The fewest tokens that run here, and those from which each larger tile does."""
        config = self._config
        limits = (LEAST, FEW)
        return [
            self._tuning.prompts_from or 1,
            *(-(-n * config.num_experts // config.experts_per_token) for n in limits),
        ]

    def tile(self, tokens: int) -> Tile:
        """The tile for so many tokens, by the pairs that an expert has on average."""
        tuning = self._tuning
        tiles = (tuning.sorted_least, tuning.sorted_few, tuning.sorted_many)
        pairs = tokens * self._config.experts_per_token // self._config.num_experts
        return tiles[sum(pairs >= limit for limit in (LEAST, FEW))]


def can_run(weights: DeviceWeights, buffers: Buffers) -> bool:
    """True if the kernels take the kinds, sizes and scales of all layers."""
    config, room = weights.config, buffers.outputs.numel() * 2
    return all(
        library.can_run(layer.qkv, room)
        and library.can_run(layer.out, room)
        and sorted_experts.can_run(layer.gate_up, config.intermediate_size)
        and sorted_experts.can_run(layer.down, config.hidden_size)
        for layer in weights.layers
    )


def narrow(buffer: Tensor, dtype: torch.dtype) -> Tensor:
    """The first half of a float32 buffer [T, n], as [T, n] of 16 bits."""
    return buffer.view(dtype).flatten()[: buffer.numel()].view(buffer.shape)
