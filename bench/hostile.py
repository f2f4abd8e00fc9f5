"""Attacks on a real server, each held open while others are served: how long they wait, and what memory stays.

    python bench/hostile.py TINY.gguf [--kind 1 5 ...] [--seconds 8] [--tokens 48]

Each kind has a server of its own with `tiny`. While the attack goes on, a client asks for the list of models again and
again, and another streams answers; afterwards the attackers leave. A kind passes if

- the list takes at most 250 ms, the 95th percentile of all that were asked for during the attack;
- a neighbour's stream takes at most twice as long as it does alone (not for kind 9, whose model stands still);
- the memory of the server and its processes is afterwards at most 1.1 times that before;
- the server answers, and what the kind itself demands holds, such as that no escape sequence is shown.

The exit code tells the verdict; the last line is one JSON object.
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psutil
from gguf import GGUFReader, GGUFValueType, GGUFWriter, Keys
from gguf.scripts.gguf_new_metadata import MetadataDetails, copy_with_new_metadata

from ossia.gguf import GGUF
from ossia.store.manifest import CONFIG, Layer, Manifest
from ossia.store.models import ModelStore

TAGS_SECONDS, MOST_SLOWER, MOST_MEMORY = 0.250, 2.0, 1.1
SETTLING = 20.0  # seconds that memory has to come back
HELLO = [{"role": "user", "content": "Tell me a long story about a small boat."}]
WORDS = {
    "type": "object",
    "allOf": [{"properties": {"a": {"type": "string", "pattern": f"^.*w{n}.*$"}}} for n in range(24)],
}
TOWER = "(" * 5 + "a{99}" + "){99}" * 5
EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"


@dataclass
class Victim:
    """Server under attack. `attack` runs something in threads until the attack is over."""

    port: int
    process: psutil.Process
    store: ModelStore
    over: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list[threading.Thread])
    demands: dict[str, bool] = field(default_factory=dict[str, bool])

    def attack(self, number: int, act: Callable[[int], object], repeat: bool = True) -> None:
        """Let so many attackers do something, again and again. Whatever they are answered is no matter."""

        def run(index: int) -> None:
            while not self.over.is_set():
                with suppress(OSError, HTTPException, ValueError):
                    act(index)
                if not repeat:
                    break
                self.over.wait(0.01)

        self.threads += [threading.Thread(target=run, args=(index,), daemon=True) for index in range(number)]
        for thread in self.threads[-number:]:
            thread.start()

    def ask(self, method: str, path: str, body: Any = None, timeout: float = 30, source: str = "127.0.0.1") -> bytes:
        """Return the whole answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout, source_address=(source, 0))
        try:
            connection.request(method, path, body if isinstance(body, bytes) else json.dumps(body))
            return connection.getresponse().read()
        finally:
            connection.close()

    def send(self, data: bytes, wait: bool = True) -> None:
        """Open a connection, send something, and hold it open until the attack is over."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(data)
            if wait:
                self.over.wait()

    def stream(self, tokens: int) -> float:
        """Return the seconds of a whole streamed answer of so many tokens."""
        began = time.perf_counter()
        body = {"model": "tiny", "messages": HELLO, "options": {"num_predict": tokens, "temperature": 0, "seed": 1}}
        lines = self.ask("POST", "/api/chat", body, timeout=120, source="127.0.0.3").splitlines()
        assert json.loads(lines[-1]).get("done"), lines[-1]
        return time.perf_counter() - began

    def warm_up(self, tokens: int) -> None:
        """Let the server reach the size that ordinary work gives it: with caches that are full, a grammar's tables, a
        helper process for each of two clients at once, and the memory that long prompts have taken."""
        for index in range(6):
            prompt = f"{index} " * 1000
            self.ask("POST", "/api/generate", {"model": "tiny", "prompt": prompt, "options": {"num_predict": 1}}, 120)
        with ThreadPoolExecutor(2) as pool:
            bodies = [{"model": "tiny", "prompt": f"{index}" + " " * 2_000_000} for index in range(4)]
            list(pool.map(lambda body: self.ask("POST", "/api/generate", body), bodies))
            shape = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
            options = {"num_predict": tokens}
            chats = [{"model": "tiny", "messages": HELLO, "format": shape, "options": options} for _ in range(4)]
            list(pool.map(lambda chat: self.ask("POST", "/api/chat", chat, 120), chats))
        for _ in range(3):
            self.stream(tokens)
            self.tags()

    def tags(self) -> float:
        began = time.perf_counter()
        assert json.loads(self.ask("GET", "/api/tags", timeout=60, source="127.0.0.4"))["models"]
        return time.perf_counter() - began

    def memory(self) -> int:
        """Return the bytes that the server and its processes hold and share with nobody."""
        total = 0
        for process in (self.process, *self.process.children(recursive=True)):
            with suppress(psutil.Error):
                total += process.memory_full_info().uss
        return total


# ---- the attacks


def shared_pools(victim: Victim) -> None:
    """Uploads of blobs that send one byte."""
    for index in range(64):
        head = f"POST /api/blobs/sha256:{index:064x} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nx"
        victim.attack(1, lambda _, head=head: victim.send(head.encode()), repeat=False)


def compiling(victim: Victim) -> None:
    """Schemas whose patterns intersect, and one that takes nearly as long as it may, sent and left again and again."""

    def ask(index: int) -> None:
        schema = {**WORDS, "title": f"{index} {time.time()}"}
        victim.ask("POST", "/api/chat", {"model": "tiny", "messages": HELLO, "format": schema}, timeout=3)

    costly = {"type": "object", "properties": {"a": {}}, "required": [f"r{index}" for index in range(5000)]}
    raw = {"model": "tiny", "prompt": "x", "raw": True, "format": costly, "options": {"num_predict": 2}}
    victim.ask("POST", "/api/generate", raw)  # from now on it is known to compile
    victim.attack(6, ask)
    victim.attack(6, lambda _: victim.ask("POST", "/api/generate", raw, timeout=0.3))


def with_template(source: Path, destination: Path, template: str) -> None:
    """Copy a model, with a chat template and without harmony's tokens, which would be used instead."""
    tokens = [token.replace("<|start|>", "<|begin|>") for token in GGUF.open(source).metadata["tokenizer.ggml.tokens"]]
    array, string = GGUFValueType.ARRAY, GGUFValueType.STRING
    changes = {
        Keys.Tokenizer.LIST: MetadataDetails(array, tokens, sub_type=string),
        Keys.Tokenizer.CHAT_TEMPLATE: MetadataDetails(string, template),
    }
    copy_with_new_metadata(GGUFReader(source), GGUFWriter(destination, "gpt-oss"), changes, [])


