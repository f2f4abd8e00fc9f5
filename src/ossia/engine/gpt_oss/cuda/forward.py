# pyright: basic, reportMissingImports=false
# (torch is optional and not installed where types are checked.)
"""gpt-oss's forward pass on the device: one new token of each of some sequences, or chunks of prompts.

It knows kernels, their order and their buffers; which sequence has which row, what a batch is made of and how an id is
drawn are its caller's business. Formulas are those of `reference.py`, which it is tested against.

Decode has three ranges of batch sizes, each with kernels of its own: 1; 2 to 8; more. Within a range neighbours, their
number and padding never change a bit; between ranges and against `extend`, sums are rounded differently. `invariant` uses
the kernels of `extend`, at one tile size, for everything.
"""

from dataclasses import dataclass, replace

import torch

from ossia.engine.gpt_oss.config import GptOssConfig
from ossia.engine.gpt_oss.cuda.kernels import attention, experts, group
from ossia.engine.gpt_oss.cuda.kernels.attention import decode_attention, heads_together, merge, num_splits
from ossia.engine.gpt_oss.cuda.kernels.embed import embed
from ossia.engine.gpt_oss.cuda.kernels.gemv import norm_gemv
from ossia.engine.gpt_oss.cuda.kernels.matmul import grouped_matmul, matmul
from ossia.engine.gpt_oss.cuda.kernels.norm import rms_norm
from ossia.engine.gpt_oss.cuda.kernels.prefill import attention_tiles, prefill_attention, rotate_and_store
from ossia.engine.gpt_oss.cuda.kernels.project import project
from ossia.engine.gpt_oss.cuda.kernels.router import router
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE, DeviceLayer, DeviceMatrix, DeviceWeights
from ossia.engine.gpt_oss.cuda.tuned import Tuning, tuning_for

__all__ = ["DecodeInputs", "DeviceCache", "ExtendInputs", "Forward", "attention_tiles"]

FEW = 8  # rows up to which experts run as pairs of (token, expert)
MANY = 64  # rows above which tiles are large and activations are rounded to 16 bits
LOGITS_AT_ONCE = 64


class DeviceCache:
    """Keys and values bf16[layers, blocks + 1, key | value, KV, 64, hd]; the last block is where padding writes."""

    def __init__(self, config: GptOssConfig, num_blocks: int, device: torch.device | str) -> None:
        shape = (config.num_layers, num_blocks + 1, 2, config.num_kv_heads, BLOCK_SIZE, config.head_dim)
        self.blocks = torch.empty(shape, dtype=torch.bfloat16, device=device)
        self.blocks[:, num_blocks].zero_()
        self.scratch = num_blocks

    @staticmethod
    def block_bytes(config: GptOssConfig) -> int:
        return config.kv_bytes_per_token(2) * BLOCK_SIZE


@dataclass(frozen=True, slots=True)
class DecodeInputs:
    """Inputs of a decode step at fixed addresses; the first three are rows of `staging`, one copy from the host.

    A place without a sequence has id 0, position 0 and the row after the last, whose blocks are all scratch.
    """

    staging: torch.Tensor  # i32[3, places]
    ids: torch.Tensor  # i32[places], -1 for the row's last token
    rows: torch.Tensor  # i32[places], of block_tables and last_tokens
    positions: torch.Tensor  # i32[places], tokens before this one
    block_tables: torch.Tensor  # i32[rows + 1, blocks]
    last_tokens: torch.Tensor  # i32[rows + 1]

    @classmethod
    def empty(cls, max_rows: int, max_blocks: int, cache: DeviceCache) -> "DecodeInputs":
        def full(value: int, *shape: int) -> torch.Tensor:
            return torch.full(shape, value, dtype=torch.int32, device=cache.blocks.device)

        staging = full(0, 3, max_rows)
        staging[1] = max_rows
        return cls(staging, *staging, full(cache.scratch, max_rows + 1, max_blocks), full(0, max_rows + 1))


