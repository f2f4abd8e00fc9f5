"""Batch invariance on an NVIDIA GPU: ids of prompts alone and among 63 others, compared exactly, and what it costs.

    python bench/cuda_invariant.py MODEL.gguf [--prompts 200] [--tokens 12] [--longest 400]

Runs with OSSIA_BATCH_INVARIANT=1 and without. Exits with 1 if an id differs with it. The last line is one JSON object.
"""

import argparse
import json
import random
import sys
import time
from pathlib import Path

from ossia.config import EngineOptions
from ossia.engine.core import EngineCore
from ossia.engine.gpt_oss.cuda.device import choose
from ossia.engine.gpt_oss.cuda.start import start
from ossia.engine.sequence import Sample, Sampled, Sequence, StepOutput
from ossia.gguf import GGUF
from ossia.types import SamplingParams

SAMPLING = SamplingParams(temperature=1, logprobs=1)
AT_ONCE = 64


def continued(core: EngineCore, prompts: dict[int, list[int]], tokens: int) -> dict[int, list[Sampled]]:
    """Return the ids sampled after each prompt, by its number, which is its seed."""
    for number, ids in prompts.items():
        core.add(Sequence(number, list(ids), Sample(SAMPLING, tokens, seed=number)))
    found: dict[int, list[Sampled]] = {number: [] for number in prompts}
    while core.has_work:
        for output in core.step():
            assert isinstance(output, StepOutput)
            found[output.id].append(output.sampled)
    return found


def ids(answer: list[Sampled]) -> list[int]:
    return [sampled.token for sampled in answer]


def compare(path: Path, prompts: dict[int, list[int]], tokens: int, *, invariant: bool) -> dict[str, object]:
    gpu = choose("cuda").gpu
    assert gpu
    runner, _ = start(GGUF.open(path), gpu, EngineOptions(batch_invariant=invariant))
    core = EngineCore(runner, max_sequences=AT_ONCE)
    continued(core, {0: [1, 2, 3]}, 2)
    began = time.perf_counter()
    crowded = continued(core, prompts, tokens)
    middle = time.perf_counter()
    alone = {number: continued(core, {number: prompt}, tokens)[number] for number, prompt in prompts.items()}
    end = time.perf_counter()
    bits = sum(alone[number] != crowded[number] for number in prompts)
    different = sum(ids(alone[number]) != ids(crowded[number]) for number in prompts)
    count = len(prompts) * tokens
    name = "invariant" if invariant else "as usual "
    print(
        f"{name}: of {len(prompts)} answers {different} have other ids, {bits} other log probabilities; "
        f"prompts and {tokens} ids each, together "
        f"{count / (middle - began):.0f} tok/s, alone {count / (end - middle):.0f} tok/s",
        flush=True,
    )
    return {
        "invariant": invariant,
        "different": different,
        "bits": bits,
        "together_s": middle - began,
        "alone_s": end - middle,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--tokens", type=int, default=12, help="ids sampled after each")
    parser.add_argument("--longest", type=int, default=400, help="ids of a prompt at most")
    arguments = parser.parse_args()
    chosen = random.Random(0)
    prompts = {
        number: [chosen.randrange(199_000) for _ in range(chosen.randint(1, arguments.longest))]
        for number in range(arguments.prompts)
    }
    results = [compare(arguments.model, prompts, arguments.tokens, invariant=invariant) for invariant in (True, False)]
    print(json.dumps({"bench": "cuda_invariant", "results": results}))
    sys.exit(1 if results[0]["bits"] else 0)


if __name__ == "__main__":
    main()
