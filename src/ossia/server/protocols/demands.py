"""What a request demands of the answer's form: JSON of a schema, a call of a tool. OpenAI's words for it, and Ollama's.

Whether a schema can be enforced is found out where the grammar is made.
"""

from collections.abc import Callable, Iterable, Sequence

from ossia.errors import InvalidRequest, NotSupported
from ossia.server.http.body import Body
from ossia.types import ANY_OBJECT, Grammar, ResponseFormat, Tool, ToolChoice


def ollama_format(body: Body) -> ResponseFormat | None:
    """`format`: "json" for an object, or a schema; an empty one is any JSON."""
    match body.get("format"):
        case "json":
            return ANY_OBJECT
        case dict():
            return ResponseFormat(body.object("format").fields)
        case None | "":
            return None
        case other:
            raise InvalidRequest(f'invalid format: {other!r}; expected "json" or a valid JSON Schema object')


def openai_format(format: Body, schema_in: str = "") -> ResponseFormat | None:
    """`response_format`, or `text.format`; a schema with its name may stand in a field of its own, `schema_in`."""
    match format.text("type", "text"):
        case "text":
            return None
        case "json_object":
            return ANY_OBJECT
        case "json_schema":
            return schema_format(format.object(schema_in) if schema_in else format)
        case _:
            raise InvalidRequest(f"{format.where('type')} must be text, json_object or json_schema")


def schema_format(format: Body) -> ResponseFormat:
    """A schema, with the name and the description that the model reads of it."""
    if "schema" not in format:
        raise InvalidRequest(f"{format.where('schema')} is required")
    schema = format.get("schema")
    if not isinstance(schema, bool):
        schema = format.object("schema").fields
    return ResponseFormat(schema, format.text("name") or "response", format.text("description"))


def tool_choice(body: Body, tools: Sequence[Tool], name_of: Callable[[Body], str]) -> ToolChoice | None:
    """`tool_choice` and `parallel_tool_calls`, as OpenAI has them; None where no tool may be called.

    `name_of` is the tool's name that an object of the choice has. Raises InvalidRequest for a tool that is not there.
    """
    parallel = body.flag("parallel_tool_calls", True)
    match body.get("tool_choice"):
        case None | "" | "auto":
            return ToolChoice(parallel=parallel)
        case "none":
            return None
        case "required":
            return required(None, tools, parallel)
        case dict():
            return _chosen(body.object("tool_choice"), tools, parallel, name_of)
        case _:
            raise InvalidRequest("tool_choice must be none, auto, required or an object")


def _chosen(choice: Body, tools: Sequence[Tool], parallel: bool, name_of: Callable[[Body], str]) -> ToolChoice:
    match choice.text("type"):
        case "function" | "custom":
            return required([name_of(choice)], tools, parallel)
        case "allowed_tools":  # in an object of that name, but for Responses
            subset = choice.object("allowed_tools") if "allowed_tools" in choice else choice
            items = [item for item in subset.objects("tools") if not item.text("type").startswith("web_search")]
            return allowed(map(name_of, items), tools, parallel, mode=subset.text("mode", "auto"))
        case kind:
            raise NotSupported(f"tool_choice.type: {kind!r} is not supported, only function, custom and allowed_tools")


def required(names: Sequence[str] | None, tools: Sequence[Tool], parallel: bool) -> ToolChoice:
    """One of these tools, or of all, must be called."""
    if not tools:
        raise InvalidRequest("tool_choice asks for a call, but the request has no tools")
    if names is None:
        return ToolChoice(required=True, parallel=parallel)
    return allowed(names, tools, parallel, mode="required")


def allowed(names: Iterable[str], tools: Sequence[Tool], parallel: bool, *, mode: str) -> ToolChoice:
    """Of the tools only these may be called."""
    if mode not in ("auto", "required"):
        raise InvalidRequest("the mode of allowed_tools must be auto or required")
    names, declared = tuple(names), {tool.name for tool in tools}
    if unknown := [name for name in names if name not in declared]:
        raise InvalidRequest(f"tool_choice names the tool {unknown[0]!r}, which is not among the request's tools")
    return ToolChoice(names, mode == "required", parallel)


def custom_tool(custom: Body) -> Tool:
    """A tool that takes text as it is, in a grammar if there is one."""
    name, format = custom.text("name"), custom.object("format")
    if not name:
        raise InvalidRequest(f"{custom.where('name')} is required")
    match format.text("type", "text"):
        case "text":
            return Tool(name, custom.text("description"), takes_text=True)
        case "grammar":
            grammar = format.object("grammar") if "grammar" in format else format
            return Tool(name, custom.text("description"), takes_text=True, grammar=_grammar(grammar))
        case _:
            raise InvalidRequest(f"{format.where('type')} must be text or grammar")


def _grammar(grammar: Body) -> Grammar:
    match grammar.text("syntax"):
        case "lark" | "regex" as syntax if definition := grammar.text("definition"):
            return Grammar(syntax, definition)
        case "lark" | "regex":
            raise InvalidRequest(f"{grammar.where('definition')} is required")
        case _:
            raise InvalidRequest(f"{grammar.where('syntax')} must be lark or regex")
