"""Settings, read once from the environment: Ollama's names where the meaning is the same, OSSIA_* for our own.

Settings are read strictly: a value that does not parse is an error that names the variable.
"""

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, TypeVar

from ossia import setting_values as read
from ossia.addresses import LOOPBACK, Network, read_networks
from ossia.errors import InvalidRequest
from ossia.hosts import parse_host, read_hosts, url_of
from ossia.printable import one_line

LogFormat = Literal["text", "json"]
Precision = Literal["int8", "fp32"]
EngineName = Literal["auto", "native", "llamacpp"]
LLAMA_CPP_DEVICES = ("metal", "rocm", "vulkan")
"""Devices that only llama.cpp knows."""
CacheKind = Literal["f16", "q8_0"]
MIN_KV_CACHE_BYTES = 256 << 20
OLLAMA_VERSION = "0.14.0"
"""The version of Ollama whose API is implemented. Clients compare it (Codex requires at least 0.13.4, digits only), so
it describes the API, not the release of ossia."""
_ALIKE = 0.85
"""Similarity above which a name is taken for a misspelt one; Ollama's own settings are less like ours."""
_LONGEST_PROBLEM = 300  # characters
_T = TypeVar("_T")


def home() -> Path:
    """Return this user's home; / for one who has none, such as a service's, where errors tell what is missing."""
    try:
        return Path.home()
    except RuntimeError:
        return Path("/")


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Settings of a model's process, which gets them whole."""

    device: str = "auto"
    context_length: int | None = None
    num_parallel: int = 0
    """0: as many as the device does well."""
    threads: int = 0
    precision: Precision = "int8"
    kv_cache_bytes: int = 0
    """0: half of what the weights leave free, but at least MIN_KV_CACHE_BYTES."""
    gpu_overhead_bytes: int = 0
    gpu_memory_bytes: int = 0
    gpus: int = 0
    """0: as few as the model fits on."""
    kv_cache_type: CacheKind = "f16"
    batch_invariant: bool = False
    trained_tools: bool = True
    engine_name: EngineName = "auto"
    stall_timeout: float = 60.0
    """Seconds without progress after which the process is ended: the server's."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on what clients may send. `body_seconds` is for silence within a body, or for an answer that is not read,
    never for a whole one."""

    body_bytes: int = 64 << 20
    embedding_inputs: int = 2048
    connections: int = 1024
    header_seconds: float = 10.0
    body_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Access:
    """Rules about other machines: names of this one, proxies that are believed, and who may do what.

    A request from `local` addresses is this machine's own. Only tests set it: they let one of them be another machine.
    """

    hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[Network, ...] = ()
    manage_from: tuple[Network, ...] = ()
    local_keys: bool = False
    registries: tuple[str, ...] = ()
    local: tuple[Network, ...] = LOOPBACK


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the program. `VARIABLES` has the environment variable of each field, also of the groups' fields."""

    scheme: str = ""
    """"http" or "https" if OLLAMA_HOST says so."""
    host: str = "127.0.0.1"
    port: int = 11434
    tls_cert: Path | None = None
    tls_key: Path | None = None
    ca: Path | None = None
    models: Path = home() / ".ollama" / "models"
    keep_alive: float = 300.0
    max_loaded_models: int = 0
    max_queue: int = 512
    load_timeout: float = 300.0
    origins: tuple[str, ...] = ()
    isa: str = ""
    memory_bytes: int = 0
    no_history: bool = False
    no_prune: bool = False
    editor: str = ""
    log_level: int = logging.INFO
    slow_callback: float = 0.0
    """Seconds after which a callback of the event loop is reported; 0: none is."""
    log_format: LogFormat = "text"
    access_log: bool = True
    log_bodies: bool = False
    page: bool = True
    """False: browsers get neither the chat page nor the status page."""
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    """Keys that the server takes, beside those of `ossia key`; ":manage" or ":metrics" at the end is the scope."""
    api_key: str = field(default="", repr=False)
    """The key that the command line sends."""
    engine: EngineOptions = EngineOptions()
    limits: Limits = Limits()
    access: Access = Access()

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment. Raises InvalidRequest naming every variable that cannot be parsed."""
        settings, errors = cls.what_can_be_read(env)
        match [*errors.values()]:
            case []:
                return settings
            case [error]:
                raise error
            case several:
                raise InvalidRequest(
                    "; ".join(error.message for error in several), "`ossia doctor` says what each may be"
                )

    @classmethod
    def what_can_be_read(cls, env: Mapping[str, str] = os.environ) -> tuple["Settings", dict[str, InvalidRequest]]:
        """Read the environment, and return the errors of variables that count as unset, since they cannot be parsed."""
        values: dict[str, object] = {}
        errors: dict[str, InvalidRequest] = {}
        for name in _NAMES:
            try:
                values |= _values(name, _clean(env.get(name, "")))
            except InvalidRequest as error:
                errors[name] = error
        if values.get("engine_name") == "native" and str(values.get("device")).startswith(LLAMA_CPP_DEVICES):
            text = f"OSSIA_ENGINE=native cannot use OSSIA_DEVICE={values.pop('device')}, only llama.cpp can"
            errors["OSSIA_DEVICE"] = InvalidRequest(text)
        groups = {"engine": EngineOptions, "limits": Limits, "access": Access}
        return _made(cls, values | {name: _made(group, values) for name, group in groups.items()}), errors

    @property
    def url(self) -> str:
        """URL of the server for clients on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        scheme = self.scheme or ("https" if self.tls_cert else "http")
        return url_of(scheme, host, self.port)


