"""Decompression of request bodies: gzip, deflate and zstd, up to a maximum size.

A small body may decompress to a huge one, so decompression stops at the maximum.
"""

import zlib

import zstandard

from ossia.errors import BodyTooLarge, InvalidRequest


def decompressed(data: bytes | bytearray, encoding: str, largest: int) -> bytes | bytearray:
    """Decompress a body. Raises BodyTooLarge, or InvalidRequest if it is damaged or the encoding is not supported."""
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
    """Return the error for a body of more bytes than that."""
    text = f"the body is larger than {largest} bytes, which is the limit that OSSIA_BODY_BYTES sets"
    return BodyTooLarge(text, hint="send less at once, or set a higher limit")


def _inflated(data: bytes | bytearray, largest: int) -> bytes:
    """Decompress gzip or zlib; the first bytes tell which."""
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        whole = inflater.decompress(data, largest + 1)
    except zlib.error as error:
        raise InvalidRequest(f"the body cannot be decompressed: {error}") from None
    if not inflater.eof and len(whole) <= largest:
        raise InvalidRequest("the body cannot be decompressed: its end is missing")
    if inflater.unused_data:  # perhaps a million more of them
        raise InvalidRequest("the body cannot be decompressed: something follows its end")
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
