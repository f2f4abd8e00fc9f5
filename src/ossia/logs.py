"""The log on stderr: one line for each record, as text or as JSON.

Messages quote clients, model files and registries, so nothing in them may steer a terminal or forge a line.
"""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from logging import Formatter, LogRecord
from textwrap import indent
from typing import Any, Final

from ossia.config import LogFormat
from ossia.printable import one_line, printable

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_LONGEST: Final = 4000  # characters of a message
_LONGEST_VALUE: Final = 2000
_PLAIN: Final = re.compile(r"[\w./:@+%{}\[\]-]+")


@dataclass(frozen=True, slots=True)
class Facts:
    """Message made of named values: `name=value` in a text, members of the object in JSON. Empty ones are left out."""

    values: Mapping[str, object]

    def present(self) -> dict[str, object]:
        """Return the values that there are; texts are cut."""
        cut = {name: value[:_LONGEST_VALUE] if isinstance(value, str) else value for name, value in self.values.items()}
        return {name: value for name, value in cut.items() if value not in (None, "")}

    def __str__(self) -> str:
        return " ".join(f"{name}={_word(str(value))}" for name, value in self.present().items())


def _word(text: str) -> str:
    """Return text as one word, so that no value looks like another name: in quotes, if it has other characters."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


class TextFormatter(Formatter):
    """Formatter whose output has line breaks and tabs of its own making only; tracebacks are indented."""

    def formatMessage(self, record: LogRecord) -> str:
        record.message = one_line(record.message, _LONGEST)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:
        return indent(printable(super().formatException(ei)), "  ")


class JsonFormatter(Formatter):
    """Formatter that makes each record one JSON object on one line, in ASCII."""

    def format(self, record: LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"time": moment, "level": record.levelname, "logger": record.name}
        facts: object = record.msg
        line |= facts.present() if isinstance(facts, Facts) else {"message": record.getMessage()[:_LONGEST]}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


def log_to_stderr(level: int, form: LogFormat = "text") -> None:
    """Send records of this level and above to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter(_FORMAT))
    logging.basicConfig(handlers=[handler], level=level)
    logging.getLogger("gguf").setLevel(logging.WARNING)  # it logs every file that it writes
