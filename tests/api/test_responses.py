"""OpenAI's Responses: what is asked, what is answered, and what comes after it."""

from dataclasses import replace
from typing import Any

import openai
import pytest
from pydantic import BaseModel

from ossia.errors import ContextLengthExceeded, ModelCrashed
from ossia.server.http.body import convert
from ossia.server.protocols.responses.items import read_items
from ossia.server.protocols.responses.parse import Earlier, parse
from ossia.server.protocols.responses.types import ResponseRequest
from ossia.types import (
    ANY_OBJECT,
    Finished,
    GenerateRequest,
    Grammar,
    Message,
    ReasoningDelta,
    ResponseFormat,
    SamplingParams,
    TextDelta,
    TokenLogprob,
    Tool,
    ToolCall,
    ToolCallDelta,
    ToolChoice,
)
from tests.api.conftest import NAME, Answer, Api
from tests.api.test_parsing import MODEL
from tests.doubles.scripted_engine import DONE

PATH = "/v1/responses"
WEATHER: Any = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather",
    "parameters": {"type": "object"},
}
CALLED = replace(DONE, reason="tool_calls")


def read(**fields: Any) -> GenerateRequest:
    body = convert({"model": NAME, "input": "Hello", **fields}, ResponseRequest)
    return parse(body, replace(MODEL, system="", parameters={}), read_items(body.input), Earlier())[0]


def ask(api: Api, **body: Any) -> Answer:
    return api.post(PATH, **{"input": "Hello", **body})


def get(api: Api, id: str, more: str = "") -> Answer:
    return api.request("GET", f"{PATH}/{id}{more}")


# ---- requests


def test_the_items_of_a_conversation() -> None:
    request = read(
        instructions="Be brief.",
        input=[
            {"role": "developer", "content": "Be kind."},
            {"role": "user", "content": [{"type": "input_text", "text": "Wea"}, {"type": "text", "text": "ther?"}]},
            {"type": "reasoning", "id": "rs_1", "summary": [], "content": None, "encrypted_content": "I must look."},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Let me see."}]},
            {"type": "function_call", "call_id": "a", "name": "get_weather", "arguments": '{"city":"Bern"}'},
            {"type": "custom_tool_call", "call_id": "b", "name": "patch", "input": "*** Begin"},
            {"type": "function_call", "call_id": "c", "name": "look", "namespace": "mcp", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "a", "output": [{"type": "input_text", "text": "rain"}]},
            {"type": "custom_tool_call_output", "call_id": "b", "output": "done"},
            {"type": "function_call_output", "call_id": "c", "output": "nothing"},
            {"type": "web_search_call", "id": "ws_1", "status": "completed"},
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "So it"}], "encrypted_content": "x"},
            {"type": "message", "role": "assistant", "content": "It rains."},
            {"type": "reasoning", "summary": [], "encrypted_content": "gAAAAABo"},
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
            {"role": "user", "content": "Well?", "id": None, "status": None},
        ],
    )
    assert request.prompt == (
        Message("system", "Be brief."),
        Message("developer", "Be kind."),
        Message("user", "Wea\nther?"),
        Message(
            "assistant",
            "Let me see.",
            "I must look.",
            (
                ToolCall("a", "get_weather", '{"city":"Bern"}'),
                ToolCall("b", "patch", "*** Begin"),
                ToolCall("c", "mcp__look", "{}"),
            ),
        ),
        Message("tool", "rain", tool_call_id="a", name="get_weather"),
        Message("tool", "done", tool_call_id="b", name="patch"),
        Message("tool", "nothing", tool_call_id="c", name="mcp__look"),
        Message("assistant", "It rains.", "So it"),
        Message("assistant", "No."),
        Message("user", "Well?"),
    )


