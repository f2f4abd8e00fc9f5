"""Parts of both of OpenAI's routes of completions: sampling, effort, formats, several choices, usage.

Pure functions of the fields that both requests have.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ossia import types
from ossia.errors import InvalidRequest
from ossia.server.http.body import Json, invalid
from ossia.server.http.stream import Chunk
from ossia.server.protocols import sampling
from ossia.server.protocols.effort import effort
from ossia.server.protocols.fields import Options
from ossia.server.protocols.openai.types import CompletionFields, ResponseFormat
from ossia.server.protocols.protocol import Turn
from ossia.server.protocols.response_format import openai_format
from ossia.store.models import Model
from ossia.types import GenerateRequest, SamplingParams, Usage

_LARGEST_N: Final = 128


def completion_sampling(body: CompletionFields, model: Model, logprobs: int | None) -> SamplingParams:
    """Sampling by OpenAI's names, Ollama's `options` and the model's defaults, in this order."""
    before = sampling.merge(sampling.defaults(model, sampling.OPENAI), body.options)
    own = Options(
        temperature=body.temperature,
        top_p=body.top_p,
        top_k=body.top_k,
        min_p=body.min_p,
        presence_penalty=body.presence_penalty,
        frequency_penalty=body.frequency_penalty,
        seed=body.seed,
        stop=body.stop,
        num_predict=body.max_completion_tokens or body.max_tokens,
    )
    return replace(sampling.merge(before, own), logprobs=logprobs, logit_bias=_logit_bias(body.logit_bias or {}))


def effort_of(body: CompletionFields) -> str:
    """The effort asked for, "" if none was."""
    return effort(body.reasoning.effort if body.reasoning else None, body.reasoning_effort, body.think)


def response_format(format: ResponseFormat | None) -> types.ResponseFormat | None:
    if format is None:
        return None
    return openai_format(format.type, format.json_schema, "response_format", "response_format.json_schema")


def choices(body: CompletionFields, request: GenerateRequest) -> tuple[GenerateRequest, ...]:
    """The request `n` times. Each draws from a seed of its own, so that they differ."""
    seed = request.sampling.seed
    return tuple(
        replace(request, sampling=replace(request.sampling, seed=None if seed is None else seed + index))
        for index in range(count(body))
    )


def count(body: CompletionFields) -> int:
    """`n`, how many answers are wanted."""
    if body.n is not None and not 1 <= body.n <= _LARGEST_N:
        raise InvalidRequest(f"n must be between 1 and {_LARGEST_N}")
    return body.n or 1


def _logit_bias(biases: Json) -> tuple[tuple[int, float], ...]:
    """Biases by token id, which is written as a string, being the key of a JSON object."""
    return tuple((_token_id(key), _bias(key, value)) for key, value in biases.items())


def _token_id(key: str) -> int:
    if not key.isdecimal():
        raise InvalidRequest(f"logit_bias.{key}: the key must be a token id")
    return int(key)


def _bias(key: str, value: object) -> float:
    if value is None:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid(f"logit_bias.{key}", "must be a number")
    try:
        return float(value)
    except OverflowError:
        raise invalid(f"logit_bias.{key}", "must be a number") from None


def wants_usage(body: CompletionFields) -> bool:
    """True if a stream is to tell the usage, too."""
    return bool(body.stream_options and body.stream_options.include_usage)


def join(responses: Sequence[Chunk], usage: Usage) -> Chunk:
    """One response of all choices."""
    choices = [choice for response in responses for choice in response["choices"]]
    return responses[0] | {"choices": choices, "usage": usage_json(usage)}


def head(prefix: str, kind: str, turn: Turn) -> Chunk:
    """Fields that every chunk and every response begins with."""
    return {
        "id": f"{prefix}-{turn.id}",
        "object": kind,
        "created": turn.created,
        "model": turn.model,
        "system_fingerprint": "fp_ollama",
    }


def usage_json(usage: Usage) -> Chunk:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
    }