def _made(kind: type[_T], values: Mapping[str, object]) -> _T:
    """Make a dataclass of the values of its fields."""
    names = {each.name for each in fields(kind)} & values.keys()  # pyright: ignore[reportArgumentType]
    make: Callable[..., _T] = kind
    return make(**{name: values[name] for name in names})


VARIABLES: dict[str, tuple[str, Callable[[str], object], str]] = {
    "OLLAMA_MODELS": ("models", Path, "where models are stored (default ~/.ollama/models)"),
    "OLLAMA_KEEP_ALIVE": (
        "keep_alive",
        read.duration_or_seconds,
        "how long a model stays loaded after its last request: 5m, 0, -1 for ever (default 5m)",
    ),
    "OLLAMA_CONTEXT_LENGTH": (
        "context_length",
        read.context,
        "longest context of a request, in tokens (default: the model's own)",
    ),
    "OLLAMA_NUM_PARALLEL": ("num_parallel", read.count, "requests in one batch (default 32, on a GPU 64)"),
    "OLLAMA_MAX_LOADED_MODELS": (
        "max_loaded_models",
        read.count,
        "models in memory at one time, if they fit (default 0: up to 3)",
    ),
    "OLLAMA_MAX_QUEUE": (
        "max_queue",
        read.count,
        "requests that wait for a model, to be loaded or for their turn, before 503 (default 512)",
    ),
    "OLLAMA_LOAD_TIMEOUT": (
        "load_timeout",
        read.duration_or_seconds,
        "how long a model may take to load; 0 for no limit (default 5m)",
    ),
    "OSSIA_STALL_TIMEOUT": (
        "stall_timeout",
        read.duration_or_seconds,
        "how long a model's process may stand still until it is ended; 0 for no limit (default 1m)",
    ),
    "OLLAMA_ORIGINS": (
        "origins",
        read.origins,
        "web pages that may use the server besides local ones, for example https://*.example.org (default none)",
    ),
    "OLLAMA_NOPRUNE": ("no_prune", read.flag, "1 keeps blobs that no model uses, which expire after a day (default 0)"),
    "OLLAMA_NOHISTORY": ("no_history", read.flag, "1 keeps no history of what you type in a chat (default 0)"),
    "OLLAMA_EDITOR": ("editor", str, "the editor that Ctrl-G opens in a chat (default: VISUAL or EDITOR)"),
    "OLLAMA_DEBUG": ("log_level", read.log_level, "1 logs more, 2 most (default 0)"),
    "OSSIA_LOG_FORMAT": (
        "log_format",
        read.one_of("text", "json"),
        "text, or json for one object a line (default text)",
    ),
    "OSSIA_ACCESS_LOG": ("access_log", read.flag, "0 logs no requests, except those that manage models (default 1)"),
    "OSSIA_LOG_BODIES": (
        "log_bodies",
        read.flag,
        "1 adds the beginning of each body to its request's line, prompts and all (default 0)",
    ),
    "OSSIA_PAGE": ("page", read.flag, "0 removes the web pages at / and /status (default 1)"),
    "OSSIA_DEBUG_LOOP": (
        "slow_callback",
        read.duration_or_seconds,
        "logs what kept the server's event loop from others for longer than this: 20ms; costs speed (default off)",
    ),
    "OLLAMA_GPU_OVERHEAD": ("gpu_overhead_bytes", read.count, "bytes of each GPU that are left free (default 0)"),
    "OLLAMA_KV_CACHE_TYPE": (
        "kv_cache_type",
        read.one_of("f16", "q8_0"),
        "f16, or q8_0 for half of it on a GPU (default f16)",
    ),
    "OSSIA_GPU_MEMORY_BYTES": ("gpu_memory_bytes", read.count, "memory of a GPU for one model (default: what is free)"),
    "OSSIA_GPUS": ("gpus", read.count, "GPUs over which a model is divided (default 0: as few as it fits on)"),
    "OSSIA_DEVICE": (
        "device",
        read.device,
        "auto, cpu, cuda, metal, rocm, vulkan, or cuda:1 for the second GPU (default auto: a GPU if the model fits)",
    ),
    "OSSIA_ENGINE": (
        "engine_name",
        read.one_of("auto", "native", "llamacpp"),
        "what runs gpt-oss: auto, native or llamacpp (default auto: llama.cpp on GPUs that native does not know)",
    ),
    "OSSIA_BATCH_INVARIANT": (
        "batch_invariant",
        read.flag,
        "1 gives the same ids alone and in any batch on a GPU, more slowly (default 0)",
    ),
    "OSSIA_TRAINED_TOOLS": (
        "trained_tools",
        read.flag,
        "0 declares tools named browser.search, browser.open, browser.find and python like any others (default 1)",
    ),
    "OSSIA_THREADS": (
        "threads",
        read.threads,
        "threads of the CPU kernels (default: one per core, or as many as a container has the time of)",
    ),
    "OSSIA_ISA": (
        "isa",
        read.one_of("scalar", "avx2", "avx512", "neon"),
        "CPU kernels to use: scalar, avx2, avx512 or neon (default: the best)",
    ),
    "OSSIA_PRECISION": ("precision", read.one_of("int8", "fp32"), "int8 activations, or exact fp32 (default int8)"),
    "OSSIA_KV_CACHE_BYTES": (
        "kv_cache_bytes",
        read.count,
        "memory for the KV cache of one model (default: half of what its weights leave free)",
    ),
    "OSSIA_MEMORY_BYTES": (
        "memory_bytes",
        read.count,
        "memory that all models together may use (default: the machine's or the container's, minus a reserve)",
    ),
    "OSSIA_BODY_BYTES": (
        "body_bytes",
        read.positive,
        "largest body of a request, in bytes, as sent and decompressed; blobs have no limit (default 67108864)",
    ),
    "OSSIA_BODY_TIMEOUT": (
        "body_seconds",
        read.time_limit,
        "how long a client may be silent in the middle of a body, or not read its answer; 0 for no limit (default 30s)",
    ),
    "OSSIA_HEADER_TIMEOUT": (
        "header_seconds",
        read.time_limit,
        "how long a client may take to send a request's headers; 0 for no limit (default 10s)",
    ),
    "OSSIA_MAX_CONNECTIONS": ("connections", read.positive, "connections at one time (default 1024)"),
    "OSSIA_TLS_CERT": ("tls_cert", Path, "the server's certificate and its chain, in PEM format: it speaks https then"),
    "OSSIA_TLS_KEY": ("tls_key", Path, "the certificate's key, without a passphrase (default: in the same file)"),
    "OSSIA_CA": ("ca", Path, "certificates that the ossia commands trust besides the system's, in PEM format"),
    "OSSIA_HOSTS": (
        "hosts",
        read_hosts,
        "names that the server answers to besides local ones: ai.example.org, *.example.org, * for any (default none)",
    ),
    "OSSIA_TRUSTED_PROXIES": (
        "trusted_proxies",
        read_networks,
        "addresses of proxies whose X-Forwarded-For or Forwarded is believed: 10.0.0.5, 172.16.0.0/12 (default none)",
    ),
    "OSSIA_MANAGE_FROM": (
        "manage_from",
        read_networks,
        "other machines that may pull, create and delete models without a key: 192.168.0.0/16 (default none)",
    ),
    "OSSIA_REGISTRIES": (
        "registries",
        read.registries,
        "registries that other machines may pull from and push to besides Ollama's and Hugging Face's: box:5000",
    ),
    "OSSIA_API_KEYS": (
        "api_keys",
        read.api_keys,
        "API keys beside those of `ossia key`, with commas between; :manage or :metrics after one is its scope",
    ),
    "OSSIA_LOCAL_KEYS": (
        "local_keys",
        read.flag,
        "1 asks for a key on this machine too, once there is one (default 0)",
    ),
    "OLLAMA_API_KEY": ("api_key", read.api_key, "the API key that commands send, unless OSSIA_API_KEY is set"),
    "OSSIA_API_KEY": ("api_key", read.api_key, "the API key that commands send (default none)"),
    "OSSIA_MAX_INPUTS": (
        "embedding_inputs",
        read.positive,
        "inputs of one request for embeddings or reranking (default 2048)",
    ),
}
_NAMES = ("OLLAMA_HOST", *VARIABLES)
_OTHERS = {
    "OLLAMA_HOST": "address to listen on (default 127.0.0.1:11434)",
    "HTTP_PROXY, HTTPS_PROXY, NO_PROXY": "proxies for requests to registries, and hosts that need none",
}


