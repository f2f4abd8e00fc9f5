"""Settings files of agents: a change is shown, asked for, backed up and written atomically, and can be taken back.

Files that are ossia's own are written without asking. This module does not know what the settings mean.
"""

import os
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Final

from ossia.atomic import FOR_OWNER, write_atomically
from ossia.cli.launch import json_text
from ossia.cli.output import note
from ossia.errors import InvalidRequest, OssiaError
from ossia.regular_file import open_regular

_BACKUP: Final = ".before-ossia"
_LARGEST: Final = 4 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Setting:
    """A value at a path in a JSON file. A `default` is only set where there is none."""

    path: json_text.Path
    value: object
    default: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """Settings in a file of the user's, which may be missing."""

    file: Path
    settings: Sequence[Setting]

    def applied(self, text: str) -> str:
        """Return the file's new text. Raises InvalidRequest if the old one is not JSON."""
        is_list = isinstance(self.settings[0].path[0], json_text.Having)
        text = text if text.strip() else "[]\n" if is_list else "{}\n"
        line_end = "\r\n" if "\r\n" in text else "\n"
        text = text.replace("\r\n", "\n")
        for setting in self.settings:
            if not (setting.default and json_text.has(text, setting.path)):
                text = json_text.with_value(text, setting.path, setting.value)
        return text.replace("\n", line_end)


def apply(own: tuple[Path, str] | None, edit: Edit | None, yes: bool) -> None:
    """Write a file of ossia's own, and change one of the user's."""
    if own:
        write_own(*own)
    if edit:
        change(edit, yes)


def change(edit: Edit, yes: bool) -> None:
    """Change a file, if its user agrees. Raises OssiaError if that cannot be asked, or is denied."""
    file = _target(edit.file)
    before = _read(file)
    try:
        after = edit.applied(before)
    except InvalidRequest as error:
        hint = "correct the file, or move it away"
        raise InvalidRequest(f"{file} is not understood: {error.message}", hint) from None
    if after == before:
        return
    _agree(file, before, after, yes)
    backup = _backup(file)
    if not backup.exists():
        _write(backup, before, _mode(file))
    _write(file, after, _mode(file))
    note(f"changed {file}; --restore puts it back as it was\n")


def restore(edit: Edit | None, yes: bool) -> None:
    """Put a file back as it was before its first change, if its user agrees. A file that was missing is removed."""
    if edit is None:
        return note("nothing to restore: it is started without a change to its settings\n")
    file = _target(edit.file)
    backup = _backup(file)
    if not backup.exists():
        raise OssiaError(f"{file} was not changed, or is restored: there is no {backup.name} beside it")
    before, after = _read(file), _read(backup)
    if before != after:
        _agree(file, before, after, yes)
    if after:
        _write(file, after, _mode(backup))
    else:
        file.unlink(missing_ok=True)
    backup.unlink()
    note(f"restored {file}\n" if after else f"removed {file}, which was not there before\n")


def write_own(file: Path, text: str) -> None:
    """Write a file that is ossia's own."""
    if _read(file) != text:
        _write(file, text, FOR_OWNER)  # there may be keys in it


def _target(file: Path) -> Path:
    """Return the file that a link leads to: the link stays one. One that leads to itself cannot be opened."""
    return Path(os.path.realpath(file))


def _backup(file: Path) -> Path:
    return file.with_name(file.name + _BACKUP)


def _read(file: Path) -> str:
    """Return a file's text with its line ends; "" if it is missing."""
    try:
        with open_regular(file) as opened:
            data = opened.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise InvalidRequest(f"{file} has more than {_LARGEST} bytes, unlike any settings", "move it away")
        return data.decode()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise InvalidRequest(f"{file} is not UTF-8 text", hint="correct the file, or move it away") from None


def _write(file: Path, text: str, mode: int) -> None:
    write_atomically(file, text.encode(), mode)


def _mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode) if file.exists() else FOR_OWNER


def _agree(file: Path, before: str, after: str, yes: bool) -> None:
    """Show a change, and ask for it unless `yes`."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    lines = unified_diff(old, new, str(file), str(file), "as it is", "as it will be")
    note("".join(line if line.endswith("\n") else f"{line}\n" for line in lines))
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InvalidRequest(f"{file} has to be changed, which nobody here can be asked", hint="-y agrees to it")
    note(f"Change {file}? [y/N] ")
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise OssiaError("nothing was changed")
