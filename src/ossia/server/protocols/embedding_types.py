"""What the three routes of embeddings take and answer."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from ossia.server.http.operation import INFERENCE, Fields, Integer, KeepAlive, ModelName, Operation, Options

_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_IDS = {"type": "array", "items": {"type": "integer"}}


class EmbeddingRequest(Fields):
    model: ModelName
    dimensions: Annotated[Integer | None, Meta(description="How many numbers of each vector are wanted.")] = None
    options: Options | None = None
    keep_alive: KeepAlive = None


class EmbedRequest(EmbeddingRequest):
    input: Annotated[
        Any,
        Meta(
            description="A text or texts. None: the model is only loaded.",
            examples=["Hello!"],
            extra_json_schema={"anyOf": [_TEXT, _TEXTS, {"type": "null"}]},
        ),
    ] = None
    truncate: Annotated[bool | None, Meta(description="Whether a text may be cut to fit; true by default.")] = None


class OldEmbeddingsRequest(EmbeddingRequest):
    prompt: Annotated[str | None, Meta(examples=["Hello!"])] = None
    truncate: Annotated[bool | None, Meta(description="Whether a text may be cut to fit; true by default.")] = None


class EmbeddingsRequest(EmbeddingRequest):
    input: Annotated[
        Any,
        Meta(
            description="A text, texts, token ids or lists of them; required.",
            examples=["Hello!"],
            extra_json_schema={"anyOf": [_TEXT, _TEXTS, _IDS, {"type": "array", "items": _IDS}]},
        ),
    ] = None
    encoding_format: Annotated[str | None, Meta(description="float, which is the default, or base64.")] = None
    truncate: Annotated[bool | None, Meta(description="Whether a text may be cut to fit; false by default.")] = None


class Embeddings(Struct):
    """The times are nanoseconds."""

    model: str
    embeddings: list[list[float]]
    total_duration: int
    load_duration: int
    prompt_eval_count: int


class OldEmbedding(Struct):
    embedding: list[float]


class EmbeddingObject(Struct):
    object: Literal["embedding"]
    embedding: Annotated[list[float] | str, Meta(description="Numbers, or base64 of little-endian float32.")]
    index: int


class EmbeddingUsage(Struct):
    prompt_tokens: int
    total_tokens: int


class EmbeddingList(Struct):
    object: Literal["list"]
    data: list[EmbeddingObject]
    model: str
    usage: EmbeddingUsage


EMBED = Operation("Vectors of texts", EmbedRequest, Embeddings, raises=INFERENCE)
OLD_EMBEDDINGS = Operation("The vector of one text, as it is", OldEmbeddingsRequest, OldEmbedding, raises=INFERENCE)
EMBEDDINGS = Operation("Vectors of texts", EmbeddingsRequest, EmbeddingList, raises=INFERENCE)
