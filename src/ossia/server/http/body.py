"""Request bodies: from pieces that arrive to the types that routes declare, with errors that name the field.

A body is limited in its size, in its number of values and in its client's silences, all bodies together in memory.
Bodies are read as JSON whatever their Content-Type is. Unknown fields are ignored, and null means that a field is
absent. A value of a wrong type is an InvalidRequest with the field's path, such as `messages[2].content`. This module
knows types and no protocol; what a value means is checked where it is used.
"""

import asyncio
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from math import inf
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import fields
from starlette.requests import ClientDisconnect, Request

from ossia.errors import BodyTooLarge, InvalidRequest, OssiaError, RequestTimeout
from ossia.json_values import is_list, is_object
from ossia.server.http.budget import SMALL, Claim, crowded, num_values
from ossia.server.http.compression import too_large
from ossia.server.http.wording import in_our_words

logger = logging.getLogger(__name__)

if TYPE_CHECKING:
    Integer = BigInteger = int
else:
    Integer = Annotated[int | float, Meta(extra_json_schema={"type": "integer"})]
    BigInteger = Annotated[Integer, Meta(extra={"of_any_size": True})]
"""Integer in a JSON body. JSON has only one kind of number, so 5.0 becomes 5, and 5.5 is refused.

A `BigInteger` may have any size: clients in JavaScript send 2**63 for the largest of 64 bits."""

Json = dict[str, Any]
"""JSON object with any content: a schema, or an item that is kept unchanged."""

_LARGEST = 2**63


class Fields(Struct, omit_defaults=True):
    """Object in a request. null means that a field is absent; undeclared fields are ignored."""

    def __post_init__(self) -> None:
        """Convert whole numbers to int. Raises ValueError, to which msgspec adds the object's path."""
        for name, largest in _integers(type(self)):
            value = getattr(self, name)
            if value is not None:
                setattr(self, name, _whole(name, value, largest))


@cache
def _integers(kind: type[Struct]) -> tuple[tuple[str, float], ...]:
    """Return the fields that are integers, each with the number from which on it is refused."""
    integers = ((item.name, _kinds(item.type)) for item in fields(kind))
    return tuple(
        (name, inf if any(isinstance(each, Meta) and each.extra for each in kinds) else _LARGEST)
        for name, kinds in integers
        if {int, float} <= kinds
    )


def _kinds(annotation: Any) -> set[Any]:
    """Return the types that a value of this annotation may have, not those of its elements."""
    found = {annotation}
    for inner in get_args(annotation):
        if not hasattr(annotation, "__origin__") or annotation.__origin__ not in (list, dict):
            found |= _kinds(inner)
    return found


def _whole(name: str, value: float, largest: float) -> int:
    if value != int(value) or abs(value) >= largest:
        raise ValueError(f"{name} must be an integer")
    return int(value)


class NoBody(Fields):
    """Body of a request that has none."""


T = TypeVar("T")

MOST_VALUES = 1_000_000
"""Commas and opening brackets that a body may have, in texts too: a decoded value takes many times its size in JSON."""

_ON_ITS_WAY = 1.0  # seconds in which a body that nobody needs may come
_DISCARDED = 4  # times the limit; how much of a body that is too large is read, so that its client gets to the answer
_MALFORMED = "JSON is malformed: "
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FIRST = re.compile(rb"\s*(\S?)")


class Arrival:
    """Body on its way in, whose client may be silent for so many seconds at a time."""

    def __init__(self, request: Request, silence: float) -> None:
        self.ended = False
        self._heard = asyncio.get_running_loop().time()
        self._declared = 0 if "expect" not in request.headers else int(request.headers.get("content-length", 0))
        self._pieces = request.stream()
        self._silence = silence
        self._timeout: asyncio.Timeout | None = None
        self._crowded_out = False

    async def piece(self) -> bytes:
        """Return the next piece; b"" at the end. Raises RequestTimeout, or ServerBusy when others need the memory."""
        try:
            async with asyncio.timeout(self._silence) as self._timeout:
                piece = await anext(self._pieces, b"")
        except TimeoutError:
            raise self._failure() from None
        self._heard, self.ended = asyncio.get_running_loop().time(), not piece
        return piece

    @property
    def silent(self) -> float:
        """Seconds since its client was last heard."""
        return asyncio.get_running_loop().time() - self._heard

    async def whole(self, claim: Claim, largest: int) -> bytearray:
        """Return all pieces as one. Raises BodyTooLarge, beside what `piece` raises."""
        if self._declared > largest:
            raise too_large(largest)  # at once: its client waits to be told whether to send it
        data, size, claim.arriving = bytearray(), 0, self
        try:
            while size <= _DISCARDED * largest and (piece := await self.piece()):
                size += len(piece)
                if size <= largest:
                    data += piece
                else:
                    data.clear()
                claim.charge(len(data))
        finally:
            claim.arriving = None
        if size > largest:
            raise too_large(largest)
        return data

    def crowd_out(self) -> None:
        """Give up a body that waits for its client, in favour of others."""
        self._crowded_out = True
        if self._timeout is not None and not self._timeout.expired():
            self._timeout.reschedule(0)

    def _failure(self) -> OssiaError:
        if self._crowded_out:
            return crowded()
        text = f"the body stopped arriving: its client was silent for {self._silence:g} seconds"
        return RequestTimeout(text, hint="OSSIA_BODY_TIMEOUT allows more")


