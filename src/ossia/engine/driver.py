"""NVIDIA's driver and the packages of the GPU engine, as far as they can be seen without torch, which takes seconds."""

import ctypes
import os
from importlib.util import find_spec

from ossia.config import LLAMA_CPP_DEVICES, EngineOptions


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
    if options.device.startswith(("cpu", *LLAMA_CPP_DEVICES)) or options.precision == "fp32":
        return False
    if options.engine_name == "llamacpp":
        return False
    is_hidden = os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in ("", "-1")
    return not is_hidden and has_driver() and all(map(find_spec, ("torch", "triton")))


def expects_gpu(options: EngineOptions) -> bool:
    """True if models are expected on a GPU: one that our engine may use, or one of llama.cpp's that was asked for."""
    return may_use_gpu(options) or options.device.startswith(LLAMA_CPP_DEVICES)
