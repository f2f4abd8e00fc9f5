"""Compile every kernel that an engine launches for a card that is not here; look at the machine code.

    python -m tests.cuda.compile_only --sm 90 [--shape 20b|small] [--dense bf16 q8_0] [--experts mxfp4] [--ranks 2]

The very launches of an engine's start run on tensors without memory; where they would start a kernel, it is compiled
only: of each kind of engine, those of a cache of 8 bits and of batches that change no bit too. `--ranks` divides the
model over so many GPUs. Prints registers, spills, shared memory, and for sm_90 and newer the weights' loads before the
wait.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
import triton
from triton.backends.compiler import GPUTarget
from triton.backends.driver import DriverBase
from triton.runtime.jit import JITFunction

from ossia.config import EngineOptions
from ossia.engine.gpt_oss.config import GptOssConfig, Yarn
from ossia.engine.gpt_oss.cuda.assemble import Parts, assemble
from ossia.engine.gpt_oss.cuda.layout import DeviceKind, DeviceLayer, DeviceMatrix, DeviceWeights
from ossia.engine.gpt_oss.cuda.ranks import ALONE, Ranks
from ossia.engine.gpt_oss.shard import NEURONS

CUOBJDUMP = Path(triton.__file__).parent / "backends/nvidia/bin/cuobjdump"
A_FEW_BYTES = 24  # of stack, which ptxas keeps now and then: most in the experts' tile of 64 tokens, with 255 registers
EARLY = ("norm_gemv_kernel", "few_gemv_kernel", "decode_attention_kernel", "project_kernel", "down_kernel")
BLOCKS = 640  # of each pool of the cache, which is no matter to a kernel
KINDS = (EngineOptions(), EngineOptions(kv_cache_type="q8_0"), EngineOptions(batch_invariant=True))
SHARED_LIMIT = {80: 163, 86: 99, 89: 99, 90: 227, 100: 227, 120: 99}  # KiB a block


class NoDriver(DriverBase):
    """A card that can be compiled for and nothing else."""

    def __init__(self, sm: int) -> None:
        self._target = GPUTarget("cuda", sm, 32)
        self.get_current_stream = lambda device: 0
        self.get_current_device = lambda: 0

    @classmethod
    def is_active(cls) -> bool:
        return True

    def map_python_to_cpp_type(self, ty: str) -> str:
        return ty

    def get_current_target(self) -> GPUTarget:
        return self._target

    def get_active_torch_device(self) -> torch.device:
        return torch.device("meta")

    def get_benchmarker(self) -> Any:
        raise NotImplementedError


@contextmanager
def compiling_only(sm: int) -> Iterator[dict[str, Any]]:
    """Launches compile; the compiled kernels by name."""
    found: dict[str, Any] = {}
    run = JITFunction.run

    def compile_only(self: JITFunction, *args: Any, grid: Any, warmup: bool, **kwargs: Any) -> Any:
        kernel = run(self, *args, grid=grid, warmup=True, **kwargs)
        name = self.__name__
        while name in found and found[name].hash != kernel.hash:
            name += "'"
        found[name] = kernel
        return kernel

    triton.runtime.driver.set_active(NoDriver(sm))
    JITFunction.run = compile_only
    try:
        yield found
    finally:
        JITFunction.run = run


@dataclass
class Usage:
    registers: int
    stack: int
    shared: int
    early_loads: int  # wide loads from global memory before the first wait
    waits: int


def usage(kernel: Any) -> Usage:
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(kernel.asm["cubin"])
        file.flush()
        resources = subprocess.run([CUOBJDUMP, "-res-usage", file.name], capture_output=True, text=True).stdout
        code = subprocess.run([CUOBJDUMP, "-sass", file.name], capture_output=True, text=True).stdout
    early = code.split("ACQBULK")[0] if "ACQBULK" in code else ""
    numbers = {key: int(value) for key, value in re.findall(r"(REG|STACK|SHARED|LOCAL):(\d+)", resources)}
    return Usage(
        numbers["REG"], numbers["STACK"], kernel.metadata.shared, len(re.findall(r"LDG\.E\S*\.(?:128|64)", early)),
        code.count("ACQBULK"),
    )  # fmt: skip


def config(shape: str) -> GptOssConfig:
    large = shape == "20b"
    layers = 2
    return GptOssConfig(
        num_layers=layers, hidden_size=2880 if large else 128, intermediate_size=2880 if large else 96,
        num_heads=64 if large else 4, num_kv_heads=8 if large else 2, head_dim=64, num_experts=32 if large else 8,
        experts_per_token=4, vocab_size=201088 if large else 512, sliding_window=128 if large else 8,
        sliding_pattern=(True, False), context_length=131072, rope_theta=150000.0, yarn=Yarn(32.0, 4096),
    )  # fmt: skip


def meta_weights(c: GptOssConfig, dense: DeviceKind, experts: DeviceKind) -> DeviceWeights:
    """Weights of the right types and shapes, without memory."""
    types = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}

    def tensor(dtype: torch.dtype, *shape: int) -> torch.Tensor:
        return torch.empty(shape, dtype=dtype, device="meta")

    def vector(*shape: int) -> torch.Tensor:
        return tensor(torch.float32, *shape)

    def matrix(kind: DeviceKind, rows: int, cols: int) -> DeviceMatrix:
        if kind == "q8_0":
            parts = tensor(torch.int32, rows, cols // 4), tensor(torch.float16, rows, cols // 32)
        elif kind == "mxfp4":
            parts = tensor(torch.int32, rows, cols // 8), tensor(torch.uint8, rows, cols // 32)
        else:
            parts = tensor(types[kind], rows, cols), None
        return DeviceMatrix(kind, rows, cols, *parts)

    d, f, e, queries = c.hidden_size, c.intermediate_size, c.num_experts, c.num_heads * c.head_dim
    all_heads = queries + 2 * c.num_kv_heads * c.head_dim
    layer = DeviceLayer(
        attn_norm=vector(d), qkv=matrix(dense, all_heads, d), qkv_bias=vector(all_heads), sinks=vector(c.num_heads),
        out=matrix(dense, d, queries), out_bias=vector(d), mlp_norm=vector(d), router=vector(e, d),
        router_bias=vector(e), gate_up=matrix(experts, e * 2 * f, d), gate_up_bias=vector(e, 2 * f),
        down=matrix(experts, e * d, f), down_bias=vector(e, d),
    )  # fmt: skip
    vocabulary = matrix(dense, c.vocab_size, d)
    return DeviceWeights(c, vocabulary, vocabulary, vector(d), (layer,) * c.num_layers)


def engine(
    c: GptOssConfig, dense: DeviceKind, experts: DeviceKind, sm: int, options: EngineOptions, ranks: Ranks = ALONE
) -> Parts:
    """An engine without memory, of a rank of a model of this shape."""
    weights = meta_weights(share(c, ranks), dense, experts)
    return assemble(weights, BLOCKS, options, sm >= 90, num_window_blocks=BLOCKS, ranks=ranks)


def share(c: GptOssConfig, ranks: Ranks) -> GptOssConfig:
    """The part of a model that a rank has; see `shard`."""
    tiles, n = c.intermediate_size // NEURONS, ranks.size
    first, stop = (-(-tiles * rank // n) * NEURONS for rank in (ranks.rank, ranks.rank + 1))
    own = {"num_heads": c.num_heads // n, "num_kv_heads": c.num_kv_heads // n, "intermediate_size": stop - first}
    return replace(c, **own) if n > 1 else c


def compile_all(sm: int, c: GptOssConfig, dense: DeviceKind, experts: DeviceKind, num_ranks: int) -> dict[str, Any]:
    """All kernels that engines of the kinds launch, on any of the ranks."""
    with compiling_only(sm) as found, torch.device("meta"):
        for options in KINDS:
            for rank in range(num_ranks):
                engine(c, dense, experts, sm, options, Ranks(rank, num_ranks)).launch_all()
        return dict(found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sm", type=int, default=90)
    parser.add_argument("--shape", choices=["20b", "small"], default="20b")
    parser.add_argument("--dense", choices=["f32", "f16", "bf16", "q8_0"], nargs="+", default=["bf16", "q8_0"])
    parser.add_argument("--experts", choices=["f16", "bf16", "q8_0", "mxfp4"], default="mxfp4")
    parser.add_argument("--ranks", type=int, default=1)
    args = parser.parse_args()
    bad = 0
    for dense in args.dense:
        print(f"sm_{args.sm} {args.shape} {dense}: registers, stack, shared KiB, wide loads before the wait, waits")
        for name, kernel in compile_all(args.sm, config(args.shape), dense, args.experts, args.ranks).items():
            u = usage(kernel)
            found = faults(name, u, args.sm)
            bad += len(found)
            numbers = f"{u.registers:5}{u.stack:6}{u.shared / 1024:8.1f}{u.early_loads:5}{u.waits:4}"
            print(f"{name:32}{numbers}  {', '.join(found)}", flush=True)
    return 1 if bad else 0


def faults(name: str, u: Usage, sm: int) -> list[str]:
    found: list[str] = []
    if u.stack > A_FEW_BYTES:
        found.append("registers spill")
    if u.shared > SHARED_LIMIT[sm] << 10:
        found.append("too much shared memory")
    if u.waits > 1:
        found.append("waits twice")
    if sm >= 90 and name.strip("'") in EARLY and (u.early_loads < 3 or u.waits != 1):
        found.append("weights are loaded after the wait")
    return found


if __name__ == "__main__":
    sys.exit(main())
