"""The tools of OpenAI's Responses, which may be called, and how their calls are written.

Functions, custom tools (whose input is text) and namespaces, which are families of both: a member is a tool of its own
here, called NAMESPACE__MEMBER, and its calls go back under the two names. Knows nothing of items.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ossia.errors import InvalidRequest, NotSupported
from ossia.server.body import Body
from ossia.server.stream import Chunk
from ossia.types import Grammar, Tool, ToolChoice


@dataclass(frozen=True, slots=True)
class Tools:
    """What was declared. `members` has the namespace and the name in it of each tool that is in one."""

    declared: tuple[Tool, ...] = ()
    members: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])

    def takes_text(self, name: str) -> bool:
        return any(tool.takes_text for tool in self.declared if tool.name == name)

    def called(self, name: str) -> Chunk:
        """How an item says which tool is called."""
        if name not in self.members:
            return {"name": name}
        namespace, member = self.members[name]
        return {"name": member, "namespace": namespace}


def qualified(item: Body) -> str:
    """The name of the tool that an item or a choice names."""
    namespace, name = item.text("namespace"), item.text("name")
    return f"{namespace}__{name}" if namespace else name


def read_tools(body: Body) -> Tools:
    """The tools in `tools`. A search of the web is left out: clients offer it to every server."""
    declared: list[Tool] = []
    members: dict[str, tuple[str, str]] = {}
    for item in body.objects("tools"):
        kind = item.text("type")
        if kind == "namespace":
            for tool in _members(item, members):
                declared.append(tool)
        elif not kind.startswith("web_search"):
            declared.append(_tool(item))
    return Tools(tuple(declared), members)


def _members(namespace: Body, members: dict[str, tuple[str, str]]) -> Iterator[Tool]:
    prefix = _name(namespace)
    for item in namespace.objects("tools"):
        name = f"{prefix}__{_name(item)}"
        members[name] = (prefix, _name(item))
        yield _tool(item, name)


def _tool(item: Body, name: str = "") -> Tool:
    kind = item.text("type")
    if kind == "custom":
        return Tool(name or _name(item), item.text("description"), takes_text=True, grammar=_grammar(item))
    if kind != "function":
        raise NotSupported(
            f"{item.where('type')}: the tool {kind!r} is not supported in this version, only function and custom"
        )
    item.object("parameters")
    return Tool(name or _name(item), item.text("description"), item.get("parameters") or None)


def _name(item: Body) -> str:
    if name := item.text("name"):
        return name
    raise InvalidRequest(f"{item.where('name')} is required")


def _grammar(item: Body) -> Grammar | None:
    format = item.object("format")
    kind, syntax = format.text("type", "text"), format.text("syntax")
    if kind == "text":
        return None
    if kind != "grammar":
        raise InvalidRequest(f"{format.where('type')} must be text or grammar")
    if syntax not in ("lark", "regex"):
        raise InvalidRequest(f"{format.where('syntax')} must be lark or regex")
    if not format.text("definition"):
        raise InvalidRequest(f"{format.where('definition')} is required")
    return Grammar(syntax, format.text("definition"))


def read_choice(body: Body, tools: Tools) -> ToolChoice | None:
    """`tool_choice` with `parallel_tool_calls`; None for no tool at all."""
    parallel = body.flag("parallel_tool_calls", True)
    value = body.get("tool_choice")
    if isinstance(value, dict):
        return _chosen(body.object("tool_choice"), tools, parallel)
    mode = body.text("tool_choice", "auto")
    if mode not in ("none", "auto", "required"):
        raise InvalidRequest("tool_choice must be none, auto, required or an object")
    if mode == "required" and not tools.declared:
        raise InvalidRequest("tool_choice is 'required', but there are no tools that could be called")
    return None if mode == "none" else ToolChoice(required=mode == "required", parallel=parallel)


def _chosen(choice: Body, tools: Tools, parallel: bool) -> ToolChoice:
    kind = choice.text("type")
    if kind in ("function", "custom"):
        return ToolChoice((_declared(choice, tools),), required=True, parallel=parallel)
    if kind != "allowed_tools":
        raise NotSupported(f"tool_choice.type: {kind!r} is not supported, only function, custom and allowed_tools")
    mode = choice.text("mode", "auto")
    if mode not in ("auto", "required"):
        raise InvalidRequest("tool_choice.mode must be auto or required")
    items = [item for item in choice.objects("tools") if not item.text("type").startswith("web_search")]
    return ToolChoice(tuple(_declared(item, tools) for item in items), mode == "required", parallel)


def _declared(item: Body, tools: Tools) -> str:
    name = qualified(item)
    if not any(tool.name == name for tool in tools.declared):
        raise InvalidRequest(f"{item.where('name')}: there is no tool {name!r} in tools")
    return name
