"""Checks of GPUs, their driver, and the packages that use them. torch is not imported: it takes seconds."""

import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Final

from ossia.admin.doctor.check import Check, version_of
from ossia.config import Settings
from ossia.engine.driver import driver_cuda_version, has_driver

_NVIDIA, _AMD = "0x10de", "0x1002"
_DISPLAY: Final = "0x03"  # first byte of a PCI class
_OLDEST: Final = 8.0  # compute capability
_QUERY: Final = ("nvidia-smi", "--query-gpu=name,memory.total,driver_version,compute_cap", "--format=csv,noheader")
_EXTRA: Final = "`make cuda`, or pip install 'ossia[cuda]'"


def gpus(settings: Settings, root: Path = Path("/")) -> Iterator[Check]:
    """Yield each GPU, or why there is none, and whether models can run there."""
    device, makers = settings.engine.device, _makers(root)
    if not has_driver():
        yield _without_driver(device, makers)
        return
    found = _listed()
    yield from (_gpu(line) for line in found)
    if not found:
        yield Check(
            "GPU",
            "NVIDIA's driver is here, but nvidia-smi shows no GPU",
            "`dmesg` may tell why; a container needs --gpus all",
        )
    elif device == "cpu":
        yield Check("GPU packages", "not needed: OSSIA_DEVICE=cpu")
    else:
        yield _packages()


def _without_driver(device: str, makers: set[str]) -> Check:
    if _NVIDIA in makers:
        remedy = "install NVIDIA's driver (Debian: `apt install nvidia-driver`); a container needs --gpus all"
        return Check("GPU", "an NVIDIA GPU without a driver", remedy)
    if device.startswith("cuda"):
        return Check("GPU", f"none, but OSSIA_DEVICE={device}", "unset OSSIA_DEVICE: models run on the processor then")
    if _AMD in makers:
        return Check("GPU", "one of AMD, which builds of llama.cpp for it use")
    return Check("GPU", "none: models run on the processor")


def _gpu(line: str) -> Check:
    """Return the check of a GPU from its line of nvidia-smi."""
    name, memory, driver, capability = (part.strip() for part in line.split(","))
    text = f"{name}, {memory}, driver {driver}, compute capability {capability}"
    if float(capability) < _OLDEST:
        remedy = f"older than {_OLDEST}: a build of llama.cpp for it may use it; OSSIA_DEVICE=cpu takes the processor"
        return Check("GPU", text, remedy)
    return Check("GPU", text)


def _packages() -> Check:
    """Return whether torch and Triton are there, with a CUDA that the driver knows."""
    name, missing = "GPU packages", [each for each in ("torch", "triton") if not version_of(each)]
    if missing:
        return Check(name, f"{' and '.join(missing)} not installed: models run on the processor", _EXTRA)
    text = f"torch {version_of('torch')}, Triton {version_of('triton')}"
    needed, known = _cuda_of_torch(), driver_cuda_version() or 0
    if not needed:
        return Check(name, f"{text}, without CUDA", f"install the extra in place of that torch: {_EXTRA}")
    if needed > known:
        return Check(name, f"{text} need CUDA {needed}, and the driver is for CUDA {known}", "update NVIDIA's driver")
    if not (shutil.which("gcc") or shutil.which("clang")):
        return Check(name, f"{text}, but no C compiler for Triton", "apt install gcc python3-dev")
    return Check(name, f"{text}, CUDA {needed}")


def _cuda_of_torch() -> int | None:
    """Return the major version of the CUDA runtime that is installed beside torch."""
    names = ((each.metadata["Name"] or "", each.version) for each in distributions())
    found = [int(number.partition(".")[0]) for name, number in names if name.startswith("nvidia-cuda-runtime")]
    return max(found, default=None)


def _listed() -> list[str]:
    try:
        done = subprocess.run(_QUERY, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return [line for line in done.stdout.splitlines() if line.count(",") == 3]


def _makers(root: Path) -> set[str]:
    """Return the vendors of the displays and accelerators on the PCI bus."""
    folders = (root / "sys/bus/pci/devices").glob("*")
    return {_read(folder / "vendor") for folder in folders if _read(folder / "class").startswith(_DISPLAY)}


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
