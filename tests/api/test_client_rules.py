"""Rules that real clients rely on in every answer, one wire test for each. Each rule was found by a client that broke.

The list is complete on purpose: a rule may be tested elsewhere too.
"""

import json
from typing import Any

import pytest

from ossia.chat.harmony.history import history
from ossia.chat.harmony.tool_names import ToolNames
from ossia.server.protocols.ollama import models as ollama_models
from ossia.store.models import ModelStore
from ossia.types import Finished, ReasoningDelta, TextDelta, ToolCallDelta
from tests.api.conftest import NAME, Api
from tests.clients.weather import TOOL
from tests.doubles.scripted_engine import DONE

HELLO: Any = [{"role": "user", "content": "Hello"}]
CHATS = ["/api/chat", "/v1/chat/completions"]
INFERENCE: dict[str, dict[str, Any]] = {
    "/api/chat": {"messages": HELLO},
    "/api/generate": {"prompt": "Hello"},
    "/v1/chat/completions": {"messages": HELLO},
    "/v1/completions": {"prompt": "Hello"},
    "/v1/messages": {"messages": HELLO, "max_tokens": 9},
}
METRICS = {
    "total_duration", "load_duration", "prompt_eval_count", "prompt_eval_duration", "eval_count", "eval_duration"
}  # fmt: skip
CALLS = (
    ReasoningDelta("Weather!"),
    ToolCallDelta(0, "call_1", "get_weather"),
    ToolCallDelta(0, "call_1", "get_weather", '{"city":"Oslo"}'),
    ToolCallDelta(1, "call_2", "get_weather", '{"city":"Bergen"}'),
    Finished("tool_calls"),
)
TALK = (ReasoningDelta("Hm"), TextDelta("Hi"), TextDelta(" there"), DONE)

everywhere = pytest.mark.parametrize("path", list(INFERENCE))


def stream_of(api: Api, path: str, **body: Any) -> list[Any]:
    """The chunks of an answer, whatever frames them."""
    answer = api.post(path, **INFERENCE[path] | {"stream": True} | body)
    assert answer.status == 200, answer.body
    if path == "/v1/messages":
        blocks = [block for block in answer.body.decode().split("\n\n") if block and block[0] != ":"]
        return [json.loads(block.split("\ndata: ")[1]) for block in blocks]
    return answer.lines if path.startswith("/api/") else answer.events


@pytest.mark.parametrize("content_type", [None, "application/octet-stream", "application/x-www-form-urlencoded"])
@everywhere
def test_1_a_body_is_json_whatever_its_content_type(api: Api, path: str, content_type: str | None) -> None:
    api.say(DONE)
    body = {"model": NAME, **INFERENCE[path]}
    headers = {"Content-Type": content_type} if content_type else {}
    assert api.request("POST", path, body, headers).status == 200


@everywhere
def test_2_a_model_is_found_in_any_capitals_and_echoed_as_sent(api: Api, path: str) -> None:
    api.say(TextDelta("Hi"), DONE)
    assert api.post(path, **INFERENCE[path], model="gpt-oSS:20B", stream=False).json["model"] == "gpt-oSS:20B"


def test_2_a_missing_tag_is_latest(api: Api, store: ModelStore) -> None:
    store.copy(NAME, "mine")
    api.say(DONE)
    assert api.post("/api/chat", model="MINE:latest", messages=HELLO).status == 200


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/show"), ("POST", "/api/pull"), ("POST", "/api/push"),
                                              ("DELETE", "/api/delete")])  # fmt: skip
def test_3_a_model_is_called_name_or_model(api: Api, method: str, path: str) -> None:
    absent = {"insecure": True, "stream": False}
    by_name, by_model = (
        api.request(method, path, {field: "127.0.0.1:1/library/absent", **absent}) for field in ("name", "model")
    )
    assert (by_name.status, by_name.json) == (by_model.status, by_model.json)
    assert "required" not in by_name.json["error"]


def test_4_show_reads_a_file_once(api: Api) -> None:
    ollama_models.file_facts.cache_clear()
    for _ in range(5):
        assert api.post("/api/show").status == 200
    assert ollama_models.file_facts.cache_info().misses == 1


