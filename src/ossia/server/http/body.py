"""Request bodies: from bytes to the types that routes declare, with errors that name the field.

Bodies are read as JSON whatever their Content-Type is. Unknown fields are ignored, and null means that a field is
absent. A value of a wrong type is an InvalidRequest with the field's path, such as `messages[2].content`. This module
knows types and no protocol; what a value means is checked where it is used.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast, get_args

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import fields
from starlette.requests import Request

from ossia.errors import InvalidRequest
from ossia.server.http.compression import decompressed

logger = logging.getLogger(__name__)

if TYPE_CHECKING:
    Integer = int
else:
    Integer = Annotated[int | float, Meta(extra_json_schema={"type": "integer"})]
"""Integer in a JSON body. JSON has only one kind of number, so 5.0 becomes 5, and 5.5 is refused."""

Json = dict[str, Any]
"""JSON object with any content: a schema, or an item that is kept unchanged."""

_LARGEST = 2**63


class Fields(Struct, omit_defaults=True):
    """Object in a request. null means that a field is absent; undeclared fields are ignored."""

    def __post_init__(self) -> None:
        """Convert whole numbers to int. Raises ValueError, to which msgspec adds the object's path."""
        for name in _integers(type(self)):
            value = getattr(self, name)
            if value is not None:
                setattr(self, name, _whole(name, value))


@cache
def _integers(kind: type[Struct]) -> tuple[str, ...]:
    return tuple(item.name for item in fields(kind) if {int, float} <= _kinds(item.type))


def _kinds(annotation: Any) -> set[Any]:
    """Return the types that a value of this annotation may have, not those of its elements."""
    found = {annotation}
    for inner in get_args(annotation):
        if not hasattr(annotation, "__origin__") or annotation.__origin__ not in (list, dict):
            found |= _kinds(inner)
    return found


def _whole(name: str, value: float) -> int:
    if value != int(value) or abs(value) >= _LARGEST:
        raise ValueError(f"{name} must be an integer")
    return int(value)


class NoBody(Fields):
    """Body of a request that has none."""


T = TypeVar("T")

_KINDS = {"str": "string", "bool": "boolean", "int": "number", "float": "number", "array": "list", "object": "object"}
_PLACE = re.compile(r"(?P<problem>.*?)(?: - at `\$\.?(?P<path>.*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`")
_WRONG = re.compile(r"Expected `(?P<expected>[^`]*)`, got `(?P<got>[^`]*)`")
_MALFORMED = "JSON is malformed: "
_NO_INTEGER = re.compile(r"(?P<name>\w+) must be an integer")


async def read_body(request: Request, declared: type[T]) -> T:
    """Read the request's JSON body as `declared`. Raises InvalidRequest."""
    data, encoding = await request.body(), request.headers.get("content-encoding")
    return decode(decompressed(data, encoding) if encoding else data, declared)


def decode(data: bytes, declared: type[T]) -> T:
    """Decode a JSON object into the type `declared`. Raises InvalidRequest for anything else."""
    data = _clean(data)
    if not data.lstrip().startswith(b"{"):
        _typed(lambda: msgspec.json.decode(data))  # has an error of its own for what is not JSON
        raise InvalidRequest("the body must be a JSON object")
    body = _typed(lambda: msgspec.json.decode(data, type=declared))
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


def invalid(path: str, problem: str) -> InvalidRequest:
    """Return an error about the field at `path`, for example "messages[2].role" that "must be user or assistant"."""
    error = InvalidRequest(f"{path} {problem}")
    error.param = path
    return error


def _typed(read: Callable[[], T], path: str = "") -> T:
    try:
        return read()
    except msgspec.ValidationError as error:
        raise _in_our_words(str(error), path) from None
    except msgspec.DecodeError as error:
        raise InvalidRequest(f"the body is not valid JSON: {str(error).removeprefix(_MALFORMED)}") from None
    except RecursionError:
        raise InvalidRequest("the body is not valid JSON: it is nested too deeply") from None


def _clean(data: bytes) -> bytes:
    """Return the body without a byte order mark, and with U+FFFD instead of invalid UTF-8 and of lone surrogates.

    Editors send lone surrogates when they cut a text in the middle of an emoji.
    """
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        raise InvalidRequest("missing request body")
    if not data.isascii():
        data = data.decode("utf-8", "replace").encode()
    return _without_lone_surrogates(data) if b"\\ud" in data or b"\\uD" in data else data


def _without_lone_surrogates(data: bytes) -> bytes:
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
    if isinstance(sent, dict):
        for name, value in cast(dict[str, Any], sent).items():
            if name in kept:
                yield from _ignored(value, kept[name], f"{path}{name}.")
            elif value is not None:
                yield f"{path}{name}"
    elif isinstance(sent, list):
        for index, (one, other) in enumerate(zip(cast(list[Any], sent), kept, strict=True)):
            yield from _ignored(one, other, f"{path[:-1]}[{index}].")


def _in_our_words(text: str, base: str) -> InvalidRequest:
    """Translate an error message of msgspec."""
    place = _PLACE.fullmatch(text)
    assert place
    path, problem = _problem(place["problem"], _joined(base, place["path"] or ""))
    if not path:
        return InvalidRequest(problem)
    return invalid(path, problem)


def _problem(problem: str, path: str) -> tuple[str, str]:
    """Return the field's path, and the rest of the sentence about it."""
    if missing := _MISSING.fullmatch(problem):
        return _joined(path, missing["name"]), "is required"
    if no_integer := _NO_INTEGER.fullmatch(problem):
        return _joined(path, no_integer["name"]), "must be an integer"
    if wrong := _WRONG.fullmatch(problem):
        if wrong["got"] == "null" and not path.endswith("]"):
            return path, "is required"
        return path, f"must be {_described(wrong['expected'])}"
    return path or "the body", f"is invalid: {problem}"


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name


def _described(expected: str) -> str:
    """Describe msgspec's expectation: `str | array | null` is "a string or list"."""
    if expected in ("bool", "bool | null"):
        return "true or false"
    if expected in ("int", "int | null"):
        return "an integer"
    kinds = dict.fromkeys(_KINDS.get(name, name) for name in expected.split(" | ") if name != "null")
    text = " or ".join(kinds)
    return f"an {text}" if text.startswith("o") else f"a {text}"
