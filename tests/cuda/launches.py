"""Kernels that some step launches and no start compiles, so that somebody would wait for Triton's compiler.

    python -m tests.cuda.launches

Engines without memory (see compile_only.py) start, and then run steps of every number of tokens, sequences and logits,
and draws by every rule. Nothing is compiled: Triton's keys tell kernels apart. Prints those that are missing. It is a
program of its own, since the tests beside it run kernels in Triton's interpreter.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import triton
from triton.runtime.jit import JITFunction

from ossia.config import EngineOptions
from ossia.engine.gpt_oss.cuda import sampling
from ossia.engine.gpt_oss.cuda.assemble import Parts
from ossia.engine.gpt_oss.cuda.buffers import LOGITS_AT_ONCE
from ossia.engine.gpt_oss.cuda.forward import ExtendInputs, attention_tiles
from ossia.engine.gpt_oss.cuda.layout import DeviceKind
from ossia.engine.gpt_oss.cuda.ranks import ALONE, Ranks
from ossia.engine.gpt_oss.cuda.rules import Draw
from ossia.engine.sequence import Sample, Sequence
from ossia.types import SamplingParams
from tests.cuda.compile_only import NoDriver, config, engine

SAMPLINGS = (
    SamplingParams(),
    SamplingParams(temperature=0),
    SamplingParams(top_k=5),
    SamplingParams(top_p=0.9),
    SamplingParams(min_p=0.1),
    SamplingParams(top_k=40, top_p=0.9),
    SamplingParams(top_k=100, top_p=0.9, min_p=0.2, logprobs=4),
    SamplingParams(typical_p=0.5),
    SamplingParams(logprobs=0),
    SamplingParams(logprobs=1),
    SamplingParams(logprobs=20, logit_bias=((3, 2.0),), frequency_penalty=0.3, repeat_penalty=1.1),
)
TOKENS = (*range(1, 70), *range(70, 2050, 131), *(1 << power for power in range(7, 14)), 4000, 8191)
LINES = (1, 2, 3, 4, 5, 8, 9, 16, 17, 32, 33, 64, 65, 80)


USUAL = EngineOptions()


@dataclass(frozen=True)
class Case:
    """A kind of engine: its weights, its options, its rank, and a card."""

    dense: DeviceKind = "q8_0"
    experts: DeviceKind = "mxfp4"
    options: EngineOptions = USUAL
    ranks: Ranks = ALONE
    sm: int = 90
    shape: str = "20b"


CASES = (
    *(Case(dense) for dense in ("q8_0", "bf16", "f16")),
    Case(sm=80),
    Case(options=EngineOptions(kv_cache_type="q8_0")),
    Case(options=EngineOptions(batch_invariant=True)),
    Case(options=EngineOptions(num_parallel=1)),
    Case(options=EngineOptions(num_parallel=200)),
    Case(ranks=Ranks(0, 2)),
    Case(ranks=Ranks(1, 2)),
    Case("f32", "f16", shape="small"),
    Case("bf16", "q8_0", shape="small"),
)


@contextmanager
def noting(sm: int) -> Iterator[set[tuple[str, str]]]:
    """Launches do nothing; the names and keys of their kernels."""
    found: set[tuple[str, str]] = set()
    run, compile = JITFunction.run, JITFunction._do_compile

    def only_note(self: JITFunction, *args: Any, grid: Any, warmup: bool, **kwargs: Any) -> Any:
        return run(self, *args, grid=grid, warmup=True, **kwargs)

    def note(self: JITFunction, key: str, *args: Any) -> object:
        found.add((self.__name__, key))
        return object()

    triton.runtime.driver.set_active(NoDriver(sm))
    for kernel in _kernels():
        kernel.device_caches.clear()
    JITFunction.run, JITFunction._do_compile = only_note, note
    try:
        yield found
    finally:
        JITFunction.run, JITFunction._do_compile = run, compile


def _kernels() -> Iterator[JITFunction]:
    for name, module in list(sys.modules.items()):
        if name.startswith("ossia."):
            yield from (value for value in vars(module).values() if isinstance(value, JITFunction))


def missing(case: Case) -> set[str]:
    """Names of kernels that the engine's start does not compile, and a step launches."""
    with noting(case.sm) as found, torch.device("meta"):
        parts = engine(config(case.shape), case.dense, case.experts, case.sm, case.options, case.ranks)
        parts.launch_all()
        known = set(found)
        run_steps(parts)
        if case.ranks.leads:
            run_draws(parts)
        return {f"{name} {key}" for name, key in found - known}


def run_steps(parts: Parts) -> None:
    forward, most = parts.forward, len(parts.inputs.last_tokens) - 1
    width = forward.extend(pieces([1])).shape[1]
    for tokens in TOKENS:
        forward.extend(pieces([tokens]))
    for count in range(1, most + 1, 5):
        forward.extend(pieces([3] * count, wanted=count % 3 * count))
    for rows in range(1, LOGITS_AT_ONCE + 1):
        forward.logits(torch.empty(2 * LOGITS_AT_ONCE, width)[rows : 2 * rows])


def pieces(counts: list[int], wanted: int = 1) -> ExtendInputs:
    """A step of pieces of so many tokens, of which so many states are wanted."""

    def ints(*shape: int) -> torch.Tensor:
        return torch.empty(shape, dtype=torch.int32)

    query_start = np.cumsum([0, *counts], dtype=np.int32)
    tokens, sequences, tiles = int(query_start[-1]), len(counts), len(attention_tiles(query_start))
    final_rows = torch.empty(wanted, dtype=torch.int64)
    return ExtendInputs(
        *(ints(tokens) for _ in range(3)), ints(sequences), ints(sequences + 1), ints(tiles, 2), final_rows
    )


def run_draws(parts: Parts) -> None:
    rows, vocabulary = len(parts.inputs.last_tokens) - 1, parts.forward.logits(torch.empty(1, 1)[:0]).shape[1]
    for lines in LINES:
        logits = torch.empty(lines, vocabulary)
        for params in SAMPLINGS if lines <= max(rows, LOGITS_AT_ONCE) else ():
            for others in (params, SAMPLINGS[0]):
                parts.sampler.draw(logits, [draw(others if line else params, line) for line in range(lines)])
        if lines <= LOGITS_AT_ONCE:
            tokens = torch.empty(lines, dtype=torch.int32)
            parts.sampler.log_probs(logits, list(range(lines)), tokens, [lines % 21] * lines)


def draw(params: SamplingParams, line: int) -> Draw:
    """A draw of a sequence, every third with a mask."""
    task = Sample(params, 10)
    mask = np.ones(16, np.uint32) if line % 3 == 1 else None
    return Draw(Sequence(line, [1, 2, 3], task), task, 0, 0, mask)


def main() -> int:
    sampling.staging = lambda shape, device: torch.empty(shape, dtype=torch.int32, device="cpu")
    count = 0
    for case in CASES:
        for kernel in sorted(missing(case)):
            print(case, kernel)
            count += 1
    return min(count, 1)


if __name__ == "__main__":
    sys.exit(main())
