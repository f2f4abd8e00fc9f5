"""`tool_choice`: which of the declared tools may or must be called."""

from collections.abc import Callable, Iterable, Sequence

from ossia.errors import InvalidRequest, NotSupported
from ossia.server.http.body import convert
from ossia.server.http.operation import Fields, Json
from ossia.types import Tool, ToolChoice


class NamedTool(Fields):
    name: str | None = None


class AllowedTools(Fields):
    mode: str | None = None
    tools: list["ChosenTool"] | None = None


class ChosenTool(Fields):
    """An object of `tool_choice`, or in a list of allowed tools: chats nest the tool's name, Responses do not."""

    type: str | None = None
    function: NamedTool | None = None
    custom: NamedTool | None = None
    allowed_tools: AllowedTools | None = None
    name: str | None = None
    namespace: str | None = None
    mode: str | None = None
    tools: list["ChosenTool"] | None = None


NameOf = Callable[[ChosenTool, str], str]
"""The name of a chosen tool, which stands at a path of the body, in one API's spelling."""


def openai_tool_choice(
    choice: Json | str | None, parallel: bool | None, tools: Sequence[Tool], name_of: NameOf
) -> ToolChoice | None:
    """OpenAI's `tool_choice` and `parallel_tool_calls`; None where no tool may be called.

    Raises InvalidRequest for a tool that is not among the request's.
    """
    parallel = parallel is not False
    match choice:
        case None | "" | "auto":
            return ToolChoice(parallel=parallel)
        case "none":
            return None
        case "required":
            return required(None, tools, parallel)
        case dict():
            return _chosen(convert(choice, ChosenTool, "tool_choice"), tools, parallel, name_of)
        case _:
            raise InvalidRequest("tool_choice must be none, auto, required or an object")


def required(names: Sequence[str] | None, tools: Sequence[Tool], parallel: bool) -> ToolChoice:
    """One of these tools, or of all, must be called."""
    if not tools:
        raise InvalidRequest("tool_choice asks for a call, but the request has no tools")
    if names is None:
        return ToolChoice(required=True, parallel=parallel)
    return _allowed(names, tools, parallel, mode="required")


def _chosen(choice: ChosenTool, tools: Sequence[Tool], parallel: bool, name_of: NameOf) -> ToolChoice:
    match choice.type:
        case "function" | "custom":
            return required([name_of(choice, "tool_choice")], tools, parallel)
        case "allowed_tools":
            nested = choice.allowed_tools  # Responses have its fields in the choice itself
            path = "tool_choice.allowed_tools" if nested else "tool_choice"
            subset = nested or AllowedTools(choice.mode, choice.tools)
            names = [
                name_of(tool, f"{path}.tools[{index}]")
                for index, tool in enumerate(subset.tools or ())
                if not (tool.type or "").startswith("web_search")
            ]
            return _allowed(names, tools, parallel, mode=subset.mode or "auto")
        case kind:
            kind = kind or ""
            raise NotSupported(f"tool_choice.type: {kind!r} is not supported, only function, custom and allowed_tools")


def _allowed(names: Iterable[str], tools: Sequence[Tool], parallel: bool, *, mode: str) -> ToolChoice:
    """Of the tools only these may be called."""
    if mode not in ("auto", "required"):
        raise InvalidRequest("the mode of allowed_tools must be auto or required")
    names, declared = tuple(names), {tool.name for tool in tools}
    if unknown := [name for name in names if name not in declared]:
        raise InvalidRequest(f"tool_choice names the tool {unknown[0]!r}, which is not among the request's tools")
    return ToolChoice(names, mode == "required", parallel)
