"""Slash commands of a conversation, with Ollama's messages.

They change the session and its display, ask the server about models, and print the result.
"""

import json
import sys
from typing import Any

from ossia import parameters
from ossia.cli.answers import Json, Shown, Tags
from ossia.cli.client import Client, ServerError
from ossia.cli.output import note, say
from ossia.cli.tables import describe, models_table
from ossia.cli.terminal import help
from ossia.cli.terminal.history import HistoryFile
from ossia.cli.terminal.multiline import unquoted
from ossia.cli.terminal.progress import spinner
from ossia.cli.terminal.screen import quiet_keys
from ossia.cli.terminal.session import Display, Session
from ossia.cli.terminal.writer import Writer
from ossia.store.suggest import closest, meant_model

_SWITCHES = ("history", "nohistory", "wordwrap", "nowordwrap", "format json", "noformat", "verbose", "quiet")
_THINK = ("think", *(f"think {level}" for level in parameters.THINK_LEVELS), "nothink")
_SET = ("system", *_SWITCHES, *_THINK, *(f"parameter {name}" for name in parameters.PARAMETERS))
_SHOW = ("info", "license", "modelfile", "parameters", "system", "template")
_PLAIN = ("/load", "/save", "/clear", "/list", "/bye", "/exit", "/help", "/?", "/? set", "/? show", "/? shortcuts")
COMMANDS = (*_PLAIN, *(f"/set {words}" for words in _SET), *(f"/show {word}" for word in _SHOW))
"""All commands, for completion."""


def is_command(text: str) -> bool:
    """True if the input is a command. Pasted text may begin with /, so of several lines only /set system is one."""
    return text.startswith("/") and ("\n" not in text.strip() or text.split(None, 2)[:2] == ["/set", "system"])


