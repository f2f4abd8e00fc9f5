"""Runner double whose ids depend on every stored key and value, so that errors in block tables change the answer."""

from collections.abc import Mapping
from collections.abc import Sequence as Seq
from dataclasses import dataclass, field

import numpy as np

from ossia.engine.constraint import allows
from ossia.engine.memory import Memory
from ossia.engine.runner import Batch, Capacity, Result, Scheduled, Window
from ossia.engine.sequence import Constraint, Pool, Sample, Sampled, Score, Scores, Sequence, StateSum, Words

VOCABULARY = 50
EMPTY = -1  # which no hash is


class FakeRunner:
    """Model whose keys and values are integers, and whose next id is a function of them.

    As in a transformer, the value stored for an id depends on that id and on all values stored before it, as read
    through the block table at that moment. So a wrong table, a slot written by two sequences, a prefix shared by
    mistake or a skipped token gives different ids than `continuation`. With a `window`, what each token looks back to
    is stored a second time, and must be what the first cache holds.
    """

    def __init__(
        self,
        num_blocks: int,
        block_size: int,
        *,
        max_batched_tokens: int = 1 << 20,
        max_prefill_beside: int | None = None,
        quick_step: float = 0.0,
        window: Window | None = None,
    ) -> None:
        self.capacity = Capacity(
            block_size,
            num_blocks,
            max_batched_tokens,
            num_blocks * block_size,
            Memory(host=num_blocks),
            max_prefill_beside=max_prefill_beside,
            quick_step=quick_step,
            window=window,
        )
        self.cache = [[EMPTY] * block_size for _ in range(num_blocks)]
        self.window_cache = [[EMPTY] * block_size for _ in range(window.num_blocks if window else 0)]
        self.rows: set[int] = set()  # ids of the sequences that a device would keep something of
        self.batches: list[list[tuple[int, int]]] = []  # (sequence's id, num_tokens) of each item of each batch

    def prepare(self) -> bool:
        return False

    def launch(self, batch: Batch) -> "FakeStep":
        self.rows.difference_update(batch.released)
        self.rows.update(item.sequence.id for item in batch.items)
        self.batches.append([(item.sequence.id, item.num_tokens) for item in batch.items])
        written = [slot for item in batch.items for slot in self._write(item)]
        assert len(written) == len(set(written)), "two tokens were written to one slot"
        return FakeStep(self, batch)

    def result(self, item: Scheduled, mask: Words | None) -> Result:
        stored = self._stored(item.sequence, item.stop)
        match item.purpose:
            case Sample(constraint=constraint) if constraint and mask is None:
                return None  # which nobody uses
            case Sample():
                return Sampled(next_id(stored, mask))
            case Pool():  # the final state of an id is the value stored for it
                return StateSum(np.array([float(sum(number % 1000 for number in stored[item.start :]))]))
            case Score():  # and so is the log probability of the id that follows
                following = item.sequence.token_ids[item.start + 1 : item.stop + 1]
                pairs = zip(following, stored[item.start :], strict=False)
                return Scores([Sampled(token, float(number % 1000)) for token, number in pairs])
            case _:
                return None

    def _write(self, item: Scheduled) -> list[tuple[int, int]]:
        sequence, size = item.sequence, self.capacity.block_size
        assert item.num_tokens > 0
        assert len(item.token_ids) == item.num_tokens, "an id is not known"
        if isinstance(sequence.task, Sample):
            assert isinstance(item.purpose, Sample) == (item.stop == len(sequence.token_ids))
            assert item.stop < sequence.num_prompt_tokens + sequence.task.max_tokens, "nothing follows the last id"
        stored = self._stored(sequence, item.start)
        assert EMPTY not in stored, "a value before the first new id was never written"
        slots = [(sequence.block_table[position // size], position % size) for position in range(item.start, item.stop)]
        for (block, offset), token in zip(slots, item.token_ids, strict=True):
            stored.append(value(stored, token))
            self.cache[block][offset] = stored[-1]
        if self.capacity.window:
            self._write_window(item, stored, self.capacity.window.length)
        return slots

    def _write_window(self, item: Scheduled, stored: list[int], length: int) -> None:
        table, size = item.sequence.window_table, self.capacity.block_size
        for position in range(item.start, item.stop):
            assert position // size >= table.first, "a block was given up before it was written"
            self.window_cache[table.blocks[position // size]][position % size] = stored[position]
        for position in range(max(0, item.start - length + 1), item.stop):
            found = self.window_cache[table.blocks[position // size]][position % size]
            assert found == stored[position], "the window holds something else"

    def _stored(self, sequence: Sequence, stop: int) -> list[int]:
        """Values of the first `stop` ids, as the block table has them."""
        return [number for block in sequence.block_table for number in self.cache[block]][:stop]


@dataclass
class FakeStep:
    """Step whose values are stored when it is launched."""

    runner: FakeRunner
    batch: Batch
    results: list[Result] = field(default_factory=list)

    @property
    def is_computed(self) -> bool:
        return True

    def sample(self, masks: Mapping[int, Words]) -> None:
        self.results = [self.runner.result(item, masks.get(item.sequence.id)) for item in self.batch.items]

    def collect(self) -> list[Result]:
        return self.results


def value(stored: Seq[int], token: int) -> int:
    """Value to store for an id after the values stored before it, in their order."""
    return hash((token, *stored))


def next_id(stored: Seq[int], mask: Words | None = None) -> int:
    """Id that follows these stored values, or the next one above it, cyclically, that the mask allows."""
    first = value(stored, 0)
    ids = ((first + step) % VOCABULARY for step in range(VOCABULARY))
    return next(id for id in ids if mask is None or allows(mask, id))


def continuation(
    prompt: Seq[int],
    max_tokens: int,
    stop_token_ids: frozenset[int] = frozenset(),
    constraint: Constraint | None = None,
) -> list[int]:
    """Ids that FakeRunner must answer a prompt with, computed without any blocks."""
    stored: list[int] = []
    for token in prompt:
        stored.append(value(stored, token))
    sampled: list[int] = []
    while len(sampled) < max_tokens and not stop_token_ids.intersection(sampled[-1:]):
        sampled.append(next_id(stored, constraint.words.result() if constraint else None))
        stored.append(value(stored, sampled[-1]))
        if constraint:
            constraint.accept(sampled[-1])
            is_last = constraint.failed
            constraint.prepare()
            if is_last:
                break
    return sampled


def mean(ids: Seq[int]) -> float:
    """Mean of the final states that FakeRunner must return for these ids."""
    stored: list[int] = []
    for token in ids:
        stored.append(value(stored, token))
    return sum(number % 1000 for number in stored) / len(stored)
