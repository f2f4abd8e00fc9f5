"""Progress reports of long jobs (pull, push, create), in the words that Ollama's clients expect."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One line of a job's progress: the current step and, for a blob, its `sha256:<hex>` digest and byte counts."""

    status: str
    digest: str = ""
    total: int = 0
    completed: int = 0


Report = Callable[[Progress], None]
"""Called often, from the thread that does the job. It may raise, which ends the job; what was downloaded stays."""


def ignore(progress: Progress) -> None:
    """A report that does nothing."""
