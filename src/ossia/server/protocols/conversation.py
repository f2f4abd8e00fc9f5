"""Messages of a conversation, for which Ollama's API and OpenAI's chat completions share types and reader.

It accepts the union of what clients send: content as a string, as text parts, null or absent; a call's arguments as an
object or as JSON text; reasoning under any of its three names; results without a name or an id. Images are refused only
in the message that is to be answered: elsewhere a text takes their place, since a conversation must be able to go on.
"""

import json
from collections.abc import Sequence
from typing import Annotated, Final, get_args

from msgspec import Meta

from ossia import types
from ossia.errors import NotSupported
from ossia.server.http.body import Fields, Json
from ossia.server.http.wording import invalid
from ossia.server.protocols.fields import MOST_TOOLS, Refused, refuse
from ossia.server.protocols.traces import unseen
from ossia.store.models import Model
from ossia.types import Role

HELLO = [[{"role": "user", "content": "Hello!"}]]
"""Examples of `messages`."""

MOST_MESSAGES = 16_384
"""Messages, or items, of one request, and parts of one message. No context has room for more, if they say anything."""

_READS_TEXT: Final = "the model reads text only: send the text of it, or describe it in words"
_TEXT_PARTS = ("text", "input_text", "output_text", "summary_text", "reasoning_text")
_ROLES: Final[dict[str, Role]] = {**{role: role for role in get_args(Role)}, "function": "tool"}
"""Roles by name. `function` was OpenAI's role of results before there were tools."""

Unseen = Annotated[Refused, Meta(description="Not read: refused in the message to be answered, left out of others.")]


class ContentPart(Fields):
    """A piece of a message. Only text is read: others are refused in the message to be answered, told in the others."""

    type: Annotated[str | None, Meta(description="text, input_text, output_text or refusal.")] = None
    text: Annotated[str | None, Meta(description="The text.")] = None
    refusal: Annotated[str | None, Meta(description="The text of a refusal.")] = None


class FunctionCall(Fields):
    name: Annotated[str, Meta(description="The name of the function.")]
    arguments: Annotated[Json | str | None, Meta(description="An object, or JSON text of one.")] = None


class CustomCall(Fields):
    name: Annotated[str, Meta(description="The name of the tool.")]
    input: Annotated[str | None, Meta(description="The text that it was given.")] = None


class ToolCall(Fields):
    id: Annotated[str | None, Meta(description="The call's id, which its result names.")] = None
    type: Annotated[str | None, Meta(description="function, which is the default, or custom.")] = None
    function: Annotated[FunctionCall | None, Meta(description="The call of a function.")] = None
    custom: Annotated[CustomCall | None, Meta(description="The call of a custom tool.")] = None


class Message(Fields):
    """One turn. Models think better when they are given their `reasoning` back, under any of its three names."""

    role: Annotated[str, Meta(description="system, developer, user, assistant or tool.")]
    content: Annotated[
        str | Annotated[list[ContentPart | str], Meta(max_length=MOST_MESSAGES)] | None,
        Meta(description="A text, or parts of it."),
    ] = None
    reasoning: Annotated[str | None, Meta(description="The reasoning behind an assistant's message.")] = None
    reasoning_content: Annotated[str | None, Meta(description="Another word for `reasoning`.")] = None
    thinking: Annotated[str | None, Meta(description="Ollama's word for `reasoning`.")] = None
    tool_calls: Annotated[
        Annotated[list[ToolCall], Meta(max_length=MOST_TOOLS)] | None,
        Meta(description="Calls of an assistant's message."),
    ] = None
    function_call: Annotated[FunctionCall | None, Meta(description="An older form of one of `tool_calls`.")] = None
    tool_call_id: Annotated[str | None, Meta(description="Of a result: the call that it answers.")] = None
    tool_name: Annotated[str | None, Meta(description="Of a result: the function that was called.")] = None
    name: Annotated[str | None, Meta(description="OpenAI's word for `tool_name`.")] = None
    images: Unseen = None
    audio: Unseen = None


