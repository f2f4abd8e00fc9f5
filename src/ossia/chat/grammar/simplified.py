"""Simplified schemas: words that say nothing are left out, and others are said in words that llguidance knows.

Libraries write many keywords whose value allows everything (`uniqueItems: false`, `propertyNames: {"type": "string"}`),
and llguidance refuses a keyword that it does not know whatever its value is. A simplified schema allows the same
instances, with one exception: alternatives that a tag tells apart require it, although it has a default. What
llguidance can enforce is not known here.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from ossia.chat.grammar.limits import HOLD_VALUES, Schema, target
from ossia.json_values import as_list, is_list, is_object

_OPENAPI: Final = frozenset(["discriminator", "nullable", "externalDocs", "xml", "example"])
_REMARKS: Final = _OPENAPI | frozenset(
    ["title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment"]
)
"""Keywords for readers. Beside a circular reference llguidance refuses those that it does not know."""
_ANNOTATIONS: Final = _REMARKS | frozenset(["$schema", "$id", "$anchor", "$defs", "definitions"])
_NAMED: Final = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_LISTED: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_OTHERS: Final = ("additionalProperties", "additionalItems", "unevaluatedProperties", "unevaluatedItems")
_SINGLE: Final = ("not", "if", "then", "else", "items", "contains", "propertyNames", *_OTHERS)
_REFERENCES: Final = ("$ref", "$dynamicRef")
_EVALUATE: Final = frozenset(
    ["allOf", "anyOf", "oneOf", "if", "not", "dependentSchemas", "dependencies", "contains", *_REFERENCES]
)
"""Keywords whose schemas evaluate properties or items of the same value."""
_ANY_TEXT: Final = frozenset(["", "^", "$", ".*", "^.*", ".*$", "^.*$", r"[\s\S]*", r"^[\s\S]*$"])
"""Regular expressions that every name matches."""

_MOST_STEPS: Final = 100_000
"""Limit on the keywords that are read through references: many may lead to the same large definition."""


def simplified(schema: Any) -> Any:
    """Return the schema in fewer words. It must not be nested deeply; what is no schema is returned as it is."""
    simplifier = _Simplifier(schema)
    simple = simplifier.schema(schema)
    for reference, tag in dict.fromkeys(simplifier.tags):
        definition = target(simple, reference)
        if is_object(definition):
            definition["required"] = _with(definition.get("required"), [tag])
    return simple


class _Simplifier:
    """Simplifies the schemas in `root`. `tags` are references to definitions that are to require a property."""

    def __init__(self, root: Any) -> None:
        self.tags: list[tuple[str, str]] = []
        self._root = root
        self._steps = 0

    def schema(self, value: Any) -> Any:
        if not is_object(value):
            return value
        given = {key: item for key, item in value.items() if not _is_remark(key, item)}
        fields: Schema = {key: self._part(key, item) for key, item in given.items()}
        if _says_nothing(fields.get("not")):
            return False
        if fields.get("not") is False:
            del fields["not"]
        for rule in _RULES:
            rule(fields)
        self._name_properties(fields)
        self._tell_apart(fields)
        return fields

    def _part(self, key: str, value: Any) -> object:
        if key in _NAMED and is_object(value):
            return {name: self.schema(item) for name, item in value.items()}
        if is_list(value) and (key in _LISTED or key == "items"):
            return [self.schema(item) for item in value]
        return self.schema(value) if key in _SINGLE else value

    def _name_properties(self, fields: Schema) -> None:
        """Say `propertyNames` as properties, or as a pattern of properties, if there are no others."""
        names = self._resolved(fields.get("propertyNames"))
        if not self._affords(names) or (said := _said_of_names(names)) is None:
            return
        known, pattern, value = _constants(said), said.get("pattern"), fields.get("additionalProperties", True)
        is_alone = len(said) == 1 and not fields.get("properties") and not fields.get("patternProperties")
        if not said:
            del fields["propertyNames"]
        elif is_alone and known and all(isinstance(name, str) for name in known):
            del fields["propertyNames"]
            fields |= {"properties": dict.fromkeys(known, value), "additionalProperties": False}
        elif is_alone and isinstance(pattern, str):
            del fields["propertyNames"]
            fields |= {"patternProperties": {pattern: value}, "additionalProperties": False}

    def _tell_apart(self, fields: Schema) -> None:
        """Say `oneOf` as `anyOf` if one property has another constant in each alternative, which then requires it."""
        variants = fields.get("oneOf")
        if not is_list(variants) or "anyOf" in fields:
            return
        found = [self._resolved(variant) for variant in variants]
        objects = [variant for variant in found if _has_properties(variant)]
        if not objects or len(objects) < len(found) or not all(self._affords(each["properties"]) for each in objects):
            return
        if tag := next((name for name in objects[0]["properties"] if _tells_apart(name, objects)), None):
            fields["anyOf"] = [self._tagged(variant, tag) for variant in fields.pop("oneOf")]

    def _tagged(self, variant: Schema, tag: str) -> Schema:
        """Return the variant with a required tag. A definition gets it itself: llguidance reads `$ref` alone."""
        reference = variant.get("$ref")
        if isinstance(reference, str) and reference.startswith(("#/$defs/", "#/definitions/")):
            self.tags.append((reference, tag))
            return variant
        return variant | {"required": _with(variant.get("required"), [tag])}

    def _affords(self, value: Any) -> bool:
        """True if there are steps left for all of a schema, or of schemas by their names; takes them."""
        if self._steps <= _MOST_STEPS:
            self._steps += _size(value)
        return self._steps <= _MOST_STEPS

    def _resolved(self, value: Any) -> Any:
        """Return a schema, or the one that it refers to if it says nothing else."""
        if not is_object(value):
            return value
        reference = value.get("$ref")
        if isinstance(reference, str) and not value.keys() - _ANNOTATIONS - {"$ref"}:
            return target(self._root, reference)
        return value


def _size(value: Any) -> int:
    """Return the number of values in a schema, without those of its schemas' own."""
    parts = value.values() if is_object(value) else ()
    return 1 + sum(_length(part) + _length(_of(part, "enum")) for part in parts)


