"""Grammars on the device: whatever a model of noise writes through CudaRunner's sampler is of its schema.

A few schemas in torch on the processor, 125 and as many sets of tools on a GPU.
"""

import pytest
import torch
from torch import Tensor

from ossia.engine.gpt_oss.cuda.forward import DecodeInputs
from ossia.engine.gpt_oss.cuda.rows import Flat
from ossia.engine.gpt_oss.cuda.runner import CudaRunner
from ossia.engine.gpt_oss.cuda.sampling import Sampler
from ossia.engine.gpt_oss.cuda.work import Computer
from ossia.engine.memory import Memory
from ossia.engine.runner import Capacity
from tests.unit import test_constraint

ON_GPU = torch.cuda.is_available()
DEVICE = torch.device("cuda" if ON_GPU else "cpu")


class Noise:
    """Forward pass whose logits are normal noise."""

    def __init__(self, vocab_size: int, seed: int) -> None:
        self._vocab_size = vocab_size
        self._generator = torch.Generator(DEVICE).manual_seed(seed)

    def decode(self, batch: int) -> Tensor:
        return torch.randn(batch, self._vocab_size, device=DEVICE, generator=self._generator) * 4

    def extend(self, flat: Flat) -> Tensor:
        return torch.zeros(len(flat.final_rows), 1, device=DEVICE)

    def logits(self, states: Tensor) -> Tensor:
        return self.decode(len(states))


def noisy_runner(vocab_size: int, seed: int = 0) -> CudaRunner:
    def full(fill: int, *shape: int) -> Tensor:
        return torch.full(shape, fill, dtype=torch.int32, device=DEVICE)

    staging = full(0, 3, 1)
    inputs = DecodeInputs(staging, *staging, full(0, 1, 2, 256), full(0, 2))
    capacity = Capacity(32, 256, 4096, 8192, Memory(0, 0), depth=2)
    return CudaRunner(Computer(Noise(vocab_size, seed), inputs), Sampler(vocab_size, 1, inputs.last_tokens), capacity)


@pytest.mark.parametrize("seed", range(125 if ON_GPU else 2))
def test_schemas_and_calls_are_kept(seed: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(test_constraint, "RandomRunner", noisy_runner)
    test_constraint.test_a_random_schema_is_kept(7000 + seed)
    test_constraint.test_a_required_call_is_made_with_arguments_of_its_schema(7000 + seed)
