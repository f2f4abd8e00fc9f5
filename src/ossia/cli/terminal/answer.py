"""Printing of a streamed answer: text to stdout, thinking to stderr.

Knows the parts that the server streams, not how they arrive.
"""

import json
import sys
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, closing
from typing import Final

from ossia.cli.answers import Function, Message, Part
from ossia.cli.output import note, say
from ossia.cli.tables import statistics
from ossia.cli.terminal import screen
from ossia.cli.terminal.markup import is_worth_rendering
from ossia.cli.terminal.progress import spinner
from ossia.cli.terminal.session import Display
from ossia.cli.terminal.writer import Thought, Writer
from ossia.printable import printable

_CUT_OFF: Final = "The answer is cut off: it has num_predict tokens, or the context (num_ctx) is full.\n"


class AnswerPrinter:
    """Prints an answer as it arrives, and keeps its `content`, its `thinking` and the `last` part."""

    def __init__(self, display: Display, waits_for: Callable[[], str] = lambda: "waiting for the model") -> None:
        """`waits_for` tells what is waited for before the first text."""
        self.content = self.thinking = ""
        self.last = Part()
        self._display = display
        self._waits_for = waits_for
        self._text = Writer(sys.stdout, wordwrap=display.wordwrap)
        self._thought: Thought | None = None
        self._thinking_since: float | None = None
        self._may_render = display.markdown and screen.is_fancy(sys.stdout)

    def show(self, parts: Generator[Part]) -> None:
        """Print all parts of /api/generate or /api/chat. When interrupted, the text so far is kept."""
        with closing(parts), screen.quiet_keys() as suspended:
            is_whole = False
            try:
                with ExitStack() as waiting:
                    waiting.enter_context(spinner(self._waits_for))
                    for self.last in parts:
                        self._take(self.last, waiting)
                is_whole = True
            finally:
                self._stop_thinking()
                self._end(render=self._may_render and is_whole and not suspended.is_set())
        if self.last.done_reason == "length":
            note(_CUT_OFF, screen.grey)
        if self._display.verbose:
            note(statistics(self.last))

    def stopped(self) -> str:
        """Tell what has become of an answer that was interrupted."""
        if self.content or self.thinking:
            return "stopped: the answer is not complete"
        return "stopped while waiting for the model: there is no answer yet"

    def _take(self, part: Part, waiting: ExitStack) -> None:
        message = part.message or Message()
        thinking = part.thinking or message.thinking or ""
        content = part.response or message.content or ""
        calls = message.tool_calls or part.tool_calls or ()
        if content or calls or (thinking and self._display.thinking == "shown"):
            waiting.close()
        self._think(thinking)
        self._write(content)
        for call in calls:
            self._call(call.function)

    def _think(self, text: str) -> None:
        if not text:
            return
        if self._thinking_since is None:
            self._begin_thinking()
        self.thinking += text
        if self._thought:
            self._thought.write(text)

    def _begin_thinking(self) -> None:
        self._thinking_since = time.monotonic()
        if self.content:  # rare; thinking in the middle of the text cannot be replaced any more
            self._may_render = False
            self._text.flush()
        if self._display.thinking == "shown":
            self._thought = Thought(wordwrap=self._display.wordwrap)

    def _write(self, text: str) -> None:
        if text:
            self._stop_thinking()
            self.content += text
            self._text.write(text)

    def _call(self, function: Function) -> None:
        arguments = json.dumps(function.arguments, ensure_ascii=False)
        self._write(f"Model called a non-existent function '{function.name}()' with arguments: {arguments}")

    def _stop_thinking(self) -> None:
        if self._thinking_since is None:
            return
        seconds, self._thinking_since = time.monotonic() - self._thinking_since, None
        if self._thought:
            self._thought.end()
            self._thought = None
        elif self._display.thinking == "folded":
            note(f"Thought for {seconds:.1f} s (Ctrl+O shows it)", screen.grey)
            note("\n\n")

    def _end(self, *, render: bool) -> None:
        self._text.flush()
        if self.content and not (render and is_worth_rendering(self.content) and self._render()):
            say()
            sys.stdout.flush()

    def _render(self) -> bool:
        from ossia.cli.terminal.markdown import rendered

        return self._text.replace(rendered(printable(self.content), screen.size(sys.stdout).columns))