@dataclass(frozen=True, slots=True)
class ExtendInputs:
    """T tokens of S sequences; block tables and last tokens are those of DecodeInputs."""

    ids: torch.Tensor  # i32[T], -1 for the last token of the token's sequence
    positions: torch.Tensor  # i32[T]
    sequences: torch.Tensor  # i32[T], which of the S
    rows: torch.Tensor  # i32[S]
    query_start: torch.Tensor  # i32[S + 1], first token of each
    tiles: torch.Tensor  # i32[n, 2], see attention_tiles
    final_rows: torch.Tensor  # i64[n], tokens whose final states are wanted


class _Buffers:
    """Intermediates of `rows` tokens, reused by every layer and step."""

    def __init__(self, config: GptOssConfig, rows: int, places: int, splits: int, device: torch.device) -> None:
        c = config
        width, inner, k = c.hidden_size, c.intermediate_size, c.experts_per_token
        queries = c.num_heads * c.head_dim

        def f32(*shape: int) -> torch.Tensor:
            return torch.empty(shape, dtype=torch.float32, device=device)

        def typed(dtype: torch.dtype, *shape: int) -> torch.Tensor:
            return torch.empty(shape, dtype=dtype, device=device)

        self.x, self.x_mid, self.normed = f32(rows, width), f32(rows, width), f32(rows, width)
        self.qkv = f32(rows, queries + 2 * c.num_kv_heads * c.head_dim)
        self.queries = typed(torch.bfloat16, rows, c.num_heads, c.head_dim)
        self.attended = f32(rows, queries)
        self.router_logits = f32(rows, c.num_experts)
        # ---- experts of many tokens
        self.ids = typed(torch.int32, rows, k)
        self.shares = f32(rows, k)
        self.counts = typed(torch.int32, c.num_experts)
        self.inner, self.outputs = f32(rows * k, inner), f32(rows * k, width)
        # ---- decode
        self.partial = typed(torch.float16, places, splits, queries)
        self.extremes = f32(places, splits, 2, c.num_heads)
        self.sums = f32(c.num_heads // heads_together(c.num_heads), width)
        self.planes = typed(torch.float16, min(places, FEW), width)
        self.inner_planes = typed(torch.float16, min(places, FEW) * k, inner)
        self.logits = f32(max(places, LOGITS_AT_ONCE), c.vocab_size)


class Forward:
    """Runs the layers. All results are valid until the next call."""

    def __init__(
        self, weights: DeviceWeights, cache: DeviceCache, inputs: DecodeInputs, *, max_tokens: int,
        invariant: bool = False, tuning: Tuning | None = None, pdl: bool | None = None,
    ) -> None:  # fmt: skip
        self._weights, self._cache, self._inputs = weights, cache, inputs
        self._config = config = weights.config
        self._invariant = invariant
        device = cache.blocks.device
        self._pdl = has_pdl(device) if pdl is None else pdl
        self._tuning = tuning or tuning_for(config)
        places, self._context = inputs.staging.shape[1], inputs.block_tables.shape[1] * BLOCK_SIZE
        self._splits = [num_splits(self._visible(layer)) for layer in range(config.num_layers)]
        self._buffers = _Buffers(config, max(max_tokens, places), places, max(self._splits), device)
        self._cos, self._sin = rotary_tables(config, self._context, device)
        self._places = torch.arange(places + 1, dtype=torch.int32, device=device)
        self._tiles = torch.stack([self._places, self._places], dim=1)
        self._order: dict[tuple[int, int], tuple[torch.Tensor, torch.Tensor]] = {}

    @staticmethod
    def workspace_bytes(config: GptOssConfig, max_rows: int, max_blocks: int, max_tokens: int) -> int:
        """Bytes of the buffers that a Forward keeps."""
        buffers = _Buffers(config, max(max_tokens, max_rows), max_rows, attention.MAX_SPLITS, torch.device("meta"))
        tables = max_blocks * BLOCK_SIZE * config.head_dim * 4
        return sum(value.nbytes for value in vars(buffers).values()) + tables

    # ---- decode

    def decode(self, batch: int) -> torch.Tensor:
        """Logits f32[batch, V] after one token of each of the first `batch` places of the inputs.

        Queues kernels and nothing else, so that it can be captured in a graph.
        """
        inputs, buffers, weights = self._inputs, self._buffers, self._weights
        x = buffers.x[:batch]
        embed(weights.embedding, inputs.ids[:batch], inputs.rows, inputs.last_tokens, x)
        for number, layer in enumerate(weights.layers):
            if batch == 1 and not self._invariant:
                self._decode_one(number, layer)
            else:
                self._decode_rows(number, layer, x)
        logits = buffers.logits[:batch]
        if batch == 1 and not self._invariant:
            self._norm_gemv(weights.output_norm, weights.output, None, logits[0], self._tuning.head)
        else:
            rms_norm(x, weights.output_norm, self._config.rms_norm_eps, buffers.normed[:batch], pdl=self._pdl)
            self._matmul(buffers.normed[:batch], weights.output, None, logits)
        return logits

    def _decode_one(self, number: int, layer: DeviceLayer) -> None:
        """One layer of one token: x of the buffers to x of the next layer."""
        buffers, tuning = self._buffers, self._tuning
        self._norm_gemv(layer.attn_norm, layer.qkv, layer.qkv_bias, buffers.qkv[0], tuning.qkv)
        self._attend(number, 1)
        heads = self._config.num_heads
        together = heads_together(heads)
        shape = self._attention_shape(number)
        project(
            buffers.partial, buffers.extremes, layer.sinks, self._inputs.positions, layer.out, buffers.sums,
            group=together, rows=tuning.project.rows, warps=tuning.project.warps, pdl=self._pdl, **shape,
        )  # fmt: skip
        self._route(layer, buffers.x, 1, heads // together)
        self._mix_pairs(layer, 1) if self._runs_pairs(layer) else self._mix_groups(
            layer, buffers.x_mid[:1], buffers.x[:1]
        )

    def _decode_rows(self, number: int, layer: DeviceLayer, x: torch.Tensor) -> None:
        """One layer of some tokens x [batch, D], in place."""
        buffers, batch = self._buffers, len(x)
        if self._invariant:
            inputs = self._inputs
            places = self._places  # each a sequence of one token
            tiles = self._tiles[:batch]
            single = ExtendInputs(inputs.ids, inputs.positions, places, inputs.rows, places, tiles, places)
            self._extend_attention(number, layer, x, single)
            return self._mix_groups(layer, buffers.x_mid[:batch], x)
        normed, x_mid = buffers.normed[:batch], buffers.x_mid[:batch]
        rms_norm(x, layer.attn_norm, self._config.rms_norm_eps, normed, pdl=self._pdl)
        self._matmul(normed, layer.qkv, layer.qkv_bias, buffers.qkv[:batch])
        self._attend(number, batch)
        merge(
            buffers.partial, buffers.extremes, layer.sinks, self._inputs.positions, buffers.attended, batch,
            pdl=self._pdl, **self._attention_shape(number),
        )  # fmt: skip
        self._matmul(buffers.attended[:batch], layer.out, layer.out_bias, x_mid, residual=x)
        if batch <= FEW and self._runs_pairs(layer):
            self._route(layer, x_mid, batch, 0)
            self._mix_pairs(layer, batch)
        else:
            self._mix_groups(layer, x_mid, x)

    def _attention_shape(self, number: int) -> dict[str, int]:
        config = self._config
        return {
            "heads": config.num_heads, "head_dim": config.head_dim, "window": self._window(number),
            "splits": self._splits[number],
        }  # fmt: skip

    def _attend(self, number: int, batch: int) -> None:
        buffers = self._buffers
        decode_attention(
            buffers.qkv, self._cache.blocks[number], self._inputs, self._cos, self._sin, buffers.partial,
            buffers.extremes, batch, kv_heads=self._config.num_kv_heads, warps=self._tuning.attention_warps,
            pdl=self._pdl, **self._attention_shape(number),
        )  # fmt: skip

    def _route(self, layer: DeviceLayer, x: torch.Tensor, batch: int, groups: int) -> None:
        buffers = self._buffers
        router(
            x, buffers.sums, layer.out_bias, layer.mlp_norm, self._config.rms_norm_eps, layer.router, layer.router_bias,
            buffers.x_mid, buffers.planes, buffers.router_logits, batch, groups=groups, warps=self._tuning.router_warps,
            pdl=self._pdl,
        )  # fmt: skip

    def _runs_pairs(self, layer: DeviceLayer) -> bool:
        return experts.can_run(layer, self._config.experts_per_token)

    def _mix_pairs(self, layer: DeviceLayer, batch: int) -> None:
        """x = x_mid + experts, from the planes and logits that the router left."""
        config, buffers, tuning = self._config, self._buffers, self._tuning
        logits = buffers.router_logits
        experts.gate_up(
            buffers.planes, logits, layer, buffers.inner_planes, batch, limit=config.swiglu_limit,
            alpha=config.swiglu_alpha, programs=tuning.gate_up.programs, warps=tuning.gate_up.warps, pdl=self._pdl,
        )  # fmt: skip
        experts.down(
            buffers.inner_planes, logits, layer, buffers.x_mid, buffers.x, batch, programs=tuning.down.programs,
            rows=tuning.down.rows, warps=tuning.down.warps, pdl=self._pdl,
        )  # fmt: skip

    # ---- prompts, and batches that mix them with new tokens

    def extend(self, inputs: ExtendInputs) -> torch.Tensor:
        """Final states, normed, f32[n, D] of the tokens in `final_rows`."""
        buffers, weights = self._buffers, self._weights
        x = buffers.x[: len(inputs.ids)]
        embed(weights.embedding, inputs.ids, inputs.rows, self._inputs.last_tokens, x, sequences=inputs.sequences)
        last = len(weights.layers) - 1
        for number, layer in enumerate(weights.layers):
            self._extend_attention(number, layer, x, inputs)
            x_mid = buffers.x_mid[: len(x)]
            if number == last:  # no other token is looked at again
                x_mid = x_mid[inputs.final_rows]
                x = buffers.x[: len(x_mid)]
                if not len(x):
                    return x
            self._mix_groups(layer, x_mid, x)
        normed = buffers.normed[: len(x)]
        rms_norm(x, weights.output_norm, self._config.rms_norm_eps, normed)
        return normed

    def logits(self, states: torch.Tensor) -> torch.Tensor:
        """Logits f32[n, V] of final states f32[n, D], at most 64 of them."""
        assert len(states) <= LOGITS_AT_ONCE, len(states)
        logits = self._buffers.logits[: len(states)]
        if len(states):
            self._matmul(states, self._weights.output, None, logits, pdl=False)
        return logits

    def _extend_attention(self, number: int, layer: DeviceLayer, x: torch.Tensor, inputs: ExtendInputs) -> None:
        """x_mid = x + attention, of tokens x [T, D]; their keys and values go to the cache."""
        config, buffers, tokens = self._config, self._buffers, len(x)
        normed, qkv, queries = buffers.normed[:tokens], buffers.qkv[:tokens], buffers.queries[:tokens]
        tables, cache = self._inputs.block_tables, self._cache.blocks[number]
        rms_norm(x, layer.attn_norm, config.rms_norm_eps, normed)
        self._matmul(normed, layer.qkv, layer.qkv_bias, qkv, pdl=False)
        rotate_and_store(
            qkv, inputs.positions, inputs.sequences, inputs.rows, tables, self._cos, self._sin, queries, cache,
            kv_heads=config.num_kv_heads,
        )  # fmt: skip
        attended = buffers.attended[:tokens]
        prefill_attention(
            queries, cache, inputs.tiles, inputs.query_start, inputs.rows, inputs.positions, tables, layer.sinks,
            attended, kv_heads=config.num_kv_heads, window=self._window(number),
        )  # fmt: skip
        self._matmul(attended, layer.out, layer.out_bias, buffers.x_mid[:tokens], residual=x, pdl=False)

    def _mix_groups(self, layer: DeviceLayer, x_mid: torch.Tensor, x: torch.Tensor) -> None:
        """x = x_mid + experts, of any number of tokens [T, D] and any kind of weights."""
        config, buffers, tokens = self._config, self._buffers, len(x)
        normed, logits = buffers.normed[:tokens], buffers.router_logits[:tokens]
        ids, shares = buffers.ids[:tokens], buffers.shares[:tokens]
        rms_norm(x_mid, layer.mlp_norm, config.rms_norm_eps, normed)
        matrix = DeviceMatrix("f32", *layer.router.shape, layer.router)
        self._matmul(normed, matrix, layer.router_bias, logits, pdl=False, few=True)
        group.choose(logits, ids, shares)
        tile = self._tuning.grouped_few if self._is_few(tokens) else self._tuning.grouped_many
        order, block_experts = self._sorted(tokens, tile.tokens)
        group.sort_by_expert(ids, buffers.counts, order, block_experts, block=tile.tokens)
        pairs = ids.numel()
        inner, outputs = buffers.inner[:pairs], buffers.outputs[:pairs]
        glu = (config.swiglu_limit, config.swiglu_alpha)
        shape = {**tile.launch(), "split": self._is_few(tokens)}
        grouped_matmul(
            normed, layer.gate_up, layer.gate_up_bias, inner, order, block_experts, glu=glu,
            sharing=config.experts_per_token, **shape,
        )  # fmt: skip
        grouped_matmul(inner, layer.down, layer.down_bias, outputs, order, block_experts, glu=None, sharing=1, **shape)
        group.weighted_sum(x_mid, outputs, shares, x)

    def _sorted(self, tokens: int, block: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Buffers for pairs sorted by expert; graphs of several sizes keep theirs."""
        config = self._config
        blocks = group.num_blocks(tokens * config.experts_per_token, config.num_experts, block)
        if (key := (blocks, block)) not in self._order:
            order = torch.empty(blocks * block, dtype=torch.int32, device=self._places.device)
            self._order[key] = order, torch.empty(blocks, dtype=torch.int32, device=self._places.device)
        return self._order[key]

    # ---- shared

    def _is_few(self, tokens: int) -> bool:
        return tokens <= MANY or self._invariant

    def _matmul(self, x, matrix: DeviceMatrix, bias, out, *, residual=None, pdl: bool | None = None, few=False) -> None:
        few = few or self._is_few(len(x))
        tile = self._tuning.dense_few if few else self._tuning.dense_many
        if matrix.kind == "f32":
            tile = replace(tile, depth=32, stages=2)
        matmul(
            x, matrix, bias, out, residual=residual, split=few, pdl=self._pdl if pdl is None else pdl, **tile.launch()
        )

    def _norm_gemv(self, gain, matrix: DeviceMatrix, bias, out, tuned) -> None:
        shape = tuned.q8_0 if matrix.kind == "q8_0" else tuned.float
        norm_gemv(
            self._buffers.x[0], gain, self._config.rms_norm_eps, matrix, bias, out, group=shape.rows,
            programs=shape.programs, warps=shape.warps, pdl=self._pdl,
        )  # fmt: skip

    def _window(self, number: int) -> int:
        """The layer's window, 0 if every token is seen."""
        window = self._config.sliding_window
        return window if self._config.is_sliding(number) and window < self._context else 0

    def _visible(self, number: int) -> int:
        return self._window(number) or self._context


def has_pdl(device: torch.device) -> bool:
    """True if the device runs programmatic dependent launch: compute capability 9.0 and above."""
    return device.type == "cuda" and torch.cuda.get_device_capability(device)[0] >= 9


def rotary_tables(config: GptOssConfig, context: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """cos and sin f32[context, hd / 2], of angles in float64: exact at any position."""
    frequencies, concentration = config.inv_freq()
    turns = torch.from_numpy(frequencies).to(device)
    angles = torch.arange(context, device=device, dtype=torch.float64)[:, None] * turns
    return (angles.cos() * concentration).float(), (angles.sin() * concentration).float()
