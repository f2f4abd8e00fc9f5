"""Random JSON schemas of the kinds that people write: nested objects, optional fields, enums, arrays, references,
unions, bounds, names in any script. Each has an instance, and a short one."""

import random
from typing import Any

NAMES = ["city", "größe", "名前", "a b", 'say "hi"', "back\\slash", "données", "🎼", "n", "created_at", "x-y", "Ключ"]
ENUMS: list[list[Any]] = [["celsius", "fahrenheit"], ["é", "日本", 'a"b'], [1, 2.5, None, True], ["one"]]
STRINGS: list[dict[str, Any]] = [
    {},
    {"maxLength": 3},
    {"minLength": 2, "maxLength": 4},
    {"pattern": "^[a-f]{2,4}-[0-9]{2}$"},
    {"format": "date"},
    {"format": "uuid"},
]
NUMBERS: list[dict[str, Any]] = [
    {"type": "integer"},
    {"type": "number"},
    {"type": "integer", "minimum": 1, "maximum": 12},
    {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    {"type": "integer", "minimum": -3, "exclusiveMaximum": 3},
    {"type": "integer", "multipleOf": 5, "minimum": 0, "maximum": 100},
]


def random_schema(seed: int) -> dict[str, Any]:
    """An object's schema; of two seeds hardly ever the same."""
    choose = random.Random(seed)
    definitions = {"Point": {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]}}
    return _object(choose, depth=2) | {"$defs": definitions, "title": "Answer"}


def _object(choose: random.Random, depth: int) -> dict[str, Any]:
    names = choose.sample(NAMES, choose.randint(1, 4))
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: _any(choose, depth) for name in names},
        "required": [name for name in names if choose.random() < 0.6],
    }
    return schema | choose.choice([{"additionalProperties": False}, {}, {"description": "what it is"}])


def _any(choose: random.Random, depth: int) -> dict[str, Any]:
    kinds = ["string", "number", "enum", "boolean", "null", "ref", "const"]
    if depth:
        kinds += ["object", "array", "union", "tuple"]
    match choose.choice(kinds):
        case "string":
            return {"type": "string", **choose.choice(STRINGS)}
        case "number":
            return choose.choice(NUMBERS)
        case "enum":
            return {"enum": choose.choice(ENUMS)}
        case "ref":
            return {"$ref": "#/$defs/Point"}
        case "const":
            return {"const": choose.choice(["fixed", 7, None])}
        case "object":
            return _object(choose, depth - 1)
        case "array":
            least = choose.randint(0, 2)
            return {"type": "array", "items": _any(choose, depth - 1), "minItems": least, "maxItems": least + 2}
        case "union":
            return {"anyOf": [_any(choose, depth - 1), {"type": "null"}]}
        case "tuple":
            return {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False}
        case simple:
            return {"type": simple}
