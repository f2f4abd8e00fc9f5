"""Decode speed on an NVIDIA GPU: steps of the true 20b shape, sampling included, each one CUDA graph.

    python bench/cuda_decode.py [--dense bf16|q8_0] [--batches 1,2,4,8] [--context 1024] [--prompt 2048] [--profile]
                         [--invariant] [--peer TOK_S]

Weights are random codes made on the device; ids that are drawn are the next step's input, so that the experts change.
`--invariant` also times what OSSIA_BATCH_INVARIANT=1 runs. `--peer` is what llama-bench measured on the same card. TB/s
counts the bytes that a step must read, against the 4.3 of a copy on an H200. The last line is one JSON object.
"""

import argparse
import json
import statistics
import subprocess
from collections import defaultdict
from collections.abc import Callable
from functools import partial

import torch
import triton

from ossia.engine.gpt_oss.config import GptOssConfig, Yarn
from ossia.engine.gpt_oss.cuda.compile import compiling
from ossia.engine.gpt_oss.cuda.forward import DecodeInputs, DeviceCache, ExtendInputs, Forward, attention_tiles
from ossia.engine.gpt_oss.cuda.graphs import StepGraphs
from ossia.engine.gpt_oss.cuda.kernels.draw import DrawKernels
from ossia.engine.gpt_oss.cuda.layout import BLOCK_SIZE, DeviceKind, DeviceLayer, DeviceMatrix, DeviceWeights
from ossia.engine.gpt_oss.cuda.tuned import Tuning

COPY_TB_S = 4.3
REPLAYS = 20  # of a graph in one sample
SAMPLES = 30
MODES = [("PDL", True, False), ("", False, False), ("invariant", True, True)]
"""Names of ways to run, whether launches are dependent, and whether batches change no bit."""


def shape(layers: int) -> GptOssConfig:
    return GptOssConfig(
        num_layers=layers, hidden_size=2880, intermediate_size=2880, num_heads=64, num_kv_heads=8, head_dim=64,
        num_experts=32, experts_per_token=4, vocab_size=201088, sliding_window=128,
        sliding_pattern=tuple(layer % 2 == 0 for layer in range(layers)), context_length=131072, rope_theta=150000.0,
        yarn=Yarn(32.0, 4096),
    )  # fmt: skip


