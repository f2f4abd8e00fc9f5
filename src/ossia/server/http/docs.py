"""GET /docs: the OpenAPI document as one page for people, which loads nothing from elsewhere."""

import json
import shlex
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ossia.server.http import openapi
from ossia.server.http.body import NoBody
from ossia.server.http.endpoint import Call
from ossia.server.http.operation import Operation

if TYPE_CHECKING:
    from jinja2 import Template

PAGE = Operation("This document as a page", NoBody, response="text/html", right="open")
_POLICY = b"default-src 'none'; style-src 'unsafe-inline'"
"""The page's Content-Security-Policy: it has no scripts and fetches nothing."""


async def answer(call: Call[NoBody]) -> None:
    request = call.request
    url = f"{request.url.scheme}://{request.headers.get('host', 'localhost:11434')}"
    html = page(openapi.document(request.app.routes), url)
    await call.reply.body(html.encode(), b"text/html; charset=utf-8", headers=[(b"content-security-policy", _POLICY)])


def page(document: dict[str, Any], url: str) -> str:
    """Return the page. `url` is the address under which the reader reached the server."""
    return _template().render(document=document, url=url, example=partial(_example, document))


@cache
def _template() -> "Template":
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(Path(__file__).with_name("docs.html").read_text())


def _example(document: dict[str, Any], schema: dict[str, str]) -> str:
    """Return a body made of the examples of a request's fields, quoted for a shell."""
    fields = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
    return shlex.quote(
        json.dumps({name: field["examples"][0] for name, field in fields.items() if "examples" in field})
    )
