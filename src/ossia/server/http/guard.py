"""Bounds of connections: how many there may be, and how long and how much a client may send before it has a request.

uvicorn reads HTTP and knows when a request has come. A body's times are its reader's, see `Arrival`; what is sent after
an answer counts as the next request's head. Knows no protocol, and of the application only the part that says that all
places are taken.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from http import HTTPStatus

from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ossia.config import Limits

logger = logging.getLogger(__name__)

LARGEST_HEAD = 64 << 10  # bytes
UNREAD = 4
"""Answers that wait to be read take at most so many times the limit of one body, all together."""
_SELDOM_SECONDS = 60.0


class Seldom:
    """Log function that drops messages which come within a minute of the last one: a flood must not fill a disk."""

    def __init__(self, log: Callable[[str], object], clock: Callable[[], float] = time.monotonic) -> None:
        self._log, self._clock = log, clock
        self._quiet_until = -_SELDOM_SECONDS

    def __call__(self, message: str) -> None:
        if (now := self._clock()) >= self._quiet_until:
            self._quiet_until = now + _SELDOM_SECONDS
            self._log(message)


class Guards:
    """Guards of all open connections. `full` is the application for those that find no place."""

    def __init__(self, limits: Limits, full: ASGIApp) -> None:
        self.limits = limits
        self._full = full
        self._all: set[Guard] = set()
        self._clogged: set[Guard] = set()
        self._warn = Seldom(logger.warning)

    def enter(self, guard: "Guard") -> None:
        """Take a connection in. If there are too many, the one that has waited for its client for longest is closed.

        If all of them are being answered, the new one is refused.
        """
        if len(self._all) >= self.limits.connections:
            slowest = min((each for each in self._all if each.waits), key=lambda each: each.heard, default=None)
            if slowest is None:
                self._warn(
                    f"{self.limits.connections} connections are being answered; OSSIA_MAX_CONNECTIONS allows more"
                )
                guard.connection.app = self._full
            else:
                self.leave(slowest)
                slowest.connection.transport.abort()
        self._all.add(guard)

    def leave(self, guard: "Guard") -> None:
        self._all.discard(guard)

    def clogged(self, guard: "Guard") -> None:
        """Note a client that does not read as fast as it is answered.

        If all such answers take too much memory together, those are cut off whose clients read nothing for longest.
        """
        for each in self._clogged:
            each.look()
        guard.read_at = guard.connection.loop.time()
        self._clogged.add(guard)
        too_many = sum(each.unread for each in self._clogged) - UNREAD * self.limits.body_bytes
        slowest = sorted(self._clogged, key=lambda each: each.read_at)
        while too_many > 0 and len(slowest) > 1:  # one alone may have an answer of any size
            too_many -= slowest[0].unread
            slowest.pop(0).cut_off()

    def drained(self, guard: "Guard") -> None:
        self._clogged.discard(guard)


class Guard:
    """Bounds of one connection. While its client has to send a request, a timer runs: this one, or uvicorn's between
    two requests. Another one runs while its client does not read its answer, whose place in a batch others need.
    `heard` is when the client last sent something, `read_at` when it was last seen to read."""

    def __init__(self, connection: HttpToolsProtocol | H11Protocol, guards: Guards) -> None:
        self.connection = connection
        self.heard = connection.loop.time()
        self._guards = guards
        self._timer: asyncio.TimerHandle | None = None
        self._reading_timer: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self.read_at = self.heard
        self._unread_before = 0

    @property
    def waits(self) -> bool:
        """True if the client has to send something before the server can go on."""
        return self._waits_for_head() or self.connection.cycle.more_body

    def opened(self) -> None:
        self._guards.enter(self)
        self._start_timer()

    def closed(self) -> None:
        self._guards.leave(self)
        self._stop_timer()
        self.drained()

    def received(self, size: int, loose: int = 0) -> None:
        """Note that so many bytes came and were parsed, and that the last `loose` ones are part of no body.

        Beside a request that is read or answered these are a next head, or what follows a body in chunks.
        """
        self.heard = self.connection.loop.time()
        if not self._waits_for_head():
            self._stop_timer()
            self._head_bytes = 0
            if loose > LARGEST_HEAD:
                self.connection.transport.abort()
            return
        self._start_timer()
        self._head_bytes += size
        if self._head_bytes > LARGEST_HEAD and not self._is_answered_early():
            self._refuse(431, f"the headers are larger than {LARGEST_HEAD} bytes")

    def clogged(self) -> None:
        """Note that the client has not read what was sent, and nothing more is sent until it has."""
        self._unread_before = self.unread
        self._watch_reading(self._guards.limits.body_seconds)
        self._guards.clogged(self)

    def drained(self) -> None:
        """Note that the client has read nearly everything, or will read no more."""
        if self._reading_timer is not None:
            self._reading_timer.cancel()
            self._reading_timer = None
        self._guards.drained(self)

    @property
    def unread(self) -> int:
        """Bytes that are to be sent. There is a kernel's buffer besides."""
        return self.connection.transport.get_write_buffer_size()

    def look(self) -> None:
        """Note whether the client has read something since the last look."""
        unread = self.unread
        if unread < self._unread_before:
            self.read_at = self.connection.loop.time()
        self._unread_before = unread

    def cut_off(self) -> None:
        """Close the connection of a client that does not read."""
        logger.info("a client stopped reading its answer; the connection is closed")
        self.drained()
        self.connection.transport.abort()

    def malformed(self, problem: str) -> None:
        """Refuse what is not HTTP, and close. In the middle of an answer another one would only spoil it."""
        cycle = self.connection.cycle
        if cycle and cycle.response_started and not cycle.response_complete:
            self.connection.transport.close()
        else:
            self._refuse(400, problem)

    def _watch_reading(self, seconds: float) -> None:
        self._reading_timer = self.connection.loop.call_later(seconds, self._check_reading)

    def _check_reading(self) -> None:
        """Cut the client off, unless it has read something meanwhile."""
        self.look()
        left = self.read_at + self._guards.limits.body_seconds - self.connection.loop.time()
        if left > 0:
            self._watch_reading(left)
        else:
            self.cut_off()

    def _waits_for_head(self) -> bool:
        return not self.connection.cycle or self.connection.cycle.response_complete

    def _is_answered_early(self) -> bool:
        """True if the body of the last request still comes, which nobody reads."""
        return bool(self.connection.cycle and self.connection.cycle.more_body)

    def _start_timer(self) -> None:
        if self._timer is None and not self.connection.transport.is_closing():
            self._timer = self.connection.loop.call_later(self._guards.limits.header_seconds, self._run_out)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _run_out(self) -> None:
        if self._head_bytes and not self._is_answered_early():
            seconds = f"{self._guards.limits.header_seconds:g} seconds"
            self._refuse(408, f"the headers did not come within {seconds}; OSSIA_HEADER_TIMEOUT allows more")
        else:  # who said nothing needs no answer, and who was answered has it
            self.connection.transport.abort()

    def _refuse(self, status: int, message: str) -> None:
        """Answer half a head, whose path and so whose API is not known, and close."""
        body = json.dumps({"error": message})
        head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: application/json; charset=utf-8\r\n"
        transport = self.connection.transport
        if not transport.is_closing():
            transport.write(f"{head}content-length: {len(body)}\r\nconnection: close\r\n\r\n{body}".encode())
        transport.close()
        if transport.get_write_buffer_size():  # the client does not even read
            transport.abort()
