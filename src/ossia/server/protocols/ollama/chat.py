"""Ollama's own inference API: POST /api/chat and /api/generate, between their JSON and ossia's types.

Pure functions. Differences from Ollama that a client may notice: a prompt that does not fit the context is an error,
whatever `truncate` says, and `done_reason` "length" also ends a prompt and answer that fill it (nothing is dropped from
the beginning or the middle); `format` holds for the answer, never for the thinking before it.
"""

import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, cast

from ossia.errors import InvalidRequest, NotSupported, OssiaError
from ossia.server.http.body import Body
from ossia.server.http.operation import Operation
from ossia.server.http.stream import NDJSON, Chunk
from ossia.server.protocols import sampling as options
from ossia.server.protocols.conversation import read_messages, read_tools, with_beginning
from ossia.server.protocols.demands import ollama_format
from ossia.server.protocols.ollama import types as schema
from ossia.server.protocols.protocol import Dialect, Turn, succeeded
from ossia.store.models import Model
from ossia.types import (
    Collected,
    Event,
    Finished,
    GenerateRequest,
    Message,
    ReasoningDelta,
    SamplingParams,
    TextDelta,
    TokenLogprob,
    ToolCall,
    ToolCallDelta,
)


def parse_chat(body: Body, model: Model) -> GenerateRequest:
    return GenerateRequest(
        prompt=with_beginning(model, read_messages(body)),
        tools=read_tools(body),
        response_format=ollama_format(body),
        reasoning_effort=options.think(body) or "medium",
        sampling=_sampling(body, model),
        context_length=options.context_length(body.object("options"), model),
    )


def parse_generate(body: Body, model: Model) -> GenerateRequest:
    raw = body.flag("raw")
    if raw and any(body.get(name) for name in ("template", "system", "context")):
        raise InvalidRequest("raw mode does not support template, system, or context")
    _refuse_unsupported(body, model)
    context = _context(body)
    return GenerateRequest(
        prompt=body.text("prompt") if raw else _conversation(body, model, continues=bool(context)),
        context=context,
        response_format=ollama_format(body),
        reasoning_effort=options.think(body) or "medium",
        sampling=_sampling(body, model),
        context_length=options.context_length(body.object("options"), model),
    )


def _refuse_unsupported(body: Body, model: Model) -> None:
    name = model.name.full
    if body.text("suffix"):
        raise NotSupported(f"{name} does not support insert", hint="the model only continues a text: leave out suffix")
    if body.items("images"):
        raise NotSupported(f"{name} does not support vision", hint="the model reads text only: leave out images")
    if body.text("template"):
        raise NotSupported("template is not supported", hint="send the prompt as it is to be read, with raw: true")


def _context(body: Body) -> tuple[int, ...]:
    """The ids that an earlier answer gave."""
    ids = body.items("context")
    if not all(type(id) is int and 0 <= id < 2**31 for id in ids):
        raise InvalidRequest("context must be the list of token ids that an earlier answer gave")
    return tuple(ids)


def _conversation(body: Body, model: Model, *, continues: bool) -> tuple[Message, ...]:
    """One question. What goes on from a `context` has the model's system message and MESSAGEs in it already."""
    system = body.text("system") or ("" if continues else model.system)
    first = (Message("system", system),) if system else ()
    return (*first, *(() if continues else model.messages), Message("user", body.text("prompt")))


def _sampling(body: Body, model: Model) -> SamplingParams:
    sampling = options.merge(options.defaults(model, options.OLLAMA), body.object("options"))
    return replace(sampling, logprobs=options.logprobs(body))


@dataclass(frozen=True, slots=True)
class Shape:
    """What differs between the endpoints' chunks: the part made of text, thinking and calls, and the last one's end."""

    piece: Callable[[str, str, Sequence[Chunk]], Chunk]
    end: Callable[[Finished, Turn], Chunk]


def _chat_piece(text: str, thinking: str, calls: Sequence[Chunk]) -> Chunk:
    message: Chunk = {"role": "assistant", "content": text}
    return {"message": message | _present(thinking=thinking, tool_calls=list(calls))}


def _generate_piece(text: str, thinking: str, calls: Sequence[Chunk]) -> Chunk:
    return {"response": text} | _present(thinking=thinking, tool_calls=list(calls))


def _present(**fields: Any) -> Chunk:
    """Empty fields are left out: several clients take an empty `thinking` for "no content follows"."""
    return {name: value for name, value in fields.items() if value}


async def _stream(events: AsyncIterator[Event], turn: Turn, shape: Shape) -> AsyncGenerator[Chunk]:
    """One chunk for each delta; a tool call is one chunk, sent when its arguments are complete."""
    index, call = 0, None
    async for event in events:
        if call and not (isinstance(event, ToolCallDelta) and event.index == index):
            for whole in _tool_calls([(index, call)], event):
                yield _chunk(turn, shape.piece("", "", [whole]))
            call = None
        match event:
            case TextDelta(text, logprobs) if text or logprobs:
                yield _chunk(turn, shape.piece(text, "", ())) | _logprobs(logprobs)
            case ReasoningDelta(text, logprobs) if text or logprobs:
                yield _chunk(turn, shape.piece("", text, ())) | _logprobs(logprobs)
            case ToolCallDelta(index, id, name, arguments):
                call = ToolCall(id, name, arguments) if call is None else _extended(call, arguments)
            case Finished():
                yield _chunk(turn, shape.piece("", "", ()) | shape.end(event, turn), succeeded(event))
            case _:
                pass


