"""Types of Ollama's two routes of embeddings: what /api/embed and /api/embeddings take and answer."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from ossia.server.http.operation import INFERENCE, Operation
from ossia.server.protocols.embeddings import EmbeddingRequest

Truncate = Annotated[bool | None, Meta(description="Whether a text may be cut to fit; true by default.")]
_TEXT = {"type": "string"}


class EmbedRequest(EmbeddingRequest, kw_only=True):
    input: Annotated[
        Any,
        Meta(
            description="A text or texts. None: the model is only loaded.",
            examples=["Hello!"],
            extra_json_schema={"anyOf": [_TEXT, {"type": "array", "items": _TEXT}, {"type": "null"}]},
        ),
    ] = None
    truncate: Truncate = None


class OldEmbeddingsRequest(EmbeddingRequest, kw_only=True):
    prompt: Annotated[str | None, Meta(examples=["Hello!"])] = None
    truncate: Truncate = None


class Embeddings(Struct):
    """The times are nanoseconds."""

    model: str
    embeddings: list[list[float]]
    total_duration: int
    load_duration: int
    prompt_eval_count: int


class OldEmbedding(Struct):
    embedding: list[float]


EMBED = Operation("Vectors of texts", EmbedRequest, Embeddings, raises=INFERENCE)
OLD_EMBEDDINGS = Operation("The vector of one text, as it is", OldEmbeddingsRequest, OldEmbedding, raises=INFERENCE)
