"""Tools that gpt-oss was trained with: `browser`, with three functions, and `python`, whose calls are plain code.

A client's tool of such a name is declared in the system message, as in training, instead of among the functions, and
its calls and results are on the analysis channel. The texts are those of openai-harmony 0.0.8. This module knows which
tools these are and how they are declared, not how a call is spelled or read.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ossia.chat.harmony.typescript import namespace
from ossia.json_values import as_object
from ossia.types import Tool

PYTHON: Final = "python"

_PYTHON_TEXT: Final = """\
Use this tool to execute Python code in your chain of thought. The code will not be shown to the user. This tool \
should be used for internal reasoning, but not for code that is intended to be visible to the user (e.g. when \
creating plots, tables, or files).

When you send a message containing Python code to python, it will be executed in a stateful Jupyter notebook \
environment. python will respond with the output of the execution or time out after 120.0 seconds. The drive at \
'/mnt/data' can be used to save and persist user files. Internet access for this session is UNKNOWN. Depends on the \
cluster."""

_BROWSER_TEXT: Final = """\
Tool for browsing.
The `cursor` appears in brackets before each browsing display: `[{cursor}]`.
Cite information from the tool using the following format:
`【{cursor}†L{line_start}(-L{line_end})?】`, for example: `【6†L9-L11】` or `【8†L3】`.
Do not quote more than 10 words directly from the tool output.
sources=web (default: web)"""

_SEARCH: Final = Tool(
    "search",
    "Searches for information related to `query` and displays `topn` results.",
    {
        "type": "object",
        "properties": {
            "query": {"type": "string"},
            "topn": {"type": "number", "default": 10},
            "source": {"type": "string"},
        },
        "required": ["query"],
    },
)
_OPEN: Final = Tool(
    "open",
    "Opens the link `id` from the page indicated by `cursor` starting at line number `loc`, showing `num_lines` "
    "lines.\n"
    "Valid link ids are displayed with the formatting: `【{id}†.*】`.\n"
    "If `cursor` is not provided, the most recent page is implied.\n"
    "If `id` is a string, it is treated as a fully qualified URL associated with `source`.\n"
    "If `loc` is not provided, the viewport will be positioned at the beginning of the document or centered on the most"
    " relevant passage, if available.\n"
    "Use this function without `id` to scroll to a new location of an opened page.",
    {
        "type": "object",
        "properties": {
            "id": {"type": ["number", "string"], "default": -1},
            "cursor": {"type": "number", "default": -1},
            "loc": {"type": "number", "default": -1},
            "num_lines": {"type": "number", "default": -1},
            "view_source": {"type": "boolean", "default": False},
            "source": {"type": "string"},
        },
    },
)
_FIND: Final = Tool(
    "find",
    "Finds exact matches of `pattern` in the current page, or the page given by `cursor`.",
    {
        "type": "object",
        "properties": {"pattern": {"type": "string"}, "cursor": {"type": "number", "default": -1}},
        "required": ["pattern"],
    },
)
_BROWSER: Final = {f"browser.{tool.name}": tool for tool in (_SEARCH, _OPEN, _FIND)}

_SAYS_NOTHING: Final = {"$schema", "title", "description", "default", "examples"}
_OBJECT: Final = _SAYS_NOTHING | {"type", "properties", "required", "additionalProperties"}


@dataclass(frozen=True, slots=True)
class TrainedTools:
    """The tools of a request that the model was trained with.

    `recipients` maps clients' names to the model's. `code` is the property of the function `python` that holds the
    code; None for a tool that takes text.
    """

    recipients: Mapping[str, str] = field(default_factory=dict[str, str])
    code: str | None = None

    @classmethod
    def of(cls, tools: Sequence[Tool]) -> "TrainedTools":
        """Find them. Of two for one recipient, the first counts."""
        found: dict[str, Tool] = {}
        for tool in tools:
            if recipient := _recipient(tool):
                found.setdefault(recipient, tool)
        python = found.get(PYTHON)
        return cls({tool.name: recipient for recipient, tool in found.items()}, python and code_property(python))

    def completed(self, tool: Tool) -> Tool:
        """Return a tool with what the model learned of it, where the client says nothing."""
        if (known := _BROWSER.get(self.recipients.get(tool.name, ""))) is None:
            return tool
        return replace(
            tool,
            description=tool.description or known.description,
            parameters=tool.parameters or known.parameters,
        )

    def channel(self, name: str) -> str:
        """Return the channel of a tool's calls and results."""
        return "analysis" if name in self.recipients else "commentary"

    def wrapped(self, name: str) -> str | None:
        """Return the property that holds a tool's code, if its calls are code to the model and JSON to the client."""
        return self.code if self.recipients.get(name) == PYTHON else None


NONE: Final = TrainedTools()


def system_section(tools: Sequence[Tool], trained: TrainedTools) -> str:
    """Return the system message's section of tools; "" if there are none of them."""
    by_recipient = {trained.recipients[tool.name]: tool for tool in tools if tool.name in trained.recipients}
    browser = [replace(by_recipient[name], name=own.name) for name, own in _BROWSER.items() if name in by_recipient]
    sections = [namespace("browser", _BROWSER_TEXT, browser)] if browser else []
    if python := by_recipient.get(PYTHON):
        sections.append("\n\n".join(["## python", *dict.fromkeys(filter(None, (_PYTHON_TEXT, python.description)))]))
    return "\n\n".join(["# Tools", *sections]) if sections else ""


def wrap_begin(property: str) -> str:
    """Return the JSON before the code that a client gets as the property's value."""
    return f'{{{json.dumps(property)}: "'


WRAP_END: Final = '"}'


def escaped(text: str) -> str:
    """Return a piece of text as it stands in a JSON string. The pieces' results joined are that of the whole."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def unwrapped(arguments: str, property: str) -> str:
    """Return the code in a call's arguments; arguments that have none are returned as they are."""
    try:
        read: object = json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments
    code = as_object(read).get(property)
    return code if isinstance(code, str) else arguments


def code_property(tool: Tool) -> str | None:
    """Return the one required property of a function, if it is any string and nothing else is demanded."""
    schema = tool.parameters or {}
    if tool.strict or tool.takes_text or schema.get("type") != "object" or not schema.keys() <= _OBJECT:
        return None
    match schema.get("required"):
        case [str(name)]:
            value = as_object(as_object(schema.get("properties")).get(name))
            is_string = value.get("type") == "string" and value.keys() <= _SAYS_NOTHING | {"type"}
            return name if is_string else None
        case _:
            return None


def _recipient(tool: Tool) -> str | None:
    """Return the trained recipient of a client's tool.

    APIs whose names have no dots force other forms of the browser's. Such a name may be another browser's, so its
    properties must all be known.
    """
    if tool.name == PYTHON:
        is_text = tool.takes_text and tool.grammar is None
        return PYTHON if is_text or code_property(tool) else None
    name = _browser_name(tool.name)
    if name not in _BROWSER or tool.takes_text:
        return None
    own = set(_properties(tool))
    is_trained = name == tool.name or (bool(own) and own <= set(_properties(_BROWSER[name])))
    return name if is_trained else None


def _browser_name(name: str) -> str:
    for separator in ("__", "_", "-"):
        if name.startswith(f"browser{separator}"):
            return f"browser.{name.removeprefix(f'browser{separator}')}"
    return name


def _properties(tool: Tool) -> Iterator[str]:
    yield from as_object(as_object(tool.parameters).get("properties"))
