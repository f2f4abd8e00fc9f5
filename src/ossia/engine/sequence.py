"""Sequences of token ids, and what is asked of each: to be continued, pooled or scored.

Token ids only. A Sequence knows nothing of text, of sockets or of the device that computes it.
"""

from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from ossia.engine.block_pool import BlockName
from ossia.engine.edits import NO_EDITS, Edits
from ossia.engine.window import WindowTable
from ossia.types import SamplingParams

StopReason = Literal["stop", "length"]

Words = npt.NDArray[np.uint32]
"""A mask over the vocabulary, 32 ids a word: id i is allowed if bit i % 32 of word i // 32 is set."""


class SequenceStatus(Enum):
    WAITING = auto()
    RUNNING = auto()
    PREEMPTED = auto()  # waiting again, after it had run
    FINISHED = auto()


class Constraint(Protocol):
    """A grammar's state after the ids of one sequence. `failed` is set when it can no longer tell what may follow."""

    failed: bool

    @property
    def words(self) -> Future[Words]:
        """Mask of the ids that may come next, at least one; ids beyond the last word may not. Set by `prepare`."""
        ...

    @property
    def overdue(self) -> bool:
        """True if the mask takes so long that the sequence should end without it."""
        ...

    def prepare(self) -> None:
        """Start to compute the next mask in the background."""
        ...

    def accept(self, token: int) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Continue the sequence by at most `max_tokens` sampled ids, ending early with an id of `stop_token_ids`.

    Penalties for repetition skip `unpenalised_ids`, such as the marks that a chat format puts into every message.
    With a `constraint`, only ids that it allows are sampled.
    """

    sampling: SamplingParams
    max_tokens: int
    seed: int = 0
    stop_token_ids: frozenset[int] = frozenset()
    unpenalised_ids: frozenset[int] = frozenset()
    constraint: Constraint | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """Compute the mean of the final states of all ids."""


@dataclass(frozen=True, slots=True)
class Score:
    """Compute the log probability of each id after those before it, and the `top` likeliest ids there."""

    top: int


Task = Sample | Pool | Score


@dataclass(frozen=True, slots=True)
class Sampled:
    """A sampled or scored id, its log probability, and the likeliest (id, log probability) pairs if asked for."""

    token: int
    logprob: float | None = None
    top: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class StateSum:
    """Sum of some ids' final states, [hidden size]."""

    values: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scores:
    """Log probabilities of some ids of a sequence, in order. A sequence's first id has none."""

    tokens: list[Sampled]


@dataclass(slots=True, eq=False)
class Sequence:
    """The ids of one request, and the blocks that hold their keys and values, apart for layers with a window.

    `token_ids` starts with the prompt and grows by the sampled ids. The first `num_computed_tokens` ids are in the KV
    cache, or will be once the steps in flight are done. `num_in_flight` counts those steps; `num_unknown` counts the
    ids that they sample, which belong to the sequence but are not in `token_ids` yet. `num_cached_tokens` counts the
    prompt's ids that were found in the cache when the sequence was first admitted, and before that when it was added.
    `partial` holds what has been pooled or scored so far. Cached blocks are shared with sequences of the same `space`
    only; clients share what there is. `block_names` are those of the first blocks, as far as they were looked for.
    `last_batch` is the number of the latest batch that the sequence was in. `lacks_mask` is set while the sequence sits
    out, since its mask came too late for a step.
    """

    id: int
    token_ids: list[int]
    task: Task
    space: str = ""
    client: str = ""
    num_prompt_tokens: int = field(init=False)
    status: SequenceStatus = SequenceStatus.WAITING
    block_table: list[int] = field(default_factory=list[int])
    block_names: list[BlockName] = field(default_factory=list[BlockName])
    window_table: WindowTable = field(default_factory=WindowTable)
    num_computed_tokens: int = 0
    num_in_flight: int = 0
    num_unknown: int = 0
    num_cached_tokens: int = 0
    last_batch: int = 0
    lacks_mask: bool = False
    partial: list[StateSum | Scores] = field(default_factory=list[StateSum | Scores])

    edits: Edits = field(init=False)

    def __post_init__(self) -> None:
        self.num_prompt_tokens = len(self.token_ids)
        task = self.task
        self.edits = Edits(task.sampling, task.unpenalised_ids) if isinstance(task, Sample) else NO_EDITS

    @property
    def constraint(self) -> Constraint | None:
        return self.task.constraint if isinstance(self.task, Sample) else None

    @property
    def num_tokens(self) -> int:
        """Length of the sequence, including ids that are sampled but not known yet."""
        return len(self.token_ids) + self.num_unknown

    @property
    def num_pending_tokens(self) -> int:
        """Number of ids still to be computed. The last id that may be sampled never is, since nothing follows it."""
        task = self.task
        if isinstance(task, Sample) and self.num_tokens - self.num_prompt_tokens >= task.max_tokens:
            return 0
        return self.num_tokens - self.num_computed_tokens


@dataclass(frozen=True, slots=True)
class StepOutput:
    """An id that was sampled for one sequence. `finished` tells why the sequence ended, if it did."""

    id: int
    sampled: Sampled
    finished: StopReason | None
    num_cached_tokens: int


@dataclass(frozen=True, slots=True)
class Pooled:
    """The mean of a sequence's final states, [hidden size]; it ends the sequence."""

    id: int
    mean: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scored:
    """Log probabilities of a sequence's ids from the second one on; they end the sequence."""

    id: int
    tokens: list[Sampled]


@dataclass(frozen=True, slots=True)
class Broken:
    """End of a sequence whose logits or states are not numbers."""

    id: int


@dataclass(frozen=True, slots=True)
class Unmasked:
    """End of a sequence whose mask could not be computed, or is too late."""

    id: int
    is_late: bool


Output = StepOutput | Pooled | Scored | Broken | Unmasked
