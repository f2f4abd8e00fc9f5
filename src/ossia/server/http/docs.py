"""GET /docs: the OpenAPI document as one page for people, which needs nothing from elsewhere."""

import json
import shlex
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ossia.server.http.operation import Operation

if TYPE_CHECKING:
    from jinja2 import Template

PAGE = Operation("This document as a page", response="text/html")
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The page's Content-Security-Policy: it has no scripts and fetches nothing."""


def page(document: dict[str, Any], url: str) -> str:
    """The page. `url` is where the server is, as the reader came to it."""
    return _template().render(document=document, url=url, example=partial(_example, document))


@cache
def _template() -> "Template":
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(Path(__file__).with_name("docs.html").read_text())


def _example(document: dict[str, Any], schema: dict[str, str]) -> str:
    """A body made of the examples that the fields of a request have, as a word of a shell."""
    fields = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
    return shlex.quote(
        json.dumps({name: field["examples"][0] for name, field in fields.items() if "examples" in field})
    )
