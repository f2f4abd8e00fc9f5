"""Shards: the weights of a model divided over several devices, each a smaller model whose outputs are to be added.

Attention is divided by key-value heads, together with their query heads, and experts by neurons. The outputs of
attention and of experts are then sums over all shards. Norms, routers, embedding and head are whole in each shard. It
knows weights as views on a file, copies none of them but biases, and knows no device.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from ossia.engine.gpt_oss.matrix import BLOCK, Matrix
from ossia.engine.gpt_oss.weights import Layer, Weights
from ossia.tensor_types import TENSOR_TYPES

NEURONS: Final = 64
"""Neurons of an expert that stay together: kernels multiply matrices of so many rows and columns at a time."""


def can_divide(weights: Weights, size: int) -> bool:
    """True if there can be `size` shards of a model."""
    config = weights.config
    heads = config.num_heads // size * config.head_dim
    return (
        config.num_kv_heads % size == 0
        and config.intermediate_size % NEURONS == 0
        and config.intermediate_size // NEURONS >= size
        and all(heads % _block(x.out)[0] == 0 and NEURONS % _block(x.down)[0] == 0 for x in weights.layers)
    )


def shard(weights: Weights, rank: int, size: int) -> Weights:
    """Shard `rank` of `size`, of which the first is the largest.

    The bias of the experts' outputs is the first one's alone, so that the sum has it once. That of attention is whole
    in each: whoever adds the outputs adds it to the sum.
    """
    if size == 1:
        return weights
    assert can_divide(weights, size), "whoever asks knows that the model can be divided"
    config, tiles = weights.config, weights.config.intermediate_size // NEURONS
    first, stop = (-(-tiles * number // size) * NEURONS for number in (rank, rank + 1))
    own = replace(
        config,
        num_heads=config.num_heads // size,
        num_kv_heads=config.num_kv_heads // size,
        intermediate_size=stop - first,
    )
    layers = tuple(_experts(_attention(layer, rank, size), slice(first, stop), rank) for layer in weights.layers)
    return replace(weights, config=own, layers=layers)


def _attention(layer: Layer, rank: int, size: int) -> Layer:
    def part(length: int) -> slice:
        return slice(length // size * rank, length // size * (rank + 1))

    queries, keys = part(layer.q.rows), part(layer.k.rows)
    return replace(
        layer,
        q=_rows(layer.q, queries),
        k=_rows(layer.k, keys),
        v=_rows(layer.v, keys),
        q_bias=layer.q_bias[queries],
        k_bias=layer.k_bias[keys],
        v_bias=layer.v_bias[keys],
        sinks=layer.sinks[part(len(layer.sinks))],
        out=_columns(layer.out, queries),
    )


def _experts(layer: Layer, neurons: slice, rank: int) -> Layer:
    count = len(layer.gate_bias)
    return replace(
        layer,
        gate=_neurons(layer.gate, count, neurons),
        up=_neurons(layer.up, count, neurons),
        down=_columns(layer.down, neurons),
        gate_bias=layer.gate_bias[:, neurons],
        up_bias=layer.up_bias[:, neurons],
        down_bias=layer.down_bias if rank == 0 else np.zeros_like(layer.down_bias),
    )


def _rows(matrix: Matrix, rows: slice) -> Matrix:
    return replace(matrix, data=matrix.data[rows])


def _neurons(matrix: Matrix, experts: int, rows: slice) -> Matrix:
    """The same rows of each expert."""
    return replace(matrix, data=matrix.data.reshape(experts, -1, matrix.data.shape[-1])[:, rows])


def _columns(matrix: Matrix, columns: slice) -> Matrix:
    weights, size = _block(matrix)
    part = slice(columns.start // weights * size, columns.stop // weights * size)
    return replace(matrix, data=matrix.data[:, part], cols=columns.stop - columns.start)


def _block(matrix: Matrix) -> tuple[int, int]:
    """Weights of a block, and its bytes, as the matrix is stored."""
    if matrix.stored is None:
        return BLOCK[matrix.kind]
    stored = TENSOR_TYPES[matrix.stored]
    return stored.block, stored.size
