"""The synchronous core of an engine, in three verbs: add, abort, step.

Ids only. It knows no text, no clock, no socket and no device; queues and threads are outside. Nothing but this class,
with its Scheduler, changes a Sequence, except that the Runner adds to what is pooled or scored.
"""

from ossia.engine.blocks import BlockManager
from ossia.engine.scheduler import Scheduler
from ossia.engine.sequence import Pooled, Runner, Sampled, Scheduled, Scored, Sequence, StepOutput, StopReason


class EngineCore:
    def __init__(self, runner: Runner, *, max_sequences: int, max_batched_tokens: int) -> None:
        """At most `max_sequences` run together, and at most `max_batched_tokens` ids are computed in a step."""
        self.runner = runner
        blocks = BlockManager(runner.num_blocks, runner.block_size)
        self.scheduler = Scheduler(blocks, max_sequences=max_sequences, max_batched_tokens=max_batched_tokens)
        self._sequences: dict[int, Sequence] = {}

    @property
    def has_work(self) -> bool:
        return bool(self._sequences)

    def add(self, sequence: Sequence) -> None:
        """Queue a new sequence. Raises ValueError for one that could never be run to its end, or whose id is in use."""
        room = self.runner.num_blocks * self.runner.block_size
        if sequence.id in self._sequences:
            raise ValueError(f"sequence {sequence.id} is there already")
        if sequence.num_prompt_tokens < 1 or (sequence.max_tokens < 1 and not sequence.is_only_read):
            raise ValueError("a sequence has a prompt and room for an answer")
        if sequence.num_prompt_tokens + sequence.max_tokens > room:
            raise ValueError(
                f"{sequence.num_prompt_tokens} tokens and {sequence.max_tokens} more do not fit into {room}"
            )
        self._sequences[sequence.id] = sequence
        self.scheduler.add(sequence)

    def abort(self, id: int) -> None:
        """Forget a sequence; nothing if there is none, since it may just have ended."""
        if sequence := self._sequences.get(id):
            self._remove(sequence)

    def step(self) -> list[StepOutput | Pooled | Scored]:
        """Run one batch: an output for each sequence that got an id or was read to its end. What ends is forgotten."""
        if not self.has_work:
            return []
        batch = self.scheduler.schedule()
        assert batch.items, "each step does something"
        for item in batch.items:
            if item.samples and item.sequence.constraint:
                item.sequence.constraint.prepare()  # while the model runs
        sampled = self.runner.run(batch)
        for item in batch.items:
            self._mark_computed(item)
        sampling = [item.sequence for item in batch.items if item.samples]
        outputs = [self._append(sequence, new) for sequence, new in zip(sampling, sampled, strict=True)]
        read = [item.sequence for item in batch.items if _is_read(item.sequence)]
        return [*outputs, *map(self._reading, read)]

    def _mark_computed(self, item: Scheduled) -> None:
        sequence, start = item.sequence, item.sequence.num_computed_tokens
        sequence.num_computed_tokens = stop = start + item.num_tokens
        self.scheduler.blocks.commit(sequence.block_table, sequence.token_ids, start, stop)

    def _append(self, sequence: Sequence, sampled: Sampled) -> StepOutput:
        sequence.token_ids.append(sampled.token)
        if sequence.constraint:
            sequence.constraint.accept(sampled.token)
        finished = _stop_reason(sequence)
        if finished:
            self._remove(sequence)
        return StepOutput(sequence.id, sampled, finished, sequence.num_cached_tokens)

    def _reading(self, sequence: Sequence) -> Pooled | Scored:
        self._remove(sequence)
        if sequence.scores is not None:
            return Scored(sequence.id, sequence.scored)
        assert sequence.pooled is not None, "a runner adds the states that it computes"
        return Pooled(sequence.id, sequence.pooled / len(sequence.token_ids))

    def _remove(self, sequence: Sequence) -> None:
        del self._sequences[sequence.id]
        self.scheduler.remove(sequence)
        if not self.has_work:
            self.scheduler.check_integrity()


def _is_read(sequence: Sequence) -> bool:
    return sequence.is_only_read and sequence.num_computed_tokens == len(sequence.token_ids)


def _stop_reason(sequence: Sequence) -> StopReason | None:
    if sequence.constraint and sequence.constraint.failed:
        return "length"  # as good as it gets: what was written is delivered, and is not complete
    if sequence.token_ids[-1] in sequence.stop_token_ids:
        return "stop"
    return "length" if sequence.num_sampled_tokens == sequence.max_tokens else None
