"""Responses that are answered in the background, whoever listens. Knows events and tasks, no store and no engine."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable

from ossia.server.http.stream import Chunk
from ossia.server.protocols.responses.exchange import Listener


class BackgroundResponse:
    """A response that is being answered, or was. Its events are kept, so that anybody can follow them.

    `answer` writes the events to the listener that it is given, which is this object.
    """

    def __init__(self, answer: Callable[[Listener], Coroutine[None, None, None]]) -> None:
        self.done = False
        self.started = False
        self._events: list[Chunk] = []
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(answer(self))
        self._task.add_done_callback(self._end)

    async def write(self, chunks: Iterable[Chunk], /) -> None:
        """Keep events, and wake those who follow."""
        self.started = True
        self._events += chunks
        self._wake()

    async def follow(self, write: Callable[[Iterable[Chunk]], Awaitable[None]], after: int = -1) -> None:
        """Write the events after the one of that number, those to come too."""
        position = max(after, -1) + 1
        while True:
            if chunks := self._events[position:]:
                position += len(chunks)
                await write(chunks)
            elif self.done:
                return
            else:
                await self._changed.wait()

    async def stop(self) -> None:
        """Cut the answer off, if it is not at its end. Those who follow it are told."""
        self._task.cancel()
        await asyncio.wait([self._task])

    def _end(self, task: asyncio.Task[None]) -> None:
        self.done = True
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
