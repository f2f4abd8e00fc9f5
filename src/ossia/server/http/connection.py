"""Connection: uvicorn's HTTP protocol on httptools, or on h11 for requests that the former gets wrong.

What uvicorn or httptools alone would get wrong:

- httptools drops the body of a request that offers to upgrade, as Java's HTTP client does to HTTP/2, and all that comes
  after it: such a head is read once more without its offer.
- With httptools, uvicorn answers HTTP/1.0 in chunks, which that version lacks: h11 parses such connections.
- uvicorn and asyncio tell only of a connection whose handshake is done: each has a guard, before the first byte of TLS.
- When a client leaves that has sent several requests at once, uvicorn tells the latest of them only, while an earlier
  one is being answered.
- uvicorn takes trailers, the fields that may follow a body in chunks, for headers, as many as come: they are dropped.

This module knows HTTP's framing, but not what it carries.
"""

import asyncio
import ssl
from array import array
from asyncio.sslproto import SSLProtocol
from collections.abc import Callable
from typing import TypeGuard

import uvicorn
from httptools import HttpParserUpgrade, HttpRequestParser
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from ossia.server.http.guard import Guard, Guards

ACCEPTED = 16
"""Connections that asyncio accepts in one go. If no descriptor is left it fails as often, and retries each failure a
second later. The length of the kernel's queue, for which uvicorn takes the same number, is set by `Server`."""

MOST_AT_ONCE = 16
"""Requests that a client may send without waiting for answers: each takes memory, and hardly any client sends two."""

_READ = 32 << 10
"""Bytes that are read at once. As a body in chunks of one byte they take 10 ms, which others wait for."""

_MALFORMED = "what was sent is not a request in valid HTTP, or in a form that others may read differently"
_TOO_MANY = f"there are more than {MOST_AT_ONCE} requests before the first answer: wait for answers"

_OF_AN_OFFER = (b"upgrade", b"http2-settings", b"connection")
"""Headers of an offer to go on in another protocol."""

_GOODBYE_SECONDS = 2.0
"""Time in which a client may answer the end of TLS, which few do."""


class _SocketTransport(asyncio.Transport):
    """asyncio's transport of a socket, which is no public class."""

    max_size: int


def _is_of_socket(transport: asyncio.Transport) -> TypeGuard[_SocketTransport]:
    return hasattr(transport, "max_size")


