"""What a turn in harmony may consist of, as one grammar over its ids, control tokens included.

    turn     = (analysis | preamble)* (calls | final)
    analysis = <|channel|>analysis<|message|>...<|end|><|start|>assistant
    preamble = <|channel|>commentary<|message|>...<|end|><|start|>assistant
    call     = <|channel|>commentary to=functions.f <|constrain|>json<|message|>{...}<|call|>
    final    = <|channel|>final<|message|>...<|return|>

A recipient is a declared function, its arguments are JSON of its schema, the answer is JSON where a schema was asked
for; everything else in a message is free, but cannot hold a control token. What the request forbids is left out:
analysis without reasoning, calls with no tools, the final answer where a call is required. A second call follows the
first behind <|end|> instead of <|call|>, where several are allowed.
"""

import json
from collections.abc import Sequence

from ossia.chat import TurnGrammar
from ossia.chat.harmony_message import ControlTokens
from ossia.chat.language import ANSWER, arguments_rule, json_rule, reserve
from ossia.chat.tool_names import ToolNames
from ossia.errors import InvalidRequest
from ossia.types import GenerateRequest, Tool


class HarmonyGrammar:
    """Grammars in one vocabulary."""

    def __init__(self, control: ControlTokens) -> None:
        self._control = control
        self._start, self._end, self._message = _token(control.start), _token(control.end), _token(control.message)
        self._channel, self._constrain = _token(control.channel), _token(control.constrain)
        self._return, self._call = _token(control.return_), _token(control.call)

    def turn(
        self, request: GenerateRequest, names: ToolNames, opened: str | None, prefix: Sequence[int]
    ) -> TurnGrammar:
        """The grammar of the turn, which begins inside the channel `opened`, behind `prefix`, if there is one.

        Raises InvalidRequest for a schema that cannot be enforced and for a required call that cannot be.
        """
        callable = _callable(request)
        rules = self._rules(request, callable, names)
        schemas = [tool.parameters for tool in callable]
        if request.response_format:
            schemas.append({"": request.response_format.schema})
        demanded = bool(request.response_format) or request.tool_choice.required
        begun = opened == "final" and request.response_format is not None
        return TurnGrammar(
            whole=f"start: {self._beginning(request, opened)}\n{rules}",
            answer=f"start: {self._start} {_ASSISTANT} {_last(request, callable)}\n{rules}" if demanded else None,
            finishers=(self._control.return_, self._control.call),
            message_end=self._control.end,
            reserve=reserve(schemas),
            prefix=tuple(prefix) if begun else (),
        )

    def _beginning(self, request: GenerateRequest, opened: str | None) -> str:
        rest = f"{_free(request)} {_last(request, _callable(request))}"
        match opened:
            case None:
                return rest
            case "final":
                return f"answer {self._return}"
            case _:
                return f"TEXT {self._end} {self._start} {_ASSISTANT} {rest}"

    def _rules(self, request: GenerateRequest, tools: Sequence[Tool], names: ToolNames) -> str:
        """Every rule that a turn may need; llguidance drops those that it does not."""
        between = f"{self._end} {self._start} {_ASSISTANT}"
        another = f"{between} calls" if request.tool_choice.parallel else None
        format = request.response_format
        lines = [
            f'analysis: {self._channel} "analysis" {self._message} TEXT {between}',
            f'preamble: {self._channel} "commentary" {self._message} TEXT {between}',
            f'final: {self._channel} "final" type {self._message} answer {self._return}',
            f'type: (" " {self._constrain} "json" | " json")?',
            f"answer: {json_rule(format.schema, ANSWER) if format else 'TEXT'}",
            r"TEXT: /(.|\n)*/",
        ]
        if tools:
            heads = [f"{self._head(names.identifier(tool.name), tool)} args_{i}" for i, tool in enumerate(tools)]
            lines.append(f"calls: ({' | '.join(heads)}) ({' | '.join(filter(None, [self._call, another]))})")
            lines += [f"args_{i}: {arguments_rule(tool)}" for i, tool in enumerate(tools)]
        return "\n".join(lines)

    def _head(self, identifier: str, tool: Tool) -> str:
        """The header of a call; the model writes the recipient behind the role, too."""
        to = json.dumps(f" to=functions.{identifier}")
        after_channel = f"{self._channel} {json.dumps(f'commentary to=functions.{identifier}')}"
        type = "" if tool.takes_text else " type"
        return f'({after_channel} | {to} {self._channel} "commentary"){type} {self._message}'


_ASSISTANT = '"assistant"'


def _token(id: int) -> str:
    return f"<[{id}]>"


def _free(request: GenerateRequest) -> str:
    """What may come before. A preamble is shown with the answer, so it cannot stand before JSON."""
    kinds = [] if request.reasoning_effort == "none" else ["analysis"]
    kinds += [] if request.response_format else ["preamble"]
    return f"({' | '.join(kinds)})*" if kinds else ""


def _last(request: GenerateRequest, tools: Sequence[Tool]) -> str:
    """How the turn ends."""
    if request.tool_choice.required:
        return "calls"
    return "(calls | final)" if tools else "final"


def _callable(request: GenerateRequest) -> tuple[Tool, ...]:
    """The tools that may be called. Raises InvalidRequest when one must be and none can."""
    allowed = request.tool_choice.allowed
    tools = tuple(tool for tool in request.tools if allowed is None or tool.name in allowed)
    if request.tool_choice.required and not tools:
        raise InvalidRequest("a tool call is required, but the request has no such tool")
    return tools
