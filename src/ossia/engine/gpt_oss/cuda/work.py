"""Work: a step's forward pass as the host prepares it, in numpy, and a computer that runs it on its device.

All ranks of a model run the same work. Whose ids they are, and what is drawn from the results, is not known here.
"""

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from ossia.engine.gpt_oss.cuda.inputs import DecodeInputs
from ossia.engine.gpt_oss.cuda.rows import Flat, Ints, Places
from ossia.engine.gpt_oss.cuda.transfer import pinned, upload


class Model(Protocol):
    """A forward pass over the computer's inputs. What it returns is valid until the next call; see forward.py."""

    def decode(self, batch: int) -> Tensor:
        """Logits f32[batch, V] after one token of each of the first places."""
        ...

    def extend(self, flat: Flat) -> Tensor:
        """Final states f32[F, D] of the batch's final rows."""
        ...

    def logits(self, states: Tensor) -> Tensor:
        """Logits f32[n, V] of a few states."""
        ...


@dataclass(frozen=True, slots=True)
class Decode:
    """One new token of each of `count` sequences: `staged` i32[3, places] are their ids, rows and positions."""

    staged: Ints
    count: int


@dataclass(frozen=True, slots=True)
class Work:
    """Tokens to compute, and the entries of block tables i64[4, n] that the device lacks for them."""

    blocks: Places
    tokens: Decode | Flat


class Computer:
    """A model on a device, and the inputs there that it reads."""

    def __init__(self, model: Model, inputs: DecodeInputs) -> None:
        self.model, self.inputs = model, inputs
        self.device = inputs.staging.device

    def run(self, work: Work) -> Tensor:
        """Queue a forward pass; returns the logits [B, V] of a decode, or the final states [F, D] of other batches."""
        if work.blocks.size:
            pools, rows, places, blocks = upload(work.blocks, self.device).unbind(0)
            self.inputs.tables[pools, rows, places] = blocks.int()
        match work.tokens:
            case Decode(staged, count):
                self.inputs.staging.copy_(pinned(staged, self.device), non_blocking=True)
                return self.model.decode(count)
            case Flat() as flat:
                return self.model.extend(flat)
