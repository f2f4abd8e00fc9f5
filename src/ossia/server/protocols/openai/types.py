"""Types of OpenAI's API: what /v1/chat/completions and /v1/models take and answer."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from ossia.server.http.body import Fields, Integer, Json, NoBody
from ossia.server.http.operation import INFERENCE, OF_A_MODEL, Operation
from ossia.server.http.stream import SSE
from ossia.server.protocols import answer_fields
from ossia.server.protocols.answer_fields import (
    AllTokens,
    AnswerId,
    AnswerTokens,
    AskedModel,
    CalledName,
    CallId,
    ChoiceIndex,
    ErrorMessage,
    Fingerprint,
    InputText,
    MadeAt,
    PromptTokens,
)
from ossia.server.protocols.conversation import HELLO, MOST_MESSAGES, Message
from ossia.server.protocols.fields import (
    MOST_TOOLS,
    FrequencyPenalty,
    InferenceRequest,
    Logprobs,
    MinP,
    PresencePenalty,
    Refused,
    Seed,
    StopTexts,
    Temperature,
    Think,
    TopK,
    TopLogprobs,
    TopP,
)
from ossia.server.protocols.logprobs import TokenLogprob
from ossia.server.protocols.response_format import FormatSchema
from ossia.server.protocols.tools import Function, Tools


class Reasoning(Fields):
    effort: Annotated[str | None, Meta(description="As in `reasoning_effort`.")] = None


class StreamOptions(Fields):
    include_usage: Annotated[bool | None, Meta(description="Whether a last chunk tells the usage.")] = None


MOST_BIASES = 16_384


class ResponseFormat(FormatSchema):
    """Form of the answer. A schema stands in `json_schema`, or in the format itself."""

    type: Annotated[str | None, Meta(description="text, json_object or json_schema.")] = None
    json_schema: Annotated[FormatSchema | None, Meta(description="The schema, if the type is json_schema.")] = None


class CompletionFields(InferenceRequest, kw_only=True):
    """Fields that both routes of completions have."""

    stream: Annotated[bool | None, Meta(description="false by default.")] = None
    stream_options: Annotated[StreamOptions | None, Meta(description="Options of a stream.")] = None
    reasoning_effort: Annotated[
        str | None, Meta(description="none, minimal, low, medium, high, xhigh, ultra or max; medium by default.")
    ] = None
    reasoning: Annotated[Reasoning | None, Meta(description="Its effort wins over `reasoning_effort`.")] = None
    temperature: Temperature = None
    top_p: TopP = None
    top_k: TopK = None
    min_p: MinP = None
    presence_penalty: PresencePenalty = None
    frequency_penalty: FrequencyPenalty = None
    seed: Seed = None
    stop: StopTexts = None
    max_completion_tokens: Annotated[
        Integer | None, Meta(description="The longest answer, in tokens, with its reasoning.")
    ] = None
    max_tokens: Annotated[Integer | None, Meta(description="An older word for `max_completion_tokens`.")] = None
    logit_bias: Annotated[
        Annotated[Json, Meta(max_length=MOST_BIASES)] | None,
        Meta(
            description="By token id.",
            extra_json_schema={"propertyNames": {"pattern": "^[0-9]+$"}, "additionalProperties": {"type": "number"}},
        ),
    ] = None
    response_format: Annotated[ResponseFormat | None, Meta(description="The form that the answer must have.")] = None
    n: Annotated[Integer | None, Meta(description="How many answers are wanted: 1 to 128.")] = None
    think: Think = None


class ChatCompletionRequest(CompletionFields, kw_only=True):
    messages: Annotated[
        list[Message], Meta(description="The conversation so far.", examples=HELLO, max_length=MOST_MESSAGES)
    ]
    tools: Tools = None
    tool_choice: Annotated[
        Json | str | None,
        Meta(description="none, auto, required, or an object that names a tool or the allowed ones."),
    ] = None
    parallel_tool_calls: Annotated[bool | None, Meta(description="true by default.")] = None
    logprobs: Logprobs = None
    top_logprobs: TopLogprobs = None
    audio: Refused = None
    functions: Annotated[
        Annotated[list[Function], Meta(max_length=MOST_TOOLS)] | None,
        Meta(description="An older word for `tools`; the answer then has one `function_call`."),
    ] = None
    function_call: Annotated[
        Json | str | None, Meta(description="Of `functions`: none, auto, or an object with the name of one.")
    ] = None
    modalities: Annotated[Annotated[list[str], Meta(max_length=16)] | None, Meta(description="Only text.")] = None


class OpenAIErrorDetail(Struct):
    message: ErrorMessage
    type: Annotated[str, Meta(description="The kind of the error.")]
    param: Annotated[str | None, Meta(description="The path of the field that is wrong.")]
    code: Annotated[str | None, Meta(description="The error's name, if it has one.")]


class OpenAIError(Struct, kw_only=True):
    type: Annotated[Literal["error"] | UnsetType, Meta(description="On /v1/responses.")] = UNSET
    error: Annotated[OpenAIErrorDetail, Meta(description="The error.")]


class CachedTokens(Struct):
    cached_tokens: answer_fields.CachedTokens


class ReasoningTokens(Struct):
    reasoning_tokens: answer_fields.ReasoningTokens


class CompletionUsage(Struct):
    prompt_tokens: PromptTokens
    completion_tokens: AnswerTokens
    total_tokens: AllTokens
    prompt_tokens_details: Annotated[CachedTokens, Meta(description="Of the prompt's tokens.")]
    completion_tokens_details: Annotated[ReasoningTokens, Meta(description="Of the answer's tokens.")]


class WrittenFunction(Struct):
    name: CalledName
    arguments: Annotated[str, Meta(description="JSON text.")]


class WrittenCustom(Struct):
    name: CalledName
    input: InputText


class WrittenCall(Struct):
    """Of a custom tool if there is `custom`, else of a function."""

    index: Annotated[int, Meta(description="The number of the call, from 0.")]
    id: CallId
    type: Annotated[Literal["function", "custom"], Meta(description="The kind of the tool.")]
    function: Annotated[WrittenFunction | UnsetType, Meta(description="The function, and its arguments.")] = UNSET
    custom: Annotated[WrittenCustom | UnsetType, Meta(description="The custom tool, and its input.")] = UNSET


class FunctionDelta(Struct, kw_only=True):
    name: Annotated[str | UnsetType, Meta(description="The name of the called function, in the first piece.")] = UNSET
    arguments: Annotated[str, Meta(description="A piece of the arguments' JSON text.")]


class CustomDelta(Struct, kw_only=True):
    name: Annotated[str | UnsetType, Meta(description="The name of the called tool, in the first piece.")] = UNSET
    input: Annotated[str, Meta(description="A piece of the tool's input.")]


class CallDelta(Struct, kw_only=True):
    """The first one of a call has its id, type and name; the arguments of all are joined."""

    index: Annotated[int, Meta(description="The number of the call, from 0.")]
    id: Annotated[str | UnsetType, Meta(description="The id of the call, in the first piece.")] = UNSET
    type: Annotated[
        Literal["function", "custom"] | UnsetType, Meta(description="The kind of the tool, in the first piece.")
    ] = UNSET
    function: Annotated[FunctionDelta | UnsetType, Meta(description="A piece of a function's call.")] = UNSET
    custom: Annotated[CustomDelta | UnsetType, Meta(description="A piece of a custom tool's call.")] = UNSET


class ChoiceLogprobs(Struct):
    content: Annotated[list[TokenLogprob], Meta(description="Those of the text's tokens.")]
    refusal: Annotated[None, Meta(description="Always null.")]


FinishReason = Literal["stop", "length", "tool_calls", "function_call"]


class WrittenMessage(Struct, kw_only=True):
    role: Literal["assistant"]
    content: Annotated[str, Meta(description="The text.")]
    reasoning: Annotated[str | UnsetType, Meta(description="The reasoning, without which models go on less well.")] = (
        UNSET
    )
    reasoning_content: Annotated[str | UnsetType, Meta(description="The same, under the other word for it.")] = UNSET
    tool_calls: Annotated[list[WrittenCall] | UnsetType, Meta(description="The calls.")] = UNSET
    function_call: Annotated[WrittenFunction | UnsetType, Meta(description="The call of one of `functions`.")] = UNSET


class Choice(Struct):
    index: ChoiceIndex
    message: Annotated[WrittenMessage, Meta(description="The answer.")]
    finish_reason: Annotated[FinishReason, Meta(description="Why the answer ends.")]
    logprobs: Annotated[ChoiceLogprobs | None, Meta(description="Those of the answer, if they were asked for.")]


class MessageDelta(Struct):
    role: Annotated[Literal["assistant"] | UnsetType, Meta(description="Always assistant, in the first piece.")] = UNSET
    content: Annotated[str | UnsetType, Meta(description="A piece of the text.")] = UNSET
    reasoning: Annotated[str | UnsetType, Meta(description="A piece of the reasoning.")] = UNSET
    reasoning_content: Annotated[str | UnsetType, Meta(description="The same, under the other word for it.")] = UNSET
    tool_calls: Annotated[list[CallDelta] | UnsetType, Meta(description="Pieces of calls.")] = UNSET
    function_call: Annotated[
        FunctionDelta | UnsetType, Meta(description="A piece of the call of one of `functions`.")
    ] = UNSET


class ChoiceDelta(Struct, kw_only=True):
    index: ChoiceIndex
    delta: Annotated[MessageDelta, Meta(description="The next piece of the answer.")]
    finish_reason: Annotated[FinishReason | None, Meta(description="Why the answer ends, in its last piece.")]
    logprobs: Annotated[ChoiceLogprobs | UnsetType, Meta(description="Those of the piece, if they were asked for.")] = (
        UNSET
    )


class ChatCompletion(Struct):
    id: AnswerId
    object: Literal["chat.completion"]
    created: MadeAt
    model: AskedModel
    system_fingerprint: Fingerprint
    choices: Annotated[list[Choice], Meta(description="The answers.")]
    usage: Annotated[CompletionUsage, Meta(description="Counts of tokens.")]


class ChatCompletionChunk(Struct):
    """After the last one comes `data: [DONE]`."""

    id: AnswerId
    object: Literal["chat.completion.chunk"]
    created: MadeAt
    model: AskedModel
    system_fingerprint: Fingerprint
    choices: Annotated[
        list[ChoiceDelta], Meta(description="The next piece of an answer; none in the chunk of the usage.")
    ]
    usage: Annotated[
        CompletionUsage | UnsetType, Meta(description="Counts of tokens, in the last chunk, if they were asked for.")
    ] = UNSET


class ModelsQuery(Fields):
    client_version: Annotated[str | None, Meta(description="Codex's version: its own shape is wanted.")] = None


class ModelObject(Struct, kw_only=True):
    """A model, in OpenAI's shape or, to clients that send `anthropic-version`, in Anthropic's."""

    id: Annotated[str, Meta(description="The model's name.")]
    object: Literal["model"] | UnsetType = UNSET
    created: MadeAt | UnsetType = UNSET
    owned_by: Annotated[str | UnsetType, Meta(description="The name's namespace.")] = UNSET
    type: Literal["model"] | UnsetType = UNSET
    display_name: Annotated[str | UnsetType, Meta(description="The model's name, in Anthropic's shape.")] = UNSET
    created_at: Annotated[str | UnsetType, Meta(description="When it was made, in Anthropic's shape.")] = UNSET
    lifecycle: Literal["active"] | UnsetType = UNSET


class ModelList(Struct, kw_only=True):
    """Models, in OpenAI's shape, Anthropic's or Codex's."""

    object: Literal["list"] | UnsetType = UNSET
    data: Annotated[list[ModelObject] | UnsetType, Meta(description="The models.")] = UNSET
    first_id: Annotated[str | UnsetType | None, Meta(description="The first model, in Anthropic's shape.")] = UNSET
    last_id: Annotated[str | UnsetType | None, Meta(description="The last model, in Anthropic's shape.")] = UNSET
    has_more: Annotated[bool | UnsetType, Meta(description="Never, in Anthropic's shape.")] = UNSET
    models: Annotated[list[Json] | UnsetType, Meta(description="The models, in Codex's shape.")] = UNSET


CHAT_COMPLETIONS = Operation(
    "The next message of a conversation",
    ChatCompletionRequest,
    ChatCompletion,
    ChatCompletionChunk,
    SSE,
    raises=INFERENCE,
)
MODELS = Operation("The models that are here", NoBody, response=ModelList, query=ModelsQuery)
MODEL = Operation("One model", NoBody, ModelObject, raises=OF_A_MODEL, parameters={"model": "The name of the model."})
