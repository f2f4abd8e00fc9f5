"""Connection: uvicorn's HTTP protocol on httptools, or on h11 for requests that the former gets wrong.

httptools drops the body of a request that offers to upgrade, as Java's HTTP client does to HTTP/2; and with httptools,
uvicorn answers HTTP/1.0 in chunks, which that version lacks. This module knows HTTP's framing, but not what it carries.
"""

from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Connection(HttpToolsProtocol):
    """Connection that httptools parses, unless its first request is one for h11, which then parses all of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._beginning: bytearray | None = bytearray()  # all bytes, until the first request's headers are complete
        self._is_for_h11 = False

    def data_received(self, data: bytes) -> None:
        beginning = self._beginning
        if beginning is not None:
            beginning += data
        super().data_received(data)
        if beginning is not None and self._is_for_h11 and not self.transport.is_closing():
            self._hand_over(bytes(beginning))

    def on_headers_complete(self) -> None:
        parser = self.parser
        assert parser is not None, "it calls this"
        if self._beginning is not None and (parser.get_http_version() == "1.0" or parser.should_upgrade()):
            self._is_for_h11 = True
        if not self._is_for_h11:
            self._beginning = None
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._is_for_h11:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._is_for_h11:
            super().on_message_complete()

    def _unsupported_upgrade_warning(self) -> None:
        """Log nothing: h11's protocol will."""

    def _hand_over(self, received: bytes) -> None:
        """Let h11's protocol read the connection from its first byte on."""
        self.connections.discard(self)
        protocol = H11Protocol(self.config, self.server_state, self.app_state)
        self.transport.set_protocol(protocol)
        protocol.connection_made(self.transport)
        protocol.data_received(received)
