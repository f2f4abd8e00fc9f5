"""The body of a request: JSON read leniently, with errors that name the field.

Whatever Content-Type says, the body is JSON. Unknown fields are never looked at, and null is the same as absent. A
value of another type than the field's is an InvalidRequest that gives the field's path, such as
`messages[2].content`. It knows no protocol.
"""

import json
import math
from collections.abc import Iterator
from typing import Any, cast

from ossia.errors import InvalidRequest


def parse_body(data: bytes) -> "Body":
    """The JSON object in `data`. Raises InvalidRequest for anything else."""
    text = data.decode("utf-8-sig", "replace")
    if not text.strip():
        raise InvalidRequest("missing request body")
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
        if "\\ud" in text.lower():
            value = _without_lone_surrogates(value)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"the body is not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise InvalidRequest("the body must be a JSON object")
    return Body(cast(dict[str, Any], value))


class Body:
    """A JSON object whose fields are read by type. `path` says where it stands in the whole body."""

    def __init__(self, fields: dict[str, Any], path: str = "") -> None:
        self._fields = fields
        self._path = path

    def __contains__(self, name: str) -> bool:
        return self._fields.get(name) is not None

    @property
    def fields(self) -> dict[str, Any]:
        """The object itself."""
        return self._fields

    def get(self, name: str) -> Any:
        return self._fields.get(name)

    def where(self, name: str) -> str:
        """The field's path from the root of the body."""
        return f"{self._path}.{name}" if self._path else name

    def text(self, name: str, default: str = "") -> str:
        value = self._fields.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self._wrong(name, "a string")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self._fields.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def number(self, name: str) -> float | None:
        value = self._fields.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
            raise self._wrong(name, "a number")
        return float(value)

    def integer(self, name: str) -> int | None:
        value = self.number(name)
        if value is None:
            return None
        if not value.is_integer() or abs(value) >= 2**63:
            raise self._wrong(name, "an integer")
        return int(self._fields[name])

    def items(self, name: str) -> list[Any]:
        value = self._fields.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._wrong(name, "a list")
        return cast(list[Any], value)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings, or one string for a list of one. Empty strings are left out."""
        value = self._fields.get(name)
        items = [value] if isinstance(value, str) else self.items(name)
        if not all(isinstance(item, str) for item in items):
            raise self._wrong(name, "a list of strings")
        return tuple(item for item in items if item)

    def object(self, name: str) -> "Body":
        """The object of that name; an empty one when it is absent."""
        value = self._fields.get(name)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise self._wrong(name, "an object")
        return Body(cast(dict[str, Any], value), self.where(name))

    def objects(self, name: str) -> Iterator["Body"]:
        for index, value in enumerate(self.items(name)):
            path = f"{self.where(name)}[{index}]"
            if not isinstance(value, dict):
                raise InvalidRequest(f"{path} must be an object")
            yield Body(cast(dict[str, Any], value), path)

    def names(self) -> Iterator[str]:
        return iter(self._fields)

    def _wrong(self, name: str, expected: str) -> InvalidRequest:
        error = InvalidRequest(f"{self.where(name)} must be {expected}")
        error.param = self.where(name)
        return error


def is_list_of(value: Any, kind: type) -> bool:
    """Whether it is a list of values of exactly this type: true is no integer."""
    return isinstance(value, list) and all(type(item) is kind for item in cast(list[Any], value))


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond every float
        return False


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _without_lone_surrogates(value: Any) -> Any:
    """Halves of a surrogate pair, as editors send them when they cut a text in an emoji, become U+FFFD."""
    encoded = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return json.loads(encoded.decode("utf-8", "replace"))
