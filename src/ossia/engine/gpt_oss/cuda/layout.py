"""Layouts of weights on the device: how a file's blocks become the words that the kernels read, in numpy.

Packing here is the specification; the device packs by itself, and must give the same bits. It knows no model file and
no stream; torch is named in annotations only, so that a machine without it can test every layout.
"""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import numpy.typing as npt

from ossia import mxfp4
from ossia.engine.gpt_oss.config import GptOssConfig

if TYPE_CHECKING:
    from torch import Tensor

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
DeviceKind = Literal["f32", "f16", "bf16", "q8_0", "mxfp4"]

BLOCK_SIZE: Final = 64  # tokens in a block of the KV cache: keys of one head are 8 KB, a tile of the matrix unit
LARGEST_SCALE: Final = 240  # E8M0: above 2^113 a block is no weight, and its products would leave float32
MAGNITUDE_BITS: Final = (9, 6, 3, 0)  # where code i of a 16-bit half keeps its three bits of magnitude ...
SIGN_BITS: Final = (15, 12, 14, 13)  # ... and its sign: 11 instead of 15 bit operations unpack 8 codes


@dataclass(frozen=True, slots=True)
class DeviceMatrix:
    """A matrix [rows, cols] on the device, each output a row.

    f32, f16, bf16    values [rows, cols] of that type
    q8_0              values i32[rows, cols / 4] of 4 int8 each, scales f16[rows, cols / 32]
    mxfp4             values i32[rows, cols / 8] of 8 codes each (`pack_mxfp4`), scales u8[rows, cols / 32]
    """

    kind: DeviceKind
    rows: int
    cols: int
    values: "Tensor"
    scales: "Tensor | None" = None

    @property
    def num_bytes(self) -> int:
        return self.values.nbytes + (0 if self.scales is None else self.scales.nbytes)


@dataclass(frozen=True, slots=True)
class DeviceLayer:
    """D hidden size, H and KV heads of hd, E experts of F. Vectors are float32."""

    attn_norm: "Tensor"  # [D]
    qkv: DeviceMatrix  # [(H + 2 KV) * hd, D]: queries, keys, values
    qkv_bias: "Tensor"
    sinks: "Tensor"  # [H]
    out: DeviceMatrix  # [D, H * hd]
    out_bias: "Tensor"  # [D]
    mlp_norm: "Tensor"  # [D]
    router: "Tensor"  # [E, D]
    router_bias: "Tensor"  # [E]
    gate_up: DeviceMatrix  # [E * 2F, D]: of each expert the rows of gate and up in turn
    gate_up_bias: "Tensor"  # [E, 2F], in the same order
    down: DeviceMatrix  # [E * D, F]
    down_bias: "Tensor"  # [E, D]

    @property
    def num_bytes(self) -> int:
        return sum(_num_bytes(getattr(self, field.name)) for field in fields(self))


@dataclass(frozen=True, slots=True)
class DeviceWeights:
    """`output` is the same object as `embedding` when the model ties them."""

    config: GptOssConfig
    embedding: DeviceMatrix  # [V, D]
    output: DeviceMatrix  # [V, D]
    output_norm: "Tensor"  # [D]
    layers: tuple[DeviceLayer, ...]

    @property
    def num_bytes(self) -> int:
        output = 0 if self.output is self.embedding else self.output.num_bytes
        return self.embedding.num_bytes + output + self.output_norm.nbytes + sum(x.num_bytes for x in self.layers)


def _num_bytes(value: "DeviceMatrix | Tensor") -> int:
    return value.num_bytes if isinstance(value, DeviceMatrix) else value.nbytes


def pack_q8_0(data: Bytes) -> tuple[Words, Halves]:
    """Rows u8[rows, n * 34] of a file to words i32[rows, n * 8] of 4 int8, first is lowest, and scales f16[rows, n]."""
    blocks = data.reshape(len(data), -1, 34)
    words = np.ascontiguousarray(blocks[..., 2:]).view(np.int32)
    return words.reshape(len(data), -1), blocks[..., :2].copy().view(np.float16)[..., 0]


def unpack_q8_0(words: Words, scales: Halves) -> Floats:
    values = np.ascontiguousarray(words).view(np.int8).reshape(*scales.shape, 32)
    return (values * scales[..., None].astype(np.float32)).reshape(len(words), -1)


def pack_mxfp4(data: Bytes) -> tuple[Words, Bytes]:
    """Rows u8[rows, n * 17] in GGUF order to words i32[rows, n * 4] and scales u8[rows, n].

    Word w holds the codes of elements 8w to 8w + 7: the first four in its low half, the others in its high half, the
    bits of each half at `MAGNITUDE_BITS` and `SIGN_BITS`.
    """
    blocks = data.reshape(len(data), -1, mxfp4.BLOCK_BYTES)
    nibbles = blocks[..., 1:]
    codes = np.concatenate([nibbles & 15, nibbles >> 4], axis=-1)  # [rows, n, 32], in order
    halves = codes.reshape(len(data), -1, 2, 4).astype(np.uint32)  # [rows, words, half, code]
    bits = np.zeros(halves.shape[:-1], np.uint32)
    for i, (magnitude, sign) in enumerate(zip(MAGNITUDE_BITS, SIGN_BITS, strict=True)):
        bits |= (halves[..., i] & 7) << magnitude | halves[..., i] >> 3 << sign
    words = (bits[..., 0] | bits[..., 1] << 16).view(np.int32)
    return words, np.minimum(blocks[..., 0], LARGEST_SCALE).astype(np.uint8)


def pack_mxfp4_openai(data: Bytes) -> tuple[Words, Bytes]:
    """The same of rows whose blocks have the scale first and then 16 bytes in OpenAI's order."""
    blocks = data.reshape(len(data), -1, mxfp4.BLOCK_BYTES)
    return pack_mxfp4(mxfp4.from_openai(blocks[..., 1:], blocks[..., 0]))


def unpack_mxfp4(words: Words, scales: Bytes) -> Floats:
    """Inverse of `pack_mxfp4`, as values f32[rows, n * 32]."""
    halves = np.stack([words & 0xFFFF, words >> 16 & 0xFFFF], axis=-1)  # [rows, words, half]
    codes = [
        halves >> magnitude & 7 | (halves >> sign & 1) << 3
        for magnitude, sign in zip(MAGNITUDE_BITS, SIGN_BITS, strict=True)
    ]
    values = mxfp4.VALUES[np.stack(codes, axis=-1)].reshape(*scales.shape, 32)
    powers = np.exp2(scales[..., None].astype(np.float32) - 127)
    return (values * powers).reshape(len(words), -1)


def interleave(gate: npt.NDArray[np.generic], up: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """Rows of gate and up [rows, ...] in turn: [2 * rows, ...]."""
    return np.stack([gate, up], axis=1).reshape(2 * len(gate), *gate.shape[1:])
