"""Tools that a request declares, in OpenAI's and Ollama's form, and the choice, for all APIs, of those that are called.

A tool is a function with a JSON schema, or a custom tool, which takes text.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Final

from msgspec import Meta

from ossia import types
from ossia.errors import InvalidRequest, NotSupported
from ossia.server.http.body import Fields, Json, convert
from ossia.server.http.wording import invalid
from ossia.server.protocols.fields import MOST_TOOLS

CLIENTS_RUN_TOOLS: Final = (
    "the server runs no tools: declare tools that the client runs, as SDKs for agents do with those of an MCP server"
)
"""Hint of errors about tools that a server would have to run."""


class Function(Fields):
    name: Annotated[str, Meta(description="The function's name.")]
    description: Annotated[str | None, Meta(description="What it does, for the model.")] = None
    parameters: Annotated[Json | None, Meta(description="A JSON schema.")] = None
    strict: Annotated[bool | None, Meta(description="Whether a schema that cannot be enforced is an error.")] = None


class GrammarDefinition(Fields):
    syntax: Annotated[str, Meta(description="lark or regex.")]
    definition: Annotated[str, Meta(description="The grammar, or the regular expression.")]


class CustomFormat(Fields):
    type: Annotated[str | None, Meta(description="text, which is the default, or grammar.")] = None
    grammar: Annotated[GrammarDefinition | None, Meta(description="The grammar of the tool's input.")] = None
    syntax: Annotated[str | None, Meta(description="Of a grammar that stands here itself.")] = None
    definition: Annotated[str | None, Meta(description="Of a grammar that stands here itself.")] = None


class Custom(Fields):
    """A tool whose input is text as it is, in a grammar if there is one."""

    name: Annotated[str, Meta(description="The tool's name.")]
    description: Annotated[str | None, Meta(description="What it does, for the model.")] = None
    format: Annotated[CustomFormat | None, Meta(description="The form of its input; any text by default.")] = None


class Tool(Fields):
    """A tool that the model may call."""

    type: Annotated[str | None, Meta(description="function, which is the default, or custom.")] = None
    function: Annotated[Function | None, Meta(description="A function with a JSON schema.")] = None
    custom: Annotated[Custom | None, Meta(description="A tool that takes text.")] = None

    @property
    def is_custom(self) -> bool:
        return self.type == "custom"


Tools = Annotated[
    Annotated[list[Tool], Meta(max_length=MOST_TOOLS)] | None, Meta(description="Tools that the model may call.")
]


def read_tools(tools: list[Tool] | None) -> tuple[types.Tool, ...]:
    """Read the tools of a request. Raises NotSupported for a tool that the server would have to run.

    A web search is ignored, since clients declare it to every server.
    """
    return tuple(
        _tool(tool, f"tools[{index}]")
        for index, tool in enumerate(tools or ())
        if not (tool.type or "").startswith("web_search")
    )


def no_tool_here(kind: str, path: str) -> NotSupported:
    """Return the error about a tool, at `path` of the body, that the server would have to run."""
    return NotSupported(f"{path}.type: the tool {kind!r} is not supported in this version", CLIENTS_RUN_TOOLS)


def function_tool(function: Function | None, path: str) -> types.Tool:
    """Read a function, which stands at `path` of the body."""
    if function is None or not function.name:
        raise invalid(f"{path}.name", "is required")
    strict = bool(function.strict)
    return types.Tool(function.name, function.description or "", function.parameters or None, strict=strict)


def custom_tool(custom: Custom | None, path: str) -> types.Tool:
    """Read a custom tool, which stands at `path` of the body."""
    if custom is None or not custom.name:
        raise invalid(f"{path}.name", "is required")
    grammar = _grammar(custom.format, f"{path}.format") if custom.format else None
    return types.Tool(custom.name, custom.description or "", takes_text=True, grammar=grammar)


def _tool(tool: Tool, path: str) -> types.Tool:
    match tool.type:
        case None | "function":
            return function_tool(tool.function, f"{path}.function")
        case "custom":
            return custom_tool(tool.custom, f"{path}.custom")
        case other:
            raise no_tool_here(other, path)


def _grammar(format: CustomFormat, path: str) -> types.Grammar | None:
    match format.type:
        case None | "text":
            return None
        case "grammar" if format.grammar:
            return _defined(format.grammar.syntax, format.grammar.definition, f"{path}.grammar")
        case "grammar":
            return _defined(format.syntax, format.definition, path)
        case _:
            raise invalid(f"{path}.type", "must be text or grammar")


def _defined(syntax: str | None, definition: str | None, path: str) -> types.Grammar:
    match syntax:
        case "lark" | "regex" if definition:
            return types.Grammar(syntax, definition)
        case "lark" | "regex":
            raise invalid(f"{path}.definition", "is required")
        case _:
            raise invalid(f"{path}.syntax", "must be lark or regex")


# ---- tool_choice


class NamedTool(Fields):
    name: str | None = None


class AllowedTools(Fields):
    mode: str | None = None
    tools: Annotated[list["ChosenTool"], Meta(max_length=MOST_TOOLS)] | None = None


class ChosenTool(Fields):
    """An object of `tool_choice`, or in a list of allowed tools: chats nest the tool's name, others do not."""

    type: str | None = None
    function: NamedTool | None = None
    custom: NamedTool | None = None
    allowed_tools: AllowedTools | None = None
    name: str | None = None
    namespace: str | None = None
    mode: str | None = None
    tools: Annotated[list["ChosenTool"], Meta(max_length=MOST_TOOLS)] | None = None
    disable_parallel_tool_use: bool | None = None

    @property
    def tool_name(self) -> str:
        """The tool's name, wherever it stands; "" for none."""
        named = self.custom if self.type == "custom" else self.function
        return (named and named.name) or self.name or ""


