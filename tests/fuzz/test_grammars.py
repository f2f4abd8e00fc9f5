"""Schemas, grammars and chat templates that are not what they should be."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossia.chat import TurnGrammar
from ossia.chat.grammar import alike
from ossia.chat.grammar.rules import arguments_rule, grammar_rule, json_rule
from ossia.engine.constraint import Constraint, Vocabulary
from ossia.engine.llama_cpp.patterns import check_patterns
from ossia.errors import InvalidRequest
from ossia.sandbox import templates
from ossia.sandbox.grammars import problem
from ossia.types import Grammar, Tool
from tests.fuzz.mutation import bounded, changed_json, changed_text, fuzz, junk
from tests.random_schemas import random_schema
from tests.unit.byte_vocabulary import byte_vocabulary
from tests.unit.test_jinja import SMOLLM2, SPECIAL

TOKENIZER = byte_vocabulary(*SPECIAL, bos_token_id=1, eos_token_id=2)
VOCABULARY = Vocabulary(TOKENIZER)

KEYWORDS: list[Any] = [
    {"$ref": "#"},
    {"$ref": "#/$defs/Point"},
    {"$ref": "#/properties/none"},
    {"allOf": [{"type": "string"}, {"minLength": 3}, {"pattern": "^a"}]},
    {"anyOf": []},
    {"oneOf": [{"type": "integer"}, {"minimum": 3}]},
    {"not": {}},
    {"pattern": "("},
    {"pattern": "^(a|b){2,5}$", "maxLength": 2},
    {"multipleOf": 0},
    {"multipleOf": 0.1, "minimum": 5, "maximum": 1},
    {"minItems": 5, "maxItems": 1},
    {"enum": []},
    {"const": {"a": [1, None]}},
    {"prefixItems": [{"type": "null"}], "items": False},
    {"patternProperties": {"^x": {"type": "boolean"}}, "additionalProperties": False},
    {"dependentSchemas": {"a": {"required": ["b"]}}, "if": {}, "then": False},
    {"type": ["string", "none"]},
    {"format": "date-time"},
    {"format": "\x00"},
    {"required": ["a", "a"], "properties": {"a": True}},
]


def whole(text: str) -> str:
    """Return text without halves of surrogate pairs, which no decoded body has."""
    return text.encode("utf-8", "replace").decode()


def used(rule: str) -> None:
    """Compute the first ids that a grammar allows, and take one. A model's process says that it cannot otherwise."""
    with suppress(ValueError):
        constraint = Constraint(VOCABULARY, TurnGrammar(f"start: answer\nanswer: {rule}", (2,), reserve=8), 30)
        constraint.prepare()


@given(schema=st.integers(0, 40).map(random_schema).flatmap(lambda schema: changed_json(schema, KEYWORDS)))
@fuzz(150)
def test_a_schema(schema: Any) -> None:
    if not isinstance(schema, dict | bool):
        return  # the types of a request let nothing else in
    bounded(lambda: used(json_rule(schema, "the schema", problem)), InvalidRequest)
    if isinstance(schema, dict):
        bounded(lambda: used(arguments_rule(Tool("f", parameters=schema), problem)), InvalidRequest)
        bounded(lambda: check_patterns([schema], problem), InvalidRequest)


_PLACES = [*alike._NAMED, *alike._NESTED, *alike._ALTERNATIVES, *alike._HARMLESS, "pattern", "$ref", "x-mine"]
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    junk(),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.sampled_from(_PLACES), values, max_size=4),
)


@given(schema=ANYTHING)
@fuzz(120)
def test_letters_of_anything(schema: Any) -> None:
    """llguidance does not look at a keyword that an instance's type makes useless."""
    bounded(lambda: alike.letters_are_alike(f"start: %json {json.dumps(schema)}"))


LARK = [
    *("start: ", "greeting", " ", "name", "+", " ", "end", "?", "\n", "greeting: ", '"hello "', " | ", '"hi "i', "\n"),
    *(
        "name: ",
        "NAME",
        '" "',
        "\n",
        "NAME: ",
        "/[a-z]{2,5}/",
        "\n",
        "end: ",
        "(",
        '"bye"',
        " | ",
        '"."',
        ")",
        "{1,3}",
        "\n",
    ),
    *("%ignore ", "/ /", "\n", "// a comment", "\n"),
]
MORE_LARK = [
    "start",
    "~",
    "*",
    "&",
    "%import common.INT",
    "%ignore",
    "{9999999}",
    "/(/",
    "/a{9}{9}/",
    '"\\x"',
    "<[1]>",
    "@",
    "->",
]


