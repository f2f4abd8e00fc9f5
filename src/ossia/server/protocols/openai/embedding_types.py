"""Types of OpenAI's /v1/embeddings: what it takes and answers."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from ossia.server.http.operation import INFERENCE, Operation
from ossia.server.protocols.answer_fields import AskedModel
from ossia.server.protocols.embeddings import EmbeddingRequest
from ossia.server.protocols.openai.inputs import Inputs


class EmbeddingsRequest(EmbeddingRequest, kw_only=True):
    input: Inputs = None
    encoding_format: Annotated[str | None, Meta(description="float, which is the default, or base64.")] = None
    truncate: Annotated[bool | None, Meta(description="Whether a text may be cut to fit; false by default.")] = None


class EmbeddingObject(Struct):
    object: Literal["embedding"]
    embedding: Annotated[list[float] | str, Meta(description="Numbers, or base64 of little-endian float32.")]
    index: Annotated[int, Meta(description="The number of the input, from 0.")]


class EmbeddingUsage(Struct):
    prompt_tokens: Annotated[int, Meta(description="Tokens of all inputs.")]
    total_tokens: Annotated[int, Meta(description="The same number.")]


class EmbeddingList(Struct):
    object: Literal["list"]
    data: Annotated[list[EmbeddingObject], Meta(description="A vector for each input.")]
    model: AskedModel
    usage: Annotated[EmbeddingUsage, Meta(description="Counts of tokens.")]


EMBEDDINGS = Operation("Vectors of texts", EmbeddingsRequest, EmbeddingList, raises=INFERENCE)
