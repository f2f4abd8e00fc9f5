"""Types of /v1/rerank: what it takes and answers, as Jina, Cohere and llama.cpp have it."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from ossia.server.http.body import Fields, Integer
from ossia.server.http.operation import INFERENCE, Operation
from ossia.server.protocols.answer_fields import AnswerId, AskedModel
from ossia.server.protocols.fields import ModelRequest, Options


class Document(Fields):
    text: Annotated[str, Meta(description="What is compared with the query.")]


class RerankRequest(ModelRequest, kw_only=True):
    query: Annotated[str, Meta(description="What is looked for.", examples=["What is a panda?"])]
    documents: Annotated[
        list[str | Document],
        Meta(description="Texts, each of which is compared with the query.", examples=[["A bear.", "A tax."]]),
    ]
    top_n: Annotated[Integer | None, Meta(description="How many of the best to tell; all by default.")] = None
    return_documents: Annotated[bool | None, Meta(description="Whether to repeat the texts.")] = None
    options: Annotated[Options | None, Meta(description="Where the model runs.")] = None


class ShownDocument(Struct):
    text: Annotated[str, Meta(description="The text, as it was sent.")]


class Result(Struct, kw_only=True):
    index: Annotated[int, Meta(description="The number of the document, from 0.")]
    relevance_score: Annotated[float, Meta(description="The model's own number: the higher, the better it fits.")]
    document: Annotated[ShownDocument | UnsetType, Meta(description="With `return_documents`.")] = UNSET


class RerankUsage(Struct):
    prompt_tokens: Annotated[int, Meta(description="Tokens of all pairs of a query and a document.")]
    total_tokens: Annotated[int, Meta(description="The same number.")]


class Reranking(Struct):
    id: AnswerId
    object: Literal["list"]
    model: AskedModel
    results: Annotated[list[Result], Meta(description="The best first.")]
    usage: Annotated[RerankUsage, Meta(description="Counts of tokens.")]


RERANK = Operation("Documents by how well they fit a query", RerankRequest, Reranking, raises=INFERENCE)
