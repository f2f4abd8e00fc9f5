"""Division of a GPU's memory: what fits, what is lowered, what is refused, and with which numbers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossia.engine.gpt_oss.cuda.device import Gpu, NoGpu
from ossia.engine.gpt_oss.cuda.memory import RESERVE_BYTES, ContextTooLong, MemoryMap, Needs, divide, reserved_bytes
from ossia.errors import OssiaError

GIB = 1 << 30
BLOCK = 64 * 49_152  # 20b: 48 KiB a token in all layers
NEEDS = Needs(weights=12 * GIB, workspace=GIB, block_size=64, places=64, block=BLOCK)


def card(free_gib: float) -> Gpu:
    return Gpu(0, "NVIDIA Test", (9, 0), int(free_gib * GIB), 80 * GIB)


def divided(free_gib: float, asked: int | None = None, places: int = 64, **kwargs: int) -> MemoryMap:
    needs = replace(NEEDS, places=places)
    return divide(card(free_gib), [needs], context_length=131_072, asked=asked, **kwargs)


def test_a_large_card_has_room_for_four_long_sequences_and_leaves_the_rest():
    found = divided(80)
    assert (found.num_blocks * 64, found.context_length) == (4 * 131_072, 131_072)


def test_no_more_contexts_than_places():
    assert divided(80, places=1).num_blocks * 64 == 131_072


def test_a_default_context_is_lowered_to_what_fits():
    found = divided(12 + 1 + 1 + 2)
    assert found.context_length == 2 * GIB // BLOCK * 64 < 131_072


def test_a_context_that_was_asked_for_is_refused_with_both_numbers():
    with pytest.raises(OssiaError, match=r"100000 tokens .* room for 43648 ") as caught:
        divided(12 + 1 + 1 + 2, asked=100_000)
    assert isinstance(caught.value, ContextTooLong)
    assert "43648" in (caught.value.hint or "")


def test_a_short_context_needs_little_room():
    assert divided(12 + 1 + 1 + 0.1, asked=2048).context_length == 2048


def test_a_card_without_room_is_refused_with_both_numbers():
    with pytest.raises(NoGpu, match=r"it needs 13\.38 GiB \(weights 12\.00 GiB.*, and 13\.00 GiB can be used"):
        divided(12 + 1 + 1)


def test_overhead_is_left_free():
    assert divided(20, overhead_bytes=GIB).num_blocks == divided(19).num_blocks


def test_a_cache_of_a_given_size():
    assert divided(80, kv_cache_bytes=GIB).num_blocks == GIB // BLOCK


@given(free=st.floats(0, 200), asked=st.none() | st.integers(1, 200_000), parallel=st.integers(1, 64))
def test_what_is_promised_is_there(free: float, asked: int | None, parallel: int):
    try:
        found = divided(free, asked, parallel)
    except OssiaError:
        return
    assert found.num_bytes + RESERVE_BYTES <= found.gpu.free_bytes
    assert 0 < found.context_length <= found.num_blocks * 64
    assert asked is None or found.context_length == min(asked, 131_072)


WINDOW = BLOCK // 2
WAYS = [
    replace(NEEDS, block=WINDOW, window_block=WINDOW, num_window_blocks=320),
    Needs(11 * GIB, GIB, 64, 16, WINDOW, WINDOW, num_window_blocks=128, host=GIB),
]


def windowed(free_gib: float, asked: int | None = None, **kwargs: int) -> MemoryMap:
    return divide(card(free_gib), WAYS, context_length=131_072, asked=asked, **kwargs)


def test_layers_with_a_window_keep_a_quarter_of_what_the_others_keep():
    found = windowed(80)
    assert (found.num_blocks, found.num_window_blocks) == (4 * 2048, 320 + 2048)
    assert found.needs == WAYS[0]


def test_what_is_left_beside_a_whole_context_goes_to_the_window():
    found = windowed(1 + 12 + 1 + 3 + 0.6)
    assert (found.num_blocks, found.num_window_blocks) == (2048, 320 + 89)
    assert found.needs == WAYS[0]
    found = windowed(1 + 12 + 1 + 6)
    assert found.num_window_blocks - 320 == found.num_blocks // 4 == 755


@pytest.mark.parametrize("asked", [None, 131_072])
def test_a_context_that_does_not_fit_is_held_in_another_way(asked: int | None):
    found = windowed(1 + 11 + 1 + 3 + 0.2, asked)
    assert (found.needs, found.context_length) == (WAYS[1], 131_072)
    assert found.num_bytes + RESERVE_BYTES <= found.gpu.free_bytes


def test_where_no_way_holds_the_context_the_first_that_holds_enough_is_taken():
    assert windowed(1 + 12 + 1 + 2).needs == WAYS[0]
    assert windowed(80, kv_cache_bytes=GIB).needs == WAYS[0]
    assert windowed(1 + 11 + 1 + 0.4).needs == WAYS[1]
    with pytest.raises(ContextTooLong, match="room for 122880"):
        windowed(1 + 11 + 1 + 3, 131_072)


def test_less_is_reserved_on_a_smaller_card():
    assert reserved_bytes(12 * GIB) == GIB // 2
    assert reserved_bytes(80 * GIB) == reserved_bytes(24 * GIB) == GIB


def test_the_map_is_printed():
    assert str(divided(80)) == (
        "weights 12.00 GiB, KV cache 24.00 GiB (524288 tokens, context 131072), work space 1.00 GiB, "
        "left 43.00 GiB of 80.00 GiB"
    )
