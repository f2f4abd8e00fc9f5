"""Decode speed of one stream, compared with llama.cpp in the same run.

    python bench/decode.py MODEL.gguf [--rounds 3] [--threads 2] [--context 64] [--tokens 48]

The engines alternate, so that a slowdown of the machine affects both. The last line is one JSON object.
"""

import argparse
import json
import os
import statistics
from pathlib import Path

import peers
from ossia.admin.bandwidth import read_bandwidth
from ossia.engine.gpt_oss import weights


def bytes_per_token(model: Path) -> int:
    loaded = weights.load(model)
    layer = loaded.layers[0]
    return loaded.config.weight_bytes_per_token(layer.q.kind, layer.gate.kind, loaded.output.kind)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--context", type=int, default=64, help="tokens in the prompt")
    parser.add_argument("--tokens", type=int, default=48, help="tokens generated")
    arguments = parser.parse_args()

    bandwidth = read_bandwidth(arguments.threads) / 1e9
    token_bytes = bytes_per_token(arguments.model)
    print(f"{arguments.model.name}: {token_bytes / 1e9:.2f} GB of weights a token, memory reads {bandwidth:.0f} GB/s")
    rates: dict[str, list[float]] = {"ossia": [], "llama.cpp": []}
    for _ in range(arguments.rounds):
        for name, measured in rates.items():
            result = peers.measure(name, arguments.model, arguments.context, arguments.tokens, arguments.threads)
            measured.append((arguments.tokens - 1) / result.decode)
    print(f"{'':12}{'tok/s':>8}{'min-max':>16}{'GB/s':>8}{'of limit':>10}")
    for name, measured in rates.items():
        rate, spread = statistics.median(measured), f"{min(measured):.2f}-{max(measured):.2f}"
        speed = rate * token_bytes / 1e9
        print(f"{name:12}{rate:8.2f}{spread:>16}{speed:8.1f}{speed / bandwidth:10.0%}")
    ratios = [a / b for a, b in zip(rates["ossia"], rates["llama.cpp"], strict=True)]
    print(f"ossia is {statistics.median(ratios):.2f} x llama.cpp (rounds {min(ratios):.2f}-{max(ratios):.2f})")
    print(json.dumps({"bench": "decode", "gb_per_s_limit": bandwidth, "tok_per_s": rates, "ratios": ratios}))


if __name__ == "__main__":
    main()
