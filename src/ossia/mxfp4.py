"""MXFP4: 32 weights in 17 bytes, a shared power of two and 4 bits each (OCP Microscaling Formats 1.0, E2M1 with E8M0).

A block's scale byte s means 2^(s - 127); a code is an index into `VALUES`, bit 3 being the sign. Blocks come in two
orders, which hold the same numbers and are converted into each other without loss:

    GGUF    byte 0 is the scale; byte 1 + j holds element j in its low nibble and element j + 16 in its high nibble
    OpenAI  byte j holds elements 2j and 2j + 1; scales are a separate tensor, or byte 0 in Ollama's first files

Codecs only: this module does not know where blocks come from or what they are weights of.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

BLOCK_SIZE: Final = 32
BLOCK_BYTES: Final = 17
VALUES: Final[Floats] = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6], np.float32)

_BLOCK: Final = np.dtype([("scale", np.uint8), ("codes", "V16")])
_AT_ONCE: Final = 1 << 14  # blocks: their 256 KiB stay in the cache
_MIDPOINTS: Final[Floats] = (VALUES[1:8] + VALUES[:7]) * np.float32(0.5)
_SCALES: Final = np.append(np.exp2(np.arange(-127, 128)), np.nan).astype(np.float32)


def dequantize(blocks: Bytes) -> Floats:
    """Convert u8[..., n * 17] in GGUF order to f32[..., n * 32], exactly; scale 254 overflows float32 to infinity."""
    split = blocks.reshape(*blocks.shape[:-1], -1, BLOCK_BYTES)  # [..., n, 17]
    nibbles = split[..., 1:]
    codes = np.concatenate([nibbles & 15, nibbles >> 4], axis=-1)  # [..., n, 32]
    with np.errstate(over="ignore"):
        values = VALUES[codes] * _SCALES[split[..., :1]]
    return values.reshape(*blocks.shape[:-1], -1)


def quantize(values: Floats) -> Bytes:
    """Convert finite f32[..., n * 32] to u8[..., n * 17] in GGUF order.

    Two scales are tried, which put a block's largest weight into [4, 8) or into [2, 4), and the one with the smaller
    squared error is kept: the first clips values above 6, the second has half the resolution.
    """
    blocks = values.astype(np.float32, copy=False).reshape(*values.shape[:-1], -1, BLOCK_SIZE)  # [..., n, 32]
    _, exponents = np.frexp(np.abs(blocks).max(-1, keepdims=True))  # the largest is in [2^(e - 1), 2^e)
    scales = np.clip(exponents - 3 + 127, 0, 253)
    fine, fine_error = _round(blocks, scales)
    coarse, coarse_error = _round(blocks, scales + 1)
    better = 4 * coarse_error < fine_error  # the unit of the coarse error is twice as large
    codes = np.where(better, coarse, fine)
    packed = np.concatenate([scales + better, codes[..., :16] | codes[..., 16:] << 4], axis=-1)  # [..., n, 17]
    return packed.astype(np.uint8).reshape(*values.shape[:-1], -1)


def from_openai(blocks: Bytes, scales: Bytes) -> Bytes:
    """Convert u8[..., n, 16] in OpenAI order and its scales u8[..., n] to u8[..., n * 17] in GGUF order."""
    packed = np.empty(scales.size, _BLOCK)
    packed["scale"] = scales.reshape(-1)
    blocks = blocks.reshape(-1, 16)
    pairs = np.empty((min(len(blocks), _AT_ONCE), 16), np.uint8)
    for start in range(0, len(blocks), _AT_ONCE):
        part = blocks[start : start + _AT_ONCE]
        packed["codes"][start : start + len(part)] = _reorder(part, pairs[: len(part)])
    return packed.view(np.uint8).reshape(*scales.shape[:-1], -1)


def _reorder(blocks: Bytes, pairs: Bytes) -> npt.NDArray[np.void]:
    """Reorder blocks from OpenAI's to GGUF's order; `pairs` is scratch memory.

    Bytes j and j + 8 (elements 2j, 2j + 1, 2j + 16 and 2j + 17) become neighbours in `pairs`. Then the middle two of
    their four nibbles are swapped, in whole words at a time: x ^= t, where t holds the bits in which they differ.
    """
    for j in range(8):  # few long loops in numpy are faster than many short ones
        pairs[:, 2 * j] = blocks[:, j]
        pairs[:, 2 * j + 1] = blocks[:, j + 8]
    words = pairs.view(np.uint64)
    differ = words >> 4
    differ ^= words
    differ &= 0x00F000F000F000F0
    words ^= differ
    differ <<= 4
    words ^= differ
    return pairs.view("V16")[:, 0]


def _round(blocks: Floats, scales: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return the nearest codes [..., 32], and the squared error [..., 1] in units of the scale."""
    scaled = np.ldexp(blocks, 127 - scales)
    magnitudes = np.searchsorted(_MIDPOINTS, np.abs(scaled))
    error = np.square(VALUES[magnitudes] - np.abs(scaled)).sum(-1, keepdims=True)
    return magnitudes | np.signbit(scaled) << 3, error
