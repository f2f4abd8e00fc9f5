"""The command `ossia doctor`: the report of an examination, for people or as JSON."""

import json
import logging
from argparse import Namespace
from typing import TYPE_CHECKING

from ossia.cli.output import say
from ossia.errors import OssiaError
from ossia.printable import one_line

if TYPE_CHECKING:
    from ossia.admin.doctor.check import Check

_WIDTH = 14


def doctor(arguments: Namespace) -> None:
    """Examine this machine. Raises OssiaError if there is something to do."""
    from ossia.admin.doctor.examination import examine

    logging.getLogger("ossia").addHandler(logging.NullHandler())  # the report tells it all
    found: list[Check] = []
    for check in examine(arguments.offline):
        found.append(check)
        if not arguments.json:
            say(_lines(check))
    if arguments.json:
        say(json.dumps([_fields(check) for check in found], ensure_ascii=False, indent=2))
    if bad := dict.fromkeys(check.name for check in found if not check.is_good):
        raise OssiaError(f"there is something to do: {', '.join(bad)}")


def _lines(check: "Check") -> str:
    """Format a line of the report, and a second one with what to do."""
    line = f"{' ' if check.is_good else '!'} {check.name:<{_WIDTH}}{one_line(check.text)}"
    return line if check.is_good else f"{line}\n{'':<{_WIDTH}}→ {one_line(check.remedy)}"


def _fields(check: "Check") -> dict[str, object]:
    return {"name": check.name, "good": check.is_good, "text": check.text, "remedy": check.remedy}
