"""Demands of a request, in every API's words: JSON, a call, no call, one call, several answers."""

from typing import Any

import openai
import pytest

from ossia.types import (
    ANY_OBJECT,
    Finished,
    Grammar,
    Message,
    ResponseFormat,
    TextDelta,
    Tool,
    ToolCall,
    ToolCallDelta,
    ToolChoice,
    Usage,
)
from tests.api.conftest import NAME, Api
from tests.doubles.scripted_engine import DONE

HELLO: list[Any] = [{"role": "user", "content": "Hello"}]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FUNCTION = {"type": "function", "function": {"name": "f", "parameters": SCHEMA}}
OTHER = {"type": "function", "function": {"name": "g"}}

REQUESTS: dict[str, Any] = {
    "/v1/chat/completions": {"messages": HELLO},
    "/v1/completions": {"prompt": "Hello"},
    "/v1/responses": {"input": "Hello"},
    "/v1/messages": {"messages": HELLO, "max_tokens": 9},
    "/api/chat": {"messages": HELLO},
    "/api/generate": {"prompt": "Hello"},
}


def asked(api: Api, path: str, **body: Any) -> Any:
    api.say(TextDelta('{"city":"Oslo"}'), DONE)
    answer = api.post(path, stream=False, **body)
    assert answer.status == 200, answer.json
    return api.engine.requests[-1]


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        (None, None),
        ({"type": "text"}, None),
        ({"type": "json_object"}, ANY_OBJECT),
        (
            {"type": "json_schema", "json_schema": {"name": "place", "description": "Where.", "schema": SCHEMA}},
            ResponseFormat(SCHEMA, "place", "Where."),
        ),
        ({"type": "json_schema", "json_schema": {"schema": SCHEMA, "strict": True}}, ResponseFormat(SCHEMA)),
    ],
)
def test_a_format_of_chat_completions(api: Api, format: Any, expected: Any) -> None:
    request = asked(api, "/v1/chat/completions", messages=HELLO, response_format=format)
    assert request.response_format == expected


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/chat/completions", "response_format"),
        ("/v1/completions", "response_format"),
        ("/v1/responses", "text.format"),
        ("/v1/messages", "output_config.format"),
        ("/v1/messages", "output_format"),
    ],
)
@pytest.mark.parametrize("kind", ["", "xml"])
def test_a_format_of_another_type_is_refused_by_its_path(api: Api, path: str, field: str, kind: str) -> None:
    """Also one of no name: only an absent type means text."""
    outer, _, inner = field.partition(".")
    format: Any = {inner: {"type": kind}} if inner else {"type": kind}
    answer = api.post(path, **REQUESTS[path], **{outer: format})
    assert answer.status == 400
    assert answer.json["error"]["message"] == f"{field}.type must be text, json_object or json_schema"
    assert not api.loads


@pytest.mark.parametrize("path", ["/api/chat", "/api/generate"])
@pytest.mark.parametrize(
    ("format", "expected"),
    [(None, None), ("", None), ({}, ResponseFormat({})), ("json", ANY_OBJECT), (SCHEMA, ResponseFormat(SCHEMA))],
)
def test_a_format_of_ollamas(api: Api, path: str, format: Any, expected: Any) -> None:
    assert asked(api, path, messages=HELLO, prompt="Hello", format=format).response_format == expected


@pytest.mark.parametrize(
    "body",
    [
        {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
        {"output_format": {"type": "json_schema", "schema": SCHEMA}},
    ],
)
def test_a_format_of_messages(api: Api, body: Any) -> None:
    request = asked(api, "/v1/messages", messages=HELLO, max_tokens=9, **body)
    assert request.response_format == ResponseFormat(SCHEMA)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("auto", ToolChoice()),
        ("required", ToolChoice(required=True)),
        ({"type": "function", "function": {"name": "f"}}, ToolChoice(("f",), required=True)),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [OTHER]}},
            ToolChoice(("g",), required=False),
        ),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [OTHER, FUNCTION]}},
            ToolChoice(("g", "f"), required=True),
        ),
    ],
)
def test_a_choice_of_tools(api: Api, choice: Any, expected: ToolChoice) -> None:
    request = asked(api, "/v1/chat/completions", messages=HELLO, tools=[FUNCTION, OTHER], tool_choice=choice)
    assert request.tool_choice == expected
    assert len(request.tools) == 2


