"""OpenAI's POST /v1/chat/completions and GET /v1/models, between their JSON and ossia's types.

Pure functions. Two fields beyond OpenAI's are taken from Ollama: `keep_alive` and `options` (so that `num_ctx` can be
set here too); OpenAI's own names overrule those in `options`. A model's PARAMETERs overrule the defaults.
"""

import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from typing import Any

from ossia.errors import InvalidRequest, NotSupported, OssiaError
from ossia.server import options
from ossia.server.body import Body
from ossia.server.conversation import read_messages, read_tools, with_beginning
from ossia.server.dialect import Dialect, Turn, succeeded
from ossia.server.ollama import logprob_json
from ossia.server.stream import SSE, Chunk
from ossia.store.models import Model
from ossia.types import (
    Collected,
    Event,
    Finished,
    GenerateRequest,
    ReasoningDelta,
    ReasoningEffort,
    SamplingParams,
    TextDelta,
    TokenLogprob,
    Tool,
    ToolCall,
    ToolCallDelta,
    Usage,
)

_EFFORTS: dict[str, ReasoningEffort] = {
    "none": "none",
    "minimal": "low",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "high",
    "ultra": "high",
    "max": "high",
}


def parse(body: Body, model: Model) -> GenerateRequest:
    _refuse_unsupported(body)
    messages = read_messages(body)
    if not messages:
        raise InvalidRequest("[] is too short - 'messages'")
    return GenerateRequest(
        prompt=with_beginning(model, messages),
        tools=_tools(body),
        reasoning_effort=_EFFORTS[_effort(body) or "medium"],
        sampling=_sampling(body, model),
        context_length=options.context_length(body.object("options"), model),
    )


def _refuse_unsupported(body: Body) -> None:
    if (body.integer("n") or 1) != 1:
        raise NotSupported("n must be 1: several choices are not supported in this version")
    format = body.get("response_format")
    if format and body.object("response_format").text("type", "text") != "text":
        raise NotSupported("response_format must be text: structured output is not supported in this version")
    options.refuse(body, "audio", "functions")
    _wants_usage(body)  # so that a wrong type is told before the stream begins


def _tools(body: Body) -> tuple[Tool, ...]:
    choice = body.get("tool_choice")
    if choice == "none":
        return ()
    if choice not in (None, "", "auto"):
        raise NotSupported("tool_choice must be 'auto' or 'none': a forced call is not supported in this version")
    return read_tools(body)


def _effort(body: Body) -> str:
    """The effort asked for, "" if none was; `reasoning.effort` wins over `reasoning_effort`."""
    effort = body.object("reasoning").text("effort") or body.text("reasoning_effort")
    if effort and effort not in _EFFORTS:
        raise InvalidRequest(
            f'invalid reasoning value: "{effort}" (must be "minimal", "low", "medium", "high", "xhigh", "ultra", '
            '"max", or "none")'
        )
    return effort


def _sampling(body: Body, model: Model) -> SamplingParams:
    sampling = options.merge(options.defaults(model, options.OPENAI), body.object("options"))
    names = ("temperature", "top_p", "top_k", "min_p", "presence_penalty", "frequency_penalty", "seed", "stop")
    fields = {name: body.get(name) for name in names}
    fields["num_predict"] = body.integer("max_completion_tokens") or body.integer("max_tokens")
    return replace(
        options.merge(sampling, Body(fields)),
        logprobs=options.logprobs(body),
        logit_bias=_logit_bias(body.object("logit_bias")),
    )


def _logit_bias(biases: Body) -> tuple[tuple[int, float], ...]:
    """Token ids are written as strings, being keys of a JSON object."""
    found: list[tuple[int, float]] = []
    for key in biases.names():
        if not key.isdecimal():
            raise InvalidRequest(f"{biases.where(key)}: the key must be a token id")
        found.append((int(key), biases.number(key) or 0.0))
    return tuple(found)


def _wants_usage(body: Body) -> bool:
    return body.object("stream_options").flag("include_usage")


