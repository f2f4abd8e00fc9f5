"""Devices that llama.cpp sees: `python -m ossia.engine.llama_cpp.devices` fails if it is only the processor.

Importing llama.cpp starts drivers, so only processes that use it do.
"""

import importlib
import sys
from types import ModuleType


def gpus(llama: ModuleType) -> list[dict[str, object]]:
    """Return the devices with their names and memory, in llama.cpp's order."""
    return [device for device in llama.get_device_info() if "CPU" not in device["type"].name]


if __name__ == "__main__":
    sys.exit(not gpus(importlib.import_module("xllamacpp")))
