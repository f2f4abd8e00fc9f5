"""BlockPool: the states and names of the blocks of a cache, by their numbers.

A block is in one of three states:

    used     somebody holds it
    cached   nobody holds it, but its content may be reused
    unused   its content is of no use

Cached blocks are evicted in order of their release, those that were not worth keeping before all others. A name is
given to one block; another with the same content is forgotten when nobody holds it. All operations are O(1). The pool
knows neither tables nor ids, nor the memory behind a block.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable

BlockName = bytes
"""Name of a block's content: 256 bits, so that nobody can construct two contents with the same name."""


class BlockPool:
    def __init__(self, num_blocks: int) -> None:
        self.num_blocks = num_blocks
        self._references = [0] * num_blocks
        self._name_of: list[BlockName | None] = [None] * num_blocks  # of full blocks
        self._block_of: dict[BlockName, int] = {}  # one of the blocks with this name
        self._unused = list(range(num_blocks - 1, -1, -1))
        self._kept: OrderedDict[int, None] = OrderedDict()  # least recently used first
        self._passed: OrderedDict[int, None] = OrderedDict()  # cached ones that are evicted before those

    @property
    def num_available(self) -> int:
        """Number of blocks that nobody holds."""
        return len(self._unused) + self.num_cached

    @property
    def num_cached(self) -> int:
        return len(self._kept) + len(self._passed)

    def take(self) -> int:
        """Take a block that its holder may write to. One must be available."""
        block = self._unused.pop() if self._unused else self._evict()
        self._references[block] = 1
        return block

    def share(self, block: int) -> None:
        """Hold a block that is used or cached once more."""
        if not self._references[block]:
            self._uncache(block)
        self._references[block] += 1

    def release(self, block: int, *, keep: bool = True) -> None:
        """Give up a block. With the last holder it is cached, or unused if it has no name or another has the same."""
        self._references[block] -= 1
        if not self._references[block]:
            self._retire(block, keep)

    def is_held(self, block: int) -> bool:
        return self._references[block] > 0

    def find(self, name: BlockName) -> int | None:
        return self._block_of.get(name)

    def name_of(self, block: int) -> BlockName | None:
        """Name of a block, if it is full."""
        return self._name_of[block]

    def set_name(self, block: int, name: BlockName) -> None:
        """Name a block that is full now, so that it can be found."""
        self._name_of[block] = name
        self._block_of.setdefault(name, block)

    def check_integrity(self, tables: Iterable[list[int]] = ()) -> None:
        """Assert that the books are right. `tables` are all lists of blocks that somebody holds."""
        held = Counter(block for table in tables for block in table)
        assert held == Counter({b: n for b, n in enumerate(self._references) if n}), "a count is not its tables'"
        cached = [*self._kept, *self._passed]
        states = sorted([*self._unused, *cached, *held])
        assert states == list(range(self.num_blocks)), "a block is in no state, or in two"
        assert all(self._name_of[block] == name for name, block in self._block_of.items()), "a name has another's block"
        assert all(self._named(block) for block in cached), "a cached block cannot be found"
        assert not any(self._name_of[block] for block in self._unused), "an unused block has a name"

    def _evict(self) -> int:
        block, _ = (self._passed or self._kept).popitem(last=False)
        name = self._name_of[block]
        assert name is not None, "cached blocks have names"
        del self._block_of[name]
        self._name_of[block] = None
        return block

    def _retire(self, block: int, keep: bool) -> None:
        name = self._name_of[block]
        owner = None if name is None else self._block_of.setdefault(name, block)
        if owner == block:
            (self._kept if keep else self._passed)[block] = None
            return
        self._name_of[block] = None
        self._unused.append(block)
        if keep and owner in self._passed:
            self._uncache(owner)
            self._kept[owner] = None

    def _uncache(self, block: int) -> None:
        del (self._passed if block in self._passed else self._kept)[block]

    def _named(self, block: int) -> bool:
        name = self._name_of[block]
        return name is not None and self._block_of.get(name) == block
