"""Parts that /api/chat and /api/generate share: the fields of both requests, and the lines of an answer.

`done_reason` is also "length" when prompt and answer fill the context: unlike Ollama, ossia never drops the beginning
or middle of a context.
"""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from msgspec import ValidationError, convert

from ossia.errors import InvalidRequest, OssiaError
from ossia.server.http.body import Json
from ossia.server.http.stream import Chunk
from ossia.server.protocols import sampling
from ossia.server.protocols.logprobs import logprobs_json
from ossia.server.protocols.ollama.times import nanoseconds, timestamp
from ossia.server.protocols.ollama.types import AnswerRequest
from ossia.server.protocols.protocol import Envelope, succeeded
from ossia.store.models import Model
from ossia.types import (
    ANY_OBJECT,
    Collected,
    Event,
    Finished,
    ReasoningDelta,
    ResponseFormat,
    SamplingParams,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCall,
    ToolCallDelta,
)


def answer_sampling(body: AnswerRequest, model: Model) -> SamplingParams:
    """Return the sampling of a request: its `options` over the model's defaults."""
    chosen = sampling.merge(sampling.defaults(model, sampling.OLLAMA), body.options)
    logprobs = sampling.logprobs(body.logprobs, body.top_logprobs)
    return chosen if logprobs is None else replace(chosen, logprobs=logprobs)


def answer_format(format: Json | str | None) -> ResponseFormat | None:
    """Read `format`: "json" means any object; a dict is a schema, of which an empty one allows any JSON."""
    match format:
        case None | "":
            return None
        case "json":
            return ANY_OBJECT
        case dict():
            return ResponseFormat(format)
        case _:
            raise InvalidRequest(f'invalid format: {format!r}; expected "json" or a valid JSON Schema object')


@dataclass(frozen=True, slots=True)
class LineFormat:
    """Form of a route's lines: the field with the text, which is in the line itself or in its `message`."""

    text_field: str
    in_message: bool

    def line(
        self,
        model: str,
        text: str = "",
        thinking: str = "",
        calls: Sequence[Chunk] = (),
        logprobs: Sequence[TokenLogprob] = (),
    ) -> Chunk:
        """Return a line that is not the last.

        Empty parts are omitted, since several clients take an empty `thinking` to mean that no content follows.
        """
        piece: Chunk = {self.text_field: text}
        if thinking:
            piece["thinking"] = thinking
        if calls:
            piece["tool_calls"] = calls
        if self.in_message:
            piece = {"message": {"role": "assistant", **piece}}
        if logprobs:
            piece["logprobs"] = logprobs_json(logprobs)
        return {"model": model, "created_at": timestamp(time.time_ns()), **piece, "done": False}


@dataclass(slots=True)
class AnswerStream:
    """Stream of an answer: a line for each delta. A tool call is one line, sent when its arguments are complete."""

    envelope: Envelope
    format: LineFormat
    with_context: bool = False
    call: ToolCallDelta | None = None
    arguments: list[str] = field(default_factory=list[str])

    def feed(self, event: Event) -> Iterable[Chunk]:
        if self.call is not None:
            return self._feed_after_call(self.call, event)
        match event:
            case TextDelta(text, logprobs) if text or logprobs:
                return (self.format.line(self.envelope.model, text, logprobs=logprobs),)
            case ReasoningDelta(text, logprobs) if text or logprobs:
                return (self.format.line(self.envelope.model, thinking=text, logprobs=logprobs),)
            case ToolCallDelta():
                self.call, self.arguments = event, [event.arguments]
                return ()
            case Finished():
                return (
                    self.format.line(self.envelope.model) | _end(succeeded(event), self.envelope, self.with_context),
                )
            case Started() | TextDelta() | ReasoningDelta():
                return ()

    def _feed_after_call(self, call: ToolCallDelta, event: Event) -> Iterable[Chunk]:
        """Return the lines of an event during a call, which any event ends but a further fragment of it."""
        if isinstance(event, ToolCallDelta) and event.index == call.index:
            self.arguments.append(event.arguments)
            return ()
        written = ToolCall(call.id, call.name, "".join(self.arguments))
        self.call = None
        following = self.feed(event)  # raises an error before the call is parsed, which it may have cut off
        calls = _tool_call(call.index, written, event)
        return (*(self.format.line(self.envelope.model, calls=[one]) for one in calls), *following)


def response(collected: Collected, envelope: Envelope, format: LineFormat, with_context: bool = False) -> Chunk:
    """Return a whole answer as one line."""
    message, finished = collected.message, collected.finished
    calls = [one for index, call in enumerate(message.tool_calls) for one in _tool_call(index, call, finished)]
    logprobs = (*collected.reasoning_logprobs, *collected.logprobs)
    whole = format.line(envelope.model, message.content, thinking=message.reasoning, calls=calls, logprobs=logprobs)
    return whole | _end(finished, envelope, with_context)


def loaded(envelope: Envelope, reason: str, format: LineFormat) -> Chunk:
    """Return the only line of the answer to a request that asks nothing of the model."""
    return format.line(envelope.model) | {"done": True, "done_reason": reason}


def _end(finished: Finished, envelope: Envelope, with_context: bool) -> Chunk:
    """Return the fields of the last line: why the answer ended, its counts and times."""
    context = {"context": list(finished.token_ids)} if with_context else {}
    return context | {
        "done": True,
        "done_reason": "length" if finished.reason == "length" else "stop",
        "total_duration": nanoseconds(envelope.seconds),
        "load_duration": nanoseconds(envelope.load_seconds),
        "prompt_eval_count": finished.usage.prompt_tokens,
        "prompt_eval_duration": nanoseconds(finished.timings.prompt),
        "eval_count": finished.usage.completion_tokens,
        "eval_duration": nanoseconds(finished.timings.completion),
    }


def _tool_call(index: int, call: ToolCall, after: Event) -> Sequence[Chunk]:
    """Return the call's JSON; nothing if the event after it is a limit that cut the call off. Raises OssiaError."""
    try:
        arguments = convert(json.loads(call.arguments or "{}"), Json)
    except (ValueError, RecursionError) as error:
        if isinstance(after, Finished) and after.reason == "length":
            return ()
        problem = "not an object" if isinstance(error, ValidationError) else error
        raise OssiaError(f"error parsing tool call: raw='{call.arguments}', err={problem}") from None
    return ({"id": call.id, "function": {"index": index, "name": call.name, "arguments": arguments}},)
