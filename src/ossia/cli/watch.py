"""Watch: a look, now and then, whether the server that is waited for still answers anybody.

A model may take minutes to load and a pull hours, so no answer is late. But a server that takes connections and says
nothing on any of them stands still. One that is only slow is worse to lose than one that stands still to wait for: so
two looks in a row must find it silent, and no answer of it may go on meanwhile.
"""

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException

INTERVAL = 30.0
"""Seconds between two looks."""
PATIENCE = 30.0
"""Seconds in which the server has to answer one."""
_LOOKS = 2


class Watch:
    """A request's connection, which is ended once the server stands still."""

    def __init__(self, connection: HTTPConnection, another: HTTPConnection, heard: Callable[[], int]) -> None:
        self.stands_still = False
        self._socket = connection.sock  # which the connection gives away to an answer that ends with it
        self._another = another
        self._heard = heard
        self._over = threading.Event()

    def run(self) -> None:
        heard, silent = self._heard(), 0
        while not self._over.wait(INTERVAL):
            is_silent, before, heard = self._is_silent(), heard, self._heard()
            silent = silent + 1 if is_silent and heard == before else 0
            if silent == _LOOKS and not self._over.is_set():
                self.stands_still = True
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)  # which wakes whoever reads from it
                return

    def end(self) -> None:
        self._over.set()

    def _is_silent(self) -> bool:
        """True if the server takes a connection and says nothing. One that is too busy to take one is none."""
        self._another.timeout = PATIENCE  # for a handshake, too
        try:
            self._another.request("GET", "/api/version")
            self._another.getresponse()
        except TimeoutError:
            return self._another.sock is not None
        except (OSError, HTTPException):
            return False
        finally:
            self._another.close()
        return False


@contextmanager
def watched(connection: HTTPConnection, another: HTTPConnection, heard: Callable[[], int]) -> Generator[Watch]:
    """Watch over a request, looking by way of another connection to the same server.

    `heard` tells how often that server was heard in the middle of its answers.
    """
    watch = Watch(connection, another, heard)
    threading.Thread(target=watch.run, daemon=True).start()
    try:
        yield watch
    finally:
        watch.end()
