"""The seam between the core and a device: the batch that goes in, the results that come out, the Runner between.

A step has three parts, so that a device can work on one step while the host prepares the next: `launch` starts the
forward pass, `sample` hands over the masks of grammars, `collect` waits for the results. A runner of depth 2 has one
step launched while the results of the step before are still out: the id that step N samples is an input of step N + 1
which only the device knows then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ossia.engine.memory import Memory
from ossia.engine.sequence import Sampled, Scores, Sequence, StateSum, Task, Words


@dataclass(frozen=True, slots=True)
class Prefill:
    """Compute the keys and values of a prompt's chunk that is not its last; nothing is returned."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One sequence's part of a batch: `num_tokens` ids from position `start` on, and what is wanted of them.

    Sample wants an id drawn from the logits of the last position; Pool and Score want something of every position.
    The id at the last position may still be unknown to the host: then `token_ids` is one shorter than `num_tokens`,
    and the missing id is the one that the sequence's latest step in flight samples.
    """

    sequence: Sequence
    start: int
    num_tokens: int
    purpose: Task | Prefill

    @property
    def stop(self) -> int:
        return self.start + self.num_tokens

    @property
    def token_ids(self) -> list[int]:
        return self.sequence.token_ids[self.start : self.stop]


@dataclass(frozen=True, slots=True)
class Batch:
    """The work of one step.

    Sequences in `released` gave up their blocks before it, so a device may drop what it keeps of them.
    An id in `released` may be in `items` too: that sequence was preempted and starts again. `num_plain` counts the
    answers that go on in it as everybody's fair share, and `num_surplus` those that a client has beyond it. Its prompts
    owe those answers time, unless they `owe_nothing`.
    """

    items: tuple[Scheduled, ...]
    released: tuple[int, ...] = ()
    num_plain: int = 0
    num_surplus: int = 0
    owe_nothing: bool = False

    @property
    def num_tokens(self) -> int:
        return sum(item.num_tokens for item in self.items)


@dataclass(frozen=True, slots=True)
class NotNumbers:
    """Result of an item whose logits or states are not numbers."""


Result = Sampled | NotNumbers | StateSum | Scores | None
"""Result of an item: Sampled for Sample, StateSum for Pool, Scores for Score, None for Prefill; NotNumbers for any."""


class Step(Protocol):
    """A batch that was launched. `sample` is called once, then `collect` once, each in the order of launching."""

    @property
    def is_computed(self) -> bool:
        """True if the forward pass is done, so that sampling would begin at once."""
        ...

    def sample(self, masks: Mapping[int, Words]) -> None:
        """Start to sample. `masks` holds the allowed ids of constrained sequences, by the sequence's id.

        A constrained sequence whose mask is missing need not be sampled: its result is not used.
        Up to depth 2 the host knows the ids of all earlier steps by now, unless their sequence was aborted.
        """
        ...

    def collect(self) -> list[Result]:
        """Wait for the results, one for each item of the batch."""
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """Blocks of the layers that look back over `length` tokens only, the token itself included."""

    length: int
    num_blocks: int


@dataclass(frozen=True, slots=True)
class Capacity:
    """Limits of a runner."""

    block_size: int
    """Tokens in a block of the KV cache."""
    num_blocks: int
    max_batched_tokens: int
    """Most ids in one batch."""
    context_length: int
    """Longest sequence, in tokens."""
    memory: Memory
    """Bytes of weights and KV cache."""
    depth: int = 1
    """Most steps that may be launched before the first of them is collected."""
    max_prefill_beside: int | None = None
    """Most ids of prompts in a batch while answers of others are written; None: as many as fit."""
    min_prefill: int | None = None
    """Ids of prompts alone that a batch has if there are so many, however long it takes; more of them only as long as
    newcomers can wait for it. None: as many as fit."""
    quick_step: float = 0.0
    """Seconds that a step with answers and prompts may take at any time: answers are fast enough for readers then."""
    window: Window | None = None
    """None: all layers share the blocks of one table."""


class Runner(Protocol):
    """A device that computes batches. It must read block tables when a batch is launched: they change later."""

    @property
    def capacity(self) -> Capacity: ...

    def prepare(self) -> bool:
        """Do a part of what first steps of some kinds would wait for, while nothing runs. False: there is no more."""
        ...

    def launch(self, batch: Batch) -> Step:
        """Start the forward pass of a batch. Steps are computed in the order in which they are launched."""
        ...
