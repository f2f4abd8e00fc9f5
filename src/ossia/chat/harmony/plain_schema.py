"""JSON schemas in plainer words, for a model to read: what TypeScript has no words for becomes what it has.

The renderer of declarations knows `oneOf`, `enum` and `nullable`, as openai-harmony does; people's schemas (and those
that pydantic and zod write) have `$ref`, `anyOf`, `allOf` and `const`. The meaning stays the same, as far as TypeScript
can say it. What holds of the model's output is not decided here.
"""

import json
from typing import Any, cast

from ossia.chat.grammar.limits import target

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
        schema = _united(cast(Schema, value))
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


def _united(schema: Schema) -> Schema:
    """Unions, single values and intersections in the words that are left."""
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
    """One schema of the parts of an `allOf` and of what stands beside it."""
    parts = schema.get("allOf")
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in cast(list[Any], parts)):
        return schema
    beside = {key: value for key, value in schema.items() if key != "allOf"}
    whole: Schema = {}
    for part in (*map(_merged, cast(list[Schema], parts)), beside):
        properties = _object(whole, "properties") | _object(part, "properties")
        required = [*_list(whole, "required"), *_list(part, "required")]
        whole |= (
            part | ({"properties": properties} if properties else {}) | ({"required": required} if required else {})
        )
    return whole


def _one_kind(kinds: list[Any]) -> Schema:
    """A type that may be null is that type, if it is the only one."""
    others = [kind for kind in kinds if kind != "null"]
    if len(others) != 1:
        return {}
    return {"type": others[0]} | ({"nullable": True} if "null" in kinds else {})


def _listed(schema: Schema, members: list[Any]) -> Schema:
    """Strings are a union of literals. For other values a declaration has no words, so a remark lists them."""
    texts = [member for member in members if isinstance(member, str)]
    if texts and len(texts) + members.count(None) == len(members):
        return schema | {"type": "string", "enum": texts} | ({"nullable": True} if None in members else {})
    values = ", ".join(json.dumps(member, ensure_ascii=False) for member in members)
    remark = f"{schema.get('description', '')} One of {values}.".strip()
    return {key: value for key, value in schema.items() if key != "enum"} | {"description": remark}


def _union(schema: Schema, variants: list[Schema]) -> Schema:
    """Of one thing or nothing the thing itself, which may be null; else a choice."""
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
