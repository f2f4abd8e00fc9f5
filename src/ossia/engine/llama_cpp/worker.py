"""The process that runs llama.cpp: `python -m ossia.engine.llama_cpp.worker`.

It reads one Load from stdin, answers Ready or Failed on stdout, and lives until stdin ends, which is when the server
goes away. llama.cpp's HTTP listener is a Unix socket that only this user can open, in a folder that only this user can
enter: no port is opened. Nothing of llama.cpp is imported anywhere else.
"""

import importlib
import os
import re
import resource
import signal
import sys
import time
from types import ModuleType
from typing import BinaryIO, Final, Protocol

import msgspec

from ossia.engine.llama_cpp.devices import gpus
from ossia.engine.llama_cpp.wire import Failed, Load, Ready, Reply

_NOT_SAID: Final = "llama.cpp cannot load the file"
_LAST: Final = "exiting due to model loading error"
"""The last line of a log."""
_LATE: Final = 5.0
_GRAMMAR: Final = '%llguidance {}\nstart: "0"'


class Completing(Protocol):
    """The one method of llama.cpp's server that is called here; all else is asked over its socket."""

    def handle_completions(self, asked: dict[str, object]) -> dict[str, list[dict[str, str]]]: ...


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches the server, which closes us
    ours = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever llama.cpp prints is part of the log
    message = msgspec.json.decode(sys.stdin.buffer.readline(), type=Load)
    os.environ["GGML_NO_BACKTRACE"] = "1"  # which a debugger would write, for many seconds
    llama = importlib.import_module("xllamacpp")
    free = [int(str(gpu["memory_free"])) for gpu in gpus(llama)]
    if message.most_bytes and not (free and message.device != "cpu"):
        _confine(message.most_bytes)
    os.umask(0o177)  # the socket's permissions
    with os.fdopen(message.log, "r+b") as log:
        own = os.dup(2)
        os.dup2(log.fileno(), 2)
        try:
            server: Completing = llama.Server(parameters(llama, message))
        except (RuntimeError, MemoryError):
            _say(ours, Failed(reason(_complete(log))))
            os._exit(1)
        finally:
            os.dup2(own, 2)
    _say(ours, ready(llama, server, message, free))
    sys.stdin.buffer.read()
    os._exit(0)  # its threads need no orderly end, since they own nothing


def _confine(num_bytes: int) -> None:
    """Let llama.cpp take no more memory of its own than so much. A GPU's driver would count what it only reserves."""
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (num_bytes, num_bytes))


def parameters(llama: ModuleType, load: Load) -> object:
    """Return llama.cpp's parameters. What it would do of its own accord with files, pages and networks is off."""
    params, sizes = llama.CommonParams(), load.sizes
    params.model.path, params.hostnames = load.files[0], [load.socket]
    params.n_parallel, params.n_ctx = sizes.sequences, sizes.sequences * sizes.context
    params.n_batch = params.n_ubatch = sizes.batch
    params.kv_unified, params.fit_params = False, False
    params.n_threads_http = sizes.sequences + 8  # each stream takes one, and signs of life need some too
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = load.threads
    params.lora_adapters = [llama.CommonAdapterLoraInfo(path, 1.0) for path in load.adapters]
    params.embedding = True
    params.swa_full = True  # else layers with a window keep no prefix for the next turn
    if load.purpose == "answering":  # a file that does not name a pooling has that of our own engine
        params.pooling_type = llama.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    if load.purpose == "ranking":  # which llama.cpp takes from the file, but not the permission to ask for it
        params.pooling_type = llama.llama_pooling_type.LLAMA_POOLING_TYPE_RANK
    if load.device == "cpu":
        params.n_gpu_layers = 0
    else:
        params.main_gpu = number_of(load.device)
        if load.layers_on_gpu is not None:
            params.n_gpu_layers = load.layers_on_gpu
    if load.use_mmap is not None:
        modes = llama.llama_load_mode
        params.load_mode = modes.LLAMA_LOAD_MODE_MMAP if load.use_mmap else modes.LLAMA_LOAD_MODE_NONE
    params.warmup, params.ui, params.offline, params.cache_ram_mib, params.verbosity = False, False, True, 0, 1
    return params


def ready(llama: ModuleType, server: Completing, load: Load, free: list[int]) -> Ready:
    """Return what the server is told; `free` are the bytes of each GPU before the model was loaded."""
    has_grammars = load.purpose == "answering" and _follows_grammars(server)
    number = number_of(load.device)
    if load.device == "cpu" or number >= len(free):
        return Ready("the processor, by llama.cpp", has_grammars)
    name = str(gpus(llama)[number]["description"])
    return Ready(f"{name}, by llama.cpp", has_grammars, (number,), free[number])


def number_of(device: str) -> int:
    """Return the number of a device as the settings name it: 1 for "cuda:1", 0 for "auto"."""
    return int(device.partition(":")[2] or 0)


def _follows_grammars(server: Completing) -> bool:
    """Try a grammar: a llama.cpp without llguidance says nothing, and answers without it."""
    asked: dict[str, object] = {
        "prompt": "1",
        "n_predict": 1,
        "temperature": 0,
        "grammar": _GRAMMAR,
        "cache_prompt": False,
    }
    return server.handle_completions(asked)["choices"][0]["text"] == "0"


def reason(log: str) -> str:
    """Return llama.cpp's reason for a failure, from its log."""
    found = re.findall(r"error loading model: (.*)", log) or re.findall(r" E \S+ +(.*)", log)
    return found[0].strip() if found else _NOT_SAID


def _complete(log: BinaryIO) -> str:
    """Return the log of a failure. A thread of llama.cpp writes it, on a busy machine a moment after the failure."""
    deadline = time.monotonic() + _LATE
    while _LAST not in (written := _written(log)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return written


def _written(log: BinaryIO) -> str:
    log.seek(0)
    return log.read().decode("utf-8", "replace")


def _say(ours: BinaryIO, reply: Reply) -> None:
    ours.write(msgspec.json.encode(reply) + b"\n")
    ours.flush()


if __name__ == "__main__":
    main()
