"""Speed of the CPU kernels at the shapes of gpt-oss-20b.

Decode streams weights from memory (GB/s of weights as stored); prefill multiplies (TOPS, 2 per multiply-add). The last
line is one JSON object. Run: python bench/kernels.py [--tokens 512] [--threads N] [--isa avx512]
"""

import argparse
import json
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from ossia import _cpu

D = F = 2880
EXPERTS, K = 32, 4
HEADS, KV_HEADS, HEAD_DIM = 64, 8, 64


def seconds(work: Callable[[], object], at_least: float = 0.5) -> float:
    """Median time of one call."""
    work()
    times: list[float] = []
    while sum(times) < at_least or len(times) < 5:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def matrix(rows: int, cols: int, kind: str) -> _cpu.Matrix:
    size = {"f32": 128, "bf16": 64, "q8_0": 34}.get(kind, 17)
    data = np.full((rows, cols // 32 * size), 60, np.uint8)  # written, or every page would be the same zero page
    return _cpu.Matrix(data, kind, cols)


def activations(tokens: int, cols: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((tokens, cols), np.float32)


def linear(w: _cpu.Matrix, tokens: int, exact: bool = False) -> Callable[[], None]:
    x, out = activations(tokens, w.cols), np.empty((tokens, w.rows), np.float32)
    return partial(_cpu.linear, x, [w], [None], out, exact)


def moe(layers: list[list[_cpu.Matrix]], tokens: int) -> Callable[[], None]:
    """Run all layers once, so that decode finds nothing of the last call in the cache."""
    rng = np.random.default_rng(0)
    x, out = activations(tokens, D), np.empty((tokens, D), np.float32)
    bias = np.zeros((EXPERTS, D), np.float32)
    weights = np.full((tokens, K), 0.25, np.float32)
    experts = np.stack([rng.permutation(EXPERTS)[:K] for _ in range(tokens)]).astype(np.int32)

    def run() -> None:
        for matrices in layers:
            _cpu.moe(x, experts, weights, *matrices, bias, bias, bias, 7.0, 1.702, out, False)

    return run


def attention(queries: int, context: int, window: int = 0) -> Callable[[], None]:
    block = 32
    blocks = -(-context // block)
    cache = np.random.default_rng(0).standard_normal((blocks, 2, KV_HEADS, block, HEAD_DIM)).astype(np.float16)
    q = activations(queries, HEADS * HEAD_DIM).reshape(queries, HEADS, HEAD_DIM)
    tables = np.arange(blocks, dtype=np.int32)[None]
    start, lens = np.array([0, queries], np.int32), np.array([context], np.int32)
    out, sinks = np.empty((queries, HEADS * HEAD_DIM), np.float32), np.zeros(HEADS, np.float32)
    return partial(_cpu.attention, q, cache, tables, start, lens, sinks, window, 0.125, out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=512)
    parser.add_argument("--threads", type=int, default=_cpu.threads())
    parser.add_argument("--isa", default=_cpu.isa(), choices=_cpu.available_isas())
    options = parser.parse_args()
    _cpu.set_threads(options.threads)
    _cpu.set_isa(options.isa)
    results: dict[str, float | str | int] = {"isa": _cpu.isa(), "threads": _cpu.threads(), "tokens": options.tokens}

    def report(name: str, value: float, unit: str) -> None:
        results[name] = round(value, 4)
        print(f"{name:32} {value:9.3f} {unit}")

    for kind in ("q8_0", "mxfp4", "bf16"):
        w = matrix(100_544, D, kind)
        size = 100_544 * D // 32 * {"q8_0": 34, "mxfp4": 17, "bf16": 64}[kind]
        for tokens in (1, 2, 4, 8):
            report(f"{kind} linear, {tokens} tokens", size / seconds(linear(w, tokens)) / 1e9, "GB/s")
        del w
        w = matrix(5120, D, kind)
        work = 2 * 5120 * D * options.tokens
        report(f"{kind} linear, {options.tokens} tokens", work / seconds(linear(w, options.tokens)) / 1e12, "TOPS")
    report("mxfp4 exact", 2 * 5120 * D * 64 / seconds(linear(matrix(5120, D, "mxfp4"), 64, True)) / 1e12, "TFLOPS")

    layers = [[matrix(EXPERTS * F, D, "mxfp4") for _ in range(3)] for _ in range(2)]
    size = len(layers) * 3 * K * F * D // 32 * 17
    for tokens in (1, options.tokens):
        took = seconds(moe(layers, tokens))
        report(f"moe, {tokens} tokens", took / len(layers) * 1e3, "ms per layer")
        if tokens == 1:
            report("moe decode", size / took / 1e9, "GB/s")
        else:
            report("moe prefill", len(layers) * 2 * 3 * K * F * D * tokens / took / 1e12, "TOPS")

    for context in (1024, 8192):
        took = seconds(attention(1, context))
        report(f"attention decode at {context}", context * KV_HEADS * HEAD_DIM * 4 / took / 1e9, "GB/s")
    for window in (0, 128):
        took = seconds(attention(512, 2048, window))
        report(f"attention 512 at 2048, window {window}", took * 1e3, "ms per layer")
    print(json.dumps(results))


if __name__ == "__main__":
    main()
