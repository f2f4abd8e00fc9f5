"""Demands: what an answer must look like, enforced by llama.cpp's grammars and checked by ours.

llama.cpp answers without a grammar that it cannot use, and says so to nobody. So each grammar is compiled by our
llguidance first, and each finished answer is matched again. What an answer means is not known here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from llguidance import LLMatcher, LLTokenizer

from ossia.aside import SMALL, aside
from ossia.chat import Problem
from ossia.chat.grammar.rules import answer_rule, arguments_rule
from ossia.engine.llama_cpp.bodies import Body, grammar, in_order
from ossia.engine.llama_cpp.patterns import check_patterns
from ossia.errors import InvalidRequest, NotSupported, OssiaError
from ossia.sandbox.grammars import PARSER_LIMITS
from ossia.types import Finished, GenerateRequest, ToolCall

_BYTES: Final = LLTokenizer("byte")
_BLANKS: Final = " \t\r\n"
_JSON: Final = re.compile(r'"(?:\\.|[^"\\])*"|[ \t\r\n]+', re.DOTALL)
"""Strings and blanks of JSON."""
_TRY_AGAIN: Final = "try again, or use a model that follows it better"


@dataclass(frozen=True, slots=True)
class Demands:
    """Grammars of an answer and of the arguments of strict tools, by their names; True if a call is required.

    `fields` are those of the request to llama.cpp.
    """

    answer: str | None = None
    arguments: Mapping[str, str] = field(default_factory=dict[str, str])
    requires_call: bool = False
    fields: Body = field(default_factory=dict[str, object])

    async def check(self, finished: Finished, text: str, calls: Sequence[ToolCall]) -> Finished:
        """Return the end of an answer: an error if it is complete, and not as it was asked for."""
        is_cut = finished.reason not in ("stop", "tool_calls") or finished.stop_string
        size = SMALL + 1 + len(text) if self.answer or self.arguments else 0  # a short grammar may take long, too
        error = None if is_cut else await aside(size, self.broken_by, text, calls)
        return replace(finished, reason="error", error=error) if error else finished

    def broken_by(self, text: str, calls: Sequence[ToolCall]) -> OssiaError | None:
        """Return the error of a finished answer that is not as it was asked for."""
        if self.requires_call and not calls:
            return OssiaError("the model did not call a tool, which was required", _TRY_AGAIN)
        if self.answer and not calls and not fits(self.answer, text):
            return OssiaError("the model's answer does not match its schema", _TRY_AGAIN)
        for call in calls:
            if (grammar := self.arguments.get(call.name)) and not fits(grammar, call.arguments):
                return OssiaError(f"the model's call of {call.name!r} does not match the tool's schema", _TRY_AGAIN)
        return None


@dataclass(frozen=True, slots=True)
class Demanding:
    """Makes the demands of requests to models whose answers llama.cpp parses.

    A model that `thinks` writes its thoughts before what a grammar is for.
    """

    has_grammars: bool
    thinks: bool

    def grammar(self, request: GenerateRequest, problem: Problem) -> Demands:
        """Return the demands of a request. Raises InvalidRequest for what cannot be enforced."""
        request = _in_order(request)
        demands, format = demands_of(request, problem, has_grammars=self.has_grammars), request.response_format
        if not format or not demands.answer:
            return demands
        is_alone = not request.tools and (not self.thinks or request.reasoning_effort == "none")
        schema = {"type": "json_schema", "json_schema": {"schema": format.schema, "strict": format.strict}}
        return replace(
            demands, fields={"grammar": grammar(demands.answer)} if is_alone else {"response_format": schema}
        )


def demands_of(request: GenerateRequest, problem: Problem, *, has_grammars: bool) -> Demands:
    """Return the demands of a request, without the way to enforce them. Raises InvalidRequest."""
    strict = [tool for tool in request.tools if tool.strict]
    if (request.response_format or strict) and not has_grammars:
        raise NotSupported(
            "this build of llama.cpp has no llguidance, so schemas and strict tools are not enforced",
            hint="install a build of xllamacpp that has it, or leave out the schema and strict",
        )
    format, needs_call = request.response_format, request.tool_choice.required
    if needs_call and not request.tools:
        raise InvalidRequest("a tool call is required, but the request has no such tool")
    answer = f"start: {answer_rule(format, problem)}" if format else None
    arguments = {tool.name: f"start: {arguments_rule(tool, problem)}" for tool in strict}
    check_patterns([*([format.schema] if format else []), *(tool.parameters for tool in strict)], problem)
    return Demands(answer, arguments, needs_call)


def _in_order(request: GenerateRequest) -> GenerateRequest:
    """Return a request whose schemas have their properties in llama.cpp's order."""
    format = request.response_format
    tools = tuple(replace(tool, parameters=in_order(tool.parameters)) for tool in request.tools)
    ordered = replace(format, schema=in_order(format.schema)) if format else None
    return replace(request, tools=tools, response_format=ordered)


def fits(grammar: str, text: str) -> bool:
    """True if the grammar allows this text, or JSON with fewer blanks: llama.cpp's llguidance may repeat blanks."""
    return _matches(grammar, text) or _matches(grammar, _JSON.sub(_shorter, text.strip(_BLANKS)))


def _shorter(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith('"') else " "


def _matches(grammar: str, text: str) -> bool:
    matcher = LLMatcher(_BYTES, LLMatcher.grammar_from_lark(grammar), log_level=0, limits=PARSER_LIMITS)
    data = list(text.encode())
    return matcher.try_consume_tokens(data) == len(data) and matcher.is_accepting()
