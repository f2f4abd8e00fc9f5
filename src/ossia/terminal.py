"""What happens on a terminal: an answer as it comes, a conversation, signs of life while one waits.

The answer is data and goes to stdout; thinking, spinners, progress and statistics go to stderr. Knows the objects
that the server streams, not how they arrive.
"""

import itertools
import json
import re
import sys
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager, suppress
from typing import Any

from ossia.client import Client, Json
from ossia.errors import OssiaError
from ossia.tables import statistics

_SPINNER_DELAY = 1.0
_HELP = """\
  /set system TEXT   Set the system message
  /clear             Forget the conversation
  /?, /help          This help
  /bye, /exit        Leave

Text between \"\"\" and \"\"\" may have several lines."""


def report(error: OssiaError) -> None:
    print(f"error: {error.message}", file=sys.stderr)
    if error.hint:
        print(f"hint: {error.hint}", file=sys.stderr)


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
            _note(_grey("Thinking...\n", end=False))
        _note(text)

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
            _note(_grey("\n...done thinking.", begin=False) + "\n\n")


def _note(text: str) -> None:
    print(text, end="", file=sys.stderr, flush=True)


def _grey(text: str, *, begin: bool = True, end: bool = True) -> str:
    if not sys.stderr.isatty():
        return text
    return "\033[90m" * begin + text + "\033[0m" * end


class Chat:
    """A conversation with one model. `options` are fields that go into every request (think, keep_alive, ...)."""

    def __init__(self, client: Client, model: str, options: Json, *, hide_thinking: bool, verbose: bool) -> None:
        self._client = client
        self._request: Json = {"model": model, **options}
        self._hide_thinking, self._verbose = hide_thinking, verbose
        self._system = ""
        self._history: list[Json] = []

    def run(self) -> None:
        """Load the model, then read and answer until /bye or the end of input."""
        with suppress(ImportError):
            import readline  # noqa: F401  # pyright: ignore[reportUnusedImport]  line editing for input()
        with spinner("loading the model"):
            self._client.request("POST", "/api/generate", {**self._request, "prompt": "", "stream": False})
        while True:
            try:
                text = _read()
                if text in ("/bye", "/exit"):
                    return
                self._do(text)
            except EOFError:
                return print()
            except KeyboardInterrupt:
                print("\nUse Ctrl + d or /bye to exit.")
            except OssiaError as error:
                report(error)

    def _do(self, text: str) -> None:
        match text.split(maxsplit=2):
            case []:
                pass
            case ["/clear"]:
                self._history.clear()
                print("Cleared session context")
            case ["/set", "system", system]:
                self._system = system
                print("Set system message.")
            case ["/?" | "/help", *_]:
                print(_HELP)
            case [word, *_] if word.startswith("/"):
                print(f"Unknown command '{word}'. Type /? for help")
            case _:
                self._ask(text)

    def _ask(self, text: str) -> None:
        """One turn. After Ctrl-C the history has what was said; after an error, nothing of the turn."""
        question = {"role": "user", "content": text}
        system = [{"role": "system", "content": self._system}] if self._system else []
        answer = Answer(hide_thinking=self._hide_thinking)
        with suppress(KeyboardInterrupt):
            messages = [*system, *self._history, question]
            answer.show(self._client.stream("/api/chat", {**self._request, "messages": messages}))
        reply = {"role": "assistant", "content": answer.content, "thinking": answer.thinking}
        self._history += [question, reply]
        if self._verbose:
            _note(statistics(answer.last))


def _read() -> str:
    """A line, or all lines from three double quotes to the next three."""
    text = input(">>> ")
    opening = re.match(r'(/set system )?"""', text)
    if opening is None:
        return text.strip()
    begin = opening.end()
    while not text[begin:].rstrip().endswith('"""'):
        text += "\n" + input("... ")
    return (opening[1] or "") + text[begin:].rstrip()[:-3]


@contextmanager
def spinner(text: str) -> Generator[None]:
    """A moving sign on stderr, if that is a terminal and the wait is longer than a second."""
    done = threading.Event()

    def spin() -> None:
        if done.wait(_SPINNER_DELAY):
            return
        for sign in itertools.cycle("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"):
            _note(f"\r{sign} {text}")
            if done.wait(0.1):
                return _note("\r\033[K")

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
