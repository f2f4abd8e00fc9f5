"""Items of a Responses conversation, and their conversion to Messages.

An assistant's turn is several items (reasoning, a message, calls) but one Message. This module accepts the union of
what clients send: messages without a type, content as a string or as parts, outputs of calls that are not in the
conversation. Calls and outputs of any type are read as such, and what tools of another server did is told as text.
"""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

from ossia.server.http.body import Json, convert
from ossia.server.http.wording import invalid
from ossia.server.protocols.conversation import ContentPart, content_text, unanswered
from ossia.server.protocols.responses.item_types import (
    AgentMessageInput,
    AnyItem,
    CallInput,
    CompactionInput,
    Input,
    MessageInput,
    OfferInput,
    OwnCallInput,
    ReasoningInput,
    ResultInput,
)
from ossia.server.protocols.responses.tools import is_callable, named, qualified
from ossia.server.protocols.traces import readable, told, unseen
from ossia.types import Message, Role, ToolCall

_ROLES: Final[dict[str, Role]] = {role: role for role in get_args(Role) if role != "tool"}
_FOREIGN_SECRET: Final = "gAAAA"
"""Prefix of reasoning that OpenAI has encrypted, which only OpenAI can read. Ours is plain text."""
_PREFIXES: Final = {
    "message": "msg",
    "reasoning": "rs",
    "function_call": "fc",
    "function_call_output": "fco",
    "custom_tool_call": "ctc",
    "custom_tool_call_output": "ctco",
    "compaction": "cmp",
}
_SILENT: Final = frozenset(
    [
        "web_search_call",
        "mcp_list_tools",
        "mcp_approval_request",
        "mcp_approval_response",
        "additional_tools",
        "configuration_update",
        "compaction_trigger",
        "ghost_snapshot",
        "item_reference",
    ]
)
"""Items that say nothing to the model. What a web search found is in the text that follows it."""


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

    @property
    def is_message(self) -> bool:
        """True for messages, of whatever type: they have a role and content."""
        return self.type == "message" or ("content" in self.fields and self.fields.get("role") in _ROLES)

    @classmethod
    def read_all(cls, items: Iterable[Json], path: str) -> "list[Item]":
        """Read the items of the list at `path`."""
        return [cls.read(item, f"{path}[{index}]") for index, item in enumerate(items)]


COMPACTION_TRIGGER: Final = Item({"type": "compaction_trigger"}, "input", "compaction_trigger", "")
"""Item at the end of a conversation of which a summary is wanted."""


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


def compacted(input: Sequence[Json], summary: Sequence[Json]) -> list[Json]:
    """Return what the user said, and the summary; all items but the trigger if there is no summary."""
    if summary:
        return [*(item for item in input if item["type"] == "message" and item.get("role") == "user"), *summary]
    return [item for item in input if item["type"] != COMPACTION_TRIGGER.type]


def offered(items: Sequence[Item]) -> list[Json]:
    """Return the declarations of the tools that items add to those of the request."""
    adding = [item for item in items if item.type in ("tool_search_output", "additional_tools")]
    tools = [tool for item in adding for tool in convert(item.fields, OfferInput, item.path).tools or ()]
    return [tool for tool in tools if is_callable(tool)]


def to_messages(items: Sequence[Item], names: dict[str, str], *, go_on: bool = False) -> list[Message]:
    """Convert items to Messages. `names` maps the ids of calls to their names; the items' calls are added.

    If others `go_on` from these, none of them is what the model is to answer.
    """
    conversation = _Conversation(names)
    asked = -1 if go_on else unanswered([_speaker(item) for item in items])
    for index, item in enumerate(items):
        conversation.add(item, is_past=index != asked)
    return conversation.end()


def _speaker(item: Item) -> str:
    """Return the role that the item belongs to."""
    if item.is_message:
        return str(item.fields.get("role"))
    return "system" if item.type in _SILENT or "compaction" in item.type else "assistant"


