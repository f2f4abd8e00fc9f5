"""Long jobs (pull, push, create): they block, so each runs in a thread of its own, and what it reports is streamed.

Knows how reports become lines and how a client that leaves ends its job; not what a job does.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress

from msgspec import Struct
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from ossia.server.http import gate
from ossia.server.http.body import Body
from ossia.server.http.stream import NDJSON, Chunk, Reply, send_stream, send_whole, until_gone
from ossia.server.protocols.ollama import chat as ollama
from ossia.server.protocols.protocol import Services
from ossia.store.progress import Progress, Report

Job = Callable[[Report], object]


def model_name(body: Body) -> str:
    """The model's name: old clients write `name`."""
    return body.text("model") or body.text("name")


class _Left(Exception):
    """Raised in a job whose client has left."""


class JobEndpoint:
    """The ASGI application behind a job's route. `prepare` makes a request's job and raises InvalidRequest."""

    def __init__(self, prepare: Callable[[Services, Body], Job], services: Services, declared: type[Struct]) -> None:
        self._prepare = prepare
        self._services = services
        self._declared = declared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await gate.read(Request(scope, receive), self._declared)
        lines, reply = run(self._prepare(self._services, body)), Reply(send)
        if body.flag("stream", True):
            work = send_stream(lines, NDJSON, ollama.error, reply)
        else:
            work = send_whole(_last(lines), ollama.error, reply)
        await until_gone(receive, work)


async def run(job: Job) -> AsyncGenerator[Chunk]:
    """What the job reports, as it reports it. What it raises is raised here. Closing this ends the job."""
    loop = asyncio.get_running_loop()
    reports: asyncio.Queue[Progress | None] = asyncio.Queue()
    outcome: asyncio.Future[None] = loop.create_future()
    left = threading.Event()

    def report(progress: Progress) -> None:
        if left.is_set():
            raise _Left
        loop.call_soon_threadsafe(reports.put_nowait, progress)

    def finish(failure: BaseException | None) -> None:
        if not outcome.done():
            outcome.set_exception(failure) if failure else outcome.set_result(None)
        reports.put_nowait(None)

    def work() -> None:
        failure: BaseException | None = None
        try:
            job(report)
        except BaseException as error:
            failure = error
        with suppress(RuntimeError):  # the loop is closed: the server has ended
            loop.call_soon_threadsafe(finish, failure)

    threading.Thread(target=work, name="job").start()
    try:
        while progress := await reports.get():
            yield _line(progress)
        await outcome
    finally:
        left.set()
        outcome.cancel()


async def _last(lines: AsyncGenerator[Chunk]) -> AsyncGenerator[Chunk]:
    async with aclosing(lines):
        yield [line async for line in lines][-1]


def _line(progress: Progress) -> Chunk:
    """As Ollama writes it: fields that are empty or 0 are left out."""
    line = {"status": progress.status, "digest": progress.digest, "total": progress.total}
    return {name: value for name, value in (line | {"completed": progress.completed}).items() if value}
