"""Anthropic's POST /v1/messages and POST /v1/messages/count_tokens, between their JSON and ossia's types.

Pure functions, but for counting, which needs the model. Two fields beyond Anthropic's are taken from Ollama:
`keep_alive` and `options` (so that `num_ctx` can be set here too). What a message's blocks say is read by
`messages_blocks`.
"""

import json
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from ossia.errors import ContextLengthExceeded, InvalidRequest, NotSupported, OssiaError
from ossia.server.http.body import Body
from ossia.server.http.request_id import current_request_id
from ossia.server.http.stream import NAMED_SSE, Chunk
from ossia.server.protocols import demands
from ossia.server.protocols import sampling as options
from ossia.server.protocols.anthropic import types as schema
from ossia.server.protocols.anthropic.blocks import read_messages
from ossia.server.protocols.conversation import with_beginning
from ossia.server.protocols.protocol import Dialect, Services, Turn, succeeded
from ossia.store.models import Model
from ossia.types import (
    Collected,
    Event,
    Finished,
    GenerateRequest,
    ReasoningDelta,
    ReasoningEffort,
    ResponseFormat,
    SamplingParams,
    Started,
    TextDelta,
    Tool,
    ToolCall,
    ToolCallDelta,
    ToolChoice,
    Usage,
)

_EFFORTS: dict[str, ReasoningEffort] = {
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "high",
    "max": "high",
}
_MEDIUM_BUDGET = 4096
_HIGH_BUDGET = 16384
"""Thinking budgets, in tokens, from which the effort is medium and high."""

_STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}
_ERROR_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    529: "overloaded_error",
}
_SIGNATURE = "b3NzaWE="
"""Of every thinking block: there is nothing to prove here, but a client may drop a block without one."""


def parse(body: Body, model: Model) -> GenerateRequest:
    if (body.integer("max_tokens") or 0) <= 0:
        raise InvalidRequest("max_tokens must be positive")
    return replace(
        parse_prompt(body, model),
        sampling=_sampling(body, model),
        context_length=options.context_length(body.object("options"), model),
    )


def parse_prompt(body: Body, model: Model) -> GenerateRequest:
    """What the model is to read: all of a request but how to choose tokens."""
    options.refuse(body, "mcp_servers", "container")
    messages = read_messages(body)
    if not body.items("messages"):
        raise InvalidRequest("messages is required")
    tools = tuple(_tool(item) for item in body.objects("tools"))
    choice = _tool_choice(body.object("tool_choice"), tools)
    return GenerateRequest(
        prompt=with_beginning(model, messages),
        tools=tools if choice else (),
        tool_choice=choice or ToolChoice(),
        response_format=_format(body),
        reasoning_effort=_effort(body),
    )


def _tool_choice(choice: Body, tools: Sequence[Tool]) -> ToolChoice | None:
    """None when no tool may be called."""
    parallel = not choice.flag("disable_parallel_tool_use")
    match choice.text("type", "auto"):
        case "none":
            return None
        case "auto":
            return ToolChoice(parallel=parallel)
        case "any":
            return demands.required(None, tools, parallel)
        case "tool":
            return demands.required([choice.text("name")], tools, parallel)
        case _:
            raise InvalidRequest("tool_choice.type must be auto, any, tool or none")


def _format(body: Body) -> ResponseFormat | None:
    """`output_config.format`, or `output_format` as it was called before."""
    format = body.object("output_config").object("format")
    return demands.openai_format(format if "type" in format else body.object("output_format"))


def _tool(item: Body) -> Tool:
    kind = item.text("type", "custom")
    if kind != "custom":
        raise NotSupported(
            f"{item.where('type')}: the tool {kind!r} is not supported in this version, only tools of your own"
        )
    name = item.text("name")
    if not name:
        raise InvalidRequest(f"{item.where('name')} is required")
    item.object("input_schema")
    return Tool(name, item.text("description"), item.get("input_schema"), strict=item.flag("strict"))


def _effort(body: Body) -> ReasoningEffort:
    """`thinking` (or Ollama's `think`) switches it off; else `output_config.effort` decides, else the budget."""
    thinking = body.object("thinking")
    kind = thinking.text("type", "adaptive")
    if kind not in ("enabled", "adaptive", "between_tools", "disabled"):
        raise InvalidRequest("thinking.type must be enabled, adaptive, between_tools or disabled")
    effort, budget = body.object("output_config").text("effort"), thinking.integer("budget_tokens")
    if effort and effort not in _EFFORTS:
        raise InvalidRequest(f"output_config.effort must be one of {', '.join(_EFFORTS)}")
    if kind == "disabled" or options.think(body) == "none":
        return "none"
    if effort:
        return _EFFORTS[effort]
    return _effort_of_budget(budget) if kind == "enabled" and budget is not None else "medium"


def _shows_thinking(body: Body) -> bool:
    """`display`, which may leave the text of the thinking out."""
    return body.object("thinking").text("display") != "omitted"


def _effort_of_budget(tokens: int) -> ReasoningEffort:
    if tokens < _MEDIUM_BUDGET:
        return "low"
    return "medium" if tokens < _HIGH_BUDGET else "high"


def _sampling(body: Body, model: Model) -> SamplingParams:
    if not 0 <= (body.number("temperature") or 0) <= 1:
        raise InvalidRequest("temperature must be between 0 and 1")
    sampling = options.merge(options.defaults(model, options.OLLAMA), body.object("options"))
    fields = {name: body.get(name) for name in ("temperature", "top_p", "top_k")}
    sampling = options.merge(sampling, Body(fields))
    return replace(sampling, max_tokens=body.integer("max_tokens"), stop=body.texts("stop_sequences") or sampling.stop)


