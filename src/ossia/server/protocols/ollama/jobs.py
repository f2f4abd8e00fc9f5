"""Jobs: pull, push and create block for long, so each runs in a thread of its own and its reports are streamed.

This module knows how reports become lines and how a client that leaves ends its job, but not what a job does.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from typing import Final

from ossia.errors import ServerBusy
from ossia.server.http.stream import Chunk, Reply
from ossia.store.progress import Progress, Report

Job = Callable[[Report], object]

MOST_JOBS: Final = 64
"""Jobs at one time: one whose client has left goes on until its next report, which a slow registry may put off."""

_places = threading.BoundedSemaphore(MOST_JOBS)


class _ClientLeft(Exception):
    """Raised in a job whose client has left."""


async def run_job(job: Job, reply: Reply, stream: bool | None) -> Chunk | None:
    """Run a job as a handler: stream its lines, or, if `stream` is false, return the last one."""
    async with aclosing(_lines(job)) as lines:
        if stream is False:
            return [line async for line in lines][-1]
        async with reply.stream():
            async for line in lines:
                await reply.write((line,))
    return None


async def _lines(job: Job) -> AsyncGenerator[Chunk]:
    """Yield a line for each report of the job that differs from the one before.

    Raises the job's error. Closing the generator ends the job.
    """
    running = _Running(job)
    running.start()
    try:
        while progress := await running.reports.get():
            yield _line(progress)
        await running.outcome
    finally:
        running.leave()


class _Running:
    """A job in its thread. `reports` ends with None; then `outcome` has its end."""

    def __init__(self, job: Job) -> None:
        self.reports: asyncio.Queue[Progress | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self.outcome: asyncio.Future[None] = self._loop.create_future()
        self._job = job
        self._left = threading.Event()
        self._latest: Progress | None = None

    def start(self) -> None:
        """Start the thread. Raises ServerBusy if there are too many jobs, or if the system has no thread left."""
        if not _places.acquire(blocking=False):
            raise _too_many()
        try:
            threading.Thread(target=self._work, name="job").start()
        except RuntimeError:
            _places.release()
            raise _too_many() from None

    def leave(self) -> None:
        """End the job at its next report, if it still runs."""
        self._left.set()
        self.outcome.cancel()

    def _work(self) -> None:
        failure: BaseException | None = None
        try:
            self._job(self._report)
        except BaseException as error:
            failure = error
        finally:
            _places.release()
        with suppress(RuntimeError):  # the loop is closed: the server has ended
            self._loop.call_soon_threadsafe(self._finish, failure)

    def _report(self, progress: Progress) -> None:
        if self._left.is_set():
            raise _ClientLeft
        if progress != self._latest:  # a job reports ten times a second, news or not
            self._latest = progress
            self._loop.call_soon_threadsafe(self.reports.put_nowait, progress)

    def _finish(self, failure: BaseException | None) -> None:
        if not self.outcome.done():
            self.outcome.set_exception(failure) if failure else self.outcome.set_result(None)
        self.reports.put_nowait(None)


def _too_many() -> ServerBusy:
    return ServerBusy("too many models are being pulled, pushed or created", hint="try again when one has ended")


def _line(progress: Progress) -> Chunk:
    """Return a report in Ollama's form, in which empty fields and zeros are omitted."""
    line = {"status": progress.status, "digest": progress.digest, "total": progress.total}
    return {name: value for name, value in (line | {"completed": progress.completed}).items() if value}