async def stream(events: AsyncIterator[Event], turn: Turn) -> AsyncGenerator[Chunk]:
    """Chunks of one completion: deltas, the finish chunk and, if asked for, one with the usage and no choice."""
    head = _head("chat.completion.chunk", turn)
    role: Chunk = {"role": "assistant"}
    started_calls: set[int] = set()
    async for event in events:
        match event:
            case Finished():
                if role:
                    yield _delta_chunk(head, role | {"content": ""})
                yield _choice_chunk(head, {}, succeeded(event).reason)
                if _wants_usage(turn.body):
                    yield head | {"choices": [], "usage": _usage(event.usage)}
            case TextDelta("", ()) | ReasoningDelta("", _):
                pass
            case TextDelta(text, logprobs):
                yield _delta_chunk(head, role | {"content": text}, logprobs)
                role = {}
            case ReasoningDelta(text):
                yield _delta_chunk(head, role | {"content": "", **_reasoning(text)})
                role = {}
            case ToolCallDelta():
                yield _delta_chunk(head, role | {"tool_calls": [_call_delta(event, event.index in started_calls)]})
                started_calls.add(event.index)
                role = {}


def response(collected: Collected, turn: Turn) -> Chunk:
    message = collected.message
    written: Chunk = {"role": "assistant", "content": message.content, **_reasoning(message.reasoning)}
    if message.tool_calls:
        written["tool_calls"] = [_call(index, call) for index, call in enumerate(message.tool_calls)]
    choice = {
        "index": 0,
        "message": written,
        "finish_reason": collected.finished.reason,
        "logprobs": _logprobs(collected.logprobs),
    }
    return _head("chat.completion", turn) | {"choices": [choice], "usage": _usage(collected.finished.usage)}


def _head(kind: str, turn: Turn) -> Chunk:
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": kind,
        "created": int(time.time()),
        "model": turn.model,
        "system_fingerprint": "fp_ollama",
    }


def _delta_chunk(head: Chunk, delta: Chunk, logprobs: tuple[TokenLogprob, ...] = ()) -> Chunk:
    return _choice_chunk(head, delta, None, logprobs)


def _choice_chunk(
    head: Chunk, delta: Chunk, finish_reason: str | None, logprobs: tuple[TokenLogprob, ...] = ()
) -> Chunk:
    choice: Chunk = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    if logprobs:
        choice["logprobs"] = _logprobs(logprobs)
    return head | {"choices": [choice]}


def _reasoning(text: str) -> Chunk:
    """Under both names that clients read: Ollama's and DeepSeek's."""
    return {"reasoning": text, "reasoning_content": text} if text else {}


def _call(index: int, call: ToolCall) -> Chunk:
    function = {"name": call.name, "arguments": call.arguments}
    return {"index": index, "id": call.id, "type": "function", "function": function}


def _call_delta(event: ToolCallDelta, started: bool) -> Chunk:
    """The first fragment says whose arguments follow; the others only carry arguments, for clients join all texts."""
    if started:
        return {"index": event.index, "function": {"arguments": event.arguments}}
    return _call(event.index, ToolCall(event.id, event.name, event.arguments))


def _logprobs(logprobs: tuple[TokenLogprob, ...]) -> dict[str, Any] | None:
    return {"content": [logprob_json(item) for item in logprobs], "refusal": None} if logprobs else None


def _usage(usage: Usage) -> Chunk:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
    }


def describe_model(model: Model) -> Chunk:
    """An entry of GET /v1/models."""
    created = int(model.modified_at.timestamp())
    return {"id": str(model.name), "object": "model", "created": created, "owned_by": model.name.namespace}


def error(failure: OssiaError) -> Chunk:
    kinds = {400: "invalid_request_error", 404: "not_found_error"}
    kind = kinds.get(failure.status, "api_error")
    return {"error": {"message": failure.message, "type": kind, "param": None, "code": failure.code}}


CHAT_COMPLETIONS = Dialect(
    streams_by_default=False,
    framing=SSE,
    parse=parse,
    thinking_asked=lambda body: _effort(body) not in ("", "none"),
    stream=stream,
    response=response,
    error=error,
)
