"""The gate: what is declared gets in as it came, what is not stays outside, and what is wrong is told by its path."""

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec import Struct, inspect
from msgspec.structs import fields

from ossia.errors import InvalidRequest
from ossia.server.http.body import Fields, decode
from ossia.server.http.endpoint import EndpointRoute
from ossia.server.protocols.anthropic.types import MessagesRequest
from ossia.server.protocols.ollama.model_types import CreateRequest
from ossia.server.protocols.ollama.types import ChatRequest, GenerateRequest
from ossia.server.protocols.openai.completion_types import CompletionRequest
from ossia.server.protocols.openai.embedding_types import EmbeddingsRequest
from ossia.server.protocols.openai.types import ChatCompletionRequest
from ossia.server.protocols.responses.types import ResponseRequest
from ossia.types import TextDelta
from tests.api.conftest import NAME, Api
from tests.doubles.scripted_engine import DONE

WEATHER = {"name": "get_weather", "description": "The weather", "parameters": {"type": "object", "default": None}}
OPTIONS = {"temperature": 0.5, "seed": 2**60 + 1, "num_ctx": 4096.0, "stop": "x"}
CALL = {"id": "c", "function": {"name": "get_weather", "arguments": {"city": None, "days": 5.0}}}
CUSTOM_CALL = {"id": "d", "type": "custom", "custom": {"name": "run", "input": "ls"}}
GRAMMAR = {"syntax": "regex", "definition": "[a-z]+"}
CUSTOM = {"name": "run", "description": "Runs it", "format": {"type": "grammar", "grammar": GRAMMAR}}
OTHER_CUSTOM = {"name": "look", "format": {"type": "grammar", **GRAMMAR}}
FORMAT = {"name": "answer", "description": "It", "schema": {"type": "object", "default": None}}
HELLO = [{"role": "user", "content": "Hello"}]
CONVERSATION: dict[str, Any] = {
    "model": NAME,
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "Weather?"}, {"type": "refusal", "refusal": "No."}]},
        {"role": "assistant", "thinking": "I must look.", "tool_calls": [CALL, CUSTOM_CALL]},
        {"role": "tool", "content": "rain", "tool_name": "get_weather"},
    ],
    "tools": [
        {"type": "function", "function": WEATHER},
        {"type": "custom", "custom": CUSTOM},
        {"type": "custom", "custom": OTHER_CUSTOM},
    ],
    "options": OPTIONS,
}
BLOCKS = {
    "model": NAME,
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
TEXT = {"type": "text", "text": "Go."}
OTHER_BLOCKS = {
    "model": NAME,
    "messages": [
        {"role": "assistant", "content": [
            {"type": "web_search_tool_result", "content": [{"type": "web_search_result", "title": "T", "url": "a"}]},
            {"type": "compaction", "tool_changes": [{"type": "tool_addition", "tool": {"name": "f"}}]}]},
        {"role": "user", "content": [
            {"type": "document", "title": "T", "context": "C", "source": {"type": "content", "content": [TEXT]}},
            {"type": "search_result", "title": "T", "source": "a", "content": [TEXT]},
            {"type": "tool_reference", "tool_name": "f"}]},
    ],
    "tools": [{"name": "f", "defer_loading": True}],
    "thinking": {"type": "enabled", "budget_tokens": 5},
    "output_format": {"type": "json_object"},
}  # fmt: skip
RESPONSE = {
    "model": NAME,
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
OLDER = {
    "messages": HELLO,
    "functions": [WEATHER],
    "function_call": {"name": "get_weather"},
    "response_format": {"type": "json_object", **FORMAT},
}
BY_TYPE = pytest.mark.parametrize(
    ("kind", "sent"),
    [
        (ChatRequest, CONVERSATION | {"think": "low", "logprobs": True}),
        (GenerateRequest, {"model": NAME, "prompt": "Hello", "options": OPTIONS}),
        (ChatCompletionRequest, CONVERSATION | COMPLETION),
        (CompletionRequest, {"model": NAME, "prompt": ["Hello"]} | COMPLETION),
        (EmbeddingsRequest, {"model": NAME, "input": [[1, 2], [3]], "options": OPTIONS}),
        (MessagesRequest, BLOCKS),
        (ResponseRequest, RESPONSE),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)


def read(sent: Any, kind: type[Struct]) -> Any:
    return decode(json.dumps(sent).encode(), kind)


def spelled_out(value: Any) -> Any:
    """The JSON of a request in which every absent field is null, and each object has one that nobody declared."""
    match value:
        case Struct():
            known = {name: spelled_out(getattr(value, name)) for name in value.__struct_fields__}
            return known | {"stray": {"stray": [1]}}
        case list():
            return [spelled_out(item) for item in value]
        case _:
            return value


REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/api/chat", CONVERSATION | {"think": "low", "logprobs": True}),
    ("POST", "/api/generate", {"prompt": "Hello"}),
    ("POST", "/api/generate", {"prompt": "Hello", "raw": True}),
    ("POST", "/api/embed", {"input": "Hello"}),
    ("POST", "/api/embeddings", {"prompt": "Hello"}),
    ("POST", "/api/show", {"model": None, "name": NAME}),
    ("POST", "/api/copy", {"source": "absent", "destination": "b"}),
    ("DELETE", "/api/delete", {"model": None, "name": "absent"}),
    ("POST", "/api/pull", {"model": None, "name": "http://127.0.0.1:9/a/b", "insecure": True}),
    ("POST", "/api/create", {"model": None, "name": "new", "from": NAME, "messages": HELLO}),
    ("POST", "/v1/chat/completions", CONVERSATION | COMPLETION),
    ("POST", "/v1/chat/completions", OLDER),
    ("POST", "/v1/completions", {"prompt": "Hello"} | COMPLETION),
    ("POST", "/v1/embeddings", {"input": "Hello"}),
    ("POST", "/v1/rerank", {"query": "Hello", "documents": ["a", {"text": "b"}]}),
    ("POST", "/v1/messages", BLOCKS),
    ("POST", "/v1/messages", OTHER_BLOCKS | {"max_tokens": 5}),
    ("POST", "/v1/messages/count_tokens", {name: BLOCKS[name] for name in BLOCKS if name != "options"}),
    ("POST", "/v1/messages/count_tokens", OTHER_BLOCKS),
    ("POST", "/v1/responses", RESPONSE),
    ("POST", "/v1/responses/input_tokens", RESPONSE),
]
"""Requests that have all of their routes' types in them."""


@pytest.fixture
def read_fields(monkeypatch: pytest.MonkeyPatch) -> set[tuple[type, str]]:
    """Fields of requests that the server's code has read."""
    found: set[tuple[type, str]] = set()

    def watched(self: Fields, name: str) -> Any:
        if sys._getframe(1).f_code is not Fields.__post_init__.__code__:
            found.add((type(self), name))
        return object.__getattribute__(self, name)

    monkeypatch.setattr(Fields, "__getattribute__", watched)
    return found


def request_types(api: Api) -> Iterator[type[Struct]]:
    """The types of the bodies and queries of all routes, and all types in them."""
    assert api.app
    operations = [route.described.operation for route in api.app.routes if isinstance(route, EndpointRoute)]
    kinds = [kind for operation in operations for kind in (operation.request, operation.query)]
    seen: set[type] = set()
    infos = [inspect.type_info(kind) for kind in kinds if kind not in (None, bytes)]
    while infos:
        match infos.pop():
            case inspect.Metadata(info) | inspect.ListType(info):
                infos.append(info)
            case inspect.UnionType(types):
                infos += types
            case inspect.StructType(kind, fields) if kind not in seen:
                seen.add(kind)
                infos += [field.type for field in fields]
                yield kind
            case _:
                pass


def test_whatever_is_declared_is_read(api: Api, read_fields: set[tuple[type, str]]) -> None:
    """A field that no code reads must not be published: it would be let in and have no effect."""
    api.say(TextDelta("Hi."), DONE)
    for method, path, sent in REQUESTS:
        for stream in (False, True):
            api.request(method, path, {"model": NAME, "stream": stream} | sent)
    id = api.post("/v1/responses", input="Hello", background=True).json["id"]
    api.request("GET", f"/v1/responses/{id}?stream=true&starting_after=0")
    api.request("GET", f"/v1/responses/{id}/input_items?limit=1")
    api.request("GET", "/v1/models?client_version=0.171.0")
    conversation = f"/v1/conversations/{api.post('/v1/conversations', items=HELLO).json['id']}"
    api.post(conversation, metadata={"a": "b"})
    api.post(f"{conversation}/items", items=HELLO)
    declared = {(kind, field.name) for kind in request_types(api) for field in fields(kind)}
    unread = declared - read_fields
    assert len(declared) > 200
    assert sorted(f"{kind.__name__}.{name}" for kind, name in unread) == []


@BY_TYPE
def test_what_is_declared_comes_in_as_it_was_sent(kind: type[Struct], sent: dict[str, Any]) -> None:
    assert msgspec.to_builtins(read(sent | {"stray": 1}, kind)) == sent


@BY_TYPE
def test_null_is_absent_and_what_is_not_declared_stays_outside(kind: type[Struct], sent: dict[str, Any]) -> None:
    body = read(sent, kind)
    spelled = spelled_out(body)
    assert spelled != sent
    assert read(spelled, kind) == body


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
        read({"model": NAME, **fields}, ChatCompletionRequest)
    assert caught.value.message == text
    assert caught.value.param == text.split()[0]


def test_values_come_through_as_they_were_sent() -> None:
    deep: Any = "the end"
    for _ in range(400):
        deep = {"a": [deep]}
    sent = {"from": "m", "parameters": {"a": 2**70, "b": [None, 1.5, {"c": 5.0}], "d": deep}, "license": ["x", ""]}
    body = read(sent, CreateRequest)
    assert msgspec.to_builtins(body) == sent
    assert repr(body.parameters) == repr(sent["parameters"])


def test_what_has_no_effect_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    body = {
        "model": NAME,
        "stray": 1,
        "options": {"num_keep": 3, "seed": None},
        "messages": [{"role": "user", "z": {}}],
    }
    with caplog.at_level(logging.DEBUG, "ossia.server.http.body"):
        read(body, ChatRequest)
    assert caplog.messages == ["fields without effect: messages[0].z, options.num_keep, stray"]


@pytest.mark.parametrize("stray", [b"1e999", b"9" * 5000, b"[" * 900 + b"]" * 900])
def test_a_log_of_what_has_no_effect_refuses_nothing(stray: bytes, caplog: pytest.LogCaptureFixture) -> None:
    data = b'{"model": "m", "stray": %b}' % stray
    with caplog.at_level(logging.DEBUG, "ossia.server.http.body"):
        assert decode(data, ChatRequest).model == "m"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b'{"model": "m", "options": {"top_p": 1e999}}', "options.top_p is invalid: Number out of range"),
        (b'{"model": "m", "stream": 1e999}', "stream is invalid: Number out of range"),
        (b'{"model": }', "the body is not valid JSON: invalid character (byte 10)"),
        (b'{"model": "m"', "the body is not valid JSON: Input data was truncated"),
    ],
)
def test_what_the_decoder_says_is_put_in_a_sentence(data: bytes, text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        decode(data, ChatRequest)
    assert caught.value.message == text


def test_what_has_no_effect_in_a_query_is_in_the_log(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "ossia.server.http.body"):
        api.request("GET", "/v1/responses/none?include=x&stream=false")
    assert "fields without effect: include" in caplog.messages
