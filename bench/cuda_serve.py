"""The engine on an NVIDIA GPU: loading, decode through the engine's loop, and the same over HTTP.

    python bench/cuda_serve.py MODEL.gguf [--tokens 256] [--context 1024] [--batches 1 8 16 32 64] [--gpus 1]
        [--only loop short first gaps filters http]

Over HTTP the file is served by `ossia serve`: it must have a vocabulary then. Loading is timed in parts: whatever
kernels were not compiled before are, which takes longer than the weights. The last line is one JSON object.
"""

import argparse
import gc
import json
import logging
import random
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from ossia.config import EngineOptions
from ossia.engine.core import EngineCore
from ossia.engine.gpt_oss.cuda.device import choose, others_like
from ossia.engine.gpt_oss.cuda.start import start
from ossia.engine.runner import Batch, Capacity, Result, Runner, Step
from ossia.engine.sequence import Sample, Sequence, Words
from ossia.gguf import GGUF
from ossia.types import SamplingParams
from served import OSSIA, running, stored

PLAIN = SamplingParams()
FILTERS = {
    "top_p 0.9": SamplingParams(top_p=0.9),
    "top_k 40": SamplingParams(top_k=40),
    "top_k 40, top_p 0.9": SamplingParams(top_k=40, top_p=0.9),
    "penalties": SamplingParams(frequency_penalty=0.5),
    "logprobs": SamplingParams(logprobs=5),
}
SHORT = 8  # tokens of a prompt, as in the requests over HTTP
ENDLESS = 32_768  # tokens of an answer that is aborted
STREAMS = (1, 2, 4, 8, 32, 64)
FIRST = ((20, 0), (100, 0), (100, 8192), (100, 32768), (250, 8192), (2048, 0), (4096, 0), (8192, 0))
"""Prompts whose first token is waited for: new ids, and cached ones before them."""
SAMPLES = 9
PARTS = ("loop", "short", "first", "gaps", "filters", "http")
URL = "http://127.0.0.1:11500"


