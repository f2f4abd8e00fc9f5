"""OpenAI's POST /v1/responses: from its body to a request to the model, and to a response without an answer.

Pure functions: earlier responses are passed in, not looked up. Two fields are Ollama's: `keep_alive` and `options` (so
that `num_ctx` can be set here too).
"""

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ossia.errors import ContextLengthExceeded, InvalidRequest
from ossia.server.http.body import convert
from ossia.server.http.stream import Chunk
from ossia.server.http.wording import invalid
from ossia.server.protocols import sampling
from ossia.server.protocols.conversation import with_beginning
from ossia.server.protocols.effort import EFFORTS, effort, is_thinking
from ossia.server.protocols.fields import Options, refuse, texts
from ossia.server.protocols.response_format import FormatSchema, openai_format
from ossia.server.protocols.responses.items import Item, offered, to_messages
from ossia.server.protocols.responses.tools import Tools, qualified, read_tools
from ossia.server.protocols.responses.types import ResponseReasoning, ResponseRequest, ResponseText
from ossia.server.protocols.tools import ChosenTool, read_tool_choice
from ossia.store.models import Model
from ossia.types import GenerateRequest, Message, ResponseFormat, SamplingParams, ToolChoice

_LOGPROBS: Final = "message.output_text.logprobs"
_ENCRYPTED: Final = "reasoning.encrypted_content"


@dataclass(frozen=True, slots=True)
class Earlier:
    """The conversation before a request: its messages, and the names of its calls by their ids."""

    messages: Sequence[Message] = ()
    names: Mapping[str, str] = field(default_factory=dict[str, str])


_SUMMARIZE: Final = (
    "Summarize this conversation for an assistant who goes on with it and sees nothing else of it. Tell what the user "
    "wants, what was decided and why, what was done and found (with the names of files, commands and values that will "
    "be needed again), and what is left to do. Answer with the summary only."
)
_MOST_ECHOED: Final = 64 << 10  # characters


class TextFormat(FormatSchema):
    """`text.format`: a schema stands in it with its name."""

    type: str | None = None


def parse(
    body: ResponseRequest, model: Model, items: Sequence[Item], earlier: Earlier
) -> tuple[GenerateRequest, Tools]:
    """Return the request to the model, and its tools. `items` are those of `input`, with references resolved."""
    _check(body)
    messages = [*earlier.messages, *to_messages(items, dict(earlier.names))]
    if body.instructions:
        messages.insert(0, Message("system", body.instructions))
    if not messages:
        raise InvalidRequest("input is required")
    if compacts := is_compacting(items):
        messages.append(Message("user", _SUMMARIZE))
    tools = read_tools([*(body.tools or ()), *offered(items)])
    choice = read_tool_choice(body.tool_choice, body.parallel_tool_calls, tools.declared, _chosen_name)
    request = GenerateRequest(
        prompt=with_beginning(model, tuple(messages)),
        tools=tools.declared if choice and not compacts else (),
        tool_choice=ToolChoice() if compacts else choice or ToolChoice(),
        response_format=None if compacts else _response_format(body.text),
        reasoning_effort=EFFORTS[_effort(body) or "medium"],
        sampling=_sampling(body, model),
    )
    return request, tools


def is_compacting(items: Sequence[Item]) -> bool:
    """True if a summary of the conversation is asked for: its last item is a `compaction_trigger`."""
    return bool(items) and items[-1].type == "compaction_trigger"


def _check(body: ResponseRequest) -> None:
    refuse("send its text as instructions and input", prompt=body.prompt)
    if body.truncation not in (None, "auto", "disabled"):
        raise InvalidRequest("truncation must be auto or disabled")
    for name in ("metadata", "user", "prompt_cache_key", "safety_identifier"):
        check_echoed(name, getattr(body, name))
    if body.background and not stores(body):
        raise InvalidRequest("background needs store: a response that is not stored could never be read")


def check_echoed(name: str, value: object) -> None:
    """Raise InvalidRequest if a field that is only kept and told again is too long."""
    if len(json.dumps(value)) > _MOST_ECHOED:
        raise InvalidRequest(f"{name} is too long: as JSON it may have {_MOST_ECHOED} characters")


def conversation_id(body: ResponseRequest) -> str:
    """Return the id of the conversation that the request belongs to; "" if it belongs to none."""
    named = body.conversation
    id = named.get("id") if isinstance(named, dict) else named
    if id is not None and not isinstance(id, str):
        raise invalid("conversation", "must be an id, or an object with an id")
    if id and body.previous_response_id:
        raise InvalidRequest("previous_response_id and conversation exclude each other", hint="leave out one of them")
    return id or ""


