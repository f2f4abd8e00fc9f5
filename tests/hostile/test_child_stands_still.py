"""A model's process that stands still, in whatever way, is noticed and ended; everybody who waits for it is told."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import psutil
import pytest

from ossia.config import EngineOptions
from ossia.engine import child as child_module
from ossia.engine import process, wire
from ossia.engine.child import Child
from ossia.engine.heartbeat import QUESTIONS, Timer, Watch
from ossia.errors import ModelCrashed
from ossia.types import SamplingParams
from tests.doubles import stuck_worker
from tests.doubles.fake_runner import continuation

WAYS = {
    "stopped": stuck_worker.STOPS,
    "asleep": stuck_worker.SLEEPS,
    "spinning": stuck_worker.SPINS,
    "holding the interpreter": stuck_worker.KEEPS_THE_INTERPRETER,
}


@pytest.fixture(autouse=True)
def _double(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "MODULE", "tests.doubles.stuck_worker")


@asynccontextmanager
async def started(stall_timeout: float) -> AsyncGenerator[Child]:
    child = await Child.start(wire.Load("x.gguf", EngineOptions(device="cpu", stall_timeout=stall_timeout), None))
    try:
        yield child
    finally:
        await child.close()


def add(child: Child, *prompt: int) -> wire.Add:
    return wire.Add(child.next_id(), list(prompt), SamplingParams(), [], [], 3, 0, None)


async def ids_of(child: Child, *prompt: int) -> list[int]:
    """Ids of a whole answer. Raises the error that ends it."""
    found: list[int] = []
    with child.outputs(add(child, *prompt)) as mailbox:
        while True:
            if not mailbox.ready:
                await mailbox.arrival()
            output = mailbox.ready.popleft()
            if isinstance(output, Exception):
                raise output
            found.append(output.sampled.token)
            if output.finished:
                return found


def is_gone(child: Child) -> bool:
    """True if the process holds no memory any more."""
    try:
        return psutil.Process(child.process.pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
async def test_it_is_ended_and_everybody_is_told(way: int) -> None:
    async with started(stall_timeout=0.6) as child:
        assert await ids_of(child, 1, 2, 3) == continuation([1, 2, 3], 3)
        answers = await asyncio.gather(
            ids_of(child, way, 2), ids_of(child, 1, 2), child.embedding([1, 2]), return_exceptions=True
        )
        for error in answers:
            assert isinstance(error, ModelCrashed)
            assert "stood still" in error.message
            assert "loads the model again" in (error.hint or "")
        assert not child.alive
        assert await child.process.wait() == -signal.SIGKILL
        assert is_gone(child)


async def test_an_idle_process_lives_on_unless_it_is_stopped() -> None:
    async with started(stall_timeout=0.6) as child:
        pid = child.process.pid
        await asyncio.sleep(1.5)
        assert await ids_of(child, 1, 2) == continuation([1, 2], 3)
        os.kill(pid, signal.SIGSTOP)
        assert await child.process.wait() == -signal.SIGKILL
        assert not child.alive


async def test_without_a_limit_nobody_is_ended() -> None:
    async with started(stall_timeout=0) as child:
        answer = asyncio.create_task(ids_of(child, stuck_worker.SLEEPS))
        await asyncio.sleep(0.5)
        assert not answer.done()
        assert child.alive
    with pytest.raises(ModelCrashed, match="unloaded"):
        await answer


@pytest.mark.parametrize("way", ["stopped", "holding the interpreter"])
async def test_a_stuck_process_that_is_to_be_unloaded_is_ended(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "ANSWER_SECONDS", 0.1)
    async with started(stall_timeout=3600) as child:
        answer = asyncio.create_task(ids_of(child, WAYS[way], 2))
        while child.alive:  # it may be stuck only after the first look
            await child.check()
        with pytest.raises(ModelCrashed, match="stood still"):
            await answer
        assert is_gone(child)


async def test_a_process_that_works_is_not_ended_by_the_look_at_it() -> None:
    async with started(stall_timeout=3600) as child:
        answer = asyncio.create_task(ids_of(child, stuck_worker.SLEEPS))
        await asyncio.sleep(0.1)
        await child.check()
        assert child.alive
    with pytest.raises(ModelCrashed, match="unloaded"):
        await answer


async def test_a_process_whose_output_nobody_reads_is_not_stuck() -> None:
    """The server was busy for longer than the limit: its questions were not asked, so none counts as unanswered."""
    async with started(stall_timeout=0.6) as child:
        answer = asyncio.create_task(ids_of(child, 1, 2))
        asyncio.get_running_loop().call_soon(time.sleep, 1.2)
        assert await answer == continuation([1, 2], 3)
        assert child.alive


class Clock:
    """Timers that go off when a test says so."""

    def __init__(self) -> None:
        self.due: Callable[[], None] | None = None
        self.delays: list[float] = []

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        self.delays.append(delay)
        self.due = callback
        return self

    def cancel(self) -> None:
        self.due = None

    def tick(self) -> None:
        due, self.due = self.due, None
        if due:
            due()


class Watched:
    def __init__(self) -> None:
        self.clock = Clock()
        self.asked = self.given_up = 0
        self.watch = Watch(60.0, self.clock.call_later, self._ask, self._give_up)

    def _ask(self) -> None:
        self.asked += 1

    def _give_up(self) -> None:
        self.given_up += 1


def test_so_many_questions_without_an_answer_are_asked_before_it_is_given_up() -> None:
    watched = Watched()
    for _ in range(QUESTIONS):
        watched.clock.tick()
    assert (watched.asked, watched.given_up) == (QUESTIONS, 0)
    watched.clock.tick()
    watched.clock.tick()
    assert (watched.asked, watched.given_up) == (QUESTIONS, 1)
    assert sum(watched.clock.delays) == pytest.approx(60 * (QUESTIONS + 1) / QUESTIONS)


@pytest.mark.parametrize("is_working", [True, False])
def test_progress_and_rest_are_signs_of_life(is_working: bool) -> None:
    watched = Watched()
    for step in range(5 * QUESTIONS):
        watched.clock.tick()
        watched.watch.answered(step // QUESTIONS if is_working else 7, is_working)
    assert not watched.given_up


def test_the_same_answer_from_one_that_works_is_none() -> None:
    watched = Watched()
    watched.watch.answered(7, True)
    for _ in range(QUESTIONS + 1):
        watched.clock.tick()
        watched.watch.answered(7, True)
    assert watched.given_up == 1


def test_who_has_left_is_not_watched() -> None:
    watched = Watched()
    watched.watch.stop()
    watched.clock.tick()
    assert not watched.asked
