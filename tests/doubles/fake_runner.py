"""Runner double whose ids depend on every stored key and value, so that errors in block tables change the answer."""

from collections.abc import Sequence as Seq

import numpy as np

from ossia.engine.sequence import Batch, Sampled, Scheduled, Sequence

EMPTY = -1
MODULUS = 2**61 - 1


class FakeRunner:
    """Model whose keys and values are integers, and whose next id is a function of them.

    As in a transformer, the value stored for an id depends on that id and on all values stored before it, as read
    through the block table at that moment. So a wrong table, a slot written by two sequences, a prefix shared by
    mistake or a skipped token gives different ids than `continuation`.
    """

    def __init__(self, num_blocks: int, block_size: int, vocabulary: int = 50) -> None:
        self.num_blocks = num_blocks
        self.block_size = block_size
        self.vocabulary = vocabulary
        self.cache = [[EMPTY] * block_size for _ in range(num_blocks)]
        self.batches: list[list[tuple[int, int]]] = []  # (sequence's id, num_tokens) of each item of each batch

    def run(self, batch: Batch) -> list[Sampled]:
        self.batches.append([(item.sequence.id, item.num_tokens) for item in batch.items])
        written = [slot for item in batch.items for slot in self._write(item)]
        assert len(written) == len(set(written)), "two tokens were written to one slot"
        for item in batch.items:
            if item.sequence.pools:
                self._pool(item)
            elif item.sequence.scores is not None:
                self._score(item)
        values = [self._read(item.sequence) for item in batch.items if item.samples]
        return [Sampled(next_id(stored, self.vocabulary)) for stored in values]

    def _write(self, item: Scheduled) -> list[tuple[int, int]]:
        sequence, start = item.sequence, item.sequence.num_computed_tokens
        stop = start + item.num_tokens
        assert item.num_tokens > 0
        assert item.samples == (stop == len(sequence.token_ids) and not sequence.is_only_read)
        slots = [self._slot(sequence, position) for position in range(stop)]
        stored = [self.cache[block][offset] for block, offset in slots[:start]]
        for (block, offset), token in zip(slots[start:], sequence.token_ids[start:stop], strict=True):
            stored.append(value(stored, token))
            self.cache[block][offset] = stored[-1]
        return slots[start:]

    def _pool(self, item: Scheduled) -> None:
        """Add up the final states of a chunk: the values stored for its ids, modulo 1000."""
        sequence, start = item.sequence, item.sequence.num_computed_tokens
        slots = [self._slot(sequence, position) for position in range(start, start + item.num_tokens)]
        total = np.array([float(sum(self.cache[block][offset] % 1000 for block, offset in slots))])
        sequence.pooled = total if sequence.pooled is None else sequence.pooled + total

    def _score(self, item: Scheduled) -> None:
        """Score each next id of a prompt by the value stored before it, modulo 1000."""
        sequence, start = item.sequence, item.sequence.num_computed_tokens
        for position in range(start, min(start + item.num_tokens, len(sequence.token_ids) - 1)):
            block, offset = self._slot(sequence, position)
            sequence.scored.append(Sampled(sequence.token_ids[position + 1], float(self.cache[block][offset] % 1000)))

    def _read(self, sequence: Sequence) -> list[int]:
        slots = [self._slot(sequence, position) for position in range(len(sequence.token_ids))]
        return [self.cache[block][offset] for block, offset in slots]

    def _slot(self, sequence: Sequence, position: int) -> tuple[int, int]:
        return sequence.block_table[position // self.block_size], position % self.block_size


def value(stored: Seq[int], token: int) -> int:
    """Value to store for an id after the values stored before it: a polynomial, so that the order matters."""
    total = token + 1
    for number in stored:
        total = (total * 1_000_003 + number) % MODULUS
    return total


def next_id(stored: Seq[int], vocabulary: int) -> int:
    """Id that follows these stored values."""
    return value(stored, 0) % vocabulary


def continuation(
    prompt: Seq[int], max_tokens: int, stop_token_ids: frozenset[int] = frozenset(), vocabulary: int = 50
) -> list[int]:
    """Ids that FakeRunner must answer a prompt with, computed without any blocks."""
    stored: list[int] = []
    for token in prompt:
        stored.append(value(stored, token))
    sampled: list[int] = []
    while len(sampled) < max_tokens and not stop_token_ids.intersection(sampled[-1:]):
        sampled.append(next_id(stored, vocabulary))
        stored.append(value(stored, sampled[-1]))
    return sampled


def mean(ids: Seq[int]) -> float:
    """Mean of the final states that FakeRunner must return for these ids."""
    stored: list[int] = []
    for token in ids:
        stored.append(value(stored, token))
    return sum(number % 1000 for number in stored) / len(stored)
