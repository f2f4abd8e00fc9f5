"""Texts of a model, between values and the bytes of its blobs: parameters, messages, licences. Knows no files."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypedDict

from ossia.errors import InvalidModelFile
from ossia.json_values import as_object, is_list, is_object
from ossia.store.manifest import LayerKind
from ossia.types import Message

_LARGEST_MESSAGES: Final = 1 << 18  # characters of JSON, which is read whenever models are listed
LARGEST_OBJECT: Final = 1 << 17
"""Bytes of JSON, which becomes Python objects of many times their size; a model has 2 kB."""


class Own(TypedDict, total=False):
    """All that a model has besides files. What is missing or None is its base's; an empty value is none at all."""

    parameters: Mapping[str, Any] | None
    system: str | None
    template: str | None
    licenses: Sequence[str] | None
    messages: Sequence[Message] | None
    directives: Mapping[str, str]
    """Instructions that are kept in the config: its own, beside those of the base."""


def contents(own: Own) -> Iterator[tuple[LayerKind, list[bytes]]]:
    """Yield the blobs of all values but directives, which have none. An empty value yields no blobs."""
    if (template := own.get("template")) is not None:
        yield "template", [template.encode()]
    if (system := own.get("system")) is not None:
        yield "system", [system.encode()]
    if (licenses := own.get("licenses")) is not None:
        yield "license", [text.encode() for text in licenses]
    if (parameters := own.get("parameters")) is not None:
        yield "params", [to_json(parameters)] if parameters else []
    if (messages := own.get("messages")) is not None:
        turns = [{"role": message.role, "content": message.content} for message in messages]
        yield "messages", [to_json(turns)] if turns else []


def to_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _parsed(text: str | bytes) -> object:
    try:
        value: object = json.loads(text)
        json.dumps(value, ensure_ascii=False).encode()  # raises for half a surrogate pair, which no answer can tell
        return value
    except (ValueError, RecursionError) as error:
        raise InvalidModelFile(f"a part that should be JSON is not: {error}") from None


def object_of(text: str | bytes) -> dict[str, Any]:
    if len(text) > LARGEST_OBJECT:
        raise InvalidModelFile(f"a part that should be a JSON object has {len(text)} bytes")
    value = _parsed(text)
    if not is_object(value):
        raise InvalidModelFile("a part that should be a JSON object is not")
    return value


def messages_of(text: str) -> tuple[Message, ...]:
    if len(text) > _LARGEST_MESSAGES:
        raise InvalidModelFile(f"its messages have {len(text)} characters, of which {_LARGEST_MESSAGES} can be read")
    items = _parsed(text)
    if not is_list(items):
        raise InvalidModelFile("its messages are not a list")
    return tuple(_message(item) for item in items)


def _message(item: object) -> Message:
    fields = as_object(item)
    role, content = fields.get("role"), fields.get("content")
    if role not in ("system", "user", "assistant") or not isinstance(content, str):
        raise InvalidModelFile("one of its messages is not a role with a text")
    return Message(role, content)
