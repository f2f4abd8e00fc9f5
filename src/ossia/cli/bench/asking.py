"""Requests of the bench: chats that any OpenAI-compatible server answers, and what a client sees of the answers.

Tokens are those that the server counts, in `usage`.
"""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from ossia.cli.answers import Count
from ossia.cli.client import Client, ServerError

_WORDS: Final = (
    "time year people way day man thing woman life child world school state family student group country problem "
    "hand part place case week company system program question work government number night point home water room "
    "mother area money story fact month lot right study book eye job word business issue side kind head house "
    "service friend father power hour game line end member law car city community name president team minute idea "
    "body information"
)
_ASK: Final = "Write a long story with these words, in this order, and do not stop early:"


class _Delta(msgspec.Struct):
    content: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None


class _Choice(msgspec.Struct):
    delta: _Delta = msgspec.field(default_factory=_Delta)


class _Details(msgspec.Struct):
    cached_tokens: Count | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: Count = 0
    completion_tokens: Count = 0
    prompt_tokens_details: _Details | None = None


class _Chunk(msgspec.Struct):
    """Chunk of a streamed chat completion, as far as it is read."""

    choices: list[_Choice] = []
    usage: _Usage | None = None
    error: object = None


_decode: Final = msgspec.json.Decoder(_Chunk).decode


@dataclass(frozen=True, slots=True)
class Target:
    """A model of a server. `path` is that of its chat completions."""

    name: str
    client: Client
    model: str
    path: str = "/v1/chat/completions"


@dataclass(frozen=True, slots=True)
class Answer:
    """Seconds from the request to each text of its answer and to the end, and the tokens that the server counted."""

    times: list[float]
    seconds: float
    prompt: int
    cached: int
    tokens: int

    @property
    def tokens_per_second(self) -> float:
        """Speed between the first text and the last. Each is a token, unless the server sends several at once."""
        seconds = self.times[-1] - self.times[0] if len(self.times) > 1 else 0.0
        count = len(self.times) if 2 * len(self.times) > self.tokens else self.tokens
        return (count - 1) / seconds if seconds else 0.0


def prompt(length: int, seed: str) -> str:
    """Return a prompt of about so many tokens, another one for each seed."""
    return f"{_ASK} {' '.join(random.Random(seed).choices(_WORDS.split(), k=length))}"


def ask(target: Target, text: str, tokens: int) -> Answer:
    """Return what a client sees of an answer. Raises OssiaError."""
    began, times, usage = time.perf_counter(), list[float](), _Usage()
    body = {
        "model": target.model,
        "messages": [{"role": "user", "content": text}],
        "max_tokens": tokens,
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    for chunk in _chunks(target, body):
        if any(d.content or d.reasoning or d.reasoning_content for d in (choice.delta for choice in chunk.choices)):
            times.append(time.perf_counter() - began)
        usage = chunk.usage or usage
    if not usage.completion_tokens:
        raise ServerError(f"{target.client.url} does not count tokens: its stream has no `usage`", status=502)
    cached = (usage.prompt_tokens_details or _Details()).cached_tokens or 0
    return Answer(times, time.perf_counter() - began, usage.prompt_tokens, cached, usage.completion_tokens)


def _chunks(target: Target, body: dict[str, Any]) -> Iterator[_Chunk]:
    """Yield the chunks of an answer. Raises ServerError for one with an error, and for what is no chunk."""
    for line in target.client.lines(target.path, body):
        data = line.removeprefix(b"data:").strip()
        if line.startswith(b"data:") and data != b"[DONE]":
            try:
                chunk = _decode(data)
            except (ValueError, RecursionError) as error:
                raise ServerError(f"{target.client.url} is no OpenAI-compatible server: {error}", 502) from None
            if chunk.error:
                raise ServerError(f"{target.client.url} broke off: {chunk.error}")
            yield chunk