def test_tools() -> None:
    request = read(
        tools=[
            WEATHER,
            {"type": "web_search", "search_context_size": "low"},
            {"type": "web_search_preview"},
            {"type": "custom", "name": "say", "description": "Any text"},
            {
                "type": "custom",
                "name": "patch",
                "format": {"type": "grammar", "syntax": "lark", "definition": "start: X"},
            },
            {"type": "namespace", "name": "mcp", "description": "", "tools": [{"type": "function", "name": "look"}]},
        ],
        parallel_tool_calls=False,
    )
    assert request.tools == (
        Tool("get_weather", "The weather", {"type": "object"}),
        Tool("say", "Any text", takes_text=True),
        Tool("patch", takes_text=True, grammar=Grammar("lark", "start: X")),
        Tool("mcp__look"),
    )
    assert request.tool_choice == ToolChoice(parallel=False)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("auto", ToolChoice()),
        ("required", ToolChoice(required=True)),
        ({"type": "function", "name": "get_weather"}, ToolChoice(("get_weather",), required=True)),
        ({"type": "custom", "name": "say"}, ToolChoice(("say",), required=True)),
        ({"type": "function", "name": "look", "namespace": "mcp"}, ToolChoice(("mcp__look",), required=True)),
        (
            {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "get_weather"}]},
            ToolChoice(("get_weather",)),
        ),
        (
            {"type": "allowed_tools", "mode": "required", "tools": [{"type": "custom", "name": "say"}]},
            ToolChoice(("say",), required=True),
        ),
    ],
)
def test_the_choice_of_tools(choice: Any, expected: ToolChoice) -> None:
    members = {"type": "namespace", "name": "mcp", "tools": [{"type": "function", "name": "look"}]}
    assert read(tools=[WEATHER, {"type": "custom", "name": "say"}, members], tool_choice=choice).tool_choice == expected


def test_no_tool_is_shown_when_none_may_be_called() -> None:
    assert read(tools=[WEATHER], tool_choice="none").tools == ()


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        ({"type": "text"}, None),
        ({"type": "json_object"}, ANY_OBJECT),
        (
            {
                "type": "json_schema",
                "name": "day",
                "description": "A day",
                "strict": True,
                "schema": {"type": "object"},
            },
            ResponseFormat({"type": "object"}, "day", "A day"),
        ),
        ({"type": "json_schema", "schema": True}, ResponseFormat(True)),
    ],
)
def test_formats(format: Any, expected: ResponseFormat | None) -> None:
    assert read(text={"format": format, "verbosity": "low"}).response_format == expected


