"""Intersections: how many regular expressions one string has to match at once.

llguidance counts its work as fuel and stops when that is spent, except here: a step through the intersection of n
expressions takes 2^n operations, perhaps only after some letters, in a thread that nobody can stop. So their number is
bounded before a schema or a grammar is compiled.
"""

from collections.abc import Callable
from typing import Any, Final

from ossia.json_values import is_list, is_object

MOST: Final = 10
"""Limit on the expressions that one string has to match. Ten take 5 ms, sixteen 200 ms, twenty-four a minute."""

_ALTERNATIVES: Final = ("anyOf", "oneOf")
_OWN: Final = ("pattern", "format")


def most_intersected(schema: Any, resolve: Callable[[str], Any]) -> int:
    """Return an upper bound on the expressions that one string of the schema has to match.

    Parts of an `allOf` add up, as if all spoke of the same string; alternatives and fields do not. `resolve` finds the
    schema of a `$ref`.
    """
    known: dict[int, int] = {}

    def bound(value: Any) -> int:
        if is_list(value):
            return max(map(bound, value), default=0)
        if not is_object(value):
            return 0
        key = id(value)
        if key not in known:
            known[key] = 0  # what refers to itself adds nothing to itself
            known[key] = joint(value)
        return known[key]

    def joint(fields: dict[str, Any]) -> int:
        own = sum(isinstance(fields.get(name), str) for name in _OWN)
        parts = fields.get("allOf")
        joined = sum(map(bound, parts)) if is_list(parts) else bound(parts)
        joined += sum(bound(fields[name]) for name in _ALTERNATIVES if name in fields)
        if isinstance(reference := fields.get("$ref"), str):
            joined += bound(resolve(reference))
        apart = [value for name, value in fields.items() if name not in ("allOf", *_ALTERNATIVES)]
        return max(own, max(map(bound, apart), default=0)) + joined

    return bound(schema)
