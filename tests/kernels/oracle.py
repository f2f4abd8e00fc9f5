"""Reference results of the kernels, in numpy float64, and weights in every format, made of random bytes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ossia import _cpu

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating[Any]]

KINDS = ("f32", "f16", "bf16", "q8_0", "mxfp4", "mxfp4_openai")
BLOCK_KINDS = KINDS[3:]
E2M1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6])


@dataclass(frozen=True)
class Weights:
    """A matrix for the kernels, the array it stands in, and its values."""

    matrix: _cpu.Matrix
    data: U8
    values: F64  # [rows, cols]


def row_bytes(kind: str, cols: int) -> int:
    per_block = {"f32": 128, "f16": 64, "bf16": 64, "q8_0": 34}.get(kind, 17)
    return cols * per_block // 32


def encode(rng: np.random.Generator, kind: str, rows: int, cols: int) -> U8:
    """Random weights of about unit size as the bytes of `kind`, [rows, row_bytes]."""
    if kind in ("f32", "f16", "bf16"):
        values = rng.standard_normal((rows, cols)).astype(np.float32)
        if kind == "bf16":
            return np.ascontiguousarray((values.view(np.uint32) >> 16).astype(np.uint16)).view(np.uint8)
        return values.astype(kind.replace("f", "float")).view(np.uint8)
    blocks = rng.integers(0, 256, (rows, cols // 32, row_bytes(kind, 32)), np.uint8)
    if kind == "q8_0":
        scales = rng.uniform(0.001, 0.03, (rows, cols // 32, 1)).astype(np.float16)
        blocks[..., :2] = scales.view(np.uint8)
    else:
        blocks[..., 0] = rng.integers(122, 130, blocks.shape[:2])
    return blocks.reshape(rows, -1)


def decode(kind: str, data: U8) -> F64:
    """The values of encoded rows, [rows, cols]."""
    rows = len(data)
    data = np.ascontiguousarray(data)
    if kind == "f32":
        return data.view(np.float32).astype(np.float64)
    if kind == "f16":
        return data.view(np.float16).astype(np.float64)
    if kind == "bf16":
        return (data.view(np.uint16).astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    if kind == "q8_0":
        blocks = data.reshape(rows, -1, 34)
        scales = np.ascontiguousarray(blocks[..., :2]).view(np.float16).astype(np.float64)
        return (scales * blocks[..., 2:].view(np.int8)).reshape(rows, -1)
    blocks = data.reshape(rows, -1, 17)
    low, high = E2M1[blocks[..., 1:] & 15], E2M1[blocks[..., 1:] >> 4]
    together = (
        np.concatenate((low, high), -1) if kind == "mxfp4" else np.stack((low, high), -1).reshape(*low.shape[:2], 32)
    )
    return np.ldexp(together, blocks[..., :1].astype(np.int32) - 127).reshape(rows, -1)


def weights(rng: np.random.Generator, kind: str, rows: int, cols: int) -> Weights:
    data = encode(rng, kind, rows, cols)
    return Weights(_cpu.Matrix(data, kind, cols), data, decode(kind, data))


def interleaved(rng: np.random.Generator, kind: str, rows: int, cols: int) -> tuple[Weights, Weights]:
    """The even and the odd rows of one array, as fused gate and up weights are stored."""
    data = encode(rng, kind, 2 * rows, cols)
    halves = data[0::2], data[1::2]
    even, odd = (Weights(_cpu.Matrix(half, kind, cols), half, decode(kind, half)) for half in halves)
    return even, odd


def quantized(x: F32) -> F64:
    """Return the values that int8 activations with one scale per 32 values represent."""
    blocks = x.reshape(-1, 32)
    largest = np.abs(blocks).max(-1, keepdims=True)
    inverse = np.divide(np.float32(127), largest, out=np.zeros_like(largest), where=largest > 0)
    q = np.rint(blocks * inverse).astype(np.float64)
    return (q * (largest / np.float32(127)).astype(np.float64)).reshape(x.shape)


def swiglu(gate: Floats, up: Floats, limit: float, alpha: float) -> F64:
    g, u = np.minimum(gate, limit), np.clip(up, -limit, limit)
    return g / (1 + np.exp(np.minimum(-alpha * g, 700))) * (u + 1)


def attention(q: F64, k: F64, v: F64, sinks: F32, window: int, scale: float) -> F64:
    """The last queries of one sequence: q [T, H, hd], k and v [context, KV, hd] -> [T, H, hd]."""
    queries, heads, _ = q.shape
    context, kv_heads, _ = k.shape
    out = np.empty_like(q)
    i = np.arange(context - queries, context)[:, None]
    j = np.arange(context)[None]
    allowed = (j <= i) & ((i - j < window) | (window == 0))
    for h in range(heads):
        g = h // (heads // kv_heads)
        scores = np.where(allowed, q[:, h] @ k[:, g].T * scale, -np.inf)
        top = np.maximum(scores.max(-1, keepdims=True), sinks[h])
        p = np.exp(scores - top)
        out[:, h] = p @ v[:, g] / (p.sum(-1, keepdims=True) + np.exp(sinks[h] - top))
    return out
