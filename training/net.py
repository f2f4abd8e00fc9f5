"""The forward pass of `tiny` as its GGUF computes it, with the update that is trained.

The same as `ossia.engine.gpt_oss.reference` in torch, for weights that come from a dense Llama model: the four experts
of a layer are all chosen, each weighing a quarter. Three are SmolLM2's MLP, rounded to MXFP4, and stay as they are; the
fourth is new. What is multiplied are the weights of the shipped file: in attention SmolLM2's, changed by the low-rank
factors as their file has them, in 8 bits, then rounded to Q8_0; and the new expert's, rounded to MXFP4. Gradients pass
through every rounding as if it were not there, so that what is shipped is what was trained.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ossia.store.tiny_conversion import ALPHA, NUM_EXPERTS, UP_SCALE
from ossia.store.tiny_vocabulary import HARMONY
from training import rounding
from training.attention import Attend
from training.base import Base

RANK: Final = 38  # of the factors: with WIDTH, the largest with which the file stays below 12 MB
WIDTH: Final = 256  # of the new expert
IDS: Final = sorted(HARMONY.values())
LIMIT: Final = 7.0  # gpt-oss clamps the gate from above, and up on both sides
SCALE: Final = 2.0  # of the product of the factors; a power of two, so that the file's scales take it exactly
_END: Final = 2  # <|im_end|>, which ends an answer of the base as <|return|> does one in harmony
_NEVER: Final = -1e4  # a logit
_LIKE: Final = {"<|start|>": 1, "<|end|>": 2, "<|call|>": 2, "<|return|>": 2}  # <|im_start|>, <|im_end|>
_NEWLINE: Final = 198

ATTENTION: Final = ("attn_q", "attn_k", "attn_v", "attn_output")
EXPERT: Final = {"gate": 1 / ALPHA, "up": UP_SCALE, "down": NUM_EXPERTS * ALPHA / UP_SCALE}
"""Matrices of an expert, and by what they are multiplied before they are rounded to MXFP4."""


class Factors(NamedTuple):
    """Low-rank factors of a matrix in 8 bits: integers as floats, and scales."""

    a: Tensor  # [L, r, in]
    a_scale: Tensor  # [L, 1, in]
    b: Tensor  # [L, r, out]
    b_scale: Tensor  # [L, 1, out]


def in_8_bits(a: Tensor, b: Tensor) -> Factors:
    b8, b_scale = rounding.int8(b, 1)
    return Factors(*rounding.int8(a, 1), b8, SCALE * b_scale)


def updated(weights: Tensor, factors: Factors) -> Tensor:
    """Compute `ossia.store.tiny_update.Update.apply` for all layers [L, out, in]."""
    product = torch.bmm(factors.b.mT, factors.a)
    return weights + factors.b_scale.mT * (factors.a_scale * product)


def dense(weights: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Return the matrices [L, out, in] of attention as tiny's GGUF has them."""
    return rounding.q8_0(updated(weights, in_8_bits(a, b)))


def expert(weights: Tensor, factor: Tensor) -> Tensor:
    """Return the matrices [L, out, in] of experts as tiny's GGUF has them."""
    return rounding.mxfp4(weights * factor)


class _Dense(torch.autograd.Function):
    """`dense` in the type of `like`, with the gradients of weights + SCALE * b.T @ a."""

    @staticmethod
    def forward(
        ctx: Any, function: Callable[..., Tensor], like: Tensor, weights: Tensor, a: Tensor, b: Tensor
    ) -> Tensor:
        ctx.save_for_backward(a, b)
        return function(weights, a, b).to(like.dtype)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        a, b = ctx.saved_tensors
        (a8, a_scale, b8, b_scale), grad = in_8_bits(a, b), grads[0].float()
        grad_a = torch.bmm(b8 * b_scale, grad)
        grad_b = SCALE * torch.bmm(a8 * a_scale, grad.mT)
        return None, None, None, grad_a, grad_b


