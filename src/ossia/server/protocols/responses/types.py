"""Types of OpenAI's Responses: requests and responses of /v1/responses.

Items, tools and formats are stored and returned unchanged, so they may have any fields. Those that are used here are
declared in `item_types` and `tools`.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from ossia.errors import InvalidRequest, ResponseNotFound
from ossia.server.http.body import Fields, Integer, Json, NoBody
from ossia.server.http.operation import INFERENCE, Operation
from ossia.server.http.stream import NAMED_SSE
from ossia.server.protocols.fields import MOST_TOOLS, InferenceRequest, Refused, Temperature, Think, TopLogprobs, TopP
from ossia.server.protocols.responses.event_types import ResponseEvent, ResponseId, ResponseObject, ResponseUsage


class ResponseReasoning(Fields):
    effort: Annotated[
        str | None, Meta(description="none, minimal, low, medium, high, xhigh, ultra or max; medium by default.")
    ] = None
    summary: Annotated[str | None, Meta(description="auto, concise or detailed: without the raw thoughts.")] = None


class ResponseText(Fields):
    format: Annotated[Json | None, Meta(description="Of type text, json_object or json_schema.")] = None
    verbosity: Annotated[str | None, Meta(description="Returned as it was sent; without effect.")] = None


class ResponseRequest(InferenceRequest, kw_only=True):
    input: Annotated[
        Any,
        Meta(
            description="What the user says, or items: messages, reasoning, calls and their outputs. Required.",
            examples=["Hello!"],
            extra_json_schema={
                "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "object"}}, {"type": "null"}]
            },
        ),
    ] = None
    instructions: Annotated[str | None, Meta(description="A system message before everything else.")] = None
    previous_response_id: Annotated[str | None, Meta(description="The response to go on from.")] = None
    store: Annotated[bool | None, Meta(description="Whether it can be gone on from; true by default.")] = None
    background: Annotated[bool | None, Meta(description="Whether to answer without anybody waiting.")] = None
    stream: Annotated[bool | None, Meta(description="false by default.")] = None
    reasoning: Annotated[ResponseReasoning | None, Meta(description="How much the model thinks.")] = None
    reasoning_effort: Annotated[str | None, Meta(description="What `reasoning.effort` is elsewhere.")] = None
    text: Annotated[ResponseText | None, Meta(description="The form that the answer must have.")] = None
    tools: Annotated[
        Annotated[list[Json], Meta(max_length=MOST_TOOLS)] | None,
        Meta(description="Of type function, custom or namespace."),
    ] = None
    tool_choice: Annotated[
        Json | str | None,
        Meta(description="none, auto, required, or an object that names a tool or the allowed ones."),
    ] = None
    parallel_tool_calls: Annotated[bool | None, Meta(description="true by default.")] = None
    max_output_tokens: Annotated[
        Integer | None, Meta(description="The longest answer, in tokens, with its reasoning.")
    ] = None
    max_tool_calls: Annotated[Integer | None, Meta(description="Without effect: no tools run here.")] = None
    temperature: Temperature = None
    top_p: TopP = None
    top_logprobs: TopLogprobs = None
    include: Annotated[
        str | Annotated[list[str], Meta(max_length=64)] | None,
        Meta(description="message.output_text.logprobs, reasoning.encrypted_content; others have no effect."),
    ] = None
    truncation: Annotated[
        str | None, Meta(description="auto: the oldest turns are left out when all is too long; or disabled.")
    ] = None
    metadata: Annotated[
        Annotated[Json, Meta(max_length=64)] | None,
        Meta(description="Texts of your own, which are kept with the response."),
    ] = None
    user: Annotated[str | None, Meta(description="Returned as it was sent; without effect.")] = None
    prompt_cache_key: Annotated[
        str | None, Meta(description="Returned as it was sent; without effect: the cache needs no key.")
    ] = None
    safety_identifier: Annotated[str | None, Meta(description="Returned as it was sent; without effect.")] = None
    think: Think = None
    conversation: Annotated[
        Json | str | None, Meta(description="The conversation to go on, or its id: the input and the answer join it.")
    ] = None
    prompt: Refused = None


class RetrieveQuery(Fields):
    stream: Annotated[bool | None, Meta(description="Whether to follow a response in the background.")] = None
    starting_after: Annotated[int | None, Meta(description="The number of the last event that was read.")] = None


class ItemsQuery(Fields):
    limit: Annotated[int | None, Meta(description="1 to 100; 20 by default.")] = None
    order: Annotated[str | None, Meta(description="asc or desc, which is the default.")] = None
    after: Annotated[str | None, Meta(description="The id of the last item that was read.")] = None


class ItemList(Struct):
    object: Literal["list"]
    data: Annotated[list[Json], Meta(description="The items.")]
    first_id: Annotated[str | None, Meta(description="The id of the first of them.")]
    last_id: Annotated[str | None, Meta(description="The id of the last of them.")]
    has_more: Annotated[bool, Meta(description="Whether others follow.")]


class DeletedResponse(Struct):
    id: ResponseId
    object: Literal["response"]
    deleted: Literal[True]


class InputTokens(Struct):
    object: Literal["response.input_tokens"]
    input_tokens: Annotated[int, Meta(description="Tokens of the prompt.")]


class CompactedResponse(Struct):
    id: ResponseId
    object: Literal["response.compaction"]
    created_at: Annotated[int, Meta(description="When it was asked for, in seconds since 1970.")]
    output: Annotated[list[Json], Meta(description="What the user said, and a summary in a compaction.")]
    usage: Annotated[ResponseUsage, Meta(description="Counts of tokens.")]


_STORED = (InvalidRequest, ResponseNotFound)
_BY_ID = {"id": "The id of the response."}

CREATE = Operation(
    "A response to an input", ResponseRequest, ResponseObject, ResponseEvent, NAMED_SSE, raises=INFERENCE
)
COMPACT = Operation("A conversation, shortened", ResponseRequest, CompactedResponse, raises=INFERENCE)
COUNT_TOKENS = Operation("The length of a prompt", ResponseRequest, InputTokens, raises=INFERENCE)
RETRIEVE = Operation(
    "A stored response",
    NoBody,
    ResponseObject,
    ResponseEvent,
    NAMED_SSE,
    raises=_STORED,
    query=RetrieveQuery,
    parameters=_BY_ID,
)
DELETE = Operation("Forget a response", NoBody, DeletedResponse, raises=_STORED, completes=True, parameters=_BY_ID)
LIST_INPUT = Operation(
    "What a response answered to", NoBody, ItemList, raises=_STORED, query=ItemsQuery, parameters=_BY_ID
)
CANCEL = Operation(
    "Stop a response in the background", NoBody, ResponseObject, raises=_STORED, completes=True, parameters=_BY_ID
)
