"""Prefill speed of one prompt, compared with llama.cpp in the same run.

    python bench/prefill.py MODEL.gguf [--rounds 3] [--threads 2] [--tokens 512]

The engines alternate, so that a slowdown of the machine affects both. The last line is one JSON object.
"""

import argparse
import json
import os
import statistics
from pathlib import Path

import peers
from ossia.engine.gpt_oss import weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--tokens", type=int, default=512, help="tokens in the prompt")
    arguments = parser.parse_args()

    flops = weights.load(arguments.model).config.flops_per_token()
    rates: dict[str, list[float]] = {"ossia": [], "llama.cpp": []}
    for _ in range(arguments.rounds):
        for name, measured in rates.items():
            result = peers.measure(name, arguments.model, arguments.tokens, 1, arguments.threads)
            measured.append(arguments.tokens / result.prompt)
    print(f"{arguments.model.name}: {arguments.tokens} tokens, {flops / 1e9:.2f} G operations a token")
    print(f"{'':12}{'tok/s':>8}{'min-max':>16}{'TOPS':>8}")
    for name, measured in rates.items():
        rate, spread = statistics.median(measured), f"{min(measured):.1f}-{max(measured):.1f}"
        print(f"{name:12}{rate:8.1f}{spread:>16}{rate * flops / 1e12:8.2f}")
    ratios = [a / b for a, b in zip(rates["ossia"], rates["llama.cpp"], strict=True)]
    print(f"ossia is {statistics.median(ratios):.2f} x llama.cpp (rounds {min(ratios):.2f}-{max(ratios):.2f})")
    print(json.dumps({"bench": "prefill", "tok_per_s": rates, "ratios": ratios}))


if __name__ == "__main__":
    main()
