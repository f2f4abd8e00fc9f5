"""Anthropic's content blocks: from its system prompt and messages to ossia's Messages.

This module knows which blocks a text model can read. The others are refused by name in the message that is to be
answered; elsewhere a text takes their place, so that a conversation that began at Anthropic goes on here. One of
Anthropic's messages may become several, since each tool result is a Message of its own.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from ossia.server.http.body import convert
from ossia.server.http.wording import invalid
from ossia.server.protocols.anthropic.types import (
    BlockContent,
    ContentBlock,
    CountTokensRequest,
    DocumentSource,
    InputMessage,
    ToolReferences,
)
from ossia.server.protocols.conversation import not_text, unanswered
from ossia.server.protocols.traces import readable, told, unseen
from ossia.types import Message, ToolCall

_SILENT: Final = frozenset(
    [
        "redacted_thinking",
        "server_tool_use",
        "mcp_tool_use",
        "mcp_tool_listing",
        "container_upload",
        "fallback",
        "tool_addition",
        "tool_removal",
        "compaction",
    ]
)
"""Blocks that say nothing to the model: secrets, files of other servers, and calls, which are told with their results.

A compaction is read before the blocks that follow it.
"""


def read_messages(body: CountTokensRequest) -> tuple[Message, ...]:
    """Read `system`, then the messages."""
    system = _text(body.system, "system", is_past=False)
    asked = unanswered([_speaker(message) for message in body.messages])
    reader = _Reader()
    messages: list[Message] = []
    for index, message in enumerate(body.messages):
        if summary := _summary(message):  # it stands for all that came before
            messages = [Message("user", f"Summary of the conversation so far:\n\n{summary}")]
        messages += reader.read(message, f"messages[{index}]", index != asked)
    beginning = [Message("system", system)] if system else []
    return (*beginning, *messages)


def _speaker(message: InputMessage) -> str:
    """Return the role of a message. One with results of tools is not the user's, whatever else is in it."""
    is_result = any(block.type == "tool_result" for block, _ in _blocks(message.content, ""))
    return "tool" if is_result else message.role


def _summary(message: InputMessage) -> str:
    """Return the summary in the message's last compaction, "" if there is none."""
    found = [block.content for block, _ in _blocks(message.content, "") if block.type == "compaction"]
    return next((content for content in reversed(found) if isinstance(content, str)), "")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reader of messages in their order. `calls` maps the ids of the calls so far to their blocks."""

    calls: dict[str, ContentBlock] = field(default_factory=dict[str, ContentBlock])

    def read(self, message: InputMessage, path: str, is_past: bool) -> Iterator[Message]:
        where = f"{path}.content"
        match message.role:
            case "user":
                yield from self._from_user(message, where, is_past)
            case "assistant":
                yield self._from_assistant(message, where)
            case "system":
                yield Message("system", _text(message.content, where, is_past=True))
            case _:
                raise invalid(f"{path}.role", "must be user or assistant")

    def _from_user(self, message: InputMessage, path: str, is_past: bool) -> Iterator[Message]:
        """Read a user's message: a Message for each tool result, or one with the text.

        Text beside results is appended to the last one: the assistant's turn is still running, and a user's Message
        would end it, with its reasoning.
        """
        results: list[Message] = []
        texts: list[str] = []
        for block, where in _blocks(message.content, path):
            if block.type == "tool_result":
                results.append(self._result(block, where))
            elif block.type.endswith("_tool_result"):
                texts.append(self._trace(block))
            elif block.type not in _SILENT:
                texts.append(_block_text(block, where, is_past))
        if results and texts:
            results[-1] = replace(results[-1], content="\n\n".join([results[-1].content, *texts]))
        yield from results
        if texts and not results:
            yield Message("user", "\n".join(texts))

    def _result(self, block: ContentBlock, path: str) -> Message:
        """Read a call's result. Only its text can tell the model that the call failed."""
        text = _text(block.content, f"{path}.content", is_past=True)
        if block.is_error:
            text = f"Error: {text}"
        id = block.tool_use_id or ""
        return Message("tool", text, tool_call_id=id or None, name=self._called(id))

    def _from_assistant(self, message: InputMessage, path: str) -> Message:
        texts: list[str] = []
        thoughts: list[str] = []
        calls: list[ToolCall] = []
        for block, where in _blocks(message.content, path):
            self.calls[block.id or ""] = block
            match block.type:
                case "thinking":
                    thoughts.append(block.thinking or "")
                case "tool_use":
                    calls.append(_call(block, where))
                case kind if kind.endswith("_tool_result"):
                    texts.append(self._trace(block))
                case kind if kind not in _SILENT:
                    texts.append(_block_text(block, where, is_past=True))
                case _:
                    pass
        return Message("assistant", "\n".join(filter(None, texts)), "\n".join(thoughts), tuple(calls))

    def _called(self, id: str) -> str | None:
        return self.calls[id].name if id and id in self.calls else None

    def _trace(self, block: ContentBlock) -> str:
        """Tell what a tool of another server's found, with its call; "" if it found nothing."""
        id = block.tool_use_id or ""
        call = self.calls[id].input if id in self.calls else None
        found = _text(block.content, "", is_past=True)
        return told(self._called(id) or block.type.removesuffix("_tool_result"), call, found) if found else ""


