"""The roundings of the update's file and of tiny's GGUF, in torch: int8 with scales, Q8_0 and MXFP4.

Each returns the values that are left, as floats. They are the same as those of numpy in `ossia.mxfp4` and `gguf`, but
for sums whose order decides between two equally good scales.
"""

from typing import Final

import torch
from torch import Tensor

BLOCK: Final = 32
_BELOW_LARGEST: Final = 2  # exponents between a block's largest weight and its fine scale
_EXPONENT_BITS: Final = 23


def int8(values: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    """Return integers from -127 to 127, as floats, and their scale, which is one number along `dim`."""
    scale = values.abs().amax(dim, keepdim=True) / 127
    return (values / scale.clamp(min=1e-30)).round(), scale


def q8_0(values: Tensor) -> Tensor:
    """Round f32[..., n * 32] as ggml does: int8 with a scale in float16 for each 32; halves go away from zero."""
    blocks = values.unflatten(-1, (-1, BLOCK))
    scale = blocks.abs().amax(-1, keepdim=True) / 127
    scaled = blocks * torch.where(scale == 0, 0, 1 / scale)
    floors = scaled.abs().floor()
    magnitudes = floors + (2 * (scaled.abs() - floors)).floor()
    return (torch.sign(scaled) * magnitudes * scale.half().float()).flatten(-2)


def mxfp4(values: Tensor) -> Tensor:
    """Round f32[..., n * 32] as `ossia.mxfp4.quantize` does: the better of two scales for each 32."""
    blocks = values.unflatten(-1, (-1, BLOCK))
    largest = blocks.abs().amax(-1, keepdim=True)
    exponents = ((largest.view(torch.int32) >> _EXPONENT_BITS) - _BELOW_LARGEST).clamp(min=1)
    scale = (exponents << _EXPONENT_BITS).view(torch.float32)
    fine, fine_error = _e2m1(blocks, scale)
    coarse, coarse_error = _e2m1(blocks, 2 * scale)
    return torch.where(coarse_error < fine_error, coarse, fine).flatten(-2)


def _e2m1(blocks: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
    """Return the nearest of 0, 0.5, 1, 1.5, 2, 3, 4, 6 times the scale, the smaller of two, and the squared error."""
    magnitudes = blocks.abs() / scale
    step = torch.where(magnitudes < 2, 0.5, torch.where(magnitudes < 4, 1.0, 2.0))
    nearest = ((magnitudes / step - 0.5).ceil() * step).clamp(max=6)
    error = (nearest - magnitudes).square().sum(-1, keepdim=True) * scale.square()
    return torch.copysign(nearest * scale, blocks), error
