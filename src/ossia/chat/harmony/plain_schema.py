"""Simplified JSON schemas for the model to read: keywords without a TypeScript equivalent are rewritten.

The renderer of declarations knows `oneOf`, `enum` and `nullable`, as openai-harmony does; users' schemas (and those of
pydantic and zod) have `$ref`, `anyOf`, `allOf` and `const`. The meaning is kept as far as TypeScript can express it.
The rules for the model's output are elsewhere.
"""

import json
from typing import Any, cast

from ossia.chat.grammar.limits import target

Schema = dict[str, Any]


_MOST_REFERENCES = 1000
"""Limit on the references followed in one schema: if each definition uses the next twice, they grow exponentially."""
_MOST_WRITTEN = 100_000
"""Limit on the characters of the schemas that references led to: each may lead to the same large one."""


def plain(schema: Schema) -> Schema:
    """Resolve references and spell out unions. A schema that refers to itself is left open at that point."""
    return _Plain(schema).schema(schema, ())


class _Plain:
    """Rewrites the schemas in `root`. `inside` are the references that led to the current place."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._references = 0
        self._written = 0

    def schema(self, value: Any, inside: tuple[str, ...]) -> Any:
        if not isinstance(value, dict):
            return value
        schema = _united(cast(Schema, value))
        if inside:
            self._written += sum(map(_length, schema.values()))
            if self._written > _MOST_WRITTEN:
                return {}
        if isinstance(reference := schema.pop("$ref", None), str):
            return self._referred(reference, schema, inside)
        return {key: self._part(key, item, inside) for key, item in schema.items()}

    def _referred(self, reference: str, beside: Schema, inside: tuple[str, ...]) -> Any:
        self._references += 1
        found = None if reference in inside else target(self._root, reference)
        if not isinstance(found, dict) or self._references > _MOST_REFERENCES:
            return beside
        return self.schema(cast(Schema, found) | beside, (*inside, reference))

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


def _length(value: Any) -> int:
    return len(cast("str | list[Any] | Schema", value)) if isinstance(value, str | list | dict) else 1


def _united(schema: Schema) -> Schema:
    """Rewrite unions, constants and intersections with the keywords that remain."""
    schema = _merged(dict(schema))
    if isinstance(kinds := schema.get("type"), list):
        schema |= _one_kind(cast(list[Any], kinds))
    if "properties" in schema:
        schema.setdefault("type", "object")
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    if isinstance(members := schema.get("enum"), list):
        schema = _listed(schema, cast(list[Any], members))
    if isinstance(variants := schema.get("anyOf"), list) and "oneOf" not in schema:
        del schema["anyOf"]
        return _union(schema, [variant for variant in cast(list[Any], variants) if isinstance(variant, dict)])
    return schema


def _merged(schema: Schema) -> Schema:
    """Merge the parts of an `allOf` and the keywords beside it into one schema."""
    parts = schema.get("allOf")
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in cast(list[Any], parts)):
        return schema
    beside = {key: value for key, value in schema.items() if key != "allOf"}
    whole, properties, required = Schema(), Schema(), list[Any]()
    for part in (*map(_merged, cast(list[Schema], parts)), beside):
        properties |= _object(part, "properties")
        required += _list(part, "required")
        whole |= part
    return whole | ({"properties": properties} if properties else {}) | ({"required": required} if required else {})


def _one_kind(kinds: list[Any]) -> Schema:
    """Turn a list of one type and null into that type, nullable."""
    others = [kind for kind in kinds if kind != "null"]
    if len(others) != 1:
        return {}
    return {"type": others[0]} | ({"nullable": True} if "null" in kinds else {})


def _listed(schema: Schema, members: list[Any]) -> Schema:
    """Rewrite an enum: strings become a union of literals; other values are listed in the description."""
    texts = [member for member in members if isinstance(member, str)]
    if texts and len(texts) + members.count(None) == len(members):
        return schema | {"type": "string", "enum": texts} | ({"nullable": True} if None in members else {})
    values = ", ".join(json.dumps(member, ensure_ascii=False) for member in members)
    remark = f"{schema.get('description', '')} One of {values}.".strip()
    return {key: value for key, value in schema.items() if key != "enum"} | {"description": remark}


def _union(schema: Schema, variants: list[Schema]) -> Schema:
    """Rewrite an `anyOf`: one variant beside null becomes that variant, nullable; several become a `oneOf`."""
    others = [variant for variant in variants if variant.get("type") != "null"]
    if len(others) == 1:
        return _united(others[0] | schema) | ({"nullable": True} if len(variants) > 1 else {})
    return schema | {"oneOf": variants}


def _object(schema: Schema, key: str) -> Schema:
    value = schema.get(key)
    return cast(Schema, value) if isinstance(value, dict) else {}


def _list(schema: Schema, key: str) -> list[Any]:
    value = schema.get(key)
    return cast(list[Any], value) if isinstance(value, list) else []
