"""Recall: restores the reasoning that clients drop inside tool loops.

gpt-oss thinks, calls a tool, reads the result and thinks on; without its earlier thoughts it thinks worse. Most clients
send the call back without them. So a turn with calls is kept for a while, under the ids of its calls, which nobody can
guess. When a request contains such a call, its turn gets back its thoughts and, if the client did not change it, the
ids that were sampled. A recall knows no protocol, belongs to one loaded model, and keeps only the latest turns. A turn
is remembered for requests of its own space only.
"""

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ossia.types import Collected, GenerateRequest, Message, ToolCall

_TURNS: Final = 1024
_TOKENS: Final = 1 << 20


class Recall:
    """The latest turns with calls, as many as there is room for."""

    def __init__(self, turns: int = _TURNS, tokens: int = _TOKENS) -> None:
        self._most_turns = turns
        self._most_tokens = tokens
        self._turns: OrderedDict[tuple[str, str], Message] = OrderedDict()  # by space and the id of the first call
        self._tokens = 0

    def remember(self, answer: Collected, space: str = "") -> None:
        """Keep a turn if it made calls."""
        message, finished = answer.message, answer.finished
        if not message.tool_calls:
            return
        sampled = finished.token_ids[finished.usage.prompt_tokens :]
        if before := self._turns.pop(name := (space, message.tool_calls[0].id), None):
            self._tokens -= len(before.token_ids)
        self._turns[name] = replace(message, token_ids=sampled)
        self._tokens += len(sampled)
        while len(self._turns) > self._most_turns or self._tokens > self._most_tokens:
            _, oldest = self._turns.popitem(last=False)
            self._tokens -= len(oldest.token_ids)

    def completed(self, request: GenerateRequest) -> GenerateRequest:
        """Return the request with everything that is remembered of its turns."""
        if isinstance(request.prompt, str):
            return request
        left = self._known(request.prompt, request.space)
        if not left:
            return request
        return replace(request, prompt=tuple(self._completed(message, left) for message in request.prompt))

    def _known(self, messages: Sequence[Message], space: str) -> dict[str, Message]:
        """Return what is remembered of the messages, by the ids of their first calls."""
        ids = {message.tool_calls[0].id for message in messages if message.tool_calls}
        return {id: known for id in ids if (known := self._turns.get((space, id)))}

    def _completed(self, message: Message, left: dict[str, Message]) -> Message:
        """Return a message with what is remembered of it, which is taken out of `left`: a turn is said once."""
        known = left.pop(message.tool_calls[0].id, None) if message.tool_calls else None
        if known is None or message.token_ids:
            return message
        message = replace(message, reasoning=message.reasoning or known.reasoning)
        return replace(message, token_ids=known.token_ids) if _same(message, known) else message


def _same(message: Message, known: Message) -> bool:
    """True if the client sent back what the model said. White space at the ends does not count as a change."""
    return (
        message.reasoning.strip() == known.reasoning.strip()
        and message.content.strip() == known.content.strip()
        and [*map(_meaning, message.tool_calls)] == [*map(_meaning, known.tool_calls)]
    )


def _meaning(call: ToolCall) -> tuple[str, str, object]:
    try:
        return call.id, call.name, json.loads(call.arguments)
    except (ValueError, RecursionError):
        return call.id, call.name, call.arguments
