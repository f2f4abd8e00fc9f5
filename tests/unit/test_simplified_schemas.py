"""Schemas with words that say nothing: each can be enforced, and allows what it allowed before."""

import json
from typing import Any

import pytest
from llguidance import LLMatcher

from ossia.chat.grammar.rules import ANSWER, answer_rule, json_rule
from ossia.chat.grammar.simplified import simplified
from ossia.engine.constraint import Vocabulary
from ossia.errors import InvalidRequest
from ossia.types import ResponseFormat
from tests.doubles.in_process import problem
from tests.unit.byte_vocabulary import byte_vocabulary

TOKENIZER = byte_vocabulary("<|end|>", eos_token_id=0)
VOCABULARY = Vocabulary(TOKENIZER)
ANY = {"type": "object"}
LOOKS_AHEAD = {"type": "object", "properties": {"a": {"type": "string", "pattern": "^(?!x)"}}, "required": ["a"]}


def can_be_written(rule: str, instance: Any) -> bool:
    matcher = LLMatcher(VOCABULARY.llguidance, LLMatcher.grammar_from_lark(f"start: {rule}"), log_level=0)
    assert not matcher.is_error(), matcher.get_error()
    ids = TOKENIZER.encode(json.dumps(instance))
    return matcher.try_consume_tokens(ids) == len(ids) and matcher.is_accepting()


def tagged(kind: Any, **properties: Any) -> dict[str, Any]:
    """A model of pydantic with a tag that has a default."""
    tag = {"const": kind, "default": kind, "title": "Kind"}
    return {"type": "object", "properties": {"kind": tag, **properties}, "additionalProperties": False}


