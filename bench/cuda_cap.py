"""A model in the memory of a smaller card: the longest context, the same answers, and speed beside the whole card's.

    python bench/cuda_cap.py MODEL.gguf [--gib 15.3] [--context 131072] [--answer 32] [--q8]

The engine runs twice, each time in a process of its own: with OSSIA_GPU_MEMORY_BYTES, and without. Both compute prompts
in chunks of the same length, so answers should be equal to the last bit of their log probabilities. With --q8 it runs
once more with a KV cache of 8 bits, and the cap. Exits with 1 if an id of the first two differs. The last line is one
JSON object.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from typing import Any

from ossia.config import CacheKind

SAMPLES = 5
SHORT, LONG = 1024, 2048


def ids(length: int, seed: int) -> list[int]:
    rng = random.Random(seed)
    return [rng.randrange(199_000) for _ in range(length)]


def measured(path: Path, cap: int, kind: CacheKind, chunk: int, context: int, answer: int) -> dict[str, Any]:
    """Figures and answers of one engine, in this process."""
    import torch

    from ossia.config import EngineOptions
    from ossia.engine.core import EngineCore
    from ossia.engine.gpt_oss.cuda.device import choose
    from ossia.engine.gpt_oss.cuda.start import start
    from ossia.engine.places import num_sequences
    from ossia.engine.sequence import Sample, Sequence, StepOutput
    from ossia.gguf import GGUF
    from ossia.types import SamplingParams

    gpu = choose("cuda").gpu
    assert gpu
    options = EngineOptions(gpu_memory_bytes=cap, context_length=context, kv_cache_type=kind)
    runner, memory_map = start(GGUF.open(path), gpu, options)
    print(f"{memory_map}; {memory_map.needs.places} places", flush=True)
    core = EngineCore(runner, max_sequences=num_sequences(memory_map.needs.places))
    core.scheduler.max_batched_tokens = min(core.scheduler.max_batched_tokens, chunk)
    sampling, numbers = SamplingParams(temperature=1, logprobs=0), count()

    def run(prompt: list[int], tokens: int) -> tuple[list[StepOutput], float, float]:
        """Outputs, seconds to the first, and tokens a second after it."""
        core.add(Sequence(next(numbers), list(prompt), Sample(sampling, tokens, seed=1)))
        began, times, outputs = time.perf_counter(), list[float](), list[StepOutput]()
        while core.has_work:
            for output in core.step():
                assert isinstance(output, StepOutput)
                outputs.append(output)
                times.append(time.perf_counter())
        return outputs, times[0] - began, (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 0.0

    run(ids(LONG + 1, 0), 16)
    prefills = [LONG / run(ids(LONG, seed), 1)[1] for seed in range(1, 1 + SAMPLES)]
    decodes = [run(ids(SHORT, seed), 256)[2] for seed in range(10, 10 + SAMPLES)]
    prompt = ids(context - 2 * answer - 64, 99)
    first, seconds, rate = run(prompt, answer)
    turn = [*prompt, *(output.sampled.token for output in first), *ids(20, 5)]
    second, seconds_again, _ = run(turn, answer // 2)
    core.scheduler.check_integrity()
    free, total = torch.cuda.mem_get_info()
    return {
        "prefill": sorted(prefills),
        "decode": sorted(decodes),
        "long_prefill_s": seconds,
        "long_decode": rate,
        "second_turn_s": seconds_again,
        "cached": second[0].num_cached_tokens,
        "reserved_gib": torch.cuda.max_memory_reserved() / 2**30,
        "promised_gib": memory_map.num_bytes / 2**30,
        "used_gib": (total - free) / 2**30,
        "answers": [[[output.sampled.token, output.sampled.logprob] for output in part] for part in (first, second)],
    }


def apart(arguments: argparse.Namespace, cap: int, kind: CacheKind = "f16") -> dict[str, Any]:
    """The same in another process."""
    own = ["--context", str(arguments.context), "--answer", str(arguments.answer), "--cap", str(cap)]
    own += ["--kind", kind]
    command = [sys.executable, __file__, str(arguments.model), "--chunk", str(arguments.chunk), *own]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    *lines, last = ended.stdout.splitlines()
    found = json.loads(last)
    print(*lines, sep="\n")
    medians = {name: statistics.median(found[name]) for name in ("prefill", "decode")}
    print(
        f"  {'cap' if cap else 'no cap'}, {kind}: prefill {LONG} at {medians['prefill']:.0f} tok/s "
        f"({found['prefill'][0]:.0f}-{found['prefill'][-1]:.0f}), decode at {SHORT} {medians['decode']:.1f} tok/s "
        f"({found['decode'][0]:.1f}-{found['decode'][-1]:.1f}); {arguments.context} tokens: first after "
        f"{found['long_prefill_s']:.2f} s, then {found['long_decode']:.1f} tok/s; next turn {found['cached']} cached, "
        f"first after {found['second_turn_s'] * 1e3:.0f} ms; promised {found['promised_gib']:.2f} GiB, reserved "
        f"{found['reserved_gib']:.2f} GiB, the driver counts {found['used_gib']:.2f} GiB",
        flush=True,
    )
    return found | medians


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--gib", type=float, default=15.3)
    parser.add_argument("--context", type=int, default=131_072)
    parser.add_argument("--answer", type=int, default=32, help="ids after the long prompt")
    parser.add_argument("--chunk", type=int, default=2048, help="ids of a chunk at most")
    parser.add_argument("--q8", action="store_true", help="also with a KV cache of 8 bits")
    parser.add_argument("--kind", default="f16", help=argparse.SUPPRESS)
    parser.add_argument("--cap", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.cap is not None:
        own = arguments.cap, arguments.kind, arguments.chunk, arguments.context, arguments.answer
        figures = measured(arguments.model, *own)
        print(json.dumps(figures))
        return
    capped, whole = apart(arguments, int(arguments.gib * 2**30)), apart(arguments, 0)
    pairs = [pair for both in zip(capped["answers"], whole["answers"], strict=True) for pair in zip(*both, strict=True)]
    different = sum(one[0] != other[0] for one, other in pairs)
    bits = sum(one != other for one, other in pairs)
    ratios = {name: capped[name] / whole[name] for name in ("prefill", "decode", "long_decode")}
    print(f"of {len(pairs)} ids {different} differ, {bits} in a bit of their log probability; {ratios}", flush=True)
    figures = {"different": different, "bits": bits, "ratios": ratios, "capped": capped, "whole": whole}
    if arguments.q8:
        figures["q8_0"] = apart(arguments, int(arguments.gib * 2**30), "q8_0")
    print(json.dumps({"bench": "cuda_cap", **figures}))
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
