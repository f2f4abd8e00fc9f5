"""Arrays on their way between host and device, through memory that a copy need not wait for."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor


def pinned(array: npt.NDArray[np.generic], device: torch.device) -> Tensor:
    """The array as a tensor from which a copy to the device need not wait; torch reuses the memory after the copy."""
    tensor = torch.from_numpy(array)
    return tensor.pin_memory() if device.type == "cuda" else tensor


def staging(shape: tuple[int, ...], device: torch.device) -> Tensor:
    """Memory i32 to be filled for a copy to the device, as `pinned` has it. Its values are what was there before."""
    return torch.empty(shape, dtype=torch.int32, pin_memory=device.type == "cuda")


def upload(array: npt.NDArray[np.generic], device: torch.device) -> Tensor:
    return pinned(array, device).to(device, non_blocking=True)


def to_host(tensor: Tensor) -> Tensor:
    """A copy on the host, complete when the stream has come that far."""
    if not tensor.is_cuda:
        return tensor.clone()
    return torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True).copy_(tensor, non_blocking=True)
