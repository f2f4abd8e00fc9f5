"""ossia over llama.cpp against the same package's own server: the same file and settings, in the same run.

    python bench/engines.py MODEL.gguf [--clients 1 8] [--rounds 5] [--tokens 128] [--threads 1]

Each client streams one answer of `--tokens` tokens in a chat, ends forbidden. Both servers are up all the time
and take turns, so that noise of the machine meets both; a ratio is one of a round, and the table has their median and
spread. tok/s are all tokens of a round over its time, prompts included. The last line is one JSON object.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from ossia.gguf import GGUF
from ossia.store.models import ModelStore

CONTEXT = 2048
XLLAMACPP = """
import sys, time, xllamacpp
model, port, slots, context, threads = sys.argv[1:]
params = xllamacpp.CommonParams()
params.model.path, params.port, params.n_parallel = model, int(port), int(slots)
params.n_ctx, params.kv_unified, params.verbosity = int(slots) * int(context), False, 1
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = int(threads)
server = xllamacpp.Server(params)
while True:
    time.sleep(1)
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


@contextmanager
def running(command: list[str], port: int, **environment: str) -> Iterator[str]:
    """A server's URL, once it answers."""
    process = subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        while not answers(f"{url}/v1/models"):
            assert process.poll() is None, "the server ended at once"
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as response:
            return response.status == 200
    except OSError:
        return False


def ask(url: str, number: int, tokens: int, end: int) -> int:
    """Stream one answer; return the number of its tokens."""
    body: dict[str, Any] = {
        "model": "model",
        "messages": [{"role": "user", "content": f"Tell story number {number} about the sea."}],
        "max_tokens": tokens,
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
        "logit_bias": {str(end): -100},
    }
    request = urllib.request.Request(
        f"{url}/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    count = 0
    with urllib.request.urlopen(request) as response:
        for line in response:
            if line.startswith(b"data: {") and (usage := json.loads(line[6:]).get("usage")):
                count = usage["completion_tokens"]
    return count


def speed(url: str, clients: int, tokens: int, end: int, first: int) -> float:
    """Tokens a second of so many clients at once."""
    with ThreadPoolExecutor(clients) as threads:
        began = time.perf_counter()
        counts = threads.map(lambda number: ask(url, number, tokens, end), range(first, first + clients))
        return sum(counts) / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    end, slots = GGUF.open(options.model).metadata["tokenizer.ggml.eos_token_id"], max(options.clients)
    ports = free_port(), free_port()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ModelStore(home / "models").create("model", gguf=options.model)
        settings = {"HOME": str(home), "OLLAMA_MODELS": str(home / "models"), "OLLAMA_HOST": f"127.0.0.1:{ports[0]}"}
        settings |= {"OLLAMA_NUM_PARALLEL": str(slots), "OLLAMA_CONTEXT_LENGTH": str(CONTEXT)}
        settings |= {"OSSIA_ENGINE": "llamacpp", "OSSIA_DEVICE": "cpu", "OSSIA_THREADS": str(options.threads)}
        own = [sys.executable, "-c", XLLAMACPP, str(options.model), str(ports[1]), str(slots)]
        servers = {
            "ossia": stack.enter_context(running([sys.executable, "-m", "ossia", "serve"], ports[0], **settings)),
            "llama.cpp": stack.enter_context(running([*own, str(CONTEXT), str(options.threads)], ports[1])),
        }
        for url in servers.values():
            ask(url, 0, 2, end)
        print(f"{'clients':>8} {'ossia tok/s':>12} {'llama.cpp tok/s':>16} {'ratio':>6}  lowest to highest")
        results: list[dict[str, float]] = []
        for clients in options.clients:
            rounds: list[tuple[float, float]] = []
            for number in range(options.rounds):
                order = ("ossia", "llama.cpp") if number % 2 else ("llama.cpp", "ossia")
                found = {name: speed(servers[name], clients, options.tokens, end, 100 * number) for name in order}
                rounds.append((found["ossia"], found["llama.cpp"]))
            ours, theirs = (median(each[side] for each in rounds) for side in (0, 1))
            ratios = sorted(ours / theirs for ours, theirs in rounds)
            print(
                f"{clients:8} {ours:12.1f} {theirs:16.1f} {median(ratios):6.2f}  {ratios[0]:.2f} to {ratios[-1]:.2f}",
                flush=True,
            )
            results.append({"clients": clients, "ossia": ours, "llama.cpp": theirs, "ratio": median(ratios)})
    print(json.dumps({"model": options.model.name, "threads": options.threads, "rounds": results}))


if __name__ == "__main__":
    main()
