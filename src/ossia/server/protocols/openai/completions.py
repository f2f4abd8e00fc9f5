"""OpenAI's older POST /v1/completions, between its types and ossia's.

Pure functions. As in Ollama, a prompt is a question, put to the model in its chat format, and its reasoning is not
shown. With `raw`, and always if it consists of token ids, a prompt is a text that the model continues, in which special
tokens count as such; so is one with `echo` and `logprobs`, which is how evaluators ask for the likelihood of a text.
The fields `raw`, `reasoning_effort`, `options` and `keep_alive` are not OpenAI's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ossia.errors import InvalidRequest, NotSupported
from ossia.server.http.stream import Chunk
from ossia.server.protocols.conversation import with_beginning
from ossia.server.protocols.effort import EFFORTS
from ossia.server.protocols.openai import shared
from ossia.server.protocols.openai.completion_types import CompletionRequest
from ossia.server.protocols.openai.inputs import TextOrIds
from ossia.server.protocols.openai.shared import (
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
from ossia.server.protocols.protocol import Envelope, WireProtocol, succeeded
from ossia.store.models import Model
from ossia.tokenizer import Utf8Decoder
from ossia.types import (
    Collected,
    Event,
    Finished,
    GenerateRequest,
    Message,
    ReasoningDelta,
    SamplingParams,
    Started,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
)

_MOST_CHOICES = 128
_MOST_LOGPROBS = 5


def parse(body: CompletionRequest, model: Model) -> GenerateRequest:
    """Return a request with an empty prompt, in whose place `choices` puts each of the body's prompts."""
    _check_number(body)
    _refuse_unsupported(body)
    return GenerateRequest(
        prompt="" if body.continues else with_beginning(model, (Message("user"),)),
        echo=body.continues and bool(body.echo),
        response_format=response_format(body.response_format),
        reasoning_effort=EFFORTS[effort_of(body) or "medium"],
        sampling=_sampling(body, model),
    )


def choices(body: CompletionRequest, request: GenerateRequest) -> tuple[GenerateRequest, ...]:
    """Return a request for each answer: `n` for each prompt, in the order of the prompts."""
    return tuple(again for prompt in body.prompts for again in shared.choices(body, _about(prompt, request)))


def _about(prompt: TextOrIds, request: GenerateRequest) -> GenerateRequest:
    if not isinstance(prompt, str):
        return replace(request, context=prompt)
    if isinstance(request.prompt, str):
        return replace(request, prompt=prompt)
    return replace(request, prompt=(*request.prompt[:-1], Message("user", prompt)))


def _check_number(body: CompletionRequest) -> None:
    if len(body.prompts) * count(body) > _MOST_CHOICES:
        raise InvalidRequest(f"there can be at most {_MOST_CHOICES} answers to one request: prompts times n")


def _refuse_unsupported(body: CompletionRequest) -> None:
    if body.suffix:
        raise NotSupported(f'"{body.model}" does not support insert', hint="leave out suffix")
    if (body.best_of or 1) > count(body):
        raise NotSupported("best_of is not supported beyond n: ask for n answers and choose among them")
    if body.echo and body.logprobs is not None and not body.continues:
        raise NotSupported("echo with logprobs is not supported for a question", hint="leave out raw: false")


def _sampling(body: CompletionRequest, model: Model) -> SamplingParams:
    """Return the sampling of a request. Unlike in chats, `logprobs` is a number and `max_tokens` may be 0."""
    if body.logprobs is not None and not 0 <= body.logprobs <= _MOST_LOGPROBS:
        raise InvalidRequest(f"logprobs must be between 0 and {_MOST_LOGPROBS}")
    wanted = completion_sampling(body, model, body.logprobs)
    nothing = body.max_tokens == 0  # to get only the log probabilities of the prompt
    return replace(wanted, max_tokens=0) if nothing else wanted


@dataclass(slots=True)
class CompletionStream:
    """Stream of one choice: its question if it is echoed, pieces of its text, and a chunk with the finish reason.

    `offset` is the number of characters of the answer so far.
    """

    head: Chunk
    choice: int
    echo: str
    offset: int = 0

    @classmethod
    def of(cls, body: CompletionRequest, envelope: Envelope) -> "CompletionStream":
        return cls(_head(envelope), envelope.choice, _echo(body, envelope))

    def feed(self, event: Event) -> Iterable[Chunk]:
        if self.echo:
            return self._after_echo(event)
        match event:
            case TextDelta(text, logprobs) if text or logprobs:
                chunk = self._chunk(text, logprobs)
                self.offset += len(text)
                return (chunk,)
            case Finished():
                return (self._chunk("", finish_reason=succeeded(event).reason),)
            case Started() | TextDelta() | ReasoningDelta() | ToolCallDelta():
                return ()

    def _after_echo(self, event: Event) -> Iterable[Chunk]:
        """Return the question and the chunks of the first event. A failure is raised before the question."""
        echo, self.echo = self._chunk(self.echo), ""
        return (echo, *self.feed(event))

    def _chunk(self, text: str, logprobs: Sequence[TokenLogprob] = (), finish_reason: str | None = None) -> Chunk:
        return {**self.head, "choices": [_choice(self.choice, text, logprobs, finish_reason, self.offset)]}


def response(collected: Collected, body: CompletionRequest, envelope: Envelope) -> Chunk:
    text = _echo(body, envelope) + collected.message.content
    choice = _choice(envelope.choice, text, collected.logprobs, collected.finished.reason)
    return _head(envelope) | {"choices": [choice], "usage": usage_json(collected.finished.usage)}


def _head(envelope: Envelope) -> Chunk:
    return head("cmpl", "text_completion", envelope)


def _echo(body: CompletionRequest, envelope: Envelope) -> str:
    """Return the question if it is to be echoed; "" for a raw prompt, which the engine echoes."""
    question = body.prompts[envelope.choice // count(body)]
    return question if body.echo and not body.continues and isinstance(question, str) else ""


def _choice(
    index: int, text: str, logprobs: Sequence[TokenLogprob], finish_reason: str | None, offset: int = 0
) -> Chunk:
    shown = _logprobs(logprobs, offset) if logprobs else None
    return {"text": text, "index": index, "logprobs": shown, "finish_reason": finish_reason}


def _logprobs(logprobs: Sequence[TokenLogprob], offset: int) -> Chunk:
    offsets: list[int] = []
    decoder = Utf8Decoder()
    for item in logprobs:
        offsets.append(offset)
        offset += len(decoder.feed(item.bytes))  # a character that several tokens make counts with the last of them
    return {
        "tokens": [item.token for item in logprobs],
        "token_logprobs": [item.logprob for item in logprobs],
        "top_logprobs": [_top(item) for item in logprobs],
        "text_offset": offsets,
    }


def _top(item: TokenLogprob) -> dict[str, float | None] | None:
    """Return the likeliest tokens by their texts; None for the first token of a prompt, which has no predecessor."""
    return None if item.logprob is None else {top.token: top.logprob for top in item.top}


COMPLETIONS = WireProtocol[CompletionRequest](
    parse=parse,
    stream=CompletionStream.of,
    response=response,
    requires_thinking=requires_thinking,
    choices=choices,
    join=join,
    closing=lambda usage, body, envelope: closing(_head(envelope), usage, body),
)
