"""The tools of OpenAI's Responses, which may be called, and how their calls are written.

Functions, custom tools (whose input is text) and namespaces, which are families of both: a member is a tool of its own
here, called NAMESPACE__MEMBER, and its calls go back under the two names. Knows nothing of items.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ossia.errors import InvalidRequest, NotSupported
from ossia.server.http.body import Body
from ossia.server.http.stream import Chunk
from ossia.server.protocols import demands
from ossia.server.protocols.conversation import function_tool
from ossia.types import Tool


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
"""Tools of OpenAI's own, by the beginnings of their types: whoever asks for one relies on it."""


def read_tools(body: Body) -> Tools:
    """The tools in `tools`. A search of the web is left out, since clients offer it to every server; so is a type that
    is not known, since they offer new ones to old servers. Raises NotSupported for OpenAI's other tools."""
    declared: list[Tool] = []
    members: dict[str, tuple[str, str]] = {}
    for item in body.objects("tools"):
        kind = item.text("type")
        if kind == "namespace":
            for tool in _members(item, members):
                declared.append(tool)
        elif kind in ("function", "custom"):
            declared.append(_tool(item))
        elif kind.startswith(_BUILT_IN):
            raise NotSupported(
                f"{item.where('type')}: the tool {kind!r} is not supported in this version, only function and custom"
            )
    return Tools(tuple(declared), members)


def _members(namespace: Body, members: dict[str, tuple[str, str]]) -> Iterator[Tool]:
    prefix = _name(namespace)
    for item in namespace.objects("tools"):
        name = f"{prefix}__{_name(item)}"
        members[name] = (prefix, _name(item))
        yield _tool(item, name)


def _tool(item: Body, name: str = "") -> Tool:
    tool = demands.custom_tool(item) if item.text("type") == "custom" else function_tool(item)
    return replace(tool, name=name or tool.name)


def _name(item: Body) -> str:
    if name := item.text("name"):
        return name
    raise InvalidRequest(f"{item.where('name')} is required")
