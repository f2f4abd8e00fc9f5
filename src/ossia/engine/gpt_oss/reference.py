"""Forward pass of gpt-oss in plain numpy, written to be read: the oracle that every runner is tested against.

It computes one sequence without cache or batch, from ids to logits. In shapes, T is the number of tokens, D the hidden
size, H and KV the number of query and key-value heads of size hd, E the number of experts of size F.

Sources: the model card (arXiv 2508.10925) and OpenAI's reference implementation, gpt_oss/torch/model.py.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ossia.engine.gpt_oss.config import GptOssConfig
from ossia.engine.gpt_oss.matrix import Matrix, dequantize
from ossia.engine.gpt_oss.weights import Layer, Weights

Array = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.intp]


def forward(weights: Weights, ids: Sequence[int], dtype: npt.DTypeLike = np.float32) -> Array:
    """Return logits [T, V] of the next token after each of `ids`, computed in `dtype`: float32 or float64."""
    return linear(final_states(weights, ids, dtype), weights.output)


def embed(weights: Weights, ids: Sequence[int], dtype: npt.DTypeLike = np.float32) -> Array:
    """Return the embedding [D] of a text: the mean of its final states."""
    return final_states(weights, ids, dtype).mean(axis=0)


def final_states(weights: Weights, ids: Sequence[int], dtype: npt.DTypeLike = np.float32) -> Array:
    """Return the normalised states [T, D] from which logits are computed."""
    config = weights.config
    x = dequantize(weights.embedding.data[list(ids)], weights.embedding.kind).astype(dtype)  # [T, D]
    for number, layer in enumerate(weights.layers):
        window = config.sliding_window if config.is_sliding(number) else len(ids)
        x = x + attention(layer, rms_norm(x, layer.attn_norm, config.rms_norm_eps), window, config)
        x = x + experts(layer, rms_norm(x, layer.mlp_norm, config.rms_norm_eps), config)
    return rms_norm(x, weights.output_norm, config.rms_norm_eps)


def attention(layer: Layer, x: Array, window: int, config: GptOssConfig) -> Array:
    """Return grouped-query attention [T, D] over the latest `window` tokens, including the current one.

    Each query head has a sink: an additional logit without a value, which takes its share of the softmax.
    """
    tokens, head_dim, sharing = len(x), config.head_dim, config.num_heads // config.num_kv_heads
    q = rotate(linear(x, layer.q, layer.q_bias).reshape(tokens, -1, head_dim), config)  # [T, H, hd]
    k = rotate(linear(x, layer.k, layer.k_bias).reshape(tokens, -1, head_dim), config)  # [T, KV, hd]
    v = linear(x, layer.v, layer.v_bias).reshape(tokens, -1, head_dim)  # [T, KV, hd]
    k, v = k.repeat(sharing, axis=1), v.repeat(sharing, axis=1)  # query head h reads kv head h // sharing

    distance = np.arange(tokens)[:, None] - np.arange(tokens)  # [T queries, T keys]
    visible = (distance >= 0) & (distance < window)
    scores = np.einsum("qhd,khd->hqk", q, k) * x.dtype.type(head_dim**-0.5)
    scores = np.where(visible, scores, -np.inf)  # [H, T, T]
    sinks = layer.sinks.astype(x.dtype)[:, None, None]
    highest = np.maximum(scores.max(-1, keepdims=True), sinks)
    weights = np.exp(scores - highest)
    weights /= weights.sum(-1, keepdims=True) + np.exp(sinks - highest)
    mixed = np.einsum("hqk,khd->qhd", weights, v)  # [T, H, hd]
    return linear(mixed.reshape(tokens, -1), layer.out, layer.out_bias)


def rotate(heads: Array, config: GptOssConfig) -> Array:
    """Apply rotary positions to [T, heads, hd]: elements i and i + hd / 2 turn by an angle proportional to t."""
    frequencies, concentration = config.inv_freq()
    angles = np.arange(len(heads))[:, None, None] * frequencies  # [T, 1, hd / 2], in float64
    cos = (np.cos(angles) * concentration).astype(heads.dtype)
    sin = (np.sin(angles) * concentration).astype(heads.dtype)
    first, second = np.split(heads, 2, axis=-1)
    return np.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)


def experts(layer: Layer, x: Array, config: GptOssConfig) -> Array:
    """Return the mixture of experts [T, D]: each token's best experts, weighted by a softmax over just those."""
    scores = linear(x, layer.router, layer.router_bias)  # [T, E]
    chosen = np.argsort(-scores, axis=1, kind="stable")[:, : config.experts_per_token]  # of equals, the first
    shares = softmax(np.take_along_axis(scores, chosen, axis=1))  # [T, experts_per_token]
    y = np.zeros_like(x)
    for expert in np.unique(chosen):
        rows, places = np.nonzero(chosen == expert)  # the tokens that chose it
        y[rows] += shares[rows, places, None] * run_expert(layer, int(expert), x[rows], config)
    return y


def run_expert(layer: Layer, expert: int, x: Array, config: GptOssConfig) -> Array:
    """Run one expert, a clamped SwiGLU, [rows, D]. The gate is clamped from above only."""
    limit, alpha = x.dtype.type(config.swiglu_limit), x.dtype.type(config.swiglu_alpha)
    gate = linear(x, part(layer.gate, expert, config.num_experts), layer.gate_bias[expert])  # [rows, F]
    up = linear(x, part(layer.up, expert, config.num_experts), layer.up_bias[expert])  # [rows, F]
    gate, up = np.minimum(gate, limit), np.clip(up, -limit, limit)
    activated = gate * sigmoid(alpha * gate) * (up + 1)
    return linear(activated, part(layer.down, expert, config.num_experts), layer.down_bias[expert])


def rms_norm(x: Array, gain: npt.NDArray[np.float32], eps: float) -> Array:
    mean_square = np.square(x).mean(-1, keepdims=True)
    return x / np.sqrt(mean_square + x.dtype.type(eps)) * gain.astype(x.dtype)


def linear(x: Array, matrix: Matrix, bias: npt.NDArray[np.float32] | None = None) -> Array:
    """Multiply x [rows, cols] by the transposed matrix [outputs, cols]."""
    y = x @ dequantize(matrix.data, matrix.kind).astype(x.dtype, copy=False).T
    return y if bias is None else y + bias.astype(x.dtype)


def part(matrix: Matrix, number: int, count: int) -> Matrix:
    """Return part `number` of a matrix of `count` parts, one below the other."""
    rows = matrix.rows // count
    return Matrix(matrix.data[number * rows : (number + 1) * rows], matrix.kind, matrix.cols)


def softmax(x: Array) -> Array:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def sigmoid(x: Array) -> Array:
    return 0.5 * (1 + np.tanh(0.5 * x))  # exp would overflow
