"""Sampling parameters and other options from a request, its model and the model's kind.

There are three sources, of which a later one overrides an earlier one: the defaults of the model's kind, the model's
own PARAMETERs, the request. gpt-oss defaults to OpenAI's advice for it, temperature 1 and no other rule; all other
models default to Ollama's defaults.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from ossia.engine.facts import names_gpt_oss
from ossia.errors import InvalidRequest
from ossia.server.http.body import convert
from ossia.server.protocols.fields import Options, texts
from ossia.store.models import Model
from ossia.types import Placement, SamplingParams

GPT_OSS = SamplingParams()
OLLAMA = SamplingParams(temperature=0.8, top_k=40, top_p=0.9)
OPENAI = SamplingParams(temperature=1.0, top_k=40, top_p=1.0)
"""Ollama's defaults on /v1, for models that are not gpt-oss."""

SEEDS: Final = 2**63
_MOST_LIKELY: Final = 20
_NO_OPTIONS: Final = Options()
_PLACES: Final = ("num_gpu", "main_gpu", "num_thread", "num_batch", "use_mmap")


def defaults(model: Model, otherwise: SamplingParams) -> SamplingParams:
    """Return the sampling of a request without options: the model's PARAMETERs over the defaults of its kind."""
    is_gpt_oss = names_gpt_oss(model.config.get("model_family"))
    return merge(GPT_OSS if is_gpt_oss else otherwise, _parameters(model))


def merge(sampling: SamplingParams, options: Options | None) -> SamplingParams:
    """Override `sampling` by `options`. A negative seed means none, a negative num_predict no limit.

    Of a seed with more than 63 bits, the lowest count.
    """
    if options is None:
        return sampling
    changes: dict[str, Any] = {
        name: limit(value) for name, limit in _LIMITS.items() if (value := getattr(options, name)) is not None
    }
    if options.seed is not None:
        changes["seed"] = options.seed % SEEDS if options.seed >= 0 else None
    if options.num_predict is not None:
        changes["max_tokens"] = options.num_predict if options.num_predict > 0 else None
    if options.stop is not None:
        changes["stop"] = texts(options.stop)
    return replace(sampling, **changes) if changes else sampling


def placement(options: Options | None, model: Model) -> Placement:
    """Return the request's wishes for the place of its model, or else those of the model's PARAMETERs.

    A `num_ctx` that is not positive is none.
    """
    wishes = dict[str, Any]()
    for given in (_parameters(model), options or _NO_OPTIONS):
        wishes |= {name: value for name in _PLACES if (value := getattr(given, name)) is not None}
        if (given.num_ctx or 0) > 0:
            wishes["context_length"] = given.num_ctx
    return Placement(**wishes)


def logprobs(wanted: bool | None, top: int | None) -> int | None:
    """Combine `logprobs` and `top_logprobs` into SamplingParams.logprobs. Raises InvalidRequest."""
    if not 0 <= (top or 0) <= _MOST_LIKELY:
        raise InvalidRequest(f"top_logprobs must be between 0 and {_MOST_LIKELY}")
    return (top or 0) if wanted else None


def _parameters(model: Model) -> Options:
    return convert(model.parameters, Options, "the model's parameters") if model.parameters else _NO_OPTIONS


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


_LIMITS: Final[dict[str, Callable[[Any], float]]] = {
    "temperature": _at_least_zero,
    "top_p": _fraction,
    "min_p": _fraction,
    "typical_p": _fraction,
    "repeat_penalty": _repeat_penalty,
    "presence_penalty": _penalty,
    "frequency_penalty": _penalty,
    "top_k": lambda value: max(value, 0),
    "repeat_last_n": lambda value: max(value, -1),
}
"""Function for each option that clips a value to the option's range."""
