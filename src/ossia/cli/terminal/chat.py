"""Chat with one model in the terminal: read a line, run a command or ask the model, and repeat."""

from contextlib import suppress
from pathlib import Path
from typing import Final

from ossia.cli.answers import Json, Part
from ossia.cli.client import Client
from ossia.cli.interrupt import interruptible
from ossia.cli.output import note, print_error, say
from ossia.cli.terminal.answer import AnswerPrinter
from ossia.cli.terminal.editor import Editor
from ossia.cli.terminal.history import HistoryFile
from ossia.cli.terminal.multiline import unquoted
from ossia.cli.terminal.screen import grey
from ossia.cli.terminal.session import Display, Session
from ossia.cli.terminal.slash import SlashCommands, is_command
from ossia.cli.terminal.writer import Thought
from ossia.config import Settings, home
from ossia.errors import OssiaError

_PICTURES: Final = (".png", ".jpg", ".jpeg", ".webp")
_FULL: Final = "`/clear` begins a new conversation, `/set parameter num_ctx` allows longer ones"


class Chat:
    """A conversation. `fields` are part of every request: think (if it was chosen), format, keep_alive."""

    def __init__(self, client: Client, model: str, fields: Json, display: Display, settings: Settings) -> None:
        self._client, self._display = client, display
        self._session = Session(model, fields)
        history = HistoryFile(home() / ".ollama" / "history", enabled=not settings.no_history)
        self._commands = SlashCommands(client, self._session, display, history)
        self._editor = Editor(history, settings.editor, toggle_thinking=self._toggle_thinking)
        self._thinking = ""  # of the latest answer

    def run(self) -> None:
        """Load the model, then read and answer until /bye or the end of input. Raises OssiaError if it cannot load."""
        with interruptible(lambda: f"stopped while loading '{self._session.model}'"):
            self._commands.load(self._session.model)
        with suppress(EOFError):
            while True:
                self._turn()

    def _turn(self) -> None:
        """Read and handle one input. Raises EOFError to end the chat."""
        try:
            text = self._editor.read()
        except KeyboardInterrupt:
            return say("Use Ctrl + d or /bye to exit.")
        try:
            if is_command(text):
                self._commands.run(text)
            elif question := unquoted(text):
                self._ask(question)
        except OssiaError as error:
            if "context length" in error.message:
                error.hint = _FULL
            print_error(error)
        except KeyboardInterrupt:  # while a command waits for the server
            say()

    def _ask(self, question: str) -> None:
        """Ask the model. After Ctrl-C the session keeps what was answered; after an error, nothing of the turn."""
        if _names_picture(question):
            note("Pictures are not read: the model gets no more than the name of the file.\n", grey)
        answer = AnswerPrinter(self._display)
        with suppress(KeyboardInterrupt):
            answer.show(self._client.stream(Part, "/api/chat", self._session.chat_request(question)))
        self._thinking = answer.thinking
        if answer.content or answer.thinking:
            self._session.add_turn(question, answer.content, answer.thinking)
        say()

    def _toggle_thinking(self) -> None:
        """Fold the thinking of future answers, or show it, including that of the latest answer."""
        if self._display.thinking == "shown":
            self._display.thinking = "folded"
            return note("Thinking will be folded.\n")
        self._display.thinking = "shown"
        if self._thinking:
            thought = Thought(wordwrap=self._display.wordwrap)
            thought.write(self._thinking)
            thought.end()
        else:
            note("Thinking will be shown.\n")


def _names_picture(text: str) -> bool:
    """True if a text names a file that is a picture, which Ollama would send to a model that sees."""
    words = (word.rstrip("?!.,:;").strip("'\"") for word in text.split())
    with suppress(OSError, RuntimeError, ValueError):  # no path, or the home of nobody
        return any(word.lower().endswith(_PICTURES) and Path(word).expanduser().is_file() for word in words)
    return False
