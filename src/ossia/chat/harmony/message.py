"""One message of the harmony format, and its ids.

This module knows how a message is spelled, not what it may say or when. All text is encoded as plain text: a user's
text can never become a control token. Ids equal those of openai-harmony 0.0.8, except that a call is spelled as the
model samples it, `<|channel|>commentary to=functions.f <|constrain|>json`, with the recipient after the channel, where
the library writes it after the role. So the next turn's prompt repeats the ids that are in the KV cache, header
included.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf

from ossia.chat.harmony.typescript import functions_section
from ossia.errors import InvalidModelFile
from ossia.tokenizer import Tokenizer
from ossia.types import ResponseFormat, Tool

CHANNELS = ("analysis", "commentary", "final")

_LITERALS = [f"<|{name}|>" for name in ("start", "end", "message", "channel", "constrain", "return", "call")]
CONTROL_LITERALS = frozenset(_LITERALS)
"""The control tokens that a vocabulary of harmony has."""


@dataclass(frozen=True, slots=True)
class ControlTokens:
    """The ids of harmony's control tokens."""

    start: int
    end: int
    message: int
    channel: int
    constrain: int
    return_: int
    call: int
    endoftext: int | None

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> "ControlTokens":
        """Look up the ids in a vocabulary. Raises InvalidModelFile if it does not have them."""
        special = tokenizer.special_tokens
        if missing := sorted(CONTROL_LITERALS - special.keys()):
            raise InvalidModelFile(f"the vocabulary has no control token {missing[0]}, which harmony needs")
        start, end, message, channel, constrain, return_, call = (special[literal] for literal in _LITERALS)
        return cls(start, end, message, channel, constrain, return_, call, special.get("<|endoftext|>"))


@dataclass(frozen=True, slots=True)
class HarmonyMessage:
    """A message. `author` is a role or, for a tool's result, its name. `json` or `code` says what the content is.

    `ids`, if not empty, are everything after the author: a whole turn, as it was sampled.
    """

    author: str
    content: str
    channel: str | None = None
    recipient: str | None = None
    json: bool = False
    code: bool = False
    ids: tuple[int, ...] = ()

    @property
    def is_call(self) -> bool:
        return self.author == "assistant" and self.recipient is not None


Read = Callable[[str, float], list[int]]
"""Function from a text to its ids; of more than so many, to the beginning of more than so many."""


class Renderer:
    """Renders messages to ids in one vocabulary."""

    def __init__(self, tokenizer: Tokenizer, control: ControlTokens) -> None:
        self.tokenizer = tokenizer
        self._encode = tokenizer.encode
        self._control = control

    def message(self, message: HarmonyMessage, most: float = inf, read: Read | None = None) -> list[int]:
        """Return the ids of a whole message. A token that ended the conversation's turn becomes <|end|>.

        Of content with more than `most` ids, only the beginning is rendered. `read` tokenizes the content.
        """
        if message.ids:
            ended = (self._control.end if id == self._control.return_ else id for id in message.ids)
            return [*self.start(message.author), *ended]
        return [*self.opened(message, most, read), self._control.call if message.is_call else self._control.end]

    def opened(self, message: HarmonyMessage, most: float = inf, read: Read | None = None) -> list[int]:
        """Return the ids of a message that the model will continue."""
        ids = self.start(message.author)
        to = f" to={message.recipient}" if message.recipient else ""
        if not message.is_call:
            ids += self._encode(to)
        if message.channel:
            ids += [self._control.channel, *self._encode(message.channel + (to if message.is_call else ""))]
        if message.json:
            ids += [*self._encode(" "), self._control.constrain, *self._encode("json")]
        elif message.code:
            ids += self._encode(" code")
        content = read(message.content, most) if read else self._encode(message.content, most=most)
        return [*ids, self._control.message, *content]

    def start(self, author: str) -> list[int]:
        """Return the ids that begin a message, whose header `author` will continue."""
        return [self._control.start, *self._encode(author)]


def system_text(*, date: str, effort: str, has_functions: bool, tools: str = "") -> str:
    """Return the system message: identity, date, reasoning effort, trained `tools` and channels."""
    section = f"{tools}\n\n" if tools else ""
    text = (
        "You are ChatGPT, a large language model trained by OpenAI.\n"
        "Knowledge cutoff: 2024-06\n"
        f"Current date: {date}\n\n"
        f"Reasoning: {effort}\n\n"
        f"{section}# Valid channels: {', '.join(CHANNELS)}. Channel must be included for every message."
    )
    return text + "\nCalls to these tools must go to the commentary channel: 'functions'." if has_functions else text


def developer_text(instructions: str | None, tools: Iterable[Tool], format: ResponseFormat | None = None) -> str:
    """Return the developer message: instructions, functions and the schema of the answer, those that are given."""
    sections = [] if instructions is None else ["# Instructions", instructions]
    if tools := tuple(tools):
        sections.append(functions_section(tools))
    if format:
        comment = f"// {format.description}\n" if format.description else ""
        schema = json.dumps(format.schema, ensure_ascii=False, separators=(",", ":"))
        sections.append(f"# Response Formats\n\n## {format.name}\n\n{comment}{schema}")
    return "\n\n".join(sections)
