"""CpuRunner: gpt-oss's forward pass over a batch, as a list of calls of the C++ kernels.

It owns the KV cache and the scratch buffers. It knows nothing of requests: a batch says which ids to compute, where
their keys and values go and which rows need logits. Formulas are those of `reference.py`, which it is tested against.
"""

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ossia import _cpu
from ossia.engine.gpt_oss.sampler import sample, score
from ossia.engine.gpt_oss.weights import Layer, Matrix, Weights
from ossia.engine.memory import KV_CACHE_BYTES, usable_bytes
from ossia.engine.sequence import Batch, Sampled, Scheduled, Sequence
from ossia.errors import OssiaError

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]

BLOCK_SIZE = 32
SCORED_AT_ONCE = 16
LONGEST_CONTEXTS = 4  # sequences of full length that the KV cache has room for, if memory allows


@dataclass(frozen=True, slots=True)
class _Matrices:
    """A layer's matrices, bound to the kernels."""

    q: _cpu.Matrix
    k: _cpu.Matrix
    v: _cpu.Matrix
    out: _cpu.Matrix
    router: _cpu.Matrix
    gate: _cpu.Matrix
    up: _cpu.Matrix
    down: _cpu.Matrix


@dataclass(frozen=True, slots=True)
class _Inputs:
    """A batch flattened for the kernels: T tokens of S sequences."""

    ids: Ints  # [T]
    slots: Places  # [T] where each token's key and value go: block * block_size + offset
    cos: Floats  # [T, head_dim / 2]
    sin: Floats  # [T, head_dim / 2]
    query_start: Ints  # [S + 1] first row of each sequence
    context_lens: Ints  # [S] tokens of each sequence with this batch's
    block_tables: Ints  # [S, longest]
    final_rows: npt.NDArray[np.intp]  # [samples + read] those that sample, then those of sequences that are only read


