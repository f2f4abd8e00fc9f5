"""POST /v1/rerank, between its types and the engine's scores. Jina's, Cohere's and llama.cpp's clients call it.

A pair of a query and a document that is too long is refused. As on other routes, the fields `keep_alive` and `options`
are Ollama's.
"""

from collections.abc import Sequence
from typing import Final

from ossia.engine import Relevance
from ossia.errors import InvalidRequest
from ossia.server.http.endpoint import Call
from ossia.server.http.stream import Chunk
from ossia.server.protocols.each import check_number, each_of
from ossia.server.protocols.fields import keep_alive_seconds
from ossia.server.protocols.protocol import Envelope
from ossia.server.protocols.rerank.types import RerankRequest
from ossia.server.protocols.sampling import placement
from ossia.types import Usage

PATHS: Final = ("/v1/rerank", "/v2/rerank", "/rerank", "/v1/reranking", "/reranking")
"""Jina's and Cohere's paths, and more that llama.cpp answers."""


async def rerank(call: Call[RerankRequest]) -> Chunk:
    body, envelope = call.body, Envelope(call.body.model)
    texts = _texts(body)
    check_number(len(texts), call.services.limits.embedding_inputs)
    model = await call.resolve(body.model)
    place, space = placement(body.options, model), call.caller.space
    keep_alive = keep_alive_seconds(body.keep_alive)
    async with call.services.pool.lease(model, keep_alive, call.caller.turn, place) as lease:
        call.record.waited = lease.load_seconds
        found = await each_of(texts, lambda text: lease.rank(body.query, text, space=space))
    call.record.usage = Usage(sum(each.tokens for each in found))
    return _response(body, texts, found, envelope)


def _texts(body: RerankRequest) -> list[str]:
    """Return the documents' texts. Raises InvalidRequest where there is nothing to compare."""
    texts = [document if isinstance(document, str) else document.text for document in body.documents]
    if not body.query or not texts:
        raise InvalidRequest(f"{'documents' if body.query else 'query'} must not be empty")
    if body.top_n is not None and body.top_n < 1:
        raise InvalidRequest("top_n must be at least 1")
    return texts


def _response(body: RerankRequest, texts: Sequence[str], found: Sequence[Relevance], envelope: Envelope) -> Chunk:
    best = sorted(range(len(found)), key=lambda index: found[index].score, reverse=True)[: body.top_n]
    tokens = sum(each.tokens for each in found)
    shown = [{"document": {"text": text}} if body.return_documents else {} for text in texts]
    return {
        "id": envelope.id,
        "object": "list",
        "model": envelope.model,
        "results": [{"index": index, "relevance_score": found[index].score} | shown[index] for index in best],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }
