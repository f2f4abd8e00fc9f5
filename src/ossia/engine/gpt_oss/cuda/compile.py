"""Kernels compiled in parallel, before they are launched for the first time; and the place where they are kept.

It knows Triton's compiler, and no kernel: whatever is called within `compiling` is compiled and not launched.
"""

import os
import subprocess
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import triton
from triton.runtime._async_compile import active_mode
from triton.runtime.cache import triton_key
from triton.runtime.jit import JITFunction

from ossia.engine.gpt_oss.cuda.cache import cache_folder
from ossia.engine.gpt_oss.cuda.device import NoGpu

Progress = Callable[[int, int], None]


def keep_kernels() -> None:
    """Keep compiled kernels in a folder of ours, unless TRITON_CACHE_DIR names another."""
    os.environ.setdefault("TRITON_CACHE_DIR", str(cache_folder() / f"triton-{triton.__version__}"))


def kernel_folder() -> Path:
    """The folder of compiled kernels, and of what is known of them; after `keep_kernels`."""
    return Path(os.environ["TRITON_CACHE_DIR"])


def know_compiler() -> None:
    """Hash Triton's own files, which are 400 MB, once for this process: the names of kept kernels contain it."""
    triton_key()


class _Counted:
    """Threads that compile: each kernel with the small C module that launches it. Tells how many are done."""

    def __init__(self, pool: ThreadPoolExecutor, progress: Progress) -> None:
        self._pool = pool
        self._progress = progress
        self._done = self._total = 0
        self._lock = Lock()

    def submit(self, compile: Callable[[], Any]) -> Future[object]:
        self._total += 1
        return self._pool.submit(self._compile, compile)

    def _compile(self, compile: Callable[[], Any]) -> object:
        kernel = compile()
        triton.runtime.driver.active.launcher_cls(kernel.src, kernel.metadata)
        with self._lock:
            self._done += 1
            self._progress(self._done, self._total)
        return kernel


@contextmanager
def compiling(progress: Progress = lambda done, total: None) -> Generator[None]:
    """Compile every kernel that this thread calls, several at a time, and launch none. All are there at the end.

    `progress` is called from several threads, one at a time, with the kernels that are compiled and all so far. Raises
    NoGpu where they cannot be kept, or the C compiler fails.
    """
    launch = JITFunction.run

    def compile_only(kernel: object, *args: Any, grid: object, warmup: bool, **kwargs: Any) -> object:
        is_ours = active_mode.get() is not None  # other threads launch theirs
        return launch(kernel, *args, grid=grid, warmup=warmup or is_ours, **kwargs)

    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="kernels") as pool:
        JITFunction.run = compile_only
        try:
            with triton.AsyncCompileMode(_Counted(pool, progress)):
                yield
        except (OSError, subprocess.CalledProcessError) as error:
            raise NoGpu(f"kernels cannot be compiled: {error}", f"they are kept in {kernel_folder()}") from error
        finally:
            JITFunction.run = launch