PETS = {"oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}], "discriminator": {"propertyName": "kind"}}
LITTER = {
    **PETS,
    "$defs": {"Cat": tagged("cat", kittens={"type": "array", "items": PETS}), "Dog": tagged("dog")},
}


@pytest.mark.parametrize(
    ("schema", "valid", "invalid"),
    [
        ({"type": "array", "uniqueItems": False}, [1, 1], "x"),
        ({"type": "array", "uniqueItems": True, "maxItems": 1}, [1], [1, 2]),
        ({**ANY, "propertyNames": {"type": "string"}}, {"a": 1}, []),
        ({**ANY, "propertyNames": {"type": "string", "minLength": 0, "description": "d"}}, {"a": 1}, []),
        ({**ANY, "propertyNames": {"pattern": "^.*$"}}, {"a": 1}, []),
        ({**ANY, "propertyNames": True}, {"a": 1}, []),
        ({**ANY, "propertyNames": {"pattern": "^a"}, "additionalProperties": False}, {}, {"a": 1}),
        ({**ANY, "propertyNames": {"pattern": "^a"}}, {"ab": 1}, {"b": 1}),
        ({**ANY, "propertyNames": {"enum": ["a"]}, "additionalProperties": {"type": "null"}}, {"a": None}, {"b": None}),
        ({**ANY, "propertyNames": {"$ref": "#/$defs/N"}, "$defs": {"N": {"enum": ["a", "b"]}}}, {"a": 1}, {"c": 1}),
        ({**ANY, "properties": {"a": {"not": {}}}}, {"b": 1}, {"a": 1}),
        ({**ANY, "properties": {"a": {"not": False}}}, {"a": 1}, []),
        ({**ANY, "properties": {"a": {}}, "additionalProperties": {"not": {}}}, {"a": 1}, {"b": 1}),
        ({"type": "array", "items": {"not": {"description": "all"}}}, [], [1]),
        ({"type": "string", "if": {"minLength": 3}, "then": {}, "else": {}}, "a", 1),
        ({"if": {"type": "string"}, "then": {}}, 1, None),
        ({"then": {"type": "null"}, "else": False}, 1, None),
        ({"if": {}, "then": {"type": "string"}, "else": {"type": "null"}}, "a", None),
        ({"if": False, "then": {"type": "string"}, "else": {"type": "null"}}, None, "a"),
        ({"type": "array", "contains": {"type": "string"}, "minContains": 0}, [1], "x"),
        ({"type": "array", "contains": {}, "minContains": 2, "maxContains": 3}, [1, 2], [1]),
        ({"type": "array", "minContains": 3}, [], "x"),
        ({**ANY, "dependentRequired": {}}, {}, []),
        ({**ANY, "dependentRequired": {"a": []}, "dependentSchemas": {"a": {}}, "dependencies": {"b": []}}, {}, []),
        ({**ANY, "dependentRequired": {"a": ["b"]}, "required": ["b"]}, {"b": 1}, {"a": 1}),
        ({**ANY, "properties": {"a": {}}, "unevaluatedProperties": False}, {"a": 1}, {"b": 1}),
        ({"allOf": [ANY], "unevaluatedProperties": True}, {"a": 1}, []),
        ({"type": "array", "prefixItems": [{}], "unevaluatedItems": False}, [1], [1, 2]),
        ({"type": "integer", "minimum": 3, "exclusiveMinimum": True}, 4, 3),
        ({"type": "integer", "minimum": 3, "exclusiveMinimum": False}, 3, 2),
        ({"type": "string", "pattern": None, "maxLength": None, "enum": ["a"]}, "a", "b"),
        ({"oneOf": [tagged("a"), tagged("b")]}, {"kind": "a"}, {}),
        ({"oneOf": [tagged(1), tagged(2)]}, {"kind": 2}, {"kind": 3}),
        (LITTER, {"kind": "cat", "kittens": [{"kind": "dog"}]}, {"kind": "cat", "kittens": [{}]}),
    ],
)
def test_words_that_say_nothing(schema: dict[str, Any], valid: Any, invalid: Any) -> None:
    """`invalid` is None where everything is allowed."""
    rule = json_rule(schema, ANSWER, problem)
    assert can_be_written(rule, valid)
    assert invalid is None or not can_be_written(rule, invalid)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"properties": {"a": {"items": {"not": {"type": "null"}}}}}, "#/properties/a/items/not is not supported"),
        ({"anyOf": [{}, {"uniqueItems": True}]}, "#/anyOf/1/uniqueItems is not supported"),
        (
            {"properties": {"a/b": {"$ref": "#/$defs/X"}}, "$defs": {"U": {"not": ANY}, "X": {"contains": ANY}}},
            "#/$defs/X/contains is not supported",
        ),
        ({"properties": {"a/b": {"unevaluatedItems": False, "$ref": "#"}}}, "#/properties/a~1b/unevaluatedItems is"),
        (LOOKS_AHEAD, "#/properties/a/pattern: look-around"),
        ({"patternProperties": {"^(?=x)": {}}}, "#/patternProperties/^(?=x): look-around"),
        ({"items": {"oneOf": [{"type": "string"}, {"minLength": 2}]}}, "#/items/oneOf: its alternatives do not"),
        ({"items": {"$ref": "#/$defs/none"}}, "#/items/$ref: Pointer '/$defs/none' does not exist"),
        (
            {"properties": {"a": {"$ref": "#"}, "b": {"$ref": "https://example.org/b.json"}}},
            "#/properties/b/$ref: only what the schema itself contains can be referred to",
        ),
        ({"type": "string", "format": "date", "pattern": "^x"}, "#/pattern: Unsatisfiable schema"),
        ({"properties": {"n": {"enum": [2**60 + 1]}}}, "#/properties/n/enum has an integer"),
        ({"not": {}}, "it allows nothing at all"),
    ],
)
def test_a_refusal_names_the_keywords_place(schema: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        json_rule(schema, ANSWER, problem)
    assert words in refused.value.message
    assert "%json" not in refused.value.message
    assert "start:" not in refused.value.message


@pytest.mark.parametrize(
    ("schema", "valid", "invalid"),
    [
        (LOOKS_AHEAD, {"a": "b"}, {}),
        ({"type": "object", "properties": {"a": {"not": {"type": "null"}}}, "required": ["a"]}, {"a": 1}, {}),
        ({"type": "array", "items": {"type": "integer"}, "uniqueItems": True}, [1], ["a"]),
        ({"type": "object", "properties": 3}, {"a": 1}, []),
    ],
)
def test_a_format_that_is_not_strict_is_enforced_as_far_as_possible(schema: Any, valid: Any, invalid: Any) -> None:
    rule = answer_rule(ResponseFormat(schema, strict=False), problem)
    assert can_be_written(rule, valid)
    assert not can_be_written(rule, invalid)
    with pytest.raises(InvalidRequest):
        answer_rule(ResponseFormat(schema), problem)


MANY = 20_000
NAMES = [f"p{number}" for number in range(MANY)]


@pytest.mark.parametrize(
    ("definition", "use"),
    [
        ({"type": "object", "properties": {name: {"const": "x"} for name in NAMES}}, "oneOf"),
        ({"type": "object", "properties": {"k": {"enum": NAMES}}}, "oneOf"),
        ({"enum": NAMES}, "propertyNames"),
    ],
)
def test_many_references_to_a_large_definition_are_not_all_followed(definition: Any, use: str) -> None:
    """Each would be read anew, in a thread that nobody can stop."""
    to = {"$ref": "#/$defs/A"}
    simple = simplified({"$defs": {"A": definition}, "allOf": [{use: [to, to] if use == "oneOf" else to}] * MANY})
    assert simple["allOf"][-1] == {use: [to, to] if use == "oneOf" else to}
