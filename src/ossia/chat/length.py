"""Lengths of requests, estimated before anything is computed: they decide where to compute, and what is refused.

An estimate takes a few milliseconds at most, whatever a request has.
"""

from typing import Final

from ossia.errors import ContextLengthExceeded, InvalidRequest
from ossia.json_values import is_list, is_object
from ossia.types import GenerateRequest, Message

_VALUE: Final = 16  # characters that a message, a call or a value of a schema counts as, beside its text
_REFERENCES: Final = 1 << 20  # that schemas with references count as, since what they refer to is written out
_MOST_IN_SCHEMAS: Final = 1 << 20  # together; the model reads all of them, so no context has room for more
_COUNTED: Final = 16 << 10
"""Ids beyond the limit up to which the length of a prompt is told exactly."""


def length_of(request: GenerateRequest) -> int:
    """Return about how many characters are to be rendered. Raises InvalidRequest if the schemas are too large."""
    prompt = len(request.prompt) if isinstance(request.prompt, str) else sum(map(_message, request.prompt))
    return prompt + len(request.context) + _schemas(request)


def with_room(limit: int) -> int:
    """Return how many ids are rendered of a prompt that may have `limit`, so that its length can be told."""
    return limit + _COUNTED


def too_long(ids: int, text: str, request: GenerateRequest, limit: int) -> ContextLengthExceeded:
    """Return the error for a prompt with more ids than `limit`. `text` is that of the ids, perhaps its beginning."""
    if ids <= with_room(limit):
        return ContextLengthExceeded(ids, limit)
    estimated = ids * length_of(request) // max(len(text), 1)
    return ContextLengthExceeded(max(ids, estimated), limit, exact=False)


def _message(message: Message) -> int:
    length = _VALUE + len(message.content) + len(message.reasoning) + len(message.token_ids)
    return length + sum(_VALUE + len(call.arguments) for call in message.tool_calls) if message.tool_calls else length


def _schemas(request: GenerateRequest) -> int:
    if not request.tools and not request.response_format:
        return 0
    format = request.response_format
    texts = [text for tool in request.tools for text in (tool.name, tool.description)]
    grammars = [tool.grammar.definition for tool in request.tools if tool.grammar]
    schemas = [tool.parameters for tool in request.tools]
    size, refers = _size([*texts, *grammars, *schemas, format.schema if format else None])
    if size > _MOST_IN_SCHEMAS:
        raise InvalidRequest(
            "the tools and schemas of the request are too large", hint="declare fewer, or smaller ones"
        )
    return size + _REFERENCES if refers else size


def _size(values: list[object]) -> tuple[int, bool]:
    """Return about how many characters values of JSON have, or some number above the limit; True with references."""
    size, refers, waiting = 0, False, values
    while waiting and size + len(waiting) <= _MOST_IN_SCHEMAS:
        value = waiting.pop()
        size += _VALUE
        if isinstance(value, str):
            size += len(value)
        elif is_list(value):
            waiting += value
        elif is_object(value):
            refers |= "$ref" in value
            waiting += value.values()
            size += sum(map(len, value))
    return size + _VALUE * len(waiting), refers
