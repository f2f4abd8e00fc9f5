"""Demands: what an answer must look like, enforced by llama.cpp's grammars and checked by ours.

llama.cpp answers without a grammar that it cannot use, and says so to nobody. So each grammar is compiled by our
llguidance first, and each finished answer is matched again. What an answer means is not known here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from llguidance import LLMatcher, LLTokenizer

from ossia.chat import Problem
from ossia.chat.grammar.rules import answer_rule, arguments_rule
from ossia.engine.llama_cpp.bodies import Body, in_order
from ossia.errors import InvalidRequest, NotSupported, OssiaError
from ossia.sandbox.grammars import PARSER_LIMITS
from ossia.types import GenerateRequest, ToolCall

_BYTES: Final = LLTokenizer("byte")
_BLANKS: Final = " \t\r\n"
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

    def broken_by(self, text: str, calls: Sequence[ToolCall]) -> OssiaError | None:
        """Return the error of a finished answer that is not as it was asked for."""
        if self.requires_call and not calls:
            return OssiaError("the model did not call a tool, which was required", _TRY_AGAIN)
        if self.answer and not calls and not fits(self.answer, text.strip(_BLANKS)):
            return OssiaError("the model's answer does not match its schema", _TRY_AGAIN)
        for call in calls:
            if (grammar := self.arguments.get(call.name)) and not fits(grammar, call.arguments.strip(_BLANKS)):
                return OssiaError(f"the model's call of {call.name!r} does not match the tool's schema", _TRY_AGAIN)
        return None


@dataclass(frozen=True, slots=True)
class Demanding:
    """Makes the demands of requests. A model that `thinks` writes its thoughts before what the grammar is for."""

    has_grammars: bool
    thinks: bool

    def grammar(self, request: GenerateRequest, problem: Problem) -> Demands:
        """Return the demands of a request. Raises InvalidRequest for what cannot be enforced."""
        strict = [tool for tool in request.tools if tool.strict]
        if (request.response_format or strict) and not self.has_grammars:
            raise NotSupported(
                "this build of llama.cpp has no llguidance, so schemas and strict tools are not enforced",
                hint="install a build of xllamacpp that has it, or leave out the schema and strict",
            )
        _check_tools(request)
        arguments = {
            tool.name: f"start: {arguments_rule(replace(tool, parameters=in_order(tool.parameters)), problem)}"
            for tool in strict
        }
        demands = Demands(arguments=arguments, requires_call=request.tool_choice.required)
        if not request.response_format:
            return demands
        format = replace(request.response_format, schema=in_order(request.response_format.schema))
        rule = f"start: {answer_rule(format, problem)}"
        is_alone = not request.tools and (not self.thinks or request.reasoning_effort == "none")
        schema = {"type": "json_schema", "json_schema": {"schema": format.schema, "strict": format.strict}}
        fields = {"grammar": f"%llguidance {{}}\n{rule}"} if is_alone else {"response_format": schema}
        return replace(demands, answer=rule, fields=fields)


def _check_tools(request: GenerateRequest) -> None:
    """Refuse what llama.cpp's handling of tools has no words for."""
    for tool in request.tools:
        if tool.takes_text:
            raise NotSupported(
                f"the tool {tool.name!r} takes text, which models that llama.cpp runs cannot be asked for",
                hint="declare it as a function with one parameter, a string",
            )
    if request.tool_choice.required and not request.tools:
        raise InvalidRequest("a tool call is required, but the request has no such tool")


def fits(grammar: str, text: str) -> bool:
    """True if the grammar allows exactly this text."""
    matcher = LLMatcher(_BYTES, LLMatcher.grammar_from_lark(grammar), log_level=0, limits=PARSER_LIMITS)
    data = list(text.encode())
    return matcher.try_consume_tokens(data) == len(data) and matcher.is_accepting()
