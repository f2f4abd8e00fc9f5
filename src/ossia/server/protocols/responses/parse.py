"""OpenAI's POST /v1/responses: what a request asks, and the response object before there is an answer.

Pure functions. What earlier responses said is given to `parse`, not looked up. Two fields beyond OpenAI's are taken
from Ollama: `keep_alive` and `options` (so that `num_ctx` can be set here too).
"""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ossia.errors import ContextLengthExceeded, InvalidRequest, NotSupported
from ossia.server.http.body import Body
from ossia.server.http.stream import Chunk
from ossia.server.protocols import demands
from ossia.server.protocols import sampling as options
from ossia.server.protocols.conversation import with_beginning
from ossia.server.protocols.responses.items import to_messages
from ossia.server.protocols.responses.tools import Tools, qualified, read_tools
from ossia.store.models import Model
from ossia.types import GenerateRequest, Message, SamplingParams, ToolChoice

_LOGPROBS = "message.output_text.logprobs"
ENCRYPTED = "reasoning.encrypted_content"


@dataclass(frozen=True, slots=True)
class Earlier:
    """The conversation before a request: its messages, and the names of the calls in it by their ids."""

    messages: Sequence[Message] = ()
    names: dict[str, str] | None = None


def parse(body: Body, model: Model, items: Sequence[Body], earlier: Earlier) -> tuple[GenerateRequest, Tools]:
    """The request for the model. `items` are those of `input`, references resolved."""
    _check(body)
    messages = [*earlier.messages, *to_messages(items, dict(earlier.names or {}))]
    if instructions := body.text("instructions"):
        messages.insert(0, Message("system", instructions))
    if not messages:
        raise InvalidRequest("input is required")
    tools = read_tools(body)
    choice = demands.tool_choice(body, tools.declared, qualified)
    request = GenerateRequest(
        prompt=with_beginning(model, tuple(messages)),
        tools=tools.declared if choice else (),
        tool_choice=choice or ToolChoice(),
        response_format=demands.openai_format(body.object("text").object("format")),
        reasoning_effort=options.EFFORTS[options.effort(body) or "medium"],
        sampling=_sampling(body, model),
        context_length=options.context_length(body.object("options"), model),
    )
    return request, tools


def _check(body: Body) -> None:
    if body.get("conversation"):
        raise NotSupported("conversation is not supported in this version: previous_response_id continues a response")
    options.refuse(body, "prompt")
    if body.text("truncation", "disabled") not in ("auto", "disabled"):
        raise InvalidRequest("truncation must be auto or disabled")
    if body.flag("background") and not stores(body):
        raise InvalidRequest("background needs store: a response that is not stored could never be read")
    body.object("metadata")


def _sampling(body: Body, model: Model) -> SamplingParams:
    sampling = options.merge(options.defaults(model, options.OPENAI), body.object("options"))
    fields = {name: body.get(name) for name in ("temperature", "top_p")}
    limit = body.integer("max_output_tokens")
    if limit is not None and limit <= 0:
        raise InvalidRequest("max_output_tokens must be positive")
    logprobs = Body({"logprobs": True, "top_logprobs": body.get("top_logprobs")})
    asked = _LOGPROBS in includes(body) or body.get("top_logprobs")
    return replace(
        options.merge(sampling, Body(fields | {"num_predict": limit})),
        logprobs=options.logprobs(logprobs) if asked else None,
    )


def shortened(prompt: Sequence[Message], too_long: ContextLengthExceeded) -> tuple[Message, ...] | None:
    """The conversation without its oldest turns, as many as are likely to be enough; None when one turn is left.

    What the system says stays. A turn begins with what the user says.
    """
    said = [message for message in prompt if message.role not in ("system", "developer")]
    starts = [index for index, message in enumerate(said) if message.role == "user" and index > 0]
    if not starts:
        return None
    excess = sum(map(_length, said)) * (1 - too_long.limit / too_long.prompt_tokens)
    start = next((index for index in starts if sum(map(_length, said[:index])) >= excess), starts[-1])
    system = (message for message in prompt if message.role in ("system", "developer"))
    return (*system, *said[start:])


def _length(message: Message) -> int:
    return len(message.content) + len(message.reasoning) + sum(len(call.arguments) for call in message.tool_calls)


def includes(body: Body) -> tuple[str, ...]:
    """What is wanted beside the answer. Names that mean nothing here are as good as absent."""
    return body.texts("include")


def stores(body: Body) -> bool:
    return body.flag("store", True)


def thinking_asked(body: Body) -> bool:
    return options.effort(body) not in ("", "none")


def new_response(body: Body, request: GenerateRequest) -> Chunk:
    """The response as it begins, with what was asked for as it will be done."""
    text, reasoning, sampling = body.object("text"), body.object("reasoning"), request.sampling
    return {
        "id": f"resp_{uuid.uuid4().hex}",
        "object": "response",
        "created_at": int(time.time()),
        "status": "queued" if body.flag("background") else "in_progress",
        "background": body.flag("background"),
        "completed_at": None,
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.integer("max_output_tokens"),
        "max_tool_calls": body.integer("max_tool_calls"),
        "model": body.text("model"),
        "output": [],
        "parallel_tool_calls": body.flag("parallel_tool_calls", True),
        "previous_response_id": body.text("previous_response_id") or None,
        "prompt_cache_key": body.get("prompt_cache_key"),
        "reasoning": {"effort": request.reasoning_effort, "summary": reasoning.text("summary") or None},
        "safety_identifier": body.get("safety_identifier"),
        "service_tier": "default",
        "store": stores(body),
        "temperature": sampling.temperature,
        "text": {"format": text.get("format") or {"type": "text"}, "verbosity": text.text("verbosity", "medium")},
        "tool_choice": body.get("tool_choice") or "auto",
        "tools": body.items("tools"),
        "top_logprobs": sampling.logprobs or 0,
        "top_p": sampling.top_p,
        "truncation": body.text("truncation", "disabled"),
        "usage": None,
        "user": body.get("user"),
        "metadata": body.get("metadata") or {},
    }
