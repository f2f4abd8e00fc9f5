"""A request whose client leaves."""

import asyncio
import gc
import weakref
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from ossia.server.http import endpoint
from ossia.server.http.budget import Budget, Claim


class Prompt:
    """Stands for what a request keeps in memory."""


@pytest.fixture
def no_collection() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def call_of(receive: Any, ended: bool = False) -> Any:
    """Stands for a request, and its reply."""
    return SimpleNamespace(
        request=SimpleNamespace(receive=receive),
        reply=SimpleNamespace(ended=ended),
        record=SimpleNamespace(aborted=False),
        claim=Claim(Budget(1), "somebody"),
    )


async def disconnect() -> dict[str, Any]:
    return {"type": "http.disconnect"}


@pytest.mark.usefixtures("no_collection")
async def test_nothing_stays_in_memory_of_a_request_whose_client_has_left() -> None:
    """Exceptions that refer to each other kept all of it until garbage was collected, a closed model among it."""
    prompt, call = Prompt(), call_of(disconnect)
    seen = weakref.ref(prompt)

    async def answer(prompt: Prompt) -> None:
        await asyncio.Event().wait()

    work = answer(prompt)
    del prompt
    await endpoint._until_gone(call, work)
    call.claim.release()
    del work
    assert call.record.aborted
    assert seen() is None


async def test_work_that_ends_by_itself_is_no_departure() -> None:
    ends = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await ends.wait()
        return await disconnect()

    async def answer() -> None:
        ends.set()

    call = call_of(receive, ended=True)
    await endpoint._until_gone(call, answer())
    assert not call.record.aborted
