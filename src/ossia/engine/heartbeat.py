"""Heartbeat: how the server tells a process that stands still from one that works long.

The server asks regularly, and another thread than the one that works answers with what that has done: steps, and layers
of long ones. So a process that was stopped does not answer, and one that is stuck answers the same again and again. It
knows neither sockets nor what the work is.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

Sleep = Callable[[float], Awaitable[None]]

QUESTIONS: Final = 6
"""Questions without a sign of life after which a process stands still. They are counted, and no time is measured: a
server that was busy, stopped or asleep itself has asked nothing meanwhile."""
ANSWER_SECONDS: Final = 5.0
"""Time in which a process answers a question, whatever it computes, unless this machine is very busy."""
STOOD_STILL: Final = "stood still and was ended"
"""Words for the end of a process that gave no sign of life."""


@dataclass(slots=True)
class Pulse:
    """Work of a process's main thread: how much is done, and whether it is doing any."""

    beats: int = 0
    is_working: bool = False

    def beat(self) -> None:
        self.beats += 1


pulse: Final = Pulse()
"""The pulse of this process."""


class Watch:
    """Watch over a process: what it has answered, and how many questions it has not."""

    def __init__(self) -> None:
        self._unanswered = 0
        self._beats = -1

    def answered(self, beats: int, is_working: bool) -> None:
        if beats != self._beats or not is_working:
            self._unanswered = 0
        self._beats = beats

    async def until_still(self, seconds: float, ask: Callable[[], None], sleep: Sleep = asyncio.sleep) -> None:
        """Ask regularly, until for `seconds` the process has neither answered that it is idle nor done anything."""
        await sleep(seconds / QUESTIONS)
        while self._unanswered < QUESTIONS:
            self._unanswered += 1
            ask()
            await sleep(seconds / QUESTIONS)