@pytest.mark.parametrize("path", REQUESTS)
def test_think_false_is_off_on_every_route(api: Api, path: str) -> None:
    body = REQUESTS[path]
    assert asked(api, path, think=False, **body).reasoning_effort == "none"
    assert asked(api, path, think=True, **body).reasoning_effort == "medium"


def test_one_call_at_most(api: Api) -> None:
    request = asked(api, "/v1/chat/completions", messages=HELLO, tools=[FUNCTION], parallel_tool_calls=False)
    assert request.tool_choice == ToolChoice(parallel=False)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({"type": "any"}, ToolChoice(required=True)),
        ({"type": "tool", "name": "f"}, ToolChoice(("f",), required=True)),
        ({"type": "auto", "disable_parallel_tool_use": True}, ToolChoice(parallel=False)),
        ("auto", ToolChoice()),
        ("any", ToolChoice(required=True)),
        ({"type": "function", "function": {"name": "f"}}, ToolChoice(("f",), required=True)),
    ],
)
def test_a_choice_of_messages(api: Api, choice: Any, expected: ToolChoice) -> None:
    tools = [{"name": "f", "input_schema": SCHEMA, "strict": True}]
    request = asked(api, "/v1/messages", messages=HELLO, max_tokens=9, tools=tools, tool_choice=choice)
    assert request.tool_choice == expected
    assert request.tools == (Tool("f", parameters=SCHEMA, strict=True),)


WORDS: list[tuple[Any, ToolChoice | None]] = [
    ({"type": "auto"}, ToolChoice()),
    ({"type": "none"}, None),
    ({"type": "required"}, ToolChoice(required=True)),
    ({"type": "any"}, ToolChoice(required=True)),
    ("any", ToolChoice(required=True)),
    ({}, ToolChoice()),
    ({"type": "tool", "name": "f"}, ToolChoice(("f",), required=True)),
    ({"type": "function", "name": "f"}, ToolChoice(("f",), required=True)),
    ({"type": "function", "function": {"name": "f"}}, ToolChoice(("f",), required=True)),
    ({"name": "f"}, ToolChoice(("f",), required=True)),
]


@pytest.mark.parametrize(
    ("path", "body", "tool"),
    [
        ("/v1/chat/completions", {"messages": HELLO}, FUNCTION),
        ("/v1/messages", {"messages": HELLO, "max_tokens": 9}, {"name": "f", "input_schema": SCHEMA}),
        ("/v1/responses", {"input": "Hi", "store": False}, {"type": "function", "name": "f"}),
    ],
)
def test_every_word_of_a_choice_on_every_api(api: Api, path: str, body: Any, tool: Any) -> None:
    """Clients put words into objects, and one API's words into another's field."""
    for choice, expected in WORDS:
        request = asked(api, path, **body, tools=[tool], tool_choice=choice)
        assert request.tool_choice == (expected or ToolChoice()), choice
        assert bool(request.tools) == (expected is not None)


@pytest.mark.parametrize("seed", [2**63 - 1, 2**63, 9223372036854776000, 1e20, 2**64, 10**40])
def test_a_seed_of_any_size(api: Api, seed: float) -> None:
    request = asked(api, "/v1/chat/completions", messages=HELLO, seed=seed)
    assert request.sampling.seed == int(seed) % 2**63
    request = asked(api, "/api/chat", messages=HELLO, options={"seed": seed})
    assert request.sampling.seed == int(seed) % 2**63