EXTRAS = {
    "nulls": dict.fromkeys(("options", "tools", "think", "keep_alive", "temperature", "stop", "stream", "n")),
    "empty lists": {"tools": [], "images": [], "stop": []},
    "empty texts": {"format": "", "system": "", "suffix": "", "template": ""},
    "null options": {"options": {"temperature": None, "seed": None, "num_ctx": None, "stop": None, "mirostat": None}},
    "no options": {"options": {}},
    "unknown fields": {"truncate": True, "shift": True, "dimensions": 3, "metadata": {"user": "me"}, "custom": [1]},
    "stray samplers": {"temperature": 0.5, "top_p": 0.9, "max_output_tokens": 100, "tool_choice": None},
    "a large context": {"options": {"num_ctx": 131072}},
}


@everywhere
def test_5_unknown_null_and_empty_fields_are_accepted(api: Api, path: str) -> None:
    api.say(DONE)
    answers = {name: api.post(path, **INFERENCE[path] | fields) for name, fields in EXTRAS.items()}
    assert {name: answer.body for name, answer in answers.items() if answer.status != 200} == {}


@everywhere
def test_5_keep_alive_is_a_number_or_a_duration(api: Api, path: str) -> None:
    api.say(DONE)
    for keep_alive in (0.0, "5m", 1800, -1, "1h30m"):
        assert api.post(path, **INFERENCE[path], keep_alive=keep_alive).status == 200


