"""One message of the harmony format, and its ids.

What a message may say and when is not known here, only how it is spelled. Every piece of text is encoded as plain
text: what a user writes can never become a control token. Ids are those of openai-harmony 0.0.8, except that a call
is spelled as the model samples it: `<|channel|>commentary to=functions.f <|constrain|>json`, with the recipient behind
the channel, where the library writes it behind the role. In that form the next turn's prompt repeats the ids that are
already in the KV cache, header included.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from ossia.chat.harmony.typescript import functions_section
from ossia.tokenizer import Tokenizer
from ossia.types import ResponseFormat, Tool

CHANNELS = ("analysis", "commentary", "final")


@dataclass(frozen=True, slots=True)
class ControlTokens:
    """The ids that give harmony its structure."""

    start: int
    end: int
    message: int
    channel: int
    constrain: int
    return_: int
    call: int
    endoftext: int | None

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> "ControlTokens | None":
        """The ids in this vocabulary; None if it is not one for harmony."""
        special = tokenizer.special_tokens
        literals = [f"<|{name}|>" for name in ("start", "end", "message", "channel", "constrain", "return", "call")]
        if not special.keys() >= set(literals):
            return None
        start, end, message, channel, constrain, return_, call = (special[literal] for literal in literals)
        return cls(start, end, message, channel, constrain, return_, call, special.get("<|endoftext|>"))


@dataclass(frozen=True, slots=True)
class HarmonyMessage:
    """`author` is a role or, for a tool's result, the tool: `functions.f`. `json` marks the content as JSON.

    `ids`, where they are known, are what follows the author: a whole turn, as it was sampled.
    """

    author: str
    content: str
    channel: str | None = None
    recipient: str | None = None
    json: bool = False
    ids: tuple[int, ...] = ()

    @property
    def is_call(self) -> bool:
        return self.author == "assistant" and self.recipient is not None


class Renderer:
    """Ids of messages in one vocabulary."""

    def __init__(self, tokenizer: Tokenizer, control: ControlTokens) -> None:
        self._encode = tokenizer.encode
        self._control = control

    def message(self, message: HarmonyMessage) -> list[int]:
        """A whole message, with the token that ends it. The token that ended a conversation's turn becomes <|end|>."""
        if message.ids:
            ended = (self._control.end if id == self._control.return_ else id for id in message.ids)
            return [*self.start(message.author), *ended]
        return [*self.opened(message), self._control.call if message.is_call else self._control.end]

    def opened(self, message: HarmonyMessage) -> list[int]:
        """A message that is to be continued."""
        ids = self.start(message.author)
        to = f" to={message.recipient}" if message.recipient else ""
        if not message.is_call:
            ids += self._encode(to)
        if message.channel:
            ids += [self._control.channel, *self._encode(message.channel + (to if message.is_call else ""))]
        if message.json:
            ids += [*self._encode(" "), self._control.constrain, *self._encode("json")]
        return [*ids, self._control.message, *self._encode(message.content)]

    def start(self, author: str) -> list[int]:
        """The beginning of a message whose header the author goes on to write."""
        return [self._control.start, *self._encode(author)]


def system_text(*, date: str, effort: str, has_functions: bool) -> str:
    """The system message: who the model is, how hard it thinks and where it may write; never a user's instructions."""
    text = (
        "You are ChatGPT, a large language model trained by OpenAI.\n"
        "Knowledge cutoff: 2024-06\n"
        f"Current date: {date}\n\n"
        f"Reasoning: {effort}\n\n"
        f"# Valid channels: {', '.join(CHANNELS)}. Channel must be included for every message."
    )
    return text + "\nCalls to these tools must go to the commentary channel: 'functions'." if has_functions else text


def developer_text(instructions: str | None, tools: Iterable[Tool], format: ResponseFormat | None = None) -> str:
    """The developer message: instructions, functions and the schema of the answer, each if there are any."""
    sections = [] if instructions is None else ["# Instructions", instructions]
    if tools := tuple(tools):
        sections.append(functions_section(tools))
    if format:
        comment = f"// {format.description}\n" if format.description else ""
        schema = json.dumps(format.schema, ensure_ascii=False, separators=(",", ":"))
        sections.append(f"# Response Formats\n\n## {format.name}\n\n{comment}{schema}")
    return "\n\n".join(sections)
