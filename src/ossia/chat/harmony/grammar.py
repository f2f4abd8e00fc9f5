"""Grammar of a harmony turn, over ids, control tokens included.

    turn     = (analysis | preamble)* (call | final)
    analysis = <|channel|>analysis<|message|>...<|end|><|start|>assistant
    preamble = <|channel|>commentary<|message|>...<|end|><|start|>assistant
    call     = <|channel|>commentary to=functions.f <|constrain|>json<|message|>{...}<|call|>
    final    = <|channel|>final<|message|>...<|return|>

Calls of tools that the model was trained with are `analysis to=browser.search code` instead, and those of `python` are
code. A recipient is a declared function, its arguments are JSON of its schema, and the answer is JSON if a schema is
given; all other content is free text without control tokens. Alternatives that the request forbids are left out:
analysis without reasoning, calls without tools, the final answer if a call is required. If several calls are allowed,
the next one follows after <|end|> instead of <|call|>.
"""

import json
from collections.abc import Sequence
from dataclasses import replace

from ossia.chat import Problem, TurnGrammar
from ossia.chat.grammar.alike import TEXT
from ossia.chat.grammar.rules import answer_rule, arguments_rule, check_together, reserve
from ossia.chat.harmony.message import ControlTokens
from ossia.chat.harmony.tool_names import ToolNames
from ossia.errors import InvalidRequest
from ossia.types import GenerateRequest, Tool


class HarmonyGrammar:
    """Builds grammars in one vocabulary."""

    def __init__(self, control: ControlTokens, *, flat: bool = False) -> None:
        """With `flat` a turn's grammar is one text, `TurnGrammar.whole`, with the arguments of all calls inside."""
        self._control = control
        self._flat = flat
        self._start, self._end, self._message = _token(control.start), _token(control.end), _token(control.message)
        self._channel, self._constrain = _token(control.channel), _token(control.constrain)
        self._return, self._call = _token(control.return_), _token(control.call)

    def turn(
        self,
        request: GenerateRequest,
        names: ToolNames,
        opened: str | None,
        prefix: Sequence[int],
        problem: Problem,
    ) -> TurnGrammar:
        """Return the grammar of a turn, which begins in the channel `opened`, after the ids `prefix`, if it is open.

        Raises InvalidRequest for a schema that cannot be enforced, and for a required call of no tool.
        """
        tools = _callable(request)
        rules, next_message = self._rules(request, tools, names, problem), f"{self._start} {_ASSISTANT}"
        demanded = bool(request.response_format) or request.tool_choice.required
        parallel = request.tool_choice.parallel
        begun = opened == "final" and request.response_format is not None
        whole = f"start: {self._beginning(request, opened, _last(request, tools))}\n{rules}"
        if self._flat:
            check_together(whole, problem)
            return TurnGrammar(
                whole, (self._control.return_, self._control.call), prefix=tuple(prefix) if begun else ()
            )
        return TurnGrammar(
            whole=whole,
            finishers=(self._control.return_, self._control.call),
            message_ends=(self._control.end,),
            arguments=tuple((self._arguments(_seen(tool, names), problem, parallel=parallel),) for tool in tools),
            another=f"start: {next_message} call\n{rules}" if tools else None,
            answer=f"start: {next_message} {_last(request, tools)}\n{rules}" if demanded else None,
            reserve=reserve(_schemas(request, tools)),
            prefix=tuple(prefix) if begun else (),
        )

    def _beginning(self, request: GenerateRequest, opened: str | None, last: str) -> str:
        rest = f"{_free(request)} {last}"
        match opened:
            case None:
                return rest
            case "final":
                return f"answer {self._return}"
            case _:
                return f"TEXT {self._end} {self._start} {_ASSISTANT} {rest}"

    def _rules(self, request: GenerateRequest, tools: Sequence[Tool], names: ToolNames, problem: Problem) -> str:
        """Return every rule that a turn may need; llguidance drops unused ones."""
        between = f"{self._end} {self._start} {_ASSISTANT}"
        format = request.response_format
        lines = [
            f'analysis: {self._channel} "analysis" {self._message} TEXT {between}',
            f'preamble: {self._channel} "commentary" {self._message} TEXT {between}',
            f'final: {self._channel} "final" type {self._message} answer {self._return}',
            f'type: (" " {self._constrain} "json" | " json")?',
            f"answer: {answer_rule(format, problem) if format else 'TEXT'}",
            TEXT,
        ]
        if tools:
            lines.append('code: " code" | type')
            lines += self._calls(request, tools, names, problem) if self._flat else self._headers(tools, names)
        return "\n".join(lines)

    def _headers(self, tools: Sequence[Tool], names: ToolNames) -> list[str]:
        """Return the rules of a call up to its arguments, with a capture that tells which tool it is."""
        heads = [f"call_{i}{_type(tool, names)}" for i, tool in enumerate(tools)]
        calls = f"call: ({' | '.join(heads)}) {self._message}"
        return [calls, *(f"call_{i}[capture]: {self._head(tool, names)}" for i, tool in enumerate(tools))]

    def _calls(self, request: GenerateRequest, tools: Sequence[Tool], names: ToolNames, problem: Problem) -> list[str]:
        """Return the rules of a whole call, after which another may follow if several are allowed."""
        another = f" | {self._end} {self._start} {_ASSISTANT} call" if request.tool_choice.parallel else ""
        lines = [f"call: ({' | '.join(f'call_{i}' for i in range(len(tools)))}) ({self._call}{another})"]
        for i, tool in enumerate(tools):
            rest = f"{_type(tool, names)} {self._message} arguments_{i}"
            lines.append(f"call_{i}: ({self._head(tool, names)}){rest}")
            lines.append(f"arguments_{i}: {arguments_rule(_seen(tool, names), problem)}")
        return lines

    def _head(self, tool: Tool, names: ToolNames) -> str:
        """Return the rule for a call's channel and recipient, which the model sometimes writes after the role."""
        to = json.dumps(f" to={names.recipient(tool.name)}")
        channel = json.dumps(names.trained.channel(tool.name))
        return f"{self._channel} {channel} {to} | {to} {self._channel} {channel}"

    def _arguments(self, tool: Tool, problem: Problem, *, parallel: bool) -> str:
        """Return the grammar of a call's arguments, with the token that ends them."""
        end = f"({self._call} | {self._end})" if parallel else self._call
        return f"start: arguments {end}\narguments: {arguments_rule(tool, problem)}\n{TEXT}"


