"""The log on stderr: one line for each record, however many its message has, and tracebacks indented below.

Messages quote clients, model files and registries, so nothing in them may steer a terminal or forge a line.
"""

import logging
from logging import Formatter, LogRecord
from textwrap import indent
from typing import Any, Final

from ossia.printable import one_line, printable

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_LONGEST: Final = 4000  # characters of a message


class HarmlessFormatter(Formatter):
    """Formatter whose output has line breaks and tabs of its own making only."""

    def formatMessage(self, record: LogRecord) -> str:
        record.message = one_line(record.message, _LONGEST)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:
        return indent(printable(super().formatException(ei)), "  ")


def log_to_stderr(level: int) -> None:
    """Send records of this level and above to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(HarmlessFormatter(_FORMAT))
    logging.basicConfig(handlers=[handler], level=level)
    logging.getLogger("gguf").setLevel(logging.WARNING)  # it logs every file that it writes
