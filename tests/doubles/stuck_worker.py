"""A real process that is the model's, but for the model: `python -m tests.doubles.stuck_worker FD`.

Its runner answers at once, except that the first id of a prompt may be a way in which a process comes to stand still.
"""

import os
import re
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future

from ossia.engine import wire, worker
from ossia.engine.constraint import Vocabulary
from ossia.engine.core import EngineCore
from ossia.engine.loading import Later
from ossia.engine.runner import Batch
from tests.doubles.fake_runner import FakeRunner, FakeStep

STOPS, SLEEPS, SPINS, KEEPS_THE_INTERPRETER = 40, 41, 42, 43


class StuckRunner(FakeRunner):
    def launch(self, batch: Batch) -> FakeStep:
        for item in batch.items:
            stand_still(item.sequence.token_ids[0])
        return super().launch(batch)


def stand_still(way: int) -> None:
    if way == STOPS:
        os.kill(os.getpid(), signal.SIGSTOP)
    while way == SLEEPS:
        time.sleep(3600)
    while way == SPINS:
        pass
    if way == KEEPS_THE_INTERPRETER:
        re.match("(a+)+b", "a" * 60)  # for years, with the interpreter's lock


def load(message: wire.Load, send: Callable[[wire.ToParent], None]) -> tuple[EngineCore, Later[Vocabulary]]:
    core = EngineCore(StuckRunner(64, 4), max_sequences=8)
    send(wire.Ready(core.capacity, places=8))
    return core, Later(Future[Vocabulary]().result, 3600)  # which nobody asks for


if __name__ == "__main__":
    worker.load = load
    worker.main()