async def pass_over(request: Request) -> None:
    """Read a small body that nobody needs: Go's proxies lose an answer that comes before they have sent the body."""
    headers, size = request.headers, 0
    if "expect" in headers or int(headers.get("content-length", 0)) > SMALL:
        return
    with suppress(TimeoutError, ClientDisconnect):
        async with asyncio.timeout(_ON_ITS_WAY):
            async for piece in request.stream():
                size += len(piece)
                if size > SMALL:
                    return


def decode(data: bytes | bytearray, declared: type[T]) -> T:
    """Decode a JSON object into the type `declared`. Raises InvalidRequest, or BodyTooLarge for too many values."""
    if data.startswith(_BYTE_ORDER_MARK):
        data = data[len(_BYTE_ORDER_MARK) :]
    first = _FIRST.match(data)
    if first is None or not first[1]:
        raise InvalidRequest("missing request body")
    _check_values(data)
    if first[1] != b"{":
        _typed(lambda: _decoded(data, object))  # has an error of its own for what is not JSON
        raise InvalidRequest("the body must be a JSON object")
    body = _typed(lambda: _decoded(data, declared))
    _log_ignored(lambda: json.loads(data), body)
    return body


def read_query(parameters: Mapping[str, str], declared: type[T]) -> T:
    """Read the parameters of a query as `declared`: "1" or "true" counts as a number or a boolean.

    Raises InvalidRequest.
    """
    query = _typed(lambda: msgspec.convert(dict(parameters), declared, strict=False))
    _log_ignored(lambda: dict(parameters), query)
    return query


def convert(values: Mapping[str, Any], declared: type[T], path: str = "") -> T:
    """Convert decoded JSON, which stands at `path` of the body, to the type `declared`. Raises InvalidRequest."""
    return _typed(lambda: msgspec.convert(values, declared), path)


def _typed(read: Callable[[], T], path: str = "") -> T:
    try:
        return read()
    except msgspec.ValidationError as error:
        raise in_our_words(str(error), path) from None
    except msgspec.DecodeError as error:
        raise InvalidRequest(f"the body is not valid JSON: {str(error).removeprefix(_MALFORMED)}") from None
    except RecursionError:
        raise InvalidRequest("the body is not valid JSON: it is nested too deeply") from None


def _check_values(data: bytes | bytearray) -> None:
    if sum(num_values(data)) > MOST_VALUES:
        text = f"the body has too many values: more than {MOST_VALUES} commas and opening brackets"
        raise BodyTooLarge(text, hint="send less at once")


def _decoded(data: bytes | bytearray, declared: type[T]) -> T:
    """Decode a body, which is mended first if that is necessary. Raises msgspec's errors."""
    try:
        return msgspec.json.decode(data, type=declared)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.json.decode(_mended(data), type=declared)


def _mended(data: bytes | bytearray) -> bytes | bytearray:
    """Return the body with U+FFFD instead of invalid UTF-8 and of lone surrogates.

    Editors send lone surrogates when they cut a text in the middle of an emoji.
    """
    if not data.isascii():
        data = data.decode("utf-8", "replace").encode()
    return _without_lone_surrogates(data) if b"\\ud" in data or b"\\uD" in data else data


def _without_lone_surrogates(data: bytes | bytearray) -> bytes | bytearray:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return data  # the decoder will say what is wrong
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode()


def _log_ignored(sent: Callable[[], object], kept: object) -> None:
    """Log the fields that were sent but are not declared, if anybody reads the log at DEBUG."""
    if not logger.isEnabledFor(logging.DEBUG):
        return
    try:
        ignored = sorted(_ignored(sent(), msgspec.to_builtins(kept)))
    except (ValueError, RecursionError):
        return  # the decoder skips what it does not need; a log refuses no request that it let in
    if ignored:
        logger.debug("fields without effect: %s", ", ".join(ignored))


def _ignored(sent: Any, kept: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of fields that were sent but are not declared."""
    if is_object(sent):
        for name, value in sent.items():
            if name in kept:
                yield from _ignored(value, kept[name], f"{path}{name}.")
            elif value is not None:
                yield f"{path}{name}"
    elif is_list(sent):
        for index, (one, other) in enumerate(zip(sent, kept, strict=True)):
            yield from _ignored(one, other, f"{path[:-1]}[{index}].")
