"""Prompts on an NVIDIA GPU: tokens a second of the true 20b shape, in chunks, and the time of each kernel.

    python bench/cuda_prompts.py [--dense q8_0|bf16] [--prompts 512,2048,8192,32768] [--chunks 2048,8192]
                                 [--before] [--profile] [--layers 24]

Weights are random codes made on the device. Before anything is timed, chunks run ten times and must give the same bits,
and are compared with the path that `--before` also times. A line has the time of a whole prompt, from its first id to
the logits of its last, medians of some with the least and the most, and how long the host takes to launch it. The last
line is one JSON object.
"""

import argparse
import json
import statistics
import time
from functools import partial

import numpy as np
import torch

from cuda_decode import gpu_state, profile, random_weights, shape
from ossia.engine.gpt_oss.cuda import padded
from ossia.engine.gpt_oss.cuda.compile import compiling
from ossia.engine.gpt_oss.cuda.forward import DecodeInputs, DeviceCache, ExtendInputs, Forward, attention_tiles
from ossia.engine.gpt_oss.cuda.graphs import StepGraphs
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE, DeviceWeights
from ossia.engine.gpt_oss.cuda.padded import PaddedStep
from ossia.engine.gpt_oss.cuda.rows import Flat
from ossia.engine.gpt_oss.cuda.tuned import Tuning

SAMPLES = 5
REPEATS = 10
BEFORE = Tuning(prompts_from=None)
CHECKED = (200, 700, 2048)  # tokens of chunks that are compared: one for each kernel of experts, and ends of tiles