def environment() -> dict[str, str]:
    """Return every variable that has an effect, with its help text."""
    return _OTHERS | {name: text for name, (_, _, text) in VARIABLES.items()}


def without_effect(env: Mapping[str, str] = os.environ) -> list[str]:
    """Return variables that are set and look like settings but have no effect: Ollama's others, and misspelt ones."""
    names = (name for name, text in env.items() if _clean(text) and name not in _NAMES)
    return sorted(name for name in names if name.startswith(("OLLAMA_", "OSSIA_")))


def meant_by(name: str) -> str | None:
    """Return the variable that was probably meant by one without effect, perhaps only with the other prefix."""
    prefix, _, end = name.partition("_")
    other = f"{'OSSIA' if prefix == 'OLLAMA' else 'OLLAMA'}_{end}"
    return other if other in _NAMES else next(iter(get_close_matches(name, _NAMES, 1, _ALIKE)), None)


def _clean(text: str) -> str:
    return text.strip().strip("\"'")


def _values(name: str, text: str) -> dict[str, object]:
    """Return the fields that a variable sets, none if its text is empty. Raises InvalidRequest."""
    if not text:
        return {}
    if name == "OLLAMA_HOST":
        return dict(zip(("scheme", "host", "port"), parse_host(text), strict=True))
    target, parse, _ = VARIABLES[name]
    try:
        return {target: parse(text)}
    except ValueError as error:
        raise InvalidRequest(one_line(f"{name}: {error}", _LONGEST_PROBLEM)) from None
