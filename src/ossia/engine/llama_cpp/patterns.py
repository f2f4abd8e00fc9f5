"""Patterns of schemas that llama.cpp would work on for so long that the other answers of its model wait.

Such a pattern is a long text that repeats what is repeated, and llguidance prepares all of it when an answer comes to
where it begins. The start of a grammar does not tell, so each pattern is tried as if an answer began with it.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from llguidance import LLMatcher

from ossia.chat import Problem
from ossia.chat.grammar.checks import TOO_LONG
from ossia.errors import InvalidRequest


def check_patterns(schemas: Iterable[object], problem: Problem) -> None:
    """Raise InvalidRequest for a pattern that takes too long. What else may be wrong with them, others tell."""
    for tried in dict.fromkeys(alone for schema in schemas for alone in _tried(schema)):
        if problem(LLMatcher.grammar_from_json_schema(tried)).startswith(TOO_LONG):
            raise InvalidRequest(
                f"the schema has a pattern that takes too long: {tried[:200]}",
                hint="repeat less within what is repeated; other clients of a model that llama.cpp runs would wait",
            )


def _tried(schema: object) -> list[str]:
    """Return schemas of the strings of a schema: of each pattern alone, and of those that one string has to match."""
    found: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        fields = dict(pairs)
        found.extend(_joint([name]) for name in _each(fields.get("patternProperties")))
        patterns = map(_pattern, [fields, *_each(fields.get("allOf"))])
        if together := [pattern for pattern in patterns if pattern is not None]:
            found.append(_joint(together))
        return fields

    json.loads(json.dumps(schema), object_pairs_hook=note)
    return found


def _joint(patterns: list[str]) -> str:
    return json.dumps({"type": "string", "allOf": [{"pattern": pattern} for pattern in patterns]})


def _pattern(part: Any) -> str | None:
    with suppress(TypeError, KeyError):
        pattern = part["pattern"]
        return pattern if isinstance(pattern, str) else None
    return None


def _each(value: Any) -> list[Any]:
    with suppress(TypeError):
        return list(value)
    return []
