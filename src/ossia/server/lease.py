"""Lease: the use of a model's engine, for as long as a request needs it.

Each sequence takes a place of the engine's batch, for which it waits when it is its client's turn. Which engine that is
and how long it stays loaded is not known here.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace

from ossia.engine import Embedding, Engine, Relevance
from ossia.server.turns import Turn
from ossia.types import Event, GenerateRequest


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to use an engine. `load_seconds` is how long its request waited for it."""

    engine: Engine
    load_seconds: float
    turn: Turn

    @asynccontextmanager
    async def generate(self, request: GenerateRequest) -> AsyncGenerator[AsyncGenerator[Event]]:
        """Return the engine's stream, which is closed, and aborted if it still runs, at the end of the `with` block."""
        request = replace(request, client=self.turn.client)
        async with self.turn.place(), aclosing(self.engine.generate(request)) as events:
            yield events

    async def embed(
        self, text: str | Sequence[int], *, truncate: bool, context_length: int | None, space: str
    ) -> Embedding:
        """Embed a text or ids, as the engine does."""
        async with self.turn.place():
            return await self.engine.embed(
                text, truncate=truncate, context_length=context_length, space=space, client=self.turn.client
            )

    async def rank(self, query: str, document: str, *, space: str) -> Relevance:
        """Compare a document with a query, as the engine does."""
        async with self.turn.place():
            return await self.engine.rank(query, document, space=space)
