"""Connections of clients: uvicorn's protocol over httptools, with a guard."""

import asyncio

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from ossia.server.http.guard import Guard, Guards


class Config(uvicorn.Config):
    """uvicorn's configuration with the guards of its connections.

    Idle connections stay open for two minutes, so that clients' connection pools rarely pick one that is closing.
    """

    def __init__(self, app: ASGIApp, guards: Guards) -> None:
        super().__init__(
            app,
            http=Connection,
            ws="none",
            log_config=None,
            log_level="warning",
            access_log=False,
            timeout_keep_alive=120,
            timeout_graceful_shutdown=3,
        )
        self.guards = guards


class Connection(HttpToolsProtocol):
    """Connection of one client."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._guard = Guard(self, config.guards)

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._guard.opened()

    def connection_lost(self, exc: Exception | None) -> None:
        self._guard.closed()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._guard.received(len(data))

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.cycle.more_body = False  # also of a request that was answered before
