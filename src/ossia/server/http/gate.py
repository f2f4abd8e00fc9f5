"""The gate at every route's entrance: what a request declares gets in, and nothing else.

The types are those that /openapi.json publishes, so a field that the code reads but no type declares cannot work. The
gate looks at types; what a value means is checked where it is read. It knows no protocol.
"""

import logging
import re
from collections.abc import Iterator
from typing import Any, cast

import msgspec
from starlette.requests import Request

from ossia.errors import InvalidRequest
from ossia.server.http.body import Body, parse_body
from ossia.server.http.compression import decompressed

logger = logging.getLogger(__name__)

_KINDS = {"str": "string", "bool": "boolean", "int": "number", "float": "number", "array": "list", "object": "object"}
_PLACE = re.compile(r"(?P<problem>.*?)(?: - at `\$\.?(?P<path>.*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`")
_WRONG = re.compile(r"Expected `(?P<expected>[^`]*)`, got `(?P<got>[^`]*)`")


async def read(request: Request, declared: type[msgspec.Struct]) -> Body:
    """The request's body, as far as it is declared."""
    data = decompressed(await request.body(), request.headers.get("content-encoding", ""))
    return admit(parse_body(data), declared)


def query(request: Request, declared: type[msgspec.Struct]) -> Body:
    """The parameters of the request's query, as far as they are declared."""
    return admit(Body(dict(request.query_params)), declared, strict=False)


def admit(body: Body, declared: type[msgspec.Struct], *, strict: bool = True) -> Body:
    """`body` with only the fields, at any depth, that `declared` has. Raises InvalidRequest for other types' values.

    Unless `strict`, text that says a number or a truth value is one.
    """
    fields = body.fields
    try:
        kept: dict[str, Any] = msgspec.to_builtins(msgspec.convert(fields, declared, strict=strict))
    except msgspec.ValidationError as error:
        raise _in_our_words(str(error)) from None
    except RecursionError:
        raise InvalidRequest("the body is nested too deeply") from None
    if logger.isEnabledFor(logging.DEBUG) and (ignored := sorted(_dropped(fields, kept))):
        logger.debug("fields without effect: %s", ", ".join(ignored))
    return Body(kept)


def _dropped(sent: Any, kept: Any, path: str = "") -> Iterator[str]:
    """Paths of what was sent and not kept."""
    if isinstance(sent, dict):
        for name, value in cast(dict[str, Any], sent).items():
            if name in kept:
                yield from _dropped(value, kept[name], f"{path}{name}.")
            elif value is not None:
                yield f"{path}{name}"
    elif isinstance(sent, list):
        for index, (one, other) in enumerate(zip(cast(list[Any], sent), kept, strict=True)):
            yield from _dropped(one, other, f"{path[:-1]}[{index}].")


def _in_our_words(text: str) -> InvalidRequest:
    """msgspec's error as `Body` would have written it."""
    place = _PLACE.fullmatch(text)
    assert place
    path, problem = _problem(place["problem"], place["path"] or "")
    error = InvalidRequest(f"{path}{problem}")
    error.param = path or None
    return error


def _problem(problem: str, path: str) -> tuple[str, str]:
    """The place, and what is to be said of it."""
    if missing := _MISSING.fullmatch(problem):
        return f"{path}.{missing['name']}".removeprefix("."), " is required"
    if wrong := _WRONG.fullmatch(problem):
        if wrong["got"] == "null" and not path.endswith("]"):
            return path, " is required"
        return path, f" must be {_described(wrong['expected'])}"
    return path, f": {problem}"


def _described(expected: str) -> str:
    """`str | array | null` is "a string or list"."""
    if expected in ("bool", "bool | null"):
        return "true or false"
    if expected in ("int", "int | null"):
        return "an integer"
    kinds = dict.fromkeys(_KINDS.get(name, name) for name in expected.split(" | ") if name != "null")
    text = " or ".join(kinds)
    return f"an {text}" if text.startswith("o") else f"a {text}"
