"""The server's process: uvicorn around the application, until a signal arrives."""

import asyncio
import errno
import gc
import logging
import resource
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from functools import partial

import uvicorn
from starlette.applications import Starlette

from ossia import engine
from ossia.config import Settings
from ossia.engine.ahead import compile_ahead
from ossia.engine.driver import expects_gpu, may_use_gpu
from ossia.engine.process import reserve
from ossia.server.app import create_app
from ossia.server.http.connection import Config
from ossia.server.http.guard import Seldom
from ossia.server.listen import QUEUE
from ossia.server.pool import EnginePool
from ossia.server.tls import Certificate
from ossia.store.models import Model, ModelStore

logger = logging.getLogger(__name__)

_TICKS_PER_MINUTE = 600  # of uvicorn's main loop
RESERVE = 256
"""File descriptors for everything but connections: models' processes, files of the store, downloads."""

_SWITCH_INTERVAL = 0.0005
"""Seconds after which a thread that computes gives way: the event loop waits so long at each of its steps."""


class Server(uvicorn.Server):
    """uvicorn, except that a shutdown aborts the answers in progress instead of waiting for them.

    When file descriptors run out it says so, once a minute. As often it looks whether its certificate was renewed.
    """

    background: Callable[[], Coroutine[None, None, None]] | None = None
    """Work that begins when connections are accepted, and is given up when the server ends."""

    def __init__(
        self, app: Starlette, pool: EnginePool, certificate: Certificate | None = None, slow_callback: float = 0.0
    ) -> None:
        """A callback of the event loop that takes longer than `slow_callback` seconds is logged, unless that is 0."""
        super().__init__(Config(app, app.state.guards, certificate and certificate.context))
        self._pool = pool
        self._certificate = certificate
        self._slow_callback = slow_callback
        self._working: asyncio.Task[None] | None = None
        self._warn = Seldom(logger.warning)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._handle)
        if self._slow_callback:
            report_slow_callbacks(loop, self._slow_callback)
        await super().startup(sockets)
        for each in sockets or ():
            each.listen(QUEUE)
        if self.background:
            self._working = asyncio.create_task(self.background())

    def _handle(self, loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        """Log a failure that nobody else saw. asyncio tells of each connection that it cannot accept."""
        failure = context.get("exception")
        if isinstance(failure, OSError) and failure.errno in (errno.EMFILE, errno.ENFILE):
            self._warn("no file descriptors are left for new connections; `ulimit -n` allows more")
        else:
            loop.default_exception_handler(context)

    async def on_tick(self, counter: int) -> bool:
        if self._certificate and counter % _TICKS_PER_MINUTE == 0:
            self._certificate.renew()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._working:
            self._working.cancel()
            await asyncio.wait([self._working])
        await reserve.close()
        await self._pool.close()
        await super().shutdown(sockets)
        if self.force_exit:  # by a second signal, at which uvicorn leaves out what the application has yet to store
            await self.lifespan.shutdown()


def run(settings: Settings, store: ModelStore, sockets: list[socket.socket], certificate: Certificate | None) -> None:
    """Answer requests on listening sockets until a signal arrives."""

    def load(model: Model, start: engine.Start) -> Awaitable[engine.Engine]:
        return engine.load(model.files, settings.engine, replace(start, adapters=model.adapters))

    limits = replace(settings.limits, connections=affordable(settings.limits.connections))
    settings = replace(settings, limits=limits)
    pool = EnginePool(settings, load, has_gpu=expects_gpu(settings.engine))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.setswitchinterval(_SWITCH_INTERVAL)
    with suppress(KeyboardInterrupt):  # uvicorn raises the signal again when all is closed
        server = Server(create_app(settings, store, pool), pool, certificate, settings.slow_callback)
        server.background = partial(_prepare_gpu, settings, store)
        gc.collect()
        gc.freeze()  # all of that stays, and to look through it for garbage takes 40 ms, in which everybody waits
        server.run(sockets)


async def _prepare_gpu(settings: Settings, store: ModelStore) -> None:
    """If models may run on a GPU, have a process in reserve, and compile the kernels of all stored models."""
    if may_use_gpu(settings.engine):
        await reserve.open()
        models = await asyncio.to_thread(store.list)
        await compile_ahead(list(dict.fromkeys(model.files for model in models)), settings.engine)


def report_slow_callbacks(loop: asyncio.AbstractEventLoop, seconds: float) -> None:
    """Log what keeps the loop from everything else for longer than so many seconds."""
    loop.set_debug(True)
    loop.slow_callback_duration = seconds


def affordable(connections: int) -> int:
    """The number of connections, or as many as the process may have descriptors for, whose limit is raised first."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + RESERVE
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return connections
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed < wanted:
        logger.warning("`ulimit -n` is %d: there will be no more than %d connections", allowed, allowed // 2)
        return allowed // 2
    return connections
