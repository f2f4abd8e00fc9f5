"""The items of a conversation, as OpenAI's Responses write them, and the Messages that they are.

An assistant's turn is several items (reasoning, a message, calls) and one Message. Knows which items a text model can
read and refuses the others by index and type. It takes the union of what clients send: messages without a type,
content as a string or as parts, outputs of calls whose call is not there.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ossia.errors import InvalidRequest
from ossia.server.http.body import Body
from ossia.server.http.stream import Chunk
from ossia.server.protocols.conversation import part_text
from ossia.server.protocols.responses.tools import qualified
from ossia.types import Message, Role, ToolCall

_ROLES: dict[str, Role] = {role: role for role in ("system", "developer", "user", "assistant")}
_FOREIGN_SECRET = "gAAAA"
"""How reasoning begins that OpenAI has encrypted: only they can read it. Ours is plain text."""
_PREFIXES = {
    "message": "msg",
    "reasoning": "rs",
    "function_call": "fc",
    "function_call_output": "fco",
    "custom_tool_call": "ctc",
    "custom_tool_call_output": "ctco",
}


def new_id(kind: str) -> str:
    """An id for an item of this type."""
    return f"{_PREFIXES.get(kind, 'item')}_{uuid.uuid4().hex}"


def read_items(body: Body) -> list[Body]:
    """The items of `input`; a string is a message of the user's."""
    value = body.get("input")
    if isinstance(value, str):
        return [Body({"role": "user", "content": value}, "input")]
    if value is not None and not isinstance(value, list):
        raise InvalidRequest("input must be a string or a list of items")
    return list(body.objects("input"))


def references(items: Sequence[Body]) -> list[str]:
    """The ids of the items that are only named."""
    return [item.text("id") for item in items if _kind(item) == "item_reference"]


def resolve(items: Sequence[Body], found: dict[str, Chunk]) -> list[Body]:
    """`items` with those that `found` has in the place of their names. What is not found is left out."""
    return list(_resolved(items, found))


def _resolved(items: Sequence[Body], found: dict[str, Chunk]) -> Iterator[Body]:
    for item in items:
        if _kind(item) != "item_reference":
            yield item
        elif item.text("id") in found:
            yield Body(found[item.text("id")], item.where("").removesuffix("."))


def normal(item: Body) -> Chunk:
    """The item as it is kept and listed: with an id, a type and, if it is a message, content in parts."""
    kind = _kind(item)
    fields: dict[str, Any] = {"id": item.text("id") or new_id(kind), "type": kind}
    fields |= {name: item.get(name) for name in item.names() if name not in fields}
    if kind == "message" and isinstance(fields.get("content"), str):
        part = "output_text" if item.text("role") == "assistant" else "input_text"
        fields["content"] = [{"type": part, "text": fields["content"]}]
    return fields | ({"status": item.text("status") or "completed"} if kind == "message" else {})


def to_messages(items: Sequence[Body], names: dict[str, str]) -> list[Message]:
    """The Messages of `items`. `names` are the names of calls by their ids, and learns of more."""
    conversation = _Conversation(names)
    for item in items:
        conversation.add(item)
    return conversation.end()


def to_turn(output: Sequence[Chunk], names: dict[str, str], token_ids: tuple[int, ...]) -> list[Message]:
    """What a response answered. With the ids that were sampled it is one Message, which carries them."""
    messages = to_messages([Body(item, f"output[{index}]") for index, item in enumerate(output)], names)
    if not token_ids:
        return messages
    calls = tuple(call for message in messages for call in message.tool_calls)
    text = "\n".join(message.content for message in messages if message.content)
    reasoning = "\n".join(message.reasoning for message in messages if message.reasoning)
    return [Message("assistant", text, reasoning, calls, token_ids=token_ids)]


@dataclass(slots=True)
class _Conversation:
    """Collects items. The assistant's turn that is being read has its parts here until something else follows."""

    names: dict[str, str]
    messages: list[Message] = field(default_factory=list[Message])
    reasoning: list[str] = field(default_factory=list[str])
    text: str = ""
    calls: list[ToolCall] = field(default_factory=list[ToolCall])

    def add(self, item: Body) -> None:
        kind = _kind(item)
        match kind:
            case "message":
                self._add_message(item)
            case "reasoning":
                if self.text or self.calls:
                    self.end()
                self.reasoning.append(_reasoning(item))
            case "function_call" | "custom_tool_call":
                self.calls.append(_call(item, "arguments" if kind == "function_call" else "input"))
                self.names[item.text("call_id")] = self.calls[-1].name
            case "function_call_output" | "custom_tool_call_output":
                self.end()
                self.messages.append(_result(item, self.names))
            case "web_search_call":
                pass  # of another server: its results are in the text that followed
            case _:
                raise InvalidRequest(f'{item.where("type")}: unknown item type "{kind}"')

    def _add_message(self, item: Body) -> None:
        role = item.text("role")
        if role not in _ROLES:
            raise InvalidRequest(f"{item.where('role')} must be one of {', '.join(_ROLES)}")
        text = _text(item, "content")
        if role != "assistant" or self.text or self.calls:
            self.end()
        if role == "assistant":
            self.text = text
        else:
            self.messages.append(Message(_ROLES[role], text))

    def end(self) -> list[Message]:
        """End the assistant's turn, if there is one."""
        if self.reasoning or self.text or self.calls:
            reasoning = "\n".join(text for text in self.reasoning if text)
            self.messages.append(Message("assistant", self.text, reasoning, tuple(self.calls)))
        self.reasoning, self.text, self.calls = [], "", []
        return self.messages


def _kind(item: Body) -> str:
    """The item's type. Without one it is a message, or the name of an item if all it has is an id."""
    return item.text("type") or ("item_reference" if "id" in item and "role" not in item else "message")


def _text(item: Body, name: str) -> str:
    if not isinstance(item.get(name), list):
        return item.text(name)
    return "\n".join(part_text(part) for part in item.objects(name))


def _reasoning(item: Body) -> str:
    """In the words of its content, else of its summary, else of what stands in for what is encrypted elsewhere."""
    for name in ("content", "summary"):
        if text := _text(item, name):
            return text
    secret = item.text("encrypted_content")
    return "" if secret.startswith(_FOREIGN_SECRET) else secret


def _call(item: Body, arguments: str) -> ToolCall:
    if not item.text("name"):
        raise InvalidRequest(f"{item.where('name')} is required")
    return ToolCall(item.text("call_id"), qualified(item), item.text(arguments))


def _result(item: Body, names: dict[str, str]) -> Message:
    id = item.text("call_id")
    return Message("tool", _text(item, "output"), tool_call_id=id or None, name=names.get(id))
