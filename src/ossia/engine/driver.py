"""NVIDIA's driver and the packages of the GPU engine, as far as they can be seen without torch, which takes seconds."""

import ctypes
import os
from importlib.util import find_spec


def has_driver() -> bool:
    """True if NVIDIA's driver is installed."""
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return True


def may_have_gpu() -> bool:
    """True if all is installed that a GPU needs, and CUDA_VISIBLE_DEVICES does not hide every one."""
    is_hidden = os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in ("", "-1")
    return not is_hidden and has_driver() and all(map(find_spec, ("torch", "triton")))