def test_sampling() -> None:
    assert read().sampling == SamplingParams(temperature=1.0, top_k=40, top_p=1.0)
    request = read(
        temperature=0.5, top_p=0.9, max_output_tokens=7, top_logprobs=3, options={"num_ctx": 4096, "top_k": 8},
        include=["message.output_text.logprobs"], reasoning={"effort": "xhigh", "summary": "auto"},
        metadata={"a": "b"}, user="u", prompt_cache_key="k", safety_identifier="s", service_tier="flex",
        stream_options={"include_obfuscation": False}, max_tool_calls=3, truncation="auto", never_heard_of=1,
        instructions=None, tools=None, conversation=None, previous_response_id=None,
    )  # fmt: skip
    assert request.sampling == SamplingParams(temperature=0.5, top_k=8, top_p=0.9, max_tokens=7, logprobs=3)
    assert request.reasoning_effort == "high"
    assert read(include=["message.output_text.logprobs"]).sampling.logprobs == 0
    assert read(include=["reasoning.encrypted_content"]).sampling.logprobs is None


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"input": None}, "input is required"),
        ({"input": []}, "input is required"),
        ({"input": 3}, "input must be a string or a list of items"),
        ({"input": ["x"]}, "input[0] must be an object"),
        ({"input": [{"role": "king", "content": "x"}]}, "input[0].role must be one of"),
        ({"input": [{"role": "user", "content": [{"type": "input_image"}]}]}, "input[0].content[0].type: content of"),
        ({"input": [{"role": "user", "content": [{"type": "input_file"}]}]}, "input[0].content[0].type: content of"),
        ({"input": [{"type": "function_call", "call_id": "a"}]}, "input[0].name is required"),
        ({"conversation": {"id": 5}}, "conversation must be an id, or an object with an id"),
        (
            {"conversation": "conv_1", "previous_response_id": "resp_1"},
            "previous_response_id and conversation exclude each other",
        ),
        ({"prompt": {"id": "pmpt_1"}}, "prompt is not supported"),
        ({"truncation": "some"}, "truncation must be auto or disabled"),
        ({"reasoning": {"effort": "hard"}}, 'invalid reasoning value: "hard"'),
        ({"max_output_tokens": 0}, "max_output_tokens must be positive"),
        ({"top_logprobs": 21}, "top_logprobs must be between 0 and 20"),
        ({"background": True, "store": False}, "background needs store"),
        ({"text": {"format": {"type": "xml"}}}, "text.format.type must be"),
        ({"text": {"format": {"type": "json_schema", "name": "x"}}}, "text.format.schema is required"),
        ({"text": {"format": {"type": "json_schema", "schema": 3}}}, "text.format.schema must be a boolean or object"),
        ({"tools": [{"type": "mcp", "server_label": "x"}]}, "tools[0].type: the tool 'mcp' is not supported"),
        ({"tools": [{"type": "file_search"}]}, "tools[0].type: the tool 'file_search' is not supported"),
        ({"tools": [{"type": "function"}]}, "tools[0].name is required"),
        ({"tools": [{"type": "namespace", "name": "a", "tools": [{"type": "function"}]}]}, "tools[0].tools[0].name"),
        ({"tools": [{"type": "custom", "name": "a", "format": {"type": "x"}}]}, "tools[0].format.type must be"),
        (
            {"tools": [{"type": "custom", "name": "a", "format": {"type": "grammar", "syntax": "ebnf"}}]},
            "tools[0].format.syntax must be lark or regex",
        ),
        ({"tool_choice": "maybe"}, "tool_choice must be none, auto, required or an object"),
        ({"tool_choice": "required"}, "tool_choice asks for a call, but the request has no tools"),
        ({"tool_choice": {"type": "function", "name": "f"}}, "tool_choice asks for a call, but the request has no"),
        (
            {"tools": [WEATHER], "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"name": "f"}]}},
            "tool_choice names the tool 'f'",
        ),
        ({"tool_choice": {"type": "file_search"}}, "tool_choice.type: 'file_search' is not supported"),
        ({"metadata": "x"}, "metadata must be an object"),
        ({"reasoning": {"summary": 1}}, "reasoning.summary must be a string"),
        ({"stream": "yes"}, "stream must be true or false"),
        ({"keep_alive": "soon"}, "keep_alive: "),
    ],
)
def test_what_is_wrong_is_refused_by_name(api: Api, body: dict[str, Any], text: str) -> None:
    answer = ask(api, **body)
    error = answer.json["error"]
    assert (answer.status, error["type"]) == (400, "invalid_request_error")
    assert error["message"].startswith(text)
    assert api.loads == []


# ---- answers


def test_an_answer(api: Api) -> None:
    api.say(ReasoningDelta("Hm"), ReasoningDelta("m."), TextDelta("Hel"), TextDelta("lo"), DONE)
    answer = ask(
        api, instructions="Be kind.", metadata={"a": "b"}, max_output_tokens=9, reasoning={"effort": "low"}
    ).json
    reasoning, message = answer.pop("output")
    assert reasoning.pop("id").startswith("rs_")
    assert reasoning == {
        "type": "reasoning",
        "status": "completed",
        "summary": [{"type": "summary_text", "text": "Hmm."}],
        "content": [{"type": "reasoning_text", "text": "Hmm."}],
        "encrypted_content": None,
    }
    assert message.pop("id").startswith("msg_")
    part = {"type": "output_text", "text": "Hello", "annotations": [], "logprobs": []}
    assert message == {"type": "message", "status": "completed", "role": "assistant", "content": [part]}
    assert answer.pop("id").startswith("resp_")
    assert answer.pop("completed_at") >= answer.pop("created_at") > 1_700_000_000
    assert answer == {
        "object": "response",
        "status": "completed",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": "Be kind.",
        "max_output_tokens": 9,
        "max_tool_calls": None,
        "model": NAME,
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "prompt_cache_key": None,
        "reasoning": {"effort": "low", "summary": None},
        "safety_identifier": None,
        "service_tier": "default",
        "store": True,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "auto",
        "tools": [],
        "top_logprobs": 0,
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": {
            "input_tokens": 11,
            "input_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 0},
            "output_tokens": 7,
            "output_tokens_details": {"reasoning_tokens": 2},
            "total_tokens": 18,
        },
        "user": None,
        "metadata": {"a": "b"},
    }


