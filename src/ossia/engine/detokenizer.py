"""One answer in the making: sampled ids in, events out. Pure: no socket, no clock of its own, no model.

It joins the parser, the stop strings and the log probabilities, and decides how the answer ended.
"""

from dataclasses import dataclass, field, replace

from ossia.chat import Parser
from ossia.chat.stop import StopStrings
from ossia.engine.sequence import Sampled, StepOutput
from ossia.tokenizer import Tokenizer
from ossia.types import (
    Event,
    FinishReason,
    GenerateRequest,
    ReasoningDelta,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    Usage,
)


@dataclass(slots=True)
class Answer:
    """`feed` every step's output until `reason` is set; then `usage` is complete."""

    request: GenerateRequest
    parser: Parser
    tokenizer: Tokenizer
    end_ids: frozenset[int]
    """Ids that end a turn in the model's chat format; a stop id of the request's own is never part of the text."""
    prompt_tokens: int
    reason: FinishReason | None = None
    usage: Usage = field(init=False)
    _stop: StopStrings | None = None
    _logprobs: tuple[TokenLogprob, ...] = ()
    _called: bool = False

    def __post_init__(self) -> None:
        self.usage = Usage(prompt_tokens=self.prompt_tokens)
        if self.request.sampling.stop:
            self._stop = StopStrings(self.request.sampling.stop)

    @property
    def stop_string(self) -> str | None:
        """The one of the request's that ended the answer."""
        return self._stop.met if self._stop else None

    def feed(self, output: StepOutput) -> list[Event]:
        """The events of one sampled id. Sets `reason` when it is the answer's last."""
        token = output.sampled.token
        events: list[Event] = []
        if output.sampled.logprob is not None and token not in self.end_ids:
            self._logprobs += (token_logprob(self.tokenizer, output.sampled),)
        if output.finished != "stop" or token in self.end_ids:
            events += self.parser.feed(token)
        if output.finished:
            events += self.parser.finish()
        self._called |= any(isinstance(event, ToolCallDelta) for event in events)
        events = self._cut(events, last=output.finished is not None)
        events = self._attach(events, token, last=output.finished is not None)
        self._count(output)
        if output.finished and self.reason is None:
            self.reason = "tool_calls" if output.finished == "stop" and self._called else output.finished
        return events

    def _cut(self, events: list[Event], *, last: bool) -> list[Event]:
        """Hold visible text back while it may begin a stop string; end the answer before one."""
        if self._stop is None:
            return events
        kept: list[Event] = []
        for event in events:
            if not isinstance(event, TextDelta):
                kept.append(event)
                continue
            text, stopped = self._stop.feed(event.text)
            if text:
                kept.append(replace(event, text=text))
            if stopped:
                self.reason = "stop"
                return kept
        if last and (rest := self._stop.finish()):
            kept.append(TextDelta(rest))
        return kept

    def _attach(self, events: list[Event], token: int, *, last: bool) -> list[Event]:
        """Give the gathered log probabilities to the first text. Those of a header or a call are of no text, but of the
        model's own making: they come with a thought that says nothing."""
        for index, event in enumerate(events):
            if isinstance(event, TextDelta | ReasoningDelta) and self._logprobs:
                events[index] = replace(event, logprobs=self._logprobs)
                self._logprobs = ()
        if self._logprobs and (last or self.tokenizer.is_special(token)):
            events.append(ReasoningDelta("", self._logprobs))
            self._logprobs = ()
        return events

    def _count(self, output: StepOutput) -> None:
        self.usage = replace(
            self.usage,
            completion_tokens=self.usage.completion_tokens + 1,
            cached_tokens=output.num_cached_tokens,
            reasoning_tokens=self.parser.reasoning_tokens,
        )


def token_logprob(tokenizer: Tokenizer, sampled: Sampled) -> TokenLogprob:
    """A token's log probability, and those of the likeliest."""
    top = tuple(_logprob(tokenizer, token, logprob) for token, logprob in sampled.top)
    return replace(_logprob(tokenizer, sampled.token, sampled.logprob), top=top)


def _logprob(tokenizer: Tokenizer, token: int, logprob: float | None) -> TokenLogprob:
    data = tokenizer.token_bytes(token)
    return TokenLogprob(data.decode("utf-8", "replace"), data, logprob)