class Reader:
    """One sequence whose prompt is computed again and again, in chunks."""

    def __init__(self, weights: DeviceWeights, longest: int, chunk: int, tuning: Tuning) -> None:
        blocks = -(-longest // BLOCK_SIZE)
        cache = DeviceCache(weights.config, blocks, "cuda")
        self.inputs = DecodeInputs.empty(1, max(blocks, 2048), cache)
        self.inputs.tables[0, 0, :blocks] = torch.randperm(blocks, device="cuda").int()
        self.ids = torch.randint(weights.config.vocab_size, (longest,), dtype=torch.int32, device="cuda")
        self._zero = torch.zeros(1, dtype=torch.int32, device="cuda")
        self.forward = Forward(weights, cache, self.inputs, max_tokens=chunk, tuning=tuning)
        assert self.forward.prompts, "the kernels do not take these weights"

    def chunk(self, first: int, tokens: int) -> ExtendInputs:
        starts = np.array([0, tokens], np.int32)
        places = torch.arange(first, first + tokens, dtype=torch.int32, device="cuda")
        return ExtendInputs(
            ids=self.ids[first : first + tokens],
            positions=places,
            sequences=torch.zeros_like(places),
            rows=self._zero,
            query_start=torch.from_numpy(starts).cuda(),
            tiles=torch.from_numpy(attention_tiles(starts)).cuda(),
            final_rows=torch.tensor([tokens - 1], device="cuda"),
        )

    def read(self, chunks: list[ExtendInputs]) -> torch.Tensor:
        """Logits [1, V] after the last id."""
        states = [self.forward.extend(chunk) for chunk in chunks]
        return self.forward.logits(states[-1])

    def chunks(self, tokens: int, size: int) -> list[ExtendInputs]:
        return [self.chunk(first, min(size, tokens - first)) for first in range(0, tokens, size)]


def check(new: Reader, old: Reader) -> None:
    """Print whether repeats give the same bits, and how far the old path is."""
    for tokens in CHECKED:
        logits = [new.read(new.chunks(tokens, tokens)).clone() for _ in range(REPEATS)]
        same = sum(torch.equal(logits[0], other) for other in logits[1:])
        before = old.read(old.chunks(tokens, tokens))
        error = float((logits[0] - before).norm() / before.norm())
        print(f"chunk of {tokens}: {same} of {REPEATS - 1} repeats equal, {error:.1e} from before", flush=True)


class Padded:
    """Steps of few tokens, in graphs, at a position of the one sequence."""

    def __init__(self, reader: Reader) -> None:
        self._forward, inputs = reader.forward, reader.inputs
        places = inputs.staging.shape[1]
        device = inputs.staging.device
        self._steps = {size: PaddedStep(size, places, places, device) for size in padded.SIZES}
        self._states: dict[int, torch.Tensor] = {}
        self._graphs = StepGraphs(self._run, self._steps)
        self._ids = reader.ids.cpu().numpy()

    def launch(self, size: int, first: int, tokens: int) -> None:
        places = np.arange(first, first + tokens, dtype=np.int32)
        zeros = np.zeros(tokens, np.int32)
        ids, starts = self._ids[first : first + tokens], np.array([0, tokens], np.int32)
        self._steps[size].fill(Flat(ids, places, zeros, zeros[:1], starts, np.array([tokens - 1]), [1]))
        self._graphs.launch(size)

    def logits(self, size: int, tokens: int) -> torch.Tensor:
        return self._forward.logits(self._states[size][tokens - 1 : tokens])

    def _run(self, size: int) -> None:
        self._states[size] = self._forward.extend_padded(self._steps[size].inputs)


def measure_padded(reader: Reader, first: int) -> list[dict[str, object]]:
    """Time steps of each size after `first` ids, and compare their logits with a chunk's; tell what the graphs take."""
    found: list[dict[str, object]] = []
    steps = Padded(reader)
    for chunk in reader.chunks(first, 2048):
        reader.read([chunk])
    for size in padded.SIZES:
        tokens = size - 7
        expected = reader.read([reader.chunk(first, tokens)]).clone()
        free, _ = torch.cuda.mem_get_info()
        steps.launch(size, first, tokens)
        torch.cuda.synchronize()
        taken = free - torch.cuda.mem_get_info()[0]
        logits: list[torch.Tensor] = []
        times: list[float] = []
        for _ in range(2 * SAMPLES):
            start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            start.record()
            steps.launch(size, first, tokens)
            end.record()
            end.synchronize()
            times.append(start.elapsed_time(end))
            logits.append(steps.logits(size, tokens).clone())
        same = sum(torch.equal(logits[0], other) for other in logits[1:])
        error = float((logits[0] - expected).norm() / expected.norm())
        median = statistics.median(times)
        print(
            f"graph of {size:3} after {first}: {median:.2f} ms ({min(times):.2f}-{max(times):.2f}), {same} of "
            f"{len(logits) - 1} repeats equal, {error:.1e} from a chunk's, {taken / 2**20:.1f} MiB",
            flush=True,
        )
        found.append(
            {"name": f"graph {size} {first}", "ms": median, "spread": (min(times), max(times)), "bytes": taken}
        )
    return found


def measure(reader: Reader, tokens: int, size: int, name: str) -> dict[str, object]:
    chunks = reader.chunks(tokens, size)
    times: list[float] = []
    launches: list[float] = []
    for _ in range(SAMPLES + 1):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        torch.cuda.synchronize()
        begun = time.perf_counter()
        start.record()
        reader.read(chunks)
        end.record()
        launches.append(time.perf_counter() - begun)
        end.synchronize()
        times.append(start.elapsed_time(end))
    times, launches = times[1:], launches[1:]
    median = statistics.median(times)
    print(
        f"{name} prompt of {tokens:6} in chunks of {size:5}: {median:8.2f} ms ({min(times):.2f}-{max(times):.2f}), "
        f"{tokens / median * 1e3:7.0f} tok/s, launched in {statistics.median(launches) * 1e3:.1f} ms",
        flush=True,
    )
    return {"name": name, "prompt": tokens, "chunk": size, "ms": median, "spread": (min(times), max(times))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dense", choices=["bf16", "q8_0"], default="q8_0")
    parser.add_argument("--prompts", default="512,2048,8192,32768")
    parser.add_argument("--chunks", default="2048")
    parser.add_argument("--layers", type=int, default=24)
    parser.add_argument("--padded", default="", help="cached ids after which short steps are timed, such as 0,8192")
    parser.add_argument("--before", action="store_true", help="time the path that prompts took before, too")
    parser.add_argument("--profile", action="store_true", help="the time of each kernel of each chunk size")
    arguments = parser.parse_args()
    prompts = [int(tokens) for tokens in arguments.prompts.split(",")]
    sizes = [int(size) for size in arguments.chunks.split(",")]

    print(gpu_state(), "torch", torch.__version__)
    torch.manual_seed(1)
    weights = random_weights(shape(arguments.layers), arguments.dense)
    after = max((int(tokens) + padded.SIZES[-1] for tokens in arguments.padded.split(",") if tokens), default=0)
    longest, largest = max(*prompts, *CHECKED, after), max(*sizes, *CHECKED)
    new, old = (Reader(weights, longest, largest, tuning) for tuning in (Tuning(prompts_from=1), BEFORE))
    with compiling():
        for reader in (new, old):
            for tokens in {*CHECKED, *(min(size, tokens) for size in sizes for tokens in prompts)}:
                reader.read(reader.chunks(tokens, tokens))
    old.ids.copy_(new.ids)
    check(new, old)
    results: list[dict[str, object]] = []
    for size in sizes:
        for tokens in prompts:
            results.append(measure(new, tokens, size, "new"))
            if arguments.before and tokens <= 8192:
                results.append(measure(old, tokens, size, "old"))
        for tokens in sorted({min(size, tokens) for tokens in prompts}):
            if arguments.profile:
                print(f"kernels of a chunk of {tokens}, at the prompt's beginning")
                profile(partial(new.read, new.chunks(tokens, tokens)))
    for first in [int(tokens) for tokens in arguments.padded.split(",") if tokens]:
        results += measure_padded(new, first)
    print(gpu_state())
    print(json.dumps({"bench": "cuda_prompts", "dense": arguments.dense, "results": results}))


if __name__ == "__main__":
    main()
