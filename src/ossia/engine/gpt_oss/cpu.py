"""CpuRunner: the forward pass of gpt-oss over a batch, as a list of calls to the C++ kernels.

It owns the KV cache and the scratch buffers. It knows nothing of requests: a batch says which ids to compute, where
their keys and values go, and which results are wanted. Formulas are those of `reference.py`, its oracle.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from itertools import compress
from typing import Any

import numpy as np
import numpy.typing as npt

from ossia import _cpu
from ossia.config import EngineOptions
from ossia.engine.gpt_oss.config import MAX_BATCHED_TOKENS
from ossia.engine.gpt_oss.matrix import Matrix
from ossia.engine.gpt_oss.sampler import sample, score
from ossia.engine.gpt_oss.weights import Layer, Weights
from ossia.engine.heartbeat import pulse
from ossia.engine.memory import Memory, memory_left_by
from ossia.engine.runner import Batch, Capacity, Prefill, Result, Scheduled
from ossia.engine.sequence import Pool, Sample, Sampled, Score, Scores, StateSum, Words
from ossia.errors import InvalidModelFile, OssiaError
from ossia.processors import num_processors

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]

BLOCK_SIZE = 32
MAX_PREFILL_BESIDE = 64  # a step's time grows with its ids, and everybody waits for it
MIN_PREFILL = 128  # fewer ids of prompts cost speed
SCORED_AT_ONCE = 16
MOST_BLOCKS = 1 << 20  # that the kernels can address
HEAD_ALIGNMENT = 16  # values of a head that the kernels read at once
LONGEST_CONTEXTS = 4  # sequences of full length for which the KV cache has room, if memory allows


@dataclass(frozen=True, slots=True)
class _Matrices:
    """The matrices of a layer, bound to the kernels."""

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
    """A batch in the kernels' form: T tokens of S sequences."""

    ids: Ints  # [T]
    slots: Places  # [T] place of each token's key and value: block * block_size + offset
    cos: Floats  # [T, head_dim / 2]
    sin: Floats  # [T, head_dim / 2]
    query_start: Ints  # [S + 1] first row of each sequence
    context_lens: Ints  # [S] length of each sequence, including this batch
    block_tables: Ints  # [S, longest]
    final_rows: npt.NDArray[np.intp]  # [F] rows whose final states are wanted


