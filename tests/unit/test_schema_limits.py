"""Schemas and grammars that would crash, hang or lie are refused, or left out, before anything is compiled."""

from typing import Any

import pytest

from ossia.chat.grammar.rules import arguments_rule, grammar_rule, json_rule
from ossia.errors import InvalidRequest
from ossia.types import Grammar, Tool
from tests.doubles.in_process import problem

LONG_WAY = 5000


def chain(link: Any) -> dict[str, Any]:
    """Each definition leads to the next."""
    steps = {f"d{i}": link(f"#/$defs/d{i + 1}") for i in range(LONG_WAY)}
    return {"$ref": "#/$defs/d0", "$defs": {**steps, f"d{LONG_WAY}": {"type": "string"}}}


CHAINS = [
    chain(lambda to: {"$ref": to}),
    chain(lambda to: {"type": "object", "properties": {"x": {"$ref": to}}}),
    chain(lambda to: {"type": "object", "additionalProperties": {"$ref": to}}),
    chain(lambda to: {"anyOf": [{"$ref": to}, {"type": "null"}]}),
]


@pytest.mark.parametrize("schema", CHAINS, ids=["ref", "properties", "additional", "any"])
def test_a_long_way_of_references_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match="nested too deeply"):
        json_rule(schema, "the schema", problem)
    with pytest.raises(InvalidRequest, match="nested too deeply"):
        arguments_rule(Tool("f", parameters=schema), problem)


def test_what_refers_to_itself_is_no_long_way() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}
    assert json_rule({"$ref": "#/$defs/node", "$defs": {"node": node}}, "the schema", problem)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "integer", "multipleOf": 99999999}, "multipleOf with 99999999 is too large"),
        ({"type": "number", "multipleOf": 0.000360007}, "multipleOf"),
        ({"enum": [123456789012345678]}, "enum has an integer of more than 53 bits"),
        ({"const": 9007199254740993}, "const has an integer"),
        ({"type": "integer", "minimum": 10**400}, "minimum has an integer"),
        ({"type": "object", "patternProperties": {f"^x{i}_": {} for i in range(300)}}, "at most 64 patterns"),
        ({"type": "array", "uniqueItems": True}, "uniqueItems"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name_or_left_out(schema: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        json_rule(schema, "the schema", problem)
    assert arguments_rule(Tool("f", parameters={"type": "object", "properties": {"x": schema}}), problem)


@pytest.mark.parametrize("schema", [{"multipleOf": 3600000}, {"multipleOf": 0.01}, {"enum": [2**53, 1.5]}])
def test_what_can_be_kept_is(schema: dict[str, Any]) -> None:
    assert json_rule({"type": "number", **schema}, "the schema", problem)


def test_of_a_schema_that_is_not_strict_what_can_be_enforced_stays() -> None:
    """One pattern that looks ahead is no reason to forget all the rest."""
    email = {"type": "string", "format": "email", "pattern": r"^(?!\.)x"}
    tool = Tool("f", parameters={"type": "object", "properties": {"a": email}, "required": ["a"]})
    rule = arguments_rule(tool, problem)
    assert '"required": ["a"]' in rule
    assert '"pattern"' not in rule
    possible = email | {"pattern": "^x"}
    assert '"pattern"' in arguments_rule(Tool("f", parameters={"properties": {"a": possible}}), problem)


def test_names_and_values_are_no_keywords() -> None:
    names = {"pattern": {"type": "string"}, "format": {"type": "string"}, "minProperties": {"type": "integer"}}
    rule = arguments_rule(Tool("f", parameters={"properties": names, "default": {"oneOf": 1}}), problem)
    assert all(f'"{name}"' in rule for name in names)


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ("start: <|end|>", "names a token"),
        ("start: <[6]>", "names a token"),
        ('start: a\na: %json {"type": "object"}', "%json"),
        ("\n".join(f'r{i}: r{i + 1} "x"' for i in range(LONG_WAY)), "too large"),
        ("start: (", "cannot be read"),
    ],
)
def test_grammars_that_reach_too_far(definition: str, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        grammar_rule(Grammar("lark", definition), "the grammar", problem)


def test_a_grammar_may_speak_of_brackets() -> None:
    assert grammar_rule(Grammar("lark", 'start: "<a>" /<[a-z]+>/ // <x>'), "the grammar", problem)


@pytest.mark.parametrize("pattern", ["(" * 300 + "a" + ")" * 300, "a(", "x" * 60_000])
def test_expressions_that_are_too_much(pattern: str) -> None:
    with pytest.raises(InvalidRequest):
        grammar_rule(Grammar("regex", pattern), "the grammar", problem)


PATTERNS = [{"pattern": f"^.*w{i}.*$"} for i in range(24)]
CROWDS: dict[str, dict[str, Any]] = {
    "patterns of one string": {"type": "string", "allOf": PATTERNS},
    "patterns of one field": {"allOf": [{"properties": {"a": pattern}} for pattern in PATTERNS]},
    "nested": {"allOf": [{"allOf": PATTERNS[:8]}, {"allOf": [{"allOf": PATTERNS[8:]}]}]},
    "alternatives": {"allOf": [{"anyOf": [pattern, {"type": "null"}]} for pattern in PATTERNS]},
    "references": {
        "allOf": [{"$ref": f"#/$defs/d{i}"} for i in range(24)],
        "$defs": {f"d{i}": pattern for i, pattern in enumerate(PATTERNS)},
    },
    "a field called allOf": {"properties": {"allOf": {"allOf": PATTERNS}}},
    "a chain": {
        "$ref": "#/$defs/d0",
        "$defs": {f"d{i}": pattern | {"$ref": f"#/$defs/d{i + 1}"} for i, pattern in enumerate(PATTERNS)},
    },
    "behind a letter": {"type": "string", "allOf": [{"pattern": f"^(y|x.*w{i}.*)$"} for i in range(24)]},
}


@pytest.mark.parametrize("schema", CROWDS.values(), ids=CROWDS.keys())
def test_too_many_patterns_of_one_string_are_refused_or_left_out(schema: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match=r"pattern is one of more than 10 .* at once"):
        json_rule(schema, "the schema", problem)
    assert '"pattern"' not in arguments_rule(Tool("f", parameters=schema), problem)


ROOMY: dict[str, dict[str, Any]] = {
    "a few": {"type": "string", "allOf": PATTERNS[:2]},
    "fields": {"properties": {f"f{i}": {"type": "string", **pattern} for i, pattern in enumerate(PATTERNS)}},
    "alternatives": {"anyOf": [{"type": "string", **pattern} for pattern in PATTERNS]},
    "variants": {"anyOf": [{"type": "object", "properties": {"id": pattern}} for pattern in PATTERNS]},
}


@pytest.mark.parametrize("schema", ROOMY.values(), ids=ROOMY.keys())
def test_patterns_of_different_strings_are_none_too_many(schema: dict[str, Any]) -> None:
    assert json_rule(schema, "the schema", problem)


@pytest.mark.parametrize(
    "definition",
    [
        "start: A\nA: " + " & ".join(f"/.*w{i}.*/" for i in range(24)),
        "start: A\nA: /y/ | (/x/ (" + " & ".join(f"/.*w{i}.*/" for i in range(24)) + "))",
        "start: A12\nA0: /a/\n" + "\n".join(f"A{i + 1}: (A{i} /x/) & (A{i} /.*y/)" for i in range(12)),
    ],
)
def test_a_grammar_that_intersects_too_much_is_refused(definition: str) -> None:
    with pytest.raises(InvalidRequest, match="intersects too many"):
        grammar_rule(Grammar("lark", definition), "the grammar", problem)
