"""Rules in llguidance's grammars: JSON of a schema, Lark grammars, regular expressions.

llguidance knows which JSON schemas can be enforced (see its docs/json_schema.md); this module only asks it, and reports
a refusal as an InvalidRequest with llguidance's message, which names the keyword. It differs from JSON Schema in two
ways that users notice: properties come in the order of the schema, and keys beyond those of `properties` may be
repeated.
"""

import json
import re
import sys
from collections.abc import Iterable
from typing import Any, Final

from llguidance import LLMatcher

from ossia.cache import byte_cache
from ossia.chat import TurnGrammar
from ossia.chat.grammar.limits import check_lark, check_regex, checked, pruned
from ossia.errors import InvalidRequest
from ossia.types import GenerateRequest, Grammar, Tool

_WHITESPACE: Final = r"[ \t\r\n]{1,40}"
"""Whitespace between JSON's tokens; without a limit, a model may write blanks for ever."""

_SLASH: Final = re.compile(r"\\.|/", re.DOTALL)
_RESERVE: Final = 64  # ids of headers and of JSON's punctuation

_KEPT: Final = 8 << 20
"""Bytes of grammars that are kept after they were checked, of each syntax."""

ANSWER: Final = "the schema of the answer"


def json_rule(schema: dict[str, Any] | bool, what: str) -> str:
    """Return a rule for JSON of exactly this schema. Raises InvalidRequest, whose message calls the schema `what`."""
    rule, problem = _json_rule(json.dumps(checked(schema, what, strict=True)))
    if problem:
        raise InvalidRequest(f"{what} cannot be enforced: {problem}", hint="leave out what it names")
    return rule


def json_answer(request: GenerateRequest, finishers: Iterable[int]) -> TurnGrammar | None:
    """Return the grammar of a turn without control tokens: JSON, then an end token. None if JSON is not asked for."""
    if not request.response_format:
        return None
    schema, finishers = request.response_format.schema, tuple(sorted(finishers))
    ends = " | ".join(f"<[{id}]>" for id in finishers)
    whole = f"start: answer ({ends})\nanswer: {json_rule(schema, ANSWER)}"
    return TurnGrammar(whole, finishers, reserve=reserve([schema]))


def reserve(schemas: Iterable[object]) -> int:
    """Return enough ids for a short instance of the largest schema.

    A schema is longer than its shortest instance, and a token has about three characters.
    """
    return max((_RESERVE + len(json.dumps(schema)) // 3 for schema in schemas), default=0)


def arguments_rules(tool: Tool) -> tuple[str, ...]:
    """Return rules for the arguments of a call; the first one that compiles applies.

    A strict tool has one rule, and what cannot be enforced raises InvalidRequest. Otherwise as much as possible is
    enforced, at the least that the arguments are an object; which rule compiles is found out when the tool is called.
    """
    if tool.takes_text:
        return (
            "TEXT" if tool.grammar is None else grammar_rule(tool.grammar, f"the grammar of the tool {tool.name!r}"),
        )
    what = f"the schema of the tool {tool.name!r}"
    schema = {"type": "object"} | (tool.parameters or {})
    if tool.strict:
        return (json_rule(schema, what),)
    known = checked(schema, what, strict=False)
    return _rule(known, lenient=False), _rule(pruned(known), lenient=True), _rule({"type": "object"}, lenient=False)


def grammar_rule(grammar: Grammar, what: str) -> str:
    """Return a rule for text in a client's grammar. Raises InvalidRequest if the grammar is invalid."""
    if grammar.syntax == "regex":
        check_regex(grammar.definition, what)
        rule, problem = _regex_rule(grammar.definition)
    else:
        check_lark(grammar.definition, what)
        rule, problem = _lark_rule(grammar.definition)
    if problem:
        raise InvalidRequest(f"{what} cannot be read: {problem}")
    return rule


def _rule(schema: dict[str, Any] | bool, *, lenient: bool) -> str:
    """Return a rule for JSON of the schema; if `lenient`, keywords that cannot be enforced are ignored."""
    if isinstance(schema, bool):
        schema = {} if schema else {"not": {}}
    options = {"whitespace_pattern": _WHITESPACE, "lenient": lenient}
    return f"%json {json.dumps(schema | {'x-guidance': options})}"


def _num_bytes(definition: str, rule: tuple[str, str]) -> int:
    return sum(map(sys.getsizeof, (definition, *rule)))


@byte_cache(_KEPT, _num_bytes)
def _json_rule(text: str) -> tuple[str, str]:
    """Return the rule and llguidance's objection to the schema, "" for none."""
    rule = _rule(json.loads(text), lenient=False)
    return rule, _problem(f"start: {rule}")


@byte_cache(_KEPT, _num_bytes)
def _regex_rule(pattern: str) -> tuple[str, str]:
    escaped = _SLASH.sub(lambda found: r"\x2f" if found[0][-1] == "/" else found[0], pattern)
    rule = f"/{escaped}/"
    problem = "a line break must be written \\n" if "\n" in pattern else ""
    return rule, problem or LLMatcher.validate_grammar(LLMatcher.grammar_from_regex(pattern)) or _problem(
        f"start: {rule}"
    )


@byte_cache(_KEPT, _num_bytes)
def _lark_rule(definition: str) -> tuple[str, str]:
    return f"%lark {{\n{definition}\n}}", _problem(definition)


def _problem(lark: str) -> str:
    return LLMatcher.validate_grammar(LLMatcher.grammar_from_lark(lark))
