"""OpenAI's POST /v1/chat/completions and GET /v1/models, between their JSON and ossia's types.

Pure functions. Two fields beyond OpenAI's are taken from Ollama: `keep_alive` and `options` (so that `num_ctx` can be
set here too); OpenAI's own names overrule those in `options`. A model's PARAMETERs overrule the defaults.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

from ossia.errors import InvalidRequest, NotSupported, OssiaError
from ossia.server.http.body import Body
from ossia.server.http.stream import SSE, Chunk
from ossia.server.protocols import demands
from ossia.server.protocols import sampling as options
from ossia.server.protocols.conversation import read_messages, read_tools, with_beginning
from ossia.server.protocols.ollama.chat import logprob_json
from ossia.server.protocols.openai import types as schema
from ossia.server.protocols.protocol import Dialect, Turn, succeeded
from ossia.store.models import Model
from ossia.types import (
    Collected,
    Event,
    Finished,
    GenerateRequest,
    ReasoningDelta,
    SamplingParams,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCall,
    ToolCallDelta,
    ToolChoice,
    Usage,
)

_LARGEST_N = 128
_ERROR_TYPES = {404: "not_found_error"}


def parse(body: Body, model: Model) -> GenerateRequest:
    _refuse_unsupported(body)
    messages = read_messages(body)
    if not messages:
        raise InvalidRequest("[] is too short - 'messages'")
    tools = read_tools(body)
    choice = demands.tool_choice(body, tools, _chosen_name)
    return GenerateRequest(
        prompt=with_beginning(model, messages),
        tools=tools if choice else (),
        tool_choice=choice or ToolChoice(),
        response_format=demands.openai_format(body.object("response_format"), "json_schema"),
        reasoning_effort=options.EFFORTS[options.effort(body) or "medium"],
        sampling=sampling(body, model),
        context_length=options.context_length(body.object("options"), model),
    )


def _chosen_name(choice: Body) -> str:
    """The name of a tool in a choice, which has it as the tool itself has."""
    tool = choice.object(choice.text("type", "function"))
    if name := tool.text("name"):
        return name
    raise InvalidRequest(f"{tool.where('name')} is required")


def _refuse_unsupported(body: Body) -> None:
    options.refuse(body, "audio", "functions", "web_search_options")
    if "audio" in body.texts("modalities"):
        raise NotSupported("modalities: audio is not supported, only text")
    count(body)
    wants_usage(body)  # so that a wrong type is told before the stream begins


def sampling(body: Body, model: Model) -> SamplingParams:
    """How to choose tokens, by OpenAI's names, Ollama's `options` and the model's defaults, in this order."""
    before = options.merge(options.defaults(model, options.OPENAI), body.object("options"))
    names = ("temperature", "top_p", "top_k", "min_p", "presence_penalty", "frequency_penalty", "seed", "stop")
    fields = {name: body.get(name) for name in names}
    fields["num_predict"] = body.integer("max_completion_tokens") or body.integer("max_tokens")
    return replace(
        options.merge(before, Body(fields)),
        logprobs=options.logprobs(body),
        logit_bias=_logit_bias(body.object("logit_bias")),
    )


def choices(body: Body, request: GenerateRequest) -> tuple[GenerateRequest, ...]:
    """The request `n` times. Each draws from a seed of its own, so that they differ."""
    seed = request.sampling.seed
    return tuple(
        replace(request, sampling=replace(request.sampling, seed=None if seed is None else seed + index))
        for index in range(count(body))
    )


def count(body: Body) -> int:
    """`n`, how many answers are wanted."""
    n = body.integer("n")
    if n is not None and not 1 <= n <= _LARGEST_N:
        raise InvalidRequest(f"n must be between 1 and {_LARGEST_N}")
    return n or 1


def _logit_bias(biases: Body) -> tuple[tuple[int, float], ...]:
    """Token ids are written as strings, being keys of a JSON object."""
    found: list[tuple[int, float]] = []
    for key in biases.names():
        if not key.isdecimal():
            raise InvalidRequest(f"{biases.where(key)}: the key must be a token id")
        found.append((int(key), biases.number(key) or 0.0))
    return tuple(found)


def wants_usage(body: Body) -> bool:
    """Whether a stream is to tell it, too."""
    return body.object("stream_options").flag("include_usage")


