"""BlockManager: its books are right after any operations, and a shared block holds what was asked for."""

from dataclasses import dataclass

import pytest
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ossia.engine.blocks import BlockManager


def begun(blocks: BlockManager, ids: list[int], space: str = "") -> tuple[list[int], int] | None:
    """The table of a new sequence, and the number of ids that it finds; None if there are not enough blocks."""
    keys = blocks.match(ids, space)
    table = blocks.allocate(len(ids), keys)
    return None if table is None else (table, len(keys) * blocks.block_size)


def computed(blocks: BlockManager, ids: list[int]) -> list[int]:
    """The table of a sequence that was computed in one go."""
    allocated = begun(blocks, ids)
    assert allocated is not None
    table, held = allocated
    blocks.commit(table, ids, held, len(ids))
    return table


def held_of(blocks: BlockManager, ids: list[int]) -> int:
    """The number of ids that a new sequence finds."""
    allocated = begun(blocks, ids)
    assert allocated is not None
    table, held = allocated
    blocks.release(table)
    return held


def test_a_second_turn_finds_the_full_blocks_of_the_first():
    blocks = BlockManager(8, 4)
    blocks.release(computed(blocks, list(range(10))))
    assert held_of(blocks, [*range(10), 77, 78]) == 8
    blocks.check_integrity()


@pytest.mark.parametrize(("length", "held"), [(8, 4), (9, 8), (4, 0), (5, 4), (1, 0)])
def test_the_last_id_is_always_computed(length: int, held: int):
    blocks = BlockManager(8, 4)
    blocks.release(computed(blocks, list(range(16))))
    assert held_of(blocks, list(range(length))) == held


def test_running_sequences_share_blocks():
    blocks = BlockManager(5, 4)
    first = computed(blocks, list(range(9)))
    second = computed(blocks, list(range(9)))
    assert first[:2] == second[:2]
    assert first[2] != second[2]
    assert blocks.num_available == 1
    blocks.release(first)
    assert blocks.num_available == 2
    blocks.check_integrity([second])


def test_equal_ids_after_different_ids_are_not_shared():
    blocks = BlockManager(8, 4)
    blocks.release(computed(blocks, [1, 1, 1, 1, 5, 6, 7, 8]))
    assert held_of(blocks, [2, 2, 2, 2, 5, 6, 7, 8, 9]) == 0
    assert held_of(blocks, [5, 6, 7, 8, 9]) == 0


@pytest.mark.parametrize(("first", "second"), [("a", "b"), ("a", ""), ("", "a"), ("a", "ab"), ("\0", "")])
def test_equal_ids_of_another_space_are_not_shared(first: str, second: str):
    blocks = BlockManager(8, 4)
    ids = list(range(8))
    table, held = begun(blocks, ids, first) or pytest.fail("there are blocks")
    blocks.commit(table, ids, held, len(ids), first)
    blocks.release(table)
    other, mine = begun(blocks, [*ids, 0], second), begun(blocks, [*ids, 0], first)
    assert other is not None
    assert mine is not None
    assert (other[1], mine[1]) == (0, 8)
    assert not {*other[0]} & {*table, *mine[0]}
    blocks.check_integrity([other[0], mine[0]])


def test_ids_of_a_block_that_is_not_full_are_not_shared():
    blocks = BlockManager(8, 4)
    table, _ = begun(blocks, list(range(8))) or pytest.fail("there are blocks")
    blocks.commit(table, list(range(8)), 0, 7)
    assert held_of(blocks, list(range(12))) == 4
    blocks.commit(table, list(range(8)), 7, 8)
    assert held_of(blocks, list(range(12))) == 8


def test_the_least_recently_used_is_evicted_first_and_the_end_before_the_start():
    blocks = BlockManager(4, 4)
    old, new = list(range(8)), list(range(100, 108))
    blocks.release(computed(blocks, old))
    blocks.release(computed(blocks, new))
    held_of(blocks, [*old, 0])  # used again
    blocks.release(computed(blocks, [200]))  # takes one block: the end of `new`
    assert held_of(blocks, [*old, 0]) == 8
    assert held_of(blocks, [*new, 0]) == 4


def test_unused_blocks_are_taken_before_cached_ones():
    blocks = BlockManager(4, 4)
    blocks.release(computed(blocks, list(range(8))))
    blocks.release(computed(blocks, [100]))
    blocks.release(computed(blocks, [101, 102]))
    assert held_of(blocks, list(range(9))) == 8


def test_a_refusal_changes_nothing():
    blocks = BlockManager(4, 4)
    blocks.release(computed(blocks, list(range(8))))
    assert begun(blocks, list(range(17))) is None
    table = computed(blocks, [*range(8), *range(50, 58)])
    assert not blocks.append(table)
    assert begun(blocks, [1]) is None
    assert len(table) == 4
    blocks.check_integrity([table])


