"""The config JSON of a new model, with Ollama's keys: what kind of model a GGUF file holds.

Reads a GGUF's tables only; knows no store.
"""

import math
from collections import Counter
from contextlib import suppress
from typing import Any

from ossia.errors import InvalidModelFile
from ossia.gguf import GGUF


def file_type(gguf: GGUF) -> str:
    """How the weights are quantised: `general.file_type` in llama.cpp's words, else the type of most expert weights.

    A dense model has no experts: then that of most weights.
    """
    from gguf import LlamaFileType

    with suppress(ValueError):
        name = LlamaFileType(gguf.metadata.get("general.file_type")).name
        return name.removeprefix("MOSTLY_").removeprefix("ALL_").removesuffix("_MOE")
    experts = [tensor for name, tensor in gguf.tensors.items() if "_exps." in name]
    weights = Counter[str]()
    for tensor in experts or gguf.tensors.values():
        weights[tensor.type_name] += math.prod(tensor.shape)
    return max(weights, key=weights.__getitem__, default="unknown")


def human_count(number: int) -> str:
    """A count of parameters as Ollama writes it: 20.9B, 134.52M, 35K."""
    for unit, size, digits in (("B", 10**9, 1), ("M", 10**6, 2), ("K", 1000, 0)):
        if number >= size:
            return f"{number / size:.{digits if number % size else 0}f}{unit}"
    return str(number)


def model_config(gguf: GGUF) -> dict[str, Any]:
    """The config JSON of a new model, with Ollama's keys."""
    family = gguf.metadata.get("general.architecture")
    if not isinstance(family, str):
        raise InvalidModelFile(f"{gguf.path} does not say its architecture (general.architecture)")
    return {
        "model_format": "gguf",
        "model_family": family,
        "model_families": [family],
        "model_type": human_count(sum(math.prod(tensor.shape) for tensor in gguf.tensors.values())),
        "file_type": file_type(gguf),
        "architecture": "amd64",
        "os": "linux",
    }