def random_weights(config: GptOssConfig, dense: DeviceKind) -> DeviceWeights:
    c, device = config, "cuda"
    d, f, e, queries = c.hidden_size, c.intermediate_size, c.num_experts, c.num_heads * c.head_dim
    all_heads = queries + 2 * c.num_kv_heads * c.head_dim

    def vector(*shape: int, mean: float = 0.0) -> torch.Tensor:
        return mean + 0.1 * torch.randn(*shape, device=device)

    def matrix(kind: DeviceKind, rows: int, cols: int) -> DeviceMatrix:
        words = cols // (4 if kind == "q8_0" else 8)
        codes = torch.randint(-(1 << 31), 1 << 31, (rows, words), dtype=torch.int32, device=device)
        if kind == "q8_0":
            scales = (0.5 + torch.rand(rows, cols // 32, device=device)) * cols**-0.5 / 73
            return DeviceMatrix(kind, rows, cols, codes, scales.half())
        if kind == "mxfp4":
            scales = torch.randint(117, 122, (rows, cols // 32), dtype=torch.uint8, device=device)
            return DeviceMatrix(kind, rows, cols, codes, scales)
        values = torch.empty(rows, cols, dtype=torch.bfloat16, device=device)
        return DeviceMatrix(kind, rows, cols, values.normal_(0, cols**-0.5))

    def layer() -> DeviceLayer:
        return DeviceLayer(
            attn_norm=vector(d, mean=1), qkv=matrix(dense, all_heads, d), qkv_bias=vector(all_heads),
            sinks=vector(c.num_heads), out=matrix(dense, d, queries), out_bias=vector(d), mlp_norm=vector(d, mean=1),
            router=torch.randn(e, d, device=device) * d**-0.5, router_bias=vector(e),
            gate_up=matrix("mxfp4", e * 2 * f, d), gate_up_bias=vector(e, 2 * f), down=matrix("mxfp4", e * d, f),
            down_bias=vector(e, d),
        )  # fmt: skip

    embedding = matrix("bf16", c.vocab_size, d)
    embedding.values.mul_(d**0.5)
    layers = tuple(layer() for _ in range(c.num_layers))
    return DeviceWeights(c, embedding, matrix(dense, c.vocab_size, d), vector(d, mean=1), layers)


class Decoder:
    """Sequences of one length, decoded step by step in a graph: the forward pass, then a draw at temperature 1."""

    def __init__(
        self, weights: DeviceWeights, batches: list[int], context: int, *, tuning: Tuning | None = None,
        pdl: bool | None = None, rows: int = 0, invariant: bool = False,
    ) -> None:  # fmt: skip
        config, rows = weights.config, rows or max(batches)
        blocks = -(-max(context + 64, 2048 // rows) // BLOCK_SIZE)
        cache = DeviceCache(config, rows * blocks, "cuda")
        for layer in cache.blocks:
            layer.normal_()
        self.inputs = DecodeInputs.empty(rows, max(blocks, 2048), cache)
        places = torch.randperm(rows * blocks, device="cuda").int().view(rows, blocks)
        self.inputs.tables[0, :rows, :blocks] = places
        self._context, self._rows = context, rows
        self._forward = Forward(
            weights, cache, self.inputs, max_tokens=2048, invariant=invariant, tuning=tuning, pdl=pdl
        )
        self._draw = DrawKernels(rows, config.vocab_size, torch.device("cuda"))
        self._out = torch.zeros(rows, dtype=torch.int32, device="cuda")
        self._ones = torch.ones(rows, device="cuda")
        self._u = torch.rand(rows, dtype=torch.float64, device="cuda")
        self._none = torch.full((rows,), -1, dtype=torch.int32, device="cuda")
        self._words = torch.zeros(1, -(-config.vocab_size // 32), dtype=torch.int32, device="cuda")
        with compiling():
            for batch in batches:
                self.step(batch)
        self.graphs = StepGraphs(self.step, batches)
        for batch in batches:
            self.graphs.launch(batch)

    def extend(self, tokens: int) -> None:
        """One chunk of a prompt, its last token's logits included; the cache holds nothing else of it."""
        places = torch.arange(tokens, dtype=torch.int32, device="cuda")
        start = torch.tensor([0, tokens], dtype=torch.int32)
        tiles = torch.from_numpy(attention_tiles(start.tolist())).cuda()
        last = torch.tensor([tokens - 1], device="cuda")
        inputs = ExtendInputs(places, places, torch.zeros_like(places), self._none[:1] + 1, start.cuda(), tiles, last)
        self._forward.logits(self._forward.extend(inputs))

    def step(self, batch: int) -> None:
        logits = self._forward.decode(batch)
        self._draw(
            logits, self._ones[:batch], self._u[:batch], self._none[:batch], self._words, self._out[:batch],
            self.inputs.rows[:batch], self.inputs.last_tokens,
        )  # fmt: skip

    def stage(self, shift: int) -> None:
        """All sequences have context - 1 tokens, but for a few; their next id is the device's latest."""
        staged = torch.empty(3, self._rows, dtype=torch.int32)
        staged[0], staged[1], staged[2] = -1, torch.arange(self._rows), self._context - 1 - shift % 8
        self.inputs.staging.copy_(staged)


def microseconds(run: Callable[[], None], before: Callable[[int], None]) -> list[float]:
    """Time of one of REPLAYS runs, in each sample."""
    times: list[float] = []
    for sample in range(SAMPLES + 2):
        before(sample)
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        for _ in range(REPLAYS):
            run()
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end) * 1e3 / REPLAYS)
    return times[2:]


def step_bytes(weights: DeviceWeights, batch: int, context: int) -> float:
    """Bytes that a step reads: experts that some token is expected to choose, once; dense weights; visible keys."""
    c = weights.config
    touched = 1 - (1 - c.experts_per_token / c.num_experts) ** batch
    experts = sum(layer.gate_up.num_bytes + layer.down.num_bytes for layer in weights.layers)
    dense = sum(layer.num_bytes for layer in weights.layers) - experts + weights.output.num_bytes
    seen = sum(min(context, c.sliding_window) if c.is_sliding(layer) else context for layer in range(c.num_layers))
    return experts * touched + dense + batch * seen * 2 * c.num_kv_heads * c.head_dim * 2


def profile(run: Callable[[], None]) -> dict[str, float]:
    """Microseconds of a launch of each kernel, by CUPTI; what a program waits for the kernel before it counts too."""
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as found:
        for _ in range(5):
            run()
        torch.cuda.synchronize()
    times: dict[str, list[float]] = defaultdict(list)
    for event in found.events():
        if event.device_type == torch.autograd.DeviceType.CUDA:
            times[event.name].append(event.device_time)
    for name, values in sorted(times.items(), key=lambda item: -sum(item[1]))[:12]:
        shown = f"{len(values) / 5:6.0f} launches {statistics.median(values):8.2f} us, {sum(values) / 5:8.1f} a step"
        print(f"    {name[:40]:40}{shown}")
    return {name: statistics.median(values) for name, values in times.items()}


def time_prompt(decoder: Decoder, tokens: int) -> dict[str, object]:
    for _ in range(2):
        decoder.extend(tokens)
    torch.cuda.synchronize()
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    for _ in range(3):
        decoder.extend(tokens)
    end.record()
    end.synchronize()
    seconds = start.elapsed_time(end) / 3e3
    print(f"prompt of {tokens}: {seconds * 1e3:.1f} ms, {tokens / seconds:.0f} tok/s")
    return {"prompt": tokens, "seconds": seconds}


def gpu_state() -> str:
    query = "name,driver_version,clocks.sm,clocks.mem,temperature.gpu,power.draw"
    command = ["nvidia-smi", f"--query-gpu={query}", "--format=csv,noheader"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def time_decodes(decoder: Decoder, batch: int, step_size: float, name: str) -> dict[str, object]:
    times = sorted(microseconds(lambda: decoder.graphs.launch(batch), decoder.stage))
    median, low, high = statistics.median(times), times[len(times) // 10], times[-len(times) // 10]
    rate, speed = batch * 1e6 / median, step_size / median / 1e6
    print(f"{name:24}{median:10.1f}{low:9.1f}-{high:8.1f}{rate:8.0f}{speed:6.2f}{speed / COPY_TB_S:8.0%}", flush=True)
    return {"name": name, "batch": batch, "us": median, "spread": (low, high), "tok_s": rate, "tb_s": speed}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dense", choices=["bf16", "q8_0"], default="bf16")
    parser.add_argument("--batches", default="1,2,4,8")
    parser.add_argument("--context", type=int, default=1024)
    parser.add_argument("--prompt", type=int, default=0, help="tokens of a prompt's chunk to time too, at most 2048")
    parser.add_argument("--layers", type=int, default=24)
    parser.add_argument("--profile", action="store_true", help="the time of each kernel, without dependent launch")
    parser.add_argument("--invariant", action="store_true", help="time batch invariant steps too")
    parser.add_argument("--peer", type=float, help="llama-bench's tokens a second at batch 1")
    arguments = parser.parse_args()
    batches = [int(batch) for batch in arguments.batches.split(",")]

    print(gpu_state(), "torch", torch.__version__, "triton", triton.__version__)
    torch.manual_seed(1)
    weights = random_weights(shape(arguments.layers), arguments.dense)
    results: list[dict[str, object]] = []
    print(f"{'':24}{'us a step':>10}{'10-90 %':>18}{'tok/s':>8}{'TB/s':>6}{'of 4.3':>8}")
    for name, pdl, invariant in MODES[: 3 if arguments.invariant else 2]:
        decoder = Decoder(weights, batches, arguments.context, pdl=pdl, invariant=invariant)
        for batch in batches:
            label = f"batch {batch} {name}"
            results.append(time_decodes(decoder, batch, step_bytes(weights, batch, arguments.context), label))
            if arguments.profile and not pdl:
                profile(partial(decoder.graphs.launch, batch))
    if arguments.prompt:
        results.append(time_prompt(decoder, arguments.prompt))
        if arguments.profile:
            profile(partial(decoder.extend, arguments.prompt))
    if arguments.peer:
        print(f"ossia is {float(str(results[0]['tok_s'])) / arguments.peer:.2f} x llama.cpp at batch {batches[0]}")
    print(gpu_state())
    print(json.dumps({"bench": "cuda", "dense": arguments.dense, "context": arguments.context, "results": results}))


if __name__ == "__main__":
    main()
