"""Several streams at once: how the answers to one request run beside each other.

It knows streams and usage, no protocol and no engine.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TypeVar

from ossia.types import GenerateRequest, Usage

_T = TypeVar("_T")


async def merged(streams: Sequence[AsyncGenerator[_T]]) -> AsyncGenerator[_T]:
    """What all streams yield, as it comes. The first failure is raised and ends the others, as leaving early does."""
    if len(streams) == 1:
        async with aclosing(streams[0]) as only:
            async for item in only:
                yield item
        return
    queue: asyncio.Queue[tuple[_T] | Exception | None] = asyncio.Queue()
    tasks = [asyncio.create_task(_pour(stream, queue)) for stream in streams]
    try:
        for _ in tasks:
            while item := await queue.get():
                if isinstance(item, Exception):
                    raise item
                yield item[0]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pour(stream: AsyncGenerator[_T], queue: "asyncio.Queue[tuple[_T] | Exception | None]") -> None:
    """Put the stream's items there, each as a tuple, then its failure or None for its end."""
    try:
        async with aclosing(stream) as items:
            async for item in items:
                queue.put_nowait((item,))
    except Exception as failure:
        queue.put_nowait(failure)
    else:
        queue.put_nowait(None)


def total(requests: Sequence[GenerateRequest], usages: Sequence[Usage]) -> Usage:
    """What all answers took. A prompt that several answer counts once."""
    if len(usages) == 1:
        return usages[0]
    asked = [(request.context, request.prompt) for request in requests]
    firsts = dict(zip(reversed(asked), reversed(usages), strict=True))
    return Usage(
        prompt_tokens=sum(usage.prompt_tokens for usage in firsts.values()),
        completion_tokens=sum(usage.completion_tokens for usage in usages),
        cached_tokens=sum(usage.cached_tokens for usage in firsts.values()),
        reasoning_tokens=sum(usage.reasoning_tokens for usage in usages),
    )
