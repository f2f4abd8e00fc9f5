"""The events of all answers to one request: nearly always one, else several that run beside each other.

Knows streams and usage, no protocol.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TypeVar

from ossia.server.pool import Lease
from ossia.types import Event, GenerateRequest, Usage

_T = TypeVar("_T")


async def answers(lease: Lease, requests: Sequence[GenerateRequest]) -> AsyncGenerator[tuple[int, Event]]:
    """Events with the number of the request that they answer. Leaving early ends all of them."""
    if len(requests) == 1:
        async with lease.generate(requests[0]) as events:
            async for event in events:
                yield 0, event
        return
    begun = asyncio.Event()
    streams = [_numbered(lease, index, request, begun) for index, request in enumerate(requests)]
    async with aclosing(merged(streams)) as both:
        async for numbered in both:
            yield numbered


async def _numbered(
    lease: Lease, index: int, request: GenerateRequest, begun: asyncio.Event
) -> AsyncGenerator[tuple[int, Event]]:
    """One answer's events. The first answer goes ahead, so that the others find its prompt in the cache."""
    if index:
        await begun.wait()
    try:
        async with lease.generate(request) as events:
            async for event in events:
                begun.set()
                yield index, event
    finally:
        begun.set()


async def merged(streams: Sequence[AsyncGenerator[_T]]) -> AsyncGenerator[_T]:
    """Items of all streams, as they come. The first failure is raised and ends the others, as leaving early does."""
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
    """Usage of all answers. A prompt that several answer counts once."""
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
