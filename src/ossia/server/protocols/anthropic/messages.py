"""Anthropic's POST /v1/messages and POST /v1/messages/count_tokens, between its types and ossia's.

Pure functions, except for counting, which needs the model. Two fields are Ollama's: `keep_alive` and `options` (so that
`num_ctx` can be set here too). The content blocks of messages are read by `blocks`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from msgspec import convert

from ossia import types
from ossia.aside import aside
from ossia.errors import InvalidRequest, OssiaError
from ossia.server.http.body import Json
from ossia.server.http.endpoint import Call
from ossia.server.http.stream import Chunk
from ossia.server.http.wording import invalid
from ossia.server.protocols import sampling
from ossia.server.protocols.anthropic.blocks import read_messages, referenced
from ossia.server.protocols.anthropic.client_tools import client_tool
from ossia.server.protocols.anthropic.types import (
    CountTokensRequest,
    CustomTool,
    MessagesRequest,
    Thinking,
)
from ossia.server.protocols.conversation import with_beginning
from ossia.server.protocols.effort import EFFORTS, think
from ossia.server.protocols.fields import Options, keep_alive_seconds, refuse, texts
from ossia.server.protocols.protocol import Envelope, WireProtocol, succeeded
from ossia.server.protocols.response_format import openai_format
from ossia.server.protocols.tools import CLIENTS_RUN_TOOLS, ChosenTool, no_tool_here, read_choice, read_tool_choice
from ossia.store.models import Model
from ossia.types import (
    Collected,
    Event,
    Finished,
    GenerateRequest,
    ReasoningDelta,
    ReasoningEffort,
    SamplingParams,
    Started,
    TextDelta,
    Tool,
    ToolCall,
    ToolCallDelta,
    Usage,
)

_EFFORTS: Final = ("low", "medium", "high", "xhigh", "max")
_SERVER_TOOLS: Final = ("code_execution", "web_fetch", "tool_search_tool", "mcp_toolset")
"""Beginnings of the types of tools that Anthropic runs."""

_MEDIUM_BUDGET = 4096
_HIGH_BUDGET = 16384
"""Least thinking budgets, in tokens, for medium and for high effort."""

_STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}
_SIGNATURE = "b3NzaWE="
"""Signature of every thinking block. It proves nothing, but some clients drop a block without one."""


def parse(body: MessagesRequest, model: Model) -> GenerateRequest:
    if body.max_tokens <= 0:
        raise InvalidRequest("max_tokens must be positive")
    return replace(
        parse_prompt(body, model),
        sampling=_sampling(body, model),
    )


def parse_prompt(body: CountTokensRequest, model: Model) -> GenerateRequest:
    """Return the request without its sampling."""
    remote = {"mcp_servers": body.mcp_servers, "container": body.container}
    if not _is_begun(body):
        refuse(CLIENTS_RUN_TOOLS, **remote)
    messages = read_messages(body)
    if not body.messages:
        raise InvalidRequest("messages is required")
    tools = _tools(body)
    choice = read_tool_choice(body.tool_choice, None, tools, _chosen_name)
    return GenerateRequest(
        prompt=with_beginning(model, messages),
        tools=tools if choice else (),
        tool_choice=choice or types.ToolChoice(),
        response_format=_response_format(body),
        reasoning_effort=_effort(body),
    )


def _chosen_name(choice: ChosenTool, path: str) -> str:
    if not choice.tool_name:
        raise invalid(f"{path}.name", "is required")
    return choice.tool_name


def _response_format(body: CountTokensRequest) -> types.ResponseFormat | None:
    """Read the format from `output_config.format`, or from `output_format`, its older name."""
    format, path = body.output_config and body.output_config.format, "output_config.format"
    if format is None or format.type is None:
        format, path = body.output_format, "output_format"
    return openai_format(format.type, format, path, path) if format else None


def _tools(body: CountTokensRequest) -> tuple[Tool, ...]:
    """Read the tools that the model may know of.

    A web search is ignored, since clients declare it to every server, and so are all tools that Anthropic runs if the
    conversation began there. A deferred tool is hidden until the conversation or the choice names it.
    """
    ignored = ("web_search", *_SERVER_TOOLS) if _is_begun(body) else ("web_search",)
    known = referenced(body) | {read_choice(body.tool_choice).tool_name}
    return tuple(
        _tool(tool, f"tools[{index}]")
        for index, tool in enumerate(body.tools or ())
        if not (tool.type or "").startswith(ignored) and (not tool.defer_loading or tool.name in known)
    )


def _is_begun(body: CountTokensRequest) -> bool:
    """True if the conversation has an answer: one that began at Anthropic goes on here."""
    return any(message.role == "assistant" for message in body.messages)


def _tool(tool: CustomTool, path: str) -> Tool:
    kind = tool.type or "custom"
    defined = client_tool(kind)
    if kind != "custom" and not defined:
        raise no_tool_here(kind, path)
    if not tool.name:
        raise invalid(f"{path}.name", "is required")
    description, schema = defined or (tool.description or "", tool.input_schema)
    return Tool(tool.name, description, schema, strict=bool(tool.strict))


def _effort(body: CountTokensRequest) -> ReasoningEffort:
    """Return the effort: none if `thinking` or Ollama's `think` disables it, else that of `output_config.effort`, else
    that of the thinking budget. Raises InvalidRequest."""
    thinking = body.thinking or Thinking()
    if thinking.type not in (None, "enabled", "adaptive", "between_tools", "disabled"):
        raise invalid("thinking.type", "must be enabled, adaptive, between_tools or disabled")
    effort = body.output_config.effort if body.output_config else None
    if effort and effort not in _EFFORTS:
        raise invalid("output_config.effort", f"must be one of {', '.join(_EFFORTS)}")
    if thinking.type == "disabled" or think(body.think) == "none":
        return "none"
    if effort:
        return EFFORTS[effort]
    return _effort_of_budget(thinking.budget_tokens) if thinking.type == "enabled" else "medium"


def _effort_of_budget(tokens: int | None) -> ReasoningEffort:
    if tokens is None:
        return "medium"
    if tokens < _MEDIUM_BUDGET:
        return "low"
    return "medium" if tokens < _HIGH_BUDGET else "high"


def _shows_thinking(body: MessagesRequest) -> bool:
    """True unless `display` omits the text of the thinking."""
    return body.thinking is None or body.thinking.display != "omitted"


def _sampling(body: MessagesRequest, model: Model) -> SamplingParams:
    if not 0 <= (body.temperature or 0) <= 1:
        raise invalid("temperature", "must be between 0 and 1")
    before = sampling.merge(sampling.defaults(model, sampling.OLLAMA), body.options)
    own = Options(temperature=body.temperature, top_p=body.top_p, top_k=body.top_k)
    stop = texts(body.stop_sequences) or before.stop
    return replace(sampling.merge(before, own), max_tokens=body.max_tokens, stop=stop)


async def count_tokens(call: Call[CountTokensRequest]) -> Chunk:
    """Handle /v1/messages/count_tokens: return the exact length of the prompt that the model would read.

    Only an engine knows its chat format, so the model is loaded.
    """
    keep_alive = keep_alive_seconds(call.body.keep_alive)
    model = await call.resolve(call.body.model)
    request = await aside(call.size, parse_prompt, call.body, model)
    async with call.services.pool.use(model, keep_alive, sampling.placement(None, model)) as engine:
        return {"input_tokens": await engine.count_tokens(request)}


@dataclass(slots=True)
class MessageStream:
    """Stream of one message: its start, its content blocks and its end.

    One block is open at a time: `open` is "text", "thinking" or a call's index.
    """

    envelope: Envelope
    shows_thinking: bool
    begun: bool = False
    open: str | int | None = None
    index: int = -1

    @classmethod
    def of(cls, body: MessagesRequest, envelope: Envelope) -> "MessageStream":
        return cls(envelope, _shows_thinking(body))

    def feed(self, event: Event) -> Sequence[Chunk]:
        if not self.begun:
            return self._begin(event)
        match event:
            case TextDelta("") | ReasoningDelta("") | Started():
                return ()
            case TextDelta(text):
                opening = () if self.open == "text" else self._enter("text", _text(""))
                return (*opening, self._delta({"type": "text_delta", "text": text}))
            case ReasoningDelta(text):
                opening = () if self.open == "thinking" else self._enter("thinking", _thinking("", ""))
                delta = {"type": "thinking_delta", "thinking": text}
                return (*opening, self._delta(delta)) if self.shows_thinking else opening
            case ToolCallDelta(index, id, name, arguments):
                opening = () if self.open == index else self._enter(index, _tool_use(id, name, {}))
                delta = {"type": "input_json_delta", "partial_json": arguments}
                return (*opening, self._delta(delta)) if arguments else opening
            case Finished():
                return (*self._leave(), *_end(succeeded(event)))

    def _begin(self, first: Event) -> Sequence[Chunk]:
        """Return the message's start, with the prompt's usage if the first event has it, and that event's chunks."""
        self.begun = True
        usage = first.usage if isinstance(first, Started | Finished) else Usage()
        start = {"type": "message_start", "message": _message(self.envelope, [], None, usage)}
        return (start, {"type": "ping"}, *self.feed(first))

    def _enter(self, opened: str | int, block: Chunk) -> tuple[Chunk, ...]:
        """Return the chunks that close the open block and begin another."""
        closing = self._leave()
        self.open, self.index = opened, self.index + 1
        return (*closing, {"type": "content_block_start", "index": self.index, "content_block": block})

    def _leave(self) -> tuple[Chunk, ...]:
        """Return the chunks that close the open block."""
        if self.open is None:
            return ()
        stop = {"type": "content_block_stop", "index": self.index}
        if self.open != "thinking":
            return (stop,)
        return self._delta({"type": "signature_delta", "signature": _SIGNATURE}), stop

    def _delta(self, delta: dict[str, str]) -> Chunk:
        return {"type": "content_block_delta", "index": self.index, "delta": delta}


