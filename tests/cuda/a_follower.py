"""A follower on the processor, around the model of integers of test_runner.py: `python -m tests.cuda.a_follower FD`."""

import sys
from multiprocessing.connection import Connection

import torch
from torch import Tensor

from ossia.engine.gpt_oss.cuda.follower import follow
from ossia.engine.gpt_oss.cuda.followers import Task
from ossia.engine.gpt_oss.cuda.ranks import Ranks
from ossia.engine.gpt_oss.cuda.rows import Flat
from ossia.engine.gpt_oss.cuda.work import Computer
from tests.cuda.test_runner import FakeModel, fake

NUM_BLOCKS = 12


class Divided:
    """A model of integers whose logits and states are sums over all ranks: of equal parts, if all computed the same."""

    def __init__(self, whole: FakeModel, ranks: Ranks) -> None:
        self._whole, self._ranks = whole, ranks

    def decode(self, batch: int) -> Tensor:
        self._ranks.share(self._whole.inputs.last_tokens)
        return self._sum(self._whole.decode(batch))

    def extend(self, flat: Flat) -> Tensor:
        self._ranks.share(self._whole.inputs.last_tokens)
        return self._sum(self._whole.extend(flat))

    def logits(self, states: Tensor) -> Tensor:
        return self._whole.logits(states)

    def _sum(self, part: Tensor) -> Tensor:
        part = part / self._ranks.size
        self._ranks.add(part)
        return part


def load(task: Task) -> Computer:
    if task.files:
        raise ValueError("there are no files here")
    whole, ranks = fake([NUM_BLOCKS]), Ranks(task.rank, task.size)
    ranks.meet(task.store, torch.device("cpu"))
    return Computer(Divided(whole, ranks), whole.inputs)


if __name__ == "__main__":
    follow(Connection(int(sys.argv[1])), load)