def test_a_negative_seed_is_none(api: Api) -> None:
    assert asked(api, "/v1/chat/completions", messages=HELLO, seed=-(2**70)).sampling.seed is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/chat/completions", {"messages": HELLO, "response_format": {"type": "json_object", "schema": SCHEMA}}),
        ("/v1/chat/completions", {"messages": HELLO, "response_format": {"type": "json_schema", "schema": SCHEMA}}),
        (
            "/v1/chat/completions",
            {"messages": HELLO, "response_format": {"type": "json_object", "json_schema": {"schema": SCHEMA}}},
        ),
        ("/v1/responses", {"input": "Hi", "text": {"format": {"type": "json_object", "schema": SCHEMA}}}),
        (
            "/v1/messages",
            {"messages": HELLO, "max_tokens": 9, "output_format": {"type": "json_object", "schema": SCHEMA}},
        ),
    ],
)
def test_an_object_with_a_schema(api: Api, path: str, body: Any) -> None:
    assert asked(api, path, **body).response_format == ResponseFormat(SCHEMA)


OLDER = {"functions": [{"name": "f", "parameters": SCHEMA}]}


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, ToolChoice(parallel=False)),
        ("auto", ToolChoice(parallel=False)),
        ("none", None),
        ({"name": "f"}, ToolChoice(("f",), required=True, parallel=False)),
    ],
)
def test_functions_are_tools(api: Api, choice: Any, expected: ToolChoice | None) -> None:
    request = asked(api, "/v1/chat/completions", messages=HELLO, **OLDER, function_call=choice)
    assert request.tool_choice == (expected or ToolChoice())
    assert request.tools == ((Tool("f", parameters=SCHEMA),) if expected else ())


def test_functions_are_answered_by_one_function_call(api: Api, openai_client: openai.OpenAI) -> None:
    api.say(ToolCallDelta(0, "call_1", "f"), ToolCallDelta(0, "call_1", "f", "{}"), Finished("tool_calls", Usage(1, 1)))
    asking: Any = {"model": NAME, "messages": HELLO, **OLDER}
    choice = openai_client.chat.completions.create(**asking).choices[0]
    call = choice.message.function_call
    assert (choice.finish_reason, choice.message.tool_calls, call and (call.name, call.arguments)) == (
        "function_call",
        None,
        ("f", "{}"),
    )
    chunks = [chunk.choices[0] for chunk in openai_client.chat.completions.create(**asking, stream=True)]
    pieces = [chunk.delta.function_call for chunk in chunks if chunk.delta.function_call]
    assert [(piece.name, piece.arguments) for piece in pieces] == [("f", ""), (None, "{}")]
    assert chunks[-1].finish_reason == "function_call"


def test_function_calls_of_a_history_are_read(api: Api) -> None:
    call = {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": '{"a":1}'}}
    result = {"role": "function", "name": "f", "content": "2"}
    prompt = asked(api, "/v1/chat/completions", messages=[*HELLO, call, result]).prompt
    assert prompt[1:] == (
        Message("assistant", tool_calls=(ToolCall("", "f", '{"a":1}'),)),
        Message("tool", "2", name="f"),
    )


@pytest.mark.parametrize(
    "choice",
    [
        {"type": "function", "function": {"name": "h"}},
        {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [{"function": {"name": "h"}}]}},
    ],
)
def test_a_choice_of_a_tool_that_is_not_there(api: Api, choice: Any) -> None:
    answer = api.post("/v1/chat/completions", messages=HELLO, tools=[FUNCTION], tool_choice=choice)
    assert answer.status == 400
    assert "names the tool 'h'" in answer.json["error"]["message"]
    assert not api.loads


CUSTOM = {
    "type": "custom",
    "custom": {
        "name": "sql",
        "description": "Runs a query.",
        "format": {"type": "grammar", "grammar": {"syntax": "regex", "definition": "SELECT .*"}},
    },
}


