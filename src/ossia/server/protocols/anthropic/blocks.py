"""Anthropic's system prompt and messages, whose content is a string or a list of typed blocks, as ossia's Messages.

Knows which blocks a text model can read and refuses the others by name. One of Anthropic's messages may become
several: each tool result is a message of its own here.
"""

import json
from collections.abc import Iterator
from dataclasses import replace

from ossia.errors import InvalidRequest, NotSupported
from ossia.server.http.body import Body
from ossia.types import Message, ToolCall

_SERVERS_OWN = ("server_tool_use", "web_search_tool_result", "web_fetch_tool_result", "container_upload")
"""What another server did for itself: its outcome is in the text that followed."""


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
    """The results, as they must follow their calls. What is said beside them belongs to the turn that still runs, whose
    thoughts a message of the user's would end: it is told with the last result."""
    results: list[Message] = []
    texts: list[str] = []
    for kind, block in _blocks(item, "content"):
        if kind == "tool_result":
            results.append(_result(block, names))
        elif kind not in _SERVERS_OWN:
            texts.append(_text_of(kind, block))
    if results and texts:
        results[-1] = replace(results[-1], content="\n\n".join([results[-1].content, *texts]))
    yield from results
    if texts and not results:
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
            case _ if kind in _SERVERS_OWN:
                pass
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
