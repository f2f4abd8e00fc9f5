"""Values of settings, read from the text of an environment variable.

Every function raises ValueError for a text that it cannot read. Names of variables and their meaning are config.py's.
"""

import logging
import re
from collections.abc import Callable

from ossia.durations import FOREVER, parse_duration

_BOOLS = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
_MOST = 2**63 - 1  # what a number of the kernel, and of a message to a model's process, can hold
_MOST_THREADS = 1024  # of the kernels
_API_KEY = re.compile(r"[!-+\--~]+")  # what a header carries, without the comma between keys


def duration_or_seconds(text: str) -> float:
    """Parse a duration from the environment, where a bare number counts seconds."""
    return parse_duration(float(text) if re.fullmatch(r"[-+]?[0-9]+(\.[0-9]*)?", text) else text)


def parse_bool(text: str) -> bool:
    """Parse a bool as Go's ParseBool does: 1, t, T, true, TRUE, True, and the same for false. Raises ValueError."""
    if text not in _BOOLS:
        raise ValueError(f"{text!r} is neither true nor false")
    return _BOOLS[text]


def flag(text: str) -> bool:
    """Parse a flag as Ollama does: everything but an explicit false is true."""
    return _BOOLS.get(text, True)


def log_level(text: str) -> int:
    if text == "2":
        return logging.DEBUG - 5  # uvicorn's TRACE level, for single messages
    return logging.DEBUG if parse_bool(text) else logging.INFO


def one_of(*names: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in names:
            raise ValueError(f"{text!r} is none of {', '.join(names)}")
        return text

    return parse


def count(text: str, most: int = _MOST) -> int:
    if (number := _whole(text)) < 0:
        raise ValueError(f"{text!r} is negative")
    if number > most:
        raise ValueError(f"{text!r} is more than {most}")
    return number


def positive(text: str) -> int:
    if (number := count(text)) < 1:
        raise ValueError(f"{text!r} is not positive")
    return number


def threads(text: str) -> int:
    return count(text, _MOST_THREADS)


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{text[:100]!r} is not a whole number such as 8192") from None


def time_limit(text: str) -> float:
    return duration_or_seconds(text) or FOREVER


def origins(text: str) -> tuple[str, ...]:
    return tuple(origin.strip() for origin in text.split(",") if origin.strip())


def registries(text: str) -> tuple[str, ...]:
    return tuple(name.lower() for name in origins(text))


def api_key(text: str) -> str:
    if not _API_KEY.fullmatch(text):  # whose text is not repeated: errors are printed and logged
        raise ValueError("a key has letters, digits and signs of ASCII, and no spaces")
    return text


def api_keys(text: str) -> tuple[str, ...]:
    keys = tuple(api_key(key.strip()) for key in text.split(",") if key.strip())
    if not all(key.removesuffix(":manage").removesuffix(":metrics") for key in (keys or ("",))):
        raise ValueError("there is no key in it")
    return keys


def device(text: str) -> str:
    if not re.fullmatch(r"auto|cpu|(cuda|metal|rocm|vulkan)(:[0-9]+)?", text):
        raise ValueError(f"{text!r} is none of auto, cpu, cuda, metal, rocm, vulkan, or one with a number: cuda:1")
    return text


def context(text: str) -> int | None:
    return count(text) or None
