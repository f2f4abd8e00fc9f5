"""NVIDIA's driver, as far as it can be seen without torch, which takes seconds to import."""

import ctypes
import os


def has_driver() -> bool:
    """True if NVIDIA's driver is installed."""
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return True


def may_have_gpu() -> bool:
    """True if there is a driver, and CUDA_VISIBLE_DEVICES does not hide every GPU."""
    return os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() not in ("", "-1") and has_driver()
