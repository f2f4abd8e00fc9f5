"""OpenAI's POST /v1/chat/completions, between its types and ossia's.

Pure functions. Two fields beyond OpenAI's are taken from Ollama: `keep_alive` and `options` (so that `num_ctx` can be
set here too); OpenAI's own names overrule those in `options`. A model's PARAMETERs overrule the defaults.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ossia.errors import InvalidRequest, NotSupported
from ossia.server.http.body import invalid
from ossia.server.http.stream import Chunk
from ossia.server.protocols import sampling
from ossia.server.protocols.conversation import read_messages, with_beginning
from ossia.server.protocols.effort import EFFORTS
from ossia.server.protocols.fields import refuse
from ossia.server.protocols.logprobs import logprobs_json
from ossia.server.protocols.openai.shared import (
    choices,
    completion_sampling,
    count,
    effort_of,
    head,
    join,
    response_format,
    usage_json,
    wants_usage,
)
from ossia.server.protocols.openai.types import ChatCompletionRequest
from ossia.server.protocols.protocol import Turn, WireProtocol, succeeded
from ossia.server.protocols.tools import ChosenTool, openai_tool_choice, read_tools
from ossia.store.models import Model
from ossia.types import (
    Collected,
    Event,
    Finished,
    GenerateRequest,
    ReasoningDelta,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCall,
    ToolCallDelta,
    ToolChoice,
    Usage,
)

_CHUNK = "chat.completion.chunk"


def parse(body: ChatCompletionRequest, model: Model) -> GenerateRequest:
    _refuse_unsupported(body)
    messages = read_messages(body.messages)
    if not messages:
        raise InvalidRequest("[] is too short - 'messages'")
    tools = read_tools(body.tools)
    choice = openai_tool_choice(body.tool_choice, body.parallel_tool_calls, tools, _chosen_name)
    logprobs = sampling.logprobs(body.logprobs, body.top_logprobs)
    return GenerateRequest(
        prompt=with_beginning(model, messages),
        tools=tools if choice else (),
        tool_choice=choice or ToolChoice(),
        response_format=response_format(body.response_format),
        reasoning_effort=EFFORTS[effort_of(body) or "medium"],
        sampling=completion_sampling(body, model, logprobs),
        context_length=sampling.context_length(body.options, model),
    )


def _chosen_name(choice: ChosenTool, path: str) -> str:
    """The name of a tool in a choice, which has it where the tool itself has it."""
    kind = choice.type or "function"
    tool = {"function": choice.function, "custom": choice.custom}.get(kind)
    if tool and tool.name:
        return tool.name
    raise invalid(f"{path}.{kind}.name", "is required")


def _refuse_unsupported(body: ChatCompletionRequest) -> None:
    refuse(audio=body.audio, functions=body.functions, web_search_options=body.web_search_options)
    if "audio" in (body.modalities or ()):
        raise NotSupported("modalities: audio is not supported, only text")
    count(body)


@dataclass(slots=True)
class ChatStream:
    """Chunks of one choice: deltas, the first of which has the role, and the finish chunk."""

    head: Chunk
    choice: int
    custom_tools: frozenset[str]
    role: Chunk = field(default_factory=lambda: {"role": "assistant"})
    started_calls: set[int] = field(default_factory=set[int])

    @classmethod
    def of(cls, body: ChatCompletionRequest, turn: Turn) -> "ChatStream":
        return cls(head("chatcmpl", _CHUNK, turn), turn.choice, _custom_tools(body))

    def feed(self, event: Event) -> Iterable[Chunk]:
        match event:
            case TextDelta(text, logprobs) if text or logprobs:
                return (self._chunk({"content": text}, logprobs=logprobs),)
            case ReasoningDelta(text) if text:
                return (self._chunk({"content": "", **_reasoning(text)}),)
            case ToolCallDelta():
                return (self._chunk({"tool_calls": [self._call(event)]}),)
            case Finished():
                reason = succeeded(event).reason
                opening = [self._chunk({"content": ""})] if self.role else []
                return (*opening, self._chunk({}, reason))
            case Started() | TextDelta() | ReasoningDelta():
                return ()

    def _chunk(self, delta: Chunk, finish_reason: str | None = None, logprobs: tuple[TokenLogprob, ...] = ()) -> Chunk:
        if self.role:
            delta, self.role = self.role | delta, {}
        choice: Chunk = {"index": self.choice, "delta": delta, "finish_reason": finish_reason}
        if logprobs:
            choice["logprobs"] = _logprobs(logprobs)
        return {**self.head, "choices": [choice]}

    def _call(self, event: ToolCallDelta) -> Chunk:
        """A fragment of a call. The first says whose arguments follow; the others only carry arguments, for clients
        join all texts."""
        is_custom = event.name in self.custom_tools
        if event.index not in self.started_calls:
            self.started_calls.add(event.index)
            return _call(event.index, ToolCall(event.id, event.name, event.arguments), is_custom)
        if is_custom:
            return {"index": event.index, "custom": {"input": event.arguments}}
        return {"index": event.index, "function": {"arguments": event.arguments}}


def closing(usage: Usage, body: ChatCompletionRequest, turn: Turn) -> Sequence[Chunk]:
    """A chunk with the usage and no choice, if asked for."""
    if not wants_usage(body):
        return ()
    return (head("chatcmpl", _CHUNK, turn) | {"choices": [], "usage": usage_json(usage)},)


def response(collected: Collected, body: ChatCompletionRequest, turn: Turn) -> Chunk:
    message = collected.message
    written: Chunk = {"role": "assistant", "content": message.content, **_reasoning(message.reasoning)}
    if message.tool_calls:
        custom = _custom_tools(body)
        written["tool_calls"] = [_call(i, call, call.name in custom) for i, call in enumerate(message.tool_calls)]
    choice = {
        "index": turn.choice,
        "message": written,
        "finish_reason": collected.finished.reason,
        "logprobs": _logprobs(collected.logprobs),
    }
    usage = usage_json(collected.finished.usage)
    return head("chatcmpl", "chat.completion", turn) | {"choices": [choice], "usage": usage}


def _reasoning(text: str) -> Chunk:
    """The thought under both names that clients read: Ollama's and DeepSeek's."""
    return {"reasoning": text, "reasoning_content": text} if text else {}


def _custom_tools(body: ChatCompletionRequest) -> frozenset[str]:
    """Names of the tools that take text, whose calls have another form."""
    return frozenset(tool.custom.name for tool in body.tools or () if tool.is_custom and tool.custom)


def _call(index: int, call: ToolCall, is_custom: bool) -> Chunk:
    if is_custom:
        return {"index": index, "id": call.id, "type": "custom", "custom": {"name": call.name, "input": call.arguments}}
    function = {"name": call.name, "arguments": call.arguments}
    return {"index": index, "id": call.id, "type": "function", "function": function}


def _logprobs(logprobs: tuple[TokenLogprob, ...]) -> Chunk | None:
    return {"content": logprobs_json(logprobs), "refusal": None} if logprobs else None


CHAT_COMPLETIONS = WireProtocol[ChatCompletionRequest](
    parse=parse,
    stream=ChatStream.of,
    response=response,
    thinking_asked=lambda body: effort_of(body) not in ("", "none"),
    choices=choices,
    join=join,
    closing=closing,
)
