"""Ollama's HEAD and POST /api/blobs: the files from which /api/create makes models.

A body is awaited in the event loop. Threads only get pieces that have arrived, so a slow client occupies none of them.
"""

import asyncio
import logging
from typing import Final, NoReturn

from ossia.errors import OssiaError
from ossia.server.http.body import Arrival, NoBody
from ossia.server.http.endpoint import Call
from ossia.server.services import Services
from ossia.store.blobs import Upload

logger = logging.getLogger(__name__)

_PIECE: Final = 256 << 10  # bytes
_EXPIRY_SECONDS: Final = 3600.0


async def expire_uploads(services: Services) -> NoReturn:
    """Delete uploads that no model uses, once an hour."""
    while True:
        await asyncio.sleep(_EXPIRY_SECONDS)
        try:
            await services.at_length(services.store.uploads.expire)
        except OssiaError as error:
            logger.warning("uploads do not expire: %s", error.message)


async def has_blob(call: Call[NoBody]) -> None:
    is_here = await call.services.at_length(call.services.store.uploads.has, call.path("digest"))
    await call.reply.empty(200 if is_here else 404)


async def put_blob(call: Call[bytes]) -> None:
    digest, services = call.path("digest"), call.services
    call.record.subject = digest
    arrival = Arrival(call.request, services.limits.body_seconds)
    is_new = not await services.at_length(services.store.uploads.has, digest)
    if is_new:
        await _receive(services, digest, arrival)
    else:
        while await arrival.piece():  # a client that is still sending would take an early answer for a failure
            pass
    await call.reply.empty(201 if is_new else 200)


async def _receive(services: Services, digest: str, arrival: Arrival) -> None:
    """Store the request's body as a blob. Raises InvalidModelFile if its digest is another."""
    upload = await services.at_length(Upload, services.store.blobs, digest)
    try:
        while piece := await _large_piece(arrival):
            await services.at_length(upload.write, piece)
        await services.at_length(upload.commit)
        await services.at_length(services.store.uploads.add, digest)
    finally:
        await services.at_length(upload.close)


async def _large_piece(arrival: Arrival) -> bytearray:
    """Return the next piece, large enough to be worth passing to a thread; an empty one at the end."""
    large = bytearray()
    while len(large) < _PIECE and (piece := await arrival.piece()):
        large += piece
    return large
