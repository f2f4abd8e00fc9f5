"""Processes of models: how they start and end, and one in reserve that has imported what a GPU needs.

torch takes seconds to import, so a model that is asked for finds a process that has done so. A process in reserve has
no context on a GPU and takes none of its memory. Nothing is known here of what is said to a process.
"""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from typing import Final, Protocol, TypeVar

from ossia.errors import ModelCrashed
from ossia.python_command import python_command

MODULE: Final = "ossia.engine.worker"
PREPARED: Final = "prepared"
"""Argument of a process that imports what a GPU needs before it is told anything."""

LOADS_AGAIN: Final = "the next request loads the model again"
"""Hint for whoever lost a model's process."""

T = TypeVar("T")

Process = tuple[asyncio.subprocess.Process, socket.socket]
"""A process, and our end of the connection to it."""


async def launch(*arguments: str) -> Process:
    """Start a process, which waits to be told what to load."""
    ours, theirs = socket.socketpair()
    with theirs, contextlib.ExitStack() as unless_started:
        unless_started.callback(ours.close)
        process = await asyncio.create_subprocess_exec(
            *python_command(MODULE, str(theirs.fileno()), *arguments),
            pass_fds=[theirs.fileno()],
            stdin=asyncio.subprocess.DEVNULL,
        )
        unless_started.pop_all()
    return process, ours


class Closable(Protocol):
    async def close(self) -> None: ...


P = TypeVar("P", bound=Closable)


async def start_and_read(starting: Awaitable[P], read: Callable[[], T]) -> tuple[P, T]:
    """Return a model's process and what a thread reads of the model's file meanwhile. If either fails, none is left."""
    reading = asyncio.create_task(asyncio.to_thread(read))
    try:
        started = await starting
    except BaseException:
        reading.cancel()
        raise
    try:
        return started, await reading
    except BaseException:
        await started.close()
        raise


def crashed(how: str) -> ModelCrashed:
    """Return the error of whoever waited for a model's process, which ended in the way that `how` tells."""
    return ModelCrashed(f"the model's process {how}", LOADS_AGAIN)


def end_of(code: int) -> str:
    """Return how a process has ended, in words."""
    return f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"


class Reserve:
    """At most one process that waits in reserve. There is none before `open`, nor after `close`."""

    def __init__(self) -> None:
        self._is_open = False
        self._process: Process | None = None

    async def open(self) -> None:
        self._is_open = True
        await self.refill()

    async def refill(self) -> None:
        """Start a process if none is in reserve. One that is taken is not replaced at once: the load has precedence."""
        if self._is_open and self._process is None:
            self._process = await launch(PREPARED)

    async def take(self) -> Process:
        """Return the process in reserve if it is alive, else a new one."""
        taken, self._process = self._process, None
        if taken is None:
            return await launch()
        if taken[0].returncode is not None:
            taken[1].close()
            return await launch()
        return taken

    async def close(self) -> None:
        """End the process in reserve."""
        self._is_open = False
        taken, self._process = self._process, None
        if taken:
            taken[1].close()
            with contextlib.suppress(ProcessLookupError):
                taken[0].kill()
            await taken[0].wait()


reserve: Final = Reserve()
"""The reserve of this program."""
