"""Harmony, the chat format of gpt-oss: renders requests to ids and creates parsers for the answers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ossia.aside import aside
from ossia.chat import Parser, Problem, TurnGrammar
from ossia.chat.grammar.rules import json_answer
from ossia.chat.harmony.grammar import HarmonyGrammar
from ossia.chat.harmony.history import history, instructions, mentioned_names, takes_text
from ossia.chat.harmony.message import ControlTokens, HarmonyMessage, Renderer, developer_text, system_text
from ossia.chat.harmony.parser import HarmonyParser
from ossia.chat.harmony.plain_schema import plain
from ossia.chat.harmony.remembered import RememberedIds
from ossia.chat.harmony.tool_names import ToolNames
from ossia.chat.harmony.trained import NONE, TrainedTools, system_section
from ossia.chat.length import length_of, with_room
from ossia.chat.text import TextParser
from ossia.errors import InvalidRequest
from ossia.tokenizer import Tokenizer
from ossia.types import GenerateRequest, Message, ResponseFormat, Tool


@dataclass(frozen=True, slots=True)
class _Plan:
    """A conversation ready to be rendered. `opened` is an unfinished answer, which the model continues."""

    messages: Sequence[Message]
    opened: HarmonyMessage | None
    tools: Sequence[Tool]
    names: ToolNames


class Harmony:
    """The ChatFormat of every model whose vocabulary has harmony's control tokens."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        *,
        today: Callable[[], date] = date.today,
        trained_tools: bool = True,
        flat: bool = False,
    ) -> None:
        """With `trained_tools`, a client's tools of their names are those that the model learned.

        With `flat` a turn's grammar is one text, `TurnGrammar.whole`.

        Raises InvalidModelFile for a vocabulary without harmony's control tokens.
        """
        control = ControlTokens.of(tokenizer)
        self._tokenizer = tokenizer
        self._control = control
        self._renderer = Renderer(tokenizer, control)
        self._remembered = RememberedIds(self._renderer)
        self._grammar = HarmonyGrammar(control, flat=flat)
        self._today = today
        self._trained_tools = trained_tools
        self.stop_token_ids = frozenset(
            id for id in (control.return_, control.call, control.endoftext) if id is not None
        )

    async def render(self, request: GenerateRequest, limit: int) -> list[int]:
        """Return the ids of the prompt, up to where the model continues. Raises InvalidRequest."""
        return await aside(length_of(request), self._render, request, with_room(limit))

    def _render(self, request: GenerateRequest, most: int) -> list[int]:
        """Return the ids, or more than `most` of them."""
        if isinstance(request.prompt, str):
            return [*request.context, *self._remembered.text(request.prompt, request.space, most, special=True)]
        plan = self._plan(request.prompt, request)
        messages = self._beginning(request, plan)
        messages += history([self._with_usable_ids(message) for message in plan.messages], request.tools, plan.names)
        ids = [*self._ended(request.context)]
        for message in messages:
            if len(ids) > most:
                return ids
            ids += self._remembered.message(message, request.space, most)
        return ids + (self._renderer.opened(plan.opened, most) if plan.opened else self._renderer.start("assistant"))

    def _beginning(self, request: GenerateRequest, plan: _Plan) -> list[HarmonyMessage]:
        """Return the system message, unless an earlier prompt already has it, and the developer message."""
        effort = "low" if request.reasoning_effort == "none" else request.reasoning_effort
        trained = plan.names.trained
        functions = [tool for tool in plan.tools if tool.name not in trained.recipients]
        system = system_text(
            date=self._today().isoformat(),
            effort=effort,
            has_functions=bool(functions),
            tools=system_section([_plain(tool) for tool in plan.tools if tool.name in trained.recipients], trained),
        )
        messages = [] if request.context else [HarmonyMessage("system", system)]
        if developer := _developer_text(instructions(plan.messages), functions, request.response_format, plan.names):
            messages.append(HarmonyMessage("developer", developer))
        return messages

    def _ended(self, context: Sequence[int]) -> Iterator[int]:
        """Yield the ids of earlier turns; the token that ended the conversation now ends only a message."""
        return (self._control.end if id == self._control.return_ else id for id in context)

    def _with_usable_ids(self, message: Message) -> Message:
        """Drop a message's sampled ids unless they begin with the turn's header: only such a turn can be repeated."""
        whole = self._tokenizer.decode(message.token_ids[:4]).startswith((" to=", "<|channel|>"))
        return message if whole or not message.token_ids else replace(message, token_ids=())

    def parser(self, request: GenerateRequest) -> Parser:
        if isinstance(request.prompt, str):
            return TextParser(self._tokenizer, hidden=self.stop_token_ids)
        plan = self._plan(request.prompt, request)
        return HarmonyParser(
            self._tokenizer,
            self._control,
            plan.names,
            opened=plan.opened.channel if plan.opened else None,
            take_text=takes_text(request.tools, plan.names.trained),
        )

    def grammar(self, request: GenerateRequest, problem: Problem) -> TurnGrammar | None:
        """Return the grammar of the whole turn; for a raw completion, only that of JSON, if asked for."""
        if isinstance(request.prompt, str):
            return json_answer(request, self.stop_token_ids, problem)
        plan = self._plan(request.prompt, request)
        begun = plan.opened.content if plan.opened else ""
        channel = plan.opened.channel if plan.opened else None
        prefix = self._tokenizer.encode(begun.lstrip()) if request.response_format else ()
        request = replace(request, tools=tuple(plan.tools))
        return self._grammar.turn(request, plan.names, channel, prefix, problem)

    def _plan(self, messages: Sequence[Message], request: GenerateRequest) -> _Plan:
        trained = TrainedTools.of(request.tools) if self._trained_tools else NONE
        names = ToolNames(mentioned_names(messages, request.tools), trained)
        messages, opened = _opened(messages, request)
        return _Plan(messages, opened, [trained.completed(tool) for tool in request.tools], names)


def _opened(messages: Sequence[Message], request: GenerateRequest) -> tuple[Sequence[Message], HarmonyMessage | None]:
    """Return the messages to render whole, and the one that the model continues: a last one of the assistant's.

    Without reasoning the final channel is opened, unless there are tools: no call can be made inside of it. Where a
    call is required, no message is opened.
    """
    if request.tool_choice.required:
        return messages, None
    last = messages[-1] if messages else None
    if last and last.role == "assistant" and last.content and not last.tool_calls:
        thoughts = replace(last, content="")
        return [*messages[:-1], thoughts], HarmonyMessage("assistant", last.content, "final")
    if last and last.role == "assistant" and last.reasoning and not last.tool_calls:
        return messages[:-1], HarmonyMessage("assistant", last.reasoning, "analysis")
    if request.reasoning_effort == "none" and not request.tools:
        return messages, HarmonyMessage("assistant", "", "final")
    return messages, None


def _plain(tool: Tool) -> Tool:
    return replace(tool, parameters=None if tool.parameters is None else plain(tool.parameters))


def _shown(tool: Tool, names: ToolNames) -> Tool:
    """Return a function as it is declared to the model."""
    return replace(_plain(tool), name=names.identifier(tool.name))


def _developer_text(
    instructions: str | None, functions: Sequence[Tool], format: ResponseFormat | None, names: ToolNames
) -> str:
    try:
        return developer_text(instructions, [_shown(tool, names) for tool in functions], format)
    except RecursionError:
        raise InvalidRequest("a JSON schema is nested too deeply") from None
