"""OpenAI's older POST /v1/completions, between its JSON and ossia's types.

Pure functions. As in Ollama a prompt is a question, put to the model in its chat format, and what it thinks is not
shown. With `raw` (and for a prompt of token ids always) it is a text that the model continues, special tokens and all.
Beside OpenAI's fields `raw`, `reasoning_effort`, `options` and `keep_alive` are read.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import replace
from typing import Any, cast

from ossia.errors import InvalidRequest, NotSupported
from ossia.server.http.body import Body, is_list_of
from ossia.server.http.stream import Chunk
from ossia.server.protocols import demands
from ossia.server.protocols import sampling as options
from ossia.server.protocols.conversation import with_beginning
from ossia.server.protocols.openai import chat as chat_completions
from ossia.server.protocols.openai import completion_types as schema
from ossia.server.protocols.protocol import Turn, succeeded
from ossia.store.models import Model
from ossia.types import (
    Collected,
    Event,
    Finished,
    GenerateRequest,
    Message,
    SamplingParams,
    TextDelta,
    TokenLogprob,
    Usage,
)

Prompt = str | tuple[int, ...]

_MOST_CHOICES = 128
_MOST_LOGPROBS = 5


def parse(body: Body, model: Model) -> GenerateRequest:
    """The request of the first prompt."""
    first, raw = prompts(body)[0], _is_raw(body)
    _refuse_unsupported(body)
    return GenerateRequest(
        prompt="" if raw else with_beginning(model, (Message("user", cast(str, first)),)),
        echo=raw and body.flag("echo"),
        response_format=demands.openai_format(body.object("response_format"), "json_schema"),
        reasoning_effort=options.EFFORTS[options.effort(body) or "medium"],
        sampling=_sampling(body, model),
        context_length=options.context_length(body.object("options"), model),
    )


def _is_raw(body: Body) -> bool:
    """Whether the prompts, which are known to be right, are texts to go on from."""
    value = body.get("prompt")
    return body.flag("raw") or not (isinstance(value, str) or is_list_of(value, str))


def choices(body: Body, request: GenerateRequest) -> tuple[GenerateRequest, ...]:
    """A request for each answer: `n` to each prompt, the first prompt's first."""
    return tuple(again for prompt in prompts(body) for again in chat_completions.choices(body, _about(prompt, request)))


def _about(prompt: Prompt, request: GenerateRequest) -> GenerateRequest:
    if not isinstance(prompt, str):
        return replace(request, prompt="", context=prompt)
    if isinstance(request.prompt, str):
        return replace(request, prompt=prompt)
    return replace(request, prompt=(*request.prompt[:-1], Message("user", prompt)))


def prompts(body: Body) -> list[Prompt]:
    """A text, texts, token ids or lists of token ids."""
    value = body.get("prompt")
    items = [value] if isinstance(value, str) or is_list_of(value, int) else value
    if is_list_of(items, str) and items and all(items):
        found: list[Prompt] = [*items]
    elif is_list_of(items, list) and items and all(ids and is_list_of(ids, int) for ids in items):
        found = [tuple(cast(list[int], ids)) for ids in items]
    else:
        raise InvalidRequest("prompt must be a text, token ids, or a list of texts or of lists of ids, none empty")
    if len(found) * chat_completions.count(body) > _MOST_CHOICES:
        raise InvalidRequest(f"there can be at most {_MOST_CHOICES} answers to one request: prompts times n")
    return found


def _refuse_unsupported(body: Body) -> None:
    if body.text("suffix"):
        raise NotSupported(f'"{body.text("model")}" does not support insert', hint="leave out suffix")
    if (body.integer("best_of") or 1) > chat_completions.count(body):
        raise NotSupported("best_of is not supported beyond n: ask for n answers and choose among them")
    if body.flag("echo") and body.get("logprobs") is not None and not _is_raw(body):
        raise NotSupported("echo with logprobs is not supported for a question", hint="send the prompt with raw: true")


