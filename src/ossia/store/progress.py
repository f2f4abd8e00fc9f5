"""How a long job (pull, push, create) tells what it is doing, in the words that Ollama's clients read."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One line of the story: what is being done, and for a blob its `sha256:<hex>` digest and bytes."""

    status: str
    digest: str = ""
    total: int = 0
    completed: int = 0


Report = Callable[[Progress], None]
"""Called often, from the thread that does the job. It may raise, which ends the job; what was fetched by then stays."""


def ignore(progress: Progress) -> None:
    """The report for those who do not want to know."""
