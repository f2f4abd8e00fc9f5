"""The engines that the benchmarks compare, each in a process of its own, so that neither slows the other.

`python bench/peers.py NAME MODEL PROMPT_TOKENS NEW_TOKENS THREADS` runs one round of the engine NAME and prints one
JSON object: seconds for the prompt and for the new tokens. `measure` runs that from another program.
"""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

WARM = 128
"""Tokens that come first: they start the threads, and touch the pages of all experts."""


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds spent on the prompt, and on the tokens after the first new one."""

    prompt: float
    decode: float


def measure(name: str, model: Path, prompt_tokens: int, new_tokens: int, threads: int) -> Round:
    """Run one round of an engine in a new process. Raises CalledProcessError and shows its stderr."""
    arguments = [str(model), str(prompt_tokens), str(new_tokens), str(threads)]
    result = subprocess.run([sys.executable, __file__, name, *arguments], stdout=subprocess.PIPE, check=True)
    return Round(**json.loads(result.stdout.splitlines()[-1]))


def prompt(length: int) -> list[int]:
    """Return varied ids, so that the routing of experts varies too."""
    return [1000 + (i * 7919) % 40000 for i in range(length)]


def ossia(model: Path, prompt_tokens: int, new_tokens: int, threads: int) -> Round:
    from ossia.config import EngineOptions
    from ossia.engine.core import EngineCore
    from ossia.engine.gpt_oss.cpu import CpuRunner
    from ossia.engine.gpt_oss.weights import load
    from ossia.engine.sequence import Sample, Sequence
    from ossia.types import SamplingParams

    weights = load(model)
    runner = CpuRunner(weights, EngineOptions(context_length=4096, threads=threads))
    core = EngineCore(runner, max_sequences=1)

    def run(ids: list[int], count: int) -> list[float]:
        """Return the arrival time of each new token."""
        core.add(Sequence(0, list(ids), Sample(SamplingParams(temperature=0), count)))
        times: list[float] = []
        while core.has_work:
            outputs = core.step()
            times += [time.perf_counter()] * len(outputs)
        return times

    ids = [i % weights.config.vocab_size for i in prompt(prompt_tokens + WARM)]
    run(ids[-WARM:], 2)
    start = time.perf_counter()
    times = run(ids[:prompt_tokens], new_tokens)
    return Round(times[0] - start, times[-1] - times[0])


def llama_cpp(model: Path, prompt_tokens: int, new_tokens: int, threads: int) -> Round:
    from llama_cpp import Llama

    llama = Llama(str(model), n_ctx=4096, n_batch=512, n_threads=threads, n_threads_batch=threads, verbose=False)
    ids = [i % llama.n_vocab() for i in prompt(prompt_tokens + WARM)]
    llama.eval(ids[-WARM:])
    llama.eval([1])
    llama.reset()
    start = time.perf_counter()
    llama.eval(ids[:prompt_tokens])
    token = llama.sample(temp=0)
    first = time.perf_counter()
    for _ in range(new_tokens - 1):
        llama.eval([token])
        token = llama.sample(temp=0)
    return Round(first - start, time.perf_counter() - first)


if __name__ == "__main__":
    engine = {"ossia": ossia, "llama.cpp": llama_cpp}[sys.argv[1]]
    result = engine(Path(sys.argv[2]), *map(int, sys.argv[3:]))
    print(json.dumps({"prompt": result.prompt, "decode": result.decode}))