def test_calls_of_every_kind_of_tool(api: Api) -> None:
    tools = [
        WEATHER,
        {"type": "custom", "name": "patch"},
        {"type": "namespace", "name": "mcp", "tools": [{"type": "function", "name": "look"}]},
    ]
    api.say(
        *(ToolCallDelta(0, "call_1", "get_weather", '{"city": '), ToolCallDelta(0, "call_1", "get_weather", '"Bern"}')),
        *(ToolCallDelta(1, "call_2", "patch", "*** Begin"), ToolCallDelta(2, "call_3", "mcp__look", "{}"), CALLED),
    )
    calls = ask(api, tools=tools).json["output"]
    assert [call.pop("id").split("_")[0] for call in calls] == ["fc", "ctc", "fc"]
    done = {"status": "completed"}
    weather, patch, look = calls
    call = {"type": "function_call", **done}
    assert weather == {**call, "call_id": "call_1", "name": "get_weather", "arguments": '{"city": "Bern"}'}
    assert patch == {"type": "custom_tool_call", **done, "call_id": "call_2", "name": "patch", "input": "*** Begin"}
    assert look == {**call, "call_id": "call_3", "name": "look", "namespace": "mcp", "arguments": "{}"}


def test_an_answer_that_the_limit_cut_off(api: Api) -> None:
    api.say(TextDelta("Hel"), replace(DONE, reason="length"))
    answer = ask(api, max_output_tokens=1, options={"num_ctx": 4096}).json
    assert api.engine.requests[0].placement.context_length == 4096
    assert (answer["status"], answer["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})
    assert (answer["output"][0]["status"], answer["completed_at"]) == ("incomplete", None)


def test_reasoning_for_those_who_ask_for_a_summary_or_for_what_they_can_send_back(api: Api) -> None:
    api.say(ReasoningDelta("Hmm."), DONE)
    (item,) = ask(api, reasoning={"summary": "auto"}, include=["reasoning.encrypted_content"]).json["output"]
    assert item["encrypted_content"] == "Hmm."
    assert "content" not in item
    ask(api, input=[{**item, "summary": []}, {"role": "user", "content": "Well?"}])
    assert api.engine.requests[-1].prompt[0] == Message("assistant", "", "Hmm.")


def test_the_tokens_of_a_request(api: Api, openai_client: openai.OpenAI) -> None:
    counted = openai_client.responses.input_tokens.count(model=NAME, input="Hello", instructions="Be kind.")
    assert (counted.object, counted.input_tokens) == ("response.input_tokens", len("HelloBe kind."))


def test_logprobs(api: Api) -> None:
    api.say(TextDelta("Hi", (TokenLogprob("Hi", b"Hi", -0.1, (TokenLogprob("Hi", b"Hi", -0.1),)),)), DONE)
    part = ask(api, include=["message.output_text.logprobs"], top_logprobs=1).json["output"][0]["content"][0]
    top = {"token": "Hi", "logprob": -0.1, "bytes": [72, 105]}
    assert part["logprobs"] == [{**top, "top_logprobs": [top]}]


def test_errors(api: Api) -> None:
    assert ask(api, model="missing").status == 404
    for body in ({}, {"stream": True}):
        api.say(ContextLengthExceeded(9000, 8192))
        answer = ask(api, **body)
        assert (answer.status, answer.json["error"]["code"]) == (400, "context_length_exceeded")
        assert answer.headers["content-type"].startswith("application/json")
    api.say(TextDelta("Hi"), Finished("error", error=ModelCrashed("killed by signal 9")))
    answer = ask(api)
    assert (answer.status, answer.json["error"]["message"]) == (500, "killed by signal 9")


# ---- state


def test_a_conversation_goes_on(api: Api) -> None:
    """The turns before come back as they were, with the ids that were sampled; instructions do not."""
    api.say(
        ReasoningDelta("Hm."), TextDelta("Let me"), ToolCallDelta(0, "call_1", "get_weather", "{}"), finished(CALLED)
    )
    first = ask(api, instructions="Be brief.", tools=[WEATHER]).json
    api.say(TextDelta("Rain."), finished(DONE))
    output = {"type": "function_call_output", "call_id": "call_1", "output": "rain"}
    second = ask(api, input=[output], previous_response_id=first["id"], instructions="Be kind.").json
    ask(api, input="Thanks", previous_response_id=second["id"])
    sampled = (11, 12, 13)
    assert second["previous_response_id"] == first["id"]
    assert api.engine.requests[-1].prompt == (
        Message("user", "Hello"),
        Message("assistant", "Let me", "Hm.", (ToolCall("call_1", "get_weather", "{}"),), token_ids=sampled),
        Message("tool", "rain", tool_call_id="call_1", name="get_weather"),
        Message("assistant", "Rain.", token_ids=sampled),
        Message("user", "Thanks"),
    )
    assert api.engine.requests[-2].prompt[0] == Message("system", "Be kind.")


def finished(end: Finished) -> Finished:
    """With the ids of prompt and answer."""
    return replace(end, token_ids=tuple(range(14)))


def test_two_texts_of_one_turn_are_one_message_with_its_ids(api: Api) -> None:
    api.say(TextDelta("I look."), ReasoningDelta("Hm."), TextDelta("Yes."), finished(DONE))
    first = ask(api).json
    assert [item["type"] for item in first["output"]] == ["message", "reasoning", "message"]
    ask(api, previous_response_id=first["id"])
    expected = Message("assistant", "I look.\nYes.", "Hm.", token_ids=(11, 12, 13))
    assert api.engine.requests[-1].prompt[1] == expected


@pytest.mark.parametrize("end", [replace(DONE, reason="length"), replace(DONE, stop_string="END")])
def test_a_turn_that_is_not_whole_comes_back_as_text(api: Api, end: Finished) -> None:
    api.say(TextDelta("Hel"), finished(end))
    ask(api, previous_response_id=ask(api).json["id"])
    assert api.engine.requests[-1].prompt[1] == Message("assistant", "Hel")


def test_a_turn_of_another_model_comes_back_as_text(api: Api) -> None:
    """Its ids mean something else to this one."""
    api.post("/api/copy", source=NAME, destination="other")
    api.say(TextDelta("Hello"), finished(DONE))
    ask(api, model="other", previous_response_id=ask(api).json["id"])
    assert api.engine.requests[-1].prompt[1] == Message("assistant", "Hello")


def test_what_cannot_be_gone_on_from(api: Api) -> None:
    answer = ask(api, previous_response_id="resp_x")
    error = answer.json["error"]
    assert (answer.status, error["code"], error["param"]) == (
        400,
        "previous_response_not_found",
        "previous_response_id",
    )
    assert error["message"].startswith("Previous response with id 'resp_x' not found. (hint: it may be older than")


def test_items_are_found_by_their_ids(api: Api) -> None:
    """As AI SDK sends them in every tool loop."""
    api.say(ReasoningDelta("Hm."), ToolCallDelta(0, "call_1", "get_weather", "{}"), CALLED)
    output = ask(api, tools=[WEATHER]).json["output"]
    ask(
        api,
        input=[
            {"role": "user", "content": "Hello"},
            *({"type": "item_reference", "id": item["id"]} for item in output),
            {"type": "function_call_output", "call_id": "call_1", "output": "rain"},
            {"type": "item_reference", "id": "msg_unknown"},
        ],
    )
    assert api.engine.requests[-1].prompt == (
        Message("user", "Hello"),
        Message("assistant", "", "Hm.", (ToolCall("call_1", "get_weather", "{}"),)),
        Message("tool", "rain", tool_call_id="call_1", name="get_weather"),
    )


def test_what_is_stored_is_what_was_answered(api: Api) -> None:
    api.say(ReasoningDelta("Hm."), TextDelta("Hi"), DONE)
    answer = ask(api)
    assert get(api, answer.json["id"]).json == answer.json


def test_nothing_is_stored_when_it_is_not_wanted(api: Api) -> None:
    api.say(TextDelta("Hi"), DONE)
    answer = ask(api, store=False)
    assert answer.json["store"] is False
    missing = get(api, answer.json["id"])
    assert (missing.status, missing.json["error"]["message"]) == (
        404,
        f"Response with id '{answer.json['id']}' not found.",
    )


def test_a_response_is_deleted(api: Api) -> None:
    api.say(DONE)
    id = ask(api).json["id"]
    deleted = api.request("DELETE", f"{PATH}/{id}")
    assert deleted.json == {"id": id, "object": "response", "deleted": True}
    assert get(api, id).status == get(api, id, "/input_items").status == 404
    assert api.request("DELETE", f"{PATH}/{id}").status == api.request("POST", f"{PATH}/{id}/cancel").status == 404


def test_input_items(api: Api) -> None:
    api.say(DONE)
    texts = [{"role": "user", "content": str(number)} for number in range(5)]
    id = ask(api, input=texts).json["id"]

    def listed(query: str) -> tuple[list[str], bool, Any]:
        page = get(api, id, f"/input_items{query}").json
        assert page["first_id"] == page["data"][0]["id"]
        assert {(item["type"], item["role"], item["status"]) for item in page["data"]} == {
            ("message", "user", "completed")
        }
        return [item["content"][0]["text"] for item in page["data"]], page["has_more"], page["last_id"]

    assert listed("")[:2] == (["4", "3", "2", "1", "0"], False)
    texts, more, last = listed("?limit=2&order=asc")
    assert (texts, more) == (["0", "1"], True)
    assert listed(f"?limit=2&order=asc&after={last}")[:2] == (["2", "3"], True)
    for query in ("?limit=0", "?limit=x", "?order=up", "?after=x"):
        assert get(api, id, f"/input_items{query}").status == 400
    assert get(api, id, f"/input_items?after={get(api, id, '/input_items').json['last_id']}").json["data"] == []


# ---- the official SDK


def test_the_sdk_reads_answers(api: Api, openai_client: openai.OpenAI) -> None:
    api.say(ReasoningDelta("Hm."), TextDelta("Hi"), DONE)
    answer = openai_client.responses.create(model=NAME, input="Hello")
    assert (answer.output_text, answer.status) == ("Hi", "completed")
    assert openai_client.responses.retrieve(answer.id) == answer
    assert [item.type for item in openai_client.responses.input_items.list(answer.id)] == ["message"]
    again = openai_client.responses.create(
        model=NAME,
        input=[*answer.output, {"role": "user", "content": "Well?"}],  # pyright: ignore
    )
    assert again.output_text == "Hi"
    openai_client.responses.delete(answer.id)
    with pytest.raises(openai.NotFoundError):
        openai_client.responses.retrieve(answer.id)


def test_the_sdk_reads_streams(api: Api, openai_client: openai.OpenAI) -> None:
    api.say(
        ReasoningDelta("Hm."), TextDelta("Hel"), TextDelta("lo"), ToolCallDelta(0, "a", "get_weather", "{}"), CALLED
    )
    with openai_client.responses.stream(model=NAME, input="Hello", tools=[WEATHER]) as stream:
        snapshots = [event.snapshot for event in stream if event.type == "response.output_text.delta"]
        final = stream.get_final_response()
    assert snapshots == ["Hel", "Hello"]
    assert [item.type for item in final.output] == ["reasoning", "message", "function_call"]
    kept = openai_client.responses.retrieve(final.id).output
    assert [item.id for item in kept] == [item.id for item in final.output]


def test_the_sdk_parses_answers(api: Api, openai_client: openai.OpenAI) -> None:
    class Day(BaseModel):
        name: str

    api.say(TextDelta('{"name": "Monday"}'), DONE)
    answer = openai_client.responses.parse(model=NAME, input="Which day?", text_format=Day)
    assert answer.output_parsed == Day(name="Monday")
    format = api.engine.requests[0].response_format
    assert format is not None
    assert (format.name, format.schema["properties"]) == ("Day", {"name": {"title": "Name", "type": "string"}})  # pyright: ignore
