"""What runs in the next step: decoding sequences first, then prompts in chunks, all in one batch.

Sequences are served in the order of arrival. `waiting` are those without blocks; `running` have them, each with room
for all of its ids. When a running sequence needs one more block and there is none, the latest of the running is
preempted: it gives its blocks up, goes back to the front of the waiting, and is computed again later, of which its
full blocks, still cached, save most. Since the earliest sequence can take every block, and every sequence fits alone,
each step does something for somebody and each sequence ends.

A sequence that is only read begins with no id computed, each time: cached blocks do not hold its final states. It
leaves its own blocks to others all the same.

It decides, and keeps the books of blocks; it runs nothing and samples nothing.
"""

from collections import deque

from ossia.engine.blocks import BlockManager
from ossia.engine.sequence import Batch, Scheduled, Sequence, SequenceStatus


class Scheduler:
    def __init__(self, blocks: BlockManager, *, max_sequences: int, max_batched_tokens: int) -> None:
        assert max_sequences > 0, "somebody must be let in"
        assert max_batched_tokens > 0, "a step computes something"
        self.blocks = blocks
        self.max_sequences = max_sequences
        self.max_batched_tokens = max_batched_tokens
        self.waiting: deque[Sequence] = deque()
        self.running: list[Sequence] = []
        self.num_preemptions = 0

    def add(self, sequence: Sequence) -> None:
        self.waiting.append(sequence)

    def remove(self, sequence: Sequence) -> None:
        """Forget a sequence that has finished or is not wanted any more. What was computed of it stays cached."""
        if sequence.status is SequenceStatus.RUNNING:
            self.running.remove(sequence)
            self.blocks.release(sequence.block_table)
        else:
            self.waiting.remove(sequence)
        sequence.status = SequenceStatus.FINISHED

    def schedule(self) -> Batch:
        """The next batch, of at most `max_batched_tokens` tokens. Blocks for all of them are in the block tables.

        No more sequences run than there are tokens in a step, as one is admitted only when the step has a token left
        after those that run: so decodes never exceed it.
        """
        decodes = self._schedule_decodes()
        prefills = self._schedule_prefills(self.max_batched_tokens - len(decodes))
        return Batch((*decodes, *prefills))

    def check_integrity(self) -> None:
        self.blocks.check_integrity(sequence.block_table for sequence in self.running)

    def _schedule_decodes(self) -> list[Scheduled]:
        """One token for each sequence that lacks only its latest. Those preempted are later ones, not yet scheduled."""
        decodes: list[Scheduled] = []
        for sequence in tuple(self.running):
            if _pending(sequence) == 1 and self._make_room(sequence):
                decodes.append(Scheduled(sequence, 1, samples=not sequence.is_only_read))
        return decodes

    def _schedule_prefills(self, budget: int) -> list[Scheduled]:
        """Chunks of prompts that have begun, then of newly admitted ones, of `budget` tokens in all."""
        prefills: list[Scheduled] = []
        begun = deque(sequence for sequence in self.running if _pending(sequence) > 1)
        while budget and (sequence := begun.popleft() if begun else self._admit()):
            num_tokens = min(budget, _pending(sequence))
            is_last = num_tokens == _pending(sequence)
            prefills.append(Scheduled(sequence, num_tokens, samples=is_last and not sequence.is_only_read))
            budget -= num_tokens
        return prefills

    def _make_room(self, sequence: Sequence) -> bool:
        """A slot for the latest id, at the cost of later sequences; false if this one is, or was, itself the victim."""
        while sequence.status is SequenceStatus.RUNNING:
            has_room = len(sequence.token_ids) <= len(sequence.block_table) * self.blocks.block_size
            if has_room or self.blocks.append(sequence.block_table):
                return True
            self._preempt(self.running[-1])
        return False

    def _preempt(self, sequence: Sequence) -> None:
        self.running.remove(sequence)
        self.blocks.release(sequence.block_table)
        sequence.num_computed_tokens, sequence.pooled, sequence.scored = 0, None, []
        sequence.status = SequenceStatus.PREEMPTED
        self.waiting.appendleft(sequence)
        self.num_preemptions += 1

    def _admit(self) -> Sequence | None:
        """The first of the waiting, if there is a place and blocks for all of its ids."""
        if not self.waiting or len(self.running) == self.max_sequences:
            return None
        sequence = self.waiting[0]
        allocated = self._allocate(sequence)
        if allocated is None:
            return None
        sequence.block_table, sequence.num_computed_tokens = allocated
        if sequence.status is SequenceStatus.WAITING:  # for the first time
            sequence.num_cached_tokens = sequence.num_computed_tokens
        sequence.status = SequenceStatus.RUNNING
        self.running.append(self.waiting.popleft())
        return sequence

    def _allocate(self, sequence: Sequence) -> tuple[list[int], int] | None:
        """A block table for all ids of the sequence, and how many of them it already holds; None without blocks."""
        if not sequence.is_only_read:
            return self.blocks.allocate(sequence.token_ids)
        table: list[int] = []
        num_blocks = -(-len(sequence.token_ids) // self.blocks.block_size)
        if num_blocks > self.blocks.num_available:
            return None
        for _ in range(num_blocks):
            self.blocks.append(table)
        return table, 0


def _pending(sequence: Sequence) -> int:
    return len(sequence.token_ids) - sequence.num_computed_tokens
