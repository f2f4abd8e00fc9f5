"""POST /v1/chat/completions and GET /v1/models: the shapes on the wire, and OpenAI's own client."""

from typing import Any

import openai
import pytest

from ossia.errors import ContextLengthExceeded, ModelCrashed
from ossia.store.models import ModelStore
from ossia.types import (
    Finished,
    Message,
    ReasoningDelta,
    SamplingParams,
    TextDelta,
    TokenLogprob,
    Tool,
    ToolCall,
    ToolCallDelta,
)
from tests.api.conftest import NAME, Api, write_gguf
from tests.doubles.scripted_engine import DONE

PATH = "/v1/chat/completions"
HELLO: Any = [{"role": "user", "content": "Hello"}]
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string", "default": "Paris"}}}
WEATHER: Any = {"type": "function", "function": {"name": "get_weather", "parameters": PARAMETERS, "strict": True}}
USAGE = {
    "prompt_tokens": 11,
    "completion_tokens": 7,
    "total_tokens": 18,
    "prompt_tokens_details": {"cached_tokens": 3},
    "completion_tokens_details": {"reasoning_tokens": 2},
}


def test_an_answer(api: Api) -> None:
    api.say(ReasoningDelta("Hm"), TextDelta("Hi"), TextDelta(" there"), DONE)
    answer = api.post(PATH, messages=HELLO).json
    assert answer.pop("id").startswith("chatcmpl-")
    assert answer.pop("created") > 1_700_000_000
    message = {"role": "assistant", "content": "Hi there", "reasoning": "Hm", "reasoning_content": "Hm"}
    assert answer == {
        "object": "chat.completion",
        "model": NAME,
        "system_fingerprint": "fp_ollama",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": USAGE,
    }


def test_a_stream(api: Api) -> None:
    api.say(ReasoningDelta("Hm"), TextDelta("Hi"), TextDelta(""), TextDelta(" there"), DONE)
    answer = api.post(PATH, messages=HELLO, stream=True)
    assert answer.headers["content-type"] == "text/event-stream"
    *chunks, done = answer.events
    assert done == "[DONE]"
    assert [chunk["choices"] for chunk in chunks] == [
        [{"index": 0, "delta": delta, "finish_reason": reason}]
        for delta, reason in [
            ({"role": "assistant", "content": "", "reasoning": "Hm", "reasoning_content": "Hm"}, None),
            ({"content": "Hi"}, None),
            ({"content": " there"}, None),
            ({}, "stop"),
        ]
    ]
    heads = [{name: value for name, value in chunk.items() if name != "choices"} for chunk in chunks]
    assert all(head == heads[0] for head in heads)
    assert heads[0]["object"] == "chat.completion.chunk"
    assert "usage" not in heads[0]


def test_the_usage_comes_after_the_finish_chunk_and_only_when_asked_for(api: Api) -> None:
    api.say(TextDelta("Hi"), DONE)
    *_, finish, usage, done = api.post(PATH, messages=HELLO, stream=True, stream_options={"include_usage": True}).events
    assert finish["choices"][0]["finish_reason"] == "stop"
    assert (usage["choices"], usage["usage"], done) == ([], USAGE, "[DONE]")


def test_an_answer_of_nothing_still_has_a_role(api: Api) -> None:
    api.say(DONE)
    first, *_ = api.post(PATH, messages=HELLO, stream=True).events
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}


def test_each_answer_has_its_own_id(api: Api) -> None:
    api.say(DONE)
    assert len({api.post(PATH, messages=HELLO).json["id"] for _ in range(5)}) == 5


@pytest.mark.parametrize("reason", ["stop", "length", "tool_calls"])
def test_finish_reasons(api: Api, openai_client: openai.OpenAI, reason: Any) -> None:
    api.say(Finished(reason))
    assert openai_client.chat.completions.create(model=NAME, messages=HELLO).choices[0].finish_reason == reason


CALLS = (
    ReasoningDelta("Weather!"),
    ToolCallDelta(0, "call_1", "get_weather"),
    ToolCallDelta(0, "call_1", "get_weather", '{"city":'),
    ToolCallDelta(0, "call_1", "get_weather", '"Oslo"}'),
    ToolCallDelta(1, "call_2", "get_weather", "{}"),
    Finished("tool_calls"),
)


def test_a_tool_call_streams_its_arguments(api: Api) -> None:
    api.say(*CALLS)
    _, *chunks, finish, _ = api.post(PATH, messages=HELLO, tools=[WEATHER], stream=True).events
    assert [chunk["choices"][0]["delta"]["tool_calls"] for chunk in chunks] == [
        [{"index": 0, "id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": ""}}],
        [{"index": 0, "function": {"arguments": '{"city":'}}],
        [{"index": 0, "function": {"arguments": '"Oslo"}'}}],
        [{"index": 1, "id": "call_2", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}],
    ]
    assert finish["choices"][0]["finish_reason"] == "tool_calls"


