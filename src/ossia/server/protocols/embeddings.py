"""Embeddings, whichever API asks for them: from the texts of a request to the vectors of its response.

This module knows no vendor: each has its own types, reads the inputs itself and has its own form of response.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Generic, TypeVar

import numpy as np
import numpy.typing as npt
from msgspec import Meta, Raw

from ossia.aside import aside
from ossia.engine import Embedding
from ossia.errors import InvalidRequest, OssiaError
from ossia.server.http.body import Integer
from ossia.server.http.endpoint import Call
from ossia.server.http.stream import JSON, Chunk, to_json
from ossia.server.protocols.each import check_number, each_of
from ossia.server.protocols.fields import ModelRequest, Options, keep_alive_seconds, unloads
from ossia.server.protocols.protocol import Envelope
from ossia.server.protocols.sampling import placement
from ossia.types import EmbedRequest, Usage

_DIGITS = 10  # characters of a number

Input = str | Sequence[int]
"""Text, or token ids."""

Floats = npt.NDArray[np.float32]


class EmbeddingRequest(ModelRequest, kw_only=True):
    """Request for vectors of inputs, which each API declares itself."""

    dimensions: Annotated[Integer | None, Meta(description="How many numbers of each vector are wanted.")] = None
    options: Annotated[Options | None, Meta(description="Where the model runs, and its context.")] = None
    truncate: Annotated[bool | None, Meta(description="Whether a text may be cut to fit.")] = None


Asked = TypeVar("Asked", bound=EmbeddingRequest)


@dataclass(frozen=True)
class EmbeddingProtocol(Generic[Asked]):
    """Embedding endpoint of one API, as pure functions.

    `inputs` raises InvalidRequest before anything is loaded. `truncates` is the default of the request's `truncate`: if
    true, an input that is too long is cut to fit; if false, it is refused.
    """

    inputs: Callable[[Asked], Sequence[Input]]
    response: Callable[[Sequence[Embedding], Asked, Envelope], Chunk]
    truncates: bool

    async def answer(self, call: Call[Asked]) -> None:
        """Handle a request. A long response is made aside."""
        body, envelope = call.body, Envelope(call.body.model)
        inputs = await aside(call.size, self.inputs, body)
        keep_alive = keep_alive_seconds(body.keep_alive)
        if not inputs and unloads(keep_alive):  # which asks nothing of the model
            call.record.action = "unload"
            call.require("manage")
        check_number(len(inputs), call.services.limits.embedding_inputs)
        truncate = self.truncates if body.truncate is None else body.truncate
        model = await call.resolve(envelope.model)
        place = placement(body.options, model)
        async with call.services.pool.lease(model, keep_alive, call.caller.turn, place) as lease:
            envelope.load_seconds = call.record.waited = lease.load_seconds
            _check_dimensions(body.dimensions, lease.engine.embedding_length)
            context_length, space = place.context_length, call.caller.space
            wanted = [EmbedRequest(text, truncate, context_length, space) for text in inputs]
            embeddings = await each_of(wanted, lease.embed)
        call.record.usage = Usage(num_tokens(embeddings))
        size = _DIGITS * len(embeddings) * lease.engine.embedding_length
        await call.reply.body(await aside(size, self._encoded, embeddings, body, envelope), JSON)

    def _encoded(self, embeddings: Sequence[Embedding], body: Asked, envelope: Envelope) -> bytes:
        return to_json(self.response([_cut(embedding, body.dimensions) for embedding in embeddings], body, envelope))


def numbers(vector: Floats) -> Raw:
    """Return the numbers as JSON: one vector at a time, so that thousands of them give way to other threads."""
    return Raw(to_json(vector.tolist()))


def unit(vector: Floats) -> Floats:
    """Scale the vector to length 1. The zero vector has no direction and is returned unchanged."""
    length = np.linalg.norm(vector.astype(np.float64))
    return (vector / length).astype(np.float32) if length else vector


def num_tokens(embeddings: Sequence[Embedding]) -> int:
    """Return the number of tokens of all inputs together."""
    return sum(embedding.tokens for embedding in embeddings)


def _check_dimensions(dimensions: int | None, size: int) -> None:
    if dimensions is not None and not 1 <= dimensions <= size:
        raise InvalidRequest(f"dimensions must be between 1 and {size}, which is all that the model has")


def _cut(embedding: Embedding, dimensions: int | None) -> Embedding:
    """Keep the first `dimensions` numbers. Raises OssiaError for a vector that contains NaN or infinity."""
    if not np.isfinite(embedding.vector).all():
        raise OssiaError("embedding contains NaN or Inf values")
    return replace(embedding, vector=embedding.vector[:dimensions])