def _length(value: Any) -> int:
    return len(value) if is_list(value) or is_object(value) else 1


def _of(value: Any, key: str) -> Any:
    return value.get(key) if is_object(value) else None


def _is_remark(key: str, value: Any) -> bool:
    return key in _REMARKS or key.startswith("x-") or (value is None and key not in HOLD_VALUES)


def _says_nothing(schema: Any) -> bool:
    """True for a schema that allows everything."""
    return schema is True or (is_object(schema) and not schema.keys() - _ANNOTATIONS)


def _said_of_names(names: Any) -> Schema | None:
    """Return what a schema of names says beyond that they are strings; None if there is no such schema."""
    if names is True:
        return {}
    if not is_object(names):
        return None
    said = {key: value for key, value in names.items() if key not in _ANNOTATIONS}
    kinds, pattern = said.pop("type", "string"), said.get("pattern")
    if kinds != "string" and not (is_list(kinds) and "string" in kinds):
        return None
    if said.get("minLength") == 0:
        del said["minLength"]
    if isinstance(pattern, str) and pattern in _ANY_TEXT:
        del said["pattern"]
    return said


def _has_properties(schema: Any) -> bool:
    return is_object(schema) and schema.get("type") == "object" and is_object(schema.get("properties"))


def _tells_apart(name: str, variants: Iterable[Schema]) -> bool:
    """True if the property `name` is one of a few constants in each variant, and never the same in two."""
    seen: set[str | int] = set()
    for variant in variants:
        property = variant["properties"].get(name)
        values = _constants(property) if is_object(property) else []
        if not values or seen.intersection(values):
            return False
        seen.update(values)
    return True


