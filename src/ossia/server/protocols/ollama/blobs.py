"""Ollama's HEAD and POST /api/blobs: the files from which /api/create makes models."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import Final

from starlette.requests import Request

from ossia.server.http.body import NoBody
from ossia.server.http.endpoint import Call
from ossia.store.blobs import BlobStore

_PIECE: Final = 1 << 20


async def has_blob(call: Call[NoBody]) -> None:
    is_here = call.services.store.blobs.has(call.path("digest"))
    await call.reply.empty(200 if is_here else 404)


async def put_blob(call: Call[bytes]) -> None:
    is_new = await _receive(call.services.store.blobs, call.path("digest"), call.request)
    await call.reply.empty(201 if is_new else 200)


async def _receive(blobs: BlobStore, digest: str, request: Request) -> bool:
    """Store the request's body as a blob; False if it is there already. Raises InvalidModelFile if it differs."""
    if blobs.has(digest):
        async for _ in request.stream():  # a client that is still sending would take an early answer for a failure
            pass
        return False
    loop, stream = asyncio.get_running_loop(), request.stream()

    def pieces() -> Iterator[bytes]:
        while piece := asyncio.run_coroutine_threadsafe(_next_piece(stream), loop).result():
            yield piece

    await asyncio.to_thread(blobs.put_pieces, digest, pieces())
    return True


async def _next_piece(stream: AsyncGenerator[bytes]) -> bytes:
    """Return the next piece, a large one: passing a piece to another thread costs more than receiving it."""
    piece = bytearray()
    async for data in stream:
        piece += data
        if len(piece) >= _PIECE:
            break
    return bytes(piece)
