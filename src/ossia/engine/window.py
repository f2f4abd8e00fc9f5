"""WindowBlocks: blocks of the layers that look back over a window only, which keep no more than that.

These layers have a pool of their own. A sequence takes its blocks step by step and gives them up as its window passes,
so that it needs the same few however long it gets: there are enough for all sequences that run, and nobody waits for
one. Blocks that were passed stay cached as long as there is room. A prefix can be used as far as the blocks of its last
window are still there, so those before a place where another sequence may part are kept longest: the end of a prompt,
the end of a sequence, and wherever one has parted before.

It knows places, names and block numbers, but neither sequences nor the memory behind a block. It must be told what was
computed when no step in flight reads it any more.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ossia.engine.block_pool import BlockName, BlockPool


@dataclass(slots=True)
class WindowTable:
    """A sequence's blocks by place, as in a block table; those before `first` are given up and others' now.

    Blocks before one of the `partings`, which are places, are worth keeping.
    """

    blocks: list[int] = field(default_factory=list[int])
    first: int = 0
    partings: tuple[int, ...] = ()

    @property
    def held(self) -> list[int]:
        return self.blocks[self.first :]


class WindowBlocks:
    """Blocks for a window of `length` tokens, the token itself included."""

    def __init__(self, num_blocks: int, block_size: int, length: int) -> None:
        self.num_blocks = num_blocks
        self._pool = BlockPool(num_blocks)
        self._size = block_size
        self._length = length

    @staticmethod
    def least(block_size: int, length: int, *, num_sequences: int, num_in_flight: int) -> int:
        """Number of blocks that so many sequences need at most, with so many ids in flight.

        n neighbouring tokens are in (n - 2) // block_size + 2 blocks at most, and a sequence with m ids in flight holds
        length - 1 + m tokens.
        """
        return num_sequences * ((length - 3) // block_size + 3) + -(-num_in_flight // block_size)

    def usable(self, names: list[BlockName]) -> int:
        """Return how many of the blocks with these names, the first of a sequence, are a prefix that can be used."""
        usable = run = 0
        for place, name in enumerate(names, 1):
            run = run + 1 if self._pool.find(name) is not None else 0
            if run >= place - self._needed(place * self._size):
                usable = place
        return usable

    def begin(self, names: list[BlockName], partings: tuple[int, ...]) -> WindowTable:
        """Make the table of a sequence that begins after the blocks with these names, of a usable prefix."""
        first = self._needed(len(names) * self._size)
        shared = [block for name in names[first:] if (block := self._pool.find(name)) is not None]
        assert first + len(shared) == len(names), "the prefix is usable"
        for block in shared:
            self._pool.share(block)
        return WindowTable([0] * first + shared, first, partings)

    def extend(self, table: WindowTable, stop: int) -> None:
        """Take blocks for the ids before `stop`."""
        while len(table.blocks) * self._size < stop:
            table.blocks.append(self._pool.take())

    def commit(self, table: WindowTable, place: int, names: list[BlockName]) -> None:
        """Name the blocks from a place on, which are full now."""
        for block, name in zip(table.blocks[place:], names, strict=False):
            self._pool.set_name(block, name)

    def slide(self, table: WindowTable, position: int) -> None:
        """Give up the blocks that no id from `position` on looks back to."""
        first = self._needed(position)
        for place in range(table.first, first):
            keep = any(self._needed(parting * self._size) <= place < parting for parting in table.partings)
            self._pool.release(table.blocks[place], keep=keep)
        table.first = max(table.first, first)

    def release(self, table: WindowTable) -> None:
        """Release the blocks of a table and empty it. A sequence may be continued where it ends."""
        for block in reversed(table.held):
            self._pool.release(block)
        table.blocks, table.first = [], 0

    def check_integrity(self, tables: Iterable[WindowTable] = ()) -> None:
        """Assert that the books are right. `tables` are all tables in use."""
        self._pool.check_integrity(table.held for table in tables)

    def _needed(self, position: int) -> int:
        """Return the place of the first block that the id at a position looks back to."""
        return max(0, position - self._length + 1) // self._size
