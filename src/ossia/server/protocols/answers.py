"""Answers: one answer to a request, as nearly always, or several in parallel.

It knows events and usage, but no protocol.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Any

from ossia.server.turns import Lease
from ossia.types import Event, GenerateRequest, Message, Usage


class Answers:
    """Answers of one engine to the requests of one body."""

    def __init__(self, lease: Lease, requests: Sequence[GenerateRequest]) -> None:
        self.requests = requests
        self._lease = lease
        self._begun = asyncio.Event()

    def events(self, index: int) -> AbstractAsyncContextManager[AsyncGenerator[Event]]:
        """Return the events of one answer. Leaving the `with` block ends them."""
        if len(self.requests) == 1:
            return self._lease.generate(self.requests[index])
        return aclosing(self._in_turn(index))

    async def each(self, take: Callable[[int], Coroutine[Any, Any, None]]) -> None:
        """Call `take` for all answers in parallel. The first failure is raised and cancels the others."""
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
        """Yield one answer's events. The first answer goes ahead, so that the others find its prompt cached."""
        if index:
            await self._begun.wait()
        async with self._lease.generate(self.requests[index]) as events:
            async for event in events:
                self._begun.set()
                yield event

    def total(self, usages: Sequence[Usage]) -> Usage:
        """Return the usage of all answers. A prompt that several of them answer counts once."""
        if len(usages) == 1:
            return usages[0]
        asked = [(id(request.context), _same(request.prompt)) for request in self.requests]
        firsts = dict(zip(reversed(asked), reversed(usages), strict=True))
        return Usage(
            prompt_tokens=sum(usage.prompt_tokens for usage in firsts.values()),
            completion_tokens=sum(usage.completion_tokens for usage in usages),
            cached_tokens=sum(usage.cached_tokens for usage in firsts.values()),
            reasoning_tokens=sum(usage.reasoning_tokens for usage in usages),
        )


def _same(prompt: str | Sequence[Message]) -> str | int:
    """Return what is equal for equal prompts: answers to one conversation share it, and reading all of it is long."""
    return prompt if isinstance(prompt, str) else id(prompt)
