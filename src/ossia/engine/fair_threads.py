"""Threads for short work of several clients, of whom none keeps the others from theirs.

A thread cannot be ended, and clients decide how long some work takes. So the next work is that of a client with the
least in progress, small before large; the last free thread is kept for clients that have none; and what nobody wants
any more is not begun. What the work is, others know.
"""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Work:
    client: str
    size: int
    begin: Callable[[], bool]
    """Begins it; False if it was cancelled."""
    do: Callable[[], None]


class FairThreads:
    """So many threads, which start when they are needed. Each calls `initializer` first."""

    def __init__(self, number: int, name: str, initializer: Callable[[], None] = lambda: None) -> None:
        self._number = number
        self._name = name
        self._initializer = initializer
        self._num_threads = 0
        self._waiting: list[_Work] = []
        self._running = Counter[str]()
        self._changed = threading.Condition()

    def submit(self, client: str, size: int, do: Callable[[], T]) -> Future[T]:
        """Return the future of work of about this size. While it waits, it can be cancelled."""
        future = Future[T]()

        def settle() -> None:
            try:
                future.set_result(do())
            except BaseException as error:
                future.set_exception(error)

        with self._changed:
            self._waiting.append(_Work(client, size, future.set_running_or_notify_cancel, settle))
            if self._num_threads < self._number:
                self._num_threads += 1
                threading.Thread(target=self._run, name=self._name, daemon=True).start()
            self._changed.notify()
        return future

    def _run(self) -> None:
        self._initializer()
        while True:
            work = self._take()
            work.do()
            with self._changed:
                self._running -= Counter({work.client: 1})
            del work  # and with it what was made

    def _take(self) -> _Work:
        with self._changed:
            while (work := self._next()) is None or not work.begin():
                if work is None:
                    self._changed.wait()
            self._running[work.client] += 1
            return work

    def _next(self) -> _Work | None:
        """Take the work that is to be done next from those that wait; None if a thread is kept for others."""
        work = min(self._waiting, key=lambda each: (self._running[each.client], each.size), default=None)
        is_last = 1 < self._number == self._running.total() + 1
        if work is None or (is_last and self._running[work.client]):
            return None
        self._waiting.remove(work)
        return work
