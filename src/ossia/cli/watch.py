"""Watch: a look, now and then, whether the server that is waited for still answers anybody.

A model may take minutes to load and a pull hours, so no answer is late. But a server that takes connections and says
nothing on any of them stands still.
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


class Watch:
    """A request's connection, which is ended once the server stands still."""

    def __init__(self, connection: HTTPConnection, another: Callable[[], HTTPConnection]) -> None:
        self.stands_still = False
        self._connection = connection
        self._another = another
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(INTERVAL):
            if self._is_silent() and not self._over.is_set():
                self.stands_still = True
                with suppress(OSError):
                    self._connection.sock.shutdown(socket.SHUT_RDWR)  # which wakes whoever reads from it
                return

    def end(self) -> None:
        self._over.set()

    def _is_silent(self) -> bool:
        """True if the server takes a connection and says nothing. One that is too busy to take one is none."""
        connection = self._another()
        try:
            connection.connect()
            connection.sock.settimeout(PATIENCE)
            connection.request("GET", "/api/version")
            connection.getresponse()
        except TimeoutError:
            return connection.sock is not None
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
        return False


@contextmanager
def watched(connection: HTTPConnection, another: Callable[[], HTTPConnection]) -> Generator[Watch]:
    """Watch over a request, looking by way of other connections to the same server."""
    watch = Watch(connection, another)
    threading.Thread(target=watch.run, daemon=True).start()
    try:
        yield watch
    finally:
        watch.end()
