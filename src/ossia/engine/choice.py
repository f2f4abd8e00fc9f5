"""Choice of the engine for a model: our own, or llama.cpp.

In the order of preference: our engine on a GPU that it can use, llama.cpp on a device that it sees, our engine on the
processor. It knows settings and which programs and devices are there, and loads nothing.
"""

import asyncio
import subprocess
from functools import cache
from importlib.util import find_spec
from typing import Final, Literal

from ossia.config import LLAMA_CPP_DEVICES, EngineOptions
from ossia.engine.driver import may_use_gpu
from ossia.engine.facts import ModelFacts
from ossia.errors import NotSupported
from ossia.python_command import python_command

PACKAGE: Final = "xllamacpp"
_SECONDS: Final = 20.0

Choice = Literal["native", "llama.cpp"]


async def choose(facts: ModelFacts, options: EngineOptions) -> Choice:
    """Return the engine for a model. Raises NotSupported."""
    if not facts.is_gpt_oss:
        if options.engine_name == "native":
            raise NotSupported(
                f"models of architecture {facts.architecture!r} cannot be run by ossia's own engine",
                hint="unset OSSIA_ENGINE: llama.cpp runs them",
            )
        return "llama.cpp"
    if options.engine_name != "auto":
        return "native" if options.engine_name == "native" else "llama.cpp"
    if options.device.startswith(LLAMA_CPP_DEVICES):
        return "llama.cpp"
    if options.device == "cpu" or options.precision == "fp32" or may_use_gpu(options):
        return "native"
    return "llama.cpp" if is_installed() and await asyncio.to_thread(_sees_gpus) else "native"


def is_installed() -> bool:
    return find_spec(PACKAGE) is not None


@cache
def _sees_gpus() -> bool:
    """True if llama.cpp sees a device besides the processor. A process of its own looks for them, once."""
    command = python_command("ossia.engine.llama_cpp.devices")
    try:
        return subprocess.run(command, stderr=subprocess.DEVNULL, timeout=_SECONDS, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False
