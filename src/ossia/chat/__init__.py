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
    """Which ids may be sampled: grammars in llguidance's dialect of Lark.

    `whole` is the turn from the end of the prompt on; `prefix` are ids that the prompt already has of it. `finishers`
    are the ids that end the turn, `message_ends` those that end a message.

    Where a grammar ends with the header of a call, its capture `call_N` tells which: then comes what `arguments[N]`
    says, by the first of these grammars that can be used. Behind them, after `message_ends`, `another` call follows.
    So a request may have many tools, and only the schema of the one that is called is ever compiled.

    Where something is demanded of the model, `answer` is what must follow once its free messages have to end, behind
    `message_ends`. JSON that was begun or is demanded needs about `reserve` ids to be brought to an end.
    """

    whole: str
    finishers: tuple[int, ...]
    message_ends: tuple[int, ...] = ()
    arguments: tuple[tuple[str, ...], ...] = ()
    another: str | None = None
    answer: str | None = None
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
    from ossia.chat.harmony.format import Harmony
    from ossia.chat.jinja import JinjaTemplate

    if Harmony.fits(tokenizer):
        return Harmony(tokenizer)
    return JinjaTemplate(tokenizer, metadata)
