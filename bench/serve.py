"""CPU time that the HTTP layer spends on a streamed token, above the least that any application on this server spends.

    python bench/serve.py [--path /api/chat ...] [--clients 1 16 128] [--rounds 3] [--base ../older-checkout]

Two servers run side by side, or four with --base, and take turns within each round, so that noise of the machine meets
all alike:

- ours: the whole application, with an engine that does nothing but say a word at each turn of the event loop;
- floor: a bare ASGI application that reads the request's body and replays the messages that ours sends for it, one at
  each turn of the event loop: the same uvicorn, the same bytes in the same pieces, and nothing else (`floor.py`);
- base and its floor: those of another checkout that has its own `.venv`, started by that checkout's bench.

A token costs the server process's CPU time for long answers minus that for answers of one token, divided by the
difference in tokens. The table shows medians over the rounds and, in parentheses, their range; of ratios to the base,
the medians of the rounds' ratios, and the interval that holds the true median with 95 %. The last line is JSON.
"""

import argparse
import asyncio
import ctypes
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from math import comb
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ossia.config import Settings
from ossia.engine import Start
from ossia.server.app import create_app
from ossia.server.listen import listen
from ossia.server.pool import EnginePool
from ossia.server.serve import Server
from ossia.store.models import Model, ModelStore
from ossia.types import Event, Finished, GenerateRequest, TextDelta, Usage

BODIES: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": [{"role": "user", "content": "Hello"}]},
    "/v1/responses": {"input": "Hello", "store": False},
    "/v1/messages": {"messages": [{"role": "user", "content": "Hello"}]},
    "/api/chat": {"messages": [{"role": "user", "content": "Hello"}]},
}


class Talker:
    """Engine that says `max_tokens` words as fast as they are taken."""

    context_length = 1 << 20
    memory = SimpleNamespace(host=0, device=0)
    memory_bytes = resident_bytes = 0
    embedding_length = 1
    places = 4096
    gpus = ()
    device = ""
    supports_tools = supports_thinking = alive = True

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event]:
        tokens = request.sampling.max_tokens or 1
        for _ in range(tokens):
            await asyncio.sleep(0)  # a turn of the loop for each token, as outputs of a model's process take
            yield TextDelta(" word")
        yield Finished("length", Usage(5, tokens))

    async def count_tokens(self, request: GenerateRequest) -> int:
        return 5

    async def close(self) -> None:
        pass


def serve(port: int, gguf: Path) -> None:
    """Run the application with a Talker in this process until a signal comes."""
    with tempfile.TemporaryDirectory() as home:
        store = ModelStore(Path(home))
        store.create("bench", files=[gguf])
        settings = Settings(models=Path(home), max_queue=4096)

        async def load(model: Model, start: Start) -> Any:
            return Talker()

        pool = EnginePool(settings, load)
        listening = listen("127.0.0.1", port)  # as `ossia serve` does, so that small writes do not wait for each other
        Server(create_app(settings, store, pool), pool).run(listening)


async def ask(port: int, path: str, tokens: int) -> float:
    """Read one streamed answer to its end. Returns the seconds to its first byte."""
    limit = {
        "max_tokens": tokens,
        "max_output_tokens": tokens,
        "options": {"num_predict": tokens},
    }  # as each API has it
    body = json.dumps({"model": "bench", "stream": True, **BODIES[path], **limit}).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    start = time.perf_counter()
    writer.write(head.encode() + body)
    first = await reader.read(1)
    seconds = time.perf_counter() - start
    rest = await reader.read()
    assert (first + rest).startswith(b"HTTP/1.1 200"), rest[:500]
    assert rest.count(b"word") >= tokens, "an answer was cut off"
    writer.close()
    return seconds


