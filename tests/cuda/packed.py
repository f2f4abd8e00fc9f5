"""Models on the device, packed by numpy's specification; and random matrices of every kind."""

from collections.abc import Callable

import numpy as np
import torch

from ossia import mxfp4
from ossia.engine.gpt_oss.cuda.layout import (
    DeviceLayer,
    DeviceMatrix,
    DeviceWeights,
    interleave,
    pack_mxfp4,
    pack_mxfp4_openai,
    pack_q8_0,
)
from ossia.engine.gpt_oss.matrix import Matrix, dequantize
from ossia.engine.gpt_oss.weights import Layer, Weights

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def device_weights(weights: Weights, device: str = DEVICE) -> DeviceWeights:
    def move(values: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(device)

    def matrix(source: Matrix) -> DeviceMatrix:
        return pack(source, move)

    embedding = matrix(weights.embedding)
    return DeviceWeights(
        config=weights.config,
        embedding=embedding,
        output=embedding if weights.output is weights.embedding else matrix(weights.output),
        output_norm=move(weights.output_norm),
        layers=tuple(_layer(layer, move, matrix) for layer in weights.layers),
    )


def _layer(layer: Layer, move: Callable, matrix: Callable) -> DeviceLayer:
    qkv = Matrix(np.concatenate([layer.q.data, layer.k.data, layer.v.data]), layer.q.kind, layer.q.cols)
    gate_up = Matrix(interleave(flat(layer.gate), flat(layer.up)), layer.gate.kind, layer.gate.cols)
    gate_up_bias = np.stack([layer.gate_bias, layer.up_bias], axis=-1).reshape(len(layer.gate_bias), -1)
    return DeviceLayer(
        attn_norm=move(layer.attn_norm),
        qkv=matrix(qkv),
        qkv_bias=move(np.concatenate([layer.q_bias, layer.k_bias, layer.v_bias])),
        sinks=move(layer.sinks),
        out=matrix(layer.out),
        out_bias=move(layer.out_bias),
        mlp_norm=move(layer.mlp_norm),
        router=move(dequantize(layer.router.data, layer.router.kind)),
        router_bias=move(layer.router_bias),
        gate_up=matrix(gate_up),
        gate_up_bias=move(gate_up_bias),
        down=matrix(layer.down),
        down_bias=move(layer.down_bias),
    )


def flat(matrix: Matrix) -> np.ndarray:
    """All rows, of all groups."""
    return np.ascontiguousarray(matrix.data).reshape(matrix.rows, -1)


def pack(source: Matrix, move: Callable) -> DeviceMatrix:
    """A file's matrix as the device has it."""
    data = flat(source)
    shape = source.rows, source.cols
    match source.kind:
        case "q8_0":
            return DeviceMatrix("q8_0", *shape, *map(move, pack_q8_0(data)))
        case "mxfp4":
            return DeviceMatrix("mxfp4", *shape, *map(move, pack_mxfp4(data)))
        case "mxfp4_openai":
            return DeviceMatrix("mxfp4", *shape, *map(move, pack_mxfp4_openai(data)))
        case "bf16":
            return DeviceMatrix("bf16", *shape, move(data.view(np.int16)).view(torch.bfloat16))
        case "f16" | "f32" as kind:
            return DeviceMatrix(kind, *shape, move(data.view(np.float16 if kind == "f16" else np.float32)))


def random_matrix(kind: str, rows: int, cols: int, seed: int = 0, device: str = DEVICE) -> DeviceMatrix:
    """Weights of about cols ** -0.5."""
    rng = np.random.default_rng(seed)
    values = (rng.standard_normal((rows, cols)) * cols**-0.5).astype(np.float32)
    match kind:
        case "q8_0":
            blocks = values.reshape(rows, -1, 32)
            scales = (np.abs(blocks).max(-1, keepdims=True) / 127).astype(np.float16)
            codes = np.rint(blocks / scales.astype(np.float32)).clip(-127, 127).astype(np.int8)
            data = np.concatenate([scales.view(np.uint8), codes.view(np.uint8)], axis=-1).reshape(rows, -1)
        case "mxfp4":
            data = mxfp4.quantize(values)
        case "bf16":
            data = (values.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8)
        case "f16":
            data = values.astype(np.float16).view(np.uint8)
        case _:
            data = values.view(np.uint8)
    return pack(Matrix(data, kind, cols), lambda array: torch.from_numpy(np.ascontiguousarray(array)).to(device))


def relative_error(got: torch.Tensor, expected: torch.Tensor) -> float:
    return ((got.double() - expected.double()).norm() / expected.double().norm()).item()
