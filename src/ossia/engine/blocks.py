"""BlockManager: block tables of the KV cache, paged, and reuse of common prefixes.

It knows ids and block numbers, but neither sequences nor the memory behind a block; which blocks are used, cached or
unused is the BlockPool's business.

A full block is named by a hash of its ids and of all ids before it, so equal names mean equal keys and values. Full
blocks are never written again, and only full blocks are shared, within one space: the space is part of the name, so
that nobody learns from the time that an answer takes what another space has asked. All operations are O(1) per block.
"""

import hashlib
from array import array
from collections.abc import Iterable, Sequence

from ossia.engine.block_pool import BlockName, BlockPool


class BlockManager:
    def __init__(self, num_blocks: int, block_size: int) -> None:
        self.num_blocks = num_blocks
        self.block_size = block_size
        self._pool = BlockPool(num_blocks)

    @property
    def num_available(self) -> int:
        """Number of blocks that no table holds."""
        return self._pool.num_available

    @property
    def num_cached(self) -> int:
        """Number of blocks that no table holds, but whose content may be reused."""
        return self._pool.num_cached

    def match(self, token_ids: list[int], space: str = "", names: list[BlockName] | None = None) -> list[BlockName]:
        """Names of the blocks that hold the longest prefix of the ids.

        The last id is never held, since its logits are wanted. `names` are those of the ids' first blocks, as far as
        they are known: it grows, so that none is hashed twice.
        """
        size = self.block_size
        names = [] if names is None else names
        for place in range((len(token_ids) - 1) // size):
            if place == len(names):
                parent = names[-1] if names else _root(space)
                names.append(_name(parent, token_ids[place * size : (place + 1) * size]))
            if self._pool.find(names[place]) is None:
                return names[:place]
        return names[: (len(token_ids) - 1) // size]

    def allocate(self, num_tokens: int, names: Sequence[BlockName] = ()) -> list[int] | None:
        """Allocate a block table with room for so many ids, that begins with the blocks of these names.

        Returns None if there are not enough blocks.
        """
        shared = [block for name in names if (block := self._pool.find(name)) is not None]
        assert len(shared) == len(names), "they were found"
        num_new = -(-num_tokens // self.block_size) - len(shared)
        if num_new > self.num_available - sum(not self._pool.is_held(block) for block in shared):
            return None
        for block in shared:
            self._pool.share(block)
        return shared + [self._pool.take() for _ in range(num_new)]

    def append(self, table: list[int]) -> bool:
        """Add a block to the table. Returns False if there is none."""
        if not self.num_available:
            return False
        table.append(self._pool.take())
        return True

    def commit(self, table: list[int], token_ids: list[int], start: int, stop: int, space: str = "") -> None:
        """Name the blocks that were filled by writing the ids from `start` to `stop`, so that they can be shared."""
        size = self.block_size
        for i in range(start // size, stop // size):
            parent = self._pool.name_of(table[i - 1]) if i else _root(space)
            assert parent is not None, "blocks are filled in order"
            self._pool.set_name(table[i], _name(parent, token_ids[i * size : (i + 1) * size]))

    def names(self, table: list[int], start: int, stop: int) -> list[BlockName]:
        """Names of the blocks at the places from `start` to `stop`, which are full."""
        names = [name for block in table[start:stop] if (name := self._pool.name_of(block))]
        assert len(names) == stop - start, "they are full"
        return names

    def release(self, table: list[int]) -> None:
        """Release the blocks of a table and empty it.

        Full blocks stay cached, the last one counting as the oldest, so that a sequence's end is evicted before its
        start.
        """
        while table:
            self._pool.release(table.pop())

    def check_integrity(self, tables: Iterable[list[int]] = ()) -> None:
        """Assert that the books are right. `tables` are all block tables in use."""
        self._pool.check_integrity(tables)


def _root(space: str) -> BlockName:
    """Return the name before a space's first block."""
    return hashlib.blake2b(space.encode(), digest_size=32).digest()


def _name(parent: BlockName, token_ids: list[int]) -> BlockName:
    return hashlib.blake2b(parent + array("i", token_ids).tobytes(), digest_size=32).digest()
