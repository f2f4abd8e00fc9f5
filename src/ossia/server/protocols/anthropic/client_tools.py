"""Tools that Anthropic has defined and its clients run: a shell, a text editor and a memory of files.

A request has only their type and name, since Claude was trained with them. Other models learn of their parameters here.
The source is Anthropic's documentation of each tool.
"""

from typing import Final

from ossia.server.http.body import Json

_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "integer"}
_RANGE: Final = {
    "type": "array",
    "items": _NUMBER,
    "minItems": 2,
    "maxItems": 2,
    "description": "The first and the last line to view, from 1; -1 is the end of the file.",
}
_FILE: Final = {"path": _TEXT, "file_text": _TEXT, "old_str": _TEXT, "new_str": _TEXT, "insert_line": _NUMBER}


def _command(names: tuple[str, ...], required: tuple[str, ...], **properties: Json) -> Json:
    command = {"type": "string", "enum": [*names]}
    return {"type": "object", "properties": {"command": command, **properties}, "required": ["command", *required]}


_BASH: Final = {
    "type": "object",
    "properties": {"command": _TEXT, "restart": {"type": "boolean", "description": "true to start the shell anew."}},
}
_EDITOR: Final = _command(("view", "create", "str_replace", "insert"), ("path",), **_FILE, view_range=_RANGE)
_OLDER_EDITOR: Final = _command(
    ("view", "create", "str_replace", "insert", "undo_edit"), ("path",), **_FILE, view_range=_RANGE
)
_MEMORY: Final = _command(
    ("view", "create", "str_replace", "insert", "delete", "rename"),
    (),
    **_FILE,
    insert_text=_TEXT,
    view_range=_RANGE,
    old_path=_TEXT,
    new_path=_TEXT,
)
_EDITS: Final = (
    "View, create and edit text files. view shows a file, or lists a folder. create writes file_text to a new file. "
    "str_replace replaces old_str, which must be there exactly once, by new_str."
)
_EDITOR_TEXT: Final = f"{_EDITS} insert puts new_str after the line insert_line."
_KINDS: Final[dict[str, tuple[str, Json]]] = {
    "bash_": ("Run a command in a shell that stays open between calls.", _BASH),
    "text_editor_2024": (_EDITOR_TEXT, _OLDER_EDITOR),
    "text_editor_20250124": (_EDITOR_TEXT, _OLDER_EDITOR),
    "text_editor_": (_EDITOR_TEXT, _EDITOR),
    "memory_": (
        f"Your memory: files below /memories, which outlast the conversation. Look there first. {_EDITS} insert puts "
        "insert_text after the line insert_line. delete removes a path, rename moves old_path to new_path.",
        _MEMORY,
    ),
}
"""Descriptions and schemas by the beginnings of types, which end with a date; the first that fits counts."""


def client_tool(kind: str) -> tuple[str, Json] | None:
    """Return the description and the schema of a tool of this type; None if it is none of these."""
    return next((tool for beginning, tool in _KINDS.items() if kind.startswith(beginning)), None)
