"""Frames on a blocking socket: a length, then so many bytes.

It imports next to nothing, for the sake of processes that start often.
"""

import socket
from struct import Struct

_PIECE = 1 << 20


def receive_frame(sock: socket.socket, length: Struct) -> bytes | None:
    """Receive the content of the next frame; None at the end of the stream. `length` is the format of its length."""
    header = _receive(sock, length.size)
    return None if header is None else _receive(sock, length.unpack(header)[0])


def _receive(sock: socket.socket, size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        piece = sock.recv(min(size - len(data), _PIECE))
        if not piece:
            return None
        data += piece
    return bytes(data)
