"""Speed against load: clients at once against `ossia serve` and llama.cpp's server, in the same run.

    python bench/load.py MODEL.gguf [--llama-server PATH] [--clients 1 2 4 8 16 32 64] [--svg load.svg]

Each client streams one completion: `--prompt` random ids in, `--tokens` out, ends of text forbidden. Prompts are
separate, or share all ids but the last eighth. Both servers are up all the time and take turns, so that noise of the
machine meets both. Without `--llama-server`, llama.cpp's server is that of the package xllamacpp; `--llama-server none`
measures ossia alone.

tok/s are all tokens of a round over its time, prompts included. "first" is the time from a request to its first text;
"next" the time from one text to the next of the same client, and tokens that come together count as one. The share of
a core that this program itself took is shown too: near 100 % it is the limit. The last line is one JSON object.
"""

import argparse
import asyncio
import json
import random
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from statistics import median

from ossia.cli.bench.chart import chart
from ossia.gguf import GGUF
from ossia.tokenizer import Tokenizer
from served import OSSIA, free_port, running, stored

TEXT = re.compile(rb'"text": ?"[^"]')
COUNT = re.compile(rb'"completion_tokens": ?(\d+)')
KINDS = ("separate", "shared")
ENDS = ("<|return|>", "<|call|>", "<|endoftext|>")
SPARE = 64  # tokens of a llama.cpp slot beyond prompt and answer
XLLAMACPP = """
import sys, time, xllamacpp
model, port, slots, context = sys.argv[1:]
params = xllamacpp.CommonParams()
params.model.path, params.port, params.n_parallel, params.n_ctx = model, int(port), int(slots), int(context)
server = xllamacpp.Server(params)
while True:
    time.sleep(1)
"""


@dataclass(frozen=True, slots=True)
class Stream:
    """One client's answer: seconds from the request to each text, and its number of tokens."""

    times: list[float]
    tokens: int