ARGUMENTS: dict[str, Any] = {"city": "Oslo"}
FUNCTION = {"name": "get_weather", "arguments": ARGUMENTS}
AS_TEXT = {"name": "get_weather", "arguments": json.dumps(ARGUMENTS)}
NULLS = dict.fromkeys(("refusal", "annotations", "audio", "function_call", "parsed"))
ROUNDS: dict[str, list[Any]] = {
    "ollama-python": [
        {"role": "assistant", "thinking": "Hm", "tool_calls": [{"function": FUNCTION}]},
        {"role": "tool", "tool_name": "get_weather", "content": "rain"},
    ],
    "ollama-js": [
        {"role": "assistant", "content": "", "thinking": "Hm",
         "tool_calls": [{"id": "call_1", "function": FUNCTION | {"index": 0}}]},
        {"role": "tool", "tool_name": "get_weather", "content": "rain"},
    ],
    "langchain": [
        {"role": "assistant", "thinking": "Hm", "tool_calls": [{"function": FUNCTION}]},
        {"role": "tool", "content": "rain"},
    ],
    "litellm, which loses the call": [
        {"role": "assistant", "content": "", "images": []},
        {"role": "tool", "content": "rain", "images": []},
    ],
    "litellm, with the id of no call": [
        {"role": "assistant", "thinking": "Hm", "tool_calls": [{"function": FUNCTION}], "images": []},
        {"role": "tool", "tool_call_id": "call_9", "content": "rain"},
    ],
    "ai-sdk-ollama, with its own id": [
        {"role": "assistant", "content": "Hm", "tool_calls": [{"id": "8a1f", "function": FUNCTION}]},
        {"role": "tool", "tool_name": "get_weather", "content": "rain"},
    ],
    "ollama-ai-provider-v2": [
        {"role": "assistant", "content": "", "thinking": "Hm",
         "tool_calls": [{"id": "call_1", "type": "function", "function": FUNCTION}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
    ],
    "Open WebUI": [
        {"role": "assistant", "content": "", "tool_calls": [{"index": 0, "id": "call_1", "function": AS_TEXT}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
    ],
    "openai, after a stream": [
        {"role": "assistant", "content": None, "reasoning": "Hm", **NULLS,
         "tool_calls": [{"id": "call_1", "type": "function", "index": 0,
                         "function": AS_TEXT | {"parsed_arguments": None}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": [{"type": "text", "text": "rain"}]},
    ],
    "litellm openai/": [
        {"role": "assistant", "content": None, "reasoning_content": "Hm",
         "provider_specific_fields": {"reasoning": "Hm"},
         "tool_calls": [{"id": "call_1", "type": "function", "function": AS_TEXT}]},
        {"role": "tool", "tool_call_id": "call_1", "name": "get_weather", "content": "rain"},
    ],
    "responses.js, which sends the call as a result": [
        {"role": "tool", "tool_call_id": "call_1", "content": json.dumps(ARGUMENTS)},
        {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
    ],
}  # fmt: skip


@pytest.mark.parametrize("client", ROUNDS)
def test_6_a_result_belongs_to_its_tool_however_little_says_so(api: Api, client: str) -> None:
    api.say(DONE)
    for path in CHATS:
        answer = api.post(path, messages=[*HELLO, *ROUNDS[client]], tools=[TOOL])
        assert answer.status == 200, answer.body
    for request in api.engine.requests:
        assert not isinstance(request.prompt, str)
        told = list(history(request.prompt, request.tools, ToolNames(["get_weather"])))
        results = [message.content for message in told if message.author == "functions.get_weather"]
        assert results[-1] == "rain"


def test_6_what_responses_js_sends_after_a_call(api: Api) -> None:
    """All of its request: no stream options, both samplers at 1, two results and no call."""
    api.say(*TALK)
    results = ROUNDS["responses.js, which sends the call as a result"]
    messages = [{"role": "system", "content": "Be brief."}, *HELLO, *results]
    samplers = {"temperature": 1, "top_p": 1}
    answer = api.post("/v1/chat/completions", messages=messages, tools=[TOOL], stream=True, **samplers)
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in answer.events[:-1])
    assert text == "Hi there"


STRANGE: dict[str, list[Any]] = {
    "two users in a row": [*HELLO, *HELLO],
    "a developer": [{"role": "developer", "content": "Be brief."}, *HELLO],
    "a system message after the user's": [*HELLO, {"role": "system", "content": "Be brief."}],
    "no content": [*HELLO, {"role": "assistant"}, *HELLO],
    "null for content": [*HELLO, {"role": "assistant", "content": None}, *HELLO],
    "an empty list for content": [{"role": "user", "content": []}, *HELLO],
    "no images": [{"role": "user", "content": "Hello", "images": []}],
    "text in parts": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}],
    "thoughts as text": [*HELLO, {"role": "assistant", "content": "<think>Hm</think>Hi"}, *HELLO],
    "a name": [{"role": "user", "content": "Hello", "name": "me"}],
}


@pytest.mark.parametrize("path", CHATS)
def test_6_strange_histories_are_read(api: Api, path: str) -> None:
    api.say(DONE)
    answers = {name: api.post(path, messages=messages) for name, messages in STRANGE.items()}
    assert {name: answer.body for name, answer in answers.items() if answer.status != 200} == {}


def test_6_tools_with_all_that_schema_libraries_add(api: Api) -> None:
    api.say(DONE)
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Weather", "type": "object",
              "properties": {"city": {"type": "string", "title": "City", "default": None}},
              "additionalProperties": False, "$defs": {}}  # fmt: skip
    tool = {"type": "function", "function": {"name": "f", "parameters": schema, "strict": True}}
    bare = {"function": {"name": "g"}}
    for path in CHATS:
        assert api.post(path, messages=HELLO, tools=[tool, bare]).status == 200


@pytest.mark.parametrize("path", ["/api/chat", "/api/generate"])
def test_7_think_is_a_flag_or_a_level(api: Api, path: str) -> None:
    api.say(DONE)
    for think in (True, False, "low", "medium", "high", None):
        assert api.post(path, **INFERENCE[path], think=think).status == 200


def test_7_every_effort(api: Api) -> None:
    api.say(DONE)
    for effort in ("none", "minimal", "low", "medium", "high", "xhigh", "max", None):
        assert api.post("/v1/chat/completions", messages=HELLO, reasoning_effort=effort).status == 200


@pytest.mark.parametrize("script", [TALK, CALLS], ids=["talk", "calls"])
def test_8_native_chunks_are_whole_and_nothing_in_them_is_empty(api: Api, script: Any) -> None:
    api.say(*script)
    *pieces, last = stream_of(api, "/api/chat", tools=[TOOL])
    for chunk in [*pieces, last, api.post("/api/chat", messages=HELLO, stream=False).json]:
        assert {"model", "created_at", "message", "done"} <= set(chunk)
        assert chunk["message"]["role"] == "assistant"
        assert isinstance(chunk["message"]["content"], str)
        assert "error" not in chunk
        assert all(chunk["message"].get(name, "there") for name in ("thinking", "tool_calls"))
    assert not any(chunk["done"] for chunk in pieces)
    assert METRICS | {"done_reason"} <= set(last)


def test_8_thinking_and_content_never_share_a_chunk(api: Api) -> None:
    api.say(*TALK)
    for chunk in stream_of(api, "/api/chat"):
        assert not ("thinking" in chunk["message"] and chunk["message"]["content"])


def test_9_every_chunk_of_generate_has_a_response(api: Api) -> None:
    api.say(*TALK)
    whole = api.post("/api/generate", prompt="Hello", stream=False).json
    assert all(isinstance(chunk["response"], str) for chunk in [*stream_of(api, "/api/generate"), whole])
    assert all({"model", "created_at", "done"} <= set(chunk) for chunk in stream_of(api, "/api/generate"))
    assert whole["context"] == []


def test_10_arguments_are_an_object_on_api_and_text_on_v1(api: Api) -> None:
    api.say(*CALLS)
    native = api.post("/api/chat", messages=HELLO, tools=[TOOL], stream=False).json["message"]["tool_calls"]
    assert native[0]["function"]["arguments"] == {"city": "Oslo"}
    choice = api.post("/v1/chat/completions", messages=HELLO, tools=[TOOL]).json["choices"][0]
    assert choice["message"]["tool_calls"][0]["function"]["arguments"] == '{"city":"Oslo"}'


def test_11_calls_have_an_id_and_on_v1_a_type_and_an_index(api: Api) -> None:
    api.say(*CALLS)
    native = [
        chunk["message"]["tool_calls"] for chunk in stream_of(api, "/api/chat") if "tool_calls" in chunk["message"]
    ]
    assert [[call["id"] for call in calls] for calls in native] == [["call_1"], ["call_2"]]
    deltas = [chunk["choices"][0]["delta"] for chunk in stream_of(api, "/v1/chat/completions")[:-1]]
    calls = [delta["tool_calls"] for delta in deltas if "tool_calls" in delta]
    assert all(len(each) == 1 for each in calls)
    first = [each[0] for each in calls if "id" in each[0]]
    assert [(call["index"], call["id"], call["type"]) for call in first] == [
        (0, "call_1", "function"), (1, "call_2", "function")
    ]  # fmt: skip


@pytest.mark.parametrize("script", [TALK, CALLS], ids=["talk", "calls"])
def test_12_streams_end_properly(api: Api, script: Any) -> None:
    api.say(*script)
    for path in ("/api/chat", "/api/generate"):
        assert stream_of(api, path)[-1]["done"] is True
    *_, finish, end = stream_of(api, "/v1/chat/completions")
    assert end == "[DONE]"
    assert finish["choices"][0]["delta"] == {}
    assert finish["choices"][0]["finish_reason"] in ("stop", "tool_calls")
    assert stream_of(api, "/v1/messages")[-1] == {"type": "message_stop"}


def test_12_a_job_ends_with_success(api: Api) -> None:
    assert api.post("/api/create", model="mine", **{"from": NAME}).lines[-1] == {"status": "success"}
    whole = api.post("/api/create", model="other", **{"from": NAME}, stream=False)
    assert whole.json == {"status": "success"}


def test_13_no_line_is_blank_and_no_chunk_is_empty(api: Api) -> None:
    api.say(TextDelta(""), ReasoningDelta(""), *TALK)
    for path in ("/api/chat", "/api/generate"):
        body = api.post(path, **INFERENCE[path]).body
        assert b"\n\n" not in body
        assert not body.startswith(b"\n")
    pieces = [chunk["message"] for chunk in stream_of(api, "/api/chat")[:-1]]
    assert all(piece["content"] or piece.get("thinking") for piece in pieces)


def test_14_usage_without_a_choice_comes_only_when_asked_for(api: Api) -> None:
    api.say(*TALK)
    assert all(chunk["choices"] for chunk in stream_of(api, "/v1/chat/completions")[:-1])
    *_, finish, usage, _ = stream_of(api, "/v1/chat/completions", stream_options={"include_usage": True})
    assert finish["choices"][0]["finish_reason"] == "stop"
    assert usage["choices"] == []
    assert usage["usage"]["total_tokens"] == 18


def test_18_raw_harmony_comes_back_token_by_token(api: Api) -> None:
    tokens = ["<|channel|>", "analysis", "<|message|>", "Hello", " from", "<|end|>", "<|start|>", "assistant"]
    api.say(*map(TextDelta, tokens), DONE)
    prompt = "<|start|>system<|message|>Be brief.<|end|><|start|>assistant"
    answer = api.post("/api/generate", prompt=prompt, raw=True, stream=True, options={"temperature": 0.0})
    assert [line["response"] for line in answer.lines[:-1]] == tokens
    assert not any("thinking" in line for line in answer.lines)
    assert api.engine.requests[0].prompt == prompt


def test_19_the_version_is_three_numbers(api: Api) -> None:
    version = api.request("GET", "/api/version").json["version"].split(".")
    assert tuple(map(int, version)) >= (0, 13, 4)


def test_beyond_the_paths_that_clients_try(api: Api) -> None:
    for path in ("/api/chat/api/show", "/api/generate/api/show", "/v1/systemone"):
        answer = api.post(path)
        assert answer.status == 404
        assert "not found" in json.dumps(answer.json)


HEADERS = {
    "Authorization": "Bearer ollama", "x-stainless-lang": "python", "x-codex-turn": "1", "OpenAI-Beta": "responses=v1",
    "anthropic-beta": "tools", "anthropic-version": "2026-10-21", "x-api-key": "ollama", "Accept": "text/event-stream",
}  # fmt: skip


@everywhere
def test_any_header_is_ignored(api: Api, path: str) -> None:
    api.say(DONE)
    assert api.request("POST", path, {"model": NAME, **INFERENCE[path]}, HEADERS).status == 200


SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FORMATS: dict[str, list[Any]] = {
    "/api/chat": [{"format": "json"}, {"format": SCHEMA}],
    "/api/generate": [{"format": "json"}, {"format": SCHEMA}],
    "/v1/chat/completions": [
        {"response_format": {"type": "json_object"}},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA, "strict": True}}},
        {"response_format": {"type": "json_schema", "json_schema": {"schema": SCHEMA}}},
    ],
}


@pytest.mark.parametrize("path", FORMATS)
def test_20_a_format_binds_the_answer(api: Api, path: str) -> None:
    """For tools, litellm sends a format without a schema and no tools: the answer must not be a call."""
    api.say(TextDelta('{"city":"Oslo"}'), DONE)
    for fields in FORMATS[path]:
        assert api.post(path, **INFERENCE[path] | fields).status == 200
    json, *schemas = [request.response_format for request in api.engine.requests]
    assert json is not None
    assert json.schema == {"type": "object"}
    assert [format and format.schema for format in schemas] == [SCHEMA] * len(schemas)
    assert all(request.tools == () for request in api.engine.requests)


CHOICES: list[Any] = ["auto", "none", "required", {"type": "function", "function": {"name": "get_weather"}}]


def test_20_a_choice_of_tools_is_a_word_or_an_object(api: Api) -> None:
    api.say(DONE)
    for choice in CHOICES:
        fields = {"tools": [TOOL], "tool_choice": choice, "parallel_tool_calls": False, "max_tokens": 32000}
        assert (
            api.post("/v1/chat/completions", messages=HELLO, response_format={"type": "text"}, **fields).status == 200
        )
    assert [request.tool_choice.required for request in api.engine.requests] == [False, False, True, True]
