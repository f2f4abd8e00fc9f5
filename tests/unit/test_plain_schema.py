"""Users' schemas as the model sees them."""

from typing import Any

import pytest
from pydantic import BaseModel, Field

from ossia.chat.harmony.plain_schema import plain
from ossia.chat.harmony.typescript import type_of

POINT = {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]}


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        ({"$ref": "#/$defs/Point", "$defs": {"Point": POINT}}, "{\nx: number,\n}"),
        ({"type": "array", "items": {"$ref": "#/$defs/P"}, "$defs": {"P": {"type": "string"}}}, "string[]"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "\n | string\n | number"),
        ({"allOf": [{"type": "string"}]}, "string"),
        ({"allOf": [{"$ref": "#/$defs/P"}], "$defs": {"P": POINT}}, "{\nx: number,\n}"),
        ({"anyOf": [{"$ref": "#/$defs/P"}, {"type": "null"}], "$defs": {"P": POINT}}, "{\nx: number,\n}"),
        ({"allOf": [POINT, {"properties": {"y": {"type": "number"}}}]}, "{\nx: number,\ny?: number,\n}"),
        ({"properties": {"a": {"type": "string"}}}, "{\na?: string,\n}"),
        ({"type": ["array", "null"], "items": {"type": "string"}}, "string[]"),
        ({"type": ["string", "null"], "enum": ["a", "b", None]}, '"a" | "b"'),
        ({"const": "fixed"}, '"fixed"'),
        ({"enum": ["a", "b"]}, '"a" | "b"'),
        ({"$ref": "http://elsewhere/x"}, "any"),
        ({"$ref": "#/$defs/None"}, "any"),
        ({"$ref": "#/a~1b", "a/b": {"type": "boolean"}}, "boolean"),
    ],
)
def test_a_schema_in_plain_words(schema: dict[str, Any], shown: str) -> None:
    assert type_of(plain(schema)) == shown


def test_what_refers_to_itself_is_left_open() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}
    shown = type_of(plain({"$ref": "#/$defs/Node", "$defs": {"Node": node}}))
    assert shown == "{\nnext?: any,\n}"


def test_what_has_no_words_is_a_remark() -> None:
    schema = {"properties": {"n": {"enum": [1, 2], "description": "How many."}, "on": {"const": True}}}
    shown = type_of(plain(schema))
    assert "// How many. One of 1, 2.\n" in shown
    assert "// One of true.\n" in shown


class Place(BaseModel):
    """Place of a trip."""

    city: str
    country: str | None = None


class Trip(BaseModel):
    place: Place = Field(description="Where to go.")
    stops: list[Place] = []
    by: str | int = "train"


def test_a_pydantic_model() -> None:
    shown = type_of(plain(Trip.model_json_schema()))
    for part in ("city: string,", "country?: string | null, // default: null", " | string", " | number", "stops?:"):
        assert part in shown


def test_references_without_end_are_not_followed_without_end() -> None:
    """Each level refers twice to the next: 2^40 objects, if all were written."""
    levels: dict[str, Any] = {f"L{i}": _pair(f"#/$defs/L{i + 1}") for i in range(40)} | {"L40": POINT}
    assert len(type_of(plain({"$ref": "#/$defs/L0", "$defs": levels}))) < 1_000_000


def _pair(reference: str) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": {"$ref": reference}, "b": {"$ref": reference}}}
