"""Refusals of schemas: llguidance's objection in a sentence that names the keyword's place in the client's schema.

llguidance's words are about a grammar that the client never saw. The keyword is found by its name in these words, among
the schemas that the root reaches.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from ossia.chat.grammar.limits import HOLD_SCHEMAS, HOLD_VALUES, escaped, target
from ossia.json_values import is_list, is_object

_COMPILING: Final = "failed to compile JSON schema: "
_GRAMMAR: Final = re.compile(r"\n *\d+ \|.*", re.DOTALL)
_UNKNOWN: Final = re.compile(r'Unimplemented keys: \["([^"]+)"')
_NOT_APART: Final = "oneOf constraints are not supported"
_REGEX: Final = re.compile(r"regex parse error:.*error: (?P<problem>.*)", re.DOTALL)
_ELSEWHERE: Final = "Resource "
_EMPTY: Final = "Unsatisfiable schema: Regex is empty"
_KEYWORDS: Final = {"Pointer": "$ref", "type": "type", "multiple": "multipleOf", "Regex": "pattern"}
"""Keywords by llguidance's words for them, if these are others."""

Place = tuple[str, str, Any]
"""Path of a keyword in the schema, its name, and its value."""


def refusal(schema: Any, objection: str) -> str:
    """Return the objection to a schema, with the path of the keyword that it is about, if that is found."""
    said = _GRAMMAR.sub("", objection.partition(_COMPILING)[2] or objection).strip()
    places = list(_places(schema, schema, "#", set()))
    if unknown := _UNKNOWN.search(said):
        return f"{_path(places, unknown[1])} is not supported"
    if said.startswith(_NOT_APART):
        return f"{_path(places, 'oneOf')}: its alternatives do not evidently exclude each other"
    if said.startswith(_ELSEWHERE):
        path = next((path for path, name, value in places if name == "$ref" and str(value)[:1] != "#"), "$ref")
        return f"{path}: only what the schema itself contains can be referred to"
    if regex := _REGEX.match(said):
        return f"{_path_of_regex(places, said)}: {regex['problem']}"
    said = said.partition(_EMPTY)[1] or said
    names = (_KEYWORDS.get(word, word) for word in re.findall(r"\$?\w+", said))
    found = next((path for name in names for path, keyword, _ in places if keyword == name), None)
    return f"{found}: {said}" if found else said


def _path(places: list[Place], keyword: str) -> str:
    return next((path for path, name, _ in places if name == keyword), keyword)


def _path_of_regex(places: list[Place], said: str) -> str:
    for path, name, value in places:
        if name == "pattern" and str(value) in said:
            return path
        patterns = value if name == "patternProperties" and is_object(value) else {}
        if pattern := next((pattern for pattern in patterns if pattern in said), None):
            return f"{path}/{escaped(pattern)}"
    return "pattern"


def _places(root: Any, value: Any, path: str, seen: set[str]) -> Iterator[Place]:
    """Yield every keyword of a schema, and of those in it and those that it refers to, outer ones first."""
    if is_list(value):
        for index, item in enumerate(value):
            yield from _places(root, item, f"{path}/{index}", seen)
    if not is_object(value):
        return
    fields = {key: item for key, item in value.items() if key not in ("$defs", "definitions")}
    yield from ((f"{path}/{escaped(key)}", key, item) for key, item in fields.items())
    for key, item in fields.items():
        if key == "$ref" and isinstance(item, str) and item not in seen:
            seen.add(item)
            yield from _places(root, target(root, item), item, seen)
        elif key in HOLD_SCHEMAS and is_object(item):
            for name, named in item.items():
                yield from _places(root, named, f"{path}/{key}/{escaped(name)}", seen)
        elif key not in HOLD_VALUES:
            yield from _places(root, item, f"{path}/{key}", seen)
