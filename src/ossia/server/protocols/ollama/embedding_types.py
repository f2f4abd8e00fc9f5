"""Types of Ollama's two routes of embeddings: what /api/embed and /api/embeddings take and answer."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from ossia.server.http.operation import INFERENCE, Operation
from ossia.server.protocols.answer_fields import AskedModel
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
    prompt: Annotated[
        str | None, Meta(description="The text. None: the model is only loaded.", examples=["Hello!"])
    ] = None
    truncate: Truncate = None


class Embeddings(Struct):
    """The times are nanoseconds."""

    model: AskedModel
    embeddings: Annotated[list[list[float]], Meta(description="A vector of length 1 for each text.")]
    total_duration: Annotated[int, Meta(description="From the request to the end.")]
    load_duration: Annotated[int, Meta(description="The part of it that loading the model took.")]
    prompt_eval_count: Annotated[int, Meta(description="Tokens of all texts.")]


class OldEmbedding(Struct):
    embedding: Annotated[list[float], Meta(description="The vector, as the model computes it.")]


EMBED = Operation("Vectors of texts", EmbedRequest, Embeddings, raises=INFERENCE)
OLD_EMBEDDINGS = Operation("The vector of one text, as it is", OldEmbeddingsRequest, OldEmbedding, raises=INFERENCE)
