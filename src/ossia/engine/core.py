"""The synchronous core of an engine, with three verbs: add, abort, step.

Token ids only. It knows no text, clock, socket or device; queues and threads are outside. Only this class and its
Scheduler change a Sequence.
"""

from collections import deque
from functools import reduce

import numpy as np

from ossia.engine.blocks import BlockManager
from ossia.engine.runner import Batch, NotNumbers, Result, Runner, Scheduled, Step
from ossia.engine.scheduler import Scheduler
from ossia.engine.sequence import (
    Broken,
    Constraint,
    Output,
    Pooled,
    Sample,
    Sampled,
    Score,
    Scored,
    Scores,
    Sequence,
    SequenceStatus,
    StateSum,
    StepOutput,
    StopReason,
    Words,
)


class EngineCore:
    def __init__(self, runner: Runner, *, max_sequences: int) -> None:
        """Create an empty engine in which at most `max_sequences` sequences run at a time."""
        self.runner = runner
        self.capacity = runner.capacity
        blocks = BlockManager(self.capacity.num_blocks, self.capacity.block_size)
        self.scheduler = Scheduler(
            blocks, max_sequences=max_sequences, max_batched_tokens=self.capacity.max_batched_tokens
        )
        self._sequences: dict[int, Sequence] = {}
        self._in_flight: deque[tuple[Batch, Step]] = deque()  # launched and not collected, oldest first

    @property
    def has_work(self) -> bool:
        return bool(self._sequences or self._in_flight)

    def add(self, sequence: Sequence) -> None:
        """Queue a new sequence. Raises ValueError if it could never be run to its end or if its id is in use."""
        room = self.capacity.num_blocks * self.capacity.block_size
        max_tokens = sequence.task.max_tokens if isinstance(sequence.task, Sample) else None
        if sequence.id in self._sequences:
            raise ValueError(f"sequence {sequence.id} is there already")
        if sequence.num_prompt_tokens < 1 or (max_tokens is not None and max_tokens < 1):
            raise ValueError("a sequence has a prompt and room for an answer")
        if sequence.num_prompt_tokens + (max_tokens or 0) > room:
            raise ValueError(f"{sequence.num_prompt_tokens} tokens and {max_tokens or 0} more do not fit into {room}")
        self._sequences[sequence.id] = sequence
        self.scheduler.add(sequence)

    def abort(self, id: int) -> None:
        """Forget a sequence. An unknown id is ignored: its sequence may just have ended."""
        if sequence := self._sequences.get(id):
            self._remove(sequence)
            self._check_when_idle()

    def step(self) -> list[Output]:
        """Launch one batch and collect what is due: an output for each id sampled and each sequence read to its end.

        A runner of depth d keeps d - 1 steps in flight.
        """
        outputs = self._collect(keep=0) if self.scheduler.is_short_of_blocks else []
        batch = self.scheduler.schedule()
        if batch.items:
            outputs += self._launch(batch)
        else:
            assert self._in_flight or not self._sequences, "each step does something"
            outputs += self._collect(keep=0)
        self._check_when_idle()
        return outputs

    def _launch(self, batch: Batch) -> list[Output]:
        """Launch a batch, and collect earlier ones while its forward pass runs: its masks depend on all ids before."""
        depth = self.capacity.depth
        step = self.runner.launch(batch)
        outputs = self._collect(keep=0 if any(map(_constraint, batch.items)) else max(depth - 2, 0))
        step.sample(_masks(batch))
        self._in_flight.append((batch, step))
        return outputs + self._collect(keep=depth - 1)

    def _collect(self, *, keep: int) -> list[Output]:
        """Wait for the oldest steps, until `keep` of them are in flight."""
        outputs: list[Output] = []
        while len(self._in_flight) > keep:
            batch, step = self._in_flight.popleft()
            for item, result in zip(batch.items, step.collect(), strict=True):
                if output := self._take(item, result):
                    outputs.append(output)
        return outputs

    def _take(self, item: Scheduled, result: Result) -> Output | None:
        """Put an item's result into its sequence, unless that has ended since the item was launched."""
        sequence = item.sequence
        self.scheduler.landed(item)
        if sequence.status is SequenceStatus.FINISHED:
            return None
        if isinstance(result, NotNumbers):  # its blocks are not committed, so that no other sequence shares them
            self._remove(sequence)
            return Broken(sequence.id)
        blocks = self.scheduler.blocks
        blocks.commit(sequence.block_table, sequence.token_ids, item.start, item.stop, sequence.space)
        match result:
            case None:
                return None
            case Sampled():
                return self._append(sequence, result)
            case StateSum() | Scores():
                sequence.partial.append(result)
                return self._reading(sequence) if item.stop == len(sequence.token_ids) else None

    def _append(self, sequence: Sequence, sampled: Sampled) -> StepOutput:
        task = sequence.task
        assert isinstance(task, Sample), "ids are sampled for sequences that ask for them"
        sequence.token_ids.append(sampled.token)
        if task.constraint:
            task.constraint.accept(sampled.token)
        if finished := _stop_reason(sequence, task):
            self._remove(sequence)
        elif task.constraint:
            task.constraint.prepare()
        return StepOutput(sequence.id, sampled, finished, sequence.num_cached_tokens)

    def _reading(self, sequence: Sequence) -> Pooled | Scored:
        self._remove(sequence)
        if isinstance(sequence.task, Score):
            tokens = [token for part in sequence.partial if isinstance(part, Scores) for token in part.tokens]
            return Scored(sequence.id, tokens)
        sums = [part.values for part in sequence.partial if isinstance(part, StateSum)]
        return Pooled(sequence.id, reduce(np.add, sums) / len(sequence.token_ids))

    def _remove(self, sequence: Sequence) -> None:
        del self._sequences[sequence.id]
        self.scheduler.remove(sequence)

    def _check_when_idle(self) -> None:
        if not self.has_work:
            self.scheduler.check_integrity()


def _constraint(item: Scheduled) -> Constraint | None:
    return item.purpose.constraint if isinstance(item.purpose, Sample) else None


def _masks(batch: Batch) -> dict[int, Words]:
    """Return the masks of the batch's constrained sequences, except of those that have ended since it was launched."""
    return {
        item.sequence.id: constraint.words()
        for item in batch.items
        if (constraint := _constraint(item)) and item.sequence.status is not SequenceStatus.FINISHED
    }


def _stop_reason(sequence: Sequence, task: Sample) -> StopReason | None:
    if task.constraint and task.constraint.failed:
        return "length"  # what was written so far is delivered, and is incomplete
    if sequence.token_ids[-1] in task.stop_token_ids:
        return "stop"
    num_sampled = len(sequence.token_ids) - sequence.num_prompt_tokens
    return "length" if num_sampled == task.max_tokens else None