def response(collected: Collected, body: MessagesRequest, envelope: Envelope) -> Chunk:
    message, finished = collected.message, collected.finished
    content: list[Chunk] = []
    if message.reasoning:
        content.append(_thinking(message.reasoning if _shows_thinking(body) else "", _SIGNATURE))
    if message.content:
        content.append(_text(message.content))
    content += [_tool_use(call.id, call.name, _input(call, finished)) for call in message.tool_calls]
    return _message(envelope, content, finished, finished.usage)


def _message(envelope: Envelope, content: list[Chunk], finished: Finished | None, usage: Usage) -> Chunk:
    return {
        "id": f"msg_{envelope.id}",
        "type": "message",
        "role": "assistant",
        "model": envelope.model,
        "content": content,
        **_stop(finished),
        "usage": _usage(usage),
    }


def _text(text: str) -> Chunk:
    return {"type": "text", "text": text}


def _thinking(text: str, signature: str) -> Chunk:
    return {"type": "thinking", "thinking": text, "signature": signature}


def _tool_use(id: str, name: str, input: Json) -> Chunk:
    return {"type": "tool_use", "id": id, "name": name, "input": input}


def _input(call: ToolCall, finished: Finished) -> Json:
    """Return a call's arguments, {} if max_tokens cut them off. Raises OssiaError if they are not an object."""
    try:
        return convert(json.loads(call.arguments or "{}"), Json)
    except (ValueError, RecursionError):
        if finished.reason == "length":
            return {}
        raise OssiaError(
            f"the model called {call.name} with arguments that are no JSON object: {call.arguments!r}"
        ) from None


def _end(finished: Finished) -> tuple[Chunk, Chunk]:
    end = {"type": "message_delta", "delta": _stop(finished), "usage": _usage(finished.usage)}
    return end, {"type": "message_stop"}


def _stop(finished: Finished | None) -> Chunk:
    """Return the reason for the end, which is null at the start of a message."""
    if finished is None:
        return {"stop_reason": None, "stop_sequence": None}
    if finished.stop_string is not None:
        return {"stop_reason": "stop_sequence", "stop_sequence": finished.stop_string}
    return {"stop_reason": _STOP_REASONS[finished.reason], "stop_sequence": None}


def _usage(usage: Usage) -> Chunk:
    """Return token counts. Anthropic's `input_tokens` exclude the cached ones."""
    return {
        "input_tokens": usage.prompt_tokens - usage.cached_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": usage.completion_tokens,
    }


MESSAGES = WireProtocol[MessagesRequest](
    parse=parse,
    stream=MessageStream.of,
    response=response,
    requires_thinking=lambda body: False,  # a model that cannot think answers without
)
