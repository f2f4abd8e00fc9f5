"""Rows of the device: one for each sequence that it knows, and a batch flattened into the arrays that a step uploads.

A row outlives steps: it keeps the sequence's block table and latest id on the device, so a decode uploads three numbers
for each sequence. numpy alone; it knows no device. B decodes, S sequences, T tokens.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ossia.engine.runner import Scheduled
from ossia.engine.sequence import Pool, Sample, Score

Ints = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]

UNKNOWN = -1
"""An id that only the device knows: the latest that was sampled for the row."""


@dataclass(slots=True)
class Row:
    """A sequence's place on the device, and how many entries of its tables are there."""

    number: int
    num_blocks: int = 0
    num_window_blocks: int = 0


@dataclass(slots=True)
class Rows:
    """The rows 0 to max_rows - 1, by sequence id. Row `max_rows` belongs to no sequence: padding points to it."""

    max_rows: int
    _rows: dict[int, Row] = field(default_factory=dict[int, Row])
    _free: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self._free = list(range(self.max_rows - 1, -1, -1))

    def __getitem__(self, id: int) -> Row:
        """The row of a sequence, which gets one if it has none."""
        if id not in self._rows:
            self._rows[id] = Row(self._free.pop())
        return self._rows[id]

    def release(self, ids: Iterable[int]) -> None:
        """Free the rows of sequences that gave up their blocks; some of them may never have had one."""
        for id in ids:
            if row := self._rows.pop(id, None):
                self._free.append(row.number)

    def new_blocks(self, items: Iterable[Scheduled]) -> Places:
        """Entries of block tables that the device lacks, i64[4, n]: pool, row, place in the table, block."""
        found: list[tuple[int, int, int, int]] = []
        for item in items:
            row, table, window = self[item.sequence.id], item.sequence.block_table, item.sequence.window_table
            found += [(0, row.number, place, table[place]) for place in range(row.num_blocks, len(table))]
            row.num_blocks = len(table)
            places = range(max(row.num_window_blocks, window.first), len(window.blocks))
            found += [(1, row.number, place, window.blocks[place]) for place in places]
            row.num_window_blocks = len(window.blocks)
        return np.array(found, np.int64).reshape(-1, 4).T.copy()

    def decodes(self, items: Sequence[Scheduled], size: int) -> Ints:
        """Ids, rows and positions i32[3, size] of B items of one id each; what is beyond B is padding."""
        staged = np.zeros((3, size), np.int32)
        staged[1] = self.max_rows
        for place, item in enumerate(items):
            known = item.token_ids
            staged[:, place] = known[0] if known else UNKNOWN, self[item.sequence.id].number, item.start
        return staged

    def padding(self, tokens: int) -> "Flat":
        """So many first tokens of no sequence."""
        zeros = np.zeros(tokens, np.int32)
        ends = np.array([0, tokens], np.int32)
        return Flat(zeros, zeros, zeros, np.array([self.max_rows], np.int32), ends, np.zeros(0, np.int64), [0])

    def flatten(self, items: Sequence[Scheduled]) -> "Flat":
        """All tokens of the items, in order."""
        counts = np.array([item.num_tokens for item in items], np.int64)
        query_start = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        wanted = [_wanted(item) for item in items]
        return Flat(
            ids=np.concatenate([_ids(item) for item in items]),
            positions=np.concatenate([np.arange(item.start, item.stop, dtype=np.int32) for item in items]),
            sequences=np.repeat(np.arange(len(items), dtype=np.int32), counts),
            rows=np.array([self[item.sequence.id].number for item in items], np.int32),
            query_start=query_start.astype(np.int32),
            final_rows=np.flatnonzero(np.concatenate(wanted)),
            num_final=[int(part.sum()) for part in wanted],
        )


@dataclass(frozen=True, slots=True)
class Flat:
    """A batch of any items. Its final rows are those whose states are wanted, in the order of the items."""

    ids: Ints  # [T]; UNKNOWN for an id that only the device knows
    positions: Ints  # [T]
    sequences: Ints  # [T] number of the item
    rows: Ints  # [S]
    query_start: Ints  # [S + 1] first token of each item
    final_rows: Places  # [F]
    num_final: list[int]  # of each item


def is_decode(items: Sequence[Scheduled]) -> bool:
    """True for a batch that continues each of its sequences by one id."""
    return all(item.num_tokens == 1 and isinstance(item.purpose, Sample) for item in items)


def _ids(item: Scheduled) -> Ints:
    ids = np.full(item.num_tokens, UNKNOWN, np.int32)
    known = item.token_ids
    ids[: len(known)] = known
    return ids


def _wanted(item: Scheduled) -> npt.NDArray[np.bool_]:
    """True for each of the item's tokens whose final state is wanted."""
    wanted = np.full(item.num_tokens, isinstance(item.purpose, Pool | Score))
    wanted[-1] |= isinstance(item.purpose, Sample)
    return wanted
