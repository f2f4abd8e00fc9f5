"""A program on a pseudo-terminal, and the screen that a person before it would see."""

import signal
import sys
import time
import warnings
from collections.abc import Callable, Mapping

import pexpect
import pyte

from tests.waiting import PATIENCE

PROMPTS = (">>> Send a message (/? for help)", ">>>")  # the short one where there is no room


class Terminal:
    """Runs a command, by default Python's, on a terminal of its own. What it writes is drawn on `lines`."""

    def __init__(
        self, *argv: str, program: str = sys.executable, env: Mapping[str, str], rows: int = 24, columns: int = 80
    ) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the fork of a process with threads
            self.process = pexpect.spawn(
                program, list(argv), env={**env, "TERM": "xterm-256color"}, dimensions=(rows, columns)
            )
        self.process.delaybeforesend = None
        self.process.ptyproc.delayafterclose = 0.0
        self.screen = pyte.HistoryScreen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.written = b""

    @property
    def lines(self) -> list[str]:
        """The screen from the first line to the last that is not empty."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip().split("\n")

    @property
    def history(self) -> list[str]:
        """The lines that have left the screen at its top."""
        rows = self.screen.history.top
        return ["".join(row[column].data for column in range(self.screen.columns)).rstrip() for row in rows]

    @property
    def line(self) -> str:
        """The line with the cursor."""
        return self.screen.display[self.screen.cursor.y].rstrip()

    def wait(self, condition: Callable[[], object]) -> None:
        """Draw what the program writes until the condition holds."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            screen = "\n".join(self.lines)
            assert time.monotonic() < deadline, f"it did not come; the screen is\n{screen}"
            try:
                data = self.process.read_nonblocking(65536, timeout=0.1)
                self.written += data
                self._stream.feed(data)
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                assert condition(), f"the program has ended; the screen is\n{screen}"

    def see(self, text: str) -> None:
        """Wait until `text` is on the screen."""
        self.wait(lambda: text in "\n".join(self.lines))

    def prompt(self) -> None:
        """Wait until the program asks for a message."""
        self.wait(lambda: self.line in PROMPTS)

    def send(self, keys: str) -> None:
        self.process.send(keys)

    def say(self, line: str) -> None:
        """Wait for the prompt, type a line, see it and press Enter."""
        self.prompt()
        self.send(line)
        self.wait(lambda: self.line not in PROMPTS)
        self.send("\r")

    def resize(self, rows: int, columns: int) -> None:
        self.screen.resize(rows, columns)
        self.process.setwinsize(rows, columns)

    def exit_code(self) -> int | None:
        self.wait(lambda: not self.process.isalive())
        return self.process.exitstatus

    def close(self) -> None:
        if self.process.isalive():
            self.process.kill(signal.SIGKILL)
            self.process.wait()
        self.process.close()