_ASSISTANT = '"assistant"'


def _seen(tool: Tool, names: ToolNames) -> Tool:
    """Return a tool as the model calls it: one whose calls are code takes text."""
    return replace(tool, takes_text=True) if names.trained.wrapped(tool.name) else tool


def _type(tool: Tool, names: ToolNames) -> str:
    """Return the rule for what a call's header says of its content."""
    if tool.name in names.trained.recipients:
        return " code"
    return "" if tool.takes_text else " type"


def _token(id: int) -> str:
    return f"<[{id}]>"


def _free(request: GenerateRequest) -> str:
    """Return the rule for messages before the answer. A preamble is part of the answer, so not allowed before JSON."""
    kinds = [] if request.reasoning_effort == "none" else ["analysis"]
    kinds += [] if request.response_format else ["preamble"]
    return f"({' | '.join(kinds)})*" if kinds else ""


def _last(request: GenerateRequest, tools: Sequence[Tool]) -> str:
    """Return the rule for the last message of the turn."""
    if request.tool_choice.required:
        return "call"
    return "(call | final)" if tools else "final"


def _callable(request: GenerateRequest) -> tuple[Tool, ...]:
    """Return the tools that may be called. Raises InvalidRequest if a call is required and there are none."""
    allowed = request.tool_choice.allowed
    tools = tuple(tool for tool in request.tools if allowed is None or tool.name in allowed)
    if request.tool_choice.required and not tools:
        raise InvalidRequest("a tool call is required, but the request has no such tool")
    return tools


def _schemas(request: GenerateRequest, tools: Sequence[Tool]) -> list[object]:
    """Return the schemas that the model may have to complete."""
    answer = [request.response_format.schema] if request.response_format else []
    return [*answer, *(tool.parameters for tool in tools)]
