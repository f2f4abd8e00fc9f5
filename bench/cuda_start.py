"""Starts of a model on an NVIDIA GPU: from `ossia serve` to the first token, with its parts; then two models at a time.

    python bench/cuda_start.py MODEL.gguf --store FOLDER [--rounds 3] [--second MODEL.gguf]

The file, which must have a vocabulary, is moved into a store in FOLDER, which must be on its file system. The first
start has no kernels: the server compiles them before anybody asks. The last line is one JSON object.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ossia.store.models import ModelStore

SMALL_CARD = 100 << 30  # bytes of an H200 that are left free, as on a card with the rest
ADDRESS = "127.0.0.1:11501"


@contextmanager
def served(store: Path, log: Path, **own: str) -> Iterator[float]:
    """A server whose log is a file. Yields the time at which its process was started."""
    own |= {"OLLAMA_MODELS": str(store), "OLLAMA_HOST": ADDRESS, "OLLAMA_DEBUG": "1"}
    own["XDG_CACHE_HOME"] = str(store / "cache")
    began = time.perf_counter()
    with log.open("ab") as output:
        command = [sys.executable, "-m", "ossia", "serve"]
        process = subprocess.Popen(command, env=os.environ | own, stderr=output)
        try:
            while True:
                try:
                    urllib.request.urlopen(f"http://{ADDRESS}").read()
                    break
                except OSError:
                    time.sleep(0.02)
            yield began
        finally:
            process.terminate()
            process.wait()


def first_chunk(model: str, **options: object) -> float:
    """The time at which the first token of an answer arrives, after the stream has been read to its end."""
    body = {"model": model, "prompt": "Once", "raw": True, "options": {"num_predict": 16, **options}}
    request = urllib.request.Request(f"http://{ADDRESS}/api/generate", json.dumps(body).encode())
    with urllib.request.urlopen(request) as response:
        response.readline()
        arrived = time.perf_counter()
        response.read()
    return arrived


def parts(log: Path) -> list[str]:
    """Return the log's lines on the parts of starts, since the last server began."""
    lines = log.read_text().rpartition("listening on")[2].splitlines()
    return [line.split(": ", 1)[1] for line in lines if " ossia.engine.timeline: " in line]


def compiled(log: Path) -> None:
    """Wait until the kernels are compiled ahead."""
    while not any("the whole start" in part for part in parts(log)):
        time.sleep(0.1)


def processes() -> list[str]:
    models = json.load(urllib.request.urlopen(f"http://{ADDRESS}/api/ps"))["models"]
    return [f"{m['name']}: {m['size_vram'] / m['size']:.0%} GPU, context {m['context_length']}" for m in models]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--second", type=Path, help="a second model, which is to run beside the first or in its place")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    store, log = arguments.store, arguments.store / "log"
    shutil.rmtree(store, ignore_errors=True)
    ModelStore(store).create("a", files=[arguments.model], move=True)
    result: dict[str, object] = {"bench": "cuda_start"}
    with served(store, log) as began:
        compiled(log)
        result["ahead_s"] = time.perf_counter() - began
        asked = time.perf_counter()
        result["first_s"] = first_chunk("a") - asked
    print(f"kernels ahead: {result['ahead_s']:.1f} s; first token after that: {result['first_s']:.2f} s", flush=True)
    print("\n".join(parts(log)), flush=True)
    seconds: list[float] = []
    for _ in range(arguments.rounds):
        with served(store, log) as began:
            seconds.append(first_chunk("a") - began)
    result["second_s"] = seconds
    print(f"later starts, server and first token: {', '.join(f'{s:.2f}' for s in seconds)} s")
    print("\n".join(parts(log)), flush=True)
    if arguments.second:
        ModelStore(store).create("b", files=[arguments.second], move=True)
        with served(store, log):
            several("a", "b")
        with served(store, log, OLLAMA_GPU_OVERHEAD=str(SMALL_CARD)):
            several("a", "b")
    print(json.dumps(result))


def several(*models: str) -> None:
    """Tell where models run that are asked for one after the other, and one that is moved."""
    for model in models:
        began = time.perf_counter()
        arrived = first_chunk(model)
        print(f"{model} after {arrived - began:.2f} s: {processes()}", flush=True)
    for num_gpu in (0, 99):
        began = time.perf_counter()
        arrived = first_chunk(models[-1], num_gpu=num_gpu)
        print(f"num_gpu {num_gpu} after {arrived - began:.2f} s: {processes()}", flush=True)


if __name__ == "__main__":
    main()
