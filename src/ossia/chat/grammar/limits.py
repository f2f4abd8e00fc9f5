"""Limits on a client's schemas and grammars, applied before llguidance, which trusts its input.

Its compiler recurses on the machine's stack, so deep nesting (also through references) would crash the process; some
keywords with some values take minutes; numbers pass through 64-bit floats. Such input is refused, or ignored where a
schema is not strict. The meaning of the keywords is not known here.
"""

import math
import re
from collections.abc import Callable
from typing import Any, Final

from ossia.chat.grammar.intersections import MOST, most_intersected
from ossia.errors import InvalidRequest
from ossia.json_values import is_list, is_object

Schema = dict[str, Any]

_DEEPEST: Final = 200
"""Limit on nested objects and lists, including those behind references. The process crashes from about 2,000."""
_LARGEST_FACTOR: Final = 10_000
"""Limit on `multipleOf` without its powers of ten, since its automaton has the square of that many states."""
_MOST_PATTERNS: Final = 64
"""Limit on `patternProperties`, since each pattern is compared with each other."""
_MOST_RULES: Final = 300
_LONGEST_GRAMMAR: Final = 50_000

_FORMATS: Final = frozenset(
    ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri"]
)
HOLD_VALUES: Final = frozenset(["const", "default", "enum", "example", "examples"])
"""Keywords that hold instances, not schemas."""
_NUMBERS: Final = frozenset(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"])
HOLD_SCHEMAS: Final = frozenset(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"])
"""Keywords that hold schemas by names that the client chose."""
_BEYOND_AUTOMATA: Final = re.compile(r"\(\?[=!<]|\\[bBAzZ1-9]")
_QUOTED: Final = re.compile(r'"(?:\\.|[^"\\\n])*+"?|/(?:\\.|[^/\\\n])++/?|//[^\n]*|#[^\n]*')
"""Literals, regular expressions and comments of Lark. One that does not end is read to the end of its line, so that
nothing is read twice; llguidance refuses it."""


def checked(schema: Any, what: str, *, strict: bool) -> Any:
    """Return the schema as llguidance may see it. Raises InvalidRequest for one that is nested too deeply.

    Unknown formats are dropped: by JSON Schema they are annotations only. A keyword whose value would take too long or
    be changed by rounding is refused if the schema is `strict`, and dropped otherwise.
    """
    _check_depth(schema, what)
    is_crowded = most_intersected(schema, lambda reference: target(schema, reference)) > MOST

    def refuse(path: str, why: str) -> None:
        if strict:
            raise InvalidRequest(f"{what} cannot be enforced: {path} {why}", hint="leave it out")

    def keep(keyword: str, value: Any, path: str) -> bool:
        why = _trouble(keyword, value)
        if is_crowded and keyword in ("pattern", "format"):
            why = f"is one of more than {MOST} that a string has to match at once"
        if why:
            refuse(path, why)
        is_remark = keyword == "format" and isinstance(value, str) and value not in _FORMATS
        return not (why or is_remark or keyword == "x-guidance")

    return _filtered(schema, keep)


def pruned(schema: Any) -> Any:
    """Drop keywords that would make llguidance refuse the whole schema even in its lenient mode."""
    return _filtered(schema, lambda keyword, value, _: not _hopeless(keyword, value))


Keep = Callable[[str, Any, str], bool]
"""Function that tells from a keyword, its value and its path whether it stays."""


def _filtered(schema: Any, keep: Keep, path: str = "#") -> Any:
    """Return the schema with only those keywords, at any depth, that `keep` accepts."""
    if is_list(schema):
        return [_filtered(item, keep, f"{path}/{index}") for index, item in enumerate(schema)]
    if not is_object(schema):
        return schema
    places = [(key, value, f"{path}/{escaped(key)}") for key, value in schema.items()]
    return {key: _filtered_value(key, value, keep, place) for key, value, place in places if keep(key, value, place)}


def _filtered_value(key: str, value: Any, keep: Keep, path: str) -> Any:
    if key in HOLD_VALUES:
        return value
    if key in HOLD_SCHEMAS and is_object(value):
        return {name: _filtered(item, keep, f"{path}/{escaped(name)}") for name, item in value.items()}
    return _filtered(value, keep, path)


def escaped(name: str) -> str:
    """Return a name as a JSON pointer has it."""
    return name.replace("~", "~0").replace("/", "~1")


def _trouble(key: str, value: Any) -> str:
    """Describe a problem with a keyword's value that llguidance would report too late or never; "" for none."""
    if key == "multipleOf" and _factor(value) > _LARGEST_FACTOR:
        return f"with {value} is too large"
    if key == "patternProperties" and is_object(value) and len(value) > _MOST_PATTERNS:
        return f"may have at most {_MOST_PATTERNS} patterns"
    if key in _NUMBERS or key in ("const", "enum"):
        values: list[Any] = value if is_list(value) else [value]
        if any(not _survives_as_float(item) for item in values):
            return "has an integer of more than 53 bits"
    return ""


def _hopeless(key: str, value: Any) -> bool:
    """True if llguidance may refuse the keyword, and the rest of the schema with it."""
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
    """Return the numerator of a decimal number without its powers of ten: 36 for 3600000."""
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
        """Return the number of levels below `value`, following references. A circular reference adds none."""
        if not (is_object(value) or is_list(value)):
            return 0
        known = heights.get(id(value))
        if level + (known or 0) > _DEEPEST:
            raise InvalidRequest(f"{what} is nested too deeply")
        if known is None:
            heights[id(value)] = 0
            known = 1 + max((height(child, level + 1) for child in _children(value, schema)), default=0)
            heights[id(value)] = known
        return known

    height(schema, 0)


def _children(value: Any, root: Any) -> list[Any]:
    if is_list(value):
        return value
    reference = value.get("$ref")
    return [*value.values(), target(root, reference) if isinstance(reference, str) else None]


def target(root: Any, reference: str) -> Any:
    """Resolve a JSON pointer within the document `root`; None if it leads nowhere."""
    value = root if reference.startswith("#") else None
    for step in reference.removeprefix("#").split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        value = value.get(step) if is_object(value) else None
    return value


def check_regex(pattern: str, what: str) -> None:
    """Raise InvalidRequest for a regular expression that is too large to be compiled."""
    if len(pattern) > _LONGEST_GRAMMAR or pattern.count("(") > _DEEPEST:
        raise InvalidRequest(f"{what} is too large")


def check_lark(definition: str, what: str) -> None:
    """Raise InvalidRequest for a grammar that is too large, or refers to tokens or other grammars."""
    if len(definition) > _LONGEST_GRAMMAR:
        raise InvalidRequest(f"{what} is too large: it may have {_LONGEST_GRAMMAR} characters")
    bare = _QUOTED.sub("", definition)
    if bare.count(":") > _MOST_RULES or definition.count("(") > _MOST_RULES:
        raise InvalidRequest(f"{what} is too large: it may have {_MOST_RULES} rules")
    if "<" in bare:
        raise InvalidRequest(f"{what} names a token: it can only speak of text")
    if bare.count("&") >= MOST:
        raise InvalidRequest(f"{what} intersects too many expressions: at most {MOST}")
    for directive in ("%json", "%lark", "%regex", "%llguidance"):
        if directive in bare:
            raise InvalidRequest(f"{what} has {directive}, which is not supported")
