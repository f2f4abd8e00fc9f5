"""Rules that real clients rely on in OpenAI's Responses: strictly ordered events, and lenient reading of their
input."""

from itertools import pairwise
from typing import Any

import pytest

from ossia.types import Finished, Message, ReasoningDelta, TextDelta, ToolCallDelta
from tests.api.conftest import Api
from tests.doubles.scripted_engine import DONE

PATH = "/v1/responses"
HELLO: Any = [{"role": "user", "content": "Hello"}]
WEATHER: Any = {"type": "function", "name": "get_weather", "parameters": {"type": "object"}, "strict": False}
ALL = (
    ReasoningDelta("Hm"),
    TextDelta("Hi"),
    TextDelta(" there"),
    ToolCallDelta(0, "call_1", "get_weather"),
    ToolCallDelta(0, "call_1", "get_weather", '{"city":"Oslo"}'),
    Finished("tool_calls"),
)


def ask(api: Api, **body: Any) -> Any:
    answer = api.post(PATH, **{"input": HELLO} | body)
    assert answer.status == 200, answer.body
    return answer.json


def events(api: Api, **body: Any) -> list[dict[str, Any]]:
    """The events of a stream, whose `event:` lines are their types."""
    import json

    answer = api.post(PATH, **{"input": HELLO, "stream": True} | body)
    assert answer.status == 200, answer.body
    found = []
    for block in answer.body.decode().strip().split("\n\n"):
        if not block.startswith(":") and block != "data: [DONE]":
            name, data = block.split("\n")
            found.append(json.loads(data.removeprefix("data: ")))
            assert name == f"event: {found[-1]['type']}"
    return found


def test_15_the_events_of_a_stream_in_their_order(api: Api) -> None:
    api.say(*ALL)
    kinds = [event["type"].removeprefix("response.") for event in events(api, reasoning={"summary": "auto"})]
    pieces = {a: b for a, b in pairwise(kinds) if a == b}
    assert set(pieces) <= {"output_text.delta", "function_call_arguments.delta"}
    once = [kind for kind, following in pairwise([*kinds, ""]) if kind != following]
    assert once == [
        "created", "in_progress",
        "output_item.added", "reasoning_summary_part.added", "reasoning_summary_text.delta",
        "reasoning_summary_text.done", "reasoning_summary_part.done", "output_item.done",
        "output_item.added", "content_part.added", "output_text.delta", "output_text.done", "content_part.done",
        "output_item.done",
        "output_item.added", "function_call_arguments.delta", "function_call_arguments.done", "output_item.done",
        "completed",
    ]  # fmt: skip


def test_15_ids_indexes_and_numbers_fit(api: Api) -> None:
    api.say(*ALL)
    stream = events(api, reasoning={"summary": "auto"})
    assert [event["sequence_number"] for event in stream] == list(range(len(stream)))
    added = [event for event in stream if event["type"] == "response.output_item.added"]
    done = [event["item"] for event in stream if event["type"] == "response.output_item.done"]
    assert [event["output_index"] for event in added] == [0, 1, 2]
    ids = [event["item"]["id"] for event in added]
    assert ids == [item["id"] for item in done]
    assert all(event["item_id"] == ids[event["output_index"]] for event in stream if "item_id" in event)
    assert all(event.get("summary_index", 0) == event.get("content_index", 0) == 0 for event in stream)
    assert stream[-1]["response"]["output"] == done
    assert stream[0]["response"]["id"] == stream[-1]["response"]["id"]


def test_15_items_are_whole(api: Api) -> None:
    api.say(*ALL)
    whole = ask(api, reasoning={"summary": "auto"})
    assert {"id", "created_at", "model", "tools", "tool_choice", "parallel_tool_calls", "text"} <= set(whole)
    assert (whole["object"], whole["status"], whole["error"], whole["incomplete_details"]) == (
        "response",
        "completed",
        None,
        None,
    )
    thought, message, call = whole["output"]
    assert (thought["type"], thought["summary"]) == ("reasoning", [{"type": "summary_text", "text": "Hm"}])
    assert (message["type"], message["role"], message["status"]) == ("message", "assistant", "completed")
    assert [part["annotations"] for part in message["content"]] == [[]]
    assert (call["call_id"], call["name"], call["arguments"]) == ("call_1", "get_weather", '{"city":"Oslo"}')
    assert all(item["id"] for item in whole["output"])
    assert {"input_tokens", "output_tokens", "total_tokens", "input_tokens_details", "output_tokens_details"} <= set(
        whole["usage"]
    )


def prompt(api: Api) -> tuple[Message, ...]:
    told = api.engine.requests[-1].prompt
    assert not isinstance(told, str)
    return told


