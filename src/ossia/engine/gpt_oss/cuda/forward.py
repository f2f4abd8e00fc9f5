"""gpt-oss's forward pass on the device: one new token of each of some sequences, or chunks of prompts.

It knows kernels and their order; rows, batches and draws are its caller's business. Formulas are those of
`reference.py`, which it is tested against.

Decode has ranges of batch sizes, each with kernels of its own: 1; 2 to 8; more, of which `batches.py` runs what it can.
Within a range neighbours, their number and padding never change a bit; between ranges, and against `extend`, sums are
rounded differently. `invariant` uses the kernels of `extend`, at one tile size, for everything.
"""

import numpy as np
import torch
from torch import Tensor

from ossia.engine.gpt_oss.config import GptOssConfig
from ossia.engine.gpt_oss.cuda import batches, prompts
from ossia.engine.gpt_oss.cuda.buffers import LOGITS_AT_ONCE, PAIRED, Buffers, rotary_tables
from ossia.engine.gpt_oss.cuda.inputs import DecodeInputs, DeviceCache, ExtendInputs
from ossia.engine.gpt_oss.cuda.kernels import attention, experts, group
from ossia.engine.gpt_oss.cuda.kernels.attention import AttentionShape, Paged, Unfinished, decode_attention
from ossia.engine.gpt_oss.cuda.kernels.embed import embed
from ossia.engine.gpt_oss.cuda.kernels.matmul import grouped_matmul
from ossia.engine.gpt_oss.cuda.kernels.merge import heads_together, merge
from ossia.engine.gpt_oss.cuda.kernels.norm import rms_norm
from ossia.engine.gpt_oss.cuda.kernels.prefill import attention_tiles, prefill_attention, rotate_and_store
from ossia.engine.gpt_oss.cuda.kernels.project import project
from ossia.engine.gpt_oss.cuda.kernels.router import router
from ossia.engine.gpt_oss.cuda.kernels.scaled_decode import decode_scaled_attention
from ossia.engine.gpt_oss.cuda.kernels.words import PAIRS, PLAIN
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE, DeviceLayer, DeviceMatrix, DeviceWeights
from ossia.engine.gpt_oss.cuda.products import MANY, Products
from ossia.engine.gpt_oss.cuda.ranks import ALONE, Ranks
from ossia.engine.gpt_oss.cuda.shared import Shared
from ossia.engine.gpt_oss.cuda.tuned import Tuning

__all__ = ["DecodeInputs", "DeviceCache", "ExtendInputs", "Forward", "attention_tiles"]