def _extended(call: ToolCall, arguments: str) -> ToolCall:
    return ToolCall(call.id, call.name, call.arguments + arguments)


def _response(collected: Collected, turn: Turn, shape: Shape) -> Chunk:
    message = collected.message
    calls = _tool_calls(enumerate(message.tool_calls), collected.finished)
    logprobs = _logprobs((*collected.reasoning_logprobs, *collected.logprobs))
    finished = collected.finished
    part = shape.piece(message.content, message.reasoning, calls) | shape.end(finished, turn)
    return _chunk(turn, part, finished) | logprobs


def _loaded(turn: Turn, reason: str, shape: Shape) -> Chunk:
    return _chunk(turn, shape.piece("", "", ())) | {"done": True, "done_reason": reason}


def _chunk(turn: Turn, part: Chunk, finished: Finished | None = None) -> Chunk:
    chunk = {"model": turn.model, "created_at": timestamp(time.time_ns()), **part, "done": finished is not None}
    if finished is not None:
        chunk |= {"done_reason": "length" if finished.reason == "length" else "stop", **_metrics(finished, turn)}
    return chunk


def timestamp(nanoseconds: int) -> str:
    """RFC 3339 with nanoseconds, UTC."""
    seconds, fraction = divmod(nanoseconds, 10**9)
    return f"{_to_the_second(seconds)}.{fraction:09d}Z"


@lru_cache(maxsize=4)
def _to_the_second(seconds: int) -> str:
    """Kept, because every chunk of every stream has one."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def _metrics(finished: Finished, turn: Turn) -> Chunk:
    return {
        "total_duration": nanoseconds(turn.seconds),
        "load_duration": nanoseconds(turn.load_seconds),
        "prompt_eval_count": finished.usage.prompt_tokens,
        "prompt_eval_duration": nanoseconds(finished.timings.prompt),
        "eval_count": finished.usage.completion_tokens,
        "eval_duration": nanoseconds(finished.timings.completion),
    }


def nanoseconds(seconds: float) -> int:
    """At least 1: clients divide by it."""
    return max(round(seconds * 1e9), 1)


def _tool_calls(calls: Iterable[tuple[int, ToolCall]], after: Event) -> list[Chunk]:
    """Calls with what came after them: if that is a limit, the last call may be cut off, and is none then."""
    cut_off = isinstance(after, Finished) and after.reason == "length"
    return [_tool_call(index, call) for index, call in calls if not cut_off or _is_json(call.arguments)]


def _is_json(text: str) -> bool:
    try:
        json.loads(text or "{}")
    except (ValueError, RecursionError):
        return False
    return True


def _tool_call(index: int, call: ToolCall) -> Chunk:
    return {"id": call.id, "function": {"index": index, "name": call.name, "arguments": _arguments(call)}}


def _arguments(call: ToolCall) -> dict[str, Any]:
    try:
        value = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError) as error:
        raise OssiaError(f"error parsing tool call: raw='{call.arguments}', err={error}") from None
    if not isinstance(value, dict):
        raise OssiaError(f"error parsing tool call: raw='{call.arguments}', err=not an object")
    return cast(dict[str, Any], value)


def _logprobs(logprobs: Sequence[TokenLogprob]) -> Chunk:
    return {"logprobs": [logprob_json(item) for item in logprobs]} if logprobs else {}


def logprob_json(item: TokenLogprob) -> Chunk:
    """A token's log probability, in the form that Ollama and OpenAI share."""
    return {
        "token": item.token,
        "logprob": item.logprob,
        "bytes": list(item.bytes),
        "top_logprobs": [{"token": top.token, "logprob": top.logprob, "bytes": list(top.bytes)} for top in item.top],
    }


def error(failure: OssiaError) -> Chunk:
    return {"error": failure.message} | _present(hint=failure.hint)


def _dialect(
    operation: Operation,
    parse: Callable[[Body, Model], GenerateRequest],
    shape: Shape,
    only_loads: Callable[[Body], bool],
) -> Dialect:
    return Dialect(
        operation=operation,
        streams_by_default=True,
        framing=NDJSON,
        parse=parse,
        thinking_asked=lambda body: bool(body.get("think")),
        stream=lambda events, turn: _stream(events, turn, shape),
        response=lambda collected, turn: _response(collected, turn, shape),
        error=error,
        only_loads=only_loads,
        loaded=lambda turn, reason: _loaded(turn, reason, shape),
    )


def _no_context(finished: Finished, turn: Turn) -> Chunk:
    return {}


def _ids(finished: Finished, turn: Turn) -> Chunk:
    """`context`, from which a later prompt can go on."""
    return {} if turn.body.flag("raw") else {"context": list(finished.token_ids)}


CHAT = _dialect(schema.CHAT, parse_chat, Shape(_chat_piece, _no_context), lambda body: not body.items("messages"))
GENERATE = _dialect(schema.GENERATE, parse_generate, Shape(_generate_piece, _ids), lambda body: not body.text("prompt"))
