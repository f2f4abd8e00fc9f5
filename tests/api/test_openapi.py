"""The document describes what the server does: all its routes, and its real answers field by field."""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import openapi_spec_validator
import pytest
from starlette.routing import Route

from ossia.config import Settings
from ossia.errors import ModelCrashed
from ossia.server.app import create_app
from ossia.server.http.openapi import document
from ossia.server.http.stream import to_json
from ossia.store.models import ModelStore
from ossia.types import Event, Finished, ReasoningDelta, TextDelta, TokenLogprob, ToolCallDelta
from tests.api.conftest import NAME, Answer, Api
from tests.doubles.scripted_engine import DONE, ScriptedEngine, pool_of

HELLO = [{"role": "user", "content": "Hello"}]
CONVERSATION = {"model": NAME, "messages": HELLO}
DIGEST = "sha256:" + hashlib.sha256(b"data").hexdigest()
LOGPROB = TokenLogprob("Hi", b"Hi", -0.1, (TokenLogprob("Hi", b"Hi", -0.1),))
SCRIPT: tuple[Event, ...] = (
    ReasoningDelta("Hm", (LOGPROB,)),
    TextDelta("Hi", (LOGPROB,)),
    ToolCallDelta(0, "call_1", "get_weather"),
    ToolCallDelta(0, "call_1", "get_weather", '{"city":"Oslo"}'),
    ToolCallDelta(1, "call_2", "run", "{}"),
)
CUSTOM = {"type": "custom", "name": "run"}
ENDS = {
    "stop": Finished("stop"),
    "stop string": Finished("stop", stop_string="x"),
    "length": Finished("length"),
    "calls": Finished("tool_calls"),
    "crash": Finished("error", error=ModelCrashed("it died")),
}
INFERENCE: dict[str, dict[str, Any]] = {
    "/api/chat": CONVERSATION | {"logprobs": True},
    "/api/generate": {"model": NAME, "prompt": "Hello", "logprobs": True},
    "/v1/chat/completions": CONVERSATION
    | {"logprobs": True, "stream_options": {"include_usage": True}, "n": 2, "tools": [{**CUSTOM, "custom": CUSTOM}]},
    "/v1/completions": {"model": NAME, "prompt": "Hello", "logprobs": 2, "stream_options": {"include_usage": True}},
    "/v1/messages": CONVERSATION | {"max_tokens": 5},
    "/v1/responses": {
        "model": NAME,
        "input": "Hello",
        "tools": [{"type": "namespace", "name": "get", "tools": [{"type": "function", "name": "weather"}]}, CUSTOM],
        "include": ["message.output_text.logprobs", "reasoning.encrypted_content"],
        "metadata": {"a": "b"},
    },
}
OTHERS: list[tuple[str, str, Any, int]] = [
    ("GET", "/", None, 200),
    ("GET", "/openapi.json", None, 200),
    ("GET", "/docs", None, 200),
    ("GET", "/api/version", None, 200),
    ("GET", "/api/tags", None, 200),
    ("GET", "/api/ps", None, 200),
    ("GET", "/metrics", None, 200),
    ("GET", "/status", None, 200),
    ("GET", "/page/icon.svg", None, 200),
    ("GET", "/page/missing", None, 404),
    ("POST", "/api/show", {"model": "mine"}, 200),
    ("POST", "/api/show", {"model": NAME, "verbose": True}, 200),
    ("POST", "/api/show", {}, 400),
    ("POST", "/api/copy", {"source": NAME, "destination": "copy"}, 200),
    ("POST", "/api/copy", {"source": "missing", "destination": "copy"}, 404),
    ("DELETE", "/api/delete", {"model": NAME}, 200),
    ("DELETE", "/api/delete", {"model": "missing"}, 404),
    ("HEAD", f"/api/blobs/{DIGEST}", None, 404),
    ("POST", f"/api/blobs/{DIGEST}", b"data", 201),
    ("POST", f"/api/blobs/{DIGEST}", b"other", 400),
    ("POST", "/api/pull", {"model": "http://127.0.0.1:9/a/b"}, 400),
    ("POST", "/api/pull", {"model": "http://127.0.0.1:9/a/b", "insecure": True}, 200),
    ("POST", "/api/pull", {"model": "http://127.0.0.1:9/a/b", "insecure": True, "stream": False}, 502),
    ("POST", "/api/push", {"model": "missing", "stream": False}, 404),
    ("POST", "/api/create", {"model": "new", "from": NAME}, 200),
    ("POST", "/api/create", {"model": "new", "from": NAME, "stream": False}, 200),
    ("POST", "/api/embed", {"model": NAME, "input": ["a", "b"]}, 200),
    ("POST", "/api/embed", {"model": NAME, "input": 5}, 400),
    ("POST", "/api/embeddings", {"model": NAME, "prompt": "a"}, 200),
    ("POST", "/api/embeddings", {"model": "missing"}, 404),
    ("POST", "/v1/embeddings", {"model": NAME, "input": ["a", "b"]}, 200),
    ("POST", "/v1/embeddings", {"model": NAME, "input": "a", "encoding_format": "base64"}, 200),
    ("POST", "/v1/embeddings", {"model": NAME}, 400),
    ("POST", "/v1/rerank", {"model": NAME, "query": "a", "documents": ["b", {"text": "a"}], "top_n": 1}, 200),
    ("POST", "/rerank", {"model": NAME, "query": "a", "documents": ["b"], "return_documents": True}, 200),
    *[
        ("POST", path, {"model": NAME, "query": "a", "documents": []}, 400)
        for path in ("/v1/rerank", "/v2/rerank", "/v1/reranking", "/reranking")
    ],
    ("POST", "/v1/responses/input_tokens", {"model": NAME, "input": "Hello"}, 200),
    ("POST", "/v1/responses/input_tokens", {"model": NAME}, 400),
    ("POST", "/v1/responses/compact", {"model": NAME}, 400),
    ("GET", "/v1/responses/resp_x", None, 404),
    ("GET", "/v1/responses/resp_x?stream=true&starting_after=x", None, 400),
    ("DELETE", "/v1/responses/resp_x", None, 404),
    ("POST", "/v1/responses/resp_x/cancel", None, 404),
    ("GET", "/v1/responses/resp_x/input_items", None, 404),
    ("POST", "/v1/conversations", {"items": [{"role": "user", "content": "a"}], "metadata": {"a": "b"}}, 200),
    ("POST", "/v1/conversations", {"items": [{"type": 5}]}, 400),
    ("GET", "/v1/conversations/conv_x", None, 404),
    ("POST", "/v1/conversations/conv_x", {"metadata": {}}, 404),
    ("POST", "/v1/conversations/conv_x", {}, 400),
    ("DELETE", "/v1/conversations/conv_x", None, 404),
    ("GET", "/v1/conversations/conv_x/items", None, 404),
    ("GET", "/v1/conversations/conv_x/items?limit=0", None, 400),
    ("POST", "/v1/conversations/conv_x/items", {"items": [{"role": "user", "content": "a"}]}, 404),
    ("POST", "/v1/conversations/conv_x/items", {}, 400),
    ("GET", "/v1/conversations/conv_x/items/msg_x", None, 404),
    ("DELETE", "/v1/conversations/conv_x/items/msg_x", None, 404),
    ("GET", "/v1/models", None, 200),
    ("GET", "/v1/models?client_version=0.171.0", None, 200),
    ("GET", f"/v1/models/{NAME}", None, 200),
    ("GET", "/v1/models/somebody/missing", None, 404),
    ("POST", "/v1/messages/count_tokens", CONVERSATION, 200),
    ("POST", "/v1/messages/count_tokens", {"model": NAME}, 400),
]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The document of every server, which takes a while to make."""
    settings = Settings(models=tmp_path_factory.mktemp("published"))
    app = create_app(settings, ModelStore(settings.models), pool_of(ScriptedEngine()))
    return json.loads(to_json(document(app.routes)))


def operation(published: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    """That of the most particular template."""
    found = [
        template
        for template, operations in published["paths"].items()
        if re.fullmatch(re.sub(r"\{\w+\}", ".+", template), path.partition("?")[0]) and method.lower() in operations
    ]
    assert found, f"{method} {path} is not in the document"
    return published["paths"][max(found, key=len)][method.lower()]


def conforms(published: dict[str, Any], method: str, path: str, answer: Answer) -> None:
    """Status, content type and every field are in the document."""
    content = operation(published, method, path)["responses"][str(answer.status)].get("content", {})
    kind = answer.headers.get_content_type() if answer.body else None
    if kind is None:
        assert content == {} or method == "HEAD"
        return
    schema = content[kind if kind in content else "*/*"]["schema"]
    if kind == "text/event-stream":
        schema = schema["properties"]["data"]["contentSchema"]
    validator = jsonschema.Draft202012Validator(schema | {"components": {"schemas": closed(published)}})
    for value in values(kind, answer):
        validator.validate(value)


def closed(published: dict[str, Any]) -> dict[str, Any]:
    """The components, where a field that is not declared is an error."""
    components: dict[str, Any] = published["components"]["schemas"]
    return {name: schema | {"additionalProperties": False} for name, schema in components.items()}


def values(kind: str, answer: Answer) -> Iterator[Any]:
    match kind:
        case "application/json":
            yield answer.json
        case "application/x-ndjson":
            yield from answer.lines
        case "text/event-stream":
            for data in re.findall(rb"^data: (.*)$", answer.body, re.MULTILINE):
                if data != b"[DONE]":
                    yield Answer(0, answer.headers, data).json
        case _:
            yield answer.body.decode()


def test_the_document_is_valid(api: Api, published: dict[str, Any]) -> None:
    assert api.request("GET", "/openapi.json").json == published
    openapi_spec_validator.validate(published)


def test_every_public_field_is_described(published: dict[str, Any]) -> None:
    types = {name: schema.get("properties", {}) for name, schema in published["components"]["schemas"].items()}
    operations = [one for methods in published["paths"].values() for one in methods.values()]
    types |= {one["operationId"]: {each["name"]: each for each in one.get("parameters", ())} for one in operations}
    missing = [f"{name}.{field}" for name, fields in types.items() for field, it in fields.items() if not text(it)]
    assert missing == []
    assert {"temperature", "top_p", "seed"} <= types["ChatCompletionRequest"].keys()
    assert "digest" in types["post_api_blobs_digest"]


def text(described: dict[str, Any]) -> str:
    """The description, which must be a sentence in plain words."""
    text = described.get("description", "")
    return text if text.endswith(".") and text.count("`") % 2 == 0 else ""


def test_every_route_is_in_it_and_its_answers_are_tested_here(api: Api, published: dict[str, Any]) -> None:
    assert api.app is not None
    routes = [route for route in api.app.routes if isinstance(route, Route)]
    assert len(routes) == len(api.app.routes)
    operations = {(method.upper(), path) for path, methods in published["paths"].items() for method in methods}
    assert {
        (method, route.path.replace(":path", "")) for route in routes for method in own_methods(route)
    } == operations
    tested = [(method, path) for method, path, *_ in OTHERS] + [("POST", path) for path in INFERENCE]
    for method, path in operations:
        found = [one for one in tested if operation(published, *one) is published["paths"][path][method.lower()]]
        assert found, f"no answer of {method} {path} is tested"


def own_methods(route: Route) -> set[str]:
    """Without the HEAD that every GET brings."""
    methods = route.methods or set()
    return methods - {"HEAD"} if "GET" in methods else methods


@pytest.mark.parametrize(("method", "path", "body", "status"), OTHERS, ids=[f"{m} {p} {s}" for m, p, _, s in OTHERS])
def test_answers(
    api: Api, store: ModelStore, published: dict[str, Any], method: str, path: str, body: Any, status: int
) -> None:
    api.say(DONE)
    api.post("/api/chat")
    store.create("mine", base=store.resolve(NAME), system="Be kind.", licenses=["MIT"], parameters={"stop": ["a", "b"]})
    answer = api.request(method, path, body)
    assert answer.status == status
    conforms(published, method, path, answer)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("path", INFERENCE)
def test_answers_of_a_model(api: Api, published: dict[str, Any], path: str, stream: bool, end: str) -> None:
    api.say(*SCRIPT, ENDS[end])
    answer = api.request("POST", path, INFERENCE[path] | {"stream": stream})
    assert answer.status == (500 if end == "crash" and not stream else 200)
    assert ("it died" in answer.body.decode()) == (end == "crash")
    conforms(published, "POST", path, answer)


def test_a_response_in_the_background(api: Api, published: dict[str, Any]) -> None:
    api.say(*SCRIPT, DONE)
    path = "/v1/responses"
    events = api.request("POST", path, INFERENCE[path] | {"background": True, "stream": True})
    conforms(published, "POST", path, events)
    id = json.loads(re.findall(rb"^data: (.*)$", events.body, re.MULTILINE)[0])["response"]["id"]
    one = f"{path}/{id}"
    for method, path in (
        ("GET", one),
        ("GET", f"{one}?stream=true&starting_after=0"),
        ("GET", f"{one}/input_items?limit=1"),
        ("POST", f"{one}/cancel"),
        ("DELETE", one),
    ):
        answer = api.request(method, path)
        assert answer.status == 200
        conforms(published, method, path, answer)


@pytest.mark.parametrize("path", INFERENCE)
def test_errors_of_a_model(api: Api, published: dict[str, Any], path: str) -> None:
    for fields, status in (({"model": "missing"}, 404), ({"model": None}, 400)):
        answer = api.request("POST", path, INFERENCE[path] | fields)
        assert answer.status == status
        conforms(published, "POST", path, answer)


@pytest.mark.parametrize("path", ["/api/chat", "/api/generate"])
@pytest.mark.parametrize("keep_alive", [0, 300])
def test_loading_and_unloading(api: Api, published: dict[str, Any], path: str, keep_alive: int) -> None:
    answer = api.post(path, keep_alive=keep_alive)
    assert answer.json["done_reason"] == ("load" if keep_alive else "unload")
    conforms(published, "POST", path, answer)
