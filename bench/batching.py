"""Throughput of many concurrent clients compared with one after the other, over HTTP, on a server of our own.

    python bench/batching.py MODEL.gguf [--clients 16] [--tokens 64] [--rounds 3]

The last line is one JSON object.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from ossia.store.models import ModelStore
from served import OSSIA, free_port, running


async def ask(client: httpx.AsyncClient, number: int, tokens: int) -> str:
    body = {
        "model": "bench",
        "prompt": f"Tell me a story about the number {number}.",
        "stream": False,
        "options": {"temperature": 0, "num_predict": tokens},
    }
    answer = await client.post("/api/generate", json=body)
    answer.raise_for_status()
    return answer.json()["response"]


async def one_by_one(client: httpx.AsyncClient, clients: int, tokens: int) -> list[str]:
    return [await ask(client, number, tokens) for number in range(clients)]


async def at_once(client: httpx.AsyncClient, clients: int, tokens: int) -> list[str]:
    return await asyncio.gather(*[ask(client, number, tokens) for number in range(clients)])


async def timed(run: Callable[[], Awaitable[list[str]]]) -> tuple[float, list[str]]:
    start = time.perf_counter()
    answers = await run()
    return time.perf_counter() - start, answers


async def measure(url: str, clients: int, tokens: int, rounds: int) -> None:
    alone: list[float] = []
    together: list[float] = []
    same = True
    async with httpx.AsyncClient(base_url=url, timeout=None) as client:
        await one_by_one(client, clients, tokens)  # loads the model and fills the prefix cache: both ways start equal
        for _ in range(rounds):
            seconds, first = await timed(lambda: one_by_one(client, clients, tokens))
            alone.append(seconds)
            seconds, second = await timed(lambda: at_once(client, clients, tokens))
            together.append(seconds)
            same = same and first == second
    ratios = [a / b for a, b in zip(together, alone, strict=True)]
    print(f"{clients} answers of {tokens} tokens, median of {rounds} rounds")
    print(f"one after the other {statistics.median(alone):8.2f} s")
    print(f"all at once         {statistics.median(together):8.2f} s")
    print(f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}); same texts: {same}")
    print(json.dumps({"bench": "batching", "alone_s": alone, "together_s": together, "ratios": ratios, "same": same}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        ModelStore(Path(home)).create("bench", files=[arguments.model])
        url = f"http://127.0.0.1:{free_port()}"
        with running(OSSIA, url, {"OLLAMA_MODELS": home, "OLLAMA_HOST": url}):
            asyncio.run(measure(url, arguments.clients, arguments.tokens, arguments.rounds))


if __name__ == "__main__":
    main()
