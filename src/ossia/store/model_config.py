"""Config JSON of a new model, with Ollama's keys, from the metadata of a GGUF file.

Reads only the tables of the GGUF; knows nothing of the store.
"""

import math
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ossia.errors import InvalidModelFile
from ossia.gguf import GGUF

DIRECTIVES = ("renderer", "parser", "requires")
"""Instructions of a Modelfile that are kept in the config."""


def file_type(gguf: GGUF) -> str:
    """Return the quantization of the weights: `general.file_type` in llama.cpp's words, or the most common tensor type.

    Without `general.file_type`, expert weights decide; a dense model has none, so all weights decide.
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
    """Format a count of parameters as Ollama does: 20.9B, 134.52M, 35K."""
    for unit, size, digits in (("B", 10**9, 1), ("M", 10**6, 2), ("K", 1000, 0)):
        if number >= size:
            return f"{number / size:.{digits if number % size else 0}f}{unit}"
    return str(number)


def model_config(gguf: GGUF) -> dict[str, Any]:
    """Return the config JSON of a new model, with Ollama's keys."""
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


def directed(config: Mapping[str, Any], base: Mapping[str, Any], directives: Mapping[str, str]) -> dict[str, Any]:
    """Return a config with directives; those that are not given are those of `base`, and an empty one removes that."""
    merged = {name: directives.get(name, directive(base, name)) for name in DIRECTIVES}
    others = {name: value for name, value in config.items() if name not in DIRECTIVES}
    return others | {name: value for name, value in merged.items() if value}


def directive(config: Mapping[str, Any], name: str) -> str:
    """Return a model's renderer, parser or requires; "" for none."""
    value = config.get(name)
    return value if isinstance(value, str) else ""