def _chosen_name(choice: ChosenTool, path: str) -> str:
    return qualified(choice.namespace, choice.tool_name)


def _response_format(text: ResponseText | None) -> ResponseFormat | None:
    if text is None or text.format is None:
        return None
    format = convert(text.format, TextFormat, "text.format")
    return openai_format(format.type, format, "text.format", "text.format")


def _effort(body: ResponseRequest) -> str:
    return effort(body.reasoning.effort if body.reasoning else None, body.reasoning_effort, body.think)


def _sampling(body: ResponseRequest, model: Model) -> SamplingParams:
    limit = body.max_output_tokens
    if limit is not None and limit <= 0:
        raise InvalidRequest("max_output_tokens must be positive")
    before = sampling.merge(sampling.defaults(model, sampling.OPENAI), body.options)
    own = Options(temperature=body.temperature, top_p=body.top_p, num_predict=limit)
    wanted = _LOGPROBS in texts(body.include) or bool(body.top_logprobs)
    return replace(sampling.merge(before, own), logprobs=sampling.logprobs(wanted, body.top_logprobs))


def shortened(prompt: Sequence[Message], too_long: ContextLengthExceeded) -> tuple[Message, ...] | None:
    """Drop the oldest turns of a conversation, as many as are probably enough; None if only one turn is left.

    A turn begins with a user's message. Messages of the system and of the developer are kept.
    """
    said = [message for message in prompt if not message.is_instruction]
    starts = [index for index, message in enumerate(said) if message.role == "user" and index > 0]
    if not starts:
        return None
    excess = sum(map(_length, said)) * (1 - too_long.limit / too_long.prompt_tokens)
    start = next((index for index in starts if sum(map(_length, said[:index])) >= excess), starts[-1])
    instructions = (message for message in prompt if message.is_instruction)
    return (*instructions, *said[start:])


def _length(message: Message) -> int:
    return len(message.content) + len(message.reasoning) + sum(len(call.arguments) for call in message.tool_calls)


def stores(body: ResponseRequest) -> bool:
    """True if the response is to be stored."""
    return body.store is not False


def requires_thinking(body: ResponseRequest) -> bool:
    return is_thinking(_effort(body))


def wants_raw_reasoning(body: ResponseRequest) -> bool:
    """True if the reasoning is also shown verbatim. A client that asks for a summary gets only that."""
    return body.reasoning is None or body.reasoning.summary is None


def wants_encrypted_reasoning(body: ResponseRequest) -> bool:
    """True if the reasoning is also sent as `encrypted_content`, which clients send back unread."""
    return _ENCRYPTED in texts(body.include)


def new_response(body: ResponseRequest, request: GenerateRequest) -> Chunk:
    """Return a response without an answer, with the parameters that will be used."""
    text, reasoning = body.text or ResponseText(), body.reasoning or ResponseReasoning()
    return {
        "id": f"resp_{uuid.uuid4().hex}",
        "object": "response",
        "created_at": int(time.time()),
        "status": "queued" if body.background else "in_progress",
        "background": bool(body.background),
        "completed_at": None,
        "error": None,
        "incomplete_details": None,
        "instructions": body.instructions,
        "max_output_tokens": body.max_output_tokens,
        "max_tool_calls": body.max_tool_calls,
        "model": body.model,
        "output": [],
        "parallel_tool_calls": body.parallel_tool_calls is not False,
        "previous_response_id": body.previous_response_id or None,
        "prompt_cache_key": body.prompt_cache_key,
        "reasoning": {"effort": request.reasoning_effort, "summary": reasoning.summary or None},
        "safety_identifier": body.safety_identifier,
        "service_tier": "default",
        "store": stores(body),
        "temperature": request.sampling.temperature,
        "text": {
            "format": text.format or {"type": "text"},
            "verbosity": "medium" if text.verbosity is None else text.verbosity,
        },
        "tool_choice": body.tool_choice or "auto",
        "tools": body.tools or [],
        "top_logprobs": request.sampling.logprobs or 0,
        "top_p": request.sampling.top_p,
        "truncation": body.truncation or "disabled",
        "usage": None,
        "user": body.user,
        "metadata": body.metadata or {},
        **({"conversation": {"id": id}} if (id := conversation_id(body)) else {}),
    }
