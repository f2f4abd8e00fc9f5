"""Processes that compute one model together, as ranks do on GPUs, by torch's collectives for the processor."""

import multiprocessing
import tempfile
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import torch
from torch import distributed

from ossia.engine.gpt_oss.cuda.ranks import Ranks
from tests.cuda.packed import DEVICE

Work = Callable[[Ranks], torch.Tensor]


def together(size: int, work: Work) -> list[torch.Tensor]:
    """Results of each of so many ranks. `work` is a function of a module, or a partial of one."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(size, multiprocessing.get_context("spawn")) as pool,
    ):
        running = [pool.submit(_rank, Path(folder, "store"), Ranks(rank, size), work) for rank in range(size)]
        return [one.result() for one in running]


def _rank(store: Path, ranks: Ranks, work: Work) -> torch.Tensor:
    warnings.simplefilter("ignore")  # of the interpreter
    torch.set_num_threads(1)
    if DEVICE == "cuda":
        torch.cuda.set_device(ranks.rank)
    backend = "nccl" if DEVICE == "cuda" else "gloo"
    distributed.init_process_group(
        backend, store=distributed.FileStore(str(store), ranks.size), rank=ranks.rank, world_size=ranks.size
    )
    try:
        return work(ranks).cpu()
    finally:
        distributed.destroy_process_group()
