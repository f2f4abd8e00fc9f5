"""Work beside the event loop: results, errors, and callers that leave before their work has begun."""

import asyncio
import gc
import threading
import weakref
from contextlib import suppress

import pytest

from ossia.aside import SMALL, aside
from tests.waiting import PATIENCE

LONG = SMALL + 1


class Data:
    """Stands for megabytes."""


async def test_results_and_errors_come_back() -> None:
    assert await aside(LONG, pow, 2, 3) == 8
    with pytest.raises(ZeroDivisionError):
        await aside(LONG, pow, 0, -1)


async def test_who_leaves_before_the_work_has_begun_harms_nobody() -> None:
    released = threading.Event()
    busy = [asyncio.create_task(aside(LONG, released.wait)) for _ in range(8)]
    left = [asyncio.create_task(aside(LONG, pow, 2, 3)) for _ in range(8)]
    await asyncio.sleep(0)
    for task in left:
        task.cancel()
    released.set()
    assert all(await asyncio.gather(*busy))
    assert await asyncio.gather(*left, return_exceptions=True) != [8] * 8
    assert await aside(LONG, pow, 2, 3) == 8


async def test_what_failed_is_freed_without_a_collection_of_garbage() -> None:
    def fail(data: Data) -> None:
        raise ValueError

    data, freed = Data(), asyncio.Event()
    loop = asyncio.get_running_loop()
    weakref.finalize(data, loop.call_soon_threadsafe, freed.set)
    gc.disable()
    try:
        with suppress(ValueError):
            await aside(LONG, fail, data)
        del data
        await asyncio.wait_for(freed.wait(), PATIENCE)
    finally:
        gc.enable()
