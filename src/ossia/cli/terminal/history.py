"""Input history in Ollama's file `~/.ollama/history`: the latest 100 entries, the oldest first.

An entry is a line, or a block in three double quotes. Other entries with several lines are written as blocks, which
mean the same; those that contain three double quotes are not kept.
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from prompt_toolkit.history import History

from ossia.atomic import FOR_OWNER, write_atomically
from ossia.cli.terminal.multiline import QUOTES, is_open

_LIMIT = 100


class HistoryFile(History):
    """The history for the line editor. `enabled` tells whether new entries are written to the file."""

    def __init__(self, path: Path, *, enabled: bool) -> None:
        super().__init__()
        self.enabled = enabled
        self._path = path

    def load_history_strings(self) -> Iterable[str]:
        return reversed(self._read())

    def store_string(self, string: str) -> None:
        if self.enabled:
            with suppress(OSError):  # a history that cannot be written is no reason to end a conversation
                write_atomically(self._path, encode([*self._read(), string]).encode(errors="replace"), FOR_OWNER)

    def _read(self) -> list[str]:
        try:
            return decode(self._path.read_bytes().decode(errors="replace"))
        except OSError:
            return []


def encode(entries: list[str]) -> str:
    """Return the file's text, without entries that cannot be represented."""
    return "".join(f"{line}\n" for line in map(_encoded, entries[-_LIMIT:]) if line)


def decode(text: str) -> list[str]:
    """Return the entries in the file's text."""
    entries: list[str] = []
    block: list[str] = []
    for line in text.split("\n"):
        block.append(line)
        if is_open("\n".join(block)):
            continue
        if entry := "\n".join(block).strip():
            entries.append(entry)
        block = []
    return entries + [line for line in block if line.strip()]  # lines of a block that never ends are separate entries


def _encoded(entry: str) -> str:
    """Return the entry as it is or in quotes, whichever reads back, or "" if neither does."""
    entry = entry.strip()
    forms = entry, QUOTES + entry + QUOTES
    return next((form for form in forms if not is_open(form) and decode(form) == [form]), "")
