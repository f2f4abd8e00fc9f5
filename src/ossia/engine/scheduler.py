"""Scheduler: which sequences run in the next step, and who gets the blocks of the KV cache.

A batch holds the next id of every running sequence and then chunks of prompts, which are smaller while somebody's
answer is written, since that waits for the whole step: at most `max_prefill_beside` ids in all. Prompts alone get as
many ids as newcomers can wait for (see `pace`), but at least `min_prefill`. Sequences are served in the order of
arrival, those of clients with fewer running ones first, and a long prompt takes turns with shorter ones. Prompts, and
answers that a client has beyond those of others, are extras: they get a share of the time. Short prompts are none while
only one client is here.

`waiting` sequences have no blocks; `running` ones have blocks for all of their ids. When a running sequence needs
another block and none is left, one is preempted, the latest of a client with the most: it gives up its blocks and goes
back to the front of the queue, and most of its computation is saved, since its full blocks stay cached. The first
sequence can take every block and every sequence fits alone, so each step makes progress and each sequence ends.

A step may be scheduled while earlier ones are in flight. A sequence that ends meanwhile keeps its blocks until no
step that writes to them is in flight (`leaving`). Sequences are preempted only when nothing is in flight.

A sequence whose mask came too late for a step sits out the following ones until the mask is there. It keeps its place
and its blocks, and its last id is computed again, so that nobody waits for it.

Layers with a window may have blocks of their own (see `window.py`), of which there are always enough: a sequence takes
them for the ids of a step, and gives them up once a step has landed after which it does not look back to them.

Sequences that are pooled or scored start without cached blocks, which hold no final states; others may share theirs.

The scheduler decides and keeps the books of blocks; it computes nothing and samples nothing.
"""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

from ossia.engine.block_pool import BlockName
from ossia.engine.blocks import BlockManager
from ossia.engine.pace import SHORT_PROMPT, Pace
from ossia.engine.runner import Batch, Capacity, Prefill, Scheduled
from ossia.engine.sequence import Sample, Sequence, SequenceStatus
from ossia.engine.window import WindowBlocks


