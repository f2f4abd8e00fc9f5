"""Sandbox: the processes of one kind of work as the server sees them.

A job that takes longer than the quick lane allows is tried again in the slow lane, which has fewer processes and longer
limits. A job that its sender expects to fail has a lane of its own. So a stranger's job that never ends delays other
such jobs, and ordinary work only by a moment. Clients take turns, so many jobs of one delay another's by one or two.
Limits are of processor time: on a busy machine a job waits longer, but is not refused.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ossia.errors import ServerBusy
from ossia.sandbox.helper import Helper

_MOST_OF_ONE: Final = 32
"""Costly jobs of one client that wait for a place in their lane."""
_MOST_WAITING: Final = 64
"""The same of all clients."""
_SHORT: Final = 64 << 10
"""Bytes of the jobs that a process takes in one go. A longer job is taken alone."""
_PATIENCE: Final = 0.05
"""Seconds that jobs wait for a process before another one is started, which takes as long."""
_PATIENCE_AT_FIRST: Final = 0.5
"""The same for a process that has only just been started."""
_WORTH: Final = 0.1
"""Seconds of a job that is done although nobody wants it any more: to start another process takes as long."""


class Exhausted(Exception):
    """A job needs more time or memory than it may have. The message tells the limits."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Number of processes of a lane, the processor time and memory of one job, and how much the lane gives way.

    A process that has had no job for `idle_seconds` is ended. It holds 14 MB, and takes 70 ms to start. It may take
    some short jobs `together`, which are all done then, wanted or not.
    """

    processes: int
    seconds: float
    num_bytes: int
    niceness: int = 5
    idle_seconds: float = 10.0
    together: int = 1


ALLOWANCES: Final = (
    Allowance(2, 0.1, 128 << 20, idle_seconds=300.0, together=8),
    Allowance(1, 2.0, 512 << 20, 15),
)
"""Lanes of templates. Whoever chats sends a message every minute, and should not wait for a process each time. To wake
one takes ten times as long as to render an ordinary template."""
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

    async def run(self, job: bytes, client: str = "", *, quick: bool = False) -> bytes:
        """Return the answer to a client's job. A `quick` one has only the time of the quick lane, and gives way to all.

        Cancelling this ends its work, if that may take long. Raises Exhausted if no lane is enough for it, and
        ServerBusy if too many such jobs wait: the client's own, or everybody's, when those with most lose their latest.
        """
        first, slow, doubtful = self._lanes
        if quick:
            return await doubtful.run_if_few(job, client)
        try:
            return await first.run(job, client)
        except Exhausted:
            return await slow.run_if_few(job, client)

    async def close(self) -> None:
        """End all processes, and wait until they are gone. Jobs that are not done fail."""
        for lane in self._lanes:
            await lane.close()


@dataclass(eq=False, slots=True)
class _Job:
    content: bytes
    client: str
    answer: asyncio.Future[bytes]


class _Queue:
    """Jobs that wait, of clients that take turns."""

    def __init__(self) -> None:
        self._jobs: dict[str, deque[_Job]] = {}  # in the order of turns

    def __len__(self) -> int:
        return sum(map(len, self._jobs.values()))

    def append(self, job: _Job) -> None:
        self._jobs.setdefault(job.client, deque()).append(job)

    def put_back(self, job: _Job) -> None:
        """Let a job be the next."""
        jobs = self._jobs.pop(job.client, deque[_Job]())
        jobs.appendleft(job)
        self._jobs = {job.client: jobs, **self._jobs}

    def next(self) -> _Job:
        """Return the job whose turn it is. Its client's others wait until everybody else has had one."""
        client = next(iter(self._jobs))
        jobs = self._jobs.pop(client)
        job = jobs.popleft()
        if jobs:
            self._jobs[client] = jobs
        return job

    def number(self, client: str) -> int:
        return len(self._jobs.get(client, ()))

    def latest_of_most(self) -> _Job:
        """Return the latest job of the client that has most."""
        return max(self._jobs.values(), key=len)[-1]

    def discard(self, job: _Job) -> None:
        """Forget a job, if it still waits."""
        jobs = self._jobs.get(job.client)
        if jobs and job in jobs:
            jobs.remove(job)
            if not jobs:
                del self._jobs[job.client]


