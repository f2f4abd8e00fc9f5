"""Tests of the GPU engine's kernels: on a GPU if there is one, else in Triton's interpreter (`make test-kernels`).

Without torch and Triton there is nothing to collect, so `make test` passes them over.
"""

import importlib.util
import os

if all(map(importlib.util.find_spec, ("torch", "triton"))):
    import torch

    if not torch.cuda.is_available():
        os.environ.setdefault("TRITON_INTERPRET", "1")  # read when a kernel is defined
else:
    collect_ignore_glob = ["test_*.py"]
