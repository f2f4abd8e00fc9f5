"""Tools of OpenAI's Responses: their declarations, their choice, and the names in their calls.

There are functions, custom tools (whose input is text) and namespaces, which contain both. A member of a namespace is a
tool called NAMESPACE__MEMBER here, and its calls are returned under the two names. This module does not know items.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated

from msgspec import Meta

from ossia.server.http.body import Fields, Json, convert
from ossia.server.http.stream import Chunk
from ossia.server.http.wording import invalid
from ossia.server.protocols.fields import MOST_TOOLS
from ossia.server.protocols.tools import Custom, Function, custom_tool, function_tool, no_tool_here
from ossia.types import Tool

_BUILT_IN = (
    "file_search",
    "code_interpreter",
    "computer",
    "image_generation",
    "mcp",
    "local_shell",
    "shell",
    "apply_patch",
)
"""Prefixes of the types of OpenAI's own tools. They are refused: a client that declares one relies on it."""


class TypedTool(Fields):
    type: str | None = None


class Namespace(Fields):
    name: str
    tools: Annotated[list[Json], Meta(max_length=MOST_TOOLS)] | None = None


@dataclass(frozen=True, slots=True)
class Tools:
    """Declared tools. `members` maps a tool in a namespace to the namespace and its name within it."""

    declared: tuple[Tool, ...] = ()
    members: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])

    def takes_text(self, name: str) -> bool:
        return any(tool.takes_text for tool in self.declared if tool.name == name)

    def called(self, name: str) -> Chunk:
        """Return the fields of an item that name the tool that is called."""
        if name not in self.members:
            return {"name": name}
        namespace, member = self.members[name]
        return {"name": member, "namespace": namespace}


def qualified(namespace: str | None, name: str | None) -> str:
    """Return our name for the tool that an item or a choice names."""
    return f"{namespace}__{name or ''}" if namespace else name or ""


def named(tools: Sequence[Json]) -> list[str]:
    """Return the names that tools have here."""
    return [tool.name for tool in read_tools(tools).declared]


def read_tools(tools: Sequence[Json] | None) -> Tools:
    """Read `tools`; of several with one name the first counts. Raises NotSupported for those that OpenAI runs itself.

    A web search is ignored, since clients declare it to every server, and so are unknown types, since clients declare
    new ones to old servers.
    """
    declared: list[Tool] = []
    members: dict[str, tuple[str, str]] = {}
    for index, tool in enumerate(tools or ()):
        path = f"tools[{index}]"
        kind = _type(tool, path)
        if kind == "namespace":
            namespace, family = _family(tool, path)
            members |= {f"{namespace}__{member.name}": (namespace, member.name) for member in family}
            declared += [replace(member, name=f"{namespace}__{member.name}") for member in family]
        elif kind in ("function", "custom"):
            declared.append(_tool(tool, path))
        elif kind.startswith(_BUILT_IN):
            raise no_tool_here(kind, path)
    if len(declared) > MOST_TOOLS:
        raise invalid("tools", f"must have at most {MOST_TOOLS} items, with those of namespaces")
    return Tools(tuple({tool.name: tool for tool in reversed(declared)}.values())[::-1], members)


def is_callable(tool: Json) -> bool:
    """True if clients run the tool: it is neither the server's own nor unknown."""
    return tool.get("type") in ("function", "custom", "namespace")


def _family(tool: Json, path: str) -> tuple[str, list[Tool]]:
    """Read a namespace: its name, and its members under their own names."""
    namespace = convert(tool, Namespace, path)
    if not namespace.name:
        raise invalid(f"{path}.name", "is required")
    return namespace.name, [_tool(each, f"{path}.tools[{index}]") for index, each in enumerate(namespace.tools or ())]


def _tool(tool: Json, path: str) -> Tool:
    if _type(tool, path) == "custom":
        return custom_tool(convert(tool, Custom, path), path)
    return function_tool(convert(tool, Function, path), path)


def _type(tool: Json, path: str) -> str:
    return convert(tool, TypedTool, path).type or ""
