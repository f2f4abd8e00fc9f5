"""JSON schemas in plainer words, for a model to read: what TypeScript has no words for becomes what it has.

The renderer of declarations knows `oneOf`, `enum` and `nullable`, as openai-harmony does; people's schemas (and those
that pydantic and zod write) have `$ref`, `anyOf`, `allOf` and `const`. The meaning stays the same, as far as TypeScript
can say it. What holds of the model's output is not decided here.
"""

from collections.abc import Mapping
from typing import Any, cast

Schema = dict[str, Any]


_MOST_REFERENCES = 1000
"""So many are followed in one schema: where each thing refers twice to the next, there would be no end of them."""


def plain(schema: Schema) -> Schema:
    """The schema with its references resolved and its unions spelled out. What refers to itself is left open there."""
    return _Plain(schema).schema(schema, ())


class _Plain:
    """Rewrites the schemas in `root`. `inside` are the references that led to where it is."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._references = 0

    def schema(self, value: Any, inside: tuple[str, ...]) -> Any:
        if not isinstance(value, dict):
            return value
        schema = cast(Schema, value)
        if isinstance(reference := schema.get("$ref"), str):
            return self._referred(reference, {key: item for key, item in schema.items() if key != "$ref"}, inside)
        return {key: self._part(key, item, inside) for key, item in _united(schema).items()}

    def _referred(self, reference: str, beside: Schema, inside: tuple[str, ...]) -> Any:
        self._references += 1
        target = None if reference in inside else _target(self._root, reference)
        if target is None or self._references > _MOST_REFERENCES:
            return beside
        return self.schema(target | beside, (*inside, reference))

    def _part(self, key: str, value: Any, inside: tuple[str, ...]) -> Any:
        match key:
            case "properties" if isinstance(value, dict):
                properties = cast(Schema, value)
                return {name: self.schema(item, inside) for name, item in properties.items()}
            case "oneOf" if isinstance(value, list):
                return [self.schema(item, inside) for item in cast(list[Any], value)]
            case "items":
                return self.schema(value, inside)
            case _:
                return value


def _target(root: Schema, reference: str) -> Schema | None:
    """What a JSON pointer of the same schema leads to, if that is a schema."""
    value: Any = root
    for step in reference.removeprefix("#").split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        value = cast(Mapping[str, Any], value).get(step) if isinstance(value, dict) else None
    return cast(Schema, value) if reference.startswith("#") and isinstance(value, dict) else None


def _united(schema: Schema) -> Schema:
    """Unions, single values and intersections in the words that are left."""
    schema = dict(schema)
    parts = cast(list[Schema], schema["allOf"]) if isinstance(schema.get("allOf"), list) else []
    if len(parts) == 1:
        schema = parts[0] | {key: value for key, value in schema.items() if key != "allOf"}
    if isinstance(value := schema.pop("const", None), str):
        schema["enum"] = [value]
    members = schema.get("enum")
    if "type" not in schema and isinstance(members, list) and members and all(isinstance(m, str) for m in members):  # type: ignore[misc]
        schema["type"] = "string"
    if isinstance(variants := schema.get("anyOf"), list) and "oneOf" not in schema:
        del schema["anyOf"]
        return _union(schema, [variant for variant in cast(list[Any], variants) if isinstance(variant, dict)])
    return schema


def _union(schema: Schema, variants: list[Schema]) -> Schema:
    """Of one thing or nothing the thing itself, which may be null; else a choice."""
    others = [variant for variant in variants if variant.get("type") != "null"]
    if len(others) == 1:
        return _united(others[0] | schema) | ({"nullable": True} if len(variants) > 1 else {})
    return schema | {"oneOf": variants}
