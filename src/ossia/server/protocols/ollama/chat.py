"""Ollama's POST /api/chat, between its types and ossia's.

Pure functions. A client may notice two differences from Ollama: a prompt that does not fit the context is an error,
whatever `truncate` says; and `format` applies to the answer only, never to the thinking before it.
"""

from ossia.server.protocols.conversation import read_messages, with_beginning
from ossia.server.protocols.effort import think
from ossia.server.protocols.ollama.answer import (
    AnswerStream,
    LineFormat,
    answer_format,
    answer_sampling,
    loaded,
    response,
)
from ossia.server.protocols.ollama.types import ChatRequest
from ossia.server.protocols.protocol import WireProtocol
from ossia.server.protocols.tools import read_tools
from ossia.store.models import Model
from ossia.types import GenerateRequest

_FORMAT = LineFormat("content", in_message=True)


def parse(body: ChatRequest, model: Model) -> GenerateRequest:
    return GenerateRequest(
        prompt=with_beginning(model, read_messages(body.messages)),
        tools=read_tools(body.tools),
        response_format=answer_format(body.format),
        reasoning_effort=think(body.think) or "medium",
        sampling=answer_sampling(body, model),
    )


CHAT = WireProtocol[ChatRequest](
    parse=parse,
    stream=lambda body, envelope: AnswerStream(envelope, _FORMAT),
    response=lambda collected, body, envelope: response(collected, envelope, _FORMAT),
    requires_thinking=lambda body: bool(body.think),
    streams_by_default=True,
    only_loads=lambda body: not body.messages,
    loaded=lambda envelope, reason: loaded(envelope, reason, _FORMAT),
)
