"""The device that a model runs on, and why: this processor, or an NVIDIA GPU.

Knows what a GPU engine needs of the machine; refuses to know models and memory maps. torch is imported in
functions, and only where a driver was seen, so that a machine without a GPU starts as fast as ever.
"""

import functools
import gc
import importlib
import importlib.util
import os
import shutil
import sys
import sysconfig
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ossia.engine.driver import has_driver
from ossia.engine.gpt_oss.cuda.cache import keep_bytecode
from ossia.engine.timeline import Report, silent
from ossia.errors import OssiaError

OLDEST: Final = (8, 0)
"""The first compute capability with bfloat16 matrix units and asynchronous copies: Ampere's."""
_SCHEME: Final = sysconfig.get_default_scheme().replace("posix_local", "posix_prefix")  # Triton's choice on Debian
_INSTALL: Final = "install it with `make cuda`, or pip install '.[cuda]'"


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU as torch numbers it, after CUDA_VISIBLE_DEVICES. Memory is in bytes; `capability` is (major, minor)."""

    index: int
    name: str
    capability: tuple[int, int]
    free_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Device:
    """The device that was chosen: `gpu`, or this processor where it is None, and why if that is worth telling."""

    gpu: Gpu | None
    reason: str = ""


class NoGpu(OssiaError):
    """A GPU cannot be used: the message says what is missing, the hint what to do."""

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class NoDriver(NoGpu):
    """There is probably no GPU at all."""


def choose(wanted: str, find: "Callable[[int], Gpu] | None" = None) -> Device:
    """The device for `wanted`: cpu, auto, cuda, or auto:N and cuda:N for a GPU that is not the first.

    auto takes the processor where a GPU cannot be used, and says why, unless there is no driver. Raises NoGpu where
    cuda was asked for.
    """
    if wanted == "cpu":
        return Device(None)
    try:
        return Device(_new_enough((find or find_gpu)(int(wanted.partition(":")[2] or 0))))
    except NoGpu as problem:
        if not wanted.startswith("auto"):
            raise
        return Device(None, "" if isinstance(problem, NoDriver) else str(problem))


def find_gpu(index: int, report: Report = silent) -> Gpu:
    """A GPU with the memory that is free there. Raises NoGpu for what is missing, the cheapest to find out first."""
    gpu = visible_gpu(index, report)
    report("making the context", 0, 0)
    return measured(gpu)


def measured(gpu: Gpu) -> Gpu:
    """The GPU with the memory that is free there now, of which half a GiB goes to this process's context.

    Raises NoGpu where there can be no context: no memory is left for one, or the GPU is another program's alone.
    """
    import torch

    try:
        free, total = torch.cuda.mem_get_info(gpu.index)
    except RuntimeError as error:
        text = str(error).partition("\n")[0]
        named = f"GPU {gpu.index} ({gpu.name})"
        raise NoGpu(f"{named} cannot be used: {text}", hint="another program may have taken it") from None
    return replace(gpu, free_bytes=free, total_bytes=total)


def others_like(gpu: Gpu) -> list[Gpu]:
    """The GPUs after this one that are of its kind, as if all of their memory were free. None of them is touched."""
    import torch

    found = [_described(index) for index in range(gpu.index + 1, torch.cuda.device_count())]
    return [other for other in found if (other.name, other.capability) == (gpu.name, gpu.capability)]


def give_back() -> None:
    """Give the memory of GPUs back that torch keeps of a model which could not be run there."""
    if "torch" in sys.modules:
        import torch

        gc.collect()  # a failure knows of what there was
        with suppress(RuntimeError):  # CUDA has just refused something, and may refuse this too
            torch.cuda.empty_cache()


def visible_gpu(index: int, report: Report = silent) -> Gpu:
    """A GPU that torch sees, as if all of its memory were free. It is not touched. Raises NoGpu for what is missing."""
    _require_driver()
    _require_packages()
    _require_compiler()
    report("importing torch", 0, 0)
    keep_bytecode("torch")
    if problem := _import_problem():
        raise NoGpu(problem, hint=f"{_INSTALL} anew")
    import torch

    if torch.version.cuda is None:
        raise NoGpu(f"torch {torch.__version__} was built without CUDA", hint=f"{_INSTALL}, in place of this one")
    try:
        torch.cuda.init()
    except RuntimeError as error:  # torch names the driver's version, and the one that it needs
        text = str(error).partition("\n")[0]
        hint = "CUDA_VISIBLE_DEVICES may hide it" if "No CUDA GPUs" in text else "update the NVIDIA driver"
        raise NoGpu(f"torch cannot use the GPU: {text}", hint) from None
    if index >= (count := torch.cuda.device_count()):
        raise NoGpu(f"there is no GPU {index}", hint=f"GPUs 0 to {count - 1} are there")
    return _described(index)


def _described(index: int) -> Gpu:
    import torch

    properties = torch.cuda.get_device_properties(index)
    total = properties.total_memory
    return Gpu(index, properties.name, (properties.major, properties.minor), total, total)


def _new_enough(gpu: Gpu) -> Gpu:
    if gpu.capability < OLDEST:
        major, minor = gpu.capability
        raise NoGpu(
            f"{gpu.name} is too old: it has compute capability {major}.{minor}, and at least 8.0 is needed",
            hint="OSSIA_DEVICE=cpu runs models on the processor",
        )
    return gpu


def _require_driver() -> None:
    if not has_driver():
        raise NoDriver("there is no NVIDIA driver", hint="install one, if there is an NVIDIA GPU")


def _require_packages() -> None:
    for name in ("torch", "triton"):
        if importlib.util.find_spec(name) is None:
            raise NoGpu(f"{name} is not installed", hint=_INSTALL)


@functools.cache
def _import_problem() -> str:
    """Package that cannot be imported, and why: a library of CUDA's is missing, say. It is tried once: what is half
    imported fails for other reasons the next time."""
    for name in ("torch", "triton"):
        try:
            importlib.import_module(name)
        except Exception as error:
            return f"{name} cannot be imported: {error}"
    return ""


def _require_compiler() -> None:
    """Triton builds a small C file for each kernel that it launches."""
    if not any(map(shutil.which, filter(None, (os.environ.get("CC"), "gcc", "clang")))):
        raise NoGpu("there is no C compiler, which Triton needs", hint="apt install gcc, or set CC")
    header = Path(sysconfig.get_paths(_SCHEME)["include"], "Python.h")
    if not header.exists():
        raise NoGpu(f"there is no {header}, which Triton needs", hint="apt install python3-dev")