def templates(victim: Victim) -> None:
    """Models whose chat template counts for ever, doubles a list, or multiplies a text."""
    loops = "".join(f"{{% for {name} in range(99999) %}}" for name in "abc") + "{% endfor %}" * 3
    doubling = "{% set n = namespace(x=[1]) %}{% for a in range(40) %}{% set n.x = n.x + n.x %}{% endfor %}{{ n.x }}"
    loops = f"{{% if messages[0].content == 'loop' %}}{loops}{{% endif %}}{doubling}"
    weights = victim.store.resolve("tiny").path
    for name, source in {"endless": loops, "text": "{{ 'a' * 3000000000 }}"}.items():
        file = victim.store.root.parent / f"{name}.gguf"
        with_template(weights, file, source)
        victim.store.create(name, files=[file])
        file.unlink()
        for content in ("loop", "double"):
            body = {"model": name, "messages": [{"role": "user", "content": content}]}
            victim.ask("POST", "/api/generate", {"model": name})  # is loaded once, before the attack
            victim.attack(1, lambda _, body=body: victim.ask("POST", "/api/chat", body, timeout=5))


def manifests(victim: Victim) -> None:
    """A manifest that lists one licence of 17 MB 150 times, and one that lists it as many times in small parts."""
    config, weights = (
        victim.store.resolve("tiny").manifest.config,
        victim.store.resolve("tiny").manifest.of_kind("model")[0],
    )
    for name, size, times in (("large", 17 << 20, 150), ("many", 60_000, 5000)):
        digest = victim.store.blobs.put_bytes(os.urandom(16).hex().encode() * (size // 32))
        layers = (weights, *(Layer.of("license", digest, victim.store.blobs.path(digest).stat().st_size),) * times)
        path = victim.store.root / "manifests/registry.ollama.ai/library" / name / "latest"
        path.parent.mkdir(parents=True)
        path.write_bytes(Manifest(Layer(CONFIG, config.digest, config.size), layers).to_json())
    victim.attack(4, lambda _: victim.ask("POST", "/api/show", {"model": "large"}))


def bodies(victim: Victim) -> None:
    """A body of blanks without end, and many that decode to far more than they are."""
    head = b"POST /api/chat HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"

    def blanks(_: int) -> None:
        with socket.create_connection(("127.0.0.1", victim.port), timeout=30) as connection:
            connection.sendall(head)
            for _ in range(1024):
                connection.sendall(chunk)

    lists = b'{"model": "tiny", "x": [' + b"[]," * (19 << 20) + b"[]]}"
    victim.attack(2, blanks)
    victim.attack(2, lambda _: victim.ask("POST", "/api/chat", lists))


def event_loop(victim: Victim) -> None:
    """Two million blanks as a prompt, and a hundred thousand messages."""
    blanks = json.dumps({"model": "tiny", "prompt": " " * 2_000_000}).encode()
    messages = json.dumps({"model": "tiny", "messages": [{"role": "user", "content": "a"}] * 100_000}).encode()
    victim.attack(2, lambda _: victim.ask("POST", "/api/generate", blanks))
    victim.attack(2, lambda _: victim.ask("POST", "/v1/chat/completions", messages))


def batch(victim: Victim) -> None:
    """A format whose masks take long, and as many biases as a request may have."""
    bias = {str(id): 1 for id in range(16_384)}
    pattern = {"type": "object", "properties": {"a": {"type": "string", "pattern": f"^{TOWER}$"}}, "required": ["a"]}
    chat = {"model": "tiny", "messages": HELLO, "max_tokens": 400}
    schema = {"type": "json_schema", "json_schema": {"name": "a", "schema": pattern}}
    for demand in ({"logit_bias": bias}, {"response_format": schema}):
        body = json.dumps({**chat, **demand}).encode()  # once: an attacker that computes takes the processors, too
        victim.attack(1, lambda _, body=body: victim.ask("POST", "/v1/chat/completions", body))


def waiting_work(victim: Victim) -> None:
    """150 responses in the background, from one address."""
    body = {"model": "tiny", "input": "Tell me a long story.", "background": True, "max_output_tokens": 2000}
    victim.attack(150, lambda _: victim.ask("POST", "/v1/responses", body, source="127.0.0.2"), repeat=False)


def stuck_child(victim: Victim) -> None:
    """A model's process that stands still, which must be noticed; an unload that frees what it had."""
    child = max(victim.process.children(recursive=True), key=lambda process: process.memory_info().rss)
    child.send_signal(signal.SIGSTOP)

    def watch(_: int) -> None:
        began = time.perf_counter()
        victim.ask("POST", "/api/chat", {"model": "tiny", "messages": HELLO, "stream": False}, timeout=60)
        victim.demands["a request to it ends within 30 s"] = time.perf_counter() - began < 30
        victim.demands["it is killed"] = not psutil.wait_procs([child], timeout=5)[1]

    victim.attack(1, watch, repeat=False)


def connections(victim: Victim) -> None:
    """Connections that send half a head, or nothing; models that are listed while they are copied and deleted."""
    for index in range(600):
        data = b"" if index % 2 else b"GET /api/tags HTTP/1.1\r\nHost: local"
        victim.attack(1, lambda _, data=data: victim.send(data), repeat=False)

    def come_and_go(index: int) -> None:
        victim.ask("POST", "/api/copy", {"source": "tiny", "destination": f"copy{index}"})
        victim.ask("DELETE", "/api/delete", {"model": f"copy{index}"})

    victim.attack(3, come_and_go)


def escape_sequences(victim: Victim) -> None:
    """A model that writes to the terminal, and names that do."""
    tiny = victim.store.resolve("tiny")
    victim.store.create("evil", base=tiny, system=EVIL, licenses=[EVIL], template=EVIL)
    environment = {**os.environ, "OLLAMA_HOST": f"127.0.0.1:{victim.port}"}

    def show(_: int) -> None:
        for command in (
            ["show", "evil"],
            ["show", "evil", "--license"],
            ["pull", f"127.0.0.1:9/{EVIL}"],
            ["show", EVIL],
        ):
            run = subprocess.run([sys.executable, "-m", "ossia", *command], env=environment, capture_output=True)
            victim.demands[f"ossia {command[0]} is harmless"] = not set("\x1b\x9b\x07\u202e") & set(
                (run.stdout + run.stderr).decode(errors="replace")
            )

    victim.attack(1, show)


KINDS: dict[int, Callable[[Victim], None]] = {
    **{1: shared_pools, 2: compiling, 3: templates, 4: manifests, 5: bodies, 6: event_loop},
    **{7: batch, 8: waiting_work, 9: stuck_child, 10: connections, 11: escape_sequences},
}


# ---- the measurement


@dataclass
class Result:
    """Measurement of one kind: seconds, ratios, and whether it passes."""

    kind: int
    name: str
    tags: float
    alone: float
    beside: float
    memory_before: int
    memory_after: int
    failures: list[str]


def measure(kind: int, gguf: Path, seconds: float, tokens: int) -> Result:
    attack = KINDS[kind]
    with server(gguf, "5s" if attack is stuck_child else "") as victim:
        victim.warm_up(tokens)
        alone = statistics.median(victim.stream(tokens) for _ in range(3))
        before = victim.memory()
        attack(victim)
        tags, streams = during(victim, seconds, tokens, has_neighbour=kind != 9)
        victim.over.set()
        for thread in victim.threads:
            thread.join(60)
        after = settled(victim, before)
        beside = statistics.median(streams) if streams else 0.0
        slowest = sorted(tags)[int(0.95 * len(tags))] if tags else float("inf")
        failures = [demand for demand, holds in victim.demands.items() if not holds]
        failures += [f"tags {slowest * 1000:.0f} ms"] if slowest > TAGS_SECONDS else []
        failures += [f"neighbour x {beside / alone:.1f}"] if beside > MOST_SLOWER * alone else []
        failures += ["a neighbour got no answer"] if kind != 9 and not streams else []
        failures += [f"memory x {after / before:.2f}"] if after > MOST_MEMORY * before else []
        return Result(kind, attack.__name__, slowest, alone, beside, before, after, failures)


def during(victim: Victim, seconds: float, tokens: int, has_neighbour: bool) -> tuple[list[float], list[float]]:
    """Return the times of all lists of models, and of all of a neighbour's answers, that were asked for meanwhile."""
    until = time.perf_counter() + seconds
    tags, streams = list[float](), list[float]()

    async def repeat(ask: Callable[[], float], times: list[float], pause: float) -> None:
        while not times or time.perf_counter() < until:
            try:
                times.append(await asyncio.to_thread(ask))
            except (OSError, HTTPException, ValueError, KeyError, AssertionError, IndexError) as failure:
                victim.demands[f"{type(failure).__name__}: {failure}"[:100]] = False
                if time.perf_counter() > until:
                    return
            await asyncio.sleep(pause)

    async def both() -> None:
        neighbour = [repeat(lambda: victim.stream(tokens), streams, 0)] if has_neighbour else []
        await asyncio.gather(repeat(victim.tags, tags, 0.05), *neighbour)

    asyncio.run(both())
    return tags, streams


def settled(victim: Victim, before: int) -> int:
    """Return the memory when it is as before, or after a while; the model is there again."""
    until = time.perf_counter() + SETTLING
    for name in ("endless", "text"):
        with suppress(OSError, HTTPException):
            victim.ask("POST", "/api/generate", {"model": name, "keep_alive": 0})
    victim.stream(8)
    while (memory := victim.memory()) > MOST_MEMORY * before and time.perf_counter() < until:
        time.sleep(0.5)
    return memory


@contextmanager
def server(gguf: Path, stall: str = "", cache_bytes: int = 64 << 20) -> Generator[Victim]:
    """A server with a store of its own, in which `tiny` is."""
    with tempfile.TemporaryDirectory() as home:
        store = ModelStore(Path(home) / "models")
        store.create("tiny", files=[gguf])
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("OLLAMA_", "OSSIA_"))},
            **{"HOME": home, "OLLAMA_MODELS": str(store.root), "OLLAMA_HOST": f"127.0.0.1:{port}"},
            **{"OSSIA_STALL_TIMEOUT": stall, "OSSIA_KV_CACHE_BYTES": str(cache_bytes)},
        }
        with open(Path(home) / "log", "wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "ossia", "serve"], env=environment, stderr=log, stdout=log
            )
        try:
            victim = Victim(port, psutil.Process(process.pid), store)
            wait(victim)
            yield victim
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait(victim: Victim) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(OSError):
            victim.ask("GET", "/api/version")
            return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def row(result: Result) -> str:
    ratio = f"{result.beside / result.alone:.2f}" if result.beside else "-"
    times = f"{result.tags * 1000:>7.0f} ms{result.alone:>7.2f} s{result.beside:>7.2f} s{ratio:>7}"
    memory = f"{result.memory_before >> 20:>6} MB{result.memory_after >> 20:>6} MB"
    return f"{result.kind:>2} {result.name:<19}{times}{memory}  {'; '.join(result.failures) or 'ok'}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gguf", type=Path, help="the model tiny")
    parser.add_argument("--kind", type=int, nargs="*", default=list(KINDS), choices=KINDS)
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each attack goes on")
    parser.add_argument("--tokens", type=int, default=48, help="length of the neighbour's answers")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the server ends with us
    print(f"{'kind':<22}{'tags p95':>10}{'alone':>9}{'beside':>9}{'ratio':>7}{'before':>9}{'after':>9}  verdict")
    results: list[Result] = []
    for kind in arguments.kind:
        result = measure(kind, arguments.gguf, arguments.seconds, arguments.tokens)
        results.append(result)
        print(row(result), flush=True)
    print(json.dumps([asdict(result) for result in results]))
    sys.exit(any(result.failures for result in results))


if __name__ == "__main__":
    main()
