"""Ways to hold a model in less memory, and that the cache takes what they count."""

from dataclasses import replace

import pytest

from ossia.config import CacheKind, EngineOptions
from ossia.engine.gpt_oss.cuda import division
from ossia.engine.gpt_oss.cuda.device import Gpu, NoGpu
from ossia.engine.gpt_oss.cuda.inputs import DeviceCache
from ossia.engine.gpt_oss.cuda.memory import MemoryMap, NoRoom, reserved_bytes
from ossia.engine.gpt_oss.cuda.needs import capped, ways
from tests.cuda.models import SMALL, random_weights

GPU = Gpu(0, "NVIDIA Test", (9, 0), 15 << 30, 16 << 30)
WEIGHTS = random_weights(SMALL, "q8_0", "mxfp4")


def test_each_way_needs_less_than_the_one_before() -> None:
    found = ways(WEIGHTS, EngineOptions(num_parallel=64), GPU)
    assert [(way.places, way.host) for way in found] == [
        (64, 0),
        *((places, WEIGHTS.embedding.nbytes) for places in (64, 16, 4, 1)),
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


# ---- several GPUs

DIVIDED = random_weights(replace(SMALL, intermediate_size=192), "q8_0", "mxfp4")


def gpus(*free_gib: float) -> list[Gpu]:
    return [replace(GPU, index=index, total_bytes=int(gib * 2**30)) for index, gib in enumerate(free_gib)]


def divide(wanted: int, *total_gib: float, context: int | None = None, free: float = 0.5) -> tuple[int, MemoryMap]:
    """GPUs that a model takes of some that have a share of their memory free, and its map."""
    options = EngineOptions(gpus=wanted, num_parallel=4, context_length=context)
    now = [replace(gpu, free_bytes=int(gpu.total_bytes * free)) for gpu in gpus(*total_gib)]
    taken, memory_map = division.divided(DIVIDED, now, options, 8192, lambda gpu: now[gpu.index])
    return len(taken), memory_map


def test_a_model_is_divided_as_it_is_asked_for() -> None:
    one, whole = divide(0, 16, 16)
    assert (one, whole.num_gpus) == (1, 1)
    two, parts = divide(2, 16, 8)
    usable = (8 << 30) // 2 - reserved_bytes(8 << 30) - division.COLLECTIVES_BYTES
    assert (two, parts.num_gpus, parts.usable_bytes) == (2, 2, usable), "the smallest has to do"
    assert parts.needs.weights < whole.needs.weights
    assert parts.needs.block == whole.needs.block // 2, "each has half of the heads"


def test_a_model_takes_the_fewest_gpus_that_it_fits_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many, few, one as the GPUs grow; and never more because some of their memory is in use."""
    monkeypatch.setattr(division, "COLLECTIVES_BYTES", 0)
    taken: list[int] = []
    for gib in range(1, 33):
        try:
            taken.append(divide(0, gib / 64, gib / 64, context=SMALL.context_length, free=1)[0])
        except NoRoom:
            taken.append(0)
    assert list(dict.fromkeys(taken)) == [0, 2, 1]
    with pytest.raises(NoRoom):
        divide(0, 16, 16, free=0)


@pytest.mark.parametrize(
    ("wanted", "count", "message"),
    [(3, 2, "to run on 3 GPUs, but only 2 "), (3, 3, "cannot be divided over 3 GPUs")],
)
def test_gpus_that_cannot_be_taken_are_an_error(wanted: int, count: int, message: str) -> None:
    with pytest.raises(NoGpu, match=message):
        divide(wanted, *[16] * count)


def test_gpus_that_other_programs_have_taken_are_left_out() -> None:
    def free(gpu: Gpu) -> Gpu:
        if gpu.index == 1:
            raise NoGpu("GPU 1 cannot be used")
        return gpu

    two = EngineOptions(gpus=2, num_parallel=4)
    taken, memory_map = division.divided(DIVIDED, gpus(16, 16, 16), two, 8192, free)
    assert ([gpu.index for gpu in taken], memory_map.others) == ([0, 2], (2,))
    with pytest.raises(NoGpu, match="to run on 2 GPUs, but only 1 of the kind NVIDIA Test from number 0 "):
        division.divided(DIVIDED, gpus(16, 16), two, 8192, free)
