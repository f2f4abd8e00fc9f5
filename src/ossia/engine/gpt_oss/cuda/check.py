"""Check of every kernel by its reference, on two layers of the model that is to run: the same launches, real weights.

The references of the kernels' files are chained to a forward pass in float32, and the forward pass of kernels is
compared with it: a prompt, and decodes at each range of batch sizes. A token for which the choice of an expert is
nearly a tie is passed over, since both choices are right.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch
from torch import Tensor

from ossia.engine.gpt_oss.cuda.forward import Forward, rotary_tables
from ossia.engine.gpt_oss.cuda.inputs import DecodeInputs, DeviceCache, ExtendInputs
from ossia.engine.gpt_oss.cuda.kernels.attention import attention_reference
from ossia.engine.gpt_oss.cuda.kernels.draw import DrawKernels, draw_slowly
from ossia.engine.gpt_oss.cuda.kernels.experts import swiglu_reference
from ossia.engine.gpt_oss.cuda.kernels.gemv import values_of
from ossia.engine.gpt_oss.cuda.kernels.norm import rms_norm_reference
from ossia.engine.gpt_oss.cuda.kernels.prefill import attention_tiles, rotate_reference
from ossia.engine.gpt_oss.cuda.kernels.router import router_reference
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE, DeviceLayer, DeviceMatrix, DeviceWeights

BATCHES: Final = (1, 4, 16, 40)  # of each range of batch sizes one; the first as often as it takes
ALONE: Final = 8
BEYOND: Final = 20  # ids of the prompt beyond the window
NEAR: Final = 0.1  # relative error of any row of logits
MEDIAN: Final = 0.015  # and of the median
TIE: Final = 0.05  # router logits that are nearer to each other may be taken for one another
ROWS_OF_HEAD: Final = 1 << 14


def faults(weights: DeviceWeights, max_blocks: int, *, invariant: bool, pdl: bool) -> list[str]:
    """Names of what is wrong. `max_blocks` is the length of a block table, which some kernels are compiled for."""
    found: list[str] = []
    trial = _Trial(_first_layers(weights), max_blocks, invariant, pdl)
    for name, logits, expected in trial.run():
        if not _is_near(logits, expected):
            found.append(name)
    if not _draws_right(weights.config.vocab_size, trial.device):
        found.append("the draw")
    return found


@dataclass(frozen=True, slots=True)
class Expected:
    """Final states f32[T, D] by the references, and which of them no near tie of experts could change."""

    states: Tensor
    is_sure: Tensor
    weights: DeviceWeights

    def rows(self, places: Sequence[int]) -> "Expected":
        index = torch.tensor(places, device=self.states.device)
        return Expected(self.states[index], self.is_sure[index], self.weights)

    def logits(self) -> Tensor:
        """Logits f32[T, V]; the head is unpacked in parts."""
        output = self.weights.output
        parts = (_rows_of(output, slice(at, at + ROWS_OF_HEAD)) for at in range(0, output.rows, ROWS_OF_HEAD))
        return torch.cat([self.states @ values_of(part).T for part in parts], dim=1)


class _Trial:
    """A prompt in row 0 that is continued in batches of growing size, beside sequences that begin."""

    def __init__(self, weights: DeviceWeights, max_blocks: int, invariant: bool, pdl: bool) -> None:
        config = weights.config
        self.device = weights.output_norm.device
        self._weights = weights
        self._length = min(config.sliding_window + BEYOND, max_blocks * BLOCK_SIZE - 2 * ALONE)
        rows, blocks = BATCHES[-1], -(-(self._length + 2 * ALONE) // BLOCK_SIZE)
        cache = DeviceCache(config, rows + blocks, self.device)
        self._inputs = DecodeInputs.empty(rows, max_blocks, cache)
        self._inputs.block_tables[0, :blocks] = self._ints(range(rows, rows + blocks))
        self._inputs.block_tables[1:rows, 0] = self._ints(range(1, rows))
        self._forward = Forward(weights, cache, self._inputs, max_tokens=self._length, invariant=invariant, pdl=pdl)
        ids = np.random.default_rng(0).integers(0, config.vocab_size, (2, self._length + 2 * ALONE)).tolist()
        self._ids, self._others = ids[0], ids[1][:rows]

    def run(self) -> Iterator[tuple[str, Tensor, Expected]]:
        """Name, logits and what is expected, of each kind of step."""
        long, short = _expected(self._weights, [self._ids]), _expected(self._weights, [[id] for id in self._others])
        last = range(max(0, self._length - 32), self._length)
        yield "prompts", self._prompt(last), long.rows(last)
        places = range(self._length, self._length + ALONE)
        yield "1 sequence", torch.cat([self._decode(1, place) for place in places]), long.rows(places)
        for place, batch in enumerate(BATCHES[1:], places.stop):
            states = torch.cat([long.states[place : place + 1], short.states[1:batch]])
            is_sure = torch.cat([long.is_sure[place : place + 1], short.is_sure[1:batch]])
            yield f"{batch} sequences", self._decode(batch, place), Expected(states, is_sure, self._weights)

    def _prompt(self, wanted: Sequence[int]) -> Tensor:
        start = np.array([0, self._length], np.int32)
        states = self._forward.extend(
            ExtendInputs(
                ids=self._ints(self._ids[: self._length]),
                positions=self._ints(range(self._length)),
                sequences=self._ints([0] * self._length),
                rows=self._ints([0]),
                query_start=self._ints(start),
                tiles=self._ints(attention_tiles(start)),
                final_rows=self._ints(wanted).long(),
            )
        )
        return self._forward.logits(states).clone()

    def _decode(self, batch: int, place: int) -> Tensor:
        """Logits after the next id of row 0, at `place`, and the first ids of the rows after it."""
        staged = [[self._ids[place], *self._others[1:batch]], list(range(batch)), [place, *[0] * (batch - 1)]]
        self._inputs.staging[:, :batch] = self._ints(staged)
        return self._forward.decode(batch).clone()

    def _ints(self, values: object) -> Tensor:
        return torch.from_numpy(np.asarray(values, np.int32)).to(self.device)


def _is_near(logits: Tensor, expected: Expected) -> bool:
    """True if all rows are numbers, and those that no tie could change are near what is expected."""
    wanted = expected.logits()
    errors = (logits - wanted).norm(dim=1) / wanted.norm(dim=1)
    sure = errors[expected.is_sure]
    numbers = bool(torch.isfinite(logits).all())
    return numbers and (not len(sure) or (float(sure.max()) < NEAR and float(sure.median()) < MEDIAN))


def _draws_right(vocab_size: int, device: torch.device) -> bool:
    """True if ids are drawn as by the reference: at several temperatures, one row with a mask."""
    random = torch.Generator(device).manual_seed(0)
    logits = torch.randn(4, vocab_size, device=device, generator=random) * 3
    temperature = torch.tensor([1.0, 0.0, 0.5, 2.0], device=device)
    u = torch.rand(4, dtype=torch.float64, device=device, generator=random)
    slots = torch.tensor([-1, -1, -1, 0], dtype=torch.int32, device=device)
    words = torch.randint(1, 1 << 30, (1, -(-vocab_size // 32)), dtype=torch.int32, device=device, generator=random)
    out, latest = (torch.zeros(4, dtype=torch.int32, device=device) for _ in range(2))
    rows = torch.arange(4, dtype=torch.int32, device=device)
    DrawKernels(4, vocab_size, device)(logits, temperature, u, slots, words, out, rows, latest)
    return bool((out == draw_slowly(logits, temperature, u, slots, words)).all())


# ---- the references, chained


def _first_layers(weights: DeviceWeights) -> DeviceWeights:
    """The model with its first two layers: one with a window, one without."""
    count = min(2, weights.config.num_layers)
    pattern = weights.config.sliding_pattern[:count]
    config = replace(weights.config, num_layers=count, sliding_pattern=pattern)
    return replace(weights, config=config, layers=weights.layers[:count])


def _expected(weights: DeviceWeights, sequences: Sequence[Sequence[int]]) -> Expected:
    """Final states of the tokens of all sequences, one after the other."""
    config, device = weights.config, weights.output_norm.device
    ids = torch.tensor([id for sequence in sequences for id in sequence], device=device)
    x = values_of(_rows_of(weights.embedding, ids))
    is_sure = torch.ones(len(ids), dtype=torch.bool, device=device)
    for number, layer in enumerate(weights.layers):
        window = config.sliding_window if config.is_sliding(number) else len(ids) + 1
        normed = rms_norm_reference(x, layer.attn_norm, config.rms_norm_eps)
        qkv = normed @ values_of(layer.qkv).T + layer.qkv_bias
        parts = qkv.split([len(sequence) for sequence in sequences])
        attended = torch.cat([_attended(weights, layer, part, window) for part in parts])
        x = x + attended @ values_of(layer.out).T + layer.out_bias
        normed, logits = router_reference(x, layer.mlp_norm, config.rms_norm_eps, layer.router, layer.router_bias)
        ranked = logits.sort(dim=1, descending=True, stable=True)[0]
        k = config.experts_per_token
        if k < config.num_experts:
            is_sure = is_sure & (ranked[:, k - 1] - ranked[:, k] > TIE)
        x = x + _mixed(weights, layer, normed, logits)
    return Expected(rms_norm_reference(x, weights.output_norm, config.rms_norm_eps), is_sure, weights)


def _attended(weights: DeviceWeights, layer: DeviceLayer, qkv: Tensor, window: int) -> Tensor:
    """Attention f32[n, H * hd] of the n tokens of one sequence."""
    config = weights.config
    kv, hd = config.num_kv_heads, config.head_dim
    cos, sin = rotary_tables(config, len(qkv), qkv.device)
    _, k, v = qkv.view(len(qkv), -1, hd).split([config.num_heads, kv, kv], dim=1)
    keys, values = rotate_reference(k, cos, sin).transpose(0, 1), v.transpose(0, 1)
    rows = [
        attention_reference(token, keys[:, :at], values[:, :at], cos, sin, at, window, layer.sinks)
        for at, token in enumerate(qkv)
    ]
    return torch.stack(rows)


def _mixed(weights: DeviceWeights, layer: DeviceLayer, x: Tensor, logits: Tensor) -> Tensor:
    """Experts' outputs f32[T, D], weighted; one expert is unpacked at a time."""
    config = weights.config
    top, ids = logits.topk(config.experts_per_token)
    shares, total = top.softmax(-1), torch.zeros_like(x)
    for expert in range(config.num_experts):
        tokens, ranks = (ids == expert).nonzero(as_tuple=True)
        if len(tokens):
            y = x[tokens] @ values_of(_expert(layer.gate_up, expert, config.num_experts)).T
            y = y + layer.gate_up_bias[expert]
            inner = swiglu_reference(y[:, 0::2], y[:, 1::2], config.swiglu_limit, config.swiglu_alpha)
            z = inner @ values_of(_expert(layer.down, expert, config.num_experts)).T + layer.down_bias[expert]
            total[tokens] += shares[tokens, ranks][:, None] * z
    return total


def _expert(matrix: DeviceMatrix, expert: int, experts: int) -> DeviceMatrix:
    rows = matrix.rows // experts
    return _rows_of(matrix, slice(expert * rows, (expert + 1) * rows))


def _rows_of(matrix: DeviceMatrix, rows: Tensor | slice) -> DeviceMatrix:
    values = matrix.values[rows]
    return DeviceMatrix(
        matrix.kind, len(values), matrix.cols, values, None if matrix.scales is None else matrix.scales[rows]
    )
