"""An answer as it comes: text to stdout, thinking to stderr. Knows the objects that the server streams, not how they
arrive."""

import itertools
import json
import sys
from collections.abc import Generator, Mapping
from contextlib import closing
from typing import Any

from ossia.client import Json
from ossia.terminal.progress import note, spinner


class Answer:
    """Prints an answer while it comes, and keeps it: `content`, `thinking` and the `last` object, with statistics."""

    def __init__(self, *, hide_thinking: bool = False) -> None:
        self.content = self.thinking = ""
        self.last: Json = {}
        self._hide_thinking = hide_thinking
        self._thinking_open = False

    def show(self, chunks: Generator[Json]) -> None:
        """Print the chunks of /api/generate or /api/chat to the last. Interrupted, it keeps what came until then."""
        with closing(chunks):
            with spinner("waiting for the model"):
                first = list(itertools.islice(chunks, 1))
            try:
                for self.last in itertools.chain(first, chunks):
                    message = self.last.get("message", {})
                    self._think(self.last.get("thinking") or message.get("thinking") or "")
                    self._write(self.last.get("response") or message.get("content") or "")
                    for call in message.get("tool_calls") or self.last.get("tool_calls") or ():
                        self._call(call["function"])
            finally:
                self._stop_thinking()
                if self.content:
                    print(flush=True)

    def _think(self, text: str) -> None:
        self.thinking += text
        if not text or self._hide_thinking:
            return
        if not self._thinking_open:
            self._thinking_open = True
            note(_grey("Thinking...\n", end=False))
        note(text)

    def _write(self, text: str) -> None:
        if text:
            self._stop_thinking()
            self.content += text
            print(text, end="", flush=True)

    def _call(self, function: Mapping[str, Any]) -> None:
        arguments = json.dumps(function["arguments"], ensure_ascii=False)
        self._write(f"Model called a non-existent function '{function['name']}()' with arguments: {arguments}")

    def _stop_thinking(self) -> None:
        if self._thinking_open:
            self._thinking_open = False
            note(_grey("\n...done thinking.", begin=False) + "\n\n")


def _grey(text: str, *, begin: bool = True, end: bool = True) -> str:
    if not sys.stderr.isatty():
        return text
    return "\033[90m" * begin + text + "\033[0m" * end
