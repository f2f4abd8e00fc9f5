"""GET /docs: the OpenAPI document as one page for people, which loads nothing from elsewhere."""

import base64
import hashlib
import json
import re
import shlex
from functools import cache, lru_cache, partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from starlette.applications import Starlette

from ossia.aside import aside
from ossia.server.http import openapi
from ossia.server.http.body import NoBody
from ossia.server.http.endpoint import Call
from ossia.server.http.operation import Operation

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

PAGE = Operation("This document as a page", NoBody, response="text/html", right="open")

_HTML: Final = Path(__file__).with_name("docs.html")
_CODE: Final = re.compile(r"`([^`]+)`")
_ADDRESS: Final = "http://server.invalid"
"""Place in the page of the address under which its reader reached the server."""


async def answer(call: Call[NoBody]) -> None:
    request = call.request
    address = f"{request.url.scheme}://{request.headers.get('host', 'localhost:11434')}"
    page = await aside(openapi.LENGTH, _page, request.app)
    html = page.replace(_ADDRESS, escape(address)).encode()
    await call.reply.body(html, b"text/html; charset=utf-8", headers=[(b"content-security-policy", _policy())])


@lru_cache(1)
def _page(app: Starlette) -> str:
    """Return the page of an application, the same for all readers but for the address."""
    document = openapi.document(app.routes)
    apis, example = _by_api(document), partial(_example, document)
    return _template().render(document=document, url=_ADDRESS, apis=apis, example=example)


def _by_api(document: dict[str, Any]) -> dict[str, list[tuple[str, str, Any]]]:
    """Return method, path and operation of every route, by the API that it belongs to."""
    apis: dict[str, list[tuple[str, str, Any]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            apis.setdefault(operation["tags"][0], []).append((method.upper(), path, operation))
    return apis


@cache
def _policy() -> bytes:
    """Return the page's Content-Security-Policy: it fetches nothing, and runs its own script only, which searches."""
    script = _HTML.read_text().partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest())
    return b"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + digest + b"'"


def _with_code(text: str) -> "Markup":
    """Return a text as HTML, with what stands between backticks as code."""
    from markupsafe import Markup

    return Markup(_CODE.sub(r"<code>\1</code>", escape(text)))


@cache
def _template() -> "Template":
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_HTML.read_text(), globals={"code": _with_code})


def _example(document: dict[str, Any], schema: dict[str, str]) -> str:
    """Return a body made of the examples of a request's fields, quoted for a shell."""
    fields = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
    return shlex.quote(
        json.dumps({name: field["examples"][0] for name, field in fields.items() if "examples" in field})
    )
