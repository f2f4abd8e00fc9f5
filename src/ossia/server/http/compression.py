"""Bodies that a client has compressed: gzip, deflate and zstd, up to a size.

A small body may be a large one when it is decompressed, so it is never decompressed further than it may.
"""

import zlib
from typing import Final

import zstandard

from ossia.errors import InvalidRequest

LARGEST: Final = 64 << 20


def decompressed(data: bytes, encoding: str) -> bytes:
    """The body as it was. Raises InvalidRequest for what is too large, damaged or compressed in another way."""
    match encoding.strip().lower():
        case "" | "identity":
            return data
        case "gzip" | "x-gzip" | "deflate":
            return _inflated(data)
        case "zstd":
            return _zstd(data)
        case other:
            raise InvalidRequest(f"Content-Encoding {other!r} is not supported, only gzip, deflate and zstd")


def _inflated(data: bytes) -> bytes:
    """gzip or zlib, told apart by the first bytes."""
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        whole = inflater.decompress(data, LARGEST)
    except zlib.error as error:
        raise InvalidRequest(f"the body cannot be decompressed: {error}") from None
    if not inflater.eof and len(whole) < LARGEST:
        raise InvalidRequest("the body cannot be decompressed: its end is missing")
    return _checked(whole)


def _zstd(data: bytes) -> bytes:
    reader = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True)
    try:
        whole = reader.read(LARGEST)
    except zstandard.ZstdError as error:
        raise InvalidRequest(f"the body cannot be decompressed: {error}") from None
    return _checked(whole)


def _checked(whole: bytes) -> bytes:
    if len(whole) >= LARGEST:
        raise InvalidRequest(f"the body is larger than {LARGEST >> 20} MB when it is decompressed")
    return whole
