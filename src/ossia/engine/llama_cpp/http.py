"""HTTP over a Unix socket: one request, whose answer is read whole or line by line.

Each request has a connection of its own; closing it early tells llama.cpp that nobody wants the rest. Nothing is known
here of what is asked.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Final

import h11

_CHUNK: Final = 1 << 16


@asynccontextmanager
async def answer(
    socket: str, method: str, target: str, body: bytes = b"", *, lingers: bool = False
) -> AsyncGenerator[tuple[int, AsyncGenerator[bytes]]]:
    """Send a request; return the status and the pieces of the body. Raises OSError, also for half an answer.

    One that `lingers` ends, if it is cancelled, only once llama.cpp has dropped it.
    """
    reader, writer = await asyncio.open_unix_connection(socket)
    try:
        connection = h11.Connection(h11.CLIENT)
        headers = [("host", "model"), ("content-type", "application/json"), ("content-length", str(len(body)))]
        for event in (h11.Request(method=method, target=target, headers=headers), h11.Data(body), h11.EndOfMessage()):
            writer.write(connection.send(event) or b"")
        response = await _event(connection, reader)
        while not isinstance(response, h11.Response):
            response = await _event(connection, reader)
        async with aclosing(_pieces(connection, reader)) as pieces:
            yield response.status_code, pieces
    except h11.RemoteProtocolError as error:
        raise ConnectionError(str(error)) from error
    except asyncio.CancelledError:
        if lingers:
            await _dropped(reader, writer)
        raise
    finally:  # runs when a client has left, too: nothing here may wait
        writer.close()


async def _dropped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Tell llama.cpp that nobody wants the answer, and wait until it closes the connection."""
    with suppress(OSError):
        writer.write_eof()
        while await reader.read(_CHUNK):
            pass


async def _pieces(connection: h11.Connection, reader: asyncio.StreamReader) -> AsyncGenerator[bytes]:
    while isinstance(event := await _event(connection, reader), h11.Data):
        yield bytes(event.data)


async def _event(connection: h11.Connection, reader: asyncio.StreamReader) -> object:
    while (event := connection.next_event()) is h11.NEED_DATA:
        connection.receive_data(await reader.read(_CHUNK))
    return event


async def lines(pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """Yield the lines of a body that are not empty, as they arrive."""
    rest = b""
    async for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            if line.strip():
                yield line
