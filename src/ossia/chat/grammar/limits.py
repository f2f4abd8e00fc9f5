"""What is done to a client's schema or grammar before llguidance sees it: it trusts what it is given.

Its compiler recurses on the machine's stack, so what is nested too deeply, also by way of references, would end the
process; some keywords with some values take minutes; numbers pass through 64-bit floats. Such things are refused, or
left out where a schema is not strict. What the keywords mean is not known here.
"""

import math
import re
from collections.abc import Callable
from typing import Any, Final, cast

from ossia.errors import InvalidRequest

Schema = dict[str, Any]

_DEEPEST: Final = 200
"""Levels of objects and lists, those that references lead to included. Processes die from some 2,000 on."""
_LARGEST_FACTOR: Final = 10_000
"""Of `multipleOf`, powers of ten left out: its automaton has as many states, squared."""
_MOST_PATTERNS: Final = 64
"""Of `patternProperties`: each is compared with each."""
_MOST_RULES: Final = 300
_LONGEST_GRAMMAR: Final = 50_000

_FORMATS: Final = frozenset(
    ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri"]
)
_VALUES: Final = frozenset(["const", "default", "enum", "example", "examples"])
"""Keywords that hold instances, not schemas."""
_NUMBERS: Final = frozenset(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"])
_NAMED: Final = frozenset(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"])
"""Keywords that hold schemas by names of the client's."""
_BEYOND_AUTOMATA: Final = re.compile(r"\(\?[=!<]|\\[bBAzZ1-9]")
_QUOTED: Final = re.compile(r'"(?:\\.|[^"\\\n])*"|/(?:\\.|[^/\\\n])+/|//[^\n]*|#[^\n]*')


def checked(schema: Any, what: str, *, strict: bool) -> Any:
    """The schema as llguidance may see it. Raises InvalidRequest for one that is nested too deeply.

    Formats that nobody can check are left out: by JSON Schema, they are but remarks. A keyword with a value that would
    take too long or come out as another is refused too, or left out as well where the schema is not `strict`.
    """
    _check_depth(schema, what)

    def refuse(keyword: str, why: str) -> None:
        if strict:
            raise InvalidRequest(f"{what} cannot be enforced: {keyword} {why}", hint="leave it out")

    def keep(keyword: str, value: Any) -> bool:
        if why := _trouble(keyword, value):
            refuse(keyword, why)
        is_remark = keyword == "format" and isinstance(value, str) and value not in _FORMATS
        return not (why or is_remark or keyword == "x-guidance")

    return _filtered(schema, keep)


def pruned(schema: Any) -> Any:
    """The schema without what llguidance refuses even when it is lenient, and all the rest of the schema with it."""
    return _filtered(schema, lambda keyword, value: not _hopeless(keyword, value))


def _filtered(schema: Any, keep: Callable[[str, Any], bool]) -> Any:
    """The schema with those of its keywords, at any depth, that are to be kept."""
    if isinstance(schema, list):
        return [_filtered(item, keep) for item in cast(list[Any], schema)]
    if not isinstance(schema, dict):
        return schema
    fields = cast(Schema, schema)
    return {key: _filtered_value(key, value, keep) for key, value in fields.items() if keep(key, value)}


def _filtered_value(key: str, value: Any, keep: Callable[[str, Any], bool]) -> Any:
    if key in _VALUES:
        return value
    if key in _NAMED and isinstance(value, dict):
        return {name: _filtered(item, keep) for name, item in cast(Schema, value).items()}
    return _filtered(value, keep)


def _trouble(key: str, value: Any) -> str:
    """What is wrong with the keyword's value, if llguidance would not say so itself, or not in time."""
    if key == "multipleOf" and _factor(value) > _LARGEST_FACTOR:
        return f"with {value} is too large"
    if key == "patternProperties" and isinstance(value, dict) and len(cast(Schema, value)) > _MOST_PATTERNS:
        return f"may have at most {_MOST_PATTERNS} patterns"
    if key in _NUMBERS or key in ("const", "enum"):
        values: list[Any] = cast(list[Any], value) if isinstance(value, list) else [cast(Any, value)]
        if any(not _survives_as_float(item) for item in values):
            return "has an integer of more than 53 bits"
    return ""


def _hopeless(key: str, value: Any) -> bool:
    """Whether llguidance may refuse it, so that all else of the schema would be lost with it."""
    match key:
        case "pattern":
            return not isinstance(value, str) or bool(_BEYOND_AUTOMATA.search(value))
        case "$ref":
            return not (isinstance(value, str) and value.startswith("#"))
        case "minProperties" | "maxProperties":
            return True
        case _:
            return False


def _factor(value: Any) -> float:
    """The numerator of a decimal number without its powers of ten: 3600000 is 36."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        return 0
    digits = f"{value:.15g}".partition("e")[0].replace(".", "").strip("0")
    return float(digits or 0)


def _survives_as_float(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int):
        return True
    try:
        return int(float(value)) == value
    except OverflowError:
        return False


def _check_depth(schema: Any, what: str) -> None:
    heights: dict[int, int] = {}

    def height(value: Any, level: int) -> int:
        """Levels below `value`, references followed. One that leads back to where it is adds none."""
        if not isinstance(value, dict | list):
            return 0
        known = heights.get(id(cast(object, value)))
        if level + (known or 0) > _DEEPEST:
            raise InvalidRequest(f"{what} is nested too deeply")
        if known is None:
            heights[id(cast(object, value))] = 0
            known = 1 + max((height(child, level + 1) for child in _children(value, schema)), default=0)
            heights[id(cast(object, value))] = known
        return known

    height(schema, 0)


def _children(value: Any, root: Any) -> list[Any]:
    if isinstance(value, list):
        return cast(list[Any], value)
    fields = cast(Schema, value)
    reference = fields.get("$ref")
    return [*fields.values(), target(root, reference) if isinstance(reference, str) else None]


def target(root: Any, reference: str) -> Any:
    """What a JSON pointer of the same document leads to; None if it leads nowhere."""
    value = root if reference.startswith("#") else None
    for step in reference.removeprefix("#").split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        value = cast(Schema, value).get(step) if isinstance(value, dict) else None
    return value


def check_regex(pattern: str, what: str) -> None:
    """Raises InvalidRequest for a regular expression that is too large to be looked at."""
    if len(pattern) > _LONGEST_GRAMMAR or pattern.count("(") > _DEEPEST:
        raise InvalidRequest(f"{what} is too large")


def check_lark(definition: str, what: str) -> None:
    """Raises InvalidRequest for a grammar that is too large, or reaches beyond text: for tokens, for other grammars."""
    bare = _QUOTED.sub("", definition)
    if len(definition) > _LONGEST_GRAMMAR or bare.count(":") > _MOST_RULES or definition.count("(") > _MOST_RULES:
        raise InvalidRequest(f"{what} is too large: it may have {_MOST_RULES} rules")
    if "<" in bare:
        raise InvalidRequest(f"{what} names a token: it can only speak of text")
    for directive in ("%json", "%lark", "%regex", "%llguidance"):
        if directive in bare:
            raise InvalidRequest(f"{what} has {directive}, which is not supported")
