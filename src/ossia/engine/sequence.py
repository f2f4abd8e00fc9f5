"""What is computed: sequences of token ids, and the batch that one step runs.

Ids only. A Sequence knows nothing of text, of sockets or of the device.
"""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from ossia.types import SamplingParams

StopReason = Literal["stop", "length"]


class SequenceStatus(Enum):
    WAITING = auto()
    RUNNING = auto()
    PREEMPTED = auto()  # waiting again, after it had run
    FINISHED = auto()


class Constraint(Protocol):
    """Which ids a sequence may go on with. `failed` once it cannot tell any more: then the sequence ends."""

    failed: bool

    def prepare(self) -> None:
        """Begin to find out, in the background; `mask` follows."""
        ...

    def mask(self) -> npt.NDArray[np.bool_]:
        """Which ids may come next, at least one. An id beyond the mask's length may not."""
        ...

    def accept(self, token: int) -> None: ...


@dataclass(slots=True, eq=False)
class Sequence:
    """One request's ids and the blocks that hold its keys and values.

    `token_ids` begins with the prompt and grows by the sampled ids. Of them, the first `num_computed_tokens` are in
    the KV cache. `num_cached_tokens` counts the prompt's tokens that were found there when it was first admitted.
    `max_tokens` bounds the sampled ids; a sampled id in `stop_token_ids` ends the sequence and is reported.
    `unpenalised_ids` must be free to repeat, as the marks of a chat format do in every message. With a `constraint`,
    only what it allows is sampled.

    A sequence that `pools` or `scores` is only read: nothing is sampled. Of the first the mean of its ids' final states
    is wanted, and `pooled` is their sum so far, of the first `num_computed_tokens` ids. Of the second it is how likely
    each id is after those before it, with the `scores` likeliest; `scored` are those of the ids after the first.
    """

    id: int
    token_ids: list[int]
    num_prompt_tokens: int
    sampling: SamplingParams
    stop_token_ids: frozenset[int]
    max_tokens: int
    seed: int
    unpenalised_ids: frozenset[int] = frozenset()
    constraint: Constraint | None = None
    pools: bool = False
    pooled: npt.NDArray[np.float64] | None = None
    scores: int | None = None
    scored: list["Sampled"] = field(default_factory=list["Sampled"])
    status: SequenceStatus = SequenceStatus.WAITING
    block_table: list[int] = field(default_factory=list[int])
    num_computed_tokens: int = 0
    num_cached_tokens: int = 0

    @property
    def is_only_read(self) -> bool:
        return self.pools or self.scores is not None

    @property
    def num_sampled_tokens(self) -> int:
        return len(self.token_ids) - self.num_prompt_tokens


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A sequence's part in a batch: the ids from `num_computed_tokens` on, `num_tokens` of them.

    `samples` is true when these reach the end of `token_ids`, so that a next token is drawn from the last logits.
    """

    sequence: Sequence
    num_tokens: int
    samples: bool


@dataclass(frozen=True, slots=True)
class Batch:
    items: tuple[Scheduled, ...]

    @property
    def num_tokens(self) -> int:
        return sum(item.num_tokens for item in self.items)


@dataclass(frozen=True, slots=True)
class Sampled:
    """A drawn id, its log probability and the likeliest (id, logprob) pairs; the last two only when asked for."""

    token: int
    logprob: float | None = None
    top: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class StepOutput:
    """What a step did for one sequence. `finished` tells why the sequence ended, if it did."""

    id: int
    sampled: Sampled
    finished: StopReason | None
    num_cached_tokens: int


@dataclass(frozen=True, slots=True)
class Pooled:
    """The mean of a sequence's final states, which ends it."""

    id: int
    mean: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scored:
    """How likely the ids of a sequence are, from the second one on. This ends it."""

    id: int
    tokens: list[Sampled]


class Runner(Protocol):
    """A device. `run` computes a batch, writes keys and values, and draws an id for each item that samples.

    Final states, which are those that logits are made of, are added to `pooled` of each sequence that pools; what is
    made of them to `scored` of each that scores.
    """

    block_size: int
    num_blocks: int

    def run(self, batch: Batch) -> list[Sampled]: ...
