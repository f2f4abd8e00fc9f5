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
from ossia.engine import wire
from ossia.engine.child import Child
from ossia.engine.heartbeat import QUESTIONS, Watch
from ossia.errors import ModelCrashed
from ossia.types import SamplingParams
from tests.doubles import stuck_worker
from tests.doubles.fake_runner import continuation
from tests.doubles.worker_process import run_instead

WAYS = {
    "stopped": stuck_worker.STOPS,
    "asleep": stuck_worker.SLEEPS,
    "spinning": stuck_worker.SPINS,
    "holding the interpreter": stuck_worker.KEEPS_THE_INTERPRETER,
}


@pytest.fixture(autouse=True)
def _double(monkeypatch: pytest.MonkeyPatch) -> None:
    run_instead(monkeypatch, "tests.doubles.stuck_worker")


@asynccontextmanager
async def started(stall_timeout: float) -> AsyncGenerator[Child]:
    child = await Child.start(wire.Load(["x.gguf"], EngineOptions(device="cpu", stall_timeout=stall_timeout), None))
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
    """A process that is only slow, on a busy machine, would be ended in the same way."""
    async with started(stall_timeout=0.3) as child:
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


@pytest.mark.slow  # with so much time that no busy machine makes a process stand still
async def test_an_idle_process_lives_on_unless_it_is_stopped() -> None:
    async with started(stall_timeout=3) as child:
        pid = child.process.pid
        await asyncio.sleep(4)
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
    assert asyncio.all_tasks() == {asyncio.current_task()}, "who has left is not watched"


async def test_a_process_whose_output_nobody_reads_is_not_stuck() -> None:
    """The server was busy for longer than the limit: its questions were not asked, so none counts as unanswered."""
    async with started(stall_timeout=1) as child:
        answer = asyncio.create_task(ids_of(child, 1, 2))
        asyncio.get_running_loop().call_soon(time.sleep, 1.2)
        assert await answer == continuation([1, 2], 3)
        assert child.alive


class Enough(Exception):
    """The end of a test's patience."""


async def watched(ticks: int, answer: Callable[[Watch, int], None] = lambda watch, tick: None) -> tuple[int, bool]:
    """Watch over a process that answers so at each tick: the number of questions, and whether it was given up."""
    watch, asked, delays = Watch(), list[int](), list[float]()

    async def sleep(delay: float) -> None:
        delays.append(delay)
        if len(delays) > ticks:
            raise Enough
        if asked:
            answer(watch, len(asked))

    try:
        await watch.until_still(60.0, lambda: asked.append(len(delays)), sleep)
    except Enough:
        return len(asked), False
    assert sum(delays) >= 60.0
    return len(asked), True


async def test_so_many_questions_without_an_answer_are_asked_before_it_is_given_up() -> None:
    assert await watched(QUESTIONS) == (QUESTIONS, False)
    assert await watched(QUESTIONS + 1) == (QUESTIONS, True)


@pytest.mark.parametrize("is_working", [True, False])
async def test_progress_and_rest_are_signs_of_life(is_working: bool) -> None:
    def answer(watch: Watch, tick: int) -> None:
        watch.answered(tick // QUESTIONS if is_working else 7, is_working)

    assert await watched(5 * QUESTIONS, answer) == (5 * QUESTIONS, False)


async def test_the_same_answer_from_one_that_works_is_none() -> None:
    assert await watched(9 * QUESTIONS, lambda watch, _: watch.answered(7, True)) == (QUESTIONS + 1, True)
