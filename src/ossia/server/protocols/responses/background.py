"""Responses that are answered in the background. This module knows events and tasks, but no store and no engine."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable

from ossia.server.http.stream import Chunk
from ossia.server.protocols.responses.exchange import Listener


class BackgroundResponse:
    """A response that is being answered in a task of its own. Its events are kept, so that clients can follow them.

    `answer` writes the events to its listener, which is this object. `ended` is called at its end, whatever that is.
    """

    def __init__(self, answer: Callable[[Listener], Coroutine[None, None, None]], ended: Callable[[], None]) -> None:
        self.started = False
        self._events: list[Chunk] = []
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = asyncio.create_task(answer(self))
        self._task.add_done_callback(self._end)
        self._task.add_done_callback(lambda _: ended())

    @property
    def done(self) -> bool:
        return self._task is None

    async def write(self, chunks: Iterable[Chunk], /) -> None:
        """Keep events, and wake all followers."""
        self.started = True
        self._events += chunks
        self._wake()

    async def follow(self, write: Callable[[Iterable[Chunk]], Awaitable[None]], after: int = -1) -> None:
        """Write all events after number `after`, until the response ends."""
        position = max(after, -1) + 1
        while True:
            if chunks := self._events[position:]:
                position += len(chunks)
                await write(chunks)
            elif self.done:
                return
            else:
                await self._changed.wait()

    def cancel(self) -> None:
        """Cancel the answer, if it has not ended, but not before it has begun. Its followers get the event."""
        if self._task is not None:
            asyncio.get_running_loop().call_soon(self._task.cancel)

    async def stop(self) -> None:
        """Cancel the answer, and wait until it has ended."""
        if self._task is not None:
            self.cancel()
            await asyncio.wait([self._task])

    def _end(self, _: asyncio.Task[None]) -> None:
        self._task = None  # which leads to all of the request: `ended`, and where it was when it was cancelled
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
