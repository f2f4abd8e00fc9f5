"""OpenAI's POST /v1/embeddings, between its types and ossia's.

An input that is too long is refused, unless `truncate` is true. As on /v1/chat/completions, the fields `keep_alive`
and `options` are Ollama's.
"""

import base64
from collections.abc import Callable, Sequence

from msgspec import Raw

from ossia.engine import Embedding
from ossia.errors import InputTooLong, InvalidRequest, OssiaError
from ossia.server.http.stream import Chunk
from ossia.server.protocols import openai_errors
from ossia.server.protocols.embeddings import EmbeddingProtocol, Floats, num_tokens, numbers, unit
from ossia.server.protocols.openai.embedding_types import EmbeddingsRequest
from ossia.server.protocols.openai.inputs import TextOrIds, read_inputs
from ossia.server.protocols.protocol import Envelope

Encode = Callable[[Floats], Raw | str]


def inputs(body: EmbeddingsRequest) -> Sequence[TextOrIds]:
    _encoder(body)
    found = read_inputs(body.input)
    if found is None:
        raise InvalidRequest("invalid input: it must be a string, token ids, or a list of strings or of token ids")
    if not found or not all(found):
        raise InvalidRequest("invalid input: it is empty, and an embedding is made of at least one token")
    return found


def _encoder(body: EmbeddingsRequest) -> Encode:
    match body.encoding_format:
        case None | "float":
            return numbers
        case "base64":
            return lambda vector: base64.b64encode(vector.astype("<f4").tobytes()).decode()
        case other:
            raise InvalidRequest(
                f"Invalid value for 'encoding_format' = {other}. Supported values: ['float', 'base64']."
            )


def response(embeddings: Sequence[Embedding], body: EmbeddingsRequest, envelope: Envelope) -> Chunk:
    encode, tokens = _encoder(body), num_tokens(embeddings)
    data = [
        {"object": "embedding", "embedding": encode(unit(embedding.vector)), "index": index}
        for index, embedding in enumerate(embeddings)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": envelope.model, "usage": usage}


def error(failure: OssiaError) -> Chunk:
    """Return an error's body. Of an input that is too long, it contains the hint too, which has the numbers."""
    shown = openai_errors.error(failure)
    if isinstance(failure, InputTooLong):
        shown["error"]["message"] = f"{failure.message}: {failure.hint}"
    return shown


EMBEDDINGS = EmbeddingProtocol[EmbeddingsRequest](inputs, response, truncates=False)
