"""Listening sockets. They are bound before the server starts, so that a port in use is an error with a hint."""

import errno
import logging
import socket

from ossia.errors import OssiaError

logger = logging.getLogger(__name__)

QUEUE = 2048
"""Connections that wait in the kernel to be accepted."""
_HINTS = {
    errno.EACCES: "only root has the first 1024 ports: let OLLAMA_HOST name another, such as 127.0.0.1:11434",
    errno.EADDRNOTAVAIL: "that is another machine's address: OLLAMA_HOST=0.0.0.0 listens on all of this one",
    socket.EAI_NONAME: "no machine has that name: let OLLAMA_HOST name one of this machine, or an address",
}


class AddressInUse(OssiaError):
    """Raised for a port that another program has."""


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
        bound.listen(QUEUE)
    except OSError:
        bound.close()
        raise
    return bound


def _cannot_listen(host: str, port: int, error: OSError) -> OssiaError:
    if error.errno == errno.EADDRINUSE:
        hint = "is ollama or another ossia running? OLLAMA_HOST=127.0.0.1:11435 takes another port"
        return AddressInUse(f"port {port} of {host} is in use", hint)
    hint = _HINTS.get(error.errno or 0, "OLLAMA_HOST sets the address")
    return OssiaError(f"cannot listen on {host}:{port}: {error.strerror or error}", hint)