class _Lane:
    """Processes with the same limits. Jobs wait for one that is free, client by client.

    A process takes all short jobs that wait, so that it is woken once for them. Another one is started only when a job
    holds the others up: to start one takes as long as hundreds of ordinary jobs. While jobs fail, all processes take
    them one by one.
    """

    def __init__(self, kind: str, allowance: Allowance) -> None:
        self._kind = kind
        self._allowance = allowance
        self._waiting = _Queue()
        self._helpers: dict[Helper, deque[_Job]] = {}  # with the jobs that they have; the first is being done
        self._idle: dict[Helper, asyncio.TimerHandle] = {}  # the one that was used last comes last
        self._late: set[Helper] = set()  # those that hold others up
        self._has_failed = False  # the latest job
        self._num_working = 0
        self._tasks: set[asyncio.Task[None]] = set()  # of processes that work or end
        self._closed = False

    async def run_if_few(self, content: bytes, client: str) -> bytes:
        """Run a job, unless too many wait already. Raises ServerBusy.

        Where too many of all clients wait, the latest job of one that has more than this one is refused in its place.
        """
        if self._waiting.number(client) >= _MOST_OF_ONE:
            raise _too_many()
        if len(self._waiting) >= _MOST_WAITING:
            self._make_room(client)
        return await self.run(content, client)

    def _make_room(self, client: str) -> None:
        job = self._waiting.latest_of_most()
        if self._waiting.number(job.client) <= self._waiting.number(client) + 1:
            raise _too_many()
        self._waiting.discard(job)
        _refuse(job, _too_many())

    async def run(self, content: bytes, client: str) -> bytes:
        if self._closed:
            raise _unloading()
        job = _Job(content, client, asyncio.get_running_loop().create_future())
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
            while jobs and helper.fresh and self._is_worth_its_time(jobs[0]):
                answer = await helper.answer()
                if self._is_worth_its_time(job := jobs.popleft()):
                    _fulfil(job, answer)
                    self._has_failed = False
                else:  # the process was killed, for which the next job must not pay
                    return False
            return helper.fresh and not jobs
        except (OSError, EOFError, TimeoutError):
            self._has_failed = True
            if not jobs[0].answer.done():
                jobs.popleft().answer.set_exception(_unloading() if self._closed else Exhausted(self._limits))
            return False
        finally:
            growing.cancel()
            self._late.discard(helper)
            for job in reversed(jobs):
                if not job.answer.done():
                    self._waiting.put_back(job)
            if self._closed:
                self._fail_waiting(_unloading())
            self._employ()

    def _next_jobs(self) -> deque[_Job]:
        jobs = deque([self._waiting.next()])
        size, most = len(jobs[0].content), 1 if self._has_failed else self._allowance.together
        while self._waiting and len(jobs) < most:
            job = self._waiting.next()
            if (size := size + len(job.content)) > _SHORT:
                self._waiting.put_back(job)
                break
            jobs.append(job)
        return jobs

    def _grow(self, helper: Helper) -> None:
        self._late.add(helper)
        self._employ()

    def _drop(self, job: _Job) -> None:
        """Do a job no longer. A process that is at it would go on, so it is ended, unless that takes as long."""
        self._waiting.discard(job)
        for helper, jobs in [*self._helpers.items()]:
            if jobs and jobs[0] is job and not self._is_worth_its_time(job):
                helper.kill()

    def _is_worth_its_time(self, job: _Job) -> bool:
        """True if a job is wanted, or done more quickly than a process is started."""
        return not job.answer.done() or self._allowance.seconds <= _WORTH

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
            _refuse(self._waiting.next(), error)

    @property
    def _limits(self) -> str:
        seconds, num_bytes = self._allowance.seconds, self._allowance.num_bytes
        return f"it needs more than {seconds:g} s of processor time or {num_bytes >> 20} MB"


def _fulfil(job: _Job, answer: bytes) -> None:
    if not job.answer.done():
        job.answer.set_result(answer)


def _refuse(job: _Job, error: Exception) -> None:
    if not job.answer.done():
        job.answer.set_exception(error)


def _too_many() -> ServerBusy:
    return ServerBusy("too many costly templates or schemas at one time", hint="try again later")


def _unloading() -> ServerBusy:
    return ServerBusy("the model is being unloaded", hint="try again")
