"""Rendering of chat templates, with all that templates for Hugging Face's tokenizers expect: the work of a sandbox.

A job is JSON: the template's `source`, its `variables`, the time `now`, and `most`, the number of characters that the
text may have, of which `marker` is none. The answer is a letter and a text.
"""

import json
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NoReturn

from jinja2 import Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

RENDERED: Final = b"r"
"""Followed by the text."""
TOO_LONG: Final = b"l"
"""Followed by the number of its characters."""
REFUSED: Final = b"f"
"""Followed by what the template says about the conversation."""
INVALID: Final = b"i"
"""Followed by what is wrong with the template."""

_LONGEST_ERROR: Final = 1000  # characters


def answer(job: bytes) -> bytes:
    fields: dict[str, Any] = json.loads(job)
    try:
        template = _compiled(fields["source"])
    except Exception as error:
        return INVALID + _told(error)
    try:
        text = template.render(strftime_now=_clock(fields["now"]), **fields["variables"])
    except Exception as error:
        return REFUSED + _told(error)
    length = len(text) - len(fields["marker"]) * text.count(fields["marker"])
    if length > fields["most"]:
        return TOO_LONG + str(length).encode()
    return RENDERED + text.encode("utf-8", "replace")


@lru_cache(1)
def _compiled(source: str) -> Template:
    environment: Any = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _raise
    return environment.from_string(source)


def _clock(now: str) -> Callable[[str], str]:
    moment = datetime.fromisoformat(now)

    def strftime_now(style: str) -> str:
        return moment.strftime(style)

    return strftime_now


def _to_json(value: object, indent: int | None = None) -> str:
    """Write JSON as models were trained on: unlike Jinja's own filter, without HTML escapes."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _raise(message: str) -> NoReturn:
    raise TemplateError(message)


def _told(error: Exception) -> bytes:
    """Return the error's message. No memory is left for a MemoryError's, so that it ends the process."""
    if isinstance(error, MemoryError):
        raise error
    return str(error)[:_LONGEST_ERROR].encode("utf-8", "replace")
