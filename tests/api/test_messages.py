"""Anthropic's Messages: what is read, what streams event by event, and the official SDK."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import anthropic
import pytest

from ossia.errors import ContextLengthExceeded, InvalidRequest, ModelCrashed, OssiaError
from ossia.server.http.body import decode
from ossia.server.protocols.anthropic.messages import parse
from ossia.server.protocols.anthropic.types import MessagesRequest
from ossia.types import (
    Finished,
    GenerateRequest,
    Message,
    ReasoningDelta,
    Started,
    TextDelta,
    Tool,
    ToolCall,
    ToolCallDelta,
    Usage,
)
from tests.api.conftest import NAME, Answer, Api
from tests.api.test_parsing import MODEL
from tests.doubles.scripted_engine import DONE, Hang
from tests.waiting import PATIENCE

HELLO: list[dict[str, Any]] = [{"role": "user", "content": "Hello"}]
USAGE = {
    "input_tokens": 8,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 3,
    "output_tokens": 7,
}
WEATHER = ToolCallDelta(0, "call_1", "get_weather", '{"city": ')


@pytest.fixture
def client(api: Api) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=api.url, api_key="ollama", max_retries=0) as client:
        yield client


def read(**body: Any) -> GenerateRequest:
    sent = {"model": "m", "max_tokens": 5, "messages": HELLO, **body}
    return parse(decode(json.dumps(sent).encode(), MessagesRequest), MODEL)


def post(api: Api, **body: Any) -> Answer:
    return api.post("/v1/messages", **{"max_tokens": 5, "messages": HELLO, **body})


def events(answer: Answer) -> list[tuple[str, Any]]:
    """Names and data; comments left out. The name must be the data's type."""
    found: list[tuple[str, Any]] = []
    for block in answer.body.decode().removesuffix("\n\n").split("\n\n"):
        if not block.startswith(":"):
            name, data = block.split("\n")
            value = Answer(200, answer.headers, data.removeprefix("data: ").encode()).json
            assert name == f"event: {value['type']}"
            found.append((value.pop("type"), value))
    return found


# ---- requests


def test_a_conversation_with_tools_and_thinking() -> None:
    request = read(
        system=[{"type": "text", "text": "Be brief."}, {"type": "text", "text": "Be kind.", "cache_control": {}}],
        messages=[
            {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "I must look.", "signature": "x"},
                    {"type": "redacted_thinking", "data": "x"},
                    {"type": "text", "text": "Let me see."},
                    {"type": "tool_use", "id": "a", "name": "get_weather", "input": {"city": "Zürich"}},
                    {"type": "tool_use", "id": "b", "name": "get_time", "input": {}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "b", "content": [{"type": "text", "text": "noon"}]},
                    {"type": "text", "text": "Well?"},
                    {"type": "tool_result", "tool_use_id": "a", "content": "no network", "is_error": True},
                ],
            },
        ],
        tools=[{"name": "get_weather", "description": "The weather", "input_schema": {"type": "object"}}],
    )
    assert request.prompt == (
        Message("system", "Be brief.\nBe kind."),
        Message("user", "Weather?"),
        Message(
            "assistant",
            "Let me see.",
            "I must look.",
            (ToolCall("a", "get_weather", '{"city":"Zürich"}'), ToolCall("b", "get_time", "{}")),
        ),
        Message("tool", "noon", tool_call_id="b", name="get_time"),
        Message("tool", "Error: no network\n\nWell?", tool_call_id="a", name="get_weather"),
    )
    assert request.tools == (Tool("get_weather", "The weather", {"type": "object"}),)


def test_a_conversation_that_says_nothing_begins_with_the_models_system() -> None:
    """It was an IndexError where the model has a SYSTEM."""
    assert read(messages=[{"role": "user"}]).prompt == (Message("system", MODEL.system),)


def test_sampling() -> None:
    sampling = read(temperature=0.5, top_p=0.9, top_k=7, stop_sequences=["a", "b"], metadata={"user_id": "x"}).sampling
    assert (sampling.temperature, sampling.top_p, sampling.top_k) == (0.5, 0.9, 7)
    assert (sampling.stop, sampling.max_tokens) == (("a", "b"), 5)


