"""Ollama's POST /api/chat, between its types and ossia's.

Pure functions. Two differences from Ollama that a client may notice: a prompt that does not fit the context is an
error, whatever `truncate` says, and `format` holds for the answer, never for the thinking before it.
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
from ossia.server.protocols.sampling import context_length
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
        context_length=context_length(body.options, model),
    )


CHAT = WireProtocol[ChatRequest](
    parse=parse,
    stream=lambda body, turn: AnswerStream(turn, _FORMAT),
    response=lambda collected, body, turn: response(collected, turn, _FORMAT),
    thinking_asked=lambda body: bool(body.think),
    streams_by_default=True,
    only_loads=lambda body: not body.messages,
    loaded=lambda turn, reason: loaded(turn, reason, _FORMAT),
)
