"""Types of OpenAI's API: what /v1/chat/completions and /v1/models take and answer."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from ossia.server.http.body import Fields, Integer, Json, NoBody
from ossia.server.http.operation import INFERENCE, OF_A_MODEL, Operation
from ossia.server.http.stream import SSE
from ossia.server.protocols.conversation import HELLO, MOST_MESSAGES, Message
from ossia.server.protocols.fields import MOST_TOOLS, InferenceRequest, Logprobs, Refused, StopTexts, Think, TopLogprobs
from ossia.server.protocols.logprobs import TokenLogprob
from ossia.server.protocols.response_format import FormatSchema
from ossia.server.protocols.tools import Tool


class Reasoning(Fields):
    effort: str | None = None


class StreamOptions(Fields):
    include_usage: Annotated[bool | None, Meta(description="Whether a last chunk tells the usage.")] = None


MOST_BIASES = 16_384


class ResponseFormat(Fields):
    type: Annotated[str | None, Meta(description="text, json_object or json_schema.")] = None
    json_schema: FormatSchema | None = None


class CompletionFields(InferenceRequest, kw_only=True):
    """Fields that both routes of completions have."""

    stream: Annotated[bool | None, Meta(description="false by default.")] = None
    stream_options: StreamOptions | None = None
    reasoning_effort: Annotated[
        str | None, Meta(description="none, minimal, low, medium, high, xhigh, ultra or max; medium by default.")
    ] = None
    reasoning: Annotated[Reasoning | None, Meta(description="Its effort wins over `reasoning_effort`.")] = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: Integer | None = None
    min_p: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    seed: Integer | None = None
    stop: StopTexts = None
    max_completion_tokens: Integer | None = None
    max_tokens: Annotated[Integer | None, Meta(description="An older word for `max_completion_tokens`.")] = None
    logit_bias: Annotated[
        Annotated[Json, Meta(max_length=MOST_BIASES)] | None,
        Meta(
            description="By token id.",
            extra_json_schema={"propertyNames": {"pattern": "^[0-9]+$"}, "additionalProperties": {"type": "number"}},
        ),
    ] = None
    response_format: ResponseFormat | None = None
    n: Annotated[Integer | None, Meta(description="How many answers are wanted: 1 to 128.")] = None
    think: Think = None


class ChatCompletionRequest(CompletionFields, kw_only=True):
    messages: Annotated[list[Message], Meta(examples=HELLO, max_length=MOST_MESSAGES)]
    tools: Annotated[list[Tool], Meta(max_length=MOST_TOOLS)] | None = None
    tool_choice: Annotated[
        Json | str | None,
        Meta(description="none, auto, required, or an object that names a tool or the allowed ones."),
    ] = None
    parallel_tool_calls: Annotated[bool | None, Meta(description="true by default.")] = None
    logprobs: Logprobs = None
    top_logprobs: TopLogprobs = None
    audio: Refused = None
    functions: Refused = None
    modalities: Annotated[Annotated[list[str], Meta(max_length=16)] | None, Meta(description="Only text.")] = None


class OpenAIErrorDetail(Struct):
    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIError(Struct, kw_only=True):
    type: Annotated[Literal["error"] | UnsetType, Meta(description="On /v1/responses.")] = UNSET
    error: OpenAIErrorDetail


class CachedTokens(Struct):
    cached_tokens: int


class ReasoningTokens(Struct):
    reasoning_tokens: int


class CompletionUsage(Struct):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: CachedTokens
    completion_tokens_details: ReasoningTokens


class WrittenFunction(Struct):
    name: str
    arguments: Annotated[str, Meta(description="JSON text.")]


class WrittenCustom(Struct):
    name: str
    input: str


class WrittenCall(Struct):
    """Of a custom tool if there is `custom`, else of a function."""

    index: int
    id: str
    type: Literal["function", "custom"]
    function: WrittenFunction | UnsetType = UNSET
    custom: WrittenCustom | UnsetType = UNSET


class FunctionDelta(Struct, kw_only=True):
    name: str | UnsetType = UNSET
    arguments: str


class CustomDelta(Struct, kw_only=True):
    name: str | UnsetType = UNSET
    input: str


class CallDelta(Struct, kw_only=True):
    """The first one of a call has its id, type and name; the arguments of all are joined."""

    index: int
    id: str | UnsetType = UNSET
    type: Literal["function", "custom"] | UnsetType = UNSET
    function: FunctionDelta | UnsetType = UNSET
    custom: CustomDelta | UnsetType = UNSET


class ChoiceLogprobs(Struct):
    content: list[TokenLogprob]
    refusal: None


FinishReason = Literal["stop", "length", "tool_calls"]


class WrittenMessage(Struct, kw_only=True):
    role: Literal["assistant"]
    content: str
    reasoning: str | UnsetType = UNSET
    reasoning_content: str | UnsetType = UNSET
    tool_calls: list[WrittenCall] | UnsetType = UNSET


class Choice(Struct):
    index: int
    message: WrittenMessage
    finish_reason: FinishReason
    logprobs: ChoiceLogprobs | None


class MessageDelta(Struct):
    role: Literal["assistant"] | UnsetType = UNSET
    content: str | UnsetType = UNSET
    reasoning: str | UnsetType = UNSET
    reasoning_content: str | UnsetType = UNSET
    tool_calls: list[CallDelta] | UnsetType = UNSET


class ChoiceDelta(Struct, kw_only=True):
    index: int
    delta: MessageDelta
    finish_reason: FinishReason | None
    logprobs: ChoiceLogprobs | UnsetType = UNSET


class ChatCompletion(Struct):
    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    system_fingerprint: str
    choices: list[Choice]
    usage: CompletionUsage


class ChatCompletionChunk(Struct):
    """After the last one comes `data: [DONE]`."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    system_fingerprint: str
    choices: list[ChoiceDelta]
    usage: CompletionUsage | UnsetType = UNSET


class ModelsQuery(Fields):
    client_version: Annotated[str | None, Meta(description="Codex's version: its own shape is wanted.")] = None


class ModelObject(Struct, kw_only=True):
    """A model. What follows `owned_by` is told instead of the rest to clients that send `anthropic-version`."""

    id: str
    object: Literal["model"] | UnsetType = UNSET
    created: int | UnsetType = UNSET
    owned_by: str | UnsetType = UNSET
    type: Literal["model"] | UnsetType = UNSET
    display_name: str | UnsetType = UNSET
    created_at: str | UnsetType = UNSET
    lifecycle: Literal["active"] | UnsetType = UNSET


class ModelList(Struct, kw_only=True):
    """Models. `models` is told to Codex instead of the rest."""

    object: Literal["list"] | UnsetType = UNSET
    data: list[ModelObject] | UnsetType = UNSET
    first_id: Annotated[str | UnsetType | None, Meta(description="Anthropic's.")] = UNSET
    last_id: Annotated[str | UnsetType | None, Meta(description="Anthropic's.")] = UNSET
    has_more: Annotated[bool | UnsetType, Meta(description="Anthropic's.")] = UNSET
    models: Annotated[list[Json] | UnsetType, Meta(description="Codex's.")] = UNSET


CHAT_COMPLETIONS = Operation(
    "The next message of a conversation",
    ChatCompletionRequest,
    ChatCompletion,
    ChatCompletionChunk,
    SSE,
    raises=INFERENCE,
)
MODELS = Operation("The models that are here", NoBody, response=ModelList, query=ModelsQuery)
MODEL = Operation("One model", NoBody, response=ModelObject, raises=OF_A_MODEL)