@pytest.mark.parametrize(
    ("fields", "effort"),
    [
        ({}, "medium"),
        ({"thinking": {"type": "disabled"}}, "none"),
        ({"thinking": {"type": "adaptive"}}, "medium"),
        ({"thinking": {"type": "enabled", "budget_tokens": 1024}}, "low"),
        ({"thinking": {"type": "enabled", "budget_tokens": 4096}}, "medium"),
        ({"thinking": {"type": "enabled", "budget_tokens": 32000}}, "high"),
        ({"output_config": {"effort": "low"}}, "low"),
        ({"output_config": {"effort": "xhigh"}}, "high"),
        ({"output_config": {"effort": "max"}, "thinking": {"type": "disabled"}}, "none"),
    ],
)
def test_effort(fields: dict[str, Any], effort: str) -> None:
    assert read(**fields).reasoning_effort == effort


def test_what_another_server_did_is_left_out() -> None:
    search = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}}
    found = {"type": "web_search_tool_result", "tool_use_id": "s", "content": []}
    answer = {"role": "assistant", "content": [search, found, {"type": "text", "text": "Found."}]}
    request = read(messages=[{"role": "user", "content": "?"}, answer, {"role": "user", "content": "And?"}])
    assert request.prompt[-3:] == (Message("user", "?"), Message("assistant", "Found."), Message("user", "And?"))


def test_thinking_may_be_left_out_of_the_answer(api: Api) -> None:
    api.say(ReasoningDelta("Hm"), TextDelta("Hi"), DONE)
    body: Any = {"messages": [{"role": "user", "content": "?"}], "max_tokens": 9}
    body["thinking"] = {"type": "enabled", "budget_tokens": 1024, "display": "omitted"}
    thought, text = api.post("/v1/messages", **body).json["content"]
    assert (thought["type"], thought["thinking"], bool(thought["signature"])) == ("thinking", "", True)
    assert text["text"] == "Hi"
    assert b"Hm" not in api.post("/v1/messages", **body, stream=True).body


def test_a_choice_of_no_tool_shows_none() -> None:
    tools = [{"name": "f", "input_schema": {"type": "object"}}]
    assert read(tools=tools, tool_choice={"type": "none"}).tools == ()
    assert len(read(tools=tools, tool_choice={"type": "auto", "disable_parallel_tool_use": True}).tools) == 1


@pytest.mark.parametrize(
    ("kind", "commands"),
    [
        ("bash_20250124", None),
        ("text_editor_20241022", ["view", "create", "str_replace", "insert", "undo_edit"]),
        ("text_editor_20250124", ["view", "create", "str_replace", "insert", "undo_edit"]),
        ("text_editor_20250429", ["view", "create", "str_replace", "insert"]),
        ("text_editor_20250728", ["view", "create", "str_replace", "insert"]),
        ("memory_20250818", ["view", "create", "str_replace", "insert", "delete", "rename"]),
    ],
)
def test_tools_that_anthropic_defines_and_clients_run(kind: str, commands: list[str] | None) -> None:
    """The model must be told their parameters: a request does not have them."""
    (tool,) = read(tools=[{"type": kind, "name": "theirs", "max_characters": 10_000}]).tools
    assert (tool.name, bool(tool.description)) == ("theirs", True)
    assert tool.parameters is not None
    assert tool.parameters["properties"]["command"].get("enum") == commands


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"max_tokens": None}, "max_tokens is required"),
        ({"max_tokens": 0}, "max_tokens must be positive"),
        ({"messages": []}, "messages is required"),
        ({"messages": [{"role": "king", "content": "x"}]}, "messages[0].role must be user or assistant"),
        ({"messages": [{"role": "user", "content": [{"type": "image"}]}]}, "messages[0].content[0].type: content of"),
        ({"temperature": 1.5}, "temperature must be between 0 and 1"),
        ({"thinking": {"type": "often"}}, "thinking.type must be"),
        ({"output_config": {"effort": "huge"}}, "output_config.effort must be"),
        ({"tools": [{"type": "computer_20250124", "name": "c"}]}, "tools[0].type: the tool 'computer_20250124'"),
        ({"tools": [{"name": ""}]}, "tools[0].name is required"),
        ({"tool_choice": {"type": "any"}}, "tool_choice asks for a call, but the request has no tools"),
        ({"tool_choice": {"type": "all"}}, "tool_choice.type: 'all' is not supported"),
        ({"output_config": {"format": {"type": "json_schema"}}}, "output_config.format.schema is required"),
    ],
)
def test_what_cannot_be_asked(api: Api, fields: dict[str, Any], error: str) -> None:
    answer = post(api, **fields)
    assert answer.status == 400
    assert answer.json["type"] == "error"
    assert answer.json["error"]["type"] == "invalid_request_error"
    assert answer.json["error"]["message"].startswith(error)
    assert answer.json["request_id"] == answer.headers["request-id"]
    with pytest.raises(InvalidRequest):
        read(**fields)


