"""Declared tools: functions with a JSON schema, and custom tools that take text, as OpenAI and Ollama write them."""

from typing import Annotated

from msgspec import Meta

from ossia import types
from ossia.errors import NotSupported
from ossia.server.http.body import invalid
from ossia.server.http.operation import Fields, Json


class Function(Fields):
    name: str
    description: str | None = None
    parameters: Annotated[Json | None, Meta(description="A JSON schema.")] = None
    strict: Annotated[bool | None, Meta(description="Whether a schema that cannot be enforced is an error.")] = None


class GrammarDefinition(Fields):
    syntax: Annotated[str, Meta(description="lark or regex.")]
    definition: str


class CustomFormat(Fields):
    type: Annotated[str | None, Meta(description="text, which is the default, or grammar.")] = None
    grammar: GrammarDefinition | None = None
    syntax: Annotated[str | None, Meta(description="Of a grammar that stands here itself.")] = None
    definition: str | None = None


class Custom(Fields):
    """A tool whose input is text as it is, in a grammar if there is one."""

    name: str
    description: str | None = None
    format: CustomFormat | None = None


class Tool(Fields):
    """A tool that the model may call."""

    type: Annotated[str | None, Meta(description="function, which is the default, or custom.")] = None
    function: Function | None = None
    custom: Custom | None = None

    @property
    def is_custom(self) -> bool:
        return self.type == "custom"


def read_tools(tools: list[Tool] | None) -> tuple[types.Tool, ...]:
    """The tools of a request. Raises NotSupported for one that is not the client's own."""
    return tuple(_tool(tool, f"tools[{index}]") for index, tool in enumerate(tools or ()))


def function_tool(function: Function | None, path: str) -> types.Tool:
    """A function with a schema of its parameters. `path` is where it stands in the body."""
    if function is None or not function.name:
        raise invalid(f"{path}.name", "is required")
    strict = bool(function.strict)
    return types.Tool(function.name, function.description or "", function.parameters or None, strict=strict)


def custom_tool(custom: Custom | None, path: str) -> types.Tool:
    """A tool that takes text as it is, in a grammar if there is one."""
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
            raise NotSupported(f"{path}.type: the tool {other!r} is not supported, only tools of your own: function")


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
