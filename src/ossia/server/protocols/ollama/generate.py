"""Ollama's POST /api/generate, between its types and ossia's.

Pure functions, with the same two differences from Ollama as /api/chat: a prompt that does not fit the context is an
error, and `format` applies to the answer only.
"""

from collections.abc import Sequence

from ossia import types
from ossia.errors import InvalidRequest, NotSupported
from ossia.server.protocols.effort import think
from ossia.server.protocols.ollama.answer import (
    AnswerStream,
    LineFormat,
    answer_format,
    answer_sampling,
    loaded,
    response,
)
from ossia.server.protocols.ollama.types import GenerateRequest
from ossia.server.protocols.protocol import WireProtocol
from ossia.store.models import Model
from ossia.types import Message

_FORMAT = LineFormat("response", in_message=False)


def parse(body: GenerateRequest, model: Model) -> types.GenerateRequest:
    if body.raw and (body.template or body.system or body.context):
        raise InvalidRequest("raw mode does not support template, system, or context")
    _refuse_unsupported(body, model)
    return types.GenerateRequest(
        prompt=(body.prompt or "") if body.raw else _conversation(body, model),
        context=_context(body.context),
        response_format=answer_format(body.format),
        reasoning_effort=think(body.think) or "medium",
        sampling=answer_sampling(body, model),
    )


def _refuse_unsupported(body: GenerateRequest, model: Model) -> None:
    name = model.name.full
    if body.suffix:
        raise NotSupported(f"{name} does not support insert", hint="the model only continues a text: leave out suffix")
    if body.images:
        raise NotSupported(f"{name} does not support vision", hint="the model reads text only: leave out images")
    if body.template:
        raise NotSupported("template is not supported", hint="send the prompt as it is to be read, with raw: true")


def _context(ids: Sequence[int] | None) -> tuple[int, ...]:
    """Read the token ids that an earlier answer returned. Raises InvalidRequest."""
    if not all(type(id) is int and 0 <= id < 2**31 for id in ids or ()):
        raise InvalidRequest("context must be the list of token ids that an earlier answer gave")
    return tuple(ids or ())


def _conversation(body: GenerateRequest, model: Model) -> tuple[Message, ...]:
    """Make a conversation of one question. A `context` already contains the model's system message and MESSAGEs."""
    system, messages = ("", ()) if body.context else (model.system, model.messages)
    system = body.system or system
    beginning = (Message("system", system),) if system else ()
    return (*beginning, *messages, Message("user", body.prompt or ""))


GENERATE = WireProtocol[GenerateRequest](
    parse=parse,
    stream=lambda body, envelope: AnswerStream(envelope, _FORMAT, with_context=not body.raw),
    response=lambda collected, body, envelope: response(collected, envelope, _FORMAT, with_context=not body.raw),
    requires_thinking=lambda body: bool(body.think),
    streams_by_default=True,
    only_loads=lambda body: not body.prompt,
    loaded=lambda envelope, reason: loaded(envelope, reason, _FORMAT),
)
