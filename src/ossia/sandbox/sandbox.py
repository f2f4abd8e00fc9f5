"""Sandbox: the processes of one kind of work as the server sees them.

A job that takes longer than the quick lane allows is tried again in the slow lane, which has fewer processes and longer
limits. A job that its sender expects to fail has a lane of its own. So a stranger's job that never ends delays other
such jobs, and ordinary work only by a moment. Limits are of processor time: on a busy machine a job waits longer, but
is not refused.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ossia.errors import ServerBusy
from ossia.sandbox.helper import Helper

_MOST_WAITING: Final = 64  # costly jobs for a place in their lane
_TOGETHER: Final = 8
_SHORT: Final = 64 << 10
"""Jobs that a process takes in one go, and their bytes. A longer job is taken alone."""
_PATIENCE: Final = 0.05
"""Seconds that jobs wait for a process before another one is started, which takes as long."""
_PATIENCE_AT_FIRST: Final = 0.5
"""The same for a process that has only just been started."""


class Exhausted(Exception):
    """A job needs more time or memory than it may have. The message tells the limits."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Number of processes of a lane, the processor time and memory of one job, and how much the lane gives way.

    A process that has had no job for `idle_seconds` is ended. It holds 14 MB, and takes 70 ms to start.
    """

    processes: int
    seconds: float
    num_bytes: int
    niceness: int = 5
    idle_seconds: float = 10.0


ALLOWANCES: Final = (Allowance(2, 0.1, 128 << 20, idle_seconds=300.0), Allowance(1, 2.0, 512 << 20, 15))
"""Lanes of templates. Whoever chats sends a message every minute, and should not wait for a process each time."""
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
        doubtful = replace(quick, processes=1, niceness=slow.niceness, idle_seconds=slow.idle_seconds)
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


@dataclass(eq=False, slots=True)
class _Job:
    content: bytes
    answer: asyncio.Future[bytes]


class _Lane:
    """Processes with the same limits. Jobs wait for one that is free, in the order in which they come.

    A process takes all short jobs that wait, so that it is woken once for them. Another one is started only when a job
    holds the others up: to start one takes as long as hundreds of ordinary jobs. While jobs fail, all processes take
    them one by one.
    """

    def __init__(self, kind: str, allowance: Allowance) -> None:
        self._kind = kind
        self._allowance = allowance
        self._waiting: deque[_Job] = deque()
        self._helpers: dict[Helper, deque[_Job]] = {}  # with the jobs that they have; the first is being done
        self._idle: dict[Helper, asyncio.TimerHandle] = {}  # the one that was used last comes last
        self._late: set[Helper] = set()  # those that hold others up
        self._has_failed = False  # the latest job
        self._num_working = 0
        self._tasks: set[asyncio.Task[None]] = set()  # of processes that work or end
        self._closed = False

    async def run_if_few(self, content: bytes) -> bytes:
        """Run a job, unless too many wait already. Raises ServerBusy."""
        if len(self._waiting) >= _MOST_WAITING:
            raise ServerBusy("too many costly templates or schemas at one time", hint="try again later")
        return await self.run(content)

    async def run(self, content: bytes) -> bytes:
        if self._closed:
            raise _unloading()
        job = _Job(content, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        self._employ()
        try:
            return await job.answer
        except asyncio.CancelledError:
            self._drop(job)
            raise

    async def close(self) -> None:
        self._closed = True
        self._fail_waiting(_unloading())
        while self._tasks or self._helpers:
            for helper in [*self._helpers]:
                self._end(helper)
            await asyncio.wait(self._tasks)

    def _employ(self) -> None:
        """Let a process take the jobs that wait, unless one will do so soon."""
        has_hands = self._num_working > len(self._late) and not self._has_failed
        if self._waiting and not has_hands and self._num_working < self._allowance.processes:
            self._num_working += 1
            self._begin(self._work())

    async def _work(self) -> None:
        """Let one process do jobs until none waits."""
        helper = None
        try:
            while self._waiting:
                if helper is None:
                    helper = await self._free()
                elif not await self._serve(helper, self._next_jobs()):
                    self._end(helper)
                    helper = None
        except OSError as error:  # no process can be started
            if self._num_working == 1:
                self._fail_waiting(error)
        finally:
            self._num_working -= 1
        if helper:
            self._idle[helper] = asyncio.get_running_loop().call_later(self._allowance.idle_seconds, self._end, helper)

    async def _serve(self, helper: Helper, jobs: deque[_Job]) -> bool:
        """Pass jobs to a process, and its answers on. False if it is not to have others: jobs left over wait again."""
        self._helpers[helper] = jobs
        patience = _PATIENCE if helper.has_answered else _PATIENCE_AT_FIRST
        growing = asyncio.get_running_loop().call_later(patience, self._grow, helper)
        try:
            helper.send(job.content for job in jobs)
            while jobs and helper.fresh and not jobs[0].answer.done():
                answer = await helper.answer()
                job = jobs.popleft()
                if job.answer.done():  # it was dropped, and the process killed, for which the next job must not pay
                    return False
                job.answer.set_result(answer)
                self._has_failed = False
            return helper.fresh and not jobs
        except (OSError, EOFError, TimeoutError):
            if not jobs[0].answer.done():
                jobs.popleft().answer.set_exception(_unloading() if self._closed else Exhausted(self._limits))
                self._has_failed = True
            return False
        finally:
            growing.cancel()
            self._late.discard(helper)
            self._waiting.extendleft(job for job in reversed(jobs) if not job.answer.done())
            if self._closed:
                self._fail_waiting(_unloading())
            self._employ()

    def _next_jobs(self) -> deque[_Job]:
        jobs = deque([self._waiting.popleft()])
        size, most = len(jobs[0].content), 1 if self._has_failed else _TOGETHER
        while self._waiting and len(jobs) < most and (size := size + len(self._waiting[0].content)) <= _SHORT:
            jobs.append(self._waiting.popleft())
        return jobs

    def _grow(self, helper: Helper) -> None:
        self._late.add(helper)
        self._employ()

    def _drop(self, job: _Job) -> None:
        """Do a job no longer. A process that is at it would go on, so it is ended."""
        if job in self._waiting:
            self._waiting.remove(job)
        for helper, jobs in [*self._helpers.items()]:
            if jobs and jobs[0] is job:
                helper.kill()

    async def _free(self) -> Helper:
        """Return a process without work: the one that was used last, else a new one."""
        while self._idle:
            helper, ending = self._idle.popitem()
            ending.cancel()
            if helper.alive:
                return helper
            self._end(helper)
        allowance = self._allowance
        helper = await Helper.start(self._kind, allowance.seconds, allowance.num_bytes, allowance.niceness)
        self._helpers[helper] = deque()
        return helper

    def _end(self, helper: Helper) -> None:
        if ending := self._idle.pop(helper, None):
            ending.cancel()
        if self._helpers.pop(helper, None) is not None:
            self._begin(helper.end())

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _fail_waiting(self, error: Exception) -> None:
        while self._waiting:
            job = self._waiting.popleft()
            if not job.answer.done():
                job.answer.set_exception(error)

    @property
    def _limits(self) -> str:
        seconds, num_bytes = self._allowance.seconds, self._allowance.num_bytes
        return f"it needs more than {seconds:g} s of processor time or {num_bytes >> 20} MB"


def _unloading() -> ServerBusy:
    return ServerBusy("the model is being unloaded", hint="try again")
