"""A sandbox's work without its process, for tests of what is made of it, and prompts without an event loop."""

import asyncio

from ossia.aside import SMALL
from ossia.chat import ChatFormat
from ossia.chat.length import length_of
from ossia.sandbox import grammars, templates
from ossia.types import GenerateRequest

problem = grammars.problem
"""Function that compiles a grammar, and tells what is wrong with it."""


class TemplatesHere:
    """Renders templates in the process of the test."""

    async def run(self, job: bytes, client: str = "", *, quick: bool = False) -> bytes:
        return templates.answer(job)


def rendered(chat_format: ChatFormat, request: GenerateRequest, limit: int = 1 << 17) -> list[int]:
    """The ids of a request. A short one is rendered in one go, which needs no event loop."""
    length = length_of(request)
    rendering = chat_format.render(request, limit)
    if length > SMALL:
        return asyncio.run(rendering)
    try:
        rendering.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("the request is short, but was not rendered at once")