# ---- answers


def test_an_answer(api: Api) -> None:
    api.say(ReasoningDelta("Hm"), ReasoningDelta("m."), TextDelta("Hel"), TextDelta("lo"), DONE)
    answer = post(api).json
    assert answer.pop("id").startswith("msg_")
    assert answer == {
        "type": "message",
        "role": "assistant",
        "model": NAME,
        "content": [
            {"type": "thinking", "thinking": "Hmm.", "signature": "b3NzaWE="},
            {"type": "text", "text": "Hello"},
        ],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": USAGE,
    }


@pytest.mark.parametrize(
    ("finished", "reason", "sequence"),
    [
        (DONE, "end_turn", None),
        (replace(DONE, reason="length"), "max_tokens", None),
        (replace(DONE, stop_string="END"), "stop_sequence", "END"),
        (replace(DONE, reason="tool_calls"), "tool_use", None),
    ],
)
def test_stop_reasons(api: Api, finished: Finished, reason: str, sequence: str | None) -> None:
    api.say(TextDelta("x"), finished)
    answer, streamed = post(api).json, events(post(api, stream=True))
    assert (answer["stop_reason"], answer["stop_sequence"]) == (reason, sequence)
    name, last = streamed[-2]
    assert (name, last["delta"]) == ("message_delta", {"stop_reason": reason, "stop_sequence": sequence})


def test_calls(api: Api) -> None:
    api.say(WEATHER, replace(WEATHER, arguments='"Bern"}'), replace(DONE, reason="tool_calls"))
    (block,) = post(api, tools=[{"name": "get_weather", "input_schema": {}}]).json["content"]
    assert block == {"type": "tool_use", "id": "call_1", "name": "get_weather", "input": {"city": "Bern"}}


def test_a_call_that_the_limit_cut_off_has_no_input(api: Api) -> None:
    api.say(WEATHER, replace(DONE, reason="length"))
    answer = post(api).json
    assert (answer["content"][0]["input"], answer["stop_reason"]) == ({}, "max_tokens")


# ---- streams


def test_a_stream_of_thinking_text_and_calls(api: Api) -> None:
    second = ToolCallDelta(1, "call_2", "get_time", "{}")
    api.say(
        Started(Usage(11, cached_tokens=3)),
        *(ReasoningDelta("Hm"), ReasoningDelta(""), ReasoningDelta("m."), TextDelta("Hel"), TextDelta("lo")),
        *(WEATHER, replace(WEATHER, arguments='"Bern"}'), second, replace(DONE, reason="tool_calls")),
    )
    begin, *rest = events(post(api, stream=True))
    assert begin[0] == "message_start"
    assert begin[1]["message"].pop("id").startswith("msg_")
    assert begin[1]["message"] == {
        "type": "message",
        "role": "assistant",
        "model": NAME,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": dict.fromkeys(USAGE, 0) | {"input_tokens": 8, "cache_read_input_tokens": 3},
    }

    def start(index: int, **block: Any) -> tuple[str, Any]:
        return "content_block_start", {"index": index, "content_block": block}

    def delta(index: int, **delta: str) -> tuple[str, Any]:
        return "content_block_delta", {"index": index, "delta": delta}

    def stop(index: int) -> tuple[str, Any]:
        return "content_block_stop", {"index": index}

    assert rest == [
        ("ping", {}),
        start(0, type="thinking", thinking="", signature=""),
        delta(0, type="thinking_delta", thinking="Hm"),
        delta(0, type="thinking_delta", thinking="m."),
        delta(0, type="signature_delta", signature="b3NzaWE="),
        stop(0),
        start(1, type="text", text=""),
        delta(1, type="text_delta", text="Hel"),
        delta(1, type="text_delta", text="lo"),
        stop(1),
        start(2, type="tool_use", id="call_1", name="get_weather", input={}),
        delta(2, type="input_json_delta", partial_json='{"city": '),
        delta(2, type="input_json_delta", partial_json='"Bern"}'),
        stop(2),
        start(3, type="tool_use", id="call_2", name="get_time", input={}),
        delta(3, type="input_json_delta", partial_json="{}"),
        stop(3),
        ("message_delta", {"delta": {"stop_reason": "tool_use", "stop_sequence": None}, "usage": USAGE}),
        ("message_stop", {}),
    ]


