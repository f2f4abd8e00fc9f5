"""Estimate of the memory that a model will take when it is loaded. Its process knows better, once it runs."""

from contextlib import suppress
from typing import Final

from ossia.config import MIN_KV_CACHE_BYTES, EngineOptions
from ossia.engine.costs import stored_costs
from ossia.errors import OssiaError
from ossia.store.models import Model

GPU_HOST_BYTES: Final = 1 << 30
"""Memory of this machine that a model on a GPU takes."""
GPU_WORK_BYTES: Final = 3 << 29
"""Memory of a GPU that a model takes beside its weights, at least: work space, and a short context."""


def needed(weights: int, options: EngineOptions, *, is_on_gpu: bool) -> tuple[int, int]:
    """Return the bytes that a model will use here and on its GPU: its weights, and a small KV cache."""
    if is_on_gpu:
        return GPU_HOST_BYTES, weights + GPU_WORK_BYTES
    return weights + (options.kv_cache_bytes or MIN_KV_CACHE_BYTES), 0


def file_bytes(model: Model) -> int:
    """Return the size of a model's files, which is quick to find out; 0 if they are missing."""
    with suppress(OSError):  # loading will report what is wrong with the file
        return sum(path.stat().st_size for path in model.loads)
    return 0


def weight_bytes(model: Model) -> int:
    """Return the bytes of a model's weights as they will be in memory, where some types take more than in the file."""
    with suppress(OssiaError, OSError):
        if costs := stored_costs(model.files):
            return costs.weights
    return file_bytes(model)
