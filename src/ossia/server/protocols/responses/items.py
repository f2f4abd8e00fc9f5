"""Items of a Responses conversation, and their conversion to Messages.

An assistant's turn is several items (reasoning, a message, calls) but one Message. This module knows which items a text
model can read, and refuses the others by path and type. It accepts the union of what clients send: messages without a
type, content as a string or as parts, outputs of calls that are not in the conversation.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ossia.errors import InvalidRequest
from ossia.server.http.body import Json, convert, invalid
from ossia.server.protocols.conversation import content_text
from ossia.server.protocols.responses.item_types import (
    AnyItem,
    CallInput,
    Input,
    MessageInput,
    ReasoningInput,
    ResultInput,
)
from ossia.server.protocols.responses.tools import qualified
from ossia.types import Message, Role, ToolCall

_ROLES: Final[dict[str, Role]] = {
    "system": "system",
    "developer": "developer",
    "user": "user",
    "assistant": "assistant",
}
_FOREIGN_SECRET: Final = "gAAAA"
"""Prefix of reasoning that OpenAI has encrypted, which only OpenAI can read. Ours is plain text."""
_PREFIXES: Final = {
    "message": "msg",
    "reasoning": "rs",
    "function_call": "fc",
    "function_call_output": "fco",
    "custom_tool_call": "ctc",
    "custom_tool_call_output": "ctco",
}


@dataclass(frozen=True, slots=True)
class Item:
    """An item as it was sent, with its type, its id ("" if it has none) and its path in the body.

    An item without a type is a reference if it has an id and no role, otherwise a message.
    """

    fields: Json
    path: str
    type: str
    id: str

    @classmethod
    def read(cls, fields: Json, path: str) -> "Item":
        item = convert(fields, AnyItem, path)
        is_reference = item.id is not None and item.role is None
        return cls(fields, path, item.type or ("item_reference" if is_reference else "message"), item.id or "")

    @classmethod
    def read_all(cls, items: Iterable[Json], path: str) -> "list[Item]":
        """Read the items of the list at `path`."""
        return [cls.read(item, f"{path}[{index}]") for index, item in enumerate(items)]


def new_id(kind: str) -> str:
    """Return a new id for an item of this type."""
    return f"{_PREFIXES.get(kind, 'item')}_{uuid.uuid4().hex}"


def read_items(value: object) -> list[Item]:
    """Read the items of `input`. A string is a user's message. Raises InvalidRequest."""
    if isinstance(value, str):
        return [Item.read({"role": "user", "content": value}, "input")]
    if value is not None and not isinstance(value, list):
        raise invalid("input", "must be a string or a list of items")
    return Item.read_all(convert({"input": value}, Input).input or (), "input")


def references(items: Sequence[Item]) -> list[str]:
    """Return the ids of the items that are references."""
    return [item.id for item in items if item.type == "item_reference"]


def resolve(items: Sequence[Item], found: Mapping[str, Json]) -> list[Item]:
    """Replace references by the items that `found` has under their ids, and drop the others."""
    resolved: list[Item] = []
    for item in items:
        if item.type != "item_reference":
            resolved.append(item)
        elif item.id in found:
            resolved.append(Item.read(found[item.id], item.path))
    return resolved


def normal(item: Item) -> Json:
    """Return the item as it is stored: with an id, a type and, for a message, a status and content in parts."""
    fields: Json = {"id": item.id or new_id(item.type), "type": item.type}
    fields |= {name: value for name, value in item.fields.items() if name not in fields}
    if item.type != "message":
        return fields
    message = convert(item.fields, MessageInput, item.path)
    if isinstance(message.content, str):
        kind = "output_text" if message.role == "assistant" else "input_text"
        fields["content"] = [{"type": kind, "text": message.content}]
    return fields | {"status": message.status or "completed"}


def to_messages(items: Sequence[Item], names: dict[str, str]) -> list[Message]:
    """Convert items to Messages. `names` maps the ids of calls to their names; the items' calls are added."""
    conversation = _Conversation(names)
    for item in items:
        conversation.add(item)
    return conversation.end()


def to_turn(output: Sequence[Json], names: dict[str, str], token_ids: tuple[int, ...]) -> list[Message]:
    """Convert a response's output to Messages. If its sampled ids are given, it becomes one Message with them."""
    messages = to_messages(Item.read_all(output, "output"), names)
    if not token_ids:
        return messages
    calls = tuple(call for message in messages for call in message.tool_calls)
    text = "\n".join(message.content for message in messages if message.content)
    reasoning = "\n".join(message.reasoning for message in messages if message.reasoning)
    return [Message("assistant", text, reasoning, calls, token_ids=token_ids)]


@dataclass(slots=True)
class _Conversation:
    """Messages of the items so far, and the parts of an assistant's turn whose items are still being read."""

    names: dict[str, str]
    messages: list[Message] = field(default_factory=list[Message])
    reasoning: list[str] = field(default_factory=list[str])
    text: str = ""
    calls: list[ToolCall] = field(default_factory=list[ToolCall])

    def add(self, item: Item) -> None:
        match item.type:
            case "message":
                self._add_message(item)
            case "reasoning":
                if self.text or self.calls:
                    self.end()
                self.reasoning.append(_reasoning(item))
            case "function_call" | "custom_tool_call":
                call = _call(item)
                self.calls.append(call)
                self.names[call.id] = call.name
            case "function_call_output" | "custom_tool_call_output":
                self.end()
                self.messages.append(_result(item, self.names))
            case "web_search_call":
                pass  # by another server: its results are in the text that follows
            case other:
                raise InvalidRequest(f'{item.path}.type: unknown item type "{other}"')

    def _add_message(self, item: Item) -> None:
        message = convert(item.fields, MessageInput, item.path)
        role = _ROLES.get(message.role or "")
        if role is None:
            raise invalid(f"{item.path}.role", f"must be one of {', '.join(_ROLES)}")
        text = content_text(message.content, f"{item.path}.content")
        if role != "assistant" or self.text or self.calls:
            self.end()
        if role == "assistant":
            self.text = text
        else:
            self.messages.append(Message(role, text))

    def end(self) -> list[Message]:
        """End the assistant's turn, if there is one."""
        if self.reasoning or self.text or self.calls:
            reasoning = "\n".join(text for text in self.reasoning if text)
            self.messages.append(Message("assistant", self.text, reasoning, tuple(self.calls)))
        self.reasoning, self.text, self.calls = [], "", []
        return self.messages


def _reasoning(item: Item) -> str:
    """Return the text of the content, else of the summary, else the `encrypted_content` if it is ours."""
    reasoning = convert(item.fields, ReasoningInput, item.path)
    secret = reasoning.encrypted_content or ""
    return (
        content_text(reasoning.content, f"{item.path}.content")
        or content_text(reasoning.summary, f"{item.path}.summary")
        or ("" if secret.startswith(_FOREIGN_SECRET) else secret)
    )


def _call(item: Item) -> ToolCall:
    call = convert(item.fields, CallInput, item.path)
    if not call.name:
        raise invalid(f"{item.path}.name", "is required")
    arguments = call.arguments if item.type == "function_call" else call.input
    return ToolCall(call.call_id or "", qualified(call.namespace, call.name), arguments or "")


def _result(item: Item, names: Mapping[str, str]) -> Message:
    result = convert(item.fields, ResultInput, item.path)
    text = content_text(result.output, f"{item.path}.output")
    return Message("tool", text, tool_call_id=result.call_id or None, name=names.get(result.call_id or ""))