def to_turn(output: Sequence[Json], names: dict[str, str], token_ids: tuple[int, ...]) -> list[Message]:
    """Convert a response's output to Messages. If its sampled ids are given, it becomes one Message with them."""
    messages = to_messages(Item.read_all(output, "output"), names)
    if not token_ids or any(message.role != "assistant" for message in messages):
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
    traces: list[str] = field(default_factory=list[str])
    text: str = ""
    calls: list[ToolCall] = field(default_factory=list[ToolCall])

    def add(self, item: Item, is_past: bool) -> None:
        match item.type:
            case _ if item.is_message:
                self._add_message(item, is_past)
            case "reasoning":
                if self.text or self.calls:
                    self.end()
                self.reasoning.append(_reasoning(item))
            case "function_call" | "custom_tool_call":
                self._add_call(_call(item))
            case "agent_message":
                self._add_other(*_agent_message(item))
            case "compaction" | "compaction_summary" | "context_compaction":
                self._add_other("user", _compaction(item))
            case kind if kind in _SILENT:
                pass
            case kind if kind.endswith("_output"):
                self.end()
                self.messages.append(_result(item, self.names))
            case _ if item.fields.get("call_id"):
                self._add_call(_own_call(item))
            case kind:
                self.traces.append(told(kind, item.fields))

    def _add_message(self, item: Item, is_past: bool) -> None:
        message = convert(item.fields, MessageInput, item.path)
        role = _ROLES.get(message.role or "")
        if role is None:
            raise invalid(f"{item.path}.role", f"must be one of {', '.join(_ROLES)}")
        self._add_other(role, content_text(message.content, f"{item.path}.content", is_past=is_past))

    def _add_other(self, role: Role, text: str) -> None:
        if role != "assistant" or self.text or self.calls:
            self.end()
        if role == "assistant":
            self.text = text
        else:
            self.messages.append(Message(role, text))

    def _add_call(self, call: ToolCall) -> None:
        self.calls.append(call)
        self.names[call.id] = call.name

    def end(self) -> list[Message]:
        """End the assistant's turn, if there is one."""
        text = "\n".join(text for text in (*self.traces, self.text) if text)
        if self.reasoning or text or self.calls:
            reasoning = "\n".join(text for text in self.reasoning if text)
            self.messages.append(Message("assistant", text, reasoning, tuple(self.calls)))
        self.reasoning, self.traces, self.text, self.calls = [], [], "", []
        return self.messages


def _reasoning(item: Item) -> str:
    """Return the text of the content, else of the summary, else the `encrypted_content` if it is ours."""
    reasoning = convert(item.fields, ReasoningInput, item.path)
    secret = reasoning.encrypted_content or ""
    return (
        content_text(reasoning.content, f"{item.path}.content", is_past=True)
        or content_text(reasoning.summary, f"{item.path}.summary", is_past=True)
        or ("" if secret.startswith(_FOREIGN_SECRET) else secret)
    )


def _call(item: Item) -> ToolCall:
    call = convert(item.fields, CallInput, item.path)
    if not call.name:
        raise invalid(f"{item.path}.name", "is required")
    arguments = call.arguments if item.type == "function_call" else call.input
    return ToolCall(call.call_id or "", qualified(call.namespace, call.name), arguments or "")


def _own_call(item: Item) -> ToolCall:
    """Read the call of a tool that has a type of its own, such as `local_shell_call`."""
    call = convert(item.fields, OwnCallInput, item.path)
    arguments = call.arguments or call.action or call.operation or item.fields.get("code") or {}
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return ToolCall(call.call_id or "", item.type.removesuffix("_call"), text)


def _result(item: Item, names: Mapping[str, str]) -> Message:
    result = convert(item.fields, ResultInput, item.path)
    id = result.call_id or result.id or ""
    return Message("tool", _output(item, result), tool_call_id=id or None, name=names.get(id))


def _output(item: Item, result: ResultInput) -> str:
    """Return the text of a call's output, which is a text, parts of any kind, or an object."""
    match result.output:
        case str(text):
            return text
        case list(parts):
            return "\n".join(part if isinstance(part, str) else _part(part, item.path) for part in parts)
        case dict(output):
            return _part(output, item.path)
        case None if item.type == "tool_search_output":
            return f"These tools can be called now: {', '.join(named(offered([item])))}"
        case None:
            return readable(item.fields)


def _part(fields: Json, path: str) -> str:
    """Return the text of a part. One without a type, such as a shell's output, is told as JSON."""
    if "type" not in fields:
        return readable(fields)
    return content_text([convert(fields, ContentPart, path)], path, is_past=True)


def _agent_message(item: Item) -> tuple[Role, str]:
    """Return the role and the text of a message between agents: the user's, if another agent is its author."""
    message = convert(item.fields, AgentMessageInput, item.path)
    text = content_text(message.content, f"{item.path}.content", is_past=True) or message.text or ""
    return ("user", f"Message from {message.author}:\n\n{text}") if message.author else ("assistant", text)


def _compaction(item: Item) -> str:
    """Return the summary of a conversation's beginning, if it is ours to read."""
    secret = convert(item.fields, CompactionInput, item.path).encrypted_content or ""
    if not secret or secret.startswith(_FOREIGN_SECRET):
        return unseen("summary of the conversation so far")
    return f"Summary of the conversation so far:\n\n{secret}"
