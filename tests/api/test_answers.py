"""Answers: several requests run in parallel, but the first computes their common prompt for all."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from ossia.errors import ModelCrashed
from ossia.server.protocols.answers import Answers
from ossia.server.turns import Lease, Newcomers, Turn, Turns
from ossia.types import Event, Finished, GenerateRequest, TextDelta, Usage
from tests.doubles.scripted_engine import ScriptedEngine


class Engine(ScriptedEngine):
    """Engine whose answers begin when the gate opens."""

    def __init__(self, *script: Event | Exception) -> None:
        super().__init__(*script)
        self.gate = asyncio.Event()

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event]:
        self.requests.append(request)
        await self.gate.wait()
        async for event in super().generate(request):
            yield event


REQUEST = GenerateRequest("Hello")


def answers(engine: Engine, *requests: GenerateRequest) -> Answers:
    return Answers(Lease(engine, 0.0, Turn(Turns(Newcomers(9), places=9), "a client")), requests)


async def test_the_first_answer_goes_ahead() -> None:
    engine = Engine(TextDelta("Hi"), Finished("stop"))
    several = answers(engine, REQUEST, REQUEST)
    events: dict[int, list[Event]] = {}

    async def take(index: int) -> None:
        async with several.events(index) as stream:
            events[index] = [event async for event in stream]

    task = asyncio.create_task(several.each(take))
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(engine.requests) == 1, "the second would compute the same prompt"
    engine.gate.set()
    await task
    assert events == {0: [*engine.script], 1: [*engine.script]}


async def test_a_failure_ends_all_answers() -> None:
    """Also those that still wait for the first."""
    engine = Engine(ModelCrashed("no"))
    engine.gate.set()
    several = answers(engine, REQUEST, REQUEST, REQUEST)

    async def take(index: int) -> None:
        async with several.events(index) as stream:
            assert not [event async for event in stream]

    async with asyncio.timeout(5):
        with pytest.raises(ModelCrashed):
            await several.each(take)


def test_a_prompt_that_several_answer_counts_once() -> None:
    other, raw = replace(REQUEST, prompt="other"), replace(REQUEST, context=(1,))
    several = answers(Engine(), REQUEST, REQUEST, other, raw)
    usages = [Usage(10, 1, 0, 1), Usage(10, 2, 9, 0), Usage(20, 3, 0, 2), Usage(40, 4, 30, 0)]
    assert several.total(usages) == Usage(70, 10, 30, 3)