def test_16_items_are_referred_to_by_id(api: Api) -> None:
    """The AI SDK sends back nothing but ids in a loop of tools; an id that is not known is no error."""
    api.say(*ALL)
    references = [{"type": "item_reference", "id": item["id"]} for item in ask(api)["output"]]
    result = {"type": "function_call_output", "call_id": "call_1", "output": "rain"}
    api.say(TextDelta("It rains."), DONE)
    ask(api, input=[*HELLO, *references, result])
    assert [call.name for message in prompt(api) for call in message.tool_calls] == ["get_weather"]
    ask(api, input=[{"type": "item_reference", "id": "rs_unknown"}, *HELLO])
    assert prompt(api)[-1] == Message("user", "Hello")


CALL = {"type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": "{}"}
RESULT = {"type": "function_call_output", "call_id": "call_1", "output": "rain"}
HISTORIES: dict[str, Any] = {
    "a text": "Hello",
    "a message without a type": HELLO,
    "a message with nulls": [{"type": "message", "id": None, "status": None, "role": "user", "content": "Hello"}],
    "parts": [{"role": "user", "content": [{"type": "input_text", "text": "Hello"}]}],
    "a developer": [{"role": "developer", "content": "Be brief."}, *HELLO],
    "reasoning": [*HELLO, {"type": "reasoning", "id": "rs_1", "summary": [], "content": None, "encrypted_content": "x"},
                  CALL, RESULT],
    "reasoning with a summary": [*HELLO, {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}]},
                                 CALL, RESULT],
    "thoughts as text": [*HELLO, {"role": "assistant", "content": "<think>Hm</think>"}, CALL, RESULT],
    "a result in parts": [*HELLO, CALL, RESULT | {"output": [{"type": "input_text", "text": "rain"}]}],
    "a result without a call": [*HELLO, RESULT],
    "a call with nulls": [*HELLO, CALL | {"id": None, "status": None}, RESULT | {"id": None, "status": None}],
}  # fmt: skip


def test_16_whatever_history_is_sent(api: Api) -> None:
    api.say(DONE)
    answers = {name: api.post(PATH, input=history) for name, history in HISTORIES.items()}
    assert {name: answer.body for name, answer in answers.items() if answer.status != 200} == {}


CODEX = {
    "tools": [
        WEATHER,
        {"type": "namespace", "name": "files", "tools": [{"type": "function", "name": "read", "parameters": {}}]},
        {"type": "web_search"},
        {"type": "of_tomorrow", "setting": 1},
    ],
    "include": ["reasoning.encrypted_content"],
    "store": False,
    "parallel_tool_calls": True,
    "reasoning": {"summary": "auto", "effort": None},
    "prompt_cache_key": "key",
    "client_metadata": {"a": "b"},
    "instructions": "Be brief.",
    "truncation": "auto",
    "text": {"format": {"type": "text"}, "verbosity": "low"},
    "tool_choice": "auto",
    "stream_options": None,
    "previous_response_id": None,
}


def test_16_tools_and_fields_of_any_kind(api: Api) -> None:
    api.say(DONE)
    ask(api, **CODEX)
    assert api.engine.requests[0].tools[0].name == "get_weather"


def test_17_a_call_into_a_namespace_has_it_apart(api: Api) -> None:
    api.say(DONE)
    ask(api, **CODEX)
    name = next(tool.name for tool in api.engine.requests[0].tools if "read" in tool.name)
    api.say(ToolCallDelta(0, "call_1", name, "{}"), Finished("tool_calls"))
    (item,) = ask(api, **CODEX)["output"]
    assert (item["name"], item["namespace"]) == ("read", "files")
    done = [event["item"] for event in events(api, **CODEX) if event["type"] == "response.output_item.done"]
    assert [(item["name"], item["namespace"]) for item in done] == [("read", "files")]
    api.say(DONE)
    ask(api, **CODEX, input=[*HELLO, item, RESULT])
    assert prompt(api)[-2].tool_calls[0].name == name


@pytest.mark.parametrize("content_type", [None, "application/octet-stream"])
def test_1_2_12_bodies_names_and_ends(api: Api, content_type: str | None) -> None:
    api.say(*ALL)
    headers = {"Content-Type": content_type} if content_type else {}
    answer = api.request("POST", PATH, {"model": "GPT-oss:20B", "input": "Hello"}, headers)
    assert (answer.status, answer.json["model"]) == (200, "GPT-oss:20B")
    assert events(api)[-1]["type"] == "response.completed"


def test_5_unknown_null_and_empty_fields_are_accepted(api: Api) -> None:
    api.say(DONE)
    nulls = dict.fromkeys(
        ("tools", "temperature", "metadata", "user", "text", "reasoning", "max_output_tokens", "store")
    )
    for fields in (nulls, {"tools": [], "metadata": {}, "include": []}, {"unknown": 1, "keep_alive": "5m"}):
        ask(api, **fields)


def test_errors(api: Api) -> None:
    """An object with a message, and 400 for what no client should try again."""
    for body, status in (({"model": "absent"}, 404), ({"input": 3}, 400)):
        answer = api.post(PATH, **{"input": HELLO} | body)
        assert answer.status == status
        assert set(answer.json["error"]) == {"message", "type", "param", "code"}