def test_a_round_of_tools_with_the_official_client(api: Api, openai_client: openai.OpenAI) -> None:
    """The SDK's own message goes back with its nulls, and what a person would write works as well."""
    api.say(*CALLS)
    with openai_client.chat.completions.stream(model=NAME, messages=HELLO, tools=[WEATHER]) as stream:
        first = stream.get_final_completion().choices[0].message
    assert first.tool_calls is not None
    assert [call.function.arguments for call in first.tool_calls] == ['{"city":"Oslo"}', "{}"]
    whole = openai_client.chat.completions.create(model=NAME, messages=HELLO, tools=[WEATHER]).choices[0].message
    assert whole.model_dump()["reasoning"] == "Weather!"
    by_hand = {
        "role": "assistant",
        "content": None,
        "reasoning_content": "Weather!",
        "tool_calls": [call.model_dump() for call in whole.tool_calls or []],
    }
    result = {"role": "tool", "tool_call_id": "call_1", "content": [{"type": "text", "text": "rain"}]}
    api.say(TextDelta("It rains."), DONE)
    for message in (first, whole, by_hand):
        messages: Any = [*HELLO, message, result]
        second = openai_client.chat.completions.create(model=NAME, messages=messages, tools=[WEATHER])
        assert second.choices[0].message.content == "It rains."
        request = api.engine.requests[-1]
        assert request.tools == (Tool("get_weather", parameters=PARAMETERS, strict=True),)
        calls = (ToolCall("call_1", "get_weather", '{"city":"Oslo"}'), ToolCall("call_2", "get_weather", "{}"))
        assert request.prompt == (
            Message("user", "Hello"),
            Message("assistant", reasoning="Weather!", tool_calls=calls),
            Message("tool", "rain", tool_call_id="call_1"),
        )


@pytest.mark.parametrize(("choice", "tools"), [(None, 1), ("auto", 1), ("", 1), ("none", 0)])
def test_tool_choice(api: Api, choice: str | None, tools: int) -> None:
    api.say(DONE)
    assert api.post(PATH, messages=HELLO, tools=[WEATHER], tool_choice=choice).status == 200
    assert len(api.engine.requests[0].tools) == tools


@pytest.mark.parametrize(
    ("body", "effort"),
    [
        ({}, "medium"),
        *(({"reasoning_effort": level}, level) for level in ("none", "low", "medium", "high")),
        ({"reasoning_effort": "minimal"}, "low"),
        ({"reasoning_effort": "xhigh"}, "high"),
        ({"reasoning": {"effort": "max", "summary": "auto"}, "reasoning_effort": "low"}, "high"),
        ({"reasoning": None, "reasoning_effort": None}, "medium"),
    ],
)
def test_reasoning_effort(api: Api, body: dict[str, Any], effort: str) -> None:
    api.say(DONE)
    assert api.post(PATH, messages=HELLO, **body).status == 200
    assert api.engine.requests[0].reasoning_effort == effort


def test_sampling(api: Api) -> None:
    api.say(DONE)
    api.post(
        PATH, messages=HELLO, temperature=0.5, top_p=0.7, presence_penalty=0.3, frequency_penalty=0.4, seed=42,
        max_completion_tokens=9, max_tokens=5, stop="x", logit_bias={"17": -100, "5": 2.5}, logprobs=True,
        top_logprobs=3, n=1,
        options={"num_ctx": 4096, "top_k": 8, "temperature": 0.9}, response_format={"type": "text"},
    )  # fmt: skip
    request = api.engine.requests[0]
    assert request.placement.context_length == 4096
    assert request.sampling == SamplingParams(
        0.5, 8, 0.7, presence_penalty=0.3, frequency_penalty=0.4, seed=42, max_tokens=9, stop=("x",),
        logit_bias=((17, -100.0), (5, 2.5)), logprobs=3,
    )  # fmt: skip


def test_defaults_of_gpt_oss_and_of_other_models(api: Api, store: ModelStore, tmp_path: Any) -> None:
    """OpenAI's advice for gpt-oss; Ollama's for the rest, natively 0.8 and 0.9, here 1; a PARAMETER overrules both."""
    api.say(DONE)
    store.create("other", files=[write_gguf(tmp_path / "other.gguf", architecture="llama", tokens=("a",))])
    store.create("cool", base=store.resolve("other"), parameters={"temperature": 0.1})
    api.post(PATH, messages=HELLO, max_tokens=5)
    api.post(PATH, messages=HELLO, model="other")
    api.post("/api/chat", messages=HELLO, model="other")
    api.post(PATH, messages=HELLO, model="cool")
    assert [request.sampling for request in api.engine.requests] == [
        SamplingParams(max_tokens=5),
        SamplingParams(temperature=1.0, top_k=40, top_p=1.0),
        SamplingParams(temperature=0.8, top_k=40, top_p=0.9),
        SamplingParams(temperature=0.1, top_k=40, top_p=1.0),
    ]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"messages": []}, "[] is too short - 'messages'"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content[0].type"),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, "messages[0].content[0].type"),
        ({"reasoning_effort": "hard"}, 'invalid reasoning value: "hard" (must be'),
        ({"response_format": {"type": "xml"}}, "response_format.type must be"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema.schema is required"),
        ({"tool_choice": "required"}, "tool_choice asks for a call, but"),
        ({"tool_choice": "some"}, "tool_choice must be none, auto, required or"),
        ({"n": 0}, "n must be between 1 and 128"),
        ({"n": 129}, "n must be between 1 and 128"),
        ({"logit_bias": {"x": 1}}, "logit_bias.x"),
        ({"logit_bias": {"1": "x"}}, "logit_bias.1"),
        ({"max_tokens": "many"}, "max_tokens"),
        ({"max_completion_tokens": 1.5}, "max_completion_tokens"),
        ({"temperature": []}, "temperature"),
        ({"stream_options": 1, "stream": True}, "stream_options"),
        ({"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": 3}}]}]},
         "messages[0].tool_calls[0].function.arguments"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_by_name(api: Api, body: dict[str, Any], text: str) -> None:
    answer = api.post(PATH, **{"messages": HELLO, **body})
    error = answer.json["error"]
    assert (answer.status, error["type"], error["code"]) == (400, "invalid_request_error", None)
    assert error["message"].startswith(text)
    assert error["param"] is None or error["message"].startswith(error["param"])
    assert api.loads == []