def test_a_tool_that_takes_text(api: Api, openai_client: openai.OpenAI) -> None:
    api.say(ToolCallDelta(0, "call_1", "sql"), ToolCallDelta(0, "call_1", "sql", "SELECT 1"), DONE)
    tools: Any = [CUSTOM]
    answer = openai_client.chat.completions.create(model=NAME, messages=HELLO, tools=tools).choices[0].message
    assert answer.tool_calls is not None
    call = answer.tool_calls[0]
    assert call.type == "custom"
    assert (call.custom.name, call.custom.input) == ("sql", "SELECT 1")
    grammar = Grammar("regex", "SELECT .*")
    assert api.engine.requests[-1].tools == (Tool("sql", "Runs a query.", takes_text=True, grammar=grammar),)

    said: Any = [*HELLO, answer, {"role": "tool", "tool_call_id": "call_1", "content": "1"}]
    openai_client.chat.completions.create(model=NAME, messages=said, tools=tools)
    assert api.engine.requests[-1].prompt[1] == Message(
        "assistant", tool_calls=(ToolCall("call_1", "sql", "SELECT 1"),)
    )


def test_a_text_call_streams_its_input(api: Api) -> None:
    api.say(ToolCallDelta(0, "call_1", "sql"), ToolCallDelta(0, "call_1", "sql", "SELECT"), DONE)
    events = api.post("/v1/chat/completions", messages=HELLO, tools=[CUSTOM], stream=True).events
    calls = [event["choices"][0]["delta"]["tool_calls"][0] for event in events[:2]]
    assert calls == [
        {"index": 0, "id": "call_1", "type": "custom", "custom": {"name": "sql", "input": ""}},
        {"index": 0, "custom": {"input": "SELECT"}},
    ]


def test_several_answers(api: Api) -> None:
    """One prompt is counted once, all answers are; each draws from its own seed."""
    api.say(TextDelta("Hi."), DONE)
    answer = api.post("/v1/chat/completions", messages=HELLO, n=3, seed=7).json
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2]
    assert {choice["message"]["content"] for choice in answer["choices"]} == {"Hi."}
    assert [request.sampling.seed for request in api.engine.requests] == [7, 8, 9]
    one: Usage = DONE.usage
    assert answer["usage"]["prompt_tokens"] == one.prompt_tokens
    assert answer["usage"]["completion_tokens"] == 3 * one.completion_tokens
    assert answer["usage"]["total_tokens"] == one.prompt_tokens + 3 * one.completion_tokens


def test_several_answers_as_a_stream(api: Api, openai_client: openai.OpenAI) -> None:
    api.say(TextDelta("Hi"), TextDelta("."), DONE)
    stream = openai_client.chat.completions.create(
        model=NAME, messages=HELLO, n=4, stream=True, stream_options={"include_usage": True}
    )
    texts, ends, ids = [""] * 4, list[int](), set[str]()
    *chunks, last = stream
    for chunk in chunks:
        ids.add(chunk.id)
        choice = chunk.choices[0]
        texts[choice.index] += choice.delta.content or ""
        ends += [choice.index] if choice.finish_reason else []
    assert texts == ["Hi."] * 4
    assert sorted(ends) == [0, 1, 2, 3]
    assert len(ids) == 1
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.completion_tokens == 4 * DONE.usage.completion_tokens


def test_one_of_several_answers_that_fails_ends_them_all(api: Api) -> None:
    api.say(TextDelta("Hi"), ValueError("a bug"))
    answer = api.post("/v1/chat/completions", messages=HELLO, n=3)
    assert answer.status == 500
    api.say(TextDelta("Hi"), ValueError("a bug"))
    *_, error, done = api.post("/v1/chat/completions", messages=HELLO, n=3, stream=True).events
    assert (error["error"]["type"], done) == ("api_error", "[DONE]")