@dataclass(frozen=True, slots=True)
class Figures:
    """A round in numbers; times are in seconds."""

    clients: int
    tok_s: float
    tokens: int
    first_median: float
    first_99: float
    next_median: float
    next_99: float
    own_share: float


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least value that is not below this share of all values (nearest rank); NaN without any."""
    ordered = sorted(values)
    return ordered[max(ceil(share * len(ordered)), 1) - 1] if ordered else float("nan")


def figures(streams: Sequence[Stream], seconds: float, own_seconds: float) -> Figures:
    first = [stream.times[0] for stream in streams if stream.times]
    gaps = [after - before for stream in streams for before, after in zip(stream.times, stream.times[1:], strict=False)]
    tokens = sum(stream.tokens for stream in streams)
    return Figures(
        len(streams),
        tokens / seconds,
        tokens,
        percentile(first, 0.5),
        percentile(first, 0.99),
        percentile(gaps, 0.5),
        percentile(gaps, 0.99),
        own_seconds / seconds,
    )


def prompts(kind: str, clients: int, length: int, vocabulary: Sequence[int], seed: str) -> list[list[int]]:
    """Random ids for each client, new for each seed; of the kind `shared` only the last eighth differs."""
    rng = random.Random(seed)
    common = length - length // 8 if kind == "shared" else 0
    beginning = rng.choices(vocabulary, k=common)
    return [[*beginning, *rng.choices(vocabulary, k=length - common)] for _ in range(clients)]


async def stream(port: int, body: dict[str, object]) -> Stream:
    """Stream one completion. Raises RuntimeError for any reply but a whole answer."""
    data = json.dumps(body).encode()
    head = f"POST /v1/completions HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began, times, tokens, seen = time.perf_counter(), list[float](), 0, b""
    writer.write(f"{head}Content-Length: {len(data)}\r\nConnection: close\r\n\r\n".encode() + data)
    rest = b""
    while part := await reader.read(1 << 16):
        now = time.perf_counter() - began
        *lines, rest = (rest + part).split(b"\n")
        if any(TEXT.search(line) for line in lines):
            times.append(now)
        for line in lines:
            tokens = int(found[1]) if (found := COUNT.search(line)) else tokens
        seen = seen or part
    writer.close()
    if not tokens:
        raise RuntimeError(f"no answer from port {port}: {(seen + rest)[:500]!r}")
    return Stream(times, tokens)


async def together(port: int, inputs: list[list[int]], tokens: int, bias: dict[str, int]) -> Figures:
    """Ask for an answer to each prompt at once."""
    bodies: list[dict[str, object]] = [
        {
            "model": "bench",
            "prompt": ids,
            "max_tokens": tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
            "logit_bias": bias,
            "seed": number,
        }
        for number, ids in enumerate(inputs)
    ]
    began, own = time.perf_counter(), time.process_time()
    streams = await asyncio.gather(*[stream(port, body) for body in bodies])
    return figures(streams, time.perf_counter() - began, time.process_time() - own)


@contextmanager
def ossia(model: Path, clients: int) -> Iterator[int]:
    with tempfile.TemporaryDirectory() as home:
        stored(model, Path(home), "bench")
        port = free_port()
        environment = {"OLLAMA_MODELS": home, "OLLAMA_HOST": f"127.0.0.1:{port}", "OLLAMA_NUM_PARALLEL": str(clients)}
        with running(OSSIA, f"http://127.0.0.1:{port}", environment):
            yield port


@contextmanager
def llama_cpp(program: str, model: Path, clients: int, context: int) -> Iterator[int]:
    """Serve with llama.cpp, with a slot for each client."""
    port, whole = free_port(), str(clients * context)
    if program:
        command = (program, "-m", str(model), "--port", str(port), "-np", str(clients), "-c", whole, "-ngl", "99")
    else:
        command = (sys.executable, "-c", XLLAMACPP, str(model), str(port), str(clients), whole)
    with running(command, f"http://127.0.0.1:{port}/health"):
        yield port


def shown(kind: str, engine: str, found: Figures) -> str:
    milliseconds = [1e3 * value for value in (found.first_median, found.first_99, found.next_median, found.next_99)]
    times = "".join(f"{value:10.1f}" for value in milliseconds)
    return f"{kind:10}{engine:10}{found.clients:8}{found.tok_s:10.1f}{times}{100 * found.own_share:8.0f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--llama-server", default="", metavar="PATH", help="default: that of xllamacpp; none: ossia")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 2, 4, 8, 16, 32, 64])
    parser.add_argument("--prompt", type=int, default=1024, help="tokens in")
    parser.add_argument("--tokens", type=int, default=256, help="tokens out")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--svg", type=Path, help="file for the plot")
    arguments = parser.parse_args()
    tokenizer = Tokenizer.from_gguf(GGUF.open(arguments.model).metadata)
    vocabulary = [id for id in range(tokenizer.vocab_size) if not tokenizer.is_special(id)]
    ends = {*tokenizer.eos_ids, *(id for name, id in tokenizer.special_tokens.items() if name in ENDS)}
    bias = {str(id): -100 for id in ends}
    most, results = max(arguments.clients), list[dict[str, object]]()
    speeds: defaultdict[str, defaultdict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    with ExitStack() as stack:
        ports = {"ossia": stack.enter_context(ossia(arguments.model, most))}
        if (program := arguments.llama_server) != "none":
            context = arguments.prompt + arguments.tokens + SPARE
            ports["llama.cpp"] = stack.enter_context(llama_cpp(program, arguments.model, most, context))
        for port in ports.values():  # loads the model
            asyncio.run(together(port, prompts("separate", 2, 32, vocabulary, "warm"), 4, bias))
        print("prompts   engine     clients     tok/s  first 50%       99%  next 50%       99%  this program")
        for number, kind, clients in (
            (n, kind, clients) for n in range(arguments.rounds) for kind in KINDS for clients in arguments.clients
        ):
            inputs = prompts(kind, clients, arguments.prompt, vocabulary, f"{number} {kind} {clients}")
            for engine, port in ports.items():
                found = asyncio.run(together(port, inputs, arguments.tokens, bias))
                print(shown(kind, engine, found), flush=True)
                results.append({"round": number, "prompts": kind, "engine": engine, **asdict(found)})
                speeds[f"{engine}, {kind} prompts"][clients].append(found.tok_s)
    if arguments.svg:
        title = f"{arguments.prompt} tokens in, {arguments.tokens} out"
        medians = {name: {load: median(rounds) for load, rounds in line.items()} for name, line in speeds.items()}
        arguments.svg.write_text(chart(title, "tok/s", "clients at once", medians))
    print(json.dumps({"bench": "load", "model": arguments.model.name, "results": results}))


if __name__ == "__main__":
    main()
