"""What a request may say about sampling, effort and how long a model stays, as every protocol reads it.

Sampling is settled in three steps, a later one overruling an earlier one: the defaults of the model's kind, the
model's own PARAMETERs, the request. Harmony models (gpt-oss) default to OpenAI's advice for them, temperature 1 and
no other rule; all others to Ollama's defaults.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ossia.config import parse_duration
from ossia.engine.facts import GPT_OSS_NAMES
from ossia.errors import InvalidRequest, NotSupported
from ossia.server.http.body import Body
from ossia.store.models import Model
from ossia.types import ReasoningEffort, SamplingParams

GPT_OSS = SamplingParams()
OLLAMA = SamplingParams(temperature=0.8, top_k=40, top_p=0.9)
OPENAI = SamplingParams(temperature=1.0, top_k=40, top_p=1.0)
"""Ollama's defaults on /v1, for models that are not gpt-oss."""


EFFORTS: dict[str, ReasoningEffort] = {
    "none": "none",
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "high",
    "ultra": "high",
    "max": "high",
}
"""OpenAI's names of efforts, and what they are here."""


def defaults(model: Model, otherwise: SamplingParams) -> SamplingParams:
    """What holds for `model` when a request says nothing: its PARAMETERs over its kind's defaults."""
    return merge(
        GPT_OSS if model.config.get("model_family") in GPT_OSS_NAMES else otherwise,
        Body(model.parameters, "the model's parameters"),
    )


def _at_least_zero(value: float) -> float:
    return max(value, 0.0)


def _fraction(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _penalty(value: float) -> float:
    return min(max(value, -2.0), 2.0)


def _repeat_penalty(value: float) -> float:
    if value <= 0:
        raise InvalidRequest("repeat_penalty must be positive")
    return value


_FLOATS: dict[str, Callable[[float], float]] = {
    "temperature": _at_least_zero,
    "top_p": _fraction,
    "min_p": _fraction,
    "typical_p": _fraction,
    "repeat_penalty": _repeat_penalty,
    "presence_penalty": _penalty,
    "frequency_penalty": _penalty,
}
_INTEGERS: dict[str, Callable[[int], int]] = {
    "top_k": lambda value: max(value, 0),
    "repeat_last_n": lambda value: max(value, -1),
}


def merge(sampling: SamplingParams, options: Body) -> SamplingParams:
    """`sampling` overruled by what `options` has of Ollama's option names. Negative means no seed and no limit."""
    changes: dict[str, Any] = {}
    for name, limit in _FLOATS.items():
        if (value := options.number(name)) is not None:
            changes[name] = limit(value)
    for name, clamp in _INTEGERS.items():
        if (count := options.integer(name)) is not None:
            changes[name] = clamp(count)
    if (seed := options.integer("seed")) is not None:
        changes["seed"] = seed if seed >= 0 else None
    if (limit := options.integer("num_predict")) is not None:
        changes["max_tokens"] = limit if limit > 0 else None
    if "stop" in options:
        changes["stop"] = options.texts("stop")
    return replace(sampling, **changes)


def context_length(options: Body, model: Model) -> int | None:
    """`num_ctx` of the request, else of the model's PARAMETERs; None when neither has a positive one."""
    lengths = (body.integer("num_ctx") or 0 for body in (options, Body(model.parameters)))
    return next((length for length in lengths if length > 0), None)


THINK: dict[str, ReasoningEffort] = {"low": "low", "medium": "medium", "high": "high", "max": "high"}
"""Ollama's levels of `think`, and what they are here."""


def think(body: Body) -> ReasoningEffort | None:
    """`think`, which may be a level: unset and true leave the effort open."""
    value = body.get("think")
    if value is None or value is True or value == "":
        return None
    if value is False:
        return "none"
    if not isinstance(value, str):
        raise InvalidRequest('think must be a boolean or string ("high", "medium", "low", "max", true, or false)')
    if value not in THINK:
        raise InvalidRequest(f'invalid think value: "{value}" (must be "high", "medium", "low", "max", true, or false)')
    return THINK[value]


def effort(body: Body) -> str:
    """The effort asked for, "" if none was; `reasoning.effort` wins over `reasoning_effort`, and that over `think`."""
    effort = body.object("reasoning").text("effort") or body.text("reasoning_effort") or think(body) or ""
    if effort and effort not in EFFORTS:
        raise InvalidRequest(
            f'invalid reasoning value: "{effort}" (must be "minimal", "low", "medium", "high", "xhigh", "ultra", '
            '"max", or "none")'
        )
    return effort


def logprobs(body: Body) -> int | None:
    """`logprobs` with `top_logprobs`, as SamplingParams has it."""
    top = body.integer("top_logprobs") or 0
    if not 0 <= top <= 20:
        raise InvalidRequest("top_logprobs must be between 0 and 20")
    return top if body.flag("logprobs") else None


def keep_alive(body: Body) -> float | None:
    """Seconds, or None when the request leaves it open. Raises InvalidRequest for what is no duration."""
    value = body.get("keep_alive")
    if value is None or value == "":
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError(f"{value!r} is not a duration such as 5m, 1h30m or 300")
        return parse_duration(value)
    except ValueError as error:
        raise InvalidRequest(f"keep_alive: {error}") from None


def refuse(body: Body, *names: str) -> None:
    """Raises NotSupported for the first of these fields that says anything: not null, "", [] or {}."""
    for name in names:
        if body.get(name):
            raise NotSupported(f"{body.where(name)} is not supported in this version")
