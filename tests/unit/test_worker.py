"""Worker: how its main thread waits."""

import queue
import threading

import pytest

from ossia.engine import wire, worker
from ossia.engine.core import EngineCore
from ossia.engine.heartbeat import pulse
from ossia.engine.sequence import Sample, Sequence
from ossia.types import SamplingParams
from tests.doubles.fake_runner import FakeRunner
from tests.unit.test_core import Ask, EveryThird
from tests.waiting import PATIENCE


class Counted(queue.SimpleQueue[object]):
    """An inbox that counts how often it was looked into."""

    looks = 0

    def get(self, block: bool = True, timeout: float | None = None) -> object:
        self.looks += 1
        return super().get(block, timeout)


def test_the_main_thread_rests_until_a_mask_is_there():
    """It is woken by the mask or a message, and looks again only to see whether a mask is overdue."""
    core, inbox, refused = EngineCore(FakeRunner(16, 4), max_sequences=4), Counted(), list[wire.Refused]()
    slow = Ask([3, 1, 4], 6, frozenset(), 30, (10**9,)).sequence(1)
    core.add(slow)
    while core.can_step:
        core.step()
    thread = threading.Thread(target=worker.obey, args=(core, inbox, refused.append))
    thread.start()
    inbox.put(wire.Abort(7))
    inbox.put(Sequence(1, [1], Sample(SamplingParams(), 1)))
    assert isinstance(slow.constraint, EveryThird)
    while not refused:
        thread.join(0.01)
    assert refused == [wire.Refused(1, "sequence 1 is there already")]
    assert thread.is_alive()
    assert not pulse.is_working
    slow.constraint.tick(10**9)
    inbox.put(None)
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert inbox.looks <= 4 + 5, "it does not look for masks again and again"
    assert core.step()


def test_what_first_steps_would_wait_for_is_prepared_while_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part at a time, and messages come before the next one."""
    monkeypatch.setattr(worker, "_IDLE_AFTER", 1e-3)
    inbox: worker.Inbox = queue.SimpleQueue()

    class Preparing(FakeRunner):
        left = 3

        def prepare(self) -> bool:
            if self.left == 2:
                inbox.put(Sequence(1, [3, 1, 4], Sample(SamplingParams(), 1)))
            self.left -= 1
            return self.left >= 0

    core = EngineCore(runner := Preparing(16, 4), max_sequences=4)
    worker.obey(core, inbox, print)
    assert (runner.left, core.is_prepared) == (1, False)
    while core.has_work:
        core.step()
    done = threading.Thread(target=worker.obey, args=(core, inbox, print))
    done.start()
    while not core.is_prepared:
        done.join(0.001)
    inbox.put(Sequence(2, [1], Sample(SamplingParams(), 1)))
    done.join(PATIENCE)
    assert (runner.left, core.has_work) == (-1, True)


@pytest.mark.parametrize("is_late", [True, False])
def test_a_mask_that_takes_too_long_is_told_as_a_refusal_and_a_bug_is_not(is_late: bool):
    core = EngineCore(FakeRunner(16, 4), max_sequences=4)
    core.add(slow := Ask([3, 1, 4], 6, frozenset(), 30, (10**9,)).sequence(1))
    while core.can_step:
        core.step()
    assert isinstance(slow.constraint, EveryThird)
    if is_late:
        slow.constraint.overdue = True
    else:
        slow.constraint.words.set_exception(AttributeError("a bug"))
    worker.obey(core, queue.SimpleQueue(), print)
    told = wire.Refused(1, "its grammar takes too long: simplify it") if is_late else wire.Unmasked(1)
    assert [*worker.messages(core.step())] == [told]
