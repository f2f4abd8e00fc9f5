"""What the HTTP layer costs: the server with an engine that says what it is told to, and no model.

    python bench/serve.py [--clients 1 16 128] [--tokens 200] [--requests 256] [--rounds 3] [--path /api/chat]

For each number of clients: requests a second, the time to the first byte of an answer, and the server's own CPU time
for each streamed token, that of the request itself (an answer of one token) taken off. The last line is JSON.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import psutil

from ossia.config import Settings
from ossia.server.app import create_app
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
    """An engine that says `max_tokens` words as fast as they are taken."""

    context_length = 1 << 20
    memory_bytes = resident_bytes = 0
    embedding_length = 1
    supports_tools = supports_thinking = alive = True

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event]:
        tokens = request.sampling.max_tokens or 1
        for _ in range(tokens):
            await asyncio.sleep(0)  # a turn of the loop for each token, as outputs of a model's process take
            yield TextDelta(" word")
        yield Finished("length", Usage(5, tokens))

    def count_tokens(self, request: GenerateRequest) -> int:
        return 5

    async def close(self) -> None:
        pass


def serve(port: int, gguf: Path) -> None:
    """In a process of its own: the application with a Talker."""
    with tempfile.TemporaryDirectory() as home:
        store = ModelStore(Path(home))
        store.create("bench", gguf=gguf)
        settings = Settings(models=Path(home), num_parallel=1024, max_queue=4096)

        async def load(model: Model, memory_bytes: int) -> Any:
            return Talker()

        pool = EnginePool(settings, load)
        listening = socket.create_server(("127.0.0.1", port))
        Server(create_app(settings, store, pool), pool).run([listening])


async def ask(port: int, path: str, tokens: int) -> float:
    """One streamed answer, read to its end. Returns the seconds to its first byte."""
    body = json.dumps(
        {"model": "bench", "stream": True, "max_tokens": tokens, **BODIES[path], **_limit(tokens)}
    ).encode()
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


def _limit(tokens: int) -> dict[str, Any]:
    """The number of tokens as each API calls it."""
    return {"max_output_tokens": tokens, "options": {"num_predict": tokens}}


async def load_with(port: int, path: str, clients: int, requests: int, tokens: int) -> tuple[float, list[float]]:
    """All requests by so many clients at once: seconds, and the times to the first byte."""
    left = iter(range(requests))

    async def client() -> list[float]:
        return [await ask(port, path, tokens) for _ in left]

    start = time.perf_counter()
    firsts = await asyncio.gather(*(client() for _ in range(clients)))
    return time.perf_counter() - start, [first for one in firsts for first in one]


def measure(server: psutil.Process, port: int, path: str, clients: int, requests: int, tokens: int) -> dict[str, float]:
    def run(tokens: int) -> tuple[float, float, list[float]]:
        before = server.cpu_times()
        seconds, firsts = asyncio.run(load_with(port, path, clients, requests, tokens))
        after = server.cpu_times()
        return seconds, after.user + after.system - before.user - before.system, firsts

    short, cpu_short, firsts = run(1)
    _, cpu_long, _ = run(tokens)
    return {
        "requests_per_s": requests / short,
        "first_byte_ms": statistics.median(firsts) * 1e3,
        "cpu_us_per_token": (cpu_long - cpu_short) / (requests * (tokens - 1)) * 1e6,
    }


def answers(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def write_model(path: Path) -> Path:
    """A header, as the store wants to see one."""
    import gguf

    writer = gguf.GGUFWriter(path, "gpt-oss")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 16, 128])
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--requests", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--path", choices=BODIES, default="/v1/chat/completions")
    parser.add_argument("--serve", nargs=2, metavar=("PORT", "GGUF"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(int(arguments.serve[0]), Path(arguments.serve[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        port, model = free_port(), write_model(Path(folder) / "bench.gguf")
        command = [sys.executable, __file__, "--serve", str(port), str(model)]
        with subprocess.Popen(command, env={**os.environ, "HOME": folder}) as process:
            try:
                while process.poll() is None and not answers(port):
                    time.sleep(0.05)
                report(psutil.Process(process.pid), port, arguments)
            finally:
                process.terminate()


def report(server: psutil.Process, port: int, arguments: argparse.Namespace) -> None:
    results: dict[int, list[dict[str, float]]] = {}
    print(f"{arguments.path}, {arguments.requests} requests of {arguments.tokens} tokens, {arguments.rounds} rounds")
    print("clients  requests/s  first byte ms  CPU us/token (min-max)")
    for clients in arguments.clients:
        rounds = [
            measure(server, port, arguments.path, clients, arguments.requests, arguments.tokens)
            for _ in range(arguments.rounds)
        ]
        results[clients] = rounds
        rate, first, cpu = (
            statistics.median(one[name] for one in rounds)
            for name in ("requests_per_s", "first_byte_ms", "cpu_us_per_token")
        )
        spread = [one["cpu_us_per_token"] for one in rounds]
        print(f"{clients:7} {rate:11.0f} {first:14.2f} {cpu:13.1f} ({min(spread):.1f}-{max(spread):.1f})")
    print(json.dumps({"bench": "serve", "path": arguments.path, "results": results}))


if __name__ == "__main__":
    main()
