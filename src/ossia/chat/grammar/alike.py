"""Grammars to which all letters are alike: in a string, what may come next depends only on how many there were.

A client's own grammar, most patterns, and alternatives that a string may belong to both tell letters apart. Names and
values that are given do so too, but have no letters except their own.
"""

import json
import re
from typing import Final

from ossia.json_values import is_list, is_object

TEXT: Final = r"TEXT: /(.|\n)*/"
"""The rule of free text. A grammar that has a text has it by this rule."""

_JSON: Final = "%json "
_DECODER: Final = json.JSONDecoder()
_LIMITS: Final = frozenset(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"])
_SIZES: Final = frozenset(["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"])
_OTHERS: Final = frozenset(["type", "enum", "const", "format", "required", "$schema", "$id", "x-guidance"])
_HARMLESS: Final = _LIMITS | _SIZES | _OTHERS
"""Keywords that leave letters alike. Formats are languages of ASCII, which name no other letter."""
_ASCII: Final = re.compile(r"\^(?:\[(?!\^)|\\[ds.\-/+*?()\[\]{}]|[\w \-,:;@#%&=~<>!/+*?{}\]])*\$", re.ASCII)
"""Patterns that name each character, none of them beyond ASCII: then they leave other letters alike, as formats do."""
_REFERENCE: Final = re.compile(r"#(?:/items|/(?:properties|\$defs|definitions)/[^/~%]+)*")
"""References to what is looked at. Others may lead to a schema within a value that is given, such as a `const`."""
_NAMED: Final = frozenset(["properties", "patternProperties", "$defs", "definitions"])
_NESTED: Final = frozenset(["items", "prefixItems", "additionalProperties"])
_ALTERNATIVES: Final = frozenset(["anyOf", "oneOf"])
_WITHOUT_STRINGS: Final = ("null", "boolean", "integer", "number")  # no set: what is asked for may be unhashable


def letters_are_alike(grammar: str) -> bool:
    """True if no two letters that the grammar does not name make a difference to it."""
    rest, schemas = grammar.replace(TEXT, ""), list[object]()
    while _JSON in rest:
        before, _, after = rest.partition(_JSON)
        try:
            schema, end = _DECODER.raw_decode(after)
        except ValueError:
            return False  # within a client's own grammar
        schemas.append(schema)
        rest = before + after[end:]
    return "%" not in rest and "/" not in rest and all(map(_is_alike, schemas))


def _is_alike(schema: object) -> bool:
    if is_list(schema):
        return all(map(_is_alike, schema))
    if not is_object(schema):
        return True
    return all(_keeps_alike(keyword, value) for keyword, value in schema.items())


def _keeps_alike(keyword: str, value: object) -> bool:
    """True if a keyword leaves letters alike. Its value may be anything where nobody needs it."""
    if keyword == "pattern":
        return isinstance(value, str) and _ASCII.fullmatch(value) is not None
    if keyword == "$ref":
        return isinstance(value, str) and _REFERENCE.fullmatch(value) is not None
    if keyword in _NAMED:
        return is_object(value) and all(map(_is_alike, value.values()))
    if keyword in _ALTERNATIVES:
        return is_list(value) and _is_alike(value) and sum(map(_may_be_string, value)) <= 1
    return keyword in _HARMLESS or (keyword in _NESTED and _is_alike(value))


def _may_be_string(schema: object) -> bool:
    """True if an instance may be a string or contain one, as far as a look at the type tells."""
    types = schema.get("type") if is_object(schema) else None
    return any(each not in _WITHOUT_STRINGS for each in (types if is_list(types) else [types]))