def _sampling(body: Body, model: Model) -> SamplingParams:
    """As in chats, but that `logprobs` is a number."""
    wanted = body.integer("logprobs")
    if wanted is not None and not 0 <= wanted <= _MOST_LOGPROBS:
        raise InvalidRequest(f"logprobs must be between 0 and {_MOST_LOGPROBS}")
    others = Body(body.fields | {"logprobs": None, "top_logprobs": None})
    sampling = chat_completions.sampling(others, model)
    nothing = body.integer("max_tokens") == 0  # which is asked for with the prompt's own log probabilities
    return replace(sampling, logprobs=wanted, max_tokens=0 if nothing else sampling.max_tokens)


async def stream(events: AsyncIterator[Event], turn: Turn) -> AsyncGenerator[Chunk]:
    """Chunks of one choice: pieces of its text and the finish chunk."""
    head, offset, echo = _head(turn), 0, _echo(turn)
    async for event in events:
        if echo and not (isinstance(event, Finished) and event.error):
            yield head | {"choices": [_choice(turn, echo)]}
            echo = ""
        match event:
            case TextDelta(text, logprobs) if text or logprobs:
                yield head | {"choices": [_choice(turn, text, logprobs, offset=offset)]}
                offset += len(text)
            case Finished():
                yield head | {"choices": [_choice(turn, "", finish_reason=succeeded(event).reason)]}
            case _:
                pass


def response(collected: Collected, turn: Turn) -> Chunk:
    text = _echo(turn) + collected.message.content
    choice = _choice(turn, text, collected.logprobs, collected.finished.reason)
    return _head(turn) | {"choices": [choice], "usage": chat_completions.usage_json(collected.finished.usage)}


def closing(usage: Usage, turn: Turn) -> Sequence[Chunk]:
    """A chunk with the usage and no choice, if asked for."""
    wanted = chat_completions.wants_usage(turn.body)
    return [_head(turn) | {"choices": [], "usage": chat_completions.usage_json(usage)}] if wanted else []


def _head(turn: Turn) -> Chunk:
    return {
        "id": f"cmpl-{turn.id}",
        "object": "text_completion",
        "created": turn.created,
        "model": turn.model,
        "system_fingerprint": "fp_ollama",
    }


def _echo(turn: Turn) -> str:
    """The question, where it is to be repeated before its answer. A raw text comes with the answer itself."""
    if not turn.body.flag("echo") or _is_raw(turn.body):
        return ""
    return cast(str, prompts(turn.body)[turn.choice // chat_completions.count(turn.body)])


def _choice(
    turn: Turn,
    text: str,
    logprobs: Sequence[TokenLogprob] = (),
    finish_reason: str | None = None,
    offset: int = 0,
) -> Chunk:
    shown = _logprobs(logprobs, offset) if logprobs else None
    return {"text": text, "index": turn.choice, "logprobs": shown, "finish_reason": finish_reason}


def _logprobs(logprobs: Sequence[TokenLogprob], offset: int) -> Chunk:
    """Four lists, one entry a token; `text_offset` is where it begins in the text of the choice."""
    offsets: list[int] = []
    for item in logprobs:
        offsets.append(offset)
        offset += len(item.token)
    return {
        "tokens": [item.token for item in logprobs],
        "token_logprobs": [item.logprob for item in logprobs],
        "top_logprobs": [_top(item) for item in logprobs],
        "text_offset": offsets,
    }


def _top(item: TokenLogprob) -> dict[str, Any] | None:
    """The likeliest tokens by their texts; none for a first one, which comes after nothing."""
    return None if item.logprob is None else {top.token: top.logprob for top in item.top}


COMPLETIONS = replace(
    chat_completions.CHAT_COMPLETIONS,
    operation=schema.COMPLETIONS,
    parse=parse,
    stream=stream,
    response=response,
    choices=choices,
    closing=closing,
)
