"""CUDA graphs of decode steps, one for each of a few batch sizes: a step costs the host one launch.

It knows how to capture and replay a function of a batch size, and nothing of what the function does. Places that a
batch does not fill are its caller's to pad.
"""

from collections.abc import Callable, Iterable

import torch

SIZES = (1, 2, 4, 8, 16, 32, 64, 96, 128)


class DecodeGraphs:
    """`step(batch)` launches a whole decode step on the current stream: always the same kernels on the same memory."""

    def __init__(self, step: Callable[[int], None], sizes: Iterable[int] = SIZES) -> None:
        self._step = step
        self._sizes = sorted(sizes)
        self._graphs: dict[int, torch.cuda.CUDAGraph] = {}
        self._pool = torch.cuda.graph_pool_handle()

    def bucket(self, batch: int) -> int:
        """The least size that holds the batch."""
        return next(size for size in self._sizes if size >= batch)

    def has(self, batch: int) -> bool:
        """True if the batch's bucket is captured."""
        return self.bucket(batch) in self._graphs

    def capture(self, batch: int) -> None:
        """Launch the step of the batch's bucket, as `replay` will, and record it."""
        size = self.bucket(batch)
        self._step(size)
        torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool):
            self._step(size)
        self._graphs[size] = graph

    def replay(self, batch: int) -> None:
        """Launch the step of the batch's bucket, which is captured."""
        self._graphs[self.bucket(batch)].replay()
