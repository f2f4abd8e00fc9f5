"""Runner double with random logits: if its output is valid, the grammar alone made it so."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ossia.engine.gpt_oss.sampler import sample
from ossia.engine.memory import Memory
from ossia.engine.runner import Batch, Capacity, Result
from ossia.engine.sequence import Sample, Sequence, Words


class RandomRunner:
    """Runner with seeded, normally distributed logits, and neither keys nor values.

    A sequence has the same logits at a place however many steps it sits out: whether a mask is late is luck.
    """

    capacity = Capacity(
        block_size=32, num_blocks=256, max_batched_tokens=4096, context_length=8192, memory=Memory(host=0)
    )

    def __init__(self, vocab_size: int, seed: int = 0) -> None:
        self._vocab_size = vocab_size
        self._seed = seed

    def prepare(self) -> bool:
        return False

    def launch(self, batch: Batch) -> "RandomStep":
        assert all(isinstance(item.purpose, Sample) for item in batch.items)
        return RandomStep(batch, np.stack([self._logits(item.sequence) for item in batch.items]))

    def _logits(self, sequence: Sequence) -> npt.NDArray[np.float32]:
        random = np.random.default_rng((self._seed, sequence.id, len(sequence.token_ids)))
        return random.standard_normal(self._vocab_size, np.float32) * 4


@dataclass
class RandomStep:
    batch: Batch
    logits: npt.NDArray[np.float32]
    results: list[Result] = field(default_factory=list)
    is_computed: bool = True

    def sample(self, masks: Mapping[int, Words]) -> None:
        for row, item in zip(self.logits, self.batch.items, strict=True):
            lacks_mask = item.sequence.constraint is not None and item.sequence.id not in masks
            self.results += [None] if lacks_mask else sample(row[None], [item.sequence], masks)

    def collect(self) -> list[Result]:
        return self.results
