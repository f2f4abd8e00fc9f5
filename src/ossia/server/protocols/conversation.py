"""Messages and tools, which Ollama's API and OpenAI's chat completions write so alike that one reader serves both.

It takes the union of what clients send: content as a string, as text parts, null or absent; a call's arguments as an
object or as JSON text; reasoning under any of its three names; results without a name or an id.
"""

import json
from typing import Any, cast, get_args

from ossia.errors import InvalidRequest, NotSupported
from ossia.server.http.body import Body
from ossia.server.protocols.demands import custom_tool
from ossia.server.protocols.sampling import refuse
from ossia.store.models import Model
from ossia.types import Message, Role, Tool, ToolCall

_TEXT_PARTS = ("text", "input_text", "output_text", "summary_text", "reasoning_text")


def read_messages(body: Body) -> tuple[Message, ...]:
    return tuple(_message(item) for item in body.objects("messages"))


def with_beginning(model: Model, messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The model's SYSTEM and MESSAGEs, then the request's; a system message that opens the request replaces SYSTEM."""
    system = (Message("system", model.system),) if model.system and messages[0].role != "system" else ()
    return (*system, *model.messages, *messages)


def read_tools(body: Body) -> tuple[Tool, ...]:
    """The tools in `tools`. Raises NotSupported for one that is not the client's own."""
    return tuple(_tool(item) for item in body.objects("tools"))


def _message(item: Body) -> Message:
    refuse(item, "images", "audio")
    return Message(
        role=_role(item),
        content=_content(item),
        reasoning=item.text("reasoning") or item.text("reasoning_content") or item.text("thinking"),
        tool_calls=tuple(_tool_call(call) for call in item.objects("tool_calls")),
        tool_call_id=item.text("tool_call_id") or None,
        name=item.text("tool_name") or item.text("name") or None,
    )


def _role(item: Body) -> Role:
    role = item.text("role").lower()
    if role == "function":  # OpenAI's name for it before there were tools
        return "tool"
    if role not in get_args(Role):
        raise InvalidRequest(f"{item.where('role')} must be one of {', '.join(get_args(Role))}")
    return cast(Role, role)


def _content(item: Body) -> str:
    value = item.get("content")
    if not isinstance(value, list):
        return item.text("content")
    parts = cast(list[Any], value)
    if all(isinstance(part, str) for part in parts):
        return "\n".join(parts)
    return "\n".join(part_text(part) for part in item.objects("content"))


def part_text(part: Body) -> str:
    """The text of a part of some content. Raises NotSupported for one that is no text."""
    kind = part.text("type")
    if kind in _TEXT_PARTS:
        return part.text("text")
    if kind == "refusal":
        return part.text("refusal")
    raise NotSupported(f"{part.where('type')}: content of type {kind!r} is not supported in this version, only text")


def _tool_call(item: Body) -> ToolCall:
    if item.text("type") == "custom":
        custom = item.object("custom")
        return ToolCall(item.text("id"), _name(custom), custom.text("input"))
    function = item.object("function")
    return ToolCall(item.text("id"), _name(function), _arguments(function))


def _arguments(function: Body) -> str:
    value = function.get("arguments")
    if value is None or value == "":
        return "{}"
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        raise InvalidRequest(f"{function.where('arguments')} must be an object, or JSON text of one")
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _tool(item: Body) -> Tool:
    kind = item.text("type", "function")
    if kind == "custom":
        return custom_tool(item.object("custom"))
    if kind != "function":
        raise NotSupported(
            f"{item.where('type')}: the tool {kind!r} is not supported, only tools of your own: function"
        )
    return function_tool(item.object("function"))


def function_tool(function: Body) -> Tool:
    """A function with a schema of its parameters."""
    parameters = function.get("parameters")
    if parameters is not None:
        function.object("parameters")
    return Tool(_name(function), function.text("description"), parameters or None, strict=function.flag("strict"))


def _name(function: Body) -> str:
    if name := function.text("name"):
        return name
    raise InvalidRequest(f"{function.where('name')} is required")
