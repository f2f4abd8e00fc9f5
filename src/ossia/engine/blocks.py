"""BlockManager: paged allocation of the KV cache with reference counts, and reuse of common prefixes.

It knows ids and block numbers, but neither sequences nor the memory behind a block. A block is in one of three states:

    used     a block table holds it
    cached   no table holds it, but its content may be reused; the least recently used block is evicted first
    unused   its content is of no use

A full block is named by a hash of its ids and of all ids before it, so equal names mean equal keys and values. Full
blocks are never written again, and only full blocks are shared, within one space: the space is part of the name, so
that nobody learns from the time that an answer takes what another space has asked. All operations are O(1) per block.
"""

import hashlib
from array import array
from collections import Counter, OrderedDict
from collections.abc import Iterable

Key = bytes  # 256 bits: nobody can construct two prompts with the same key


class BlockManager:
    def __init__(self, num_blocks: int, block_size: int) -> None:
        self.num_blocks = num_blocks
        self.block_size = block_size
        self._references = [0] * num_blocks
        self._key_of: list[Key | None] = [None] * num_blocks  # of full blocks
        self._block_of: dict[Key, int] = {}  # one of the blocks with this key
        self._unused = list(range(num_blocks - 1, -1, -1))
        self._cached: OrderedDict[int, None] = OrderedDict()  # least recently used first

    @property
    def num_available(self) -> int:
        """Number of blocks that no table holds."""
        return len(self._unused) + len(self._cached)

    @property
    def num_cached(self) -> int:
        """Number of blocks that no table holds, but whose content may be reused."""
        return len(self._cached)

    def allocate(self, token_ids: list[int], space: str = "") -> tuple[list[int], int] | None:
        """Allocate a block table with room for these ids, and tell how many of them it already holds.

        Returns None if there are not enough blocks. The last id is never held, since its logits are wanted.
        """
        shared = self._match(token_ids, space)
        num_new = -(-len(token_ids) // self.block_size) - len(shared)
        if num_new > self.num_available - sum(not self._references[block] for block in shared):
            return None
        for block in shared:
            self._share(block)
        return shared + [self._take() for _ in range(num_new)], len(shared) * self.block_size

    def append(self, table: list[int]) -> bool:
        """Add a block to the table. Returns False if there is none."""
        if not self.num_available:
            return False
        table.append(self._take())
        return True

    def commit(self, table: list[int], token_ids: list[int], start: int, stop: int, space: str = "") -> None:
        """Name the blocks that were filled by writing the ids from `start` to `stop`, so that they can be shared."""
        size = self.block_size
        for i in range(start // size, stop // size):
            parent = self._key_of[table[i - 1]] if i else _root(space)
            assert parent is not None, "blocks are filled in order"
            key = _key(parent, token_ids[i * size : (i + 1) * size])
            self._key_of[table[i]] = key
            self._block_of.setdefault(key, table[i])

    def release(self, table: list[int]) -> None:
        """Release the blocks of a table and empty it.

        Full blocks stay cached, the last one counting as the oldest, so that a sequence's end is evicted before its
        start.
        """
        while table:
            block = table.pop()
            self._references[block] -= 1
            if not self._references[block]:
                self._retire(block)

    def check_integrity(self, tables: Iterable[list[int]] = ()) -> None:
        """Assert that the books are right. `tables` are all block tables in use."""
        held = Counter(block for table in tables for block in table)
        assert held == Counter({b: n for b, n in enumerate(self._references) if n}), "a count is not its tables'"
        states = sorted([*self._unused, *self._cached, *held])
        assert states == list(range(self.num_blocks)), "a block is in no state, or in two"
        assert all(self._key_of[block] == key for key, block in self._block_of.items()), "a name has another's block"
        assert all(self._named(block) for block in self._cached), "a cached block cannot be found"
        assert not any(self._key_of[block] for block in self._unused), "an unused block has a name"

    def _match(self, token_ids: list[int], space: str) -> list[int]:
        """Return the blocks that hold the longest prefix of the ids, excluding the last id."""
        size, key, blocks = self.block_size, _root(space), list[int]()
        for start in range(0, len(token_ids) - size, size):
            key = _key(key, token_ids[start : start + size])
            block = self._block_of.get(key)
            if block is None:
                break
            blocks.append(block)
        return blocks

    def _share(self, block: int) -> None:
        if not self._references[block]:
            del self._cached[block]
        self._references[block] += 1

    def _take(self) -> int:
        """Take a block that one table may write to."""
        block = self._unused.pop() if self._unused else self._evict()
        self._references[block] = 1
        return block

    def _evict(self) -> int:
        block, _ = self._cached.popitem(last=False)
        key = self._key_of[block]
        assert key is not None, "cached blocks have names"
        del self._block_of[key]
        self._key_of[block] = None
        return block

    def _retire(self, block: int) -> None:
        """Cache a block that no table holds any more, or free it if it is not full or a copy of another."""
        key = self._key_of[block]
        if key is not None and self._block_of.setdefault(key, block) == block:
            self._cached[block] = None
        else:
            self._key_of[block] = None
            self._unused.append(block)

    def _named(self, block: int) -> bool:
        key = self._key_of[block]
        return key is not None and self._block_of.get(key) == block


def _root(space: str) -> Key:
    """Return the key before a space's first block."""
    return hashlib.blake2b(space.encode(), digest_size=32).digest()


def _key(parent: Key, token_ids: list[int]) -> Key:
    return hashlib.blake2b(parent + array("i", token_ids).tobytes(), digest_size=32).digest()
