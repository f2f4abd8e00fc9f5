"""Tests that need an NVIDIA GPU, and are run by name: `python -m pytest -m gpu tests/gpu`.

Kernels that were compiled once stay in `.cache/triton`.
"""

import importlib.util
import os
from pathlib import Path

import pytest

from ossia.engine.gpt_oss.cuda.device import Gpu, choose

if not all(map(importlib.util.find_spec, ("torch", "triton"))):
    collect_ignore_glob = ["test_*.py"]
os.environ.setdefault("TRITON_CACHE_DIR", str(Path(__file__).parents[2] / ".cache" / "triton"))


@pytest.fixture(scope="session")
def gpu() -> Gpu:
    device = choose("cuda")
    assert device.gpu
    return device.gpu
