"""A training conversation, and its ids with what is learned of them, rendered by ossia's own harmony.

What the model reads in training is what the server renders at inference: only the model's own part of the last turn
(analysis, calls, the answer) is marked for training. Nothing is known here of families and of how texts are made.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ossia.chat.harmony.history import history, instructions, mentioned_names
from ossia.chat.harmony.message import ControlTokens, HarmonyMessage, Renderer, developer_text, system_text
from ossia.chat.harmony.plain_schema import plain
from ossia.chat.harmony.tool_names import ToolNames
from ossia.tokenizer import Tokenizer
from ossia.types import Message, ReasoningEffort, ResponseFormat, Tool, ToolCall

PARTS: Final = ("thoughts", "calls", "answers")
"""Kinds of tokens that are learned, which count from 1 on; a token that is given is 0."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Messages up to an answer of the assistant, which is the last one; the turn since the last user's is trained.

    With the effort "none" its messages have no reasoning.
    """

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    effort: ReasoningEffort = "medium"
    date: str = "2025-01-01"
    format: ResponseFormat | None = None
    given: bool = False
    """True if the calls belong to the prompt and only the last message is trained."""
    lesson: int = -1
    """Number of the base's answer that the last message is, if it is one."""


def call(number: int, tool: str, arguments: dict[str, Any], reasoning: str) -> Message:
    """Return the message that calls a tool; `number` counts the calls of the conversation."""
    text = json.dumps(arguments, ensure_ascii=False)
    return Message("assistant", reasoning=reasoning, tool_calls=(ToolCall(f"call_{number}", tool, text),))


def result(number: int, tool: str, text: str) -> Message:
    return Message("tool", text, tool_call_id=f"call_{number}", name=tool)


class Encoder:
    """Encoder of conversations to ids and parts in one vocabulary."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.control = ControlTokens.of(tokenizer)
        self._renderer = Renderer(tokenizer, self.control)
        self._before_channel = len(self._renderer.start("assistant"))

    def encode(self, conversation: Conversation) -> tuple[list[int], list[int]]:
        """Return ids, and for each what it is to be learnt as."""
        messages = list(_harmony(conversation))
        last_user = max(i for i, message in enumerate(messages) if message.author == "user")
        answer = len(messages) - (2 if conversation.messages[-1].reasoning else 1)
        ids: list[int] = []
        parts: list[int] = []
        for i, message in enumerate(messages):
            new = self._renderer.message(message)
            given = len(new)
            if i > last_user and message.author == "assistant" and (i >= answer or not conversation.given):
                given = self._given(conversation, message, after=messages[i - 1].author)
            ids += new
            parts += [0] * given + [_part(message)] * (len(new) - given)
        ids[-1] = self.control.return_
        return ids, parts

    def _given(self, conversation: Conversation, message: HarmonyMessage, *, after: str) -> int:
        """Return how many ids of a message of the assistant belong to the prompt."""
        if conversation.effort == "none" and not conversation.tools:  # the server opens the final channel itself
            return len(self._renderer.opened(HarmonyMessage("assistant", "", message.channel)))
        return 0 if after == "assistant" else self._before_channel


def _part(message: HarmonyMessage) -> int:
    name = "thoughts" if message.channel == "analysis" else "answers" if message.channel == "final" else "calls"
    return 1 + PARTS.index(name)


def _harmony(conversation: Conversation) -> Iterator[HarmonyMessage]:
    names = ToolNames(mentioned_names(conversation.messages, conversation.tools))
    yield from _beginning(conversation, names)
    *before, last = conversation.messages
    yield from history(before, conversation.tools, names)
    if last.reasoning:
        yield HarmonyMessage("assistant", last.reasoning, "analysis")
    yield HarmonyMessage("assistant", last.content, "final")


def _beginning(conversation: Conversation, names: ToolNames) -> Iterator[HarmonyMessage]:
    effort = "low" if conversation.effort == "none" else conversation.effort
    system = system_text(date=conversation.date, effort=effort, has_functions=bool(conversation.tools))
    yield HarmonyMessage("system", system)
    tools = [_shown(tool, names) for tool in conversation.tools]
    if text := developer_text(instructions(conversation.messages), tools, conversation.format):
        yield HarmonyMessage("developer", text)


def _shown(tool: Tool, names: ToolNames) -> Tool:
    parameters = None if tool.parameters is None else plain(tool.parameters)
    return Tool(names.identifier(tool.name), tool.description, parameters)


def text_of(tokenizer: Tokenizer, ids: Sequence[int], parts: Sequence[int]) -> str:
    """Return a conversation for people to read: the learnt parts between »these marks«."""
    texts: list[str] = []
    start = 0
    for i in range(1, len(ids) + 1):
        if i == len(ids) or bool(parts[i]) != bool(parts[start]):
            text = tokenizer.decode(ids[start:i])
            texts.append(f"»{text}«" if parts[start] else text)
            start = i
    return "".join(texts)
