"""Bodies that a client has compressed: gzip, deflate and zstd, up to a size.

A small body may be a large one when it is decompressed, so it is never decompressed further than it may.
"""

import zlib

import zstandard

from ossia.errors import BodyTooLarge, InvalidRequest


def decompressed(data: bytes | bytearray, encoding: str, largest: int) -> bytes | bytearray:
    """The body as it was. Raises BodyTooLarge, or InvalidRequest for what is damaged or compressed in another way."""
    match encoding.strip().lower():
        case "" | "identity":
            return data
        case "gzip" | "x-gzip" | "deflate":
            return _inflated(data, largest)
        case "zstd":
            return _zstd(data, largest)
        case other:
            raise InvalidRequest(f"Content-Encoding {other!r} is not supported, only gzip, deflate and zstd")


def too_large(largest: int) -> BodyTooLarge:
    """The error for a body of more bytes than that."""
    text = f"the body is larger than {largest} bytes, which is the limit that OSSIA_BODY_BYTES sets"
    return BodyTooLarge(text, hint="send less at once, or set a higher limit")


def _inflated(data: bytes | bytearray, largest: int) -> bytes:
    """gzip or zlib, told apart by the first bytes."""
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        whole = inflater.decompress(data, largest + 1)
    except zlib.error as error:
        raise InvalidRequest(f"the body cannot be decompressed: {error}") from None
    if not inflater.eof and len(whole) <= largest:
        raise InvalidRequest("the body cannot be decompressed: its end is missing")
    return _checked(whole, largest)


def _zstd(data: bytes | bytearray, largest: int) -> bytes:
    reader = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True)
    try:
        whole = reader.read(largest + 1)
    except zstandard.ZstdError as error:
        raise InvalidRequest(f"the body cannot be decompressed: {error}") from None
    return _checked(whole, largest)


def _checked(whole: bytes, largest: int) -> bytes:
    if len(whole) > largest:
        raise too_large(largest)
    return whole
