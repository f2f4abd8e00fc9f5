"""Listening sockets. They are bound before the server starts, so that a port in use is an error with a hint."""

import errno
import logging
import socket

from ossia.errors import OssiaError

logger = logging.getLogger(__name__)


def listen(host: str, port: int) -> list[socket.socket]:
    """Return sockets that listen on the address; for 127.0.0.1 also on ::1, since `localhost` may mean either.

    Raises OssiaError if the address is in use or is not this machine's.
    """
    host = "127.0.0.1" if host == "localhost" else host
    try:
        first = _bound(host, port)
    except OSError as error:
        raise _cannot_listen(host, port, error) from None
    if host != "127.0.0.1":
        return [first]
    try:
        return [first, _bound("::1", first.getsockname()[1])]
    except OSError as error:
        logger.debug("not listening on ::1: %s", error)
        return [first]


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(2048)
    except OSError:
        bound.close()
        raise
    return bound


def _cannot_listen(host: str, port: int, error: OSError) -> OssiaError:
    if error.errno == errno.EADDRINUSE:
        hint = "is ollama or another ossia running? OLLAMA_HOST=127.0.0.1:11435 takes another port"
        return OssiaError(f"port {port} of {host} is in use", hint)
    return OssiaError(f"cannot listen on {host}:{port}: {error.strerror or error}", "OLLAMA_HOST sets the address")
