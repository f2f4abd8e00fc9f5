"""Ranks: the devices that compute one model together, each its shard, and what they tell each other in a step."""

from dataclasses import dataclass
from typing import Final

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

    def add(self, part: Tensor) -> None:
        """Replace every rank's part by their sum: the same bits everywhere."""
        if self.size > 1 and part.device.type != "meta":
            distributed.all_reduce(part)

    def share(self, tensor: Tensor) -> None:
        """Give all ranks what the leader has there."""
        if self.size > 1 and tensor.device.type != "meta":
            distributed.broadcast(tensor, 0)

    def once(self, residual: Tensor) -> Tensor:
        """A residual that is about to become part of a sum, zeroed for all ranks but the leader."""
        return residual if self.leads else residual.zero_()


ALONE: Final = Ranks()
