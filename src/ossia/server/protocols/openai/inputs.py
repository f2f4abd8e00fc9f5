"""Inputs of OpenAI's older routes: a text or its token ids, one or several."""

from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

TextOrIds = str | tuple[int, ...]
"""Text, or token ids."""

_TEXT = {"type": "string"}
_IDS = {"type": "array", "items": {"type": "integer"}}

Inputs = Annotated[
    Any,
    Meta(
        description="A text, texts, token ids or lists of them; required.",
        examples=["Hello!"],
        extra_json_schema={"anyOf": [_TEXT, {"type": "array", "items": _TEXT}, _IDS, {"type": "array", "items": _IDS}]},
    ),
]
"""Field that `read_inputs` reads: msgspec cannot tell its four types apart."""

T = TypeVar("T")


def read_inputs(value: object) -> list[TextOrIds] | None:
    """Read the inputs, all texts or all lists of ids; None for any other value. Inputs may be empty."""
    if isinstance(value, str):
        return [value]
    texts = _as(list[str], value)
    if texts is not None:
        return [*texts]
    ids = _as(tuple[int, ...], value)
    if ids is not None:
        return [ids]
    several = _as(list[tuple[int, ...]], value)
    return None if several is None else [*several]


def _as(kind: type[T], value: object) -> T | None:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return None
