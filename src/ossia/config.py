"""Settings, read once from the environment: Ollama's names where they mean the same here, OSSIA_* for what is ours.

Settings are read strictly: a value that does not parse is an error that names the variable.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from ossia.errors import InvalidRequest

Precision = Literal["int8", "fp32"]
FOREVER = float("inf")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Settings:
    """Each field's environment variable stands in `VARIABLES`."""

    host: str = "127.0.0.1"
    port: int = 11434
    models: Path = Path.home() / ".ollama" / "models"
    keep_alive: float = 300.0
    context_length: int | None = None
    num_parallel: int = 32
    max_loaded_models: int = 3
    max_queue: int = 512
    load_timeout: float = 300.0
    origins: tuple[str, ...] = ()
    threads: int = 0
    isa: str = ""
    precision: Precision = "int8"
    kv_cache_bytes: int = 0

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment. Raises InvalidRequest naming the variable that cannot be read."""
        values: dict[str, object] = {}
        if host := _clean(env.get("OLLAMA_HOST", "")):
            values["host"], values["port"] = parse_host(host)
        for name, (field, parse, _) in VARIABLES.items():
            if text := _clean(env.get(name, "")):
                values[field] = _parsed(name, text, parse)
        return cls(**values)  # pyright: ignore[reportArgumentType]

    @property
    def url(self) -> str:
        """Where a client on this machine finds the server."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def parse_host(text: str) -> tuple[str, int]:
    """`[http://]host[:port]` to (host, port). A bare host means port 11434, one after http:// port 80."""
    scheme, _, _ = text.partition("://") if "://" in text else ("", "", "")
    try:
        parts = urlsplit(text if scheme else f"//{text}")
        port = parts.port
    except ValueError:
        raise InvalidRequest(f"OLLAMA_HOST: {text!r} is not host:port", hint="for example 127.0.0.1:11434") from None
    default = {"http": 80, "https": 443}.get(scheme, 11434)
    return parts.hostname or "127.0.0.1", default if port is None else port


def parse_duration(value: str | float) -> float:
    """Seconds of a Go duration ("10m", "1h30m", "-1s") or of a number; negative means for ever.

    Raises ValueError for anything else.
    """
    if isinstance(value, int | float):
        return FOREVER if value < 0 else float(value)
    sign, text = (-1, value[1:]) if value.startswith("-") else (1, value)
    parts = re.findall(r"(\d+(?:\.\d+)?|\.\d+)(ns|us|µs|ms|s|m|h)", text)
    if text == "0":
        return 0.0
    if not parts or "".join(n + u for n, u in parts) != text:
        raise ValueError(f"{value!r} is not a duration such as 5m, 1h30m or 300s")
    seconds = sign * sum(float(n) * _UNITS[u] for n, u in parts)
    return FOREVER if seconds < 0 else seconds


def _duration_or_seconds(text: str) -> float:
    """OLLAMA_KEEP_ALIVE may be a bare number of seconds."""
    try:
        return parse_duration(float(text))
    except ValueError:
        return parse_duration(text)


def _precision(text: str) -> Precision:
    if text not in ("int8", "fp32"):
        raise ValueError(f"{text!r} is neither int8 nor fp32")
    return text


def _isa(text: str) -> str:
    if text not in ("scalar", "avx2", "avx512"):
        raise ValueError(f"{text!r} is none of scalar, avx2, avx512")
    return text


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(f"{text!r} is negative")
    return number


def _origins(text: str) -> tuple[str, ...]:
    return tuple(origin.strip() for origin in text.split(",") if origin.strip())


def _context(text: str) -> int | None:
    return _count(text) or None


VARIABLES: dict[str, tuple[str, Callable[[str], object], str]] = {
    "OLLAMA_MODELS": ("models", Path, "where models are stored (default ~/.ollama/models)"),
    "OLLAMA_KEEP_ALIVE": (
        "keep_alive",
        _duration_or_seconds,
        "how long a model stays loaded after its last request: 5m, 0, -1 for ever (default 5m)",
    ),
    "OLLAMA_CONTEXT_LENGTH": (
        "context_length",
        _context,
        "the longest context of a request, in tokens (default: the model's own)",
    ),
    "OLLAMA_NUM_PARALLEL": ("num_parallel", _count, "requests in one batch (default 32)"),
    "OLLAMA_MAX_LOADED_MODELS": (
        "max_loaded_models",
        _count,
        "models in memory at one time (default 3)",
    ),
    "OLLAMA_MAX_QUEUE": (
        "max_queue",
        _count,
        "requests waiting for a model to load before 503 (default 512)",
    ),
    "OLLAMA_LOAD_TIMEOUT": (
        "load_timeout",
        _duration_or_seconds,
        "how long a model may take to load (default 5m)",
    ),
    "OLLAMA_ORIGINS": (
        "origins",
        _origins,
        "web pages that may use the server besides local ones, for example https://*.example.org (default none)",
    ),
    "OSSIA_THREADS": ("threads", _count, "threads of the CPU kernels (default: one a core)"),
    "OSSIA_ISA": ("isa", _isa, "CPU kernels to use: scalar, avx2 or avx512 (default: the best)"),
    "OSSIA_PRECISION": (
        "precision",
        _precision,
        "int8 activations, or fp32 for exact comparisons (default int8)",
    ),
    "OSSIA_KV_CACHE_BYTES": (
        "kv_cache_bytes",
        _count,
        "memory for the KV cache of one model (default: half of what its weights leave free)",
    ),
}


def _clean(text: str) -> str:
    return text.strip().strip("\"'")


def _parsed(name: str, text: str, parse: Callable[[str], _T]) -> _T:
    try:
        return parse(text)
    except ValueError as error:
        raise InvalidRequest(f"{name}: {error}") from None