class CpuRunner:
    """Runs batches on this machine's processor. `exact` computes in float32 throughout, the same for any batch.

    Without `kv_cache_bytes` the KV cache gets half of what the weights leave of `memory_bytes`, or of what this
    machine has left, whichever is less.
    """

    block_size = BLOCK_SIZE

    def __init__(
        self,
        weights: Weights,
        *,
        max_batched_tokens: int = 512,
        context_length: int | None = None,
        threads: int = 0,
        exact: bool = False,
        kv_cache_bytes: int = 0,
        memory_bytes: int | None = None,
    ) -> None:
        self._config = config = weights.config
        self._exact = exact
        _cpu.set_threads(threads or len(os.sched_getaffinity(0)))

        # ---- weights: bound where they stand, nothing is copied
        self._embedding = _bind(weights.embedding)
        self._output = _bind(weights.output)
        self._output_norm = weights.output_norm
        self._layers = [(layer, _bind_layer(layer)) for layer in weights.layers]
        self._inv_freq, self._concentration = config.inv_freq()

        # ---- KV cache: one array a layer, [blocks, key | value, kv_heads, block_size, head_dim]
        dtype: np.dtype[Any] = np.dtype(np.float32 if exact else np.float16)
        wanted = min(context_length or config.context_length, config.context_length)
        block_bytes = config.kv_bytes_per_token(dtype.itemsize) * BLOCK_SIZE
        budget = kv_cache_bytes or _memory_left_by(weights.num_bytes, memory_bytes)
        self.num_blocks = _num_blocks(budget, block_bytes, wanted)
        shape = (self.num_blocks, 2, config.num_kv_heads, BLOCK_SIZE, config.head_dim)
        self._caches: list[npt.NDArray[Any]] = [
            np.zeros(shape, dtype) for _ in weights.layers
        ]  # untouched pages are free
        self.context_length = min(wanted, self.num_blocks * BLOCK_SIZE)
        self.memory_bytes = weights.num_bytes + self.num_blocks * block_bytes
        self.embedding_length = config.hidden_size

        # ---- scratch, reused by every step
        rows, heads = max_batched_tokens, config.num_heads + 2 * config.num_kv_heads
        self._x = np.empty((rows, config.hidden_size), np.float32)
        self._normed = np.empty_like(self._x)
        self._delta = np.empty_like(self._x)
        self._qkv = np.empty((rows, heads * config.head_dim), np.float32)
        self._attended = np.empty((rows, config.num_heads * config.head_dim), np.float32)

    def run(self, batch: Batch) -> list[Sampled]:
        states = self._forward(self._flatten(batch))  # [samples + read, D]
        sampling = [item.sequence for item in batch.items if item.samples]
        self._read(batch, states[len(sampling) :])
        return sample(self._logits(states[: len(sampling)]), sampling)

    def _read(self, batch: Batch, states: Floats) -> None:
        """Give states [read, D] to the sequences that they are of."""
        for item in batch.items:
            sequence = item.sequence
            if not sequence.is_only_read:
                continue
            own, states = states[: item.num_tokens], states[item.num_tokens :]
            if sequence.scores is None:
                _pool(sequence, own)
            else:
                following = sequence.token_ids[sequence.num_computed_tokens + 1 :][: item.num_tokens]
                for start in range(0, len(following), SCORED_AT_ONCE):  # logits of a whole prompt are gigabytes
                    ids = following[start : start + SCORED_AT_ONCE]
                    logits = self._logits(own[start : start + len(ids)])
                    sequence.scored += map(score, logits, ids, [sequence.scores] * len(ids))

    def _forward(self, inputs: _Inputs) -> Floats:
        """Final states, normed, of the final rows; they stand in scratch."""
        x = self._x[: len(inputs.ids)]  # [T, D]
        _cpu.embed(self._embedding, inputs.ids, x)
        last = len(self._layers) - 1
        for index, (layer, bound) in enumerate(self._layers):
            self._attend(index, layer, bound, inputs, x)
            if index == last:
                x = x[inputs.final_rows]  # no other row is looked at again: [samples + read, D]
                if not len(x):
                    return x
            self._mix_experts(layer, bound, x)
        return self._rms_norm(x, self._output_norm)

    def _logits(self, states: Floats) -> Floats:
        logits = np.empty((len(states), self._config.vocab_size), np.float32)
        if len(states):
            _cpu.linear(states, [self._output], [None], logits, self._exact)
        return logits

    def _attend(self, index: int, layer: Layer, bound: _Matrices, inputs: _Inputs, x: Floats) -> None:
        """x += out(attention(qkv(norm(x)))), writing this batch's keys and values to the cache."""
        config, tokens = self._config, len(x)
        normed = self._rms_norm(x, layer.attn_norm)
        qkv = self._qkv[:tokens]  # [T, (H + 2 KV) * hd]
        _cpu.linear(normed, [bound.q, bound.k, bound.v], [layer.q_bias, layer.k_bias, layer.v_bias], qkv, self._exact)
        heads = qkv.reshape(tokens, -1, config.head_dim)
        h, kv = config.num_heads, config.num_kv_heads
        q, k, v = heads[:, :h], heads[:, h : h + kv], heads[:, h + kv :]
        _cpu.rope(heads[:, : h + kv], inputs.cos, inputs.sin)
        _cpu.store_kv(k, v, self._caches[index], inputs.slots)
        attended = self._attended[:tokens]  # [T, H * hd]
        _cpu.attention(
            q,
            self._caches[index],
            inputs.block_tables,
            inputs.query_start,
            inputs.context_lens,
            layer.sinks,
            config.sliding_window if config.is_sliding(index) else 0,
            config.head_dim**-0.5,
            attended,
        )
        delta = self._delta[:tokens]
        _cpu.linear(attended, [bound.out], [layer.out_bias], delta, self._exact)
        x += delta

    def _mix_experts(self, layer: Layer, bound: _Matrices, x: Floats) -> None:
        """x += experts(norm(x)), each token's chosen experts weighted by its router."""
        config, tokens = self._config, len(x)
        normed = self._rms_norm(x, layer.mlp_norm)
        scores = np.empty((tokens, config.num_experts), np.float32)
        _cpu.linear(normed, [bound.router], [layer.router_bias], scores, True)  # a rounded score flips experts
        experts = np.empty((tokens, config.experts_per_token), np.int32)
        weights = np.empty((tokens, config.experts_per_token), np.float32)
        _cpu.route(scores, config.experts_per_token, experts, weights)
        delta = self._delta[:tokens]
        _cpu.moe(
            normed,
            experts,
            weights,
            bound.gate,
            bound.up,
            bound.down,
            layer.gate_bias,
            layer.up_bias,
            layer.down_bias,
            config.swiglu_limit,
            config.swiglu_alpha,
            delta,
            self._exact,
        )
        x += delta

    def _rms_norm(self, x: Floats, gain: Floats) -> Floats:
        normed = self._normed[: len(x)]
        _cpu.rms_norm(x, gain, self._config.rms_norm_eps, normed)
        return normed

    def _flatten(self, batch: Batch) -> _Inputs:
        counts: Places = np.array([item.num_tokens for item in batch.items], np.int64)
        query_start: Places = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        positions = np.concatenate([_positions(item) for item in batch.items])  # [T]
        tables = [item.sequence.block_table for item in batch.items]
        block_tables = np.zeros((len(tables), max(map(len, tables))), np.int32)
        for row, table in zip(block_tables, tables, strict=True):
            row[: len(table)] = table
        blocks = block_tables[np.repeat(np.arange(len(tables)), counts), positions // BLOCK_SIZE]  # [T]
        angles = positions[:, None] * self._inv_freq  # float64: exact at any position
        return _Inputs(
            ids=np.concatenate([_ids(item) for item in batch.items]),
            slots=blocks.astype(np.int64) * BLOCK_SIZE + positions % BLOCK_SIZE,
            cos=(np.cos(angles) * self._concentration).astype(np.float32),
            sin=(np.sin(angles) * self._concentration).astype(np.float32),
            query_start=query_start.astype(np.int32),
            context_lens=positions[query_start[1:] - 1].astype(np.int32) + 1,
            block_tables=block_tables,
            final_rows=np.concatenate(
                [
                    query_start[1:][[item.samples for item in batch.items]] - 1,
                    np.flatnonzero(np.repeat([item.sequence.is_only_read for item in batch.items], counts)),
                ]
            ),
        )


def _positions(item: Scheduled) -> Places:
    start = item.sequence.num_computed_tokens
    return np.arange(start, start + item.num_tokens, dtype=np.int64)


def _ids(item: Scheduled) -> Ints:
    start = item.sequence.num_computed_tokens
    return np.array(item.sequence.token_ids[start : start + item.num_tokens], np.int32)


def _pool(sequence: Sequence, states: Floats) -> None:
    """Add states [tokens, D] to the sequence's sum, in float64: however a text is cut, the mean is the same."""
    total = states.sum(axis=0, dtype=np.float64)
    sequence.pooled = total if sequence.pooled is None else sequence.pooled + total


def _bind(matrix: Matrix) -> _cpu.Matrix:
    return _cpu.Matrix(matrix.data, matrix.kind, matrix.cols)


def _bind_layer(layer: Layer) -> _Matrices:
    return _Matrices(
        q=_bind(layer.q),
        k=_bind(layer.k),
        v=_bind(layer.v),
        out=_bind(layer.out),
        router=_bind(layer.router),
        gate=_bind(layer.gate),
        up=_bind(layer.up),
        down=_bind(layer.down),
    )


def _num_blocks(budget: int, block_bytes: int, context_length: int) -> int:
    """As many blocks as the budget holds, up to a few sequences of full length. Raises OssiaError for none."""
    blocks = min(budget // block_bytes, LONGEST_CONTEXTS * -(-context_length // BLOCK_SIZE))
    if blocks < 1:
        raise OssiaError(
            f"{budget} bytes hold no block of the KV cache: one is {block_bytes} bytes, {BLOCK_SIZE} tokens",
            hint="give the cache more memory with OSSIA_KV_CACHE_BYTES",
        )
    return blocks


def _memory_left_by(weights_bytes: int, memory_bytes: int | None) -> int:
    """Half of the memory that is left when the weights are resident: the rest is for everybody else.

    The kernel counts the mapped weights of other models as available; `memory_bytes` does not have them.
    """
    with open("/proc/meminfo") as lines:
        available = next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable"))
    limit = usable_bytes() if memory_bytes is None else memory_bytes
    return max((min(available, limit) - weights_bytes) // 2, KV_CACHE_BYTES)