class Scheduler:
    def __init__(self, capacity: Capacity, *, max_sequences: int) -> None:
        beside, at_least = capacity.max_prefill_beside, capacity.min_prefill
        assert max_sequences > 0, "somebody must be let in"
        assert capacity.max_batched_tokens > 0, "a step computes something"
        assert beside is None or beside > 0, "prompts never starve"
        self.blocks = BlockManager(capacity.num_blocks, capacity.block_size)
        self.window = _window_blocks(capacity, max_sequences)
        self.max_sequences = max_sequences
        self.max_batched_tokens = capacity.max_batched_tokens
        self.max_prefill_beside = beside or capacity.max_batched_tokens
        self.min_prefill = at_least or capacity.max_batched_tokens
        self.waiting: deque[Sequence] = deque()
        self.running: list[Sequence] = []
        self.leaving: list[Sequence] = []
        self.num_preemptions = 0
        self.pace = Pace(capacity.quick_step)
        self._num_batches = 0
        self._num_overtaking = 0  # ids of shorter prompts, beyond those of the first since
        self._released: list[int] = []  # since the last batch that was not empty

    def add(self, sequence: Sequence) -> None:
        sequence.num_cached_tokens = len(self._cached(sequence)) * self.blocks.block_size  # so far: others may come
        self.waiting.append(sequence)

    def remove(self, sequence: Sequence) -> None:
        """Forget a sequence that has finished or was aborted. What was computed of it stays cached."""
        if sequence.status is not SequenceStatus.RUNNING:
            self.waiting.remove(sequence)
        elif sequence.num_in_flight:
            self.running.remove(sequence)
            self.leaving.append(sequence)
        else:
            self.running.remove(sequence)
            self._release(sequence)
        sequence.status = SequenceStatus.FINISHED

    def landed(self, item: Scheduled) -> None:
        """Note that a scheduled item is computed, so that its sequence may leave."""
        sequence = item.sequence
        sequence.num_in_flight -= 1
        sequence.num_unknown -= isinstance(item.purpose, Sample)
        if sequence.status is SequenceStatus.FINISHED and not sequence.num_in_flight:
            self.leaving.remove(sequence)
            self._release(sequence)

    def commit(self, item: Scheduled) -> None:
        """Let others share what a landed item has computed, and give up what its sequence does not look back to."""
        sequence, size = item.sequence, self.blocks.block_size
        self.blocks.commit(sequence.block_table, sequence.token_ids, item.start, item.stop, sequence.space)
        if self.window:
            first, stop = item.start // size, item.stop // size
            self.window.commit(sequence.window_table, first, self.blocks.names(sequence.block_table, first, stop))
            self.window.slide(sequence.window_table, item.stop)

    def withhold(self, item: Scheduled) -> Scheduled:
        """Take back the last id of an item of the latest batch, since there is no mask yet to sample the next one with.

        Returns the item that was computed in effect.
        """
        sequence = item.sequence
        assert sequence.num_computed_tokens == item.stop, "the item is the sequence's latest"
        sequence.num_computed_tokens -= 1
        sequence.num_unknown -= 1
        sequence.lacks_mask = True
        return replace(item, num_tokens=item.num_tokens - 1, purpose=Prefill())

    @property
    def is_short_of_blocks(self) -> bool:
        """True if a sequence must be preempted, unless one in flight ends. Then nothing may be in flight."""
        available = self.blocks.num_available
        return available < len(self.running) and sum(map(self._needs_block, self.running)) > available

    def schedule(self) -> Batch:
        """Plan the next batch, of at most `max_batched_tokens` ids, and give its sequences the blocks that it needs.

        The number of running sequences, and with it the number of decodes, never exceeds the tokens of a step.
        """
        answers = [sequence for sequence in self.running if sequence.num_pending_tokens == 1]
        ready = [sequence for sequence in answers if not _sits_out(sequence)]
        fair = _fair_share(ready)
        with_extras = self.pace.allows_extras
        decodes = self._schedule_decodes(ready if with_extras else fair)
        room = self.max_batched_tokens - len(answers)
        budget = min(room, self.max_prefill_beside if answers else self.pace.most_tokens(self.min_prefill))
        if with_extras or not decodes:
            prefills = self._schedule_prefills(budget)
        elif self._has_one_client:
            prefills = self._chunks(filter(_is_short, self._begun() + list(self.waiting)), budget)
        else:
            prefills = self._schedule_newcomer(budget) if self.pace.allows_newcomer else []
        return self._batch(decodes, prefills, min(len(decodes), len(fair)))

    def check_integrity(self) -> None:
        """Assert that the books of blocks are right."""
        holders = (*self.running, *self.leaving)
        self.blocks.check_integrity(sequence.block_table for sequence in holders)
        if self.window:
            self.window.check_integrity(sequence.window_table for sequence in holders)

    def _batch(self, decodes: list[Scheduled], prefills: list[Scheduled], num_plain: int) -> Batch:
        owe_nothing = all(_is_short(item.sequence) for item in prefills) and bool(prefills) and self._has_one_client
        num_surplus = len(decodes) - num_plain
        batch = Batch((*decodes, *prefills), tuple(self._released), num_plain, num_surplus, owe_nothing)
        if batch.items:  # an empty batch is not launched, so nobody would learn of what it released
            self._released.clear()
        self._num_batches += 1
        for item in batch.items:
            item.sequence.last_batch = self._num_batches
            if self.window:
                self.window.extend(item.sequence.window_table, item.stop)
        return batch

    def _schedule_decodes(self, sequences: list[Sequence]) -> list[Scheduled]:
        """Plan the next id of each of these sequences, making room for it.

        A mask is mostly computed while the model runs, so a sequence sits out only after its mask came too late.
        """
        if self.blocks.num_available < len(sequences):  # somebody may be preempted, so clients with few come first
            counts = self._num_running()
            sequences = sorted(sequences, key=lambda sequence: counts[sequence.client])
        return [_item(sequence, 1) for sequence in sequences if self._make_room(sequence)]

    def _schedule_prefills(self, budget: int) -> list[Scheduled]:
        """Plan chunks of `budget` ids in all: of prompts that have begun, then of newly admitted ones.

        The first prompt takes turns with shorter ones, which need not wait for its end: it gets as many ids as they do.
        """
        first = next(iter(self._begun()), None)
        shorter = self._shorter(first) if first and not self._num_overtaking else []
        overtaking = self._chunks(shorter, budget)
        budget -= sum(item.num_tokens for item in overtaking)
        others = self._chunks(chain(self._begun(), iter(self._next, None)), budget)
        self._note_turns(first, overtaking + others)
        return overtaking + others

    def _begun(self) -> list[Sequence]:
        """Return the prompts that have begun, except for those whose rest is planned already."""
        return [sequence for sequence in self.running if sequence.num_pending_tokens > 1]

    def _chunks(self, prompts: Iterable[Sequence], budget: int) -> list[Scheduled]:
        """Plan chunks of prompts in this order, of `budget` ids in all. Ends at one that cannot be admitted."""
        chunks: list[Scheduled] = []
        for sequence in prompts:
            if not budget or not (sequence.status is SequenceStatus.RUNNING or self._admit(sequence)):
                break
            chunks.append(_item(sequence, min(budget, sequence.num_pending_tokens)))
            budget -= chunks[-1].num_tokens
        return chunks

    def _schedule_newcomer(self, budget: int) -> list[Scheduled]:
        """Plan a chunk of the first prompt of a client that has nothing here yet: it owes nobody time."""
        running = self._num_running()
        newcomer = next((waiting for waiting in self.waiting if not running[waiting.client]), None)
        return self._chunks([newcomer] if newcomer else [], budget)

    def _shorter(self, first: Sequence) -> list[Sequence]:
        """Return the prompts that are shorter than what is left of the first, in the order of their turns.

        One that begins as the first does waits: soon it can share what that computes.
        """
        running = self._num_running()

        def rank(sequence: Sequence) -> tuple[int, int]:
            others = running[sequence.client] - (sequence.status is SequenceStatus.RUNNING)
            return others, _num_left(sequence)

        waiting = [sequence for sequence in self.waiting if not self._will_share(sequence, first)]
        return sorted((prompt for prompt in self._begun() + waiting if _num_left(prompt) < _num_left(first)), key=rank)

    def _will_share(self, prompt: Sequence, first: Sequence) -> bool:
        """True if a prompt could begin with the block that is computed next of the first one."""
        start = first.num_computed_tokens
        stop = start + self.blocks.block_size
        is_alike = all(  # the last block alone tells mostly, and copies little
            prompt.token_ids[begin:end] == first.token_ids[begin:end] for begin, end in ((start, stop), (0, start))
        )
        return is_alike and prompt.space == first.space and isinstance(prompt.task, Sample)

    def _note_turns(self, first: Sequence | None, chunks: list[Scheduled]) -> None:
        """Count the ids by which others have overtaken the first prompt, which are its own next ones."""
        own = sum(chunk.num_tokens for chunk in chunks if chunk.sequence is first)
        others = sum(chunk.num_tokens for chunk in chunks) - own
        self._num_overtaking = max(0, self._num_overtaking + others - own) if first else 0

    def _make_room(self, sequence: Sequence) -> bool:
        """Get a slot for the next id, at the cost of later sequences; false if the sequence is or was preempted."""
        while sequence.status is SequenceStatus.RUNNING:
            if not self._needs_block(sequence) or self.blocks.append(sequence.block_table):
                return True
            self._preempt(self._victim())
        return False

    def _needs_block(self, sequence: Sequence) -> bool:
        has_room = sequence.num_tokens <= len(sequence.block_table) * self.blocks.block_size
        return not has_room and sequence.num_pending_tokens > 0

    def _victim(self) -> Sequence:
        """Return the sequence that was admitted last, of a client with the most. Those planned already are spared."""
        running = self._num_running()
        unplanned = (sequence for sequence in reversed(self.running) if not sequence.num_in_flight)
        return max(unplanned, key=lambda sequence: running[sequence.client])

    def _num_running(self) -> Counter[str]:
        """Return the number of running sequences of each client."""
        return Counter(sequence.client for sequence in self.running)

    @property
    def _has_one_client(self) -> bool:
        return len({sequence.client for sequence in chain(self.running, self.waiting)}) == 1

    def _preempt(self, sequence: Sequence) -> None:
        assert not sequence.num_in_flight, "a step in flight would write to another sequence's block"
        self.running.remove(sequence)
        self._release(sequence)
        sequence.num_computed_tokens = 0
        sequence.partial.clear()
        sequence.status = SequenceStatus.PREEMPTED
        self.waiting.appendleft(sequence)
        self.num_preemptions += 1

    def _release(self, sequence: Sequence) -> None:
        self.blocks.release(sequence.block_table)
        if self.window:
            self.window.release(sequence.window_table)
        self._released.append(sequence.id)

    def _next(self) -> Sequence | None:
        """Return the first waiting sequence of a client with the fewest running ones."""
        running = self._num_running()
        return min(self.waiting, key=lambda waiting: running[waiting.client], default=None)

    def _admit(self, sequence: Sequence) -> bool:
        """Start a waiting sequence, if there are a place and blocks for all of its ids."""
        has_place = len(self.running) + len(self.leaving) < self.max_sequences
        if not (has_place and len(self.running) < self.max_batched_tokens and self._allocate(sequence)):
            return False
        if sequence.status is SequenceStatus.WAITING:  # for the first time
            sequence.num_cached_tokens = sequence.num_computed_tokens
        sequence.status = SequenceStatus.RUNNING
        self.waiting.remove(sequence)
        self.running.append(sequence)
        return True

    def _allocate(self, sequence: Sequence) -> bool:
        """Give a sequence blocks for all of its ids, the first of them computed already; false if blocks are short."""
        size, found = self.blocks.block_size, self._cached(sequence)
        names = found[: self.window.usable(found)] if self.window else found
        table = self.blocks.allocate(len(sequence.token_ids), names)
        if table is None:
            return False
        sequence.block_table, sequence.num_computed_tokens = table, len(names) * size
        if self.window:
            sequence.window_table = self.window.begin(names, (len(found), sequence.num_prompt_tokens // size))
        return True

    def _cached(self, sequence: Sequence) -> list[BlockName]:
        """Names of cached blocks that the sequence may begin with."""
        is_sampled = isinstance(sequence.task, Sample)
        return self.blocks.match(sequence.token_ids, sequence.space, sequence.block_names) if is_sampled else []


def _window_blocks(capacity: Capacity, max_sequences: int) -> WindowBlocks | None:
    """Blocks of the layers with a window, if these have some of their own."""
    if capacity.window is None:
        return None
    num_in_flight = capacity.depth * capacity.max_batched_tokens
    size, length, num_blocks = capacity.block_size, capacity.window.length, capacity.window.num_blocks
    least = WindowBlocks.least(size, length, num_sequences=max_sequences, num_in_flight=num_in_flight)
    assert num_blocks >= least, "there are enough for all sequences that run"
    return WindowBlocks(num_blocks, size, length)


def _fair_share(sequences: list[Sequence]) -> list[Sequence]:
    """Return as many sequences of each client as the one with the fewest has, those that were served longest ago."""
    counts = Counter(sequence.client for sequence in sequences)
    fewest = min(counts.values(), default=0)
    if all(count == fewest for count in counts.values()):
        return sequences
    taken = Counter[str]()
    share: list[Sequence] = []
    for sequence in sorted(sequences, key=lambda sequence: sequence.last_batch):
        if taken[sequence.client] < fewest:
            taken[sequence.client] += 1
            share.append(sequence)
    return share


def _sits_out(sequence: Sequence) -> bool:
    """True if the mask that the sequence's last step lacked is still not there."""
    if sequence.lacks_mask and sequence.constraint:
        sequence.lacks_mask = not sequence.constraint.words.done()
    return sequence.lacks_mask


def _is_short(prompt: Sequence) -> bool:
    """True for a prompt, or what is to be computed of it again, that owes its own client's answers no time."""
    num_new = len(prompt.token_ids) - prompt.num_cached_tokens
    return isinstance(prompt.task, Sample) and num_new <= SHORT_PROMPT


def _num_left(prompt: Sequence) -> int:
    """Return how many of a prompt's ids are to be computed, of one that waits without those that are cached."""
    is_new = prompt.status is SequenceStatus.WAITING
    return prompt.num_pending_tokens - (prompt.num_cached_tokens if is_new else 0)


def _item(sequence: Sequence, num_tokens: int) -> Scheduled:
    """Plan the next ids of a sequence, which are in flight from now on."""
    is_chunk = isinstance(sequence.task, Sample) and num_tokens < sequence.num_pending_tokens
    item = Scheduled(sequence, sequence.num_computed_tokens, num_tokens, Prefill() if is_chunk else sequence.task)
    sequence.num_computed_tokens += num_tokens
    sequence.num_in_flight += 1
    sequence.num_unknown += isinstance(item.purpose, Sample)
    return item