NameOf = Callable[[ChosenTool, str], str]
"""Function from a chosen tool, and its path in the body, to the tool's name, as one API spells it."""


def read_tool_choice(
    choice: Json | str | None, parallel: bool | None, tools: Sequence[types.Tool], name_of: NameOf
) -> types.ToolChoice | None:
    """Read `tool_choice` and `parallel_tool_calls`; None means that no tool may be called.

    A word may stand in an object, as its type, and Anthropic's words count like OpenAI's: clients mix them up. Raises
    InvalidRequest for a tool that the request does not declare.
    """
    chosen = read_choice(choice)
    parallel = parallel is not False and not chosen.disable_parallel_tool_use
    match chosen.type:
        case None | "" if chosen.tool_name:
            return required([name_of(chosen, "tool_choice")], tools, parallel)
        case None | "" | "auto":
            return types.ToolChoice(parallel=parallel)
        case "none":
            return None
        case "required" | "any":
            return required(None, tools, parallel)
        case kind if isinstance(choice, str):
            raise invalid("tool_choice", f"must be none, auto, required or an object, not {kind!r}")
        case _:
            return _chosen(chosen, tools, parallel, name_of)


def read_choice(choice: Json | str | None) -> ChosenTool:
    """Read an object of `tool_choice`, or a word in its place."""
    return convert(choice if isinstance(choice, dict) else {"type": choice}, ChosenTool, "tool_choice")


def required(names: Sequence[str] | None, tools: Sequence[types.Tool], parallel: bool) -> types.ToolChoice:
    """Require a call of one of the named tools; None means any tool."""
    if not tools:
        raise InvalidRequest("tool_choice asks for a call, but the request has no tools")
    if names is None:
        return types.ToolChoice(required=True, parallel=parallel)
    return _allowed(names, tools, parallel, mode="required")


def _chosen(choice: ChosenTool, tools: Sequence[types.Tool], parallel: bool, name_of: NameOf) -> types.ToolChoice:
    match choice.type:
        case "function" | "custom" | "tool":
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


def _allowed(names: Iterable[str], tools: Sequence[types.Tool], parallel: bool, *, mode: str) -> types.ToolChoice:
    """Allow calls of the named tools only."""
    if mode not in ("auto", "required"):
        raise InvalidRequest("the mode of allowed_tools must be auto or required")
    names, declared = tuple(names), {tool.name for tool in tools}
    if unknown := [name for name in names if name not in declared]:
        raise InvalidRequest(f"tool_choice names the tool {unknown[0]!r}, which is not among the request's tools")
    return types.ToolChoice(names, mode == "required", parallel)
