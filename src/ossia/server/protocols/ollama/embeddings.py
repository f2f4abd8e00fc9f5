"""Ollama's POST /api/embed and its older /api/embeddings, between their types and the engine's vectors."""

from collections.abc import Sequence

from msgspec import ValidationError, convert

from ossia.engine import Embedding
from ossia.errors import InvalidRequest
from ossia.server.http.stream import Chunk
from ossia.server.protocols.embeddings import EmbeddingProtocol, num_tokens, numbers, unit
from ossia.server.protocols.ollama.embedding_types import EmbedRequest, OldEmbeddingsRequest
from ossia.server.protocols.ollama.times import nanoseconds
from ossia.server.protocols.protocol import Envelope


def _inputs(body: EmbedRequest) -> Sequence[str]:
    """Read the texts of `input`; an empty one has none, and only loads the model. Raises InvalidRequest."""
    try:
        value: str | list[str] | None = convert(body.input, str | list[str] | None)
    except ValidationError:
        raise InvalidRequest("invalid input type", hint="input must be a string or a list of strings") from None
    if isinstance(value, list):
        return value
    return [value] if value else []


def _response(embeddings: Sequence[Embedding], body: EmbedRequest, envelope: Envelope) -> Chunk:
    return {
        "model": envelope.model,
        "embeddings": [numbers(unit(embedding.vector)) for embedding in embeddings],
        "total_duration": nanoseconds(envelope.seconds),
        "load_duration": nanoseconds(envelope.load_seconds),
        "prompt_eval_count": max(num_tokens(embeddings), 1),
    }


def _prompt(body: OldEmbeddingsRequest) -> Sequence[str]:
    return [body.prompt] if body.prompt else []


def _old_response(embeddings: Sequence[Embedding], body: OldEmbeddingsRequest, envelope: Envelope) -> Chunk:
    return {"embedding": numbers(embeddings[0].vector) if embeddings else []}


EMBED = EmbeddingProtocol[EmbedRequest](_inputs, _response, truncates=True)
OLD_EMBEDDINGS = EmbeddingProtocol[OldEmbeddingsRequest](_prompt, _old_response, truncates=True)
