"""Ways to hold a model in less memory, and that the cache takes what they count."""

from dataclasses import replace

import pytest

from ossia.config import CacheKind, EngineOptions
from ossia.engine.gpt_oss.cuda.device import Gpu
from ossia.engine.gpt_oss.cuda.inputs import DeviceCache
from ossia.engine.gpt_oss.cuda.needs import capped, ways
from tests.cuda.models import SMALL, random_weights

GPU = Gpu(0, "NVIDIA Test", (9, 0), 15 << 30, 16 << 30)
WEIGHTS = random_weights(SMALL, "q8_0", "mxfp4")


def test_each_way_needs_less_than_the_one_before() -> None:
    found = ways(WEIGHTS, EngineOptions(num_parallel=64), GPU)
    assert [(way.num_sequences, way.host) for way in found] == [
        (64, 0),
        *((sequences, WEIGHTS.embedding.nbytes) for sequences in (64, 16, 4, 1)),
    ]
    sizes = [way.with_context(8192) for way in found]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == len(sizes)


def test_a_small_cache_moves_no_embedding() -> None:
    found = ways(WEIGHTS, EngineOptions(num_parallel=64, kv_cache_bytes=1 << 20), GPU)
    assert [way.host > 0 for way in found] == [False] * 4 + [True] * 4


def test_an_embedding_that_is_the_head_too_stays_on_the_device() -> None:
    tied = replace(WEIGHTS, output=WEIGHTS.embedding)
    assert {way.host for way in ways(tied, EngineOptions(), GPU)} == {0}


def test_a_model_whose_windows_hold_every_context_has_one_pool() -> None:
    whole = replace(WEIGHTS, config=replace(SMALL, sliding_window=SMALL.context_length))
    assert [(way.num_window_blocks, way.window_block) for way in ways(whole, EngineOptions(), GPU)] == [(0, 0)] * 2


@pytest.mark.parametrize("kind", ["f16", "q8_0"])
def test_the_cache_takes_what_is_counted(kind: CacheKind) -> None:
    way = ways(WEIGHTS, EngineOptions(kv_cache_type=kind), GPU)[0]
    cache = DeviceCache(SMALL, 9, "meta", 5, kind)
    sizes = [layer.nbytes for layer in cache.blocks]
    assert (sizes[1], sizes[0]) == (10 * way.block, 6 * way.window_block)


def test_a_cap_makes_a_card_smaller() -> None:
    assert capped(GPU, 0) == GPU
    assert (capped(GPU, 4 << 30).free_bytes, capped(GPU, 4 << 30).total_bytes) == (4 << 30, 4 << 30)
    assert capped(GPU, 32 << 30) == GPU
