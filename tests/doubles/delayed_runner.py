"""Runner double that keeps steps in flight: a device that computes each step as late as it may, around any runner.

As on a device, the id that a step samples is an input of the next step before the host knows it; and what the host
changes after a launch, such as a block table, does not reach the step.
"""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ossia.engine.runner import Batch, Result, Runner, Scheduled
from ossia.engine.sequence import Sample, Sampled, Sequence, SequenceStatus, Words
from ossia.engine.window import WindowTable


class DelayedRunner:
    """The other runner, with up to `depth` steps launched before the first is collected."""

    def __init__(self, runner: Runner, depth: int = 2) -> None:
        self.runner = runner
        self.capacity = replace(runner.capacity, depth=depth)
        self.sampled: dict[Sequence, list[int]] = defaultdict(list)  # what the device knows
        self.in_flight: deque[DelayedStep] = deque()

    def prepare(self) -> bool:
        assert not self.in_flight
        return self.runner.prepare()

    def launch(self, batch: Batch) -> "DelayedStep":
        assert len(self.in_flight) < self.capacity.depth
        tables = {item.sequence: list(item.sequence.block_table) for item in batch.items}
        for step in self.in_flight:
            for sequence, block in step.written():
                others = (table for other, table in tables.items() if other is not sequence)
                assert not any(block in table for table in others), "a block that is still written was given away"
        windows = {item.sequence: _copied(item.sequence.window_table) for item in batch.items}
        self.in_flight.append(DelayedStep(self, batch, tables, windows))
        return self.in_flight[-1]


@dataclass(eq=False)
class DelayedStep:
    """A launched batch with the block tables that it was launched with."""

    delayed: DelayedRunner
    batch: Batch
    tables: dict[Sequence, list[int]]
    windows: dict[Sequence, WindowTable]
    masks: Mapping[int, Words] | None = None
    is_computed: bool = True
    """Nobody waits for it here: who comes late by steps is late."""

    def written(self) -> list[tuple[Sequence, int]]:
        """Each block that the step writes to, with its sequence."""
        size = self.delayed.capacity.block_size
        return [
            (item.sequence, block)
            for item in self.batch.items
            for block in self.tables[item.sequence][item.start // size : -(-item.stop // size)]
        ]

    def sample(self, masks: Mapping[int, Words]) -> None:
        assert self.masks is None, "a step is sampled once"
        for item in self.batch.items:
            if self.delayed.capacity.depth <= 2 and item.sequence.status is not SequenceStatus.FINISHED:
                assert len(item.token_ids) == item.num_tokens, "the ids of all earlier steps are known by now"
        self.masks = dict(masks)

    def collect(self) -> list[Result]:
        assert self.masks is not None, "a step is sampled before it is collected"
        assert self.delayed.in_flight.popleft() is self, "steps are collected in order"
        step = self.delayed.runner.launch(Batch(tuple(map(self._known, self.batch.items)), self.batch.released))
        step.sample(self.masks)
        results = step.collect()
        for item, result in zip(self.batch.items, results, strict=True):
            if isinstance(result, Sampled):
                self.delayed.sampled[item.sequence].append(result.token)
        return results

    def _known(self, item: Scheduled) -> Scheduled:
        """The item with all the ids that the device knows by now, and the blocks of its launch."""
        sequence = item.sequence
        ids = sequence.token_ids[: sequence.num_prompt_tokens] + self.delayed.sampled[sequence]
        if isinstance(sequence.task, Sample) and isinstance(item.purpose, Sample):
            assert len(ids) == item.stop
        known = replace(sequence, block_table=self.tables[sequence], window_table=self.windows[sequence])
        known.token_ids = ids
        known.num_prompt_tokens = sequence.num_prompt_tokens
        return replace(item, sequence=known)


def _copied(table: WindowTable) -> WindowTable:
    return replace(table, blocks=list(table.blocks))
