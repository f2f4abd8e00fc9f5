"""What clients forget between two requests of a loop of tools: how the model came to its calls.

gpt-oss thinks, calls, reads the result and thinks on; without its earlier thoughts it thinks worse. Most clients send
the call back without them. So a turn that made calls is kept for a while under the ids of its calls, which nobody can
guess, and is completed when a request brings such a call again: with its thoughts, and with the ids that were sampled
if it comes back as it was. It knows no protocol, belongs to one loaded model, and keeps only its latest turns.
"""

import json
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Final, cast

from ossia.engine import Engine
from ossia.types import Collected, Event, Finished, GenerateRequest, Message, ToolCall, fold

_TURNS: Final = 1024
_TOKENS: Final = 1 << 20


class Recall:
    """The latest turns with calls, as many as there is room for."""

    def __init__(self, turns: int = _TURNS, tokens: int = _TOKENS) -> None:
        self._most_turns = turns
        self._most_tokens = tokens
        self._turns: OrderedDict[str, Message] = OrderedDict()  # by the id of a turn's first call
        self._tokens = 0

    async def generate(self, engine: Engine, request: GenerateRequest) -> AsyncGenerator[Event]:
        """The engine's stream for the completed request; the turn is remembered if it makes calls."""
        turn: list[Event] = []
        stream = cast(AsyncGenerator[Event], engine.generate(self.completed(request)))
        async with aclosing(stream) as events:
            async for event in events:
                if request.tools:
                    turn.append(event)
                    if isinstance(event, Finished) and event.reason == "tool_calls":
                        self.remember(fold(turn))
                yield event

    def remember(self, answer: Collected) -> None:
        """Keep a turn that made calls."""
        message, finished = answer.message, answer.finished
        if not message.tool_calls:
            return
        sampled = finished.token_ids[finished.usage.prompt_tokens :]
        if before := self._turns.pop(id := message.tool_calls[0].id, None):
            self._tokens -= len(before.token_ids)
        self._turns[id] = replace(message, token_ids=sampled)
        self._tokens += len(sampled)
        while len(self._turns) > self._most_turns or self._tokens > self._most_tokens:
            _, oldest = self._turns.popitem(last=False)
            self._tokens -= len(oldest.token_ids)

    def completed(self, request: GenerateRequest) -> GenerateRequest:
        """The request with what is remembered of its turns."""
        if isinstance(request.prompt, str):
            return request
        return replace(request, prompt=tuple(map(self._completed, request.prompt)))

    def _completed(self, message: Message) -> Message:
        known = self._turns.get(message.tool_calls[0].id) if message.tool_calls else None
        if known is None or message.token_ids:
            return message
        message = replace(message, reasoning=message.reasoning or known.reasoning)
        return replace(message, token_ids=known.token_ids) if _same(message, known) else message


def _same(message: Message, known: Message) -> bool:
    """Whether the client sent back what the model said. White space is nothing that a client would change."""
    return (
        message.reasoning.strip() == known.reasoning.strip()
        and message.content.strip() == known.content.strip()
        and [*map(_meaning, message.tool_calls)] == [*map(_meaning, known.tool_calls)]
    )


def _meaning(call: ToolCall) -> tuple[str, str, Any]:
    try:
        return call.id, call.name, json.loads(call.arguments)
    except (ValueError, RecursionError):
        return call.id, call.name, call.arguments