def read_messages(messages: Sequence[Message] | None) -> tuple[types.Message, ...]:
    messages = messages or ()
    asked = unanswered([message.role.lower() for message in messages])
    return tuple(_message(message, f"messages[{index}]", index != asked) for index, message in enumerate(messages))


def unanswered(roles: Sequence[str]) -> int:
    """Return the index of the user's message that is to be answered; -1 if an assistant or a tool has spoken since."""
    for index in reversed(range(len(roles))):
        if roles[index] not in ("system", "developer"):
            return index if roles[index] == "user" else -1
    return -1


def with_beginning(model: Model, messages: tuple[types.Message, ...]) -> tuple[types.Message, ...]:
    """Prepend the model's SYSTEM and MESSAGEs. A system message at the beginning of the request replaces SYSTEM."""
    replaced = bool(messages) and messages[0].role == "system"
    system = (types.Message("system", model.system),) if model.system and not replaced else ()
    return (*system, *model.messages, *messages)


def content_text(content: str | Sequence[ContentPart | str] | None, path: str, *, is_past: bool) -> str:
    """Return the text of the content at `path`.

    A part that is not text is replaced by one if it `is_past`, and raises NotSupported otherwise.
    """
    if content is None or isinstance(content, str):
        return content or ""
    return "\n".join(
        part if isinstance(part, str) else _part_text(part, f"{path}[{index}]", is_past)
        for index, part in enumerate(content)
    )


def _part_text(part: ContentPart, path: str, is_past: bool) -> str:
    kind = part.type or ""
    if kind in _TEXT_PARTS:
        return part.text or ""
    if kind == "refusal":
        return part.refusal or ""
    if is_past:
        return unseen(kind or "content")
    raise not_text(kind, path)


def not_text(kind: str, path: str) -> NotSupported:
    """Return the error about content of a type that the model cannot read."""
    return NotSupported(
        f"{path}.type: content of type {kind!r} is not supported in this version, only text",
        hint=_READS_TEXT,
    )


def _message(message: Message, path: str, is_past: bool) -> types.Message:
    if not is_past:
        refuse(_READS_TEXT, f"{path}.", images=message.images, audio=message.audio)
    calls = [(f"{path}.tool_calls[{index}]", call) for index, call in enumerate(message.tool_calls or ())]
    if message.function_call and not calls:
        calls = [(f"{path}.function_call", ToolCall(function=message.function_call))]
    return types.Message(
        role=_role(message, path),
        content="\n".join(text for text in _texts(message, path, is_past) if text),
        reasoning=message.reasoning or message.reasoning_content or message.thinking or "",
        tool_calls=tuple(_tool_call(call, path) for path, call in calls),
        tool_call_id=message.tool_call_id or None,
        name=message.tool_name or message.name or None,
    )


def _texts(message: Message, path: str, is_past: bool) -> tuple[str, ...]:
    """Return the text of the content, and the texts in the place of Ollama's `images` and OpenAI's `audio`."""
    return (
        content_text(message.content, f"{path}.content", is_past=is_past),
        unseen("image") if message.images else "",
        unseen("audio") if message.audio else "",
    )


def _role(message: Message, path: str) -> Role:
    if role := _ROLES.get(message.role.lower()):
        return role
    raise invalid(f"{path}.role", f"must be one of {', '.join(get_args(Role))}")


def _tool_call(call: ToolCall, path: str) -> types.ToolCall:
    if call.type == "custom":
        custom = call.custom
        if custom is None or not custom.name:
            raise invalid(f"{path}.custom.name", "is required")
        return types.ToolCall(call.id or "", custom.name, custom.input or "")
    function = call.function
    if function is None or not function.name:
        raise invalid(f"{path}.function.name", "is required")
    return types.ToolCall(call.id or "", function.name, _arguments(function.arguments))


def _arguments(arguments: Json | str | None) -> str:
    """Return the arguments as JSON text."""
    if isinstance(arguments, dict):
        return json.dumps(arguments, ensure_ascii=False, separators=(",", ":"))
    return arguments or "{}"