class Config(uvicorn.Config):
    """uvicorn's configuration, with the guards of its connections, and the context of TLS if they speak it.

    Idle connections stay open for two minutes, so that clients' connection pools rarely pick one that is closing.
    """

    def __init__(self, app: ASGIApp, guards: Guards, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(
            app,
            loop="asyncio",  # with uvloop, if somebody has it, not every connection that is too many is closed
            http=Connection,
            ws="none",
            log_config=None,
            log_level="error",  # its warnings are of clients' mistakes, one for each request
            access_log=False,
            proxy_headers=False,  # see Locality
            backlog=ACCEPTED,
            timeout_keep_alive=120,
            timeout_graceful_shutdown=3,
        )
        self.guards = guards
        self.tls = tls


class Connection(HttpToolsProtocol):
    """Connection that httptools parses, unless its first request is one for h11, which then parses all of it."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.parser = _Parser(self)
        self._offering = b""  # the method of a request that offers to upgrade, until its head is read once more
        self._guards = config.guards
        self._guard = Guard(self, config.guards)
        self._tls = config.tls
        self._unanswered: list[RequestResponseCycle] = []  # the first of them is being answered
        self._beginning: bytearray | None = bytearray()  # all bytes, until the first request's headers are complete
        self._is_for_h11 = False
        self._problem = _MALFORMED
        self._is_in_head = False
        self._loose_bytes = 0  # since the last end of a head, or piece of a body

    def connection_made(self, transport: asyncio.Transport) -> None:
        if self._tls is None:
            if _is_of_socket(transport):
                transport.max_size = _READ
            super().connection_made(transport)
            self._guard.opened()
        elif transport.get_extra_info("sslcontext"):  # the handshake is done
            super().connection_made(transport)
        else:
            self.transport = transport
            self._guard.opened()
            encrypted = _Encrypted(self, self._tls, self._guard, self._guards.limits.header_seconds)
            transport.set_protocol(encrypted)
            encrypted.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._guard.closed()
        super().connection_lost(exc)
        for cycle in self._unanswered:
            if not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._guard.clogged()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._guard.drained()

    def data_received(self, data: bytes) -> None:
        beginning = self._beginning
        if beginning is not None:
            beginning += data
        self._loose_bytes += len(data)
        super().data_received(data)
        if beginning is not None and self._is_for_h11 and not self.transport.is_closing():
            self._hand_over(bytes(beginning))
        else:
            self._guard.received(len(data), self._loose_bytes)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_in_head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        parser = self.parser
        assert parser is not None, "it calls this"
        self._is_in_head, self._loose_bytes = False, 0
        method, is_first = parser.get_method(), self._beginning is not None
        if is_first and (parser.get_http_version() == "1.0" or method == b"CONNECT"):
            self._is_for_h11 = True
        elif parser.should_upgrade() and method != b"CONNECT":
            self._offering = method
        else:
            self._beginning = None
            super().on_headers_complete()
            self._note_request()

    def _note_request(self) -> None:
        """Keep the request until it is answered. Raises ValueError, which ends the connection, if there are too many.

        uvicorn reads no more while several wait, and so would not see that their client leaves.
        """
        self._unanswered = [cycle for cycle in self._unanswered if not cycle.response_complete] + [self.cycle]
        if len(self._unanswered) > MOST_AT_ONCE:
            self._problem = _TOO_MANY
            raise ValueError(_TOO_MANY)
        if len(self._unanswered) > 1:
            self.flow.resume_reading()

    def send_400_response(self, msg: str) -> None:
        self._guard.malformed(self._problem)

    def declines(self, rest: bytes) -> bool:
        """Read a request that offered to upgrade as if it had not: its head once more, and then the rest of the data.

        False if there was no such request.
        """
        method, self._offering = self._offering, b""
        if not method:
            return False
        head = [method, b" ", self.url, b" HTTP/1.1\r\n"]
        closes = any(b"close" in value.lower() for name, value in self.headers if name == b"connection")
        kept = [(name, value) for name, value in self.headers if name not in _OF_AN_OFFER]
        for name, value in [*kept, *([(b"connection", b"close")] if closes else [])]:
            head += [name, b": ", value, b"\r\n"]
        self.parser = _Parser(self)
        self.parser.feed_data(b"".join([*head, b"\r\n", rest]))
        return True

    def on_body(self, body: bytes) -> None:
        self._loose_bytes = 0
        if not self._is_for_h11:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._is_for_h11 and not self._offering:
            super().on_message_complete()
            self.cycle.more_body = False  # also of a request that was answered before

    def _unsupported_upgrade_warning(self) -> None:
        """Log nothing: h11's protocol will."""

    def _hand_over(self, received: bytes) -> None:
        """Let h11's protocol read the connection from its first byte on."""
        self.connections.discard(self)
        self._guard.closed()
        protocol = _H11Connection(self.config, self.server_state, self.app_state, self._guards)
        self.transport.set_protocol(protocol)
        protocol.connection_made(self.transport)
        protocol.data_received(received)


class _Parser(HttpRequestParser):
    """httptools' parser, which does not end at an offer to upgrade."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._connection = connection

    def feed_data(self, data: "bytes | bytearray | memoryview[int] | array[int]") -> None:
        try:
            super().feed_data(data)
        except HttpParserUpgrade as offer:
            if not self._connection.declines(bytes(data)[offer.args[0] :]):
                raise


class _Encrypted(SSLProtocol):
    """TLS between a connection's transport and its protocol."""

    max_size = _READ  # of a buffer that each connection has; asyncio's own has eight times as many

    def __init__(self, connection: Connection, context: ssl.SSLContext, guard: Guard, handshake_seconds: float) -> None:
        init: Callable[..., None] = super().__init__
        times = {"ssl_handshake_timeout": handshake_seconds, "ssl_shutdown_timeout": _GOODBYE_SECONDS}
        init(connection.loop, connection, context, None, server_side=True, **times)
        self._guard = guard

    def connection_lost(self, exc: BaseException | None) -> None:
        self._guard.closed()  # of which the protocol hears nothing if the handshake failed
        super().connection_lost(exc)


class _H11Connection(H11Protocol):
    """Connection that h11 parses."""

    def __init__(
        self, config: uvicorn.Config, server_state: ServerState, app_state: dict[str, object], guards: Guards
    ) -> None:
        super().__init__(config, server_state, app_state)
        self._guard = Guard(self, guards)

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._guard.opened()

    def connection_lost(self, exc: Exception | None) -> None:
        self._guard.closed()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._guard.clogged()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._guard.drained()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._guard.received(len(data))

    def send_400_response(self, msg: str) -> None:
        self._guard.malformed(_MALFORMED)
