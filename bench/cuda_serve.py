"""The engine on an NVIDIA GPU: loading, decode through the engine's loop, and the same over HTTP.

    python bench/cuda_serve.py MODEL.gguf [--tokens 256] [--context 1024] [--batches 1 8 32] [--store FOLDER]

With `--store`, a folder of the same file system, the file is moved into a store there and served by `ossia serve`: it
must have a vocabulary. Loading is timed twice: with the kernels that were compiled before, if any, and again. The last
line is one JSON object.
"""

import argparse
import gc
import json
import logging
import os
import random
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from ossia.config import EngineOptions
from ossia.engine.core import EngineCore
from ossia.engine.gpt_oss.cuda.device import choose
from ossia.engine.gpt_oss.cuda.start import start
from ossia.engine.sequence import Sample, Sequence, StepOutput
from ossia.gguf import GGUF
from ossia.store.models import ModelStore
from ossia.types import SamplingParams

PLAIN = SamplingParams()
FILTERS = {
    "top_p 0.9": SamplingParams(top_p=0.9),
    "top_k 40": SamplingParams(top_k=40),
    "top_k 40, top_p 0.9": SamplingParams(top_k=40, top_p=0.9),
    "penalties": SamplingParams(frequency_penalty=0.5),
    "logprobs": SamplingParams(logprobs=5),
}
SHORT = 8  # tokens of a prompt, as in the requests over HTTP
STREAMS = (1, 8)
URL = "http://127.0.0.1:11500"


def private_bytes() -> int:
    """Memory of this process that is no file's and nobody else's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("RssAnon"))


def loaded(path: Path) -> tuple[EngineCore, float]:
    """A core, and the seconds until it was ready."""
    began = time.perf_counter()
    gpu = choose("cuda").gpu
    assert gpu
    runner, memory_map = start(GGUF.open(path), gpu, EngineOptions())
    seconds = time.perf_counter() - began
    print(f"{gpu.name}: {memory_map}", flush=True)
    gc.freeze()  # as a model's process does
    return EngineCore(runner, max_sequences=64), seconds


def loop(core: EngineCore, batch: int, context: int, tokens: int, sampling: SamplingParams = PLAIN) -> float:
    """Tokens a second of all sequences together, from the step in which all of them decode."""
    for id in range(batch):
        ids = [random.randrange(199_000) for _ in range(context)]
        core.add(Sequence(id, ids, Sample(sampling, tokens + 2 * batch, seed=id)))
    counts = dict.fromkeys(range(batch), 0)
    began, before = 0.0, 0
    while core.has_work:
        for output in core.step():
            assert isinstance(output, StepOutput)
            counts[output.id] += 1
        if not began and min(counts.values()) > 0:
            began, before = time.perf_counter(), sum(counts.values())
        if began and max(counts.values()) >= tokens:
            break
    rate = (sum(counts.values()) - before) / (time.perf_counter() - began)
    for id in range(batch):
        core.abort(id)
    while core.has_work:
        core.step()
    return rate


def first_token(core: EngineCore, prompt: int) -> float:
    """Seconds from a prompt of so many ids to its first one."""
    ids = [random.randrange(199_000) for _ in range(prompt)]
    began = time.perf_counter()
    core.add(Sequence(0, ids, Sample(SamplingParams(), 1)))
    while not core.step():
        pass
    return time.perf_counter() - began


@contextmanager
def served(path: Path, store: Path) -> Iterator[None]:
    ModelStore(store).create("random", gguf=path, move=True)
    environment = os.environ | {"OLLAMA_MODELS": str(store), "OLLAMA_HOST": URL.removeprefix("http://")}
    process = subprocess.Popen([sys.executable, "-m", "ossia", "serve"], env=environment)
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(URL).read()
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait()


def streamed(path: str, body: dict[str, object], tokens: int) -> tuple[float, float]:
    """Seconds to the first chunk, and tokens a second after it. Tokens that come together share a chunk."""
    usage = {"stream_options": {"include_usage": True}}
    data = json.dumps({"model": "random", "stream": True, "max_tokens": tokens, **usage, **body}).encode()
    request = urllib.request.Request(URL + path, data, {"Content-Type": "application/json"})
    began, times, count = time.perf_counter(), list[float](), 0
    with urllib.request.urlopen(request) as response:
        for line in response:
            if line.startswith(b"data: {"):
                times.append(time.perf_counter())
                count = (json.loads(line[6:]).get("usage") or {"completion_tokens": 0})["completion_tokens"]
    return times[0] - began, (count - 1) / (times[-1] - times[0])


def streams(path: str, body: dict[str, object], tokens: int, count: int) -> float:
    """Tokens a second of so many streams together."""
    with ThreadPoolExecutor(count) as pool:
        return sum(pool.map(lambda _: streamed(path, body, tokens)[1], range(count)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--tokens", type=int, default=256, help="tokens generated")
    parser.add_argument("--context", type=int, default=1024, help="tokens in the prompt")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8, 32], help="sequences that run together")
    parser.add_argument("--store", type=Path)
    arguments = parser.parse_args()
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    result: dict[str, object] = {"bench": "cuda_serve"}
    core, result["load_s"] = loaded(arguments.model)
    print(f"loaded in {result['load_s']:.2f} s")
    loop(core, 1, 64, 32)
    for batch in arguments.batches:
        rates = sorted(loop(core, batch, arguments.context, arguments.tokens) for _ in range(3))
        result[f"loop_{batch}"] = rates
        print(f"{batch:3} in the loop: {rates[1]:8.1f} tok/s ({rates[0]:.1f}-{rates[-1]:.1f})", flush=True)
    for batch in STREAMS:
        rates = sorted(loop(core, batch, SHORT, arguments.tokens) for _ in range(3))
        result[f"short_loop_{batch}"] = rates
        print(f"{batch:3} in the loop after a short prompt: {rates[1]:8.1f} tok/s", flush=True)
    for prompt in (100, 2048, 8192):
        seconds = sorted(first_token(core, prompt) for _ in range(3))[1]
        result[f"first_{prompt}"] = seconds
        print(f"first token after {prompt} ids: {seconds * 1e3:.1f} ms, {prompt / seconds:.0f} tok/s", flush=True)
    for name, sampling in FILTERS.items():
        rates = sorted(loop(core, 1, arguments.context, arguments.tokens, sampling) for _ in range(3))
        result[f"loop_1_{name}"] = rates
        print(f"  1 in the loop, {name}: {rates[1]:8.1f} tok/s ({rates[0]:.1f}-{rates[-1]:.1f})", flush=True)
    print(f"{private_bytes() / 1e9:.2f} GB of private memory", flush=True)
    if arguments.store:
        del core
        with served(arguments.model, arguments.store):
            bodies = {
                "/v1/completions": {"prompt": "Once upon a time", "raw": True},
                "/v1/chat/completions": {"messages": [{"role": "user", "content": "Hello"}]},
            }
            for path, body in bodies.items():
                first, _ = streamed(path, body, 32)
                rates = sorted(streamed(path, body, arguments.tokens)[1] for _ in range(3))
                result[path] = {"first_s": first, "tok_s": rates}
                print(f"{path}: first after {first:.2f} s, {rates[1]:.1f} tok/s ({rates[0]:.1f}-{rates[-1]:.1f})")
                for count in STREAMS[1:]:
                    rates = sorted(streams(path, body, arguments.tokens, count) for _ in range(3))
                    result[f"{path} {count}"] = rates
                    print(f"{path}, {count} streams: {rates[1]:.1f} tok/s ({rates[0]:.1f}-{rates[-1]:.1f})", flush=True)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