def test_cached_blocks_that_are_shared_are_not_counted_as_available_too():
    """Two blocks are free, both of the prefix: a third is needed, and must not be found by evicting one of the two."""
    blocks = BlockManager(3, 4)
    blocks.release(computed(blocks, list(range(8))))
    computed(blocks, [100])
    assert begun(blocks, list(range(9))) is None


def test_a_twin_takes_over_the_name_when_the_named_block_is_gone():
    blocks = BlockManager(3, 4)
    tables = [begun(blocks, [1, 2, 3, 4]) for _ in range(2)]
    (first, _), (twin, _) = (table or pytest.fail("there are blocks") for table in tables)
    for table in (first, twin):
        blocks.commit(table, [1, 2, 3, 4], 0, 4)
    blocks.release(first)
    filler = computed(blocks, list(range(50, 58)))  # evicts the first
    blocks.check_integrity([twin, filler])
    blocks.release(twin)
    blocks.check_integrity([filler])
    blocks.release(filler)
    assert held_of(blocks, [1, 2, 3, 4, 5]) == 4


@pytest.mark.parametrize("tables", [[], [[0, 1], [0]], [[0, 2]]])
def test_check_integrity_sees_wrong_tables(tables: list[list[int]]):
    blocks = BlockManager(4, 4)
    assert computed(blocks, list(range(8))) == [0, 1]
    with pytest.raises(AssertionError):
        blocks.check_integrity(tables)


@dataclass
class Table:
    blocks: list[int]
    ids: list[int]
    computed: int
    space: str


class Blocks(RuleBasedStateMachine):
    """Tables come, grow, are shared and go; a model of the memory tells what every block really holds."""

    def __init__(self):
        super().__init__()
        self.live: list[Table] = []
        self.memory: dict[tuple[int, int], tuple[str, list[int]]] = {}  # slot -> its space, and the ids up to its own

    @initialize(num_blocks=st.integers(1, 12), block_size=st.integers(1, 4))
    def start(self, num_blocks: int, block_size: int):
        self.blocks = BlockManager(num_blocks, block_size)
        self.size = block_size

    @rule(length=st.integers(1, 16), bits=st.integers(0, 0xFFFF), space=st.sampled_from(("", "a")))
    def allocate(self, length: int, bits: int, space: str):
        """The ids are bits of one number, since drawing them one by one takes most of the test's time."""
        ids = [bits >> i & 1 for i in range(length)]
        before, needed = self.blocks.num_available, -(-len(ids) // self.size)
        allocated = begun(self.blocks, ids, space)
        if allocated is None:
            assert needed > before == self.blocks.num_available
            return
        table, held = allocated
        assert held < len(ids)
        assert len(table) == needed
        self.live.append(Table(table, ids, held, space))
        event("shared" if held else "not shared")

    @precondition(lambda self: self.live)
    @rule(pick=st.integers(0, 99), count=st.integers(1, 8))
    def write(self, pick: int, count: int):
        table = self.live[pick % len(self.live)]
        stop = min(table.computed + count, len(table.ids))
        for position in range(table.computed, stop):
            slot = self.slot(table, position)
            assert sum(slot[0] in other.blocks for other in self.live) == 1, "a written block has one owner"
            self.memory[slot] = table.space, table.ids[: position + 1]
        self.blocks.commit(table.blocks, table.ids, table.computed, stop, table.space)
        table.computed = stop

    @precondition(lambda self: self.live)
    @rule(pick=st.integers(0, 99), id=st.integers(0, 1))
    def append(self, pick: int, id: int):
        table = self.live[pick % len(self.live)]
        if len(table.ids) == len(table.blocks) * self.size:
            available = self.blocks.num_available
            if not self.blocks.append(table.blocks):
                assert available == 0
                return
        table.ids.append(id)

    @precondition(lambda self: self.live)
    @rule(pick=st.integers(0, 99))
    def release(self, pick: int):
        table = self.live.pop(pick % len(self.live))
        self.blocks.release(table.blocks)
        assert table.blocks == []

    @invariant()
    def books_are_right_and_blocks_hold_what_their_tables_say(self):
        if hasattr(self, "blocks"):
            self.blocks.check_integrity(table.blocks for table in self.live)
        for table in self.live:
            for position in range(table.computed):
                assert self.memory[self.slot(table, position)] == (table.space, table.ids[: position + 1])

    def slot(self, table: Table, position: int) -> tuple[int, int]:
        return table.blocks[position // self.size], position % self.size


TestBlocks = Blocks.TestCase
TestBlocks.settings = settings(max_examples=100, stateful_step_count=40)