def private_bytes() -> int:
    """Memory of this process that is no file's and nobody else's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("RssAnon"))


class Timed:
    """A runner that notes the seconds of a step's parts."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @property
    def capacity(self) -> Capacity:
        return self._runner.capacity

    def prepare(self) -> bool:
        return self._runner.prepare()

    def launch(self, batch: Batch) -> "TimedStep":
        with self.noting("launch"):
            return TimedStep(self, self._runner.launch(batch))

    @contextmanager
    def noting(self, part: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[part] += time.perf_counter() - began


class TimedStep:
    def __init__(self, timed: Timed, step: Step) -> None:
        self._timed, self._step = timed, step

    @property
    def is_computed(self) -> bool:
        return self._step.is_computed

    def sample(self, masks: Mapping[int, Words]) -> None:
        with self._timed.noting("sample"):
            self._step.sample(masks)

    def collect(self) -> list[Result]:
        with self._timed.noting("collect"):
            return self._step.collect()


def loaded(path: Path, gpus: int) -> tuple[EngineCore, Timed, dict[str, float]]:
    """A core, its runner, and the seconds until each part of the start began, and until it was ready."""
    gpu = choose("cuda").gpu
    assert gpu
    began, parts = time.perf_counter(), dict[str, float]()

    def report(part: str, done: int, total: int) -> None:
        parts.setdefault(part, time.perf_counter() - began)

    options = EngineOptions(gpus=gpus)
    runner, memory_map = start(GGUF.open(path), gpu, options, report=report, others=others_like(gpu)[: gpus - 1])
    parts["ready"] = time.perf_counter() - began
    print(f"{gpu.name}: {memory_map}", flush=True)
    print("loaded:", ", ".join(f"{part} at {seconds:.2f} s" for part, seconds in parts.items()), flush=True)
    gc.freeze()  # as a model's process does
    timed = Timed(runner)
    return EngineCore(timed, max_sequences=64), timed, parts


def ids_of(count: int) -> list[int]:
    return [random.randrange(199_000) for _ in range(count)]


def begin(core: EngineCore, batch: int, context: int, sampling: SamplingParams = PLAIN) -> None:
    """Add sequences that do not end, and run steps until all of them decode."""
    waiting = set(range(batch))
    for id in waiting:
        core.add(Sequence(id, ids_of(context), Sample(sampling, ENDLESS, seed=id)))
    while waiting:
        waiting -= {output.id for output in core.step()}


def end(core: EngineCore, batch: int) -> None:
    for id in range(batch):
        core.abort(id)
    while core.has_work:
        core.step()


def loop(core: EngineCore, batch: int, context: int, tokens: int, sampling: SamplingParams = PLAIN) -> float:
    """Tokens a second of all sequences together, from the step in which all of them decode, over so many each."""
    begin(core, batch, context, sampling)
    began, count = time.perf_counter(), 0
    while count < tokens * batch:
        count += len(core.step())
    rate = count / (time.perf_counter() - began)
    end(core, batch)
    return rate


def gaps(core: EngineCore, batch: int, prompt: int) -> list[float]:
    """Seconds between tokens of sequences that decode while a prompt of so many ids comes in, ascending."""
    begin(core, batch, SHORT)
    core.add(Sequence(batch, ids_of(prompt), Sample(PLAIN, 1)))
    times, is_read = [time.perf_counter()], False
    while not is_read:
        is_read = any(output.id == batch for output in core.step())
        times.append(time.perf_counter())
    end(core, batch)
    return sorted(after - before for before, after in pairwise(times))


def answered(core: EngineCore, ids: list[int]) -> float:
    """Seconds from a prompt to its first token."""
    began = time.perf_counter()
    core.add(Sequence(0, ids, Sample(SamplingParams(), 1)))
    while not core.step():
        pass
    return time.perf_counter() - began


@contextmanager
def served(path: Path) -> Iterator[None]:
    with tempfile.TemporaryDirectory(dir=path.parent) as store:
        stored(path, Path(store), "random")
        with running(OSSIA, URL, {"OLLAMA_MODELS": store, "OLLAMA_HOST": URL.removeprefix("http://")}):
            yield


def chunks(path: str, body: dict[str, object], tokens: int) -> tuple[list[float], dict[str, int]]:
    """Times of a request and of each chunk of its stream, and its usage."""
    usage = {"stream_options": {"include_usage": True}}
    data = json.dumps({"model": "random", "stream": True, "max_tokens": tokens, **usage, **body}).encode()
    request = urllib.request.Request(URL + path, data, {"Content-Type": "application/json"})
    times, found = [time.perf_counter()], dict[str, int]()
    with urllib.request.urlopen(request) as response:
        for line in response:
            if line.startswith(b"data: {"):
                times.append(time.perf_counter())
                found = json.loads(line[6:]).get("usage") or found
    return times, found


def streamed(path: str, body: dict[str, object], tokens: int) -> tuple[float, float]:
    """Seconds to the first chunk, and tokens a second after it. Tokens that come together share a chunk."""
    times, usage = chunks(path, body, tokens)
    return times[1] - times[0], (usage["completion_tokens"] - 1) / (times[-1] - times[1])


def streams(path: str, body: dict[str, object], tokens: int, count: int) -> float:
    """Tokens a second of so many streams together."""
    with ThreadPoolExecutor(count) as pool:
        return sum(pool.map(lambda _: streamed(path, body, tokens)[1], range(count)))


def of_loops(core: EngineCore, arguments: argparse.Namespace, result: dict[str, object]) -> None:
    for batch in arguments.batches:
        rates = sorted(loop(core, batch, arguments.context, arguments.tokens) for _ in range(3))
        result[f"loop_{batch}"] = rates
        print(f"{batch:3} in the loop: {rates[1]:8.1f} tok/s ({rates[0]:.1f}-{rates[-1]:.1f})", flush=True)


def of_short_loops(core: EngineCore, arguments: argparse.Namespace, result: dict[str, object]) -> None:
    for batch in STREAMS:
        rates = sorted(loop(core, batch, SHORT, arguments.tokens) for _ in range(3))
        result[f"short_loop_{batch}"] = rates
        print(f"{batch:3} in the loop after a short prompt: {rates[1]:8.1f} tok/s", flush=True)


def of_first_tokens(core: EngineCore, timed: Timed, result: dict[str, object]) -> None:
    while not core.is_prepared:
        core.prepare()
    for prompt, cached in FIRST:
        known = ids_of(cached)
        if known:
            answered(core, known)
        timed.seconds.clear()
        times = [answered(core, known + ids_of(prompt)) for _ in range(SAMPLES)]
        result[f"first_{prompt}_{cached}"] = times
        directly, *later = (value * 1e3 for value in times)
        later.sort()
        parts = ", ".join(f"{part} {seconds / len(times) * 1e3:.1f}" for part, seconds in timed.seconds.items())
        spread = f"{later[SAMPLES // 2]:.1f} ms ({later[0]:.1f}-{later[-1]:.1f}), the first one {directly:.1f}"
        print(f"first token after {prompt} ids and {cached} cached: {spread}; means of parts: {parts}", flush=True)


def of_gaps(core: EngineCore, arguments: argparse.Namespace, result: dict[str, object]) -> None:
    for batch in arguments.batches:
        found = gaps(core, batch, 8192)
        result[f"gaps_{batch}"] = median, late = found[len(found) // 2], found[len(found) * 99 // 100]
        print(
            f"{batch:3} answers while 8,192 ids come in: a token after {median * 1e3:.1f} ms, 99 %: {late * 1e3:.1f} ms"
        )


def of_filters(core: EngineCore, arguments: argparse.Namespace, result: dict[str, object]) -> None:
    for name, sampling in FILTERS.items():
        rates = sorted(loop(core, 1, arguments.context, arguments.tokens, sampling) for _ in range(3))
        result[f"loop_1_{name}"] = rates
        print(f"  1 in the loop, {name}: {rates[1]:8.1f} tok/s ({rates[0]:.1f}-{rates[-1]:.1f})", flush=True)


def gaps_of_streams(count: int, prompt: int) -> list[float]:
    """Seconds between chunks of so many streams while a prompt of about so many tokens comes in, ascending."""
    path, body = "/v1/completions", {"prompt": "Once upon a time", "raw": True}
    long = {"prompt": f"{time.time()}" + " word" * prompt, "raw": True}
    with ThreadPoolExecutor(count) as pool:
        others = [pool.submit(chunks, path, body, 512) for _ in range(count)]
        time.sleep(0.3)  # all of them write by now
        began, first, *_ = chunks(path, long, 1)[0]
    pairs = [pair for other in others for pair in pairwise(other.result()[0][1:])]
    return sorted(after - before for before, after in pairs if began < after and before < first)


def turns(context: int, new: int) -> list[float]:
    """Seconds to the first token of so many new ones after a cached context, over HTTP, ascending."""
    word = " word"

    def asked(prompt: str) -> tuple[float, dict[str, int]]:
        times, usage = chunks("/v1/completions", {"prompt": prompt, "raw": True}, 2)
        return times[1] - times[0], usage

    _, usage = asked(word * context)
    known = word * (context + -usage["prompt_tokens"] % 64)  # whole blocks
    asked(known)
    found = [asked(known + f" {number}" + word * (new - 2)) for number in range(9)]
    print(found[-1][1])
    return sorted(seconds for seconds, _ in found)


def over_http(tokens: int, result: dict[str, object]) -> None:
    """Print first tokens, gaps and tokens a second that clients of the server see, and keep them in `result`."""
    bodies = {
        "/v1/completions": {"prompt": "Once upon a time", "raw": True},
        "/v1/chat/completions": {"messages": [{"role": "user", "content": "Hello"}]},
    }
    for context in (8192, 32768):
        seconds = turns(context, 100)
        result[f"http_first_100_{context}"] = seconds
        low, median, high = (value * 1e3 for value in (seconds[0], seconds[4], seconds[-1]))
        print(f"first of 100 new tokens after {context} over HTTP: {median:.1f} ms ({low:.1f}-{high:.1f})")
    for count in STREAMS[1:]:
        found = gaps_of_streams(count, 8192)
        result[f"http_gaps_{count}"] = median, late = found[len(found) // 2], found[len(found) * 99 // 100]
        print(f"{count} streams while 8,192 ids come in: {median * 1e3:.1f} ms, 99 %: {late * 1e3:.1f} ms")
    for path, body in bodies.items():
        first, _ = streamed(path, body, 32)
        rates = sorted(streamed(path, body, tokens)[1] for _ in range(3))
        result[path] = {"first_s": first, "tok_s": rates}
        print(f"{path}: first after {first:.2f} s, {rates[1]:.1f} tok/s ({rates[0]:.1f}-{rates[-1]:.1f})")
        for count in STREAMS[1:]:
            rates = sorted(streams(path, body, tokens, count) for _ in range(3))
            result[f"{path} {count}"] = rates
            print(f"{path}, {count} streams: {rates[1]:.1f} tok/s ({rates[0]:.1f}-{rates[-1]:.1f})", flush=True)


def in_the_loop(arguments: argparse.Namespace, result: dict[str, object]) -> None:
    """Measure what was asked for of the engine's loop; the GPU is free afterwards."""
    parts = set(arguments.only) - {"http"}
    if not parts:
        return
    core, timed, result["load_s"] = loaded(arguments.model, arguments.gpus)
    loop(core, 1, 64, 32)
    if "loop" in parts:
        of_loops(core, arguments, result)
    if "short" in parts:
        of_short_loops(core, arguments, result)
    if "first" in parts:
        of_first_tokens(core, timed, result)
    if "gaps" in parts:
        of_gaps(core, arguments, result)
    if "filters" in parts:
        of_filters(core, arguments, result)
    print(f"{private_bytes() / 1e9:.2f} GB of private memory", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--tokens", type=int, default=256, help="tokens generated")
    parser.add_argument("--context", type=int, default=1024, help="tokens in the prompt")
    parser.add_argument(
        "--batches", type=int, nargs="+", default=[1, 8, 16, 32, 64], help="sequences that run together"
    )
    parser.add_argument("--gpus", type=int, default=1, help="GPUs over which the model is divided in the loop")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="what is measured")
    arguments = parser.parse_args()
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    result: dict[str, object] = {"bench": "cuda_serve"}
    in_the_loop(arguments, result)
    if "http" in arguments.only:
        with served(arguments.model):
            over_http(arguments.tokens, result)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
