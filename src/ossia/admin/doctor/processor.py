"""Checks of the processor and of the instruction sets that the kernels use."""

import platform
from collections.abc import Iterator
from pathlib import Path

from ossia.admin.doctor.check import Check
from ossia.config import Settings
from ossia.processors import num_processors


def processor(settings: Settings, root: Path = Path("/")) -> Iterator[Check]:
    """Yield the processor's name, and whether as many threads are used as it has cores for them."""
    cores = num_processors(root)
    threads = settings.engine.threads or cores
    text = f"{_name(root)}, {cores} cores, {threads} threads"
    remedy = ""
    if threads > cores:
        remedy = f"OSSIA_THREADS={cores}: more threads than cores wait for each other"
    yield Check("processor", text, remedy)


def instructions(settings: Settings) -> Iterator[Check]:
    """Yield the instruction set in use, and whether it is the best of this processor."""
    name = "instructions"
    try:
        from ossia import _cpu

        used, there = _cpu.isa(), _cpu.available_isas()
    except ImportError as error:
        yield Check(
            name, f"the kernels cannot be loaded: {error}", "install ossia again on this machine: `pip install .`"
        )
        return
    except ValueError as error:  # OSSIA_ISA names one that this processor does not have
        yield Check(name, str(error), "unset OSSIA_ISA")
        return
    if settings.isa and used != there[-1]:
        yield Check(
            name, f"{used}, by OSSIA_ISA, though there is {there[-1]}", "unset OSSIA_ISA: answers get slower by it"
        )
    elif used == "scalar":
        remedy = "run on a machine with AVX2 or a GPU; in a virtual machine, give it the host's processor (`-cpu host`)"
        yield Check(name, "plain C++, since there is no AVX2: ten times slower", remedy)
    else:
        yield Check(name, f"{used} (of {', '.join(there)})")


def _name(root: Path) -> str:
    try:
        lines = (root / "proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