class _Expert(torch.autograd.Function):
    """`expert` in the type of `like`, with the gradients of weights * factor."""

    @staticmethod
    def forward(ctx: Any, function: Callable[..., Tensor], like: Tensor, weights: Tensor, factor: Tensor) -> Tensor:
        ctx.save_for_backward(factor)
        return function(weights, factor).to(like.dtype)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        (factor,) = ctx.saved_tensors
        return None, None, grads[0].float() * factor, None


class _Row(torch.autograd.Function):
    """Rows of tokens in 8 bits, then in Q8_0; gradients pass through."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor) -> Tensor:
        integers, scale = rounding.int8(rows, 1)
        return rounding.q8_0(scale * integers)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        return grads[0]


@dataclass(frozen=True)
class Weights:
    """Matrices that are multiplied: one for each layer, in the file's scale, and the rows of harmony's tokens."""

    qkv: tuple[Tensor, ...]
    output: tuple[Tensor, ...]
    gate_up: tuple[Tensor, ...]
    """Of the new expert, as is down."""
    down: tuple[Tensor, ...]
    rows_in: Tensor
    rows_out: Tensor


class Net(nn.Module):
    """SmolLM2 as `tiny`. Parameters are the update; the base is fixed. With `compiled`, torch fuses what it can."""

    def __init__(
        self,
        base: Base,
        rank: int = RANK,
        width: int = WIDTH,
        dtype: torch.dtype = torch.float32,
        compiled: bool = False,
    ) -> None:
        super().__init__()
        self.shape = (len(base.attn_norm), base.num_kv_heads, base.embedding.shape[1] // base.num_heads)
        self._eps, self._theta = base.eps, base.theta
        embedding = torch.from_numpy(base.embedding)
        self.embedding = nn.Buffer(embedding.index_fill(0, torch.tensor(IDS), 0).to(dtype))
        self.base_rows = nn.Buffer(embedding[IDS])
        for name in ("attn_norm", "mlp_norm", "output_norm"):
            self.register_buffer(name, torch.from_numpy(getattr(base, name)).to(dtype))
        mlp = {name: torch.from_numpy(base.matrices[f"ffn_{name}"]) for name in EXPERT}
        rounded = {name: expert(matrix, torch.tensor(EXPERT[name])).to(dtype) for name, matrix in mlp.items()}
        self.gate_up = nn.Buffer(torch.cat([rounded["gate"], rounded["up"]], 1))
        self.down = nn.Buffer(rounded["down"])
        self.expert = nn.ParameterDict()
        for name in ("gate", "up"):
            layers, _, inputs = mlp[name].shape
            self.expert[name] = nn.Parameter(torch.randn(layers, width, inputs) * inputs**-0.5)
        self.expert["down"] = nn.Parameter(torch.zeros(layers, inputs, width))
        self.expert_factors = nn.Module()
        for name, factor in EXPERT.items():
            self.expert_factors.register_buffer(name, torch.tensor(factor))
        self.matrices = nn.Module()
        self.factors = nn.ParameterDict()
        for name in ATTENTION:
            matrix = torch.from_numpy(base.matrices[name])
            layers, outputs, inputs = matrix.shape
            self.matrices.register_buffer(name, matrix)
            self.factors[f"{name}:a"] = nn.Parameter(torch.randn(layers, rank, inputs) * inputs**-0.5)
            self.factors[f"{name}:b"] = nn.Parameter(torch.zeros(layers, rank, outputs))
        like = [_LIKE.get(literal, _NEWLINE) for literal in sorted(HARMONY, key=HARMONY.__getitem__)]
        self.rows_in = nn.Parameter(embedding[like].clone())
        self.rows_out = nn.Parameter(embedding[like].clone())

        def fused(function: Callable[..., Any], exact: bool = False) -> Callable[..., Any]:
            """Exact: scales are rounded to float16 also where both come from and go to float32."""
            options = {"emulate_precision_casts": exact}
            return torch.compile(function, dynamic=False, options=options) if compiled else function

        self._dense, self._expert = fused(dense, exact=True), fused(expert, exact=True)
        self._before, self._after, self._loss = map(fused, (before, after, loss))
        self._divergence = fused(divergence)

    @property
    def device(self) -> torch.device:
        return self.embedding.device

    def weights(self) -> Weights:
        """Compute what the shipped file has."""
        rows = _Row.apply(self.rows_in), _Row.apply(self.rows_out)
        matrices = {name: self._matrix(name) for name in ATTENTION}
        return self._joined(matrices | {name: self._new(name) for name in EXPERT}, *rows)

    def base_weights(self) -> Weights:
        """The base alone, rounded as it is shipped."""
        with torch.no_grad():
            matrices = {name: rounding.q8_0(self.matrices.get_buffer(name)) for name in ATTENTION}
            nothing = {name: torch.zeros_like(parameter) for name, parameter in self.expert.items()}
            return self._joined(matrices | nothing, self.base_rows, self.base_rows)

    def base_head(self) -> tuple[Tensor, Tensor]:
        """Return rows of harmony's tokens, and what is added to logits [V], for the base to end as harmony does.

        What it gives <|im_end|> is <|return|>'s; it never says another of harmony's tokens.
        """
        rows, bias = torch.zeros_like(self.base_rows), torch.zeros(len(self.embedding), device=self.device)
        rows[IDS.index(HARMONY["<|return|>"])] = self.embedding[_END]
        bias[[_END, *IDS]] = _NEVER
        bias[HARMONY["<|return|>"]] = 0
        return rows.to(self.embedding.dtype), bias

    def _matrix(self, name: str) -> Tensor:
        a, b = self.factors[f"{name}:a"], self.factors[f"{name}:b"]
        return _Dense.apply(self._dense, self.embedding, self.matrices.get_buffer(name), a, b)

    def _new(self, name: str) -> Tensor:
        factor = self.expert_factors.get_buffer(name)
        return _Expert.apply(self._expert, self.embedding, self.expert[name], factor)

    def _joined(self, matrices: dict[str, Tensor], rows_in: Tensor, rows_out: Tensor) -> Weights:
        dtype = self.embedding.dtype

        def join(*names: str) -> tuple[Tensor, ...]:
            return torch.cat([matrices[name] for name in names], 1).to(dtype).unbind()

        return Weights(
            join("attn_q", "attn_k", "attn_v"),
            join("attn_output"),
            join("gate", "up"),
            join("down"),
            rows_in.to(dtype),
            rows_out.to(dtype),
        )

    def states(self, weights: Weights, ids: Tensor, positions: Tensor, attend: Attend) -> Tensor:
        """Return the normalised states [T, D] of `ids` [T], which stand at `positions` [T] of their texts."""
        x = F.embedding(ids, self.embedding) + one_hot(ids, weights.rows_in.dtype) @ weights.rows_in
        cos, sin = self._rotation(positions)
        for layer in range(self.shape[0]):
            heads = self._before(x, self.attn_norm[layer], weights.qkv[layer], cos, sin, self.shape[1:], self._eps)
            mixed = attend(layer, *heads)
            mlp, new = (self.gate_up[layer], self.down[layer]), (weights.gate_up[layer], weights.down[layer])
            x = self._after(x, mixed, self.mlp_norm[layer], weights.output[layer], mlp, new, self._eps)
        return F.rms_norm(x, x.shape[-1:], self.output_norm, self._eps)

    def _rotation(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        size = self.shape[2]
        frequencies = self._theta ** (-torch.arange(0, size, 2, device=positions.device, dtype=torch.float64) / size)
        angles = positions[:, None, None] * frequencies  # [T, 1, hd / 2]
        return angles.cos().float(), angles.sin().float()

    def logits(self, weights: Weights, states: Tensor) -> Tensor:
        """Return the logits [T, V] of the tokens that follow."""
        return logits(states, self.embedding, weights.rows_out)

    def loss(self, weights: Weights, states: Tensor, targets: Tensor) -> Tensor:
        """Return the cross-entropies of `targets` [T], 0 for those that are -100."""
        return self._loss(states, self.embedding, weights.rows_out, targets)

    def divergence(
        self, weights: Weights, states: Tensor, taught: Tensor, head: tuple[Tensor, Tensor], real: Tensor
    ) -> Tensor:
        """Return the sum over states [T] of how far what follows is from what the base foretells from `taught` [T].

        `head` is `base_head`; only where `real` [T] is true does it count.
        """
        return self._divergence(states, taught, self.embedding, weights.rows_out, *head, real)


def one_hot(ids: Tensor, dtype: torch.dtype) -> Tensor:
    """Return [T, n], of which row is whose, for harmony's n tokens."""
    return (ids[:, None] == torch.arange(IDS[0], IDS[-1] + 1, device=ids.device)).to(dtype)


