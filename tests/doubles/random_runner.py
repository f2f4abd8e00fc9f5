"""Runner double with random logits: if its output is valid, the grammar alone made it so."""

import numpy as np
import numpy.typing as npt

from ossia.engine.gpt_oss.sampler import sample
from ossia.engine.sequence import Batch, Sampled


class RandomRunner:
    """Runner with seeded, normally distributed logits, and neither keys nor values."""

    block_size = 32
    num_blocks = 1 << 20

    def __init__(self, vocab_size: int, seed: int = 0) -> None:
        self._vocab_size = vocab_size
        self._random = np.random.default_rng(seed)

    def run(self, batch: Batch) -> list[Sampled]:
        sequences = [item.sequence for item in batch.items if item.samples]
        logits: npt.NDArray[np.float32] = self._random.standard_normal((len(sequences), self._vocab_size), np.float32)
        return sample(logits * 4, sequences)
