"""Questions that nothing interrupts, such as the look-up of a name, with a limit to how long they are waited for."""

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

_T = TypeVar("_T")


def within(seconds: float, ask: Callable[[], _T]) -> _T | None:
    """Return the answer of `ask`, which must not raise, or None if it takes longer: then its thread is left behind."""
    answers: SimpleQueue[_T] = SimpleQueue()
    Thread(target=lambda: answers.put(ask()), daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except Empty:
        return None
