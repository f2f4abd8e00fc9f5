"""Agreement of `ossia bench`, which measures through HTTP, with the engine alone, as prefill.py measures it.

    python bench/agreement.py MODEL.gguf [--rounds 5] [--context 1024] [--tokens 64]

Both take turns, with prompts of equal length, so that noise of the machine meets both. Ratios are those of the rounds,
with their range; 1 is agreement. The last line is one JSON object.
"""

import argparse
import json
import os
from pathlib import Path
from statistics import median

import peers
from load import ossia
from ossia.cli.bench.asking import Target, ask, prompt
from ossia.cli.client import Client
from ossia.config import Settings


def through_http(target: Target, text: str, tokens: int) -> tuple[int, float, float]:
    """Return the length of a prompt, and tokens a second of it and of its answer, as `ossia bench` has them."""
    read, answer = ask(target, text, 1), ask(target, text, tokens)
    length = read.prompt - read.cached
    return length, length / read.seconds, answer.tokens_per_second


def alone(model: Path, length: int, tokens: int, threads: int) -> tuple[float, float]:
    """Return tokens a second of a prompt of this length and of its answer, by the engine in a process of its own."""
    found = peers.measure("ossia", model, length, tokens, threads)
    return length / found.prompt, (tokens - 1) / found.decode


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--context", type=int, default=1024, help="tokens in the prompt, about")
    parser.add_argument("--tokens", type=int, default=64, help="tokens generated")
    arguments = parser.parse_args()
    threads, ratios = len(os.sched_getaffinity(0)), {"prompt": list[float](), "answer": list[float]()}
    with ossia(arguments.model, 1) as port:
        target = Target("ossia", Client(Settings(port=port)), "bench")
        ask(target, prompt(16, "warm"), 8)
        print(f"{'':8}{'through HTTP':>22}{'alone':>22}")
        for number in range(arguments.rounds):
            length, *seen = through_http(target, prompt(arguments.context, str(number)), arguments.tokens)
            expected = alone(arguments.model, length, arguments.tokens, threads)
            for name, here, there in zip(ratios, seen, expected, strict=True):
                print(f"{name:8}{here:16.1f} tok/s{there:16.1f} tok/s", flush=True)
                ratios[name].append(here / there)
    for name, values in ratios.items():
        print(f"{name}: {median(values):.2f} (rounds {min(values):.2f}-{max(values):.2f})")
    print(json.dumps({"bench": "agreement", "model": arguments.model.name, "ratios": ratios}))


if __name__ == "__main__":
    main()
