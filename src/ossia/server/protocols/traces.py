"""Texts in the place of what a text model cannot read: images and other files, and traces of tools that ran elsewhere.

A conversation that was begun with another model or at another server goes on with them. This module knows no API: a
trace is JSON of any shape, of which the part that says something to a reader is told.
"""

import json
import re
from typing import Final

_MOST: Final = 2000  # characters of one trace
_DEEPEST: Final = 8
_OPAQUE: Final = re.compile(r"data:[\w/+.-]+;base64,|[\w+/=-]{256,}\Z", re.ASCII)
"""Texts that are images or secrets: base64, of which no reader learns anything."""

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]

_SILENT: Final = frozenset(
    [
        "type",
        "id",
        "status",
        "call_id",
        "tool_use_id",
        "container_id",
        "caller",
        "cache_control",
        "citations",
        "annotations",
        "signature",
        "fingerprint",
        "encrypted_content",
        "encrypted_index",
    ]
)
"""Fields that say nothing to a reader."""


def unseen(kind: str) -> str:
    """Return the text in the place of content of this type, such as `input_image`."""
    return f"[{kind.removeprefix('input_').removesuffix('_url')}: not shown, only text can be read]"


def told(name: str, *fields: JsonValue) -> str:
    """Tell a trace of a tool in one line, shortened; "" if it says nothing."""
    text = " -> ".join(text for field in fields if (text := readable(field)))
    rest = f"... ({len(text) - _MOST} more characters)" if len(text) > _MOST else ""
    return f"[{name}: {text[:_MOST]}{rest}]" if text else ""


def readable(value: JsonValue) -> str:
    """Return what JSON says to a reader: a text as it is, anything else as compact JSON."""
    said = _said(value)
    return said if isinstance(said, str) else "" if said is None else json.dumps(said, ensure_ascii=False)


def _said(value: JsonValue, depth: int = 0) -> JsonValue:
    """Return JSON without its silent, opaque and empty parts, single texts unwrapped; None if nothing is left."""
    if depth > _DEEPEST:
        return None
    match value:
        case dict():
            inner = {key: _said(each, depth + 1) for key, each in value.items() if key not in _SILENT}
            left: dict[str, JsonValue] = {key: each for key, each in inner.items() if each is not None}
            only = next(iter(left.values())) if len(left) == 1 else None
            return only if isinstance(only, str | list) else left or None
        case list():
            heard: list[JsonValue] = [said for each in value if (said := _said(each, depth + 1)) is not None]
            return heard[0] if len(heard) == 1 else heard or None
        case str():
            return None if _OPAQUE.match(value) else value or None
        case _:
            return value
