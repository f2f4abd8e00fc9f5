"""A request whose client leaves."""

import asyncio
import gc
import weakref
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from ossia.server.http import endpoint


class Prompt:
    """Stands for what a request keeps in memory."""


@pytest.fixture
def no_collection() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


async def disconnect() -> dict[str, Any]:
    return {"type": "http.disconnect"}


@pytest.mark.usefixtures("no_collection")
async def test_nothing_stays_in_memory_of_a_request_whose_client_has_left() -> None:
    """Exceptions that refer to each other kept all of it until garbage was collected, a closed model among it."""
    prompt, record = Prompt(), SimpleNamespace(aborted=False)
    seen = weakref.ref(prompt)

    async def answer(prompt: Prompt) -> None:
        await asyncio.Event().wait()

    work = answer(prompt)
    del prompt
    await endpoint._until_gone(disconnect, SimpleNamespace(ended=False), record, work)  # type: ignore[arg-type]
    del work
    assert record.aborted
    assert seen() is None


async def test_work_that_ends_by_itself_is_no_departure() -> None:
    record, ends = SimpleNamespace(aborted=False), asyncio.Event()

    async def receive() -> dict[str, Any]:
        await ends.wait()
        return await disconnect()

    async def answer() -> None:
        ends.set()

    await endpoint._until_gone(receive, SimpleNamespace(ended=True), record, answer())  # type: ignore[arg-type]
    assert not record.aborted
