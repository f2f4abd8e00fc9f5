"""From a conversation to tokens, and from tokens back to events.

A `ChatFormat` renders requests for one model's vocabulary; its `Parser` turns that model's sampled ids into events.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ossia.tokenizer import Tokenizer
from ossia.types import Event, GenerateRequest


class Parser(Protocol):
    """Sampled ids in, events out. Never raises, whatever the model says; never emits Finished."""

    reasoning_tokens: int
    """How many of the ids fed so far were chain of thought."""

    def feed(self, token: int) -> list[Event]: ...
    def finish(self) -> list[Event]: ...


@dataclass(frozen=True, slots=True)
class TurnGrammar:
    """Which ids may be sampled, in llguidance's dialect of Lark.

    `whole` is the turn from the end of the prompt on. `answer`, where something is demanded of the model, is what must
    come next when its free messages are to end: it follows `message_end`. `finishers` are the ids that end the turn.
    A demanded or begun JSON text needs about `reserve` ids to be brought to an end. `prefix` are ids that the prompt
    already has of the turn.
    """

    whole: str
    finishers: tuple[int, ...]
    answer: str | None = None
    message_end: int | None = None
    reserve: int = 0
    prefix: tuple[int, ...] = ()


class ChatFormat(Protocol):
    stop_token_ids: frozenset[int]
    supports_tools: bool
    supports_thinking: bool

    def render(self, request: GenerateRequest) -> list[int]:
        """The ids of the prompt. Raises InvalidRequest for a conversation that cannot be rendered."""
        ...

    def parser(self, request: GenerateRequest) -> Parser: ...

    def grammar(self, request: GenerateRequest) -> TurnGrammar | None:
        """What the answer may consist of; None: anything. Raises InvalidRequest for what cannot be enforced."""
        ...


def choose(tokenizer: Tokenizer, metadata: Mapping[str, Any]) -> ChatFormat:
    """Harmony for a vocabulary that has its tokens, the model's own template for any other."""
    from ossia.chat.harmony import Harmony
    from ossia.chat.jinja import JinjaTemplate

    if Harmony.fits(tokenizer):
        return Harmony(tokenizer)
    return JinjaTemplate(tokenizer, metadata)