class SlashCommands:
    """Runs the commands of one conversation."""

    def __init__(self, client: Client, session: Session, display: Display, history: HistoryFile) -> None:
        self._client, self._session = client, session
        self._display, self._history = display, history

    def run(self, text: str) -> None:
        """Run a command. Raises EOFError for /bye, and OssiaError."""
        match text.split():
            case ["/bye" | "/exit", *_]:
                raise EOFError
            case ["/clear", *_]:
                self._session.messages.clear()
                say("Cleared session context")
            case ["/list", *prefix]:
                self._list("".join(prefix[:1]))
            case ["/load", name]:
                self._load_another(name)
            case ["/save", name]:
                self._client.request("POST", "/api/create", {**self._session.create_request(name), "stream": False})
                say(f"Created new model '{name}'")
            case ["/load" | "/save" as command, *_]:
                say(f"Usage:\n  {command} <modelname>")
            case ["/set", *words]:
                self._set(words, text)
            case ["/show", *words]:
                self._show(words)
            case ["/?" | "/help", *topic]:
                say(help.text("".join(topic[:1])))
            case [word, *_]:
                _unknown(word)
            case _:
                pass

    def load(self, name: str) -> None:
        """Begin a new conversation with a model, and show its earlier messages."""
        with spinner(lambda: self._client.loading(name)), quiet_keys():
            shown = self._client.ask(Shown, "POST", "/api/show", {"model": name})
            self._client.request("POST", "/api/generate", self._session.load_request(name))
        self._session.begin(name, shown)
        for message in self._session.beginning:
            self._recall(message)

    def _list(self, prefix: str) -> None:
        models = self._client.ask(Tags, "GET", "/api/tags").models or ()
        say(models_table(model for model in models if model.is_called_like(prefix)), end="")

    def _load_another(self, name: str) -> None:
        say(f"Loading model '{name}'")
        try:
            self.load(name)
        except ServerError as error:
            if error.status != 404:
                raise
            meant = meant_model(name, self._client.names())
            say(f"Couldn't find model '{name}'" + (f"; did you mean '{meant}'?" if meant else ""))

    def _recall(self, message: Json) -> None:
        role, content = message.get("role"), message.get("content") or ""
        mark = ">>> " if role == "user" else ""
        if role != "system":
            writer = Writer(sys.stdout, wordwrap=self._display.wordwrap)
            writer.write(f"{mark}{content}\n" + "\n" * (not mark))
            writer.flush()

    def _set(self, words: list[str], text: str) -> None:
        match words:
            case ["parameter", name, *values] if values:
                self._set_parameter(name, values)
            case ["parameter", *_]:
                say(help.PARAMETERS)
            case ["system", _, *_]:
                self._session.system = unquoted(text.split(None, 2)[2])
                say("Set system message.")
            case ["history" | "nohistory" as word, *_]:
                self._history.enabled = word == "history"
            case ["wordwrap" | "nowordwrap" as word, *_]:
                self._display.wordwrap = word == "wordwrap"
                say(f"Set '{word}' mode.")
            case ["verbose" | "quiet" as word, *_]:
                self._display.verbose = word == "verbose"
                say(f"Set '{word}' mode.")
            case ["think" | "nothink" as word, *level]:
                self._set_think(word, level)
            case ["format" | "noformat" as word, *format]:
                self._set_format(word, format[:1])
            case [word, *_] if word != "system":
                _unknown(f"/set {word}")
            case _:
                say(help.SET)

    def _set_parameter(self, name: str, values: list[str]) -> None:
        try:
            self._session.options[name] = parameters.parse_parameter(name, values)
        except ValueError as error:
            return say(f"Couldn't set parameter: {json.dumps(str(error), ensure_ascii=False)}")
        say(f"Set parameter '{name}' to '{', '.join(values)}'")

    def _set_format(self, word: str, format: list[str]) -> None:
        if word == "noformat":
            self._session.fields.pop("format", None)
            say("Disabled format.")
        elif format == ["json"]:
            self._session.fields["format"] = "json"
            say("Set format to 'json' mode.")
        else:
            say("Invalid or missing format. For 'json' mode use '/set format json'")

    def _set_think(self, word: str, level: list[str]) -> None:
        if word == "think" and level and level[0] not in parameters.THINK_LEVELS:
            return say(f"Invalid think level '{level[0]}'. It is one of {', '.join(parameters.THINK_LEVELS)}")
        if not self._session.can_think:
            note(f'warning: model "{self._session.model}" does not support thinking output\n')
        self._session.set_think(word == "think" and (level[0] if level else True))
        say(f"Set 'think' mode to '{level[0]}'." if word == "think" and level else f"Set '{word}' mode.")

    def _show(self, words: list[str]) -> None:
        if not words:
            return say(help.SHOW)
        shown = self._client.ask(Shown, "POST", "/api/show", {"model": self._session.model})
        match words[0]:
            case "info":
                say(describe(shown, verbose=False))
            case "license":
                say(shown.license or "No license was specified for this model.")
            case "modelfile":
                say(shown.modelfile or "")
            case "parameters":
                self._show_parameters(shown)
            case "system":
                text = self._session.system or shown.system
                say(f"{text}\n" if text else "No system message was specified for this model.")
            case "template":
                say(shown.template or "No prompt template was specified for this model.")
            case word:
                _unknown(f"/show {word}")

    def _show_parameters(self, shown: Shown) -> None:
        lines = (shown.parameters or "").splitlines()
        say("Model defined parameters:")
        for line in lines or ["No additional parameters were specified for this model."]:
            say(f"  {line}")
        if self._session.options:
            say("\nUser defined parameters:")
        for name, value in self._session.options.items():
            say(f"  {name:<30} {_plain(value)}")
        say()


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _unknown(command: str) -> None:
    meant = closest(command, (*COMMANDS, *(each.split()[0] for each in COMMANDS)), 0.8)
    say(f"Unknown command '{command}'. {f'Did you mean {meant}? ' if meant else ''}Type /? for help")
