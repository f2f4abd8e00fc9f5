"""The answers to one request: nearly always one, else several beside each other.

Knows events and usage, no protocol.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Any

from ossia.server.pool import Lease
from ossia.types import Event, GenerateRequest, Usage


class Answers:
    """Answers of one engine to the requests that one body asks for."""

    def __init__(self, lease: Lease, requests: Sequence[GenerateRequest]) -> None:
        self.requests = requests
        self._lease = lease
        self._begun = asyncio.Event()

    def events(self, index: int) -> AbstractAsyncContextManager[AsyncGenerator[Event]]:
        """One answer's events, which end with the block."""
        if len(self.requests) == 1:
            return self._lease.generate(self.requests[index])
        return aclosing(self._in_turn(index))

    async def each(self, take: Callable[[int], Coroutine[Any, Any, None]]) -> None:
        """Take all answers, beside each other. The first failure is raised and ends the others, as leaving does."""
        if len(self.requests) == 1:
            await take(0)
            return
        try:
            async with asyncio.TaskGroup() as group:
                for index in range(len(self.requests)):
                    group.create_task(take(index))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None

    async def _in_turn(self, index: int) -> AsyncGenerator[Event]:
        """One of several. The first goes ahead, so that the others find its prompt in the cache."""
        if index:
            await self._begun.wait()
        try:
            async with self._lease.generate(self.requests[index]) as events:
                async for event in events:
                    self._begun.set()
                    yield event
        finally:
            self._begun.set()

    def total(self, usages: Sequence[Usage]) -> Usage:
        """Usage of all answers. A prompt that several answer counts once."""
        if len(usages) == 1:
            return usages[0]
        asked = [(request.context, request.prompt) for request in self.requests]
        firsts = dict(zip(reversed(asked), reversed(usages), strict=True))
        return Usage(
            prompt_tokens=sum(usage.prompt_tokens for usage in firsts.values()),
            completion_tokens=sum(usage.completion_tokens for usage in usages),
            cached_tokens=sum(usage.cached_tokens for usage in firsts.values()),
            reasoning_tokens=sum(usage.reasoning_tokens for usage in usages),
        )