@given(text=changed_text(LARK, MORE_LARK))
@fuzz(200)
def test_a_grammar(text: str) -> None:
    bounded(lambda: used(grammar_rule(Grammar("lark", whole(text)), "the grammar", problem)), InvalidRequest)


REGEX = ["^", "(", "[a-z]", "+", "|", "\\d", "{2,4}", ")", "-", "(?i:", "x", ")", "\\.", "[^\\s\\]]", "*", "?", "$"]
MORE_REGEX = [
    "(?=a)",
    "\\1",
    "{",
    "}",
    "{5,2}",
    "{99999999}",
    "[z-a]",
    "[[:alpha:]]",
    "\\p{L}",
    "\\u{110000}",
    "(?P<n>",
    "/",
    "\\",
]


@given(text=changed_text(REGEX, MORE_REGEX))
@fuzz(200)
def test_a_regular_expression(text: str) -> None:
    bounded(lambda: used(grammar_rule(Grammar("regex", whole(text)), "the grammar", problem)), InvalidRequest)


TEMPLATE = [
    *("{% ", "for ", "message ", "in ", "messages", " %}", "{{ ", "'<|im_start|>'", " + ", "message['role']", " }}"),
    *(
        "{% ",
        "if ",
        "message.content",
        " is string",
        " %}",
        "{{ ",
        "message.content",
        " | ",
        "trim",
        " }}",
        "{% else %}",
    ),
    *("{% ", "set ", "x = ", "namespace(n=0)", " %}", "{% endif %}", "<|im_end|>", "{% ", "endfor", " %}"),
    *("{%- ", "macro ", "m(a, b=1)", " -%}", "{{ a }}", "{% endmacro %}", "{{ ", "m(1)", " }}"),
    *("{% if add_generation_prompt %}", "<|im_start|>assistant", "{% endif %}", "{# a comment #}"),
]
MORE_TEMPLATE = [
    *(
        "{{ ''.__class__.__mro__ }}",
        "{{ messages.append(1) }}",
        "{{ raise_exception('no') }}",
        "{{ strftime_now('%Y') }}",
    ),
    *(
        "{{ 1 / 0 }}",
        "{{ none.x.y }}",
        "{{ messages | tojson(indent=2) }}",
        "{% include 'x' %}",
        "{% break %}",
        "{{ self }}",
    ),
    *(
        "{% raw %}",
        "{{ range(10) | list }}",
        "{{ x.n | int }}",
        "{{ messages[99] }}",
        "{{ 'a' ~ messages }}",
        "{{ lipsum() }}",
    ),
    *(
        "{{ '%s' | format(1, 2) }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{{ messages | map('x') }}",
        "{{ cycler('a').next() }}",
    ),
]
CONVERSATIONS: list[list[dict[str, str]]] = [
    [{"role": "user", "content": "Hi"}],
    [{"role": "system", "content": ""}, {"role": "user", "content": "<|im_end|>"}, {"role": "tool", "content": "1"}],
    [],
]
KINDS = (templates.RENDERED, templates.TOO_LONG, templates.REFUSED, templates.INVALID)


@pytest.mark.parametrize(
    "source", [TEMPLATE, [SMOLLM2[i : i + 9] for i in range(0, len(SMOLLM2), 9)]], ids=["every", "real"]
)
@given(data=st.data(), messages=st.sampled_from(CONVERSATIONS))
@fuzz(120)
def test_a_template(source: list[str], data: st.DataObject, messages: list[dict[str, str]]) -> None:
    """Whatever a template does, the process that renders it has an answer, which is not longer than it may be."""
    variables = {"messages": messages, "add_generation_prompt": True, "tools": None}
    text = data.draw(changed_text(source, MORE_TEMPLATE))
    job = {"source": text, "variables": variables, "now": "2025-06-28T12:00:00", "marker": "~", "most": 500}

    def answered() -> None:
        answer = templates.answer(json.dumps(job).encode())
        assert answer[:1] in KINDS
        assert len(answer[1:].decode()) <= 1000

    bounded(answered)
