"""The server's process: uvicorn around the application, until a signal arrives."""

import signal
import socket
from collections.abc import Awaitable
from contextlib import suppress

import uvicorn
from starlette.applications import Starlette

from ossia import engine
from ossia.config import Settings
from ossia.server.app import create_app
from ossia.server.http.connection import Connection
from ossia.server.pool import EnginePool
from ossia.store.models import Model, ModelStore


class Server(uvicorn.Server):
    """uvicorn, except that a shutdown aborts the answers in progress instead of waiting for them.

    Idle connections stay open for two minutes, so that clients' connection pools rarely pick one that is closing.
    """

    def __init__(self, app: Starlette, pool: EnginePool) -> None:
        config = uvicorn.Config(
            app,
            http=Connection,
            ws="none",
            log_config=None,
            log_level="warning",
            access_log=False,
            timeout_keep_alive=120,
            timeout_graceful_shutdown=3,
        )
        super().__init__(config)
        self._pool = pool

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._pool.close()
        await super().shutdown(sockets)


def run(settings: Settings, store: ModelStore, sockets: list[socket.socket]) -> None:
    """Answer requests on listening sockets until a signal arrives."""

    def load(model: Model, memory_bytes: int) -> Awaitable[engine.Engine]:
        return engine.load(model.path, settings.engine, memory_bytes)

    pool = EnginePool(settings, load)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):  # uvicorn raises the signal again when all is closed
        Server(create_app(settings, store, pool), pool).run(sockets)
