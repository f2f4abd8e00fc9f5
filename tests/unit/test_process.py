"""Processes of models: one in reserve is taken, replaced when the model is unloaded, and ends with the server."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ossia.config import EngineOptions
from ossia.engine import child, process, wire
from ossia.engine.child import Child
from ossia.engine.process import PREPARED, Reserve
from tests.doubles.worker_process import WorkerProcess


class Launched(WorkerProcess):
    """Process that remembers its arguments."""

    returncode: int | None = None

    async def start(self, *command: str, **options: Any) -> "Launched":
        self.arguments = command[5:]
        await super().start(*command, **options)
        return self

    def kill(self) -> None:
        super().kill()
        self.returncode = -9


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[Launched]:
    found: list[Launched] = []

    async def start(*command: str, **options: Any) -> Launched:
        found.append(Launched([1]))
        return await found[-1].start(*command, **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start)
    return found


@pytest.fixture
async def reserve(launched: list[Launched], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Reserve]:
    reserve = Reserve()
    monkeypatch.setattr(child, "reserve", reserve)
    yield reserve
    await reserve.close()


def load(device: str = "auto") -> wire.Load:
    return wire.Load([""], EngineOptions(device=device), None)


async def test_a_model_gets_the_process_in_reserve(reserve: Reserve, launched: list[Launched]) -> None:
    await reserve.open()
    first = await Child.start(load())
    second = await Child.start(load())
    assert [each.arguments for each in launched] == [(PREPARED,), ()]
    await first.close()
    await second.close()
    assert [each.arguments for each in launched[2:]] == [(PREPARED,)], "one is replaced"


async def test_the_processor_needs_no_preparation(reserve: Reserve, launched: list[Launched]) -> None:
    await reserve.open()
    await (await Child.start(load("cpu"))).close()
    assert [each.arguments for each in launched] == [(PREPARED,), ()]


async def test_a_process_that_has_died_is_not_used(reserve: Reserve, launched: list[Launched]) -> None:
    await reserve.open()
    launched[0].kill()
    await (await Child.start(load())).close()
    assert [each.arguments for each in launched] == [(PREPARED,), (), (PREPARED,)]


async def test_nothing_is_in_reserve_unless_it_is_wanted(reserve: Reserve, launched: list[Launched]) -> None:
    await (await Child.start(load())).close()
    await reserve.open()
    await reserve.close()
    await reserve.refill()
    assert [each.arguments for each in launched] == [(), (PREPARED,)]
    assert launched[1].returncode == -9


def test_the_module_is_there() -> None:
    assert process.MODULE == "ossia.engine.worker"
