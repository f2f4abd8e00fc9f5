"""Long computations beside the event loop, which may compute only what takes a few milliseconds.

There are few threads, and the shortest work goes first: who sends megabytes waits for others who do, and others do not
wait for them. The threads share the interpreter's lock with the event loop, so this is for work that is bounded and
that gives the lock away now and then, as pure Python does and tokenization in Rust.
"""

import asyncio
import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Final, ParamSpec, TypeVar

from ossia import heap

P = ParamSpec("P")
T = TypeVar("T")

SMALL: Final = 16 << 10
"""Characters that are worked on in the event loop: a thread would cost more than it saves."""
_THREADS: Final = 2
_LARGE: Final = 1 << 20


async def aside(size: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do work on `size` characters, in a thread if there are many. Cancelling this drops work that has not begun."""
    if size <= SMALL:
        return work(*args, **kwargs)
    future: Future[T] = Future()
    _threads.submit(size, partial(_fulfil, future, partial(work, *args, **kwargs)))
    try:
        return await asyncio.wrap_future(future)
    finally:
        del future  # its error's traceback leads here: `args` of megabytes would stay until a collection of garbage


def _fulfil(future: Future[T], work: Callable[[], T]) -> None:
    """Do work for a future, unless it was cancelled."""
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work())
    except BaseException as error:
        future.set_exception(error)
        del future, work  # the traceback leads here, too


class _Threads:
    """Threads that take the shortest work first."""

    def __init__(self, number: int) -> None:
        self._work: queue.PriorityQueue[tuple[int, int, Callable[[], None]]] = queue.PriorityQueue()
        self._turns = itertools.count()  # work of equal size is done in order
        self._missing = number

    def submit(self, size: int, run: Callable[[], None]) -> None:
        while self._missing:
            self._missing -= 1
            threading.Thread(target=self._run, name="aside", daemon=True).start()
        self._work.put((size, next(self._turns), run))

    def _run(self) -> None:
        while True:
            size, _, run = self._work.get()
            run()
            del run  # and with it the work's arguments
            if size >= _LARGE:
                heap.give_back()  # which glibc would keep for good if threads rarely work


_threads = _Threads(_THREADS)