async def ask_all(port: int, path: str, clients: int, requests: int, tokens: int) -> tuple[float, list[float]]:
    """Send all requests, `clients` at a time. Returns the seconds, and the seconds to each first byte."""
    left = iter(range(requests))

    async def client() -> list[float]:
        return [await ask(port, path, tokens) for _ in left]

    start = time.perf_counter()
    firsts = await asyncio.gather(*(client() for _ in range(clients)))
    return time.perf_counter() - start, [first for one in firsts for first in one]


@dataclass(frozen=True, slots=True)
class Measurement:
    """Figures of one server in one round."""

    cpu_us_per_token: float
    cpu_us_per_request: float
    requests_per_s: float
    first_byte_ms: float


@dataclass(frozen=True, slots=True)
class Served:
    """A server process under measurement."""

    port: int
    cpu_clock: int
    """Clock of the process's CPU time, in nanoseconds; /proc counts hundredths of a second."""

    def measure(self, path: str, clients: int, requests: int, tokens: int) -> Measurement:
        """Figures of short answers, and the CPU time by which long ones exceed them."""
        seconds, firsts, short = self._timed(path, clients, requests, 1)
        _, _, long = self._timed(path, clients, requests, tokens)
        return Measurement(
            cpu_us_per_token=(long - short) / (requests * (tokens - 1)) * 1e6,
            cpu_us_per_request=short / requests * 1e6,
            requests_per_s=requests / seconds,
            first_byte_ms=statistics.median(firsts) * 1e3,
        )

    def _timed(self, path: str, clients: int, requests: int, tokens: int) -> tuple[float, list[float], float]:
        """Seconds for all requests, seconds to each first byte, and the server's CPU seconds."""
        before = time.clock_gettime(self.cpu_clock)
        seconds, firsts = asyncio.run(ask_all(self.port, path, clients, requests, tokens))
        return seconds, firsts, time.clock_gettime(self.cpu_clock) - before


def commands(base: Path | None) -> dict[str, list[str]]:
    """Commands of the servers to measure, by their names."""
    here = Path(__file__).parent
    floor = str(here / "floor.py")
    found = {"ours": [sys.executable, __file__, "--serve"], "floor": [sys.executable, floor, str(here)]}
    if base:
        python, bench = str(base / ".venv/bin/python"), base / "bench"
        found |= {"base": [python, str(bench / "serve.py"), "--serve"], "base floor": [python, floor, str(bench)]}
    return found


@contextmanager
def serving(command: list[str], folder: Path) -> Generator[Served]:
    """Server process, started by `command` with a free port and a model's file, and ready to answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*command, str(port), str(folder / "bench.gguf")]
    with subprocess.Popen(command, env={**os.environ, "HOME": str(folder)}) as process:
        try:
            while process.poll() is None and not answers(port):
                time.sleep(0.05)
            assert process.poll() is None, "a server ended at once"
            yield Served(port, cpu_clock(process.pid))
        finally:
            process.terminate()


def cpu_clock(pid: int) -> int:
    """Id of the clock that counts the CPU time of a process, all its threads together."""
    clock = ctypes.c_int()
    error = ctypes.CDLL(None).clock_getcpuclockid(pid, ctypes.byref(clock))
    assert error == 0, os.strerror(error)
    return clock.value


def answers(port: int) -> bool:
    """True if something listens on the port."""
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def write_model(path: Path) -> None:
    """Write a GGUF file of nothing but a header, which is all that the store reads."""
    import gguf

    writer = gguf.GGUFWriter(path, "gpt-oss")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


Round = dict[str, Measurement]


def run_rounds(servers: dict[str, Served], path: str, clients: int, arguments: argparse.Namespace) -> list[Round]:
    """Measure every server once in each round, in turn, every second round backwards.

    Each has answered before, so that nothing is loaded then.
    """
    for server in servers.values():
        for tokens in (1, arguments.tokens):
            asyncio.run(ask(server.port, path, tokens))
    return [
        {name: servers[name].measure(path, clients, arguments.requests, arguments.tokens) for name in order}
        for _, order in zip(range(arguments.rounds), cycle([[*servers], [*reversed(servers)]]), strict=False)
    ]


def figures(one: Round) -> dict[str, float]:
    """One round's figures by their headings: CPU us for each token, then what concerns whole requests to ours."""
    ours, by_token = one["ours"], {name: server.cpu_us_per_token for name, server in one.items()}
    by_token["above floor"] = by_token["ours"] - by_token["floor"]
    if "base" in one:
        by_token["base above"] = by_token["base"] - by_token["base floor"]
    rest = {"us/request": ours.cpu_us_per_request, "requests/s": ours.requests_per_s, "first ms": ours.first_byte_ms}
    return by_token | rest


