"""Sandbox: which jobs wait, and whose are refused. Its processes are never there."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from ossia.errors import ServerBusy
from ossia.sandbox import sandbox
from ossia.sandbox.sandbox import Sandbox

Wait = Callable[[str, int], Awaitable[list[asyncio.Task[bytes]]]]


@pytest.fixture
async def wait(monkeypatch: pytest.MonkeyPatch):
    """Let a client send so many costly jobs."""

    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(sandbox.Helper, "start", never)
    box, tasks = Sandbox("templates"), list[asyncio.Task[bytes]]()

    async def send(client: str, number: int) -> list[asyncio.Task[bytes]]:
        sent = [asyncio.create_task(box.run(b"", client, quick=True)) for _ in range(number)]
        tasks.extend(sent)
        for _ in range(3):
            await asyncio.sleep(0)
        return sent

    yield send
    for task in [*tasks, *(task for lane in box._lanes for task in lane._tasks)]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_client_is_refused_for_its_own_costly_jobs_only(wait: Wait) -> None:
    assert refused(await wait("A", 80)) == 80 - 32
    assert refused(await wait("B", 1)) == 0


async def test_who_has_most_costly_jobs_gives_way(wait: Wait) -> None:
    crowd = [task for client in "ABCD" for task in await wait(client, 16)]
    assert refused(await wait("E", 13)) == 1, "all have as many then"
    assert [refused(crowd[start : start + 16]) for start in range(0, 64, 16)] == [3, 3, 3, 3]
    assert all(refused([task]) for task in crowd[13:16]), "the latest"


def refused(tasks: list[asyncio.Task[bytes]]) -> int:
    return sum(task.done() and isinstance(task.exception(), ServerBusy) for task in tasks)
