"""Types of Ollama's inference API: what /api/chat and /api/generate take and answer."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from ossia.server.http.body import Integer, Json
from ossia.server.http.operation import INFERENCE, Operation
from ossia.server.http.stream import NDJSON
from ossia.server.protocols.answer_fields import (
    AnswerTokens,
    AskedModel,
    CalledName,
    CallId,
    ErrorMessage,
    PromptTokens,
)
from ossia.server.protocols.conversation import HELLO, MOST_MESSAGES, Message
from ossia.server.protocols.fields import InferenceRequest, Logprobs, Options, Refused, TopLogprobs
from ossia.server.protocols.logprobs import TokenLogprob
from ossia.server.protocols.tools import Tools

Think = Annotated[bool | str | None, Meta(description="true, false, low, medium, high or max; medium by default.")]


class AnswerRequest(InferenceRequest, kw_only=True):
    """Fields that chat and generate share."""

    stream: Annotated[bool | None, Meta(description="true by default.")] = None
    think: Think = None
    options: Annotated[
        Options | None, Meta(description="Sampling and placement; what is absent is the model's own.")
    ] = None
    logprobs: Logprobs = None
    top_logprobs: TopLogprobs = None
    format: Annotated[Json | str | None, Meta(description='The answer\'s form: "json", or a JSON schema.')] = None


class ChatRequest(AnswerRequest, kw_only=True):
    messages: Annotated[
        Annotated[list[Message], Meta(max_length=MOST_MESSAGES)] | None,
        Meta(description="None: the model is only loaded, or unloaded.", examples=HELLO),
    ] = None
    tools: Tools = None


class GenerateRequest(AnswerRequest, kw_only=True):
    prompt: Annotated[
        str | None, Meta(description="None: the model is only loaded, or unloaded.", examples=["Hello!"])
    ] = None
    system: Annotated[str | None, Meta(description="Instead of the model's own.")] = None
    raw: Annotated[bool | None, Meta(description="The prompt is the whole text, special tokens included.")] = None
    context: Annotated[list[Integer] | None, Meta(description="The `context` of an earlier answer, to go on from.")] = (
        None
    )
    suffix: Refused = None
    images: Refused = None
    template: Refused = None


class OllamaError(Struct, kw_only=True):
    error: ErrorMessage
    hint: Annotated[str | UnsetType, Meta(description="What to do about it.")] = UNSET


class CalledFunction(Struct):
    index: Annotated[int, Meta(description="The number of the call, from 0.")]
    name: CalledName
    arguments: Annotated[Json, Meta(description="The arguments by name.")]


class MadeCall(Struct):
    id: CallId
    function: Annotated[CalledFunction, Meta(description="The function, and its arguments.")]


class Line(Struct, kw_only=True):
    """Fields of every line of an answer. The times are nanoseconds. What follows `done` is told at the end."""

    model: AskedModel
    created_at: Annotated[str, Meta(description="When the line was made, in RFC 3339.")]
    done: Annotated[bool, Meta(description="Whether this is the last line.")]
    done_reason: Annotated[
        Literal["stop", "length", "load", "unload"] | UnsetType,
        Meta(description="Why the answer ends; load and unload if there was nothing to answer."),
    ] = UNSET
    total_duration: Annotated[int | UnsetType, Meta(description="From the request to the end.")] = UNSET
    load_duration: Annotated[int | UnsetType, Meta(description="The part of it that loading the model took.")] = UNSET
    prompt_eval_count: PromptTokens | UnsetType = UNSET
    prompt_eval_duration: Annotated[int | UnsetType, Meta(description="The time until the first token.")] = UNSET
    eval_count: AnswerTokens | UnsetType = UNSET
    eval_duration: Annotated[int | UnsetType, Meta(description="The time from the first token to the last.")] = UNSET
    logprobs: Annotated[
        list[TokenLogprob] | UnsetType, Meta(description="Those of the line's tokens, if they were asked for.")
    ] = UNSET


class AnswerMessage(Struct, kw_only=True):
    role: Literal["assistant"]
    content: Annotated[str, Meta(description="A piece of the text, or all of it.")]
    thinking: Annotated[str | UnsetType, Meta(description="A piece of the reasoning, or all of it.")] = UNSET
    tool_calls: Annotated[list[MadeCall] | UnsetType, Meta(description="Calls that are complete.")] = UNSET


class ChatResponse(Line, kw_only=True):
    message: Annotated[AnswerMessage, Meta(description="The next piece of the message, or all of it.")]


class GenerateResponse(Line, kw_only=True):
    response: Annotated[str, Meta(description="A piece of the text, or all of it.")]
    thinking: Annotated[str | UnsetType, Meta(description="A piece of the reasoning, or all of it.")] = UNSET
    tool_calls: Annotated[list[MadeCall] | UnsetType, Meta(description="Calls that are complete.")] = UNSET
    context: Annotated[list[int] | UnsetType, Meta(description="At the end: the ids of prompt and answer.")] = UNSET


CHAT = Operation(
    "The next message of a conversation", ChatRequest, ChatResponse, ChatResponse, NDJSON, raises=INFERENCE
)
GENERATE = Operation(
    "The answer to a prompt", GenerateRequest, GenerateResponse, GenerateResponse, NDJSON, raises=INFERENCE
)
