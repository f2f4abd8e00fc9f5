"""Simplified JSON schemas for the model to read: keywords without a TypeScript equivalent are rewritten.

The renderer of declarations knows `oneOf`, `enum` and `nullable`, as openai-harmony does; users' schemas (and those of
pydantic and zod) have `$ref`, `anyOf`, `allOf` and `const`. The meaning is kept as far as TypeScript can express it.
The rules for the model's output are elsewhere.
"""

import json
from typing import Any

from ossia.chat.grammar.limits import target
from ossia.json_values import as_list, as_object, is_list, is_object

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
        if not is_object(value):
            return value
        schema = _united(value)
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
        if not is_object(found) or self._references > _MOST_REFERENCES:
            return beside
        return self.schema(found | beside, (*inside, reference))

    def _part(self, key: str, value: Any, inside: tuple[str, ...]) -> Any:
        match key:
            case "properties" if is_object(value):
                return {name: self.schema(item, inside) for name, item in value.items()}
            case "oneOf" if is_list(value):
                return [self.schema(item, inside) for item in value]
            case "items":
                return self.schema(value, inside)
            case _:
                return value


def _length(value: Any) -> int:
    return len(value) if isinstance(value, str) or is_list(value) or is_object(value) else 1


def _united(schema: Schema) -> Schema:
    """Rewrite unions, constants and intersections with the keywords that remain."""
    schema = _merged(dict(schema))
    if is_list(kinds := schema.get("type")):
        schema |= _one_kind(kinds)
    if "properties" in schema:
        schema.setdefault("type", "object")
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    if is_list(members := schema.get("enum")):
        schema = _listed(schema, members)
    if is_list(variants := schema.get("anyOf")) and "oneOf" not in schema:
        del schema["anyOf"]
        return _union(schema, [variant for variant in variants if is_object(variant)])
    return schema


def _merged(schema: Schema) -> Schema:
    """Merge the parts of an `allOf` and the keywords beside it into one schema."""
    parts = schema.get("allOf")
    if not is_list(parts) or not all(is_object(part) for part in parts):
        return schema
    beside = {key: value for key, value in schema.items() if key != "allOf"}
    whole, properties, required = Schema(), Schema(), list[Any]()
    for part in (*map(_merged, parts), beside):
        properties |= as_object(part.get("properties"))
        required += as_list(part.get("required"))
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
