"""NVIDIA's driver and the packages of the GPU engine, as far as they can be seen without torch, which takes seconds."""

import ctypes
import os
from importlib.util import find_spec

from ossia.config import EngineOptions


def has_driver() -> bool:
    """True if NVIDIA's driver is installed."""
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return True


def driver_cuda_version() -> int | None:
    """Return the major version of CUDA that NVIDIA's driver is for; None without a driver."""
    version = ctypes.c_int()
    try:
        ctypes.CDLL("libcuda.so.1").cuDriverGetVersion(ctypes.byref(version))
    except (OSError, AttributeError):
        return None
    return version.value // 1000


def may_use_gpu(options: EngineOptions) -> bool:
    """True if models may run on a GPU: it is not ruled out and, as far as can be seen, there is all that it needs."""
    if options.device == "cpu" or options.precision == "fp32":
        return False
    is_hidden = os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in ("", "-1")
    return not is_hidden and has_driver() and all(map(find_spec, ("torch", "triton")))
