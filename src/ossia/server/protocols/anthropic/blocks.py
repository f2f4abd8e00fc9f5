"""Anthropic's content blocks: from its system prompt and messages to ossia's Messages.

This module knows which blocks a text model can read, and refuses the others by name. One of Anthropic's messages may
become several, since each tool result is a Message of its own.
"""

import json
from collections.abc import Iterator
from dataclasses import replace

from ossia.errors import NotSupported
from ossia.server.http.body import invalid
from ossia.server.protocols.anthropic.types import ContentBlock, CountTokensRequest, InputMessage
from ossia.types import Message, ToolCall

_SERVERS_OWN = ("server_tool_use", "web_search_tool_result", "web_fetch_tool_result", "container_upload")
"""Blocks about tools that another server ran itself. Their outcome is in the text that follows them."""

Content = str | list[ContentBlock] | None


def read_messages(body: CountTokensRequest) -> tuple[Message, ...]:
    """Read `system`, then the messages. A result gets the name of the call that has its id."""
    messages: list[Message] = []
    names: dict[str, str] = {}
    if system := _text(body.system, "system"):
        messages.append(Message("system", system))
    for index, message in enumerate(body.messages):
        messages += _read(message, f"messages[{index}]", names)
    return tuple(messages)


def _read(message: InputMessage, path: str, names: dict[str, str]) -> Iterator[Message]:
    """Read one message. `names` maps the ids of the calls so far to their names; this message's calls are added."""
    where = f"{path}.content"
    match message.role:
        case "user":
            yield from _from_user(message.content, where, names)
        case "assistant":
            read = _from_assistant(message.content, where)
            names |= {call.id: call.name for call in read.tool_calls}
            yield read
        case "system":
            yield Message("system", _text(message.content, where))
        case _:
            raise invalid(f"{path}.role", "must be user or assistant")


def _blocks(content: Content, path: str) -> Iterator[tuple[ContentBlock, str]]:
    """Yield the blocks of content with their paths. A string is one block of text."""
    if isinstance(content, str):
        yield ContentBlock("text", text=content), path
        return
    for index, block in enumerate(content or ()):
        yield block, f"{path}[{index}]"


def _text(content: Content, path: str) -> str:
    """Join the texts of content. Raises NotSupported for a block of another type."""
    return "\n".join(_block_text(block, where) for block, where in _blocks(content, path))


def _block_text(block: ContentBlock, path: str) -> str:
    if block.type == "text":
        return block.text or ""
    raise NotSupported(f"{path}.type: content of type {block.type!r} is not supported in this version, only text")


def _from_user(content: Content, path: str, names: dict[str, str]) -> Iterator[Message]:
    """Read a user's message: a Message for each tool result, or one with the text.

    Text beside results is appended to the last one: the assistant's turn is still running, and a user's Message would
    end it, with its reasoning.
    """
    results: list[Message] = []
    texts: list[str] = []
    for block, where in _blocks(content, path):
        if block.type == "tool_result":
            results.append(_result(block, where, names))
        elif block.type not in _SERVERS_OWN:
            texts.append(_block_text(block, where))
    if results and texts:
        results[-1] = replace(results[-1], content="\n\n".join([results[-1].content, *texts]))
    yield from results
    if texts and not results:
        yield Message("user", "\n".join(texts))


def _result(block: ContentBlock, path: str, names: dict[str, str]) -> Message:
    """Read a call's result. Only its text can tell the model that the call failed."""
    text = _text(block.content, f"{path}.content")
    if block.is_error:
        text = f"Error: {text}"
    id = block.tool_use_id or ""
    return Message("tool", text, tool_call_id=id or None, name=names.get(id))


def _from_assistant(content: Content, path: str) -> Message:
    texts: list[str] = []
    thoughts: list[str] = []
    calls: list[ToolCall] = []
    for block, where in _blocks(content, path):
        match block.type:
            case "thinking":
                thoughts.append(block.thinking or "")
            case "redacted_thinking":
                pass  # only whoever encrypted it can read it
            case kind if kind in _SERVERS_OWN:
                pass
            case "tool_use":
                calls.append(_call(block, where))
            case _:
                texts.append(_block_text(block, where))
    return Message("assistant", "\n".join(texts), "\n".join(thoughts), tuple(calls))


def _call(block: ContentBlock, path: str) -> ToolCall:
    if not block.name:
        raise invalid(f"{path}.name", "is required")
    arguments = json.dumps(block.input or {}, ensure_ascii=False, separators=(",", ":"))
    return ToolCall(block.id or "", block.name, arguments)