def _constants(schema: Schema) -> list[str | int]:
    """Return the strings and integers that a schema allows if it lists them, [] otherwise."""
    listed: Any = schema.get("enum", [schema["const"]] if "const" in schema else [])
    values = as_list(listed)
    return values if all(isinstance(value, str | int) and not isinstance(value, bool) for value in values) else []


def _with(required: Any, names: Iterable[str]) -> list[Any]:
    before = as_list(required)
    return [*before, *(name for name in names if name not in before)]


def _drop_unique(fields: Schema) -> None:
    most = fields.get("maxItems")
    if fields.get("uniqueItems") is False or (isinstance(most, int) and most <= 1):
        fields.pop("uniqueItems", None)


def _drop_conditions(fields: Schema) -> None:
    """Drop an `if` from which nothing follows, and say one that is decided as what follows from it."""
    condition = fields.get("if", True)
    if "if" not in fields or all(_says_nothing(fields.get(key, True)) for key in ("then", "else")):
        following: Any = True
    elif _says_nothing(condition):
        following = fields.get("then", True)
    elif condition is False:
        following = fields.get("else", True)
    else:
        return
    for key in ("if", "then", "else"):
        fields.pop(key, None)
    if not _says_nothing(following):
        before = fields.get("allOf")
        fields["allOf"] = [*as_list(before), following]


def _drop_contained(fields: Schema) -> None:
    """Drop `contains` if no item is needed, and say it as the number of items if every item counts."""
    least, most = fields.get("minContains", 1), fields.get("maxContains")
    if "contains" in fields and not (least == 0 and most is None) and not _says_nothing(fields["contains"]):
        return
    if "contains" in fields:
        fields["minItems"] = max(_count(least, 1), _count(fields.get("minItems"), 0))
    if "contains" in fields and most is not None:
        fields["maxItems"] = min(_count(most, 0), _count(fields.get("maxItems"), _count(most, 0)))
    for key in ("contains", "minContains", "maxContains"):
        fields.pop(key, None)


def _count(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise


def _drop_dependents(fields: Schema) -> None:
    """Drop what depends on a property and is required anyway, or says nothing."""
    for keyword in ("dependentRequired", "dependentSchemas", "dependencies"):
        if not is_object(dependents := fields.get(keyword)):
            continue
        required = {name for name in _with(fields.get("required"), ()) if isinstance(name, str)}
        kept = {name: needed for name, needed in dependents.items() if not _is_met(needed, required)}
        fields[keyword] = kept
        if not kept:
            del fields[keyword]


def _is_met(needed: Any, required: set[str]) -> bool:
    if is_list(needed):
        return all(isinstance(name, str) and name in required for name in needed)
    return _says_nothing(needed)


def _drop_unevaluated(fields: Schema) -> None:
    """Say `unevaluated...` as `additional...`, which is the same if no other schema applies to the same value."""
    for keyword, plain in (("unevaluatedProperties", "additionalProperties"), ("unevaluatedItems", "items")):
        if keyword in fields and _says_nothing(fields[keyword]):
            del fields[keyword]
        if keyword in fields and not _EVALUATE & fields.keys() and not is_list(fields.get(plain)):
            value = fields.pop(keyword)
            fields.setdefault(plain, value)


def _drop_counts(fields: Schema) -> None:
    if fields.get("minProperties") == 0:
        del fields["minProperties"]


def _number_bounds(fields: Schema) -> None:
    """Say the bounds of draft 4, where `exclusiveMinimum` is true or false, in today's words."""
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(is_exclusive := fields.get(exclusive), bool):
            del fields[exclusive]
            if is_exclusive and bound in fields:
                fields[exclusive] = fields.pop(bound)


_RULES: Final[tuple[Callable[[Schema], None], ...]] = (
    _drop_unevaluated,  # first: other keywords tell what is evaluated, although they say nothing else
    _drop_unique,
    _drop_conditions,
    _drop_contained,
    _drop_dependents,
    _drop_counts,
    _number_bounds,
)
"""Rules for the keywords of one schema, whose parts are simplified already."""
