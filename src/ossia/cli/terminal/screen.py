"""The terminal as a device: its size, its abilities, and quiet keys while text streams to it."""

import os
import signal
import sys
import termios
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import TextIO

_GREY, _RESET = "\033[90m", "\033[0m"


def size(stream: TextIO) -> os.terminal_size:
    """Return the current columns and lines of the terminal behind `stream`, or 80 x 24 if it does not know them."""
    columns, lines = os.get_terminal_size(stream.fileno())
    return os.terminal_size((columns or 80, lines or 24))


def is_fancy(stream: TextIO) -> bool:
    """True if `stream` is a terminal where colours and cursor movements are welcome."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def grey(text: str) -> str:
    """Return `text` in grey if stderr supports it."""
    return _GREY + text + _RESET if text and is_fancy(sys.stderr) else text


@contextmanager
def quiet_keys() -> Generator[threading.Event]:
    """Stop echoing keys into the output; they wait for the next reader. Ctrl-C and Ctrl-Z work as usual.

    Yields an event that is set once the program was suspended, since the shell then has written on the screen.
    """
    suspended = threading.Event()
    if not _is_foreground():
        yield suspended
        return
    keyboard = sys.stdin.fileno()
    before, quiet = termios.tcgetattr(keyboard), termios.tcgetattr(keyboard)
    quiet[0] &= ~termios.ICRNL  # the line editor expects Enter unchanged
    quiet[3] &= ~(termios.ECHO | termios.ICANON)

    def suspend(*_: object) -> None:
        suspended.set()
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTSTP)  # returns when the program continues
        signal.signal(signal.SIGTSTP, suspend)
        termios.tcsetattr(keyboard, termios.TCSADRAIN, quiet)

    handler = signal.signal(signal.SIGTSTP, suspend)
    try:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, quiet)
        yield suspended
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)
        signal.signal(signal.SIGTSTP, handler)


def _is_foreground() -> bool:
    """True if we may change the terminal's keys: a background job that tried would be stopped."""
    if sys.stdin.isatty():
        with suppress(OSError):  # raised for a terminal that does not control this process
            return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    return False
