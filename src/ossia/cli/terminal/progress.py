"""Progress on stderr: a spinner and progress bars."""

import itertools
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager

from ossia.cli.answers import ProgressLine
from ossia.cli.output import note, redraw
from ossia.printable import one_line

Update = Callable[[str, int, int], None]
"""Called with the current step, the bytes done and the bytes in total, 0 if unknown."""

_SPINNER_DELAY = 1.0


@contextmanager
def spinner(tell: Callable[[], str]) -> Generator[None]:
    """Show a spinner on stderr, if that is a terminal and the wait is longer than a second. `tell` is asked for its
    text once a second, in a thread."""
    done = threading.Event()

    def spin() -> None:
        if done.wait(_SPINNER_DELAY):
            return
        text = ""
        for sign in itertools.cycle("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"):
            if sign == "⠋" and (latest := tell()) != text:
                redraw("")
                text = latest
            redraw(f"{sign} {text}")
            if done.wait(0.1):
                return redraw("")

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


def show_job(lines: Generator[ProgressLine]) -> None:
    """Show the progress that a pull, push or create streams, to its end."""
    with closing(lines), progress_bar() as update:
        for line in lines:
            update(line.status or "", line.completed or 0, line.total or 0)


@contextmanager
def progress_bar() -> Generator[Update]:
    """Show a bar for each step with a size and a line for each without; off a terminal, each step's name once."""
    with _bars() if sys.stderr.isatty() else _names() as update:
        yield lambda text, done, total: update(one_line(text), done, total)


@contextmanager
def _names() -> Generator[Update]:
    seen: set[str] = set()

    def update(text: str, done: int, total: int) -> None:
        if text not in seen:
            seen.add(text)
            note(f"{text}\n")

    yield update


@contextmanager
def _bars() -> Generator[Update]:
    from rich.console import Console, Group
    from rich.live import Live
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        SpinnerColumn,
        TaskID,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    name = TextColumn("{task.description}", markup=False)  # a status is no markup
    steps = Progress(SpinnerColumn(finished_text="✓"), name)
    amounts = (TaskProgressColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    bars = Progress(name, BarColumn(), *amounts)
    tasks: dict[str, tuple[Progress, TaskID]] = {}

    def update(text: str, done: int, total: int) -> None:
        if text not in tasks:
            for step in steps.task_ids:  # a step without a size is over when another one begins
                steps.update(step, total=1, completed=1)
            shown = bars if total else steps
            tasks[text] = shown, shown.add_task(text, total=total or None)
        shown, task = tasks[text]
        if shown is bars:
            bars.update(task, completed=done, total=total)

    with Live(Group(bars, steps), console=Console(stderr=True), refresh_per_second=10):
        yield update
        for step in steps.task_ids:
            steps.update(step, total=1, completed=1)
