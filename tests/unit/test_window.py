"""WindowBlocks: a sequence holds the blocks of its window and no others, and a prefix is used as far as they last.

That the books are right after any operations, and that no block is given up too early, is tested with EngineCore.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossia.engine.block_pool import BlockName
from ossia.engine.window import WindowBlocks, WindowTable


def numbered(number: int, prefix: str = "") -> list[BlockName]:
    return [f"{prefix}{place}".encode() for place in range(number)]


def computed(window: WindowBlocks, names: list[BlockName], chunk: int, partings: tuple[int, ...] = ()) -> WindowTable:
    """The table of a sequence of full blocks of 4 with these names, computed in chunks of so many blocks."""
    held = window.usable(names)
    table = window.begin(names[:held], partings)
    for place in range(held, len(names), chunk):
        stop = min(place + chunk, len(names))
        window.extend(table, stop * 4)
        window.commit(table, place, names[place:stop])
        window.slide(table, stop * 4)
    return table


@pytest.mark.parametrize(("length", "held"), [(1, 0), (2, 1), (5, 1), (6, 2), (9, 2), (10, 3), (100, 6)])
def test_a_sequence_holds_the_blocks_that_its_next_id_looks_back_to(length: int, held: int):
    window = WindowBlocks(20, 4, length)
    table = computed(window, numbered(6), chunk=1)
    assert len(table.held) == held
    window.check_integrity([table])
    window.release(table)
    window.check_integrity()


def test_a_prefix_is_used_as_far_as_the_blocks_of_its_window_last():
    window = WindowBlocks(4, 4, 8)  # a sequence holds two blocks and computes one more
    first = computed(window, numbered(9), chunk=1)
    window.release(first)  # blocks 7 and 8 are worth keeping; 6 and what else is there was passed
    assert window.usable(numbered(9)) == 9
    assert window.usable(numbered(8)) == 8
    other = computed(window, numbered(2, "other"), chunk=1)
    assert window.usable(numbered(9)) == 9
    assert window.usable(numbered(8)) == 0, "what was passed is evicted first"
    window.check_integrity([other])


@pytest.mark.parametrize(("partings", "usable"), [((4,), 4), ((9, 3), 3), ((), 0)])
def test_blocks_before_a_parting_outlast_what_was_passed(partings: tuple[int, ...], usable: int):
    window = WindowBlocks(8, 4, 8)
    window.release(computed(window, numbered(9), chunk=1, partings=partings))
    window.release(computed(window, numbered(4, "other"), chunk=2))
    assert window.usable(numbered(6)) == usable


def test_what_is_computed_again_is_kept_if_it_is_worth_it():
    """Block 3 was passed, and is worth keeping once it is found to be before a parting, though a twin was computed."""
    window = WindowBlocks(9, 4, 8)
    window.release(computed(window, numbered(5), chunk=1))
    twin = window.begin([], (4,))
    window.extend(twin, 24)
    window.commit(twin, 0, numbered(6))
    window.slide(twin, 24)
    window.release(twin)
    window.release(computed(window, numbered(4, "other"), chunk=1))
    assert window.usable(numbered(4)) == 4
    window.check_integrity()


def test_a_shared_block_has_several_holders():
    window = WindowBlocks(6, 4, 8)
    window.release(computed(window, numbered(3), chunk=1))
    one, other = window.begin(numbered(3), ()), window.begin(numbered(3), ())
    assert one.held == other.held
    assert len(one.held) == 2
    window.check_integrity([one, other])
    window.release(one)
    window.check_integrity([other])


@given(st.integers(1, 8), st.integers(1, 40), st.lists(st.integers(1, 30), min_size=1, max_size=8))
def test_the_least_number_of_blocks_is_enough(size: int, length: int, chunks: list[int]):
    """Each sequence has its ids in flight at once, at the worst place within a block."""
    least = WindowBlocks.least(size, length, num_sequences=len(chunks), num_in_flight=sum(chunks))
    window = WindowBlocks(least, size, length)
    tables = [window.begin([], ()) for _ in chunks]
    for start in range(3 * size + length):
        for table, chunk in zip(tables, chunks, strict=True):
            window.slide(table, start)
            window.extend(table, start + chunk)
