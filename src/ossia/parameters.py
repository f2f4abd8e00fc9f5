"""PARAMETERs of models, also the `options` of Ollama's requests: names, types, parsing from text; `think`'s levels.

Their meaning is not known here.
"""

import math
import re
from collections.abc import Sequence
from typing import Literal

ParameterValue = int | float | bool | str | list[str]

THINK_LEVELS = ("low", "medium", "high", "max")
"""Levels of `think`, besides true and false."""

PARAMETERS: dict[str, Literal["int", "float", "bool", "strings"]] = {
    "num_ctx": "int",
    "num_batch": "int",
    "num_gpu": "int",
    "main_gpu": "int",
    "use_mmap": "bool",
    "num_thread": "int",
    "draft_num_predict": "int",
    "num_keep": "int",
    "seed": "int",
    "num_predict": "int",
    "top_k": "int",
    "top_p": "float",
    "min_p": "float",
    "typical_p": "float",
    "repeat_last_n": "int",
    "temperature": "float",
    "repeat_penalty": "float",
    "presence_penalty": "float",
    "frequency_penalty": "float",
    "stop": "strings",
}
"""Parameters by name, with the types of their values."""


def parse_parameter(name: str, words: Sequence[str]) -> ParameterValue:
    """Parse a PARAMETER's value; only `stop` takes more than the first word. Raises ValueError."""
    kind, text = PARAMETERS.get(name), words[0]
    match kind:
        case "strings":
            return list(words)
        case "int" if re.fullmatch(r"[+-]?[0-9]{1,18}", text):
            return int(text)
        case "float" if (number := _finite(text)) is not None:
            return number
        case "bool" if text.lower() in ("true", "false", "1", "0"):
            return text.lower() in ("true", "1")
        case None:
            raise ValueError(f"unknown parameter '{name}'")
        case _:
            raise ValueError(f"invalid {kind} value [{' '.join(words)}]")


def _finite(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and text.isascii() and "_" not in text else None
