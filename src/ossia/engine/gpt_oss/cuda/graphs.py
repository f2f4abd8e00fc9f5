"""CUDA graphs of steps, one for each of a few sizes: a step costs the host one launch.

It knows how to capture and replay a function of a size, and nothing of what the function does. Places that a step does
not fill are its caller's to pad.
"""

from collections.abc import Callable, Iterable

import torch

SIZES = (1, 2, 4, 8, 16, 32, 64, 80, 96, 128)
"""Sequences of a step of new tokens alone; 80 is for the usual 64 and those in extra places."""


class StepGraphs:
    """`step(size)` launches a whole step on the current stream: always the same kernels on the same memory."""

    def __init__(self, step: Callable[[int], None], sizes: Iterable[int]) -> None:
        self._step = step
        self._sizes = sorted(sizes)
        self._graphs: dict[int, torch.cuda.CUDAGraph] = {}
        self._pool = torch.cuda.graph_pool_handle()

    def size_for(self, count: int) -> int | None:
        """The least size that holds so many, if one does."""
        return next((size for size in self._sizes if size >= count), None)

    def launch(self, size: int) -> None:
        """Launch the step of a size. The first one is recorded."""
        if graph := self._graphs.get(size):
            graph.replay()
        else:
            self._capture(size)

    def _capture(self, size: int) -> None:
        self._step(size)
        torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool):
            self._step(size)
        self._graphs[size] = graph
