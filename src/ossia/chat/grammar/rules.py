"""Rules in llguidance's grammars: JSON of a schema, Lark grammars, regular expressions.

llguidance knows which JSON schemas can be enforced (see its docs/json_schema.md); this module only asks, through a
function `problem` of its callers, and reports a refusal as an InvalidRequest that names the keyword. So nothing is
compiled here, where it could take minutes. llguidance differs from JSON Schema in two ways that users notice:
properties come in the order of the schema, and keys beyond those of `properties` may be repeated.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, Final

from llguidance import LLMatcher

from ossia.chat import Problem, TurnGrammar
from ossia.chat.grammar.limits import check_lark, check_regex, checked, pruned
from ossia.chat.grammar.refusals import refusal
from ossia.chat.grammar.simplified import simplified
from ossia.errors import InvalidRequest
from ossia.types import GenerateRequest, Grammar, ResponseFormat, Tool

_WHITESPACE: Final = r"[ \t\r\n]{1,40}"
"""Whitespace between JSON's tokens; without a limit, a model may write blanks for ever."""

FREE_BLANKS: Final = json.dumps({"whitespace_pattern": _WHITESPACE})[1:-1]
"""The option of a rule for JSON that allows this whitespace."""
_SLASH: Final = re.compile(r"\\.|/", re.DOTALL)
_RESERVE: Final = 64  # ids of headers and of JSON's punctuation
_ID: Final = re.compile(r"<\[\d+\]>")
_BYTES: Final = 256

ANSWER: Final = "the schema of the answer"


def json_rule(schema: dict[str, Any] | bool, what: str, problem: Problem) -> str:
    """Return a rule for JSON of exactly this schema. Raises InvalidRequest, whose message calls the schema `what`."""
    simple = simplified(checked(schema, what, strict=True))
    if simple is False:
        raise InvalidRequest(f"{what} cannot be enforced: it allows nothing at all")
    rule = _rule(simple, lenient=False)
    if objection := problem(_lark(rule)):
        text = f"{what} cannot be enforced: {refusal(simple, objection)}"
        raise InvalidRequest(text, hint="leave out what it names")
    return rule


def answer_rule(format: ResponseFormat, problem: Problem) -> str:
    """Return a rule for an answer. Raises InvalidRequest if the format is strict and cannot be enforced."""
    schema = format.schema
    if format.strict or isinstance(schema, bool):
        return json_rule(schema, ANSWER, problem)
    return _as_far_as_possible(schema, ANSWER, problem, {"type": "object"} if schema.get("type") == "object" else {})


def json_answer(request: GenerateRequest, finishers: Iterable[int], problem: Problem) -> TurnGrammar | None:
    """Return the grammar of a turn without control tokens: JSON, then an end token. None if JSON is not asked for."""
    if not request.response_format:
        return None
    schema, finishers = request.response_format.schema, tuple(sorted(finishers))
    ends = " | ".join(f"<[{id}]>" for id in finishers)
    whole = f"start: answer ({ends})\nanswer: {answer_rule(request.response_format, problem)}"
    return TurnGrammar(whole, finishers, reserve=reserve([schema]))


def reserve(schemas: Iterable[object]) -> int:
    """Return enough ids for a short instance of the largest schema.

    A schema is longer than its shortest instance, and a token has about three characters.
    """
    return max((_RESERVE + len(json.dumps(schema)) // 3 for schema in schemas), default=0)


def arguments_rule(tool: Tool, problem: Problem) -> str:
    """Return a rule for the arguments of a call.

    For a strict tool, what cannot be enforced raises InvalidRequest. Otherwise as much as possible is enforced, at the
    least that the arguments are an object.
    """
    if tool.takes_text:
        what = f"the grammar of the tool {tool.name!r}"
        return "TEXT" if tool.grammar is None else grammar_rule(tool.grammar, what, problem)
    what = f"the schema of the tool {tool.name!r}"
    schema = {"type": "object"} | (tool.parameters or {})
    if tool.strict:
        return json_rule(schema, what, problem)
    return _as_far_as_possible(schema, what, problem, {"type": "object"})


def _as_far_as_possible(schema: dict[str, Any], what: str, problem: Problem, otherwise: dict[str, Any]) -> str:
    """Return a rule for JSON of as much of the schema as can be enforced, at the least of `otherwise`."""
    known = simplified(checked(schema, what, strict=False))
    for rule in (_rule(known, lenient=False), _rule(pruned(known), lenient=True)):
        if not problem(_lark(rule)):
            return rule
    return _rule(otherwise, lenient=False)


def grammar_rule(grammar: Grammar, what: str, problem: Problem) -> str:
    """Return a rule for text in a client's grammar. Raises InvalidRequest if the grammar is invalid."""
    if grammar.syntax == "regex":
        check_regex(grammar.definition, what)
        rule = f"/{_SLASH.sub(_escaped, grammar.definition)}/"
        line_break = "a line break must be written \\n" if "\n" in grammar.definition else ""
        objection = line_break or problem(LLMatcher.grammar_from_regex(grammar.definition)) or problem(_lark(rule))
    else:
        check_lark(grammar.definition, what)
        rule = f"%lark {{\n{grammar.definition}\n}}"
        objection = problem(LLMatcher.grammar_from_lark(grammar.definition))
    if objection:
        raise InvalidRequest(f"{what} cannot be read: {objection}")
    return rule


def check_together(grammar: str, problem: Problem) -> None:
    """Raise InvalidRequest if rules that can be enforced one by one cannot be enforced together."""
    if objection := problem(LLMatcher.grammar_from_lark(_with_small_ids(grammar))):
        text = f"the schemas of the request cannot be enforced together: {objection}"
        raise InvalidRequest(text, hint="declare fewer tools, or simpler ones")


def _with_small_ids(grammar: str) -> str:
    """Return a grammar whose control tokens are ids of a vocabulary of bytes, against which grammars are tried."""
    ids: dict[str, int] = {}
    return _ID.sub(lambda found: f"<[{ids.setdefault(found[0], len(ids)) % _BYTES}]>", grammar)


def _escaped(found: re.Match[str]) -> str:
    return r"\x2f" if found[0][-1] == "/" else found[0]


def _rule(schema: dict[str, Any] | bool, *, lenient: bool) -> str:
    """Return a rule for JSON of the schema; if `lenient`, keywords that cannot be enforced are ignored."""
    if isinstance(schema, bool):
        schema = {} if schema else {"not": {}}
    options = {"whitespace_pattern": _WHITESPACE, "lenient": lenient}
    return f"%json {json.dumps(schema | {'x-guidance': options})}"


def _lark(rule: str) -> str:
    """Return a grammar of nothing but the rule, as llguidance reads it. Nothing is compiled."""
    return LLMatcher.grammar_from_lark(f"start: {rule}")