def logits(states: Tensor, embedding: Tensor, rows: Tensor) -> Tensor:
    """Return logits [T, V]; `embedding` is 0 where the rows of harmony's tokens stand."""
    own = F.linear(states, rows)
    return F.linear(states, embedding) + F.pad(own, (IDS[0], len(embedding) - IDS[-1] - 1))


def loss(states: Tensor, embedding: Tensor, rows: Tensor, targets: Tensor) -> Tensor:
    return F.cross_entropy(logits(states, embedding, rows).float(), targets, reduction="none")


def divergence(
    states: Tensor, taught: Tensor, embedding: Tensor, rows: Tensor, base_rows: Tensor, bias: Tensor, real: Tensor
) -> Tensor:
    """Return the sum of Kullback-Leibler divergences: cross-entropy with the base's probabilities, less their own."""
    ours = F.log_softmax(logits(states, embedding, rows).float(), -1)
    base = F.log_softmax(logits(taught, embedding, base_rows).float() + bias, -1)
    return ((base.exp() * (base - ours)).sum(-1) * real).sum()


def before(
    x: Tensor, gain: Tensor, qkv: Tensor, cos: Tensor, sin: Tensor, kv: tuple[int, int], eps: float
) -> tuple[Tensor, ...]:
    """Return rotated queries [T, H, hd] and keys [T, KV, hd], and values [T, KV, hd]; `kv` is (KV, hd)."""
    num_kv, size = kv
    heads = F.linear(F.rms_norm(x, x.shape[-1:], gain, eps), qkv).unflatten(1, (-1, size))
    q, k, v = heads.split([heads.shape[1] - 2 * num_kv, num_kv, num_kv], 1)
    return rotated(q, cos, sin), rotated(k, cos, sin), v.contiguous()