def _blocks(content: BlockContent, path: str) -> Iterator[tuple[ContentBlock, str]]:
    """Yield the blocks of content with their paths. A string is one block of text."""
    if isinstance(content, str):
        yield ContentBlock("text", text=content), path
    elif isinstance(content, list):
        for index, block in enumerate(content):
            yield block, f"{path}[{index}]"


def _text(content: BlockContent, path: str, *, is_past: bool) -> str:
    """Join the texts of content. Raises NotSupported for a block that cannot be read, unless it `is_past`."""
    if isinstance(content, dict):
        return readable(content)
    return "\n".join(_block_text(block, where, is_past) for block, where in _blocks(content, path))


def _block_text(block: ContentBlock, path: str, is_past: bool) -> str:
    match block.type:
        case "text":
            return block.text or ""
        case "search_result":
            source = block.source if isinstance(block.source, str) else None
            return _joined(block.title, source, _inner(block.content))
        case "web_search_result":
            return _joined(block.title, block.url)
        case "tool_reference":
            return f"The tool {block.tool_name} can be called now."
        case "document":
            if text := _document(block, path):
                return _joined(block.title, block.context, text)
        case _:
            pass
    if is_past:
        return unseen(block.type)
    raise not_text(block.type, path)


def _document(block: ContentBlock, path: str) -> str:
    """Return the text of a document, "" if it is of another kind, such as a PDF."""
    source = convert(block.source if isinstance(block.source, dict) else {}, DocumentSource, f"{path}.source")
    match source.type:
        case "text":
            return source.data or ""
        case "content":
            return _inner(source.content)
        case _:
            return ""


def _inner(content: BlockContent) -> str:
    """Join the texts of content inside a block, which is not nested further."""
    blocks = (block for block, _ in _blocks(content, ""))
    return "\n".join((block.text or "") if block.type == "text" else unseen(block.type) for block in blocks)


def _joined(*texts: str | None) -> str:
    return "\n".join(text for text in texts if text)


def _call(block: ContentBlock, path: str) -> ToolCall:
    if not block.name:
        raise invalid(f"{path}.name", "is required")
    arguments = json.dumps(block.input or {}, ensure_ascii=False, separators=(",", ":"))
    return ToolCall(block.id or "", block.name, arguments)


def referenced(body: CountTokensRequest) -> frozenset[str]:
    """Return the names of the tools that the messages refer to or have called."""
    names: set[str] = set()
    waiting: list[BlockContent] = [message.content for message in body.messages]
    while waiting:
        content = waiting.pop()
        if isinstance(content, dict):  # what a search of tools found
            content = convert(content, ToolReferences, "tool_references").tool_references
        for block, _ in _blocks(content, ""):
            names.add(_name(block))
            waiting += (block.content, block.tool_changes)
    return frozenset(names)


def _name(block: ContentBlock) -> str:
    """Return the name of the tool that a block refers to or has called, "" if there is none."""
    match block.type:
        case "tool_reference":
            return block.tool_name or ""
        case "tool_use":
            return block.name or ""
        case "tool_addition":
            return str((block.tool or {}).get("name", ""))
        case _:
            return ""
