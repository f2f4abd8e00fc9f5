"""The references of the kernels, chained to a forward pass in float32 on the device, for the check of the kernels.

A token for which the choice of an expert is nearly a tie is marked: both choices are right.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ossia.engine.gpt_oss.cuda.kernels.attention import attention_reference
from ossia.engine.gpt_oss.cuda.kernels.draw import DrawKernels, draw_slowly
from ossia.engine.gpt_oss.cuda.kernels.experts import swiglu_reference
from ossia.engine.gpt_oss.cuda.kernels.gemv import values_of
from ossia.engine.gpt_oss.cuda.kernels.norm import rms_norm_reference
from ossia.engine.gpt_oss.cuda.kernels.prefill import rotate_reference
from ossia.engine.gpt_oss.cuda.kernels.router import router_reference
from ossia.engine.gpt_oss.cuda.layout import DeviceLayer, DeviceMatrix, DeviceWeights

NEAR = 0.2  # relative error of any row of logits; a wrong kernel's is about 1
MEDIAN = 0.02  # and of the median
TIE = 0.05  # router logits that are nearer to each other may be taken for one another
ROWS_OF_HEAD = 1 << 14
Tables = tuple[Tensor, Tensor]


@dataclass(frozen=True, slots=True)
class Expected:
    """Final states f32[T, D] by the references, and which of them no near tie of experts could change."""

    states: Tensor
    is_sure: Tensor
    weights: DeviceWeights

    def rows(self, places: Sequence[int]) -> "Expected":
        index = torch.tensor(places, device=self.states.device)
        return Expected(self.states[index], self.is_sure[index], self.weights)

    def __add__(self, other: "Expected") -> "Expected":
        states, is_sure = torch.cat([self.states, other.states]), torch.cat([self.is_sure, other.is_sure])
        return Expected(states, is_sure, self.weights)

    def is_near(self, logits: Tensor) -> bool:
        """True if all rows are numbers, and those that no tie could change are near what is expected."""
        wanted = self.logits()
        errors = (logits - wanted).norm(dim=1) / wanted.norm(dim=1)
        sure = errors[self.is_sure]
        numbers = bool(torch.isfinite(logits).all())
        return numbers and (not len(sure) or (float(sure.max()) < NEAR and float(sure.median()) < MEDIAN))

    def logits(self) -> Tensor:
        """Logits f32[T, V]; the head is unpacked in parts."""
        output = self.weights.output
        parts = (_rows_of(output, slice(at, at + ROWS_OF_HEAD)) for at in range(0, output.rows, ROWS_OF_HEAD))
        return torch.cat([self.states @ values_of(part).T for part in parts], dim=1)


def expect(weights: DeviceWeights, sequences: Sequence[Sequence[int]], tables: Tables) -> Expected:
    """Final states of the tokens of all sequences, one after the other. `tables` are cos and sin f32[n, hd / 2]."""
    config, device = weights.config, weights.output_norm.device
    ids = torch.tensor([id for sequence in sequences for id in sequence], device=device)
    x = values_of(_rows_of(weights.embedding, ids))
    is_sure = torch.ones(len(ids), dtype=torch.bool, device=device)
    for number, layer in enumerate(weights.layers):
        window = config.sliding_window if config.is_sliding(number) else len(ids) + 1
        normed = rms_norm_reference(x, layer.attn_norm, config.rms_norm_eps)
        qkv = normed @ values_of(layer.qkv).T + layer.qkv_bias
        parts = qkv.split([len(sequence) for sequence in sequences])
        attended = torch.cat([_attended(weights, layer, part, window, tables) for part in parts])
        x = x + attended @ values_of(layer.out).T + layer.out_bias
        normed, logits = router_reference(x, layer.mlp_norm, config.rms_norm_eps, layer.router, layer.router_bias)
        ranked = logits.sort(dim=1, descending=True, stable=True)[0]
        k = config.experts_per_token
        if k < config.num_experts:
            is_sure = is_sure & (ranked[:, k - 1] - ranked[:, k] > TIE)
        x = x + _mixed(weights, layer, normed, logits)
    return Expected(rms_norm_reference(x, weights.output_norm, config.rms_norm_eps), is_sure, weights)


def _attended(weights: DeviceWeights, layer: DeviceLayer, qkv: Tensor, window: int, tables: Tables) -> Tensor:
    """Attention f32[n, H * hd] of the n tokens of one sequence."""
    config = weights.config
    kv, hd = config.num_kv_heads, config.head_dim
    cos, sin = (table[: len(qkv)] for table in tables)
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
    index = rows.to(matrix.values.device) if isinstance(rows, Tensor) else rows  # the embedding may be in host memory
    parts = [None if part is None else part[index] for part in (matrix.values, matrix.scales)]
    if isinstance(rows, Tensor):
        parts = [None if part is None else part.to(rows.device) for part in parts]
    return DeviceMatrix(matrix.kind, len(parts[0]), matrix.cols, *parts)


def draws_right(vocab_size: int, device: torch.device) -> bool:
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
