"""Signs of life while one waits: a spinner, progress bars, and errors, all on stderr."""

import itertools
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

from ossia.errors import OssiaError

_SPINNER_DELAY = 1.0


def report(error: OssiaError) -> None:
    print(f"error: {error.message}", file=sys.stderr)
    if error.hint:
        print(f"hint: {error.hint}", file=sys.stderr)


def note(text: str) -> None:
    """Write to stderr at once."""
    print(text, end="", file=sys.stderr, flush=True)


@contextmanager
def spinner(text: str) -> Generator[None]:
    """A moving sign on stderr, if that is a terminal and the wait is longer than a second."""
    done = threading.Event()

    def spin() -> None:
        if done.wait(_SPINNER_DELAY):
            return
        for sign in itertools.cycle("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"):
            note(f"\r{sign} {text}")
            if done.wait(0.1):
                return note("\r\033[K")

    if not sys.stderr.isatty():
        yield
        return
    thread = threading.Thread(target=spin, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextmanager
def progress_bar() -> Generator[Callable[[str, int, int], None]]:
    """Bars on stderr, one for each text: call what this yields with (text, done, total)."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bars:
        tasks: dict[str, TaskID] = {}

        def update(text: str, done: int, total: int) -> None:
            task = tasks[text] if text in tasks else tasks.setdefault(text, bars.add_task(text))
            bars.update(task, completed=done, total=total)

        yield update
