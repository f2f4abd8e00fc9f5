"""JSON schemas as the declarations that gpt-oss was trained with; random ones are compared in test_harmony.py."""

from typing import Any

import pytest

from ossia.chat.harmony.typescript import functions_section, type_of
from ossia.types import Tool

STRING = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({}, "any"),
        (True, "any"),
        ({"type": "string"}, "string"),
        ({"type": "boolean"}, "boolean"),
        ({"type": "integer"}, "number"),
        ({"type": "string", "enum": ["a", 1, "b"]}, '"a" | "b"'),
        ({"type": "string", "enum": []}, "string"),
        ({"enum": ["a"]}, "any"),
        ({"type": "integer", "enum": [1, 2]}, "number"),
        ({"const": 1}, "any"),
        ({"anyOf": [STRING]}, "any"),
        ({"$ref": "#/definitions/x"}, "any"),
        ({"type": "null"}, "any"),
        ({"type": ["integer", "null"]}, "number | null"),
        ({"type": "array"}, "Array<any>"),
        ({"type": "array", "items": {"type": "string", "enum": ["x", "y"]}}, '"x" | "y"[]'),
        ({"type": "array", "items": {"type": "array", "items": {}}}, "any[][]"),
        ({"type": "object"}, "{\n}"),
        ({"type": "object", "description": "Where"}, "// Where\n{\n}"),
        ({"oneOf": [STRING, {"type": "number", "nullable": True}]}, "\n | string\n | number | null"),
        (
            {"oneOf": [{"type": "string", "enum": ["p"], "default": "p", "description": "one"}]},
            '\n | "p" // one default: "p"',
        ),
    ],
)
def test_type(schema: Any, expected: str) -> None:
    assert type_of(schema) == expected


@pytest.mark.parametrize(
    ("schema", "required", "expected"),
    [
        (STRING, ["key"], "key: string,"),
        (STRING, [], "key?: string,"),
        ({**STRING, "default": "x"}, [], 'key?: string, // default: "x"'),
        ({**STRING, "enum": ["x"], "default": "x"}, [], 'key?: "x", // default: x'),
        ({"type": "object", "default": {"x": 1.0}}, [], 'key?: {\n    }, // default: {"x":1.0}'),
        ({**STRING, "nullable": True}, [], "key?: string | null,"),
        ({"type": ["string", "null"], "nullable": True}, [], "key?: string | null,"),
        (
            {**STRING, "title": "T", "description": "D\nE", "examples": ["e", 1]},
            [],
            '// T\n//\n// D\nE\n// Examples:\n// - "e"\nkey?: string,',
        ),
        (
            {"type": "object", "description": "Place", "properties": {"city": STRING}},
            [],
            "// Place\nkey?:     // Place\n{\n    city?: string,\n    },",
        ),
        (
            {
                "description": "property description",
                "default": "q",
                "oneOf": [
                    {"type": "string", "default": "dd"},
                    {"type": "number", "nullable": True, "description": "v2"},
                ],
            },
            [],
            '// property description\n// default: "q"\nkey?:\n | string // default: "dd"\n | number | null // v2\n,',
        ),
        (
            {"description": "same", "oneOf": [{**STRING, "description": "same"}, {**STRING, "description": "other"}]},
            [],
            "key?:\n | string\n | string // other\n,",
        ),
    ],
)
def test_property(schema: dict[str, Any], required: list[str], expected: str) -> None:
    declared = {"type": "object", "properties": {"key": schema}, "required": required}
    assert type_of(declared) == f"{{\n{expected}\n}}"


def test_section_of_functions() -> None:
    tools = [
        Tool("get_location", "Gets the location of the user."),
        Tool("anything", "First line\r\nsecond line\n", {}),
        Tool(
            "get_current_weather",
            "Gets the current weather in the provided location.",
            {
                "type": "object",
                "properties": {
                    "location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA"},
                    "format": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"},
                },
                "required": ["location"],
            },
        ),
        Tool("nothing"),
    ]
    assert (
        functions_section(tools)
        == """\
# Tools

## functions

namespace functions {

// Gets the location of the user.
type get_location = () => any;

// First line
// second line
type anything = (_: any) => any;

// Gets the current weather in the provided location.
type get_current_weather = (_: {
// The city and state, e.g. San Francisco, CA
location: string,
format?: "celsius" | "fahrenheit", // default: celsius
}) => any;

type nothing = () => any;

} // namespace functions"""
    )
