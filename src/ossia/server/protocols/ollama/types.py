"""Types of Ollama's inference API: what /api/chat and /api/generate take and answer."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from ossia.server.http.body import Integer, Json
from ossia.server.http.operation import INFERENCE, Operation
from ossia.server.http.stream import NDJSON
from ossia.server.protocols.conversation import HELLO, MOST_MESSAGES, Message
from ossia.server.protocols.fields import MOST_TOOLS, InferenceRequest, Logprobs, Options, Refused, TopLogprobs
from ossia.server.protocols.logprobs import TokenLogprob
from ossia.server.protocols.tools import Tool

Think = Annotated[bool | str | None, Meta(description="true, false, low, medium, high or max; medium by default.")]


class AnswerRequest(InferenceRequest, kw_only=True):
    """Fields that chat and generate share."""

    stream: Annotated[bool | None, Meta(description="true by default.")] = None
    think: Think = None
    options: Options | None = None
    logprobs: Logprobs = None
    top_logprobs: TopLogprobs = None
    format: Annotated[Json | str | None, Meta(description='The answer\'s form: "json", or a JSON schema.')] = None


class ChatRequest(AnswerRequest, kw_only=True):
    messages: Annotated[
        Annotated[list[Message], Meta(max_length=MOST_MESSAGES)] | None,
        Meta(description="None: the model is only loaded, or unloaded.", examples=HELLO),
    ] = None
    tools: Annotated[list[Tool], Meta(max_length=MOST_TOOLS)] | None = None


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
    error: str
    hint: Annotated[str | UnsetType, Meta(description="What to do about it.")] = UNSET


class CalledFunction(Struct):
    index: int
    name: str
    arguments: Json


class MadeCall(Struct):
    id: str
    function: CalledFunction


class Line(Struct, kw_only=True):
    """Fields of every line of an answer. The times are nanoseconds. What follows `done` is told at the end."""

    model: Annotated[str, Meta(description="The name as it was sent.")]
    created_at: str
    done: bool
    done_reason: Literal["stop", "length", "load", "unload"] | UnsetType = UNSET
    total_duration: int | UnsetType = UNSET
    load_duration: int | UnsetType = UNSET
    prompt_eval_count: int | UnsetType = UNSET
    prompt_eval_duration: int | UnsetType = UNSET
    eval_count: int | UnsetType = UNSET
    eval_duration: int | UnsetType = UNSET
    logprobs: list[TokenLogprob] | UnsetType = UNSET


class AnswerMessage(Struct, kw_only=True):
    role: Literal["assistant"]
    content: str
    thinking: str | UnsetType = UNSET
    tool_calls: list[MadeCall] | UnsetType = UNSET


class ChatResponse(Line, kw_only=True):
    message: AnswerMessage


class GenerateResponse(Line, kw_only=True):
    response: str
    thinking: str | UnsetType = UNSET
    tool_calls: list[MadeCall] | UnsetType = UNSET
    context: Annotated[list[int] | UnsetType, Meta(description="At the end: the ids of prompt and answer.")] = UNSET


CHAT = Operation(
    "The next message of a conversation", ChatRequest, ChatResponse, ChatResponse, NDJSON, raises=INFERENCE
)
GENERATE = Operation(
    "The answer to a prompt", GenerateRequest, GenerateResponse, GenerateResponse, NDJSON, raises=INFERENCE
)