def test_a_wrong_type_has_its_place_as_param(api: Api) -> None:
    error = api.post(PATH, messages=[*HELLO, {"role": "user", "content": 3}]).json["error"]
    assert error["param"] == "messages[1].content"
    assert error["message"] == "messages[1].content must be a string or list"


@pytest.mark.parametrize("body", [{"modalities": ["text", "audio"]}, {"audio": {"voice": "alloy"}}])
def test_what_a_text_model_has_not_is_refused(api: Api, body: dict[str, Any]) -> None:
    assert api.post(PATH, messages=HELLO, **body).status == 400
    assert api.post(PATH, messages=HELLO, modalities=["text"], functions=[]).status != 400


def test_logprobs(api: Api, openai_client: openai.OpenAI) -> None:
    item = TokenLogprob("Hi", b"Hi", -0.1, (TokenLogprob("Hi", b"Hi", -0.1),))
    api.say(TextDelta("Hi", (item,)), DONE)
    whole = openai_client.chat.completions.create(model=NAME, messages=HELLO, logprobs=True, top_logprobs=1)
    stream = openai_client.chat.completions.create(model=NAME, messages=HELLO, logprobs=True, stream=True)
    for logprobs in (whole.choices[0].logprobs, next(iter(stream)).choices[0].logprobs):
        assert logprobs is not None
        assert logprobs.content is not None
        assert (logprobs.content[0].token, logprobs.content[0].top_logprobs[0].logprob) == ("Hi", -0.1)
    stream.close()


def test_errors_before_the_first_chunk(api: Api, openai_client: openai.OpenAI) -> None:
    api.say(ContextLengthExceeded(9000, 8192))
    for stream in (True, False):
        with pytest.raises(openai.BadRequestError) as caught:
            openai_client.chat.completions.create(model=NAME, messages=HELLO, stream=stream)
        assert caught.value.code == "context_length_exceeded"
        assert "9000" in caught.value.message
        assert "8192" in caught.value.message
        assert "OLLAMA_CONTEXT_LENGTH" in caught.value.message
    with pytest.raises(openai.NotFoundError, match="model 'missing' not found"):
        openai_client.chat.completions.create(model="missing", messages=HELLO)


def test_an_error_after_the_first_chunk_is_an_event_and_the_stream_ends(api: Api, openai_client: openai.OpenAI) -> None:
    api.say(TextDelta("Hi"), Finished("error", error=ModelCrashed("killed by signal 9")))
    _, error, done = api.post(PATH, messages=HELLO, stream=True).events
    assert error["error"] == {"message": "killed by signal 9", "type": "api_error", "param": None, "code": None}
    assert done == "[DONE]"
    with pytest.raises(openai.APIError, match="signal 9"):
        list(openai_client.chat.completions.create(model=NAME, messages=HELLO, stream=True))


def test_abilities_that_the_model_lacks(api: Api) -> None:
    api.engine.supports_tools = api.engine.supports_thinking = False
    api.say(DONE)
    answer = api.post(PATH, messages=HELLO, reasoning_effort="low")
    assert answer.json["error"]["message"] == f'"{NAME}" does not support thinking'
    answer = api.post(PATH, messages=HELLO, tools=[WEATHER])
    assert answer.json["error"]["message"].endswith("does not support tools")
    assert api.post(PATH, messages=HELLO, tools=[], reasoning_effort="none").status == 200


def test_models(api: Api, store: ModelStore, openai_client: openai.OpenAI) -> None:
    store.copy(NAME, "somebody/copy:1")
    listed = list(openai_client.models.list())
    assert {(model.id, model.owned_by) for model in listed} == {(NAME, "library"), ("somebody/copy:1", "somebody")}
    assert openai_client.models.retrieve("somebody/copy:1").created > 1_700_000_000
    with pytest.raises(openai.NotFoundError, match="not found"):
        openai_client.models.retrieve("missing")