async def count_tokens(services: Services, body: Body) -> Chunk:
    """The answer of /v1/messages/count_tokens: the length of the very prompt that the model would read.

    Only an engine knows its chat format, so the model is loaded for it.
    """
    model = await services.resolve(body.text("model"))
    request = parse_prompt(body, model)
    async with services.pool.use(model, options.keep_alive(body)) as lease:
        return {"input_tokens": lease.engine.count_tokens(request)}


async def stream(events: AsyncIterator[Event], turn: Turn) -> AsyncGenerator[Chunk]:
    """The events of one message, after its beginning."""
    blocks, begun = _Blocks(_shows_thinking(turn.body)), False
    async for event in events:
        if isinstance(event, Finished):
            succeeded(event)
        for chunk in (*(() if begun else _beginning(turn, event)), *blocks.feed(event)):
            yield chunk
        begun = True


def _beginning(turn: Turn, first: Event) -> tuple[Chunk, Chunk]:
    """It tells the prompt's tokens, as far as the first event does."""
    message = _message(turn, [], None, first.usage if isinstance(first, Started | Finished) else Usage())
    return {"type": "message_start", "message": message}, {"type": "ping"}


@dataclass(slots=True)
class _Blocks:
    """Events as content blocks. One block is open at a time: `kind` is "text", "thinking" or a call's index."""

    shows_thinking: bool
    kind: str | int | None = None
    index: int = -1

    def feed(self, event: Event) -> Iterator[Chunk]:
        match event:
            case Started() | TextDelta("") | ReasoningDelta(""):
                pass
            case TextDelta(text):
                yield from self._enter("text", _text(""))
                yield self._delta("text_delta", text=text)
            case ReasoningDelta(text):
                yield from self._enter("thinking", _thinking("", ""))
                if self.shows_thinking:
                    yield self._delta("thinking_delta", thinking=text)
            case ToolCallDelta():
                yield from self._enter(event.index, _tool_use(event.id, event.name, {}))
                if event.arguments:
                    yield self._delta("input_json_delta", partial_json=event.arguments)
            case Finished():
                yield from self._leave()
                yield {"type": "message_delta", "delta": _stop(event), "usage": _usage(event.usage)}
                yield {"type": "message_stop"}

    def _enter(self, kind: str | int, block: Chunk) -> Iterator[Chunk]:
        if self.kind != kind:
            yield from self._leave()
            self.kind, self.index = kind, self.index + 1
            yield {"type": "content_block_start", "index": self.index, "content_block": block}

    def _leave(self) -> Iterator[Chunk]:
        if self.kind == "thinking":
            yield self._delta("signature_delta", signature=_SIGNATURE)
        if self.kind is not None:
            yield {"type": "content_block_stop", "index": self.index}

    def _delta(self, kind: str, **fields: str) -> Chunk:
        return {"type": "content_block_delta", "index": self.index, "delta": {"type": kind, **fields}}


def response(collected: Collected, turn: Turn) -> Chunk:
    message, finished = collected.message, collected.finished
    content: list[Chunk] = []
    if message.reasoning:
        content.append(_thinking(message.reasoning if _shows_thinking(turn.body) else "", _SIGNATURE))
    if message.content:
        content.append(_text(message.content))
    content += [_tool_use(call.id, call.name, _input(call, finished)) for call in message.tool_calls]
    return _message(turn, content, finished, finished.usage)


def _message(turn: Turn, content: list[Chunk], finished: Finished | None, usage: Usage) -> Chunk:
    return {
        "id": f"msg_{uuid.uuid4().hex}",
        "type": "message",
        "role": "assistant",
        "model": turn.model,
        "content": content,
        **_stop(finished),
        "usage": _usage(usage),
    }


def _text(text: str) -> Chunk:
    return {"type": "text", "text": text}


def _thinking(text: str, signature: str) -> Chunk:
    return {"type": "thinking", "thinking": text, "signature": signature}


def _tool_use(id: str, name: str, input: dict[str, Any]) -> Chunk:
    return {"type": "tool_use", "id": id, "name": name, "input": input}


def _input(call: ToolCall, finished: Finished) -> dict[str, Any]:
    """The call's arguments. A call that max_tokens cut off has none; any other must be an object."""
    value: Any
    try:
        value = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        value = {} if finished.reason == "length" else None
    if not isinstance(value, dict):
        raise OssiaError(f"the model called {call.name} with arguments that are no JSON object: {call.arguments!r}")
    return cast(dict[str, Any], value)


def _stop(finished: Finished | None) -> Chunk:
    if finished is None:
        return {"stop_reason": None, "stop_sequence": None}
    if finished.stop_string is not None:
        return {"stop_reason": "stop_sequence", "stop_sequence": finished.stop_string}
    return {"stop_reason": _STOP_REASONS[finished.reason], "stop_sequence": None}


def _usage(usage: Usage) -> Chunk:
    """Anthropic counts the cached tokens apart from the input's."""
    return {
        "input_tokens": usage.prompt_tokens - usage.cached_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": usage.completion_tokens,
    }


def error(failure: OssiaError) -> Chunk:
    kind = _ERROR_TYPES.get(failure.status, "invalid_request_error" if failure.status < 500 else "api_error")
    message = failure.message
    if isinstance(failure, ContextLengthExceeded):  # in the words by which clients know that they must shorten it
        message = f"prompt is too long: {failure.prompt_tokens} tokens > {failure.limit} maximum"
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": current_request_id()}


MESSAGES = Dialect(
    operation=schema.MESSAGES,
    streams_by_default=False,
    framing=NAMED_SSE,
    parse=parse,
    thinking_asked=lambda body: False,  # a model that cannot think answers without
    stream=stream,
    response=response,
    error=error,
)
