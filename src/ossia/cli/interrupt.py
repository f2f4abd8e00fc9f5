"""Ctrl-C: what was interrupted, and what has become of it, for the last line that a command prints."""

from collections.abc import Callable, Generator
from contextlib import contextmanager


class Interrupted(KeyboardInterrupt):
    """Ctrl-C while something was done, of which `str` tells."""


@contextmanager
def interruptible(tell: Callable[[], str]) -> Generator[None]:
    """Let Ctrl-C within the block tell what has become of it. Where blocks are nested, the innermost tells."""
    try:
        yield
    except Interrupted:
        raise
    except KeyboardInterrupt:
        raise Interrupted(tell()) from None
