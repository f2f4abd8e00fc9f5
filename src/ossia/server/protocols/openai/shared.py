"""Parts that /v1/chat/completions and /v1/completions share: sampling, effort, formats, several choices, usage.

Pure functions of the fields that both requests have.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ossia import types
from ossia.errors import InvalidRequest
from ossia.server.http.body import Json
from ossia.server.http.stream import Chunk
from ossia.server.http.wording import invalid
from ossia.server.protocols import sampling
from ossia.server.protocols.effort import effort, is_thinking
from ossia.server.protocols.fields import Options
from ossia.server.protocols.openai.types import CompletionFields, ResponseFormat
from ossia.server.protocols.protocol import Envelope
from ossia.server.protocols.response_format import openai_format
from ossia.store.models import Model
from ossia.types import GenerateRequest, SamplingParams, Usage

_LARGEST_N: Final = 128
_LONGEST_ID: Final = 9
"""Digits of a token's id."""


def completion_sampling(body: CompletionFields, model: Model, logprobs: int | None) -> SamplingParams:
    """Return the sampling of a request: OpenAI's fields, else Ollama's `options`, else the model's defaults."""
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
    """Return the name of the effort that the request asks for, "" for none."""
    return effort(body.reasoning.effort if body.reasoning else None, body.reasoning_effort, body.think)


def response_format(format: ResponseFormat | None) -> types.ResponseFormat | None:
    if format is None:
        return None
    nested = format.json_schema  # some clients write the schema into the format itself
    path = "response_format" if nested is None and format.schema is not None else "response_format.json_schema"
    return openai_format(format.type, nested or format, "response_format", path)


def choices(body: CompletionFields, request: GenerateRequest) -> tuple[GenerateRequest, ...]:
    """Return the request `n` times, each with a seed of its own, so that the answers differ."""
    seed, numbers = request.sampling.seed, range(count(body))
    seeds = [None if seed is None else (seed + number) % sampling.SEEDS for number in numbers]
    return tuple(replace(request, sampling=replace(request.sampling, seed=each)) for each in seeds)


def count(body: CompletionFields) -> int:
    """Return `n`, the number of answers. Raises InvalidRequest."""
    if body.n is not None and not 1 <= body.n <= _LARGEST_N:
        raise InvalidRequest(f"n must be between 1 and {_LARGEST_N}")
    return body.n or 1


def _logit_bias(biases: Json) -> tuple[tuple[int, float], ...]:
    """Read biases by token id. The ids are strings, since they are keys of a JSON object. Raises InvalidRequest."""
    return tuple((_token_id(key), _bias(key, value)) for key, value in biases.items())


def _token_id(key: str) -> int:
    if not key.isdecimal() or len(key) > _LONGEST_ID:
        raise InvalidRequest(f"logit_bias.{key[:20]}: the key must be a token id")
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


def requires_thinking(body: CompletionFields) -> bool:
    return is_thinking(effort_of(body))


def closing(head: Chunk, usage: Usage, body: CompletionFields) -> Sequence[Chunk]:
    """Return the chunk with the usage and no choice that ends a stream, if the request asks for it."""
    if not (body.stream_options and body.stream_options.include_usage):
        return ()
    return (head | {"choices": [], "usage": usage_json(usage)},)


def join(responses: Sequence[Chunk], usage: Usage) -> Chunk:
    """Combine responses into one with all choices."""
    choices = [choice for response in responses for choice in response["choices"]]
    return responses[0] | {"choices": choices, "usage": usage_json(usage)}


def head(prefix: str, kind: str, envelope: Envelope) -> Chunk:
    """Return the fields with which every chunk and every response begins."""
    return {
        "id": f"{prefix}-{envelope.id}",
        "object": kind,
        "created": envelope.created,
        "model": envelope.model,
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
