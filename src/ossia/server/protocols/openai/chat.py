"""OpenAI's POST /v1/chat/completions, between its types and ossia's.

Pure functions. Two fields are Ollama's: `keep_alive` and `options` (so that `num_ctx` can be set here too). OpenAI's
own fields override those in `options`, and a model's PARAMETERs override the defaults.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ossia.errors import InvalidRequest, NotSupported
from ossia.server.http.stream import Chunk
from ossia.server.http.wording import invalid
from ossia.server.protocols import sampling
from ossia.server.protocols.conversation import read_messages, with_beginning
from ossia.server.protocols.effort import EFFORTS
from ossia.server.protocols.fields import refuse
from ossia.server.protocols.logprobs import logprobs_json
from ossia.server.protocols.openai.shared import (
    choices,
    closing,
    completion_sampling,
    count,
    effort_of,
    head,
    join,
    requires_thinking,
    response_format,
    usage_json,
)
from ossia.server.protocols.openai.types import ChatCompletionRequest
from ossia.server.protocols.protocol import Envelope, WireProtocol, succeeded
from ossia.server.protocols.tools import ChosenTool, function_tool, read_tool_choice, read_tools
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
    Tool,
    ToolCall,
    ToolCallDelta,
    ToolChoice,
)


def parse(body: ChatCompletionRequest, model: Model) -> GenerateRequest:
    _refuse_unsupported(body)
    messages = read_messages(body.messages)
    if not messages:
        raise InvalidRequest("[] is too short - 'messages'")
    tools, choice = _tools(body)
    logprobs = sampling.logprobs(body.logprobs, body.top_logprobs)
    return GenerateRequest(
        prompt=with_beginning(model, messages),
        tools=tools if choice else (),
        tool_choice=choice or ToolChoice(),
        response_format=response_format(body.response_format),
        reasoning_effort=EFFORTS[effort_of(body) or "medium"],
        sampling=completion_sampling(body, model, logprobs),
    )


def _has_functions(body: ChatCompletionRequest) -> bool:
    """True if the request and its answer speak of functions, as OpenAI's API did before there were tools."""
    return bool(body.functions) and not body.tools


def _tools(body: ChatCompletionRequest) -> tuple[tuple[Tool, ...], ToolChoice | None]:
    """Read the tools and their choice, under their present or their older names."""
    if not _has_functions(body):
        tools = read_tools(body.tools)
        return tools, read_tool_choice(body.tool_choice, body.parallel_tool_calls, tools, _chosen_name)
    functions = enumerate(body.functions or ())
    tools = tuple(function_tool(function, f"functions[{index}]") for index, function in functions)
    return tools, read_tool_choice(body.function_call, False, tools, _chosen_name)


def _chosen_name(choice: ChosenTool, path: str) -> str:
    """Return the name of a chosen tool. Raises InvalidRequest."""
    if choice.tool_name:
        return choice.tool_name
    kind = "custom" if choice.type == "custom" else "function"
    raise invalid(f"{path}.{kind}.name", "is required")


def _refuse_unsupported(body: ChatCompletionRequest) -> None:
    refuse("the model writes text only: leave it out", audio=body.audio)
    if "audio" in (body.modalities or ()):
        raise NotSupported("modalities: audio is not supported, only text")
    count(body)


@dataclass(slots=True)
class ChatStream:
    """Stream of one choice: deltas, the first of which has the role, and a chunk with the finish reason."""

    head: Chunk
    choice: int
    custom_tools: frozenset[str]
    has_functions: bool
    role: Chunk = field(default_factory=lambda: {"role": "assistant"})
    started_calls: set[int] = field(default_factory=set[int])

    @classmethod
    def of(cls, body: ChatCompletionRequest, envelope: Envelope) -> "ChatStream":
        return cls(_chunk_head(envelope), envelope.choice, _custom_tools(body), _has_functions(body))

    def feed(self, event: Event) -> Iterable[Chunk]:
        match event:
            case TextDelta(text, logprobs) if text or logprobs:
                return (self._chunk({"content": text}, logprobs=logprobs),)
            case ReasoningDelta(text) if text:
                return (self._chunk({"content": "", **_reasoning(text)}),)
            case ToolCallDelta():
                return (self._chunk(self._call(event)),)
            case Finished():
                reason = _finish_reason(succeeded(event), has_functions=self.has_functions)
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
        """Return a fragment of a call. Only the first has id and name, since clients concatenate all strings."""
        if event.index not in self.started_calls:
            self.started_calls.add(event.index)
            call = ToolCall(event.id, event.name, event.arguments)
            return _calls([(event.index, call)], self.custom_tools, has_functions=self.has_functions)
        if self.has_functions:
            return {"function_call": {"arguments": event.arguments}}
        kind = {"custom": {"input": event.arguments}}
        if event.name not in self.custom_tools:
            kind = {"function": {"arguments": event.arguments}}
        return {"tool_calls": [{"index": event.index, **kind}]}


def response(collected: Collected, body: ChatCompletionRequest, envelope: Envelope) -> Chunk:
    message = collected.message
    written: Chunk = {"role": "assistant", "content": message.content, **_reasoning(message.reasoning)}
    if message.tool_calls:
        numbered = list(enumerate(message.tool_calls))
        written |= _calls(numbered, _custom_tools(body), has_functions=_has_functions(body))
    choice = {
        "index": envelope.choice,
        "message": written,
        "finish_reason": _finish_reason(collected.finished, has_functions=_has_functions(body)),
        "logprobs": _logprobs(collected.logprobs),
    }
    usage = usage_json(collected.finished.usage)
    return head("chatcmpl", "chat.completion", envelope) | {"choices": [choice], "usage": usage}


def _chunk_head(envelope: Envelope) -> Chunk:
    return head("chatcmpl", "chat.completion.chunk", envelope)


def _reasoning(text: str) -> Chunk:
    """Return reasoning under both names that clients read: Ollama's and DeepSeek's."""
    return {"reasoning": text, "reasoning_content": text} if text else {}


def _custom_tools(body: ChatCompletionRequest) -> frozenset[str]:
    """Return the names of the tools that take text, whose calls have another form."""
    return frozenset(tool.custom.name for tool in body.tools or () if tool.is_custom and tool.custom)


def _finish_reason(finished: Finished, *, has_functions: bool) -> str:
    return "function_call" if has_functions and finished.reason == "tool_calls" else finished.reason


def _calls(calls: Sequence[tuple[int, ToolCall]], custom: frozenset[str], *, has_functions: bool) -> Chunk:
    """Return the field with the calls, each with its number; of functions there is never more than one."""
    if has_functions:
        return {"function_call": {"name": calls[0][1].name, "arguments": calls[0][1].arguments}}
    return {"tool_calls": [_call(index, call, call.name in custom) for index, call in calls]}


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
    requires_thinking=requires_thinking,
    choices=choices,
    join=join,
    closing=lambda usage, body, envelope: closing(_chunk_head(envelope), usage, body),
)
