"""Sandbox: the processes of one kind of work as the server sees them.

A job that takes longer than the quick lane allows is tried again in the slow lane, which has fewer processes and longer
limits. A job that its sender expects to fail has a lane of its own. So a stranger's job that never ends delays other
such jobs, and ordinary work only by a moment. Limits are of processor time: on a busy machine a job waits longer, but
is not refused.
"""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from ossia.errors import ServerBusy
from ossia.sandbox.process import ANSWER, LENGTH

T = TypeVar("T")

_KEPT: Final = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
"""Environment variables that a process gets: none of the server's settings, which may be secrets."""
_STANDSTILL: Final = 60.0  # seconds after which a process without an answer is not only slow
_LONGEST_ANSWER: Final = 256 << 20  # bytes
_MOST_WAITING: Final = 64  # costly jobs for a place in their lane
_IDLE_SECONDS: Final = 10.0
"""Time after which a process without a job is ended: it holds 14 MB, and another one starts quickly."""


class Exhausted(Exception):
    """A job needs more time or memory than it may have. The message tells the limits."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Number of processes of a lane, the processor time and memory of one job, and how much the lane gives way."""

    processes: int
    seconds: float
    num_bytes: int
    niceness: int = 5


ALLOWANCES: Final = (Allowance(2, 0.1, 128 << 20), Allowance(1, 2.0, 512 << 20, 15))
GRAMMARS: Final = (Allowance(2, 0.1, 128 << 20), Allowance(1, 1.0, 512 << 20, 15))
"""Lanes of grammars, each of which a model's process compiles again."""
LLAMA_GRAMMARS: Final = (Allowance(2, 0.1, 128 << 20), Allowance(1, 0.25, 512 << 20, 15))
"""The same where the other answers wait for that."""


class Sandbox:
    """Processes that do one kind of work, named by its module. They start when they are needed, and end after a while
    without work. Close it at the end."""

    def __init__(self, kind: str, allowances: Sequence[Allowance] = ALLOWANCES) -> None:
        """Create the quick lane, the slow one, and one for jobs that are probably too costly."""
        self.kind = kind
        quick, slow = allowances
        doubtful = replace(quick, processes=1, niceness=slow.niceness)
        self._lanes = [_Lane(kind, allowance) for allowance in (quick, slow, doubtful)]

    async def run(self, job: bytes, *, quick: bool = False) -> bytes:
        """Return the answer to a job. A `quick` one gets only the time of the quick lane, and gives way to all others.

        Cancelling this kills its process. Raises Exhausted if no lane is enough for it, and ServerBusy if too many such
        jobs wait.
        """
        first, slow, doubtful = self._lanes
        if quick:
            return await doubtful.run_if_few(job)
        try:
            return await first.run(job)
        except Exhausted:
            return await slow.run_if_few(job)

    async def close(self) -> None:
        """End all processes, and wait until they are gone. Jobs that are not done fail."""
        for lane in self._lanes:
            await lane.close()


class _Lane:
    """Processes with the same limits. Jobs wait for one that is free, in the order in which they come."""

    def __init__(self, kind: str, allowance: Allowance) -> None:
        self.waiting = 0
        self._kind = kind
        self._allowance = allowance
        self._places = asyncio.Semaphore(allowance.processes)
        self._helpers: set[_Helper] = set()
        self._idle: dict[_Helper, asyncio.TimerHandle] = {}  # the one that was used last comes last
        self._tasks: set[asyncio.Task[object]] = set()  # processes that start or end
        self._closed = False

    async def run_if_few(self, job: bytes) -> bytes:
        """Run a job, unless too many wait already. Raises ServerBusy."""
        if self.waiting >= _MOST_WAITING:
            raise ServerBusy("too many costly templates or schemas at one time", hint="try again later")
        return await self.run(job)

    async def run(self, job: bytes) -> bytes:
        self.waiting += 1
        try:
            await self._places.acquire()
        finally:
            self.waiting -= 1
        try:
            return await self._run(job)
        finally:
            self._places.release()

    async def _run(self, job: bytes) -> bytes:
        helper = await self._free()
        try:
            answer = await helper.ask(job)
        except BaseException as error:  # also if cancelled: it would go on with the job
            self._end(helper)
            if self._closed:
                raise ServerBusy("the model is being unloaded", hint="try again") from None
            if isinstance(error, OSError | EOFError | TimeoutError):
                raise Exhausted(_limits(self._allowance)) from None
            raise
        if helper.fresh:
            self._idle[helper] = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._end, helper)
        else:
            self._end(helper)
        return answer

    async def _free(self) -> "_Helper":
        while self._idle:
            helper, ending = self._idle.popitem()
            ending.cancel()
            if helper.alive:
                return helper
            self._end(helper)
        starting = self._task(self._start())
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(lambda done: done.exception() or self._end(done.result()))
            raise

    async def _start(self) -> "_Helper":
        helper = await _Helper.start(self._kind, self._allowance)
        self._helpers.add(helper)
        return helper

    def _end(self, helper: "_Helper") -> None:
        if ending := self._idle.pop(helper, None):
            ending.cancel()
        if helper in self._helpers:
            self._helpers.remove(helper)
            self._task(helper.end())

    def _task(self, work: Coroutine[object, object, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        self._closed = True
        while self._tasks or self._helpers:
            for helper in [*self._helpers]:
                self._end(helper)
            await asyncio.wait(self._tasks)


def _limits(allowance: Allowance) -> str:
    return f"it needs more than {allowance.seconds:g} s of processor time or {allowance.num_bytes >> 20} MB"


class _Helper:
    """One process, and the connection to it."""

    def __init__(
        self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.fresh = True
        """False once a job has left too much memory behind for another."""
        self._process = process
        self._reader = reader
        self._writer = writer

    @classmethod
    async def start(cls, kind: str, allowance: Allowance) -> "_Helper":
        """Start a process. If this is cancelled, the process finds its connection closed, and ends."""
        ours, theirs = socket.socketpair()
        with theirs, contextlib.ExitStack() as unless_connected:
            unless_connected.callback(ours.close)
            limits = map(str, (allowance.seconds, allowance.num_bytes, allowance.niceness))
            command = (sys.executable, "-m", "ossia.sandbox.process", kind, str(theirs.fileno()), *limits)
            process = await asyncio.create_subprocess_exec(
                *command,
                pass_fds=[theirs.fileno()],
                env={name: os.environ[name] for name in _KEPT if name in os.environ},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            helper = cls(process, *await asyncio.open_connection(sock=ours))
            unless_connected.pop_all()
        return helper

    @property
    def alive(self) -> bool:
        return self._process.returncode is None and not self._reader.at_eof()

    async def ask(self, job: bytes) -> bytes:
        """Return the answer. Raises OSError, EOFError or TimeoutError if the process ends or stands still."""
        self._writer.write(LENGTH.pack(len(job)) + job)
        async with asyncio.timeout(_STANDSTILL):
            size, self.fresh = ANSWER.unpack(await self._reader.readexactly(ANSWER.size))
            if size > _LONGEST_ANSWER:
                raise EOFError
            return await self._reader.readexactly(size)

    async def end(self) -> None:
        self._writer.close()
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