class Forward:
    """Runs the layers. All results are valid until the next call."""

    def __init__(
        self,
        weights: DeviceWeights,
        cache: DeviceCache,
        inputs: DecodeInputs,
        *,
        max_tokens: int,
        invariant: bool = False,
        tuning: Tuning | None = None,
        pdl: bool | None = None,
        ranks: Ranks = ALONE,
    ) -> None:
        """With `ranks`, the weights are this one's shard."""
        self._ranks = ranks
        self._weights, self._inputs = weights, inputs
        self._config = config = weights.config
        self._invariant = invariant
        self._tuning = tuning or Tuning()
        device = cache.device
        self._pdl = has_pdl(device) if pdl is None else pdl
        places, context = inputs.staging.shape[1], inputs.tables.shape[2] * BLOCK_SIZE
        self._shapes = [self._attention_shape(layer, context) for layer in range(config.num_layers)]
        splits = max(shape.splits for shape in self._shapes)
        self._buffers = Buffers(config, max(max_tokens, places), places, splits, device)
        self._unfinished = Unfinished(self._buffers.partial, self._buffers.extremes)
        rotary, tables = rotary_tables(config, context, device), inputs.tables
        layers = zip(cache.blocks, cache.pool_of, strict=True)
        self._paged = [Paged(blocks, tables[pool], *rotary) for blocks, pool in layers]
        shared = Shared(weights, inputs, self._buffers, self._shapes, self._paged, self._tuning, ranks, self._pdl)
        can = not invariant and prompts.can_run(weights, self._buffers)
        self.prompts = prompts.Prompts(shared) if can else None
        can = batches.can_run(weights)
        self.batches = batches.Batches(shared, self.prompts) if self.prompts and can else None
        eps = config.rms_norm_eps
        self._products = Products(self._buffers.normed, eps, self._tuning, invariant=invariant, pdl=self._pdl)
        numbers = np.arange(places + 1, dtype=np.int32)
        self._places = torch.from_numpy(numbers).to(device)
        self._tiles = torch.from_numpy(np.stack([numbers, numbers], axis=1)).to(device)

    @staticmethod
    def workspace_bytes(config: GptOssConfig, max_rows: int, max_blocks: int, max_tokens: int) -> int:
        """Bytes of the buffers and tables that a Forward keeps."""
        rows, splits = max(max_tokens, max_rows), attention.MAX_SPLITS
        buffers = Buffers(config, rows, max_rows, splits, torch.device("meta"))
        return buffers.num_bytes + max_blocks * BLOCK_SIZE * config.head_dim * 4

    # ---- decode

    def decode(self, batch: int) -> Tensor:
        """Logits f32[batch, V] after one token of each of the first `batch` places of the inputs.

        Queues kernels and nothing else, so that it can be captured in a graph.
        """
        inputs, buffers, weights = self._inputs, self._buffers, self._weights
        alone = batch == 1 and not self._invariant
        x, logits = buffers.x[:batch], buffers.logits[:batch]
        self._ranks.share(inputs.last_tokens)
        embed(weights.embedding, inputs.ids[:batch], inputs.rows, inputs.last_tokens, x)
        if self.batches and self.batches.takes(batch):
            self.batches.decode(x, logits)
            return logits
        for number, layer in enumerate(weights.layers):
            if alone:
                self._decode_one(number, layer, x)
            elif self._invariant:
                self._extend_layer(number, layer, x, self._single_tokens(batch))
            else:
                self._decode_some(number, layer, x)
        if alone:
            self._products.norm_one(x[0], weights.output_norm, weights.output, None, logits[0], self._tuning.head)
        else:
            self._products.norm_some(x, weights.output_norm, weights.output, None, logits, self._tuning.few_head)
        return logits

    def _decode_one(self, number: int, layer: DeviceLayer, x: Tensor) -> None:
        """One layer of one token x [1, D], in place."""
        buffers, tuning, heads = self._buffers, self._tuning, self._config.num_heads
        self._products.norm_one(x[0], layer.attn_norm, layer.qkv, layer.qkv_bias, buffers.qkv[0], tuning.qkv)
        self._attend(number, 1)
        most = tuning.project_heads_q8_0 if layer.out.kind == "q8_0" else tuning.project_heads
        together = heads_together(heads, most)
        project(
            self._unfinished,
            layer.sinks,
            self._inputs.positions,
            layer.out,
            buffers.sums,
            self._shapes[number],
            group=together,
            rows=tuning.project.rows,
            warps=tuning.project.warps,
            pdl=self._pdl,
        )
        self._ranks.add(buffers.sums[: heads // together])
        self._route(layer, x, heads // together)
        self._mix(layer, buffers.x_mid[:1], x)

    def _decode_some(self, number: int, layer: DeviceLayer, x: Tensor) -> None:
        """One layer of some tokens x [batch, D], in place."""
        buffers, batch = self._buffers, len(x)
        x_mid, attended = buffers.x_mid[:batch], self._products.operand(buffers.attended[:batch])
        self._products.norm_some(x, layer.attn_norm, layer.qkv, layer.qkv_bias, buffers.qkv[:batch], self._tuning.few)
        self._attend(number, batch)
        states = self._unfinished, layer.sinks, self._inputs.positions, attended
        order = PAIRS if layer.out.kind == "q8_0" else PLAIN
        merge(*states, self._shapes[number], order=order, pdl=self._pdl)
        bias, residual = self._terms(layer, x)
        self._products.some(attended, layer.out, bias, x_mid, self._tuning.few, residual)
        self._ranks.add(x_mid)
        if self._runs_pairs(layer, batch):
            self._route(layer, x_mid, 0)
        self._mix(layer, x_mid, x)

    def _attend(self, number: int, batch: int) -> None:
        """Attention of new tokens in splits that are not joined yet, from the buffers' qkv."""
        paged, tuning = self._paged[number], self._tuning
        is_scaled = paged.cache.dtype == torch.int8
        attend = decode_scaled_attention if is_scaled else decode_attention
        attend(
            self._buffers.qkv[:batch],
            paged,
            self._inputs,
            self._unfinished,
            self._shapes[number],
            tuned=tuning.attention_q8_0 if is_scaled else tuning.attention,
            pdl=self._pdl,
        )

    def _route(self, layer: DeviceLayer, x: Tensor, groups: int) -> None:
        """Router logits and planes of x [batch, D]; with groups of sums, x_mid too."""
        buffers = self._buffers
        router(
            x,
            buffers.sums,
            layer.out_bias,
            layer.mlp_norm,
            self._config.rms_norm_eps,
            layer.router,
            layer.router_bias,
            buffers.x_mid,
            buffers.planes,
            buffers.router_logits,
            groups=groups,
            warps=self._tuning.router_warps,
            pdl=self._pdl,
        )

    def _mix(self, layer: DeviceLayer, x_mid: Tensor, x: Tensor) -> None:
        """x = x_mid + experts, of tokens [batch, D]. Of pairs, the router has left planes and logits."""
        if self._runs_pairs(layer, len(x)):
            self._mix_pairs(layer, x_mid, x)
        else:
            self._mix_groups(layer, x_mid, x)

    def _runs_pairs(self, layer: DeviceLayer, batch: int) -> bool:
        return batch <= PAIRED and experts.can_run(layer, self._config.experts_per_token)

    def _mix_pairs(self, layer: DeviceLayer, x_mid: Tensor, x: Tensor) -> None:
        config, buffers, tuning = self._config, self._buffers, self._tuning
        experts.gate_up(
            buffers.planes[: len(x)],
            buffers.router_logits,
            layer,
            buffers.inner_planes,
            limit=config.swiglu_limit,
            alpha=config.swiglu_alpha,
            programs=tuning.gate_up.programs,
            warps=tuning.gate_up.warps,
            pdl=self._pdl,
        )
        experts.down(
            buffers.inner_planes,
            buffers.router_logits,
            layer,
            self._ranks.once(x_mid),
            x,
            programs=tuning.down.programs,
            rows=tuning.down.rows,
            warps=tuning.down.warps,
            pdl=self._pdl,
        )
        self._ranks.add(x)

    # ---- prompts, and batches that mix them with new tokens

    def extend(self, inputs: ExtendInputs) -> Tensor:
        """Final states, normed, f32[n, D] of the tokens in `final_rows`."""
        buffers, weights = self._buffers, self._weights
        x = buffers.x[: len(inputs.ids)]
        self._ranks.share(self._inputs.last_tokens)
        embed(weights.embedding, inputs.ids, inputs.rows, self._inputs.last_tokens, x, sequences=inputs.sequences)
        if self.prompts and self.prompts.takes(len(x)):
            return self.prompts.extend(x, inputs)
        last = len(weights.layers) - 1
        for number, layer in enumerate(weights.layers[:last]):
            self._extend_layer(number, layer, x, inputs)
        self._extend_attention(last, weights.layers[last], x, inputs)
        x_mid = buffers.x_mid[: len(x)].index_select(0, inputs.final_rows)  # no other token is looked at again
        x, normed = buffers.x[: len(x_mid)], buffers.normed[: len(x_mid)]
        if len(x):
            self._mix_groups(weights.layers[last], x_mid, x)
            rms_norm(x, weights.output_norm, self._config.rms_norm_eps, normed)
        return normed

    def can_pad(self, tokens: int) -> bool:
        """True if `extend_padded` takes so many tokens."""
        return self.batches is not None and self.batches.can_extend(tokens)

    def extend_padded(self, inputs: ExtendInputs) -> Tensor:
        """Final states, normed, f32[T, D] of all tokens, as many as `can_pad` takes; see padded.py.

        Queues kernels and nothing else, as `decode` does.
        """
        assert self.batches, "`can_pad` tells"
        x = self._buffers.x[: len(inputs.ids)]
        self._ranks.share(self._inputs.last_tokens)
        embed(self._weights.embedding, inputs.ids, inputs.rows, self._inputs.last_tokens, x, sequences=inputs.sequences)
        return self.batches.extend(x, inputs)

    def sizes(self) -> list[int]:
        """Numbers of tokens of which each runs other kernels of `extend`."""
        sizes = {1, MANY + 1, *(self.prompts.sizes() if self.prompts else ())}
        return sorted(size for size in sizes if size <= len(self._buffers.x))

    def launch_heads(self) -> None:
        """Launch every kernel of `logits`, on states of nobody."""
        for size in self.batches.head_sizes() if self.batches else [1]:
            self.logits(self._buffers.normed[:size])

    def logits(self, states: Tensor) -> Tensor:
        """Logits f32[n, V] of final states f32[n, D], at most 64 of them."""
        assert len(states) <= LOGITS_AT_ONCE, f"{len(states)} rows of logits are more than {LOGITS_AT_ONCE}"
        logits = self._buffers.logits[: len(states)]
        if len(states) and self.batches:
            self.batches.head(states, logits)
        elif len(states):
            self._products.many(states, self._weights.output, None, logits)
        return logits

    def _single_tokens(self, batch: int) -> ExtendInputs:
        """The decode's inputs as sequences of one token."""
        inputs, places = self._inputs, self._places
        return ExtendInputs(inputs.ids, inputs.positions, places, inputs.rows, places, self._tiles[:batch], places)

    def _extend_layer(self, number: int, layer: DeviceLayer, x: Tensor, inputs: ExtendInputs) -> None:
        """One layer of tokens x [T, D], in place."""
        self._extend_attention(number, layer, x, inputs)
        self._mix_groups(layer, self._buffers.x_mid[: len(x)], x)

    def _extend_attention(self, number: int, layer: DeviceLayer, x: Tensor, inputs: ExtendInputs) -> None:
        """x_mid = x + attention, of tokens x [T, D]; their keys and values go to the cache."""
        buffers, tokens, shape = self._buffers, len(x), self._shapes[number]
        normed, qkv, queries = buffers.normed[:tokens], buffers.qkv[:tokens], buffers.queries[:tokens]
        attended, paged = buffers.attended[:tokens], self._paged[number]
        rms_norm(x, layer.attn_norm, self._config.rms_norm_eps, normed)
        self._products.many(normed, layer.qkv, layer.qkv_bias, qkv)
        rotate_and_store(qkv, inputs, paged, queries, kv_heads=shape.kv_heads)
        prefill_attention(queries, inputs, paged, layer.sinks, attended, kv_heads=shape.kv_heads, window=shape.window)
        bias, residual = self._terms(layer, x)
        self._products.many(attended, layer.out, bias, buffers.x_mid[:tokens], residual)
        self._ranks.add(buffers.x_mid[:tokens])

    def _mix_groups(self, layer: DeviceLayer, x_mid: Tensor, x: Tensor) -> None:
        """x = x_mid + experts, of any number of tokens [T, D] and any kind of weights."""
        config, buffers, tokens = self._config, self._buffers, len(x)
        few, k = self._products.is_few(tokens), config.experts_per_token
        tile = self._tuning.grouped_few if few else self._tuning.grouped_many
        normed, logits = buffers.normed[:tokens], buffers.router_logits[:tokens]
        ids, shares = buffers.ids[:tokens], buffers.shares[:tokens]
        rms_norm(x_mid, layer.mlp_norm, config.rms_norm_eps, normed)
        scorer = DeviceMatrix("f32", config.num_experts, config.hidden_size, layer.router)
        self._products.many(normed, scorer, layer.router_bias, logits)
        group.choose(logits, ids, shares)
        blocks = group.num_blocks(tokens * k, config.num_experts, tile.tokens)
        order, block_experts = buffers.order[: blocks * tile.tokens], buffers.block_experts[:blocks]
        group.sort_by_expert(ids, buffers.counts, order, block_experts, block=tile.tokens)
        inner, outputs = buffers.inner[: tokens * k], buffers.outputs[: tokens * k]
        grouped_matmul(
            normed,
            layer.gate_up,
            layer.gate_up_bias,
            inner,
            order,
            block_experts,
            glu=(config.swiglu_limit, config.swiglu_alpha),
            sharing=k,
            tile=tile,
            split=few,
        )
        grouped_matmul(
            inner, layer.down, layer.down_bias, outputs, order, block_experts, glu=None, sharing=1, tile=tile, split=few
        )
        group.weighted_sum(self._ranks.once(x_mid), outputs, shares, x)
        self._ranks.add(x)

    def _terms(self, layer: DeviceLayer, x: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """Bias and residual of the output projection, which the leader's part of the sum has alone."""
        return (layer.out_bias, x) if self._ranks.leads else (None, None)

    def _attention_shape(self, number: int, context: int) -> AttentionShape:
        """Shape of a layer's attention. A window that holds the whole context is none."""
        config, tile = self._config, self._tuning.attention_tile
        window = config.sliding_window if config.is_sliding(number) and config.sliding_window < context else 0
        splits = attention.num_splits(window or context, tile)
        return AttentionShape(config.num_heads, config.num_kv_heads, config.head_dim, window, splits, tile)


def has_pdl(device: torch.device) -> bool:
    """True if the device runs programmatic dependent launch: compute capability 9.0 and above."""
    return device.type == "cuda" and torch.cuda.get_device_capability(device)[0] >= 9
