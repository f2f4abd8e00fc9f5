"""Heartbeat: how the server tells a process that stands still from one that works long.

The server asks regularly, and another thread than the one that works answers with what that has done: steps, and layers
of long ones. So a process that was stopped does not answer, and one that is stuck answers the same again and again. It
knows neither sockets nor what the work is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

QUESTIONS: Final = 6
"""Questions without a sign of life after which a process stands still. They are counted, and no time is measured: a
server that was busy, stopped or asleep itself has asked nothing meanwhile."""


@dataclass(slots=True)
class Pulse:
    """Work of a process's main thread: how much is done, and whether it is doing any."""

    beats: int = 0
    is_working: bool = False

    def beat(self) -> None:
        self.beats += 1


pulse: Final = Pulse()
"""The pulse of this process."""


class Timer(Protocol):
    def cancel(self) -> None: ...


class Watch:
    """Watch over a process, from its creation until `stop`: `give_up` is called once the process stands still.

    The process stands still if in `seconds` it neither answers that it is idle nor has done anything.
    """

    def __init__(
        self,
        seconds: float,
        call_later: Callable[[float, Callable[[], None]], Timer],
        ask: Callable[[], None],
        give_up: Callable[[], None],
    ) -> None:
        self._interval = seconds / QUESTIONS
        self._call_later = call_later
        self._ask = ask
        self._give_up = give_up
        self._unanswered = 0
        self._beats = -1
        self._timer = call_later(self._interval, self._tick)

    def answered(self, beats: int, is_working: bool) -> None:
        if beats != self._beats or not is_working:
            self._unanswered = 0
        self._beats = beats

    def stop(self) -> None:
        self._timer.cancel()

    def _tick(self) -> None:
        if self._unanswered == QUESTIONS:
            self._give_up()
            return
        self._unanswered += 1
        self._timer = self._call_later(self._interval, self._tick)
        self._ask()
