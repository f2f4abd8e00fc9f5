"""Several streams at once: how the answers to one request run beside each other.

It knows streams and usage, no protocol and no engine.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TypeVar

from ossia.types import GenerateRequest, Usage

_T = TypeVar("_T")
_END = object()


async def merged(streams: Sequence[AsyncGenerator[_T]]) -> AsyncGenerator[_T]:
    """What all streams yield, as it comes. The first failure is raised and ends the others, as leaving early does."""
    if len(streams) == 1:
        async with aclosing(streams[0]) as only:
            async for item in only:
                yield item
        return
    queue: asyncio.Queue[_T | BaseException | object] = asyncio.Queue()
    tasks = [asyncio.create_task(_pour(stream, queue)) for stream in streams]
    try:
        for _ in tasks:
            while (item := await queue.get()) is not _END:
                if isinstance(item, BaseException):
                    raise item
                yield item  # type: ignore[misc]  # all else in the queue is of the streams
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pour(stream: AsyncGenerator[_T], queue: "asyncio.Queue[_T | BaseException | object]") -> None:
    try:
        async with aclosing(stream) as items:
            async for item in items:
                queue.put_nowait(item)
    except Exception as failure:
        queue.put_nowait(failure)
    else:
        queue.put_nowait(_END)


def total(requests: Sequence[GenerateRequest], usages: Sequence[Usage]) -> Usage:
    """What all answers took. A prompt that several answer counts once."""
    if len(usages) == 1:
        return usages[0]
    firsts = {request.prompt: usage for request, usage in zip(reversed(requests), reversed(usages), strict=True)}
    return Usage(
        prompt_tokens=sum(usage.prompt_tokens for usage in firsts.values()),
        completion_tokens=sum(usage.completion_tokens for usage in usages),
        cached_tokens=sum(usage.cached_tokens for usage in firsts.values()),
        reasoning_tokens=sum(usage.reasoning_tokens for usage in usages),
    )