async def stream(events: AsyncIterator[Event], turn: Turn) -> AsyncGenerator[Chunk]:
    """Chunks of one choice: deltas and the finish chunk."""
    head = _head("chat.completion.chunk", turn)
    role: Chunk = {"role": "assistant"}
    started_calls: set[int] = set()
    custom = _custom_names(turn.body)
    async for event in events:
        match event:
            case Finished():
                if role:
                    yield _choice_chunk(head, turn, role | {"content": ""})
                yield _choice_chunk(head, turn, {}, succeeded(event).reason)
            case Started() | TextDelta("", ()) | ReasoningDelta("", _):
                pass
            case TextDelta(text, logprobs):
                yield _choice_chunk(head, turn, role | {"content": text}, logprobs=logprobs)
                role = {}
            case ReasoningDelta(text):
                yield _choice_chunk(head, turn, role | {"content": "", **_reasoning(text)})
                role = {}
            case ToolCallDelta():
                call = _call_delta(event, event.index in started_calls, event.name in custom)
                yield _choice_chunk(head, turn, role | {"tool_calls": [call]})
                started_calls.add(event.index)
                role = {}


def closing(usage: Usage, turn: Turn) -> Sequence[Chunk]:
    """A chunk with the usage and no choice, if asked for."""
    return (
        [_head("chat.completion.chunk", turn) | {"choices": [], "usage": usage_json(usage)}]
        if wants_usage(turn.body)
        else []
    )


def join(responses: Sequence[Chunk], usage: Usage) -> Chunk:
    """One response of all choices."""
    choices = [choice for response in responses for choice in response["choices"]]
    return responses[0] | {"choices": choices, "usage": usage_json(usage)}


def response(collected: Collected, turn: Turn) -> Chunk:
    message = collected.message
    written: Chunk = {"role": "assistant", "content": message.content, **_reasoning(message.reasoning)}
    if message.tool_calls:
        custom = _custom_names(turn.body)
        written["tool_calls"] = [_call(i, call, call.name in custom) for i, call in enumerate(message.tool_calls)]
    choice = {
        "index": turn.choice,
        "message": written,
        "finish_reason": collected.finished.reason,
        "logprobs": _logprobs(collected.logprobs),
    }
    return _head("chat.completion", turn) | {"choices": [choice], "usage": usage_json(collected.finished.usage)}


def _head(kind: str, turn: Turn) -> Chunk:
    return {
        "id": f"chatcmpl-{turn.id}",
        "object": kind,
        "created": turn.created,
        "model": turn.model,
        "system_fingerprint": "fp_ollama",
    }


def _choice_chunk(
    head: Chunk,
    turn: Turn,
    delta: Chunk,
    finish_reason: str | None = None,
    logprobs: tuple[TokenLogprob, ...] = (),
) -> Chunk:
    choice: Chunk = {"index": turn.choice, "delta": delta, "finish_reason": finish_reason}
    if logprobs:
        choice["logprobs"] = _logprobs(logprobs)
    return head | {"choices": [choice]}


def _reasoning(text: str) -> Chunk:
    """Under both names that clients read: Ollama's and DeepSeek's."""
    return {"reasoning": text, "reasoning_content": text} if text else {}


def _custom_names(body: Body) -> set[str]:
    """The tools that take text, whose calls have another form."""
    return {item.object("custom").text("name") for item in body.objects("tools") if item.text("type") == "custom"}


def _call(index: int, call: ToolCall, is_custom: bool) -> Chunk:
    if is_custom:
        return {"index": index, "id": call.id, "type": "custom", "custom": {"name": call.name, "input": call.arguments}}
    function = {"name": call.name, "arguments": call.arguments}
    return {"index": index, "id": call.id, "type": "function", "function": function}


def _call_delta(event: ToolCallDelta, started: bool, is_custom: bool) -> Chunk:
    """The first fragment says whose arguments follow; the others only carry arguments, for clients join all texts."""
    if started and is_custom:
        return {"index": event.index, "custom": {"input": event.arguments}}
    if started:
        return {"index": event.index, "function": {"arguments": event.arguments}}
    return _call(event.index, ToolCall(event.id, event.name, event.arguments), is_custom)


def _logprobs(logprobs: tuple[TokenLogprob, ...]) -> dict[str, Any] | None:
    return {"content": [logprob_json(item) for item in logprobs], "refusal": None} if logprobs else None


def usage_json(usage: Usage) -> Chunk:
    """As OpenAI writes it, for chats and completions."""
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
    kind = "api_error" if failure.status >= 500 else _ERROR_TYPES.get(failure.status, "invalid_request_error")
    return {"error": {"message": failure.message, "type": kind, "param": failure.param, "code": failure.code}}


CHAT_COMPLETIONS = Dialect(
    operation=schema.CHAT_COMPLETIONS,
    streams_by_default=False,
    framing=SSE,
    parse=parse,
    thinking_asked=lambda body: options.effort(body) not in ("", "none"),
    stream=stream,
    response=response,
    error=error,
    choices=choices,
    join=join,
    closing=closing,
)
