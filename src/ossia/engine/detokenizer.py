"""Detokenizer: turns the sampled ids of one answer into events.

It joins the parser, the stop strings and the log probabilities, and decides how the answer ended. Pure: no socket, no
clock, no model.
"""

from dataclasses import dataclass, field, replace

from ossia.chat import Parser
from ossia.chat.stop import StopStrings
from ossia.engine.sequence import Sampled, StepOutput
from ossia.tokenizer import Tokenizer
from ossia.types import (
    Event,
    Finished,
    FinishReason,
    GenerateRequest,
    ReasoningDelta,
    TextDelta,
    Timings,
    TokenLogprob,
    ToolCallDelta,
    Usage,
)


@dataclass(slots=True)
class Detokenizer:
    """Call `feed` with every output until `reason` is set; then `usage` and `token_ids` are complete."""

    request: GenerateRequest
    parser: Parser
    tokenizer: Tokenizer
    end_ids: frozenset[int]
    """Ids that end a turn in the chat format. A stop id of the request's own is never part of the text."""
    prompt_ids: list[int]
    reason: FinishReason | None = None
    token_ids: list[int] = field(default_factory=list[int])
    """The ids that were sampled."""
    _cached_tokens: int = 0
    _stop: StopStrings | None = None
    _logprobs: tuple[TokenLogprob, ...] = ()
    _called: bool = False

    def __post_init__(self) -> None:
        if self.request.sampling.stop:
            self._stop = StopStrings(self.request.sampling.stop)

    @property
    def usage(self) -> Usage:
        return Usage(len(self.prompt_ids), len(self.token_ids), self._cached_tokens, self.parser.reasoning_tokens)

    def finished(self, timings: Timings) -> Finished:
        """Return the last event of the answer, once `reason` is set."""
        assert self.reason, "the answer goes on"
        stop_string = self._stop.met if self._stop else None
        ids = (*self.prompt_ids, *self.token_ids)
        return Finished(self.reason, self.usage, timings, stop_string=stop_string, token_ids=ids)

    def feed(self, output: StepOutput) -> list[Event]:
        """Return the events of one sampled id. Sets `reason` if the id is the answer's last."""
        sampled, finished = output.sampled, output.finished
        token = sampled.token
        self.token_ids.append(token)
        self._cached_tokens = output.num_cached_tokens
        events = self.parser.feed(token) if finished != "stop" or token in self.end_ids else []
        if finished:
            events = events + self.parser.finish()
        for event in events:
            if isinstance(event, ToolCallDelta):
                self._called = True
        if self._stop:
            events = self._cut(events, self._stop, last=finished is not None)
        if self._logprobs or sampled.logprob is not None:
            events = self._attach(events, sampled, last=finished is not None)
        if finished and self.reason is None:
            self.reason = "tool_calls" if finished == "stop" and self._called else finished
        return events

    def _cut(self, events: list[Event], stop: StopStrings, *, last: bool) -> list[Event]:
        """Hold back visible text that may begin a stop string; end the answer before a complete one."""
        kept: list[Event] = []
        for event in events:
            if not isinstance(event, TextDelta):
                kept.append(event)
                continue
            text, stopped = stop.feed(event.text)
            if text:
                kept.append(replace(event, text=text))
            if stopped:
                self.reason = "stop"
                return kept
        if last and (rest := stop.finish()):
            kept.append(TextDelta(rest))
        return kept

    def _attach(self, events: list[Event], sampled: Sampled, *, last: bool) -> list[Event]:
        """Give the log probabilities since the last text to the next.

        Those of a header or a call belong to no text, but to the model's own work: they come with an empty thought.
        """
        if sampled.logprob is not None and sampled.token not in self.end_ids:
            self._logprobs += (token_logprob(self.tokenizer, sampled),)
        for index, event in enumerate(events):
            if isinstance(event, TextDelta | ReasoningDelta) and self._logprobs:
                events[index] = replace(event, logprobs=self._logprobs)
                self._logprobs = ()
        if self._logprobs and (last or self.tokenizer.is_special(sampled.token)):
            events.append(ReasoningDelta("", self._logprobs))
            self._logprobs = ()
        return events


def token_logprob(tokenizer: Tokenizer, sampled: Sampled) -> TokenLogprob:
    """Spell out a token with its log probability, and the likeliest tokens in its place."""
    top = tuple(_logprob(tokenizer, token, logprob) for token, logprob in sampled.top)
    return replace(_logprob(tokenizer, sampled.token, sampled.logprob), top=top)


def _logprob(tokenizer: Tokenizer, token: int, logprob: float | None) -> TokenLogprob:
    data = tokenizer.token_bytes(token)
    return TokenLogprob(data.decode("utf-8", "replace"), data, logprob)
