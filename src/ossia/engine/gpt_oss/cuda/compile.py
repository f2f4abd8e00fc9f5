"""Kernels compiled in parallel, before they are launched for the first time; and the place where they are kept.

It knows Triton's compiler, and no kernel: whatever is called within `compiling` is compiled and not launched.
"""

import os
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import triton
from triton.runtime.jit import JITFunction


def keep_kernels() -> None:
    """Keep compiled kernels in a folder of ours, unless TRITON_CACHE_DIR names another."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    os.environ.setdefault("TRITON_CACHE_DIR", str(cache / "ossia" / f"triton-{triton.__version__}"))


@contextmanager
def compiling() -> Generator[None]:
    """Compile every kernel that is called, several at a time, and launch none. All are there at the end."""
    launch = JITFunction.run

    def compile_only(kernel: object, *args: Any, grid: object, warmup: bool, **kwargs: Any) -> object:
        return launch(kernel, *args, grid=grid, warmup=True, **kwargs)

    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="kernels") as pool:
        JITFunction.run = compile_only
        try:
            with triton.AsyncCompileMode(pool):
                yield
        finally:
            JITFunction.run = launch