class CpuRunner:
    """Runner on this machine's processor. Precision fp32 gives the same numbers for any batch.

    Without `options.kv_cache_bytes` the KV cache gets half of what the weights leave of `memory_bytes`, or of what
    this machine has left, whichever is less.
    """

    def __init__(
        self,
        weights: Weights,
        options: EngineOptions,
        *,
        memory_bytes: int | None = None,
        max_batched_tokens: int = MAX_BATCHED_TOKENS,
    ) -> None:
        self._config = config = weights.config
        if config.head_dim % HEAD_ALIGNMENT:
            raise InvalidModelFile(
                f"heads of {config.head_dim} values cannot be run, only multiples of {HEAD_ALIGNMENT}"
            )
        self._exact = options.precision == "fp32"
        _cpu.set_threads(options.threads or num_processors())

        # ---- weights: bound where they stand, nothing is copied
        self._embedding = _bind(weights.embedding)
        self._output = _bind(weights.output)
        self._output_norm = weights.output_norm
        self._layers = [(layer, _bind_layer(layer)) for layer in weights.layers]
        self._inv_freq, self._concentration = config.inv_freq()

        # ---- KV cache: one array a layer, [blocks, key | value, kv_heads, block_size, head_dim]
        dtype: np.dtype[Any] = np.dtype(np.float32 if self._exact else np.float16)
        budget = options.kv_cache_bytes or memory_left_by(weights.num_bytes, memory_bytes)
        self.capacity = _capacity(weights, options.context_length, budget, dtype.itemsize, max_batched_tokens)
        shape = (self.capacity.num_blocks, 2, config.num_kv_heads, BLOCK_SIZE, config.head_dim)
        self._caches: list[npt.NDArray[Any]] = [np.zeros(shape, dtype) for _ in weights.layers]  # unused pages are free

        # ---- scratch, reused by every step
        rows, heads = max_batched_tokens, config.num_heads + 2 * config.num_kv_heads
        self._x = np.empty((rows, config.hidden_size), np.float32)
        self._normed = np.empty_like(self._x)
        self._delta = np.empty_like(self._x)
        self._qkv = np.empty((rows, heads * config.head_dim), np.float32)
        self._attended = np.empty((rows, config.num_heads * config.head_dim), np.float32)

    def prepare(self) -> bool:
        return False

    def launch(self, batch: Batch) -> "CpuStep":
        return CpuStep(self, batch, self._forward(self._flatten(batch)))

    def results(self, batch: Batch, states: Floats, masks: Mapping[int, Words]) -> list[Result]:
        """Make each item's result of the batch's final states [F, hidden size]."""
        stops = np.cumsum([_num_final(item) for item in batch.items])
        samples = [_is_sampled(item, masks) for item in batch.items]
        sampling = [item.sequence for item in compress(batch.items, samples)]
        sampled = iter(sample(self._logits(states[stops[samples] - 1]), sampling, masks))
        results: list[Result] = []
        for item, is_sampled, own in zip(batch.items, samples, np.split(states, stops[:-1]), strict=True):
            match item.purpose:
                case Sample():
                    results.append(next(sampled) if is_sampled else None)
                case Pool():  # summed in float64, so that the mean is the same however a text is cut
                    results.append(StateSum(own.sum(axis=0, dtype=np.float64)))
                case Score(top):
                    results.append(Scores(self._scores(item, own, top)))
                case Prefill():
                    results.append(None)
        return results

    def _scores(self, item: Scheduled, states: Floats, top: int) -> list[Sampled]:
        """Return the log probability of the id after each of the item's; nothing follows the sequence's last id."""
        following = item.sequence.token_ids[item.start + 1 : item.stop + 1]
        scores: list[Sampled] = []
        for start in range(0, len(following), SCORED_AT_ONCE):  # logits of a whole prompt are gigabytes
            pulse.beat()
            ids = following[start : start + SCORED_AT_ONCE]
            logits = self._logits(states[start : start + len(ids)])
            scores += map(score, logits, ids, [top] * len(ids))
        return scores

    def _forward(self, inputs: _Inputs) -> Floats:
        """Return the normalised states of the final rows, [F, D], in a scratch buffer."""
        x = self._x[: len(inputs.ids)]  # [T, D]
        _cpu.embed(self._embedding, inputs.ids, x)
        last = len(self._layers) - 1
        for index, (layer, bound) in enumerate(self._layers):
            pulse.beat()
            self._attend(index, layer, bound, inputs, x)
            if index == last:
                x = x[inputs.final_rows]  # [F, D] no other row is needed any more
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
        """Compute x += out(attention(qkv(norm(x)))) and write the batch's keys and values to the cache."""
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
        """Compute x += experts(norm(x)), each token's chosen experts weighted by its router."""
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
        positions = np.concatenate([np.arange(item.start, item.stop, dtype=np.int64) for item in batch.items])  # [T]
        tables = [item.sequence.block_table for item in batch.items]
        block_tables = np.zeros((len(tables), max(map(len, tables))), np.int32)
        for row, table in zip(block_tables, tables, strict=True):
            row[: len(table)] = table
        blocks = block_tables[np.repeat(np.arange(len(tables)), counts), positions // BLOCK_SIZE]  # [T]
        angles = positions[:, None] * self._inv_freq  # float64: exact at any position
        return _Inputs(
            ids=np.array([id for item in batch.items for id in item.token_ids], np.int32),
            slots=blocks.astype(np.int64) * BLOCK_SIZE + positions % BLOCK_SIZE,
            cos=(np.cos(angles) * self._concentration).astype(np.float32),
            sin=(np.sin(angles) * self._concentration).astype(np.float32),
            query_start=query_start.astype(np.int32),
            context_lens=positions[query_start[1:] - 1].astype(np.int32) + 1,
            block_tables=block_tables,
            final_rows=np.concatenate(
                [
                    np.arange(stop - _num_final(item), stop, dtype=np.intp)
                    for stop, item in zip(query_start[1:].tolist(), batch.items, strict=True)
                ]
            ),
        )


@dataclass(slots=True)
class CpuStep:
    """A batch whose forward pass is done. Its states are in the runner's scratch, so no other may be launched."""

    _runner: CpuRunner
    _batch: Batch
    _states: Floats
    _results: list[Result] = field(default_factory=list[Result])

    @property
    def is_computed(self) -> bool:
        return True

    def sample(self, masks: Mapping[int, Words]) -> None:
        self._results = self._runner.results(self._batch, self._states, masks)

    def collect(self) -> list[Result]:
        return self._results


def _is_sampled(item: Scheduled, masks: Mapping[int, Words]) -> bool:
    """True if an id is to be drawn for the item: not without the mask that it needs."""
    return isinstance(item.purpose, Sample) and (item.purpose.constraint is None or item.sequence.id in masks)


def _num_final(item: Scheduled) -> int:
    """Return how many of the item's last rows have final states that are wanted."""
    match item.purpose:
        case Prefill():
            return 0
        case Sample():
            return 1
        case Pool() | Score():
            return item.num_tokens


def _bind(matrix: Matrix) -> _cpu.Matrix:
    return _cpu.Matrix(matrix.data, matrix.kind, matrix.cols)


def _bind_layer(layer: Layer) -> _Matrices:
    return _Matrices(**{each.name: _bind(getattr(layer, each.name)) for each in fields(_Matrices)})


def _capacity(
    weights: Weights, context_length: int | None, budget: int, value_bytes: int, max_batched_tokens: int
) -> Capacity:
    """Return the limits of a runner whose KV cache has `budget` bytes, of values of so many bytes each.

    Raises OssiaError for one that holds nothing.
    """
    config = weights.config
    wanted = min(context_length or config.context_length, config.context_length)
    block_bytes = config.kv_bytes_per_token(value_bytes) * BLOCK_SIZE
    num_blocks = _num_blocks(budget, block_bytes, wanted)
    return Capacity(
        block_size=BLOCK_SIZE,
        num_blocks=num_blocks,
        max_batched_tokens=max_batched_tokens,
        context_length=min(wanted, num_blocks * BLOCK_SIZE),
        memory=Memory(
            host=weights.num_bytes + num_blocks * block_bytes,
            weights=weights.num_bytes,
            kv=num_blocks * block_bytes,
            work=config.scratch_bytes(max_batched_tokens),
        ),
        max_prefill_beside=MAX_PREFILL_BESIDE,
        min_prefill=MIN_PREFILL,
    )


def _num_blocks(budget: int, block_bytes: int, context_length: int) -> int:
    """Return how many blocks fit the budget, up to a few sequences of full length. Raises OssiaError if none do."""
    blocks = min(budget // block_bytes, LONGEST_CONTEXTS * -(-context_length // BLOCK_SIZE), MOST_BLOCKS)
    if blocks < 1:
        raise OssiaError(
            f"{budget} bytes hold no block of the KV cache: one is {block_bytes} bytes, {BLOCK_SIZE} tokens",
            hint="give the cache more memory with OSSIA_KV_CACHE_BYTES",
        )
    return blocks
