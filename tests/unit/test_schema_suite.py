"""The official JSON-Schema-Test-Suite against the grammars: what is said to be enforced is, and nothing is ignored.

A schema is either refused, by a word of the suite's own, or its invalid instances cannot be written at all. Valid ones
can, but for a number in another spelling and an object in another order, which a model is not asked to write.
"""

import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from llguidance import LLMatcher

from ossia.chat.grammar.rules import json_rule
from ossia.engine.constraint import Vocabulary
from ossia.errors import InvalidRequest
from tests.doubles.in_process import problem
from tests.schema_suite import Case, cases
from tests.unit.byte_vocabulary import byte_vocabulary

TOKENIZER = byte_vocabulary("<|end|>", eos_token_id=0)
VOCABULARY = Vocabulary(TOKENIZER)
PAGE = Path(__file__).parents[2] / "docs" / "schemas.md"
REMARKS = ("const", "enum", "type", "allOf", "format", "vocabulary")
"""Keywords with valid instances that cannot be written: 1.0 for 1, keys in another order, a wrong date, which `format`
alone would allow."""


@cache
def rule(schema: str) -> str | None:
    """The schema's grammar, or None if it is refused."""
    try:
        return json_rule(json.loads(schema), "the schema", problem)
    except InvalidRequest:
        return None


def grammar_of(case: Case) -> str | None:
    schema = case.schema
    if isinstance(schema, dict):
        schema = {name: value for name, value in schema.items() if name != "$schema"}
    return rule(json.dumps(schema))


def can_be_written(grammar: str, instance: Any) -> bool:
    matcher = LLMatcher(VOCABULARY.llguidance, LLMatcher.grammar_from_lark(f"start: {grammar}"), log_level=0)
    assert not matcher.is_error(), matcher.get_error()
    ids = TOKENIZER.encode(json.dumps(instance, ensure_ascii=False))
    return matcher.try_consume_tokens(ids) == len(ids) and matcher.is_accepting()


def by_keyword() -> dict[str, list[Case]]:
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases():
        groups[case.keyword].append(case)
    return groups


@pytest.mark.parametrize("keyword", sorted(by_keyword()))
def test_a_keyword(keyword: str) -> None:
    for case in by_keyword()[keyword]:
        if (grammar := grammar_of(case)) is None:
            continue
        for test in case.tests:
            written = can_be_written(grammar, test["data"])
            assert test["valid"] or not written, f"{case.description}: {test['description']}"
            assert written or not test["valid"] or keyword in REMARKS, f"{case.description}: {test['description']}"


def test_the_page_of_schemas_lists_what_is_enforced_and_what_is_refused() -> None:
    """A keyword is listed as refused if no case can be enforced, as enforced if all can, otherwise in either list."""
    text = PAGE.read_text()
    enforced = text.partition("**Enforced:**")[2].partition("\n\n")[0]
    refused = text.partition("**Refused** with a 400 that names the keyword:")[2].partition("\n\n")[0]
    assert enforced
    assert refused
    for keyword, group in by_keyword().items():
        known = [grammar_of(case) is not None for case in group]
        if keyword in _NO_KEYWORDS:
            continue
        name = _NAMES.get(keyword, keyword)
        listed = enforced if all(known) else refused if not any(known) else enforced + refused
        assert f"`{name}`" in listed, f"{keyword}: {sum(known)} of {len(known)}"


_NO_KEYWORDS = ("infinite-loop-detection", "vocabulary", "boolean_schema", "content", "default", "refRemote", "defs")
_NAMES = {"ref": "$ref", "anchor": "$anchor", "dynamicRef": "$dynamicRef", "if-then-else": "if"}
