"""The gate: what is declared gets in as it came, what is not stays outside, and what is wrong is told by its path."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import Struct

from ossia.errors import InvalidRequest
from ossia.server.http.body import Body, parse_body
from ossia.server.http.gate import admit
from ossia.server.protocols import sampling as options
from ossia.server.protocols.anthropic.messages import MESSAGES
from ossia.server.protocols.anthropic.types import MessagesRequest
from ossia.server.protocols.ollama.chat import CHAT, GENERATE
from ossia.server.protocols.ollama.model_types import CreateRequest
from ossia.server.protocols.ollama.types import ChatRequest, GenerateRequest
from ossia.server.protocols.openai.chat import CHAT_COMPLETIONS
from ossia.server.protocols.openai.completion_types import CompletionRequest
from ossia.server.protocols.openai.completions import COMPLETIONS
from ossia.server.protocols.openai.types import ChatCompletionRequest
from ossia.server.protocols.protocol import Dialect
from ossia.server.protocols.responses import parse as responses
from ossia.server.protocols.responses.items import read_items
from ossia.server.protocols.responses.types import ResponseRequest
from tests.api.test_parsing import MODEL

WEATHER = {"name": "get_weather", "description": "The weather", "parameters": {"type": "object", "default": None}}
OPTIONS = {"temperature": 0.5, "seed": 2**60 + 1, "num_ctx": 4096.0, "stop": "x"}
CALL = {"id": "c", "function": {"name": "get_weather", "arguments": {"city": None, "days": 5.0}}}
CUSTOM_CALL = {"id": "d", "type": "custom", "custom": {"name": "run", "input": "ls"}}
GRAMMAR = {"syntax": "regex", "definition": "[a-z]+"}
CUSTOM = {"name": "run", "description": "Runs it", "format": {"type": "grammar", "grammar": GRAMMAR}}
FORMAT = {"name": "answer", "description": "It", "schema": {"type": "object", "default": None}}
CONVERSATION: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
        {"role": "assistant", "thinking": "I must look.", "tool_calls": [CALL, CUSTOM_CALL]},
        {"role": "tool", "content": "rain", "tool_name": "get_weather"},
    ],
    "tools": [{"type": "function", "function": WEATHER}, {"type": "custom", "custom": CUSTOM}],
    "options": OPTIONS,
}
BLOCKS = {
    "model": "m",
    "max_tokens": 5,
    "system": [{"type": "text", "text": "Be brief."}],
    "messages": [
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm"},
                                          {"type": "tool_use", "id": "a", "name": "f", "input": {"a": [5.0]}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "is_error": True, "content": "no"}]},
    ],
    "tools": [{"name": "get_weather", "description": "The weather", "input_schema": {"type": "object"}}],
    "thinking": {"type": "enabled", "budget_tokens": 5},
    "tool_choice": {"type": "tool", "name": "get_weather"},
    "output_config": {"effort": "low", "format": {"type": "json_schema", **FORMAT}},
    "options": OPTIONS,
}  # fmt: skip
RESPONSE = {
    "model": "m",
    "input": [{"role": "user", "content": "Hello", "stray": 1}],
    "text": {"format": {"type": "json_schema", **FORMAT}},
    "reasoning": {},
    "tools": [{"type": "function", **WEATHER}],
    "tool_choice": {"type": "function", "name": "get_weather"},
    "options": OPTIONS,
}
COMPLETION = {
    "options": OPTIONS,
    "logit_bias": {"5": 1},
    "stream_options": {},
    "response_format": {"type": "json_schema", "json_schema": FORMAT},
    "reasoning": {},
}
Read = Callable[[Body], object]


def reader(dialect: Dialect) -> Read:
    """All that is read of a request for this dialect."""

    def read(body: Body) -> object:
        assert not dialect.only_loads(body)
        said = options.keep_alive(body), dialect.streams(body), dialect.thinking_asked(body)
        return said, dialect.choices(body, dialect.parse(body, MODEL))

    return read


def read_response(body: Body) -> object:
    request, tools = responses.parse(body, MODEL, read_items(body), responses.Earlier())
    begun = responses.new_response(body, request)
    said = options.keep_alive(body), responses.thinking_asked(body)
    return request, tools, said, {name: value for name, value in begun.items() if name not in ("id", "created_at")}


BY_PROTOCOL = pytest.mark.parametrize(
    ("declared", "read", "request_body"),
    [
        (ChatRequest, reader(CHAT), CONVERSATION | {"think": "low", "logprobs": True}),
        (GenerateRequest, reader(GENERATE), {"model": "m", "prompt": "Hello", "options": OPTIONS}),
        (ChatCompletionRequest, reader(CHAT_COMPLETIONS), CONVERSATION | COMPLETION),
        (CompletionRequest, reader(COMPLETIONS), {"model": "m", "prompt": "Hello"} | COMPLETION),
        (MessagesRequest, reader(MESSAGES), BLOCKS),
        (ResponseRequest, read_response, RESPONSE),
    ],
    ids=["chat", "generate", "chat completions", "completions", "messages", "responses"],
)


class Watched(dict[str, Any]):
    """An object that remembers which of its fields were asked for."""

    def __init__(self, fields: dict[str, Any]) -> None:
        super().__init__(fields)
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)


def has_a_place(found: Watched, name: str, whole: dict[str, Any], declared: type[Struct]) -> bool:
    """Whether the gate looks at a field of that name: it refuses nonsense in it, or lets it in."""
    before = dict(found)
    found[name] = [["nonsense"]]
    try:
        admitted = admit(Body(whole), declared)
    except InvalidRequest:
        return True
    finally:
        found.clear()
        found.update(before)
    return any("nonsense" in json.dumps(admitted.get(name)) for name in admitted.names())


@BY_PROTOCOL
def test_whatever_the_code_asks_for_is_declared(
    declared: type[Struct], read: Read, request_body: dict[str, Any]
) -> None:
    objects: list[Watched] = []

    def watch(fields: dict[str, Any]) -> Watched:
        objects.append(Watched(fields))
        return objects[-1]

    whole = json.loads(json.dumps(request_body), object_hook=watch)
    read(Body(whole))
    asked = [(found, name) for found in objects for name in found.asked]
    assert len(asked) > 20
    assert [name for found, name in asked if not has_a_place(found, name, whole, declared)] == []


@BY_PROTOCOL
def test_what_is_declared_means_the_same_inside(
    declared: type[Struct], read: Read, request_body: dict[str, Any]
) -> None:
    body = Body(request_body | {"stray": 1})
    admitted = admit(body, declared)
    assert "stray" not in admitted
    assert read(admitted) == read(body)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"messages": "Hello"}, "messages must be a list"),
        ({"messages": [None]}, "messages[0] must be an object"),
        ({"messages": [{"role": "a"}, {"role": "b", "content": 3}]}, "messages[1].content must be a string or list"),
        ({"messages": [{"role": "user", "content": [3]}]}, "messages[0].content[0] must be a string or object"),
        ({"messages": [{"content": ""}]}, "messages[0].role is required"),
        ({"messages": [{"role": None}]}, "messages[0].role is required"),
        ({"messages": [], "model": None}, "model is required"),
        ({"messages": [], "stream": 1}, "stream must be true or false"),
        ({"messages": [], "temperature": True}, "temperature must be a number"),
        ({"messages": [], "stop": ["a", 1]}, "stop[1] must be a string"),
        ({"messages": [], "keep_alive": {}}, "keep_alive must be a number or string"),
        ({"messages": [], "logit_bias": []}, "logit_bias must be an object"),
        ({}, "messages is required"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_path(fields: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        admit(Body({"model": "m", **fields}), ChatCompletionRequest)
    assert caught.value.message == text


def test_values_come_through_as_they_were_sent() -> None:
    deep: Any = "the end"
    for _ in range(400):
        deep = {"a": [deep]}
    sent = {"from": "m", "parameters": {"a": 2**70, "b": [None, 1.5, {"c": 5.0}], "d": deep}, "license": ["x", ""]}
    admitted = admit(parse_body(json.dumps(sent).encode()), CreateRequest)
    assert {name: admitted.get(name) for name in admitted.names()} == sent
    assert repr(admitted.get("parameters")) == repr(sent["parameters"])


def test_what_has_no_effect_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    body = {"model": "m", "stray": 1, "options": {"num_gpu": 3, "seed": None}, "messages": [{"role": "user", "z": {}}]}
    with caplog.at_level(logging.DEBUG, "ossia.server.http.gate"):
        admit(Body(body), ChatRequest)
    assert caplog.messages == ["fields without effect: messages[0].z, options.num_gpu, stray"]
