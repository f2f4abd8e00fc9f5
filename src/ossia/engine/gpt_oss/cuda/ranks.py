"""Ranks: the devices that compute one model together, each its shard, and what they tell each other in a step."""

import os
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, distributed


@dataclass(frozen=True, slots=True)
class Ranks:
    """Place of this process among those of a model, by default alone. All call the same methods in the same order.

    With others, there is a process group of torch's: NCCL's on GPUs, whose collectives become part of CUDA graphs. On
    torch's meta device nothing is told.
    """

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """True for the rank that draws ids, and that adds to a sum what is not to be added twice."""
        return self.rank == 0

    def meet(self, store: str, device: torch.device) -> None:
        """Wait until all ranks are there. `store` is the path of a file that all of them can open."""
        if self.size > 1:
            os.environ.setdefault("NCCL_SOCKET_IFNAME", "lo")  # all are on this machine
            os.environ.setdefault("NCCL_NVLS_ENABLE", "0")  # sums in NVLink's switches: of no use for so small ones
            on_gpu = device.type == "cuda"
            distributed.init_process_group(
                "nccl" if on_gpu else "gloo",
                store=distributed.FileStore(store, self.size),
                rank=self.rank,
                world_size=self.size,
                device_id=device if on_gpu else None,
            )

    def add(self, part: Tensor) -> None:
        """Replace every rank's part by their sum: the same bits everywhere."""
        if self._tells(part):
            distributed.all_reduce(part)

    def total(self, parts: Tensor, room: Tensor) -> Tensor:
        """Parts f32[n, T, D] of the same sum: those of all ranks, added up in `room` f32[T, D], are one."""
        if self.size == 1:
            return parts
        if self._tells(room):
            torch.sum(parts, 0, out=room)
            self.add(room)
        return room[None]

    def share(self, tensor: Tensor) -> None:
        """Give all ranks what the leader has there."""
        if self._tells(tensor):
            distributed.broadcast(tensor, 0)

    def once(self, residual: Tensor) -> Tensor:
        """A residual that is about to become part of a sum, zeroed for all ranks but the leader."""
        return residual.zero_() if self._tells(residual) and not self.leads else residual

    def _tells(self, tensor: Tensor) -> bool:
        return self.size > 1 and tensor.device.type != "meta"


ALONE: Final = Ranks()
