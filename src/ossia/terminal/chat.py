"""A conversation with one model in the terminal."""

import re
from contextlib import suppress

from ossia.client import Client, Json
from ossia.errors import OssiaError
from ossia.tables import statistics
from ossia.terminal.answer import Answer
from ossia.terminal.progress import note, report, spinner

_HELP = """\
  /set system TEXT   Set the system message
  /clear             Forget the conversation
  /?, /help          This help
  /bye, /exit        Leave

Text between \"\"\" and \"\"\" may have several lines."""


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
            note(statistics(answer.last))


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
