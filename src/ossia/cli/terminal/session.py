"""State of a conversation, and how it is shown. Pure: no terminal and no server, only the bodies of requests."""

from dataclasses import dataclass, field
from typing import Any, Literal

from ossia.cli.answers import Json, Shown


@dataclass
class Display:
    """Display of answers on a terminal; elsewhere they are written as they arrive.

    `thinking` "folded" shows one line with its duration, "hidden" nothing. Markdown is only rendered if words are
    wrapped.
    """

    wordwrap: bool = True
    markdown: bool = True
    thinking: Literal["shown", "folded", "hidden"] = "shown"
    verbose: bool = False


@dataclass
class Session:
    """A conversation with one model. `fields` are part of every request: think, format, keep_alive.

    `beginning` are the model's own messages. The server adds them to each request, so here they are only saved.
    """

    model: str
    fields: Json
    options: Json = field(default_factory=dict[str, Any])
    system: str = ""
    beginning: list[Json] = field(default_factory=list[Json])
    messages: list[Json] = field(default_factory=list[Json])
    can_think: bool = False

    def __post_init__(self) -> None:
        self._think_is_chosen = "think" in self.fields

    def begin(self, model: str, shown: Shown) -> None:
        """Begin a new conversation with `model`, of which `shown` is known."""
        self.model, self.system = model, ""
        self.beginning, self.messages = shown.messages or [], []
        self.can_think = "thinking" in (shown.capabilities or ())
        if not self._think_is_chosen:
            self.fields.pop("think", None)
            self.fields |= {"think": True} if self.can_think else {}

    def set_think(self, think: bool | str) -> None:
        self.fields["think"], self._think_is_chosen = think, True

    def load_request(self, model: str) -> Json:
        """Return the body for /api/generate that only loads `model`."""
        keep_alive = {name: value for name, value in self.fields.items() if name == "keep_alive"}
        return {"model": model, "prompt": "", "stream": False, **keep_alive}

    def chat_request(self, question: str) -> Json:
        """Return the body for /api/chat that asks for the next turn."""
        system = [{"role": "system", "content": self.system}] if self.system else []
        options = {"options": self.options} if self.options else {}
        messages = [*system, *self.messages, {"role": "user", "content": question}]
        return {"model": self.model, "messages": messages, **self.fields, **options}

    def add_turn(self, question: str, content: str, thinking: str) -> None:
        reply = {"role": "assistant", "content": content} | ({"thinking": thinking} if thinking else {})
        self.messages += [{"role": "user", "content": question}, reply]

    def create_request(self, name: str) -> Json:
        """Return the body for /api/create that saves this conversation as a model."""
        said = {"system": self.system, "parameters": self.options, "messages": [*self.beginning, *self.messages]}
        return {"model": name, "from": self.model, **{key: value for key, value in said.items() if value}}
