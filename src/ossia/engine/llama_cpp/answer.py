"""Answer: turns the chunks of one answer of llama.cpp into events.

It joins the stop strings, the calls and the log probabilities, and decides how the answer ended. Pure: no socket, no
clock. Text is separated into thoughts, words and calls by llama.cpp, which knows the model's template.
"""

import secrets
from dataclasses import dataclass, field, replace

from ossia.chat.stop import StopStrings
from ossia.engine.detokenizer import attached
from ossia.engine.llama_cpp.process import error_of
from ossia.engine.llama_cpp.wire import Call, Choice, Chunk, Logprob, Times, TopLogprob
from ossia.types import (
    Event,
    Finished,
    FinishReason,
    GenerateRequest,
    ReasoningDelta,
    Started,
    TextDelta,
    Timings,
    TokenLogprob,
    ToolCall,
    ToolCallDelta,
    Usage,
)

_REASONS: dict[str, FinishReason] = {"stop": "stop", "tool_calls": "tool_calls", "length": "length"}


@dataclass(slots=True)
class Answer:
    """Call `feed` with every chunk until `reason` is set. `text` and `calls` are what was written so far."""

    request: GenerateRequest
    prompt_tokens: int
    prompt_ids: tuple[int, ...] = ()
    """Ids of the prompt, if they are known: then those of the answer are kept as well."""
    reason: FinishReason | None = None
    began: bool = False
    text: str = ""
    calls: dict[int, ToolCall] = field(default_factory=dict[int, ToolCall])
    _times: Times = field(default_factory=Times)
    _ids: list[int] = field(default_factory=list[int])
    _reasoning_tokens: int = 0
    _thinks: bool = False
    _logprobs: tuple[TokenLogprob, ...] = ()
    _stop: StopStrings = field(init=False)

    def __post_init__(self) -> None:
        self._stop = StopStrings(self.request.sampling.stop)

    @property
    def usage(self) -> Usage:
        cached = min(self._times.cache_n, self.prompt_tokens)
        return Usage(self.prompt_tokens, self._times.predicted_n, cached, self._reasoning_tokens)

    @property
    def seconds(self) -> float:
        """Time that the answer has taken so far, without its prompt."""
        return self._times.predicted_ms / 1000

    def finished(self, timings: Timings) -> Finished:
        """Return the last event of the answer, once `reason` is set."""
        assert self.reason, "the answer goes on"
        ids = (*self.prompt_ids, *self._ids) if self.prompt_ids else ()
        return Finished(self.reason, self.usage, timings, stop_string=self._stop.met, token_ids=ids)

    def feed(self, chunk: Chunk) -> list[Event]:
        """Return the events of a chunk, or raise its error. Sets `reason` if it is the last that counts."""
        if chunk.error:
            raise error_of(chunk.error)
        if chunk.timings is None:  # it says only that the answer is an assistant's
            return []
        self._times = chunk.timings
        events: list[Event] = []
        if not self.began:
            self.began = True
            events.append(Started(Usage(self.prompt_tokens, cached_tokens=self.usage.cached_tokens)))
        if self.prompt_ids:
            return events + self._completed(chunk)
        return events + [event for choice in chunk.choices for event in self._said(choice)]

    def _completed(self, chunk: Chunk) -> list[Event]:
        """Return the events of a chunk of a raw completion, which has one token."""
        self._ids += chunk.tokens
        self._logprobs += self._cut(chunk.completion_probabilities)
        events = self._shown(chunk.content)
        if chunk.stop and not self.reason:
            self.reason = "length" if chunk.stop_type == "limit" else "stop"
            events += self._rest()
        return self._attached(events, is_raw=True)

    def _said(self, choice: Choice) -> list[Event]:
        """Return the events of a chunk of a chat. What it has may be less than a token, or more than one."""
        delta, events = choice.delta, list[Event]()
        self._logprobs += self._cut((choice.logprobs and choice.logprobs.content) or [])
        if delta.reasoning_content:
            self._reasoning_tokens = self._times.predicted_n
            events += self._thought(delta.reasoning_content)
        if delta.content:
            events += self._shown(delta.content if self.text or not self._reasoning_tokens else delta.content.lstrip())
        if not self.reason:
            events += [self._called(call) for call in delta.tool_calls or ()]
        if choice.finish_reason and not self.reason:
            events += self._rest()
            self.reason = _REASONS.get(choice.finish_reason, "stop")
        return self._attached(events)

    def _thought(self, text: str) -> list[Event]:
        """Return a thought; blanks between the mark and its first word, as between it and the answer, are no part."""
        text = text if self._thinks else text.lstrip()
        self._thinks |= bool(text)
        return [ReasoningDelta(text)] if text else []

    def _shown(self, text: str) -> list[Event]:
        """Hold back text that may begin a stop string; end the answer before a complete one."""
        text, stopped = self._stop.feed(text)
        if stopped:
            self.reason = "stop"
        return self._visible(text)

    def _rest(self) -> list[Event]:
        return self._visible(self._stop.finish())

    def _visible(self, text: str) -> list[Event]:
        self.text += text
        return [TextDelta(text)] if text else []

    def _called(self, piece: Call) -> ToolCallDelta:
        call = self.calls.get(piece.index)
        if call is None:
            call = ToolCall(piece.id or f"call_{secrets.token_hex(12)}", piece.function.name or "", "")
        arguments = piece.function.arguments or ""
        self.calls[piece.index] = replace(call, arguments=call.arguments + arguments)
        return ToolCallDelta(piece.index, call.id, call.name, arguments)

    def _cut(self, logprobs: list[Logprob]) -> tuple[TokenLogprob, ...]:
        """Return log probabilities with as many others as were asked for: llama.cpp always gives one."""
        wanted = self.request.sampling.logprobs or 0
        return tuple(
            replace(_logprob(each), top=tuple(_logprob(other) for other in each.top_logprobs[:wanted]))
            for each in logprobs
        )

    def _attached(self, events: list[Event], *, is_raw: bool = False) -> list[Event]:
        """Give the log probabilities since the last text to the next; those of calls and marks to an empty thought."""
        self._logprobs = attached(events, self._logprobs)
        if self._logprobs and self.reason:
            events.append(TextDelta("", self._logprobs) if is_raw else ReasoningDelta("", self._logprobs))
            self._logprobs = ()
        return events


def _logprob(given: TopLogprob) -> TokenLogprob:
    data = given.token.encode() if given.bytes is None else bytes(given.bytes)
    return TokenLogprob(given.token, data, given.logprob)