def rotated(heads: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn neighbours of [T, heads, hd]."""
    first, second = heads.float().unflatten(2, (-1, 2)).unbind(-1)
    turned = torch.stack([first * cos - second * sin, second * cos + first * sin], -1)
    return turned.flatten(2).to(heads.dtype)


def after(
    x: Tensor,
    mixed: Tensor,
    gain: Tensor,
    output: Tensor,
    mlp: tuple[Tensor, Tensor],
    new: tuple[Tensor, Tensor],
    eps: float,
) -> Tensor:
    """Return what the layer makes of x [T, D] and of what it attended to.

    The base's MLP and the new expert are not one matrix, since only one of them has a gradient.
    """
    x = x + F.linear(mixed, output)
    normed = F.rms_norm(x, x.shape[-1:], gain, eps)
    return x + experts_say(normed, *mlp) + experts_say(normed, *new)


def experts_say(x: Tensor, gate_up: Tensor, down: Tensor) -> Tensor:
    """Return what experts say to x [T, D]."""
    gate, up = F.linear(x, gate_up).chunk(2, 1)
    gate, up = gate.float().clamp(max=LIMIT), (up.float() - 1).clamp(-LIMIT, LIMIT)  # experts have a bias of -1
    activated = gate * torch.sigmoid(ALPHA * gate) * (up + 1) / NUM_EXPERTS
    return F.linear(activated.to(x.dtype), down)
