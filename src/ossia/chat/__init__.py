"""Chat formats: conversations to token ids, and sampled ids back to events.

A `ChatFormat` renders requests with one model's vocabulary; its `Parser` turns that model's sampled ids into events.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ossia.tokenizer import Tokenizer
from ossia.types import Event, GenerateRequest

if TYPE_CHECKING:
    from ossia.chat.jinja import Renderer

Problem = Callable[[str], str]
"""Function that tells why llguidance cannot enforce a grammar; "" if it can."""


@dataclass(frozen=True, slots=True)
class MessageEnd:
    """End of a message whose text is shown. Text after it is another message's."""


Parsed = Event | MessageEnd


class Parser(Protocol):
    """Turns sampled ids into events. Never raises, whatever the model writes, and never emits Finished."""

    reasoning_tokens: int
    """Number of ids so far that were chain of thought."""

    def feed(self, token: int) -> Sequence[Parsed]: ...
    def finish(self) -> Sequence[Parsed]: ...


@dataclass(frozen=True, slots=True)
class TurnGrammar:
    """The ids that may be sampled, as grammars in llguidance's dialect of Lark.

    `whole` is the grammar of the turn from the end of the prompt; `prefix` are the ids of the turn that the prompt
    already contains. `finishers` are the ids that end the turn, `message_ends` those that end a message.

    A grammar that ends with the header of a call has a capture `call_N`, which selects `arguments[N]`: the first of
    these grammars that compiles applies to the arguments. After them and `message_ends`, `another` call may follow. So
    a request may have many tools, while only the schemas of those that are called are compiled.

    If an answer is required, `answer` is the grammar that applies once free messages have to end, after `message_ends`.
    About `reserve` ids are needed to complete JSON that was begun or is required.
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

    async def render(self, request: GenerateRequest, limit: int) -> list[int]:
        """Return the ids of the prompt. Of one that is far longer than `limit`, only the beginning is rendered.

        Raises InvalidRequest for a conversation that cannot be rendered.
        """
        ...

    def parser(self, request: GenerateRequest) -> Parser: ...

    def grammar(self, request: GenerateRequest, problem: Problem) -> TurnGrammar | None:
        """Return the grammar of the answer; None allows anything. Raises InvalidRequest if it cannot be enforced."""
        ...


def choose(
    tokenizer: Tokenizer,
    metadata: Mapping[str, Any],
    renderer: "Renderer",
    *,
    is_harmony: bool,
    trained_tools: bool = True,
    flat: bool = False,
) -> ChatFormat:
    """Return the chat format of a model: harmony, or else the template in its metadata.

    With `flat` a turn's grammar is one text, for engines that cannot go from one grammar to another within a turn.
    """
    if is_harmony:
        from ossia.chat.harmony.format import Harmony

        return Harmony(tokenizer, trained_tools=trained_tools, flat=flat)
    from ossia.chat.jinja import JinjaTemplate

    return JinjaTemplate(tokenizer, metadata, renderer)
