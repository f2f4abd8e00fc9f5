"""A model's process that fails on the GPU: `python -m tests.gpu.faulty_worker FD`, by FAULT.

It is the real process but for the fault, which is a real one too. It comes in the third step, or with FAULT_FILE in the
first step that finds the file of this name: each file makes one process fail.
"""

import os
from contextlib import suppress
from pathlib import Path

import torch
import triton
import triton.language as tl

from ossia.engine import worker
from ossia.engine.gpt_oss.cuda.runner import CudaRunner, Step
from ossia.engine.runner import Batch


@triton.jit
def write_far_away(place):
    tl.store(place + (1 << 44), 1)


def illegal_address() -> None:
    write_far_away[(1,)](torch.zeros(1, dtype=torch.int32, device="cuda"))


def assertion() -> None:
    places = torch.full((1,), 1 << 40, device="cuda")
    torch.zeros(4, device="cuda")[places] += 1


def out_of_memory() -> None:
    torch.empty(1 << 42, dtype=torch.uint8, device="cuda")


FAULTS = {"illegal address": illegal_address, "assertion": assertion, "out of memory": out_of_memory}
launch = CudaRunner.launch
steps = 0


def is_due() -> bool:
    if file := os.environ.get("FAULT_FILE"):
        with suppress(FileNotFoundError):
            Path(file).unlink()
            return True
        return False
    return steps == 3


def faulty(self: CudaRunner, batch: Batch) -> Step:
    global steps
    steps += 1
    if is_due():
        FAULTS[os.environ["FAULT"]]()
    return launch(self, batch)


if __name__ == "__main__":
    CudaRunner.launch = faulty
    if os.environ["FAULT"] == "out of memory at load":
        torch.cuda.set_per_process_memory_fraction(0.001)
    worker.main()
