"""ossia over llama.cpp against the same package's own server: the same file and settings, in the same run.

    python bench/engines.py MODEL.gguf [--clients 1 8] [--rounds 5] [--tokens 128] [--threads 1]

Each client streams one answer of `--tokens` tokens in a chat, ends forbidden. Both servers are up all the time and take
turns, so that noise of the machine meets both. Each has twice as many places as there are clients: ossia keeps an
eighth of them for clients that have none yet, and these, all of one address, are one client.

A ratio is one of a round, and the table has their median and spread. tok/s are all tokens of a round over its time,
prompts included. Processor time of all processes of a server for one token says the same where the machine is busy.
The last line is one JSON object.
"""

import argparse
import json
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import psutil

from ossia.gguf import GGUF
from ossia.store.models import ModelStore
from served import OSSIA, free_port, running

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


class Server(NamedTuple):
    url: str
    pid: int

    def seconds(self) -> dict[str, float]:
        """Processor time of the server and of all processes that it started, by what they are."""
        process = psutil.Process(self.pid)
        spent: dict[str, float] = {}
        for each in (process, *process.children(recursive=True)):
            name = next((word for word in each.cmdline() if word.startswith("ossia.")), "server")
            spent[name] = spent.get(name, 0.0) + sum(each.cpu_times()[:2])
        return spent


@contextmanager
def started(command: tuple[str, ...], port: int, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    url = f"http://127.0.0.1:{port}"
    with running(command, f"{url}/v1/models", environment) as process:
        yield Server(url, process.pid)


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


class Round(NamedTuple):
    """Tokens a second, and milliseconds of processor time for each."""

    speed: float
    cost: float
    parts: dict[str, float]


def measured(server: Server, clients: int, tokens: int, end: int, first: int) -> Round:
    """One round of so many clients at once."""
    with ThreadPoolExecutor(clients) as threads:
        began, before = time.perf_counter(), server.seconds()
        count = sum(threads.map(lambda number: ask(server.url, number, tokens, end), range(first, first + clients)))
        seconds = time.perf_counter() - began
        parts = {name: 1000 * (spent - before.get(name, 0)) / count for name, spent in server.seconds().items()}
        return Round(count / seconds, sum(parts.values()), parts)


def shown(clients: int, rounds: list[dict[str, Round]]) -> dict[str, Any]:
    """Print the medians of rounds, and return them."""
    result: dict[str, Any] = {"clients": clients}
    for name in ("ossia", "llama.cpp"):
        result[name] = {
            "speed": median(each[name].speed for each in rounds),
            "cost": median(each[name].cost for each in rounds),
            "parts": {
                part: median(each[name].parts.get(part, 0) for each in rounds) for part in rounds[-1][name].parts
            },
        }
        print(f"{clients:8} {name:>12} {result[name]['speed']:8.1f} {result[name]['cost']:9.2f}")
    for what, ratio in (
        ("speed", lambda each: each["ossia"].speed / each["llama.cpp"].speed),
        ("cost", lambda each: each["ossia"].cost / each["llama.cpp"].cost),
    ):
        ratios = sorted(map(ratio, rounds))
        print(
            f"{'':8} {what} {median(ratios):.2f} of llama.cpp's own server, {ratios[0]:.2f} to {ratios[-1]:.2f}",
            flush=True,
        )
        result[f"{what}_ratio"] = median(ratios)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    end, slots = GGUF.open(options.model).metadata["tokenizer.ggml.eos_token_id"], 2 * max(options.clients)
    ports = free_port(), free_port()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ModelStore(home / "models").create("model", files=[options.model])
        settings = {"HOME": str(home), "OLLAMA_MODELS": str(home / "models"), "OLLAMA_HOST": f"127.0.0.1:{ports[0]}"}
        settings |= {"OLLAMA_NUM_PARALLEL": str(slots), "OLLAMA_CONTEXT_LENGTH": str(CONTEXT)}
        settings |= {"OSSIA_ENGINE": "llamacpp", "OSSIA_DEVICE": "cpu", "OSSIA_THREADS": str(options.threads)}
        theirs = (sys.executable, "-c", XLLAMACPP, str(options.model), str(ports[1]), str(slots), str(CONTEXT))
        servers = {
            "ossia": stack.enter_context(started(OSSIA, ports[0], settings)),
            "llama.cpp": stack.enter_context(started((*theirs, str(options.threads)), ports[1])),
        }
        for server in servers.values():
            ask(server.url, 0, 2, end)
        print(f"{'clients':>8} {'':>12} {'tok/s':>8} {'ms/token':>9}")
        results: list[dict[str, Any]] = []
        for clients in options.clients:
            rounds: list[dict[str, Round]] = []
            for number in range(options.rounds):
                order = ("ossia", "llama.cpp") if number % 2 else ("llama.cpp", "ossia")
                rounds.append(
                    {name: measured(servers[name], clients, options.tokens, end, 100 * number) for name in order}
                )
            results.append(shown(clients, rounds))
    print(json.dumps({"model": options.model.name, "threads": options.threads, "rounds": results}))


if __name__ == "__main__":
    main()
