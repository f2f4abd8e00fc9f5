"""Anthropic's system prompt and messages, whose content is a string or a list of typed blocks, as ossia's Messages.

Knows which blocks a text model can read and refuses the others by name. One of Anthropic's messages may become
several: each tool result is a message of its own here.
"""

import json
from collections.abc import Iterator

from ossia.errors import InvalidRequest, NotSupported
from ossia.server.body import Body
from ossia.types import Message, ToolCall


def read_messages(body: Body) -> tuple[Message, ...]:
    """`system`, then the messages. A result is given the name of the call whose id it has."""
    messages: list[Message] = []
    names: dict[str, str] = {}
    if system := _text(body, "system"):
        messages.append(Message("system", system))
    for item in body.objects("messages"):
        match item.text("role"):
            case "user":
                messages += _from_user(item, names)
            case "assistant":
                messages.append(_from_assistant(item))
                names |= {call.id: call.name for call in messages[-1].tool_calls}
            case "system":
                messages.append(Message("system", _text(item, "content")))
            case _:
                raise InvalidRequest(f"{item.where('role')} must be user or assistant")
    return tuple(messages)


def _blocks(item: Body, field: str) -> Iterator[tuple[str, Body]]:
    """The blocks in `field` with their types; a string is one block of text."""
    value = item.get(field)
    if isinstance(value, str):
        yield "text", Body({"text": value}, item.where(field))
        return
    for block in item.objects(field):
        yield block.text("type"), block


def _text(item: Body, field: str) -> str:
    """The texts in `field`, where no other blocks may be."""
    return "\n".join(_text_of(kind, block) for kind, block in _blocks(item, field))


def _text_of(kind: str, block: Body) -> str:
    if kind == "text":
        return block.text("text")
    raise NotSupported(f"{block.where('type')}: content of type {kind!r} is not supported in this version, only text")


def _from_user(item: Body, names: dict[str, str]) -> Iterator[Message]:
    """The results first, as they must follow their calls; then what the user says beside them."""
    texts: list[str] = []
    for kind, block in _blocks(item, "content"):
        if kind == "tool_result":
            yield _result(block, names)
        else:
            texts.append(_text_of(kind, block))
    if texts:
        yield Message("user", "\n".join(texts))


def _result(block: Body, names: dict[str, str]) -> Message:
    """Models have no other mark of a failed call than its text."""
    text = _text(block, "content")
    if block.flag("is_error"):
        text = f"Error: {text}"
    id = block.text("tool_use_id")
    return Message("tool", text, tool_call_id=id or None, name=names.get(id))


def _from_assistant(item: Body) -> Message:
    texts: list[str] = []
    thoughts: list[str] = []
    calls: list[ToolCall] = []
    for kind, block in _blocks(item, "content"):
        match kind:
            case "thinking":
                thoughts.append(block.text("thinking"))
            case "redacted_thinking":
                pass  # only whoever encrypted it can read it
            case "tool_use":
                calls.append(_call(block))
            case _:
                texts.append(_text_of(kind, block))
    return Message("assistant", "\n".join(texts), "\n".join(thoughts), tuple(calls))


def _call(block: Body) -> ToolCall:
    name = block.text("name")
    if not name:
        raise InvalidRequest(f"{block.where('name')} is required")
    block.object("input")
    arguments = json.dumps(block.get("input") or {}, ensure_ascii=False, separators=(",", ":"))
    return ToolCall(block.text("id"), name, arguments)
