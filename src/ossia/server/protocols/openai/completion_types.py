"""OpenAI's older /v1/completions: what it takes and answers."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from ossia.server.http.operation import INFERENCE, Integer, Operation, Refused
from ossia.server.protocols.openai.types import CompletionFields, CompletionUsage

_IDS = {"type": "array", "items": {"type": "integer"}}


class CompletionRequest(CompletionFields, kw_only=True):
    prompt: Annotated[
        Any,
        Meta(
            description="A text, texts, token ids or lists of them; required.",
            examples=["Hello!"],
            extra_json_schema={
                "anyOf": [
                    {"type": "string"},
                    {"type": "array", "items": {"type": "string"}},
                    _IDS,
                    {"type": "array", "items": _IDS},
                ]
            },
        ),
    ] = None
    raw: Annotated[bool | None, Meta(description="The prompt is a text to continue, special tokens included.")] = None
    echo: Annotated[bool | None, Meta(description="Whether to repeat the prompt before its answer.")] = None
    logprobs: Annotated[Integer | None, Meta(description="How many likely tokens to tell with each: 0 to 5.")] = None
    best_of: Annotated[Integer | None, Meta(description="No more than `n`.")] = None
    suffix: Refused = None


class CompletionLogprobs(Struct):
    tokens: list[str]
    token_logprobs: list[float | None]
    top_logprobs: list[dict[str, float] | None]
    text_offset: list[int]


class CompletionChoice(Struct):
    text: str
    index: int
    logprobs: CompletionLogprobs | None
    finish_reason: Literal["stop", "length", "tool_calls"] | None


class Completion(Struct):
    """Also each chunk of a stream, after the last of which comes `data: [DONE]`."""

    id: str
    object: Literal["text_completion"]
    created: int
    model: str
    system_fingerprint: str
    choices: list[CompletionChoice]
    usage: CompletionUsage | UnsetType = UNSET


COMPLETIONS = Operation("The answer to a prompt", CompletionRequest, Completion, Completion, raises=INFERENCE)