def test_an_empty_stream_is_whole(api: Api) -> None:
    api.say(DONE)
    assert [name for name, _ in events(post(api, stream=True))] == [
        "message_start",
        "ping",
        "message_delta",
        "message_stop",
    ]


def test_an_error_after_the_first_byte_is_an_event(api: Api) -> None:
    api.say(TextDelta("Hel"), Finished("error", error=ModelCrashed("it died")))
    answer = post(api, stream=True)
    name, data = events(answer)[-1]
    assert (answer.status, name) == (200, "error")
    assert data == {"error": {"type": "api_error", "message": "it died"}, "request_id": answer.headers["request-id"]}


@pytest.mark.parametrize("stream", [False, True])
def test_an_error_before_it_is_a_status(api: Api, stream: bool) -> None:
    api.say(ContextLengthExceeded(9000, 8192))
    answer = post(api, stream=stream)
    assert (answer.status, answer.json["error"]["message"]) == (400, "prompt is too long: 9000 tokens > 8192 maximum")


def test_a_client_that_leaves_ends_the_answer(api: Api) -> None:
    api.say(TextDelta("Hel"), Hang())
    connection = api.connect()
    connection.request(
        "POST",
        "/v1/messages",
        f'{{"model": "{NAME}", "max_tokens": 5, "stream": true, "messages": [{{"role": "user", "content": "x"}}]}}',
    )
    response = connection.getresponse()
    assert response.readline() == b"event: message_start\n"
    response.close()
    connection.close()
    assert api.engine.aborted.wait(PATIENCE)


# ---- the official SDK


def test_the_sdk_creates(api: Api, client: anthropic.Anthropic) -> None:
    api.say(ReasoningDelta("Hmm."), TextDelta("Hello"), DONE)
    message = client.messages.create(model=NAME, max_tokens=5, messages=[{"role": "user", "content": "Hi"}])
    thinking, text = message.content
    assert (thinking.type, text.type) == ("thinking", "text")
    assert (text.text, message.stop_reason, message.usage.input_tokens) == ("Hello", "end_turn", 8)


def test_the_sdk_streams_a_tool_loop(api: Api, client: anthropic.Anthropic) -> None:
    tool: Any = {"name": "get_weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}
    messages: list[Any] = [{"role": "user", "content": "Weather?"}]
    api.say(ReasoningDelta("Hm"), WEATHER, replace(WEATHER, arguments='"Bern"}'), replace(DONE, reason="tool_calls"))
    with client.messages.stream(model=NAME, max_tokens=5, messages=messages, tools=[tool]) as stream:
        first = stream.get_final_message()
    call = first.content[-1]
    assert call.type == "tool_use"
    assert (call.name, call.input, first.stop_reason) == ("get_weather", {"city": "Bern"}, "tool_use")
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}
    messages += [{"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
    api.say(TextDelta("It is "), TextDelta("sunny."), DONE)
    with client.messages.stream(model=NAME, max_tokens=5, messages=messages, tools=[tool]) as stream:
        assert "".join(stream.text_stream) == "It is sunny."
    assert api.engine.requests[-1].prompt[1:] == (
        Message("assistant", "", "Hm", (ToolCall("call_1", "get_weather", '{"city":"Bern"}'),)),
        Message("tool", "sunny", tool_call_id="call_1", name="get_weather"),
    )


def test_the_sdk_counts(client: anthropic.Anthropic) -> None:
    counted = client.messages.count_tokens(
        model=NAME, system="Be brief.", messages=[{"role": "user", "content": "Hello"}]
    )
    assert counted.input_tokens == len("Be brief.") + len("Hello")


@pytest.mark.parametrize(
    ("failure", "raised", "kind"),
    [
        (InvalidRequest("no"), anthropic.BadRequestError, "invalid_request_error"),
        (ModelCrashed("it died"), anthropic.InternalServerError, "api_error"),
    ],
)
def test_the_sdk_raises_what_it_should(
    api: Api, client: anthropic.Anthropic, failure: OssiaError, raised: type[anthropic.APIStatusError], kind: str
) -> None:
    api.say(failure)
    with pytest.raises(raised) as caught:
        client.messages.create(model=NAME, max_tokens=5, messages=[{"role": "user", "content": "Hi"}])
    assert caught.value.body == {
        "type": "error",
        "error": {"type": kind, "message": failure.message},
        "request_id": caught.value.request_id,
    }


def test_an_unknown_model(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError, match="model 'absent' not found"):
        client.messages.create(model="absent", max_tokens=5, messages=[{"role": "user", "content": "Hi"}])
