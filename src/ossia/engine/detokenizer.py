"""Detokenizer: turns the sampled ids of one answer into events.

It joins the parser, the stop strings and the log probabilities, and decides how the answer ended. Pure: no socket, no
clock, no model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ossia.chat import MessageEnd, Parsed, Parser
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

_BETWEEN: Final = "\n\n"
"""Separator between the texts of two messages. The model did not write it, so it is never part of a stop string."""


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
    _stop: StopStrings = field(init=False)
    _separator: str = ""  # before the next text
    _shown: bool = False
    _logprobs: tuple[TokenLogprob, ...] = ()
    _called: bool = False

    def __post_init__(self) -> None:
        self._stop = StopStrings(self.request.sampling.stop)

    @property
    def usage(self) -> Usage:
        return Usage(len(self.prompt_ids), len(self.token_ids), self._cached_tokens, self.parser.reasoning_tokens)

    def finished(self, timings: Timings) -> Finished:
        """Return the last event of the answer, once `reason` is set."""
        assert self.reason, "the answer goes on"
        ids = (*self.prompt_ids, *self.token_ids)
        return Finished(self.reason, self.usage, timings, stop_string=self._stop.met, token_ids=ids)

    def feed(self, output: StepOutput) -> list[Event]:
        """Return the events of one sampled id. Sets `reason` if the id is the answer's last."""
        sampled, finished = output.sampled, output.finished
        token = sampled.token
        self.token_ids.append(token)
        self._cached_tokens = output.num_cached_tokens
        parsed = list(self.parser.feed(token)) if finished != "stop" or token in self.end_ids else []
        if finished:
            parsed += self.parser.finish()
        holds = self.request.sampling.stop or self._separator or not self._shown or finished
        match parsed:
            case [TextDelta() as text] if not holds:  # as nearly always
                events: list[Event] = [text]
            case _:
                events = self._visible(parsed, last=finished is not None)
        if self._logprobs or sampled.logprob is not None:
            events = self._attach(events, sampled, last=finished is not None)
        if finished and self.reason is None:
            self.reason = "tool_calls" if finished == "stop" and self._called else finished
        return events

    def _visible(self, parsed: Sequence[Parsed], *, last: bool) -> list[Event]:
        """Hold back text that may begin a stop string, until its message ends; end the answer before a complete one."""
        events: list[Event] = []
        for each in parsed:
            match each:
                case MessageEnd():
                    events += self._released()
                    self._separator = _BETWEEN if self._shown else ""
                case TextDelta():
                    text, stopped = self._stop.feed(each.text)
                    events += self._said(text) if each.text else [each]
                    if stopped:
                        self.reason = "stop"
                        return events
                case _:
                    self._called |= isinstance(each, ToolCallDelta)
                    events.append(each)
        return events + self._released() if last else events

    def _released(self) -> list[Event]:
        return self._said(self._stop.finish())

    def _said(self, text: str) -> list[Event]:
        if not text:
            return []
        text, self._separator, self._shown = self._separator + text, "", True
        return [TextDelta(text)]

    def _attach(self, events: list[Event], sampled: Sampled, *, last: bool) -> list[Event]:
        """Give the log probabilities since the last text to the next.

        Those of a header or a call belong to no text, but to the model's own work: they come with an empty thought. In
        a raw completion all belong to the text, with an echo also that of the id that ends it: evaluators count ids.
        """
        is_raw = isinstance(self.request.prompt, str)
        is_shown = sampled.logprob is not None and (self.request.echo or sampled.token not in self.end_ids)
        own = (token_logprob(self.tokenizer, sampled),) if is_shown else ()
        is_mark = not is_raw and self.tokenizer.is_special(sampled.token)
        if not is_mark:  # text of a mark's event was written before it
            self._logprobs += own
        self._logprobs = attached(events, self._logprobs)
        self._logprobs += own if is_mark else ()
        if self._logprobs and (last or is_mark):
            events.append(TextDelta("", self._logprobs) if is_raw else ReasoningDelta("", self._logprobs))
            self._logprobs = ()
        return events


def attached(events: list[Event], logprobs: tuple[TokenLogprob, ...]) -> tuple[TokenLogprob, ...]:
    """Give log probabilities to the first text or thought among the events; return them if there is none."""
    for index, event in enumerate(events):
        if isinstance(event, TextDelta | ReasoningDelta) and logprobs:
            events[index], logprobs = replace(event, logprobs=logprobs), ()
    return logprobs


def token_logprob(tokenizer: Tokenizer, sampled: Sampled) -> TokenLogprob:
    """Spell out a token with its log probability, and the likeliest tokens in its place."""
    top = tuple(_logprob(tokenizer, token, logprob) for token, logprob in sampled.top)
    return replace(_logprob(tokenizer, sampled.token, sampled.logprob), top=top)


def _logprob(tokenizer: Tokenizer, token: int, logprob: float | None) -> TokenLogprob:
    data = tokenizer.token_bytes(token)
    return TokenLogprob(data.decode("utf-8", "replace"), data, logprob)
