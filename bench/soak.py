"""Many clients that come and go on a real server for minutes: nobody gets an error, memory is flat, waits are alike.

    python bench/soak.py MODEL.gguf SECOND.gguf [--minutes 10] [--clients 128] [--requests N]
                                                     [--longest 200] [--fault]

Each client has an address of its own, 127.0.1.N, and does one thing after another: a streamed chat, a chat that it
leaves in the middle, an answer in a schema, a call of a tool if the second model can, embeddings, a response in the
background. After a quarter of the time the first model's process is killed. `tiny` is meant as the first model, and for
tools `random_model.py --shape toy --vocabulary tokenizer.json` makes the second.

It passes if nobody has had an error but those of the kill; if the memory of the server and its processes is at the end
at most 1.05 times that of half-time; and if in the second half the 99th percentile of the wait for a first token is at
most 3 times the median. With --requests it ends when each client has sent so many, and only errors count.

With --fault, on an NVIDIA GPU, the process is not killed: a kernel writes where it may not. Then the memory of the GPU
must be flat too and free in the end, and when everybody is gone the books of blocks are checked: neither process may
have ended by then.

The exit code tells the verdict; the last line is one JSON object.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from served import OSSIA, free_port, running, stored

KILLED = "the model's process"  # was killed by signal 9, or has ended
FAULT = "the GPU failed"
FAULTY = """
import os
from ossia.cli.arguments import main
from ossia.engine import process
os.environ["PYTHONPATH"] = os.pathsep.join([os.getcwd(), os.environ.get("PYTHONPATH", "")])  # despite -P
process.MODULE = "tests.gpu.faulty_worker"
main()
"""
MOST_GROWTH = 1.05
MOST_SPREAD = 3.0
MOST_GPU_GROWTH = 64 << 20
SETTINGS = {"OSSIA_KV_CACHE_BYTES": str(512 << 20), "OSSIA_ACCESS_LOG": "0"}
ON_GPU = {"OSSIA_KV_CACHE_BYTES": str(2 << 30)}  # where all that run together have blocks for their windows
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 12}, "rain": {"type": "boolean"}},
    "required": ["city", "rain"],
    "additionalProperties": False,
}
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}
TOKENS = 16  # of a word, at most
WORDS = Path(__file__).read_text().split()
Body = dict[str, Any]


@dataclass
class Tally:
    """Facts of a run, with the moments in seconds since its beginning."""

    began: float = field(default_factory=time.monotonic)
    done: Counter[str] = field(default_factory=Counter[str])
    errors: list[str] = field(default_factory=list[str])
    waits: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    memory: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    gpu: list[tuple[float, int]] = field(default_factory=list[tuple[float, int]])
    loaded: list[str] = field(default_factory=list[str])  # models, once everybody is gone

    @property
    def now(self) -> float:
        return time.monotonic() - self.began


@dataclass
class Client:
    """One client, which sends a request when the one before has ended."""

    number: int
    port: int
    has_tools: bool
    longest: int
    tally: Tally

    def __post_init__(self) -> None:
        self.random = random.Random(self.number)

    async def live(self, requests: int | None, until: float) -> None:
        while self.tally.now < until and (requests is None or requests > 0):
            kind = self.random.choices(
                ["chat", "left", "schema", "tool", "embeddings", "background"], [8, 3, 3, 2, 3, 1]
            )
            await self.do(kind[0])
            requests = None if requests is None else requests - 1

    async def do(self, kind: str) -> None:
        """Do one thing, and note how it ended."""
        if kind == "tool" and not self.has_tools:
            kind = "chat"
        try:
            match kind:
                case "embeddings":
                    inputs = [self.prompt(20) for _ in range(self.random.randint(1, 20))]
                    await self.ask("/v1/embeddings", {"model": self.model(), "input": inputs})
                case "background":
                    body = {"model": self.model(), "input": self.prompt(20), "background": True, "max_output_tokens": 8}
                    answer = await self.ask("/v1/responses", body)
                    await self.follow(json.loads(answer.rpartition(b"\r\n\r\n")[2])["id"])
                case _:
                    await self.chat(kind)
        except (OSError, asyncio.IncompleteReadError) as failure:
            self.tally.errors.append(f"{kind}: {type(failure).__name__}: {failure}")
        self.tally.done[kind] += 1

    async def chat(self, kind: str) -> None:
        body: Body = {"stream": True, "max_tokens": self.random.randint(4, 32), "model": self.model()}
        body["messages"] = [{"role": "user", "content": self.prompt(self.random.choice([5, 50, self.longest]))}]
        if kind == "schema":
            body |= {"response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": SCHEMA}}}
            body["max_tokens"] = 64
        if kind == "tool":
            body |= {"model": "second", "tools": [TOOL], "tool_choice": "required", "reasoning_effort": "none"}
        data = await self.ask("/v1/chat/completions", body, leaves=kind == "left")
        if kind == "schema" and b'"finish_reason":"stop"' in data:
            json.loads(content(data))

    async def follow(self, id: str) -> None:
        """Follow a response in the background to its end, or cancel it."""
        if self.random.random() < 0.3:
            await self.send("POST", f"/v1/responses/{id}/cancel", b"")
        else:
            await self.send("GET", f"/v1/responses/{id}?stream=true", b"")

    async def ask(self, path: str, body: Body, leaves: bool = False) -> bytes:
        return await self.send("POST", path, json.dumps(body).encode(), leaves)

    async def send(self, method: str, path: str, body: bytes, leaves: bool = False) -> bytes:
        """Send a request, and read its answer; who leaves reads a few pieces of it, or none."""
        address = (f"127.0.1.{1 + self.number % 250}", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=address)
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        began = self.tally.now
        writer.write(head.encode() + body)
        try:
            return await self.read(reader, began, self.random.randint(0, 8) if leaves else None)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def read(self, reader: asyncio.StreamReader, began: float, pieces: int | None) -> bytes:
        data, has_token = b"", False
        if pieces == 0:
            await asyncio.sleep(self.random.random() / 10)
        while pieces is None or pieces > 0:
            piece = await reader.read(65536)
            if not piece:
                break
            data += piece
            pieces = None if pieces is None else pieces - 1
            if not has_token and (b'"content":"' in piece or b'"tool_calls"' in piece):
                has_token = True
                self.tally.waits.append((self.tally.now, self.tally.now - began))
        if data and (not data.startswith(b"HTTP/1.1 200") or b'"error":{' in data):
            self.tally.errors.append(data[max(data.find(b'"error":{'), 0) :][:300].decode(errors="replace"))
        return data

    def model(self) -> str:
        return "second" if self.random.random() < 0.1 else "first"

    def prompt(self, words: int) -> str:
        return " ".join(self.random.choices(WORDS, k=words))


def content(data: bytes) -> str:
    """Return the text of a streamed chat completion."""
    lines = [line[6:] for line in data.split(b"\n") if line.startswith(b"data: {")]
    return "".join(choice["delta"].get("content") or "" for line in lines for choice in json.loads(line)["choices"])


async def watch(server: psutil.Process, tally: Tally, is_time: Callable[[], bool], fault: Path | None) -> None:
    """Note the memory each second. Once it is time, ask for the fault, or kill the largest process of a model."""
    killed = False
    while True:
        children = server.children(recursive=True)
        with suppress(psutil.NoSuchProcess):
            sizes = {each: each.memory_info().rss for each in (server, *children)}
            tally.memory.append((tally.now, sum(sizes.values())))
            if fault:
                tally.gpu.append((tally.now, await asyncio.to_thread(gpu_bytes)))
            if not killed and children and is_time():
                killed = strike(fault, max(children, key=lambda child: sizes[child]))
        await asyncio.sleep(1)


def strike(fault: Path | None, process: psutil.Process) -> bool:
    """Ask for a fault, or kill the process. Returns true."""
    if fault:
        fault.touch()
    else:
        process.kill()
    return True


def gpu_bytes() -> int:
    """Return the memory that is in use of the GPU that models take: the first that programs may see."""
    gpu = os.environ.get("CUDA_VISIBLE_DEVICES", "0").partition(",")[0]
    command = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits", f"--id={gpu}"]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) << 20


async def soak(
    server: psutil.Process, port: int, has_tools: bool, arguments: argparse.Namespace, fault: Path | None
) -> Tally:
    tally, until = Tally(), arguments.minutes * 60
    requests = arguments.clients * (arguments.requests or 0)

    def is_time() -> bool:
        """True after a quarter of the run."""
        return tally.done.total() > requests / 4 if requests else tally.now > until / 4

    watcher = asyncio.create_task(watch(server, tally, is_time, fault))
    clients = [Client(number, port, has_tools, arguments.longest, tally) for number in range(arguments.clients)]
    try:
        await asyncio.gather(*(client.live(arguments.requests, until) for client in clients))
    finally:
        watcher.cancel()
    return tally


def loaded(port: int) -> list[str]:
    """Return the models whose processes are alive a second after everybody has gone: the books of these are right."""
    time.sleep(1)
    return [model["name"] for model in httpx.get(f"http://127.0.0.1:{port}/api/ps").json()["models"]]


def judged(tally: Tally, only_errors: bool, expected: str) -> dict[str, Any]:
    """Return the figures, and for each requirement whether it is met."""
    unexpected = [error for error in tally.errors if expected not in error]
    half = tally.now / 2
    sizes = [size for moment, size in tally.memory if moment > half]
    waits = sorted(wait for moment, wait in tally.waits if moment > half) or [0.0, 0.0]
    fifth = max(1, len(sizes) // 5)
    median, late = statistics.median(waits), waits[int(len(waits) * 0.99)]
    growth = statistics.median(sizes[-fifth:]) / statistics.median(sizes[:fifth]) if sizes else 1.0
    verdict = {"errors": not unexpected and sum(tally.done.values()) > 0}
    if not only_errors:  # a short run may end before anybody has asked again for the model that was killed
        books = len(tally.loaded) == 2
        verdict |= {"books": books, "memory": growth <= MOST_GROWTH, "waits": late <= MOST_SPREAD * median}
    gpu = [size for moment, size in tally.gpu if moment > half]
    if gpu:
        verdict |= {"fault": len(tally.errors) > len(unexpected), "gpu memory": max(gpu) - min(gpu) <= MOST_GPU_GROWTH}
    return {
        "seconds": round(tally.now),
        "done": dict(tally.done),
        "killed": len(tally.errors) - len(unexpected),
        "unexpected": unexpected[:5],
        "num_unexpected": len(unexpected),
        "memory_mb": round(max(sizes, default=0) / 1e6),
        "growth": round(growth, 3),
        "gpu_mb": [round(size / 1e6) for size in (min(gpu), max(gpu))] if gpu else None,
        "median_wait_s": round(median, 3),
        "wait_99_s": round(late, 3),
        "verdict": verdict,
    }


@contextmanager
def serving(models: dict[str, Path], longest: int, fault: Path | None) -> Generator[tuple[psutil.Process, int]]:
    """Run a server with these models, whose processes fail when there is the file `fault`; its process and its port.

    Caches have to fill in the first half, since their memory is taken when it is first written: a processor's is no
    larger than some contexts, which are as long as prompts need.
    """
    with tempfile.TemporaryDirectory() as home:
        store = Path(home) / "models"
        for name, path in models.items():
            stored(path, store, name)
        port = free_port()
        own = {"HOME": home, "OLLAMA_MODELS": str(store), "OLLAMA_HOST": f"127.0.0.1:{port}"}
        own["OLLAMA_CONTEXT_LENGTH"] = str(max(8192, TOKENS * longest))
        settings = SETTINGS | ON_GPU if fault else SETTINGS
        if fault:
            own |= {"FAULT": "illegal address", "FAULT_FILE": str(fault)}
        command = (sys.executable, "-c", FAULTY, "serve") if fault else OSSIA
        with running(command, f"http://127.0.0.1:{port}", {**settings, **os.environ, **own}) as server:
            yield psutil.Process(server.pid), port


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=128)
    parser.add_argument("--requests", type=int)
    parser.add_argument("--longest", type=int, default=200, help="words of the longest prompts")
    parser.add_argument("--fault", action="store_true", help="fail on an NVIDIA GPU instead of being killed")
    arguments = parser.parse_args()
    fault = Path(tempfile.mkdtemp()) / "fault" if arguments.fault else None
    before = gpu_bytes() if fault else 0
    with serving({"first": arguments.first, "second": arguments.second}, arguments.longest, fault) as (server, port):
        shown = httpx.post(f"http://127.0.0.1:{port}/api/show", json={"model": "second"}, timeout=60).json()
        tally = asyncio.run(soak(server, port, "tools" in shown["capabilities"], arguments, fault))
        tally.loaded = loaded(port)
    figures = judged(tally, arguments.requests is not None, FAULT if fault else KILLED)
    if fault:
        figures["verdict"]["freed"] = gpu_bytes() - before <= MOST_GPU_GROWTH
    for name, value in figures.items():
        print(f"{name:16} {value}")
    print(json.dumps({"bench": "soak", "clients": arguments.clients, **figures}))
    sys.exit(0 if all(figures["verdict"].values()) else 1)


if __name__ == "__main__":
    main()
