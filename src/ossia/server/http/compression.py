"""Decompression of request bodies: gzip, deflate and zstd, up to a maximum size.

A small body may decompress to a huge one, so decompression stops at the maximum.
"""

import zlib
from typing import Final

import zstandard

from ossia.errors import InvalidRequest

LARGEST: Final = 64 << 20


def decompressed(data: bytes, encoding: str) -> bytes:
    """Decompress a body. Raises InvalidRequest if it is too large or damaged, or the encoding is not supported."""
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
    """Decompress gzip or zlib; the first bytes tell which."""
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
