"""Handlers of the pages for people, with headers that let them load and ask nothing from anywhere else.

Who asks for HTML is a browser: everybody else keeps getting what Ollama answers at the same path.
"""

from typing import Final

from ossia.errors import PageNotFound
from ossia.server.http.body import NoBody
from ossia.server.http.endpoint import Call, Handler
from ossia.server.http.operation import Operation
from ossia.server.http.stream import Chunk
from ossia.server.page.files import File, files

POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    b"require-trusted-types-for 'script'; trusted-types dompurify"
)
"""Content-Security-Policy of the pages: scripts and styles are their own files, and only DOMPurify makes HTML."""

_HEADERS: Final = [
    (b"content-security-policy", POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-cache"),
]

FILE: Final = Operation(
    "A file of the pages for people",
    NoBody,
    response="*/*",
    raises=(PageNotFound,),
    right="open",
    parameters={"file": "The path of the file."},
)


def wants_html(call: Call[NoBody]) -> bool:
    """True for a browser that opens a page: HTML stands in its Accept, which no client of an API sends by itself."""
    kinds = call.request.headers.get("accept", "").lower().split(",")
    return any(kind.partition(";")[0].strip() == "text/html" for kind in kinds)


def for_browsers(page: str, otherwise: Handler[NoBody]) -> Handler[NoBody]:
    """Make a handler that answers browsers with a page, and everybody else with what `otherwise` returns."""

    async def answer(call: Call[NoBody]) -> Chunk | None:
        if not wants_html(call):
            return await otherwise(call)
        await _send(call, files()[page], [(b"vary", b"accept")])
        return None

    return answer


async def file(call: Call[NoBody]) -> None:
    found = files().get(call.path("file"))
    if found is None:
        raise PageNotFound("404 page not found")
    await _send(call, found)


async def _send(call: Call[NoBody], file: File, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    """Send a file, or only its tag if the browser has it already."""
    has = call.request.headers.get("if-none-match", "").encode()
    known = file.tag in [tag.strip().removeprefix(b"W/") for tag in has.split(b",")]
    extra = [(b"etag", file.tag), *_HEADERS, *(headers or [])]
    await call.reply.body(b"" if known else file.data, file.type, 304 if known else 200, extra)