def ratios(rounds: list[Round]) -> dict[str, list[float]]:
    """Figures of ours divided by those of the base, round by round, if there is one: of a token and of a request."""
    if "base" not in rounds[0]:
        return {}
    pairs = [(one["ours"], one["base"]) for one in rounds]
    return {
        "token/token": [ours.cpu_us_per_token / base.cpu_us_per_token for ours, base in pairs],
        "request/request": [ours.cpu_us_per_request / base.cpu_us_per_request for ours, base in pairs],
    }


def interval(values: list[float]) -> tuple[float, float]:
    """The interval that holds the true median with 95 %, from the order of the values: the whole range of a few.

    The number of values below the true median has a binomial distribution.
    """
    ordered, count = sorted(values), len(values)
    skipped = 0
    while sum(comb(count, below) for below in range(skipped + 1)) / 2**count <= 0.025:
        skipped += 1
    low = max(skipped - 1, 0)
    return ordered[low], ordered[count - 1 - low]


def spread(values: list[float]) -> str:
    """Median of the rounds, and their range."""
    digits = 1 if max(values) < 100 else 0
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def within(values: list[float]) -> str:
    """Median of ratios, and the interval in which the true one is."""
    low, high = interval(values)
    return f"{statistics.median(values):.2f} ({low:.2f}-{high:.2f})"


def report(servers: dict[str, Served], arguments: argparse.Namespace) -> None:
    """Measure, print a table for each path, and everything as JSON."""
    print(f"{arguments.requests} requests of {arguments.tokens} tokens, {arguments.rounds} rounds: median (min-max)")
    results: dict[str, dict[int, dict[str, Any]]] = {}
    for path in arguments.path:
        print(f"\n{path}: the server's CPU time for each token in us")
        results[path] = {}
        for clients in arguments.clients:
            measured = run_rounds(servers, path, clients, arguments)
            rounds = [figures(one) for one in measured]
            columns = {name: [round(one[name], 2) for one in rounds] for name in rounds[0]}
            compared = {name: [round(ratio, 3) for ratio in each] for name, each in ratios(measured).items()}
            if not results[path]:
                print("clients", *(f"{name:>16}" for name in (*columns, *compared)))
            cells = (f"{spread(values):>16}" for values in columns.values())
            print(f"{clients:7}", *cells, *(f"{within(each):>16}" for each in compared.values()), flush=True)
            results[path][clients] = {**columns, **compared}
    shape = {"requests": arguments.requests, "tokens": arguments.tokens}
    print(json.dumps({"bench": "serve", **shape, "results": results}))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--path", choices=BODIES, nargs="+", default=list(BODIES))
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 16, 128])
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--requests", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--base", type=Path, metavar="CHECKOUT", help="another checkout of ossia to compare with")
    parser.add_argument("--serve", nargs=2, metavar=("PORT", "GGUF"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(int(arguments.serve[0]), Path(arguments.serve[1]))
        return
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        write_model(folder / "bench.gguf")
        servers = {
            name: stack.enter_context(serving(command, folder)) for name, command in commands(arguments.base).items()
        }
        report(servers, arguments)


if __name__ == "__main__":
    main()
