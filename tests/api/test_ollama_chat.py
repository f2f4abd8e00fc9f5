"""POST /api/chat and /api/generate: the shapes on the wire, and Ollama's own client."""

import json
import re
from typing import Any

import ollama
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
    Usage,
)
from tests.api.conftest import NAME, Api
from tests.doubles.scripted_engine import DONE

HELLO: Any = [{"role": "user", "content": "Hello"}]
METRICS = {"total_duration", "load_duration", "prompt_eval_duration", "eval_duration"}
COUNTS = {"prompt_eval_count": 11, "eval_count": 7}
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}}
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather",
        "parameters": PARAMETERS,
    },
}


def without_times(chunk: dict[str, Any]) -> dict[str, Any]:
    """The chunk without what differs from run to run, which is checked here."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", chunk.pop("created_at"))
    durations = {name: chunk.pop(name) for name in METRICS if name in chunk}
    assert set(durations) == (METRICS if "eval_count" in chunk else set())
    assert all(isinstance(value, int) and value >= 1 for value in durations.values())
    return chunk


def test_a_stream_has_a_line_for_each_piece(api: Api) -> None:
    api.say(ReasoningDelta("Hm"), TextDelta("Hi"), TextDelta(""), TextDelta(" there"), DONE)
    answer = api.post("/api/chat", messages=HELLO)
    assert answer.headers["content-type"] == "application/x-ndjson"
    head = {"model": NAME}
    assert [without_times(line) for line in answer.lines] == [
        head | {"message": {"role": "assistant", "content": "", "thinking": "Hm"}, "done": False},
        head | {"message": {"role": "assistant", "content": "Hi"}, "done": False},
        head | {"message": {"role": "assistant", "content": " there"}, "done": False},
        head | {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop", **COUNTS},
    ]


def test_an_answer_without_stream_is_the_same_in_one_object(api: Api) -> None:
    api.say(ReasoningDelta("Hm"), TextDelta("Hi"), TextDelta(" there"), DONE)
    answer = api.post("/api/chat", messages=HELLO, stream=False)
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    message = {"role": "assistant", "content": "Hi there", "thinking": "Hm"}
    assert without_times(answer.json) == {
        "model": NAME,
        "message": message,
        "done": True,
        "done_reason": "stop",
        **COUNTS,
    }


def test_metrics_are_nanoseconds(api: Api) -> None:
    api.say(DONE)
    answer = api.post("/api/chat", messages=HELLO, stream=False).json
    assert answer["prompt_eval_duration"] == 500_000_000
    assert answer["eval_duration"] == 250_000_000


def test_generate(api: Api) -> None:
    api.say(ReasoningDelta("Hm"), TextDelta("Hi"), Finished("length"))
    *pieces, last = [without_times(line) for line in api.post("/api/generate", prompt="Hello").lines]
    head = {"model": NAME, "done": False}
    assert pieces == [head | {"response": "", "thinking": "Hm"}, head | {"response": "Hi"}]
    zero = {"prompt_eval_count": 0, "eval_count": 0}
    end = {"model": NAME, "response": "", "done": True, "done_reason": "length", **zero}
    assert last == end | {"context": []}
    whole = without_times(api.post("/api/generate", prompt="Hello", stream=False).json)
    assert whole == end | {"response": "Hi", "thinking": "Hm", "context": []}


def test_a_tool_call_is_one_chunk_with_an_object(api: Api) -> None:
    api.say(
        ToolCallDelta(0, "call_1", "get_weather"),
        ToolCallDelta(0, "call_1", "get_weather", '{"city":'),
        ToolCallDelta(0, "call_1", "get_weather", '"Oslo"}'),
        ToolCallDelta(1, "call_2", "get_time"),
        Finished("tool_calls"),
    )
    calls = [
        {"id": "call_1", "function": {"index": 0, "name": "get_weather", "arguments": {"city": "Oslo"}}},
        {"id": "call_2", "function": {"index": 1, "name": "get_time", "arguments": {}}},
    ]
    *lines, last = api.post("/api/chat", messages=HELLO, tools=[WEATHER]).lines
    assert [line["message"] for line in lines] == [
        {"role": "assistant", "content": "", "tool_calls": [call]} for call in calls
    ]
    assert last["done_reason"] == "stop"
    whole = api.post("/api/chat", messages=HELLO, tools=[WEATHER], stream=False).json
    assert whole["message"] == {"role": "assistant", "content": "", "tool_calls": calls}


def test_a_round_of_tools_with_the_official_client(api: Api, ollama_client: ollama.Client) -> None:
    api.say(ReasoningDelta("Weather!"), ToolCallDelta(0, "call_1", "get_weather", '{"city":"Oslo"}'), DONE)
    first = ollama_client.chat(NAME, HELLO, tools=[WEATHER])
    assert first.message.tool_calls is not None
    assert first.message.tool_calls[0].function.arguments == {"city": "Oslo"}

    api.say(TextDelta("It rains."), DONE)
    result = {"role": "tool", "tool_name": "get_weather", "content": "rain"}
    second = ollama_client.chat(NAME, [*HELLO, first.message, result], tools=[WEATHER])
    assert second.message.content == "It rains."

    request = api.engine.requests[1]
    assert request.tools == (Tool("get_weather", "The weather", PARAMETERS),)
    assert request.prompt == (
        Message("user", "Hello"),
        Message("assistant", reasoning="Weather!", tool_calls=(ToolCall("", "get_weather", '{"city":"Oslo"}'),)),
        Message("tool", "rain", name="get_weather"),
    )


def test_a_line_has_no_other_line_ends(api: Api, ollama_client: ollama.Client) -> None:
    """The official client takes Unicode's for the end of a line."""
    text = "a\u2028b\u2029c\x85d\x0be\x1cf"
    api.say(TextDelta(text), DONE)
    chunks = ollama_client.chat(NAME, HELLO, stream=True)
    assert "".join(chunk.message.content or "" for chunk in chunks) == text
    assert len(api.post("/api/chat", messages=HELLO).body.decode().splitlines()) == 2


def test_the_official_client_streams(api: Api, ollama_client: ollama.Client) -> None:
    api.say(ReasoningDelta("Hm"), TextDelta("Hi"), DONE)
    parts = list(ollama_client.chat(NAME, HELLO, stream=True, think="high"))
    assert [(part.message.thinking, part.message.content) for part in parts] == [("Hm", ""), (None, "Hi"), (None, "")]
    assert parts[-1].done
    assert api.engine.requests[0].reasoning_effort == "high"
    pieces = list(ollama_client.generate(NAME, "Hello", stream=True))
    assert [piece.response for piece in pieces] == ["", "Hi", ""]


@pytest.mark.parametrize(
    ("think", "effort"),
    [
        *((None, "medium"), (True, "medium"), (False, "none"), ("", "medium")),
        *(("low", "low"), ("medium", "medium"), ("high", "high"), ("max", "high")),
    ],
)
def test_think(api: Api, think: object, effort: str) -> None:
    api.say(DONE)
    assert api.post("/api/chat", messages=HELLO, think=think).status == 200
    assert api.engine.requests[0].reasoning_effort == effort


def test_a_wrong_think(api: Api) -> None:
    text = 'invalid think value: "x" (must be "high", "medium", "low", "max", true, or false)'
    answer = api.post("/api/chat", messages=HELLO, think="x")
    assert (answer.status, answer.json) == (400, {"error": text})
    assert api.post("/api/chat", messages=HELLO, think=3).json["error"].startswith("think must be a boolean or string")


def test_abilities_that_the_model_lacks(api: Api) -> None:
    api.engine.supports_tools = api.engine.supports_thinking = False
    api.say(DONE)
    for path in ("/api/chat", "/api/generate"):
        answer = api.post(path, messages=HELLO, prompt="Hello", think="low")
        assert (answer.status, answer.json["error"]) == (400, f'"{NAME}" does not support thinking')
    answer = api.post("/api/chat", messages=HELLO, tools=[WEATHER])
    assert (answer.status, answer.json["error"]) == (
        400,
        f"registry.ollama.ai/library/{NAME} does not support tools",
    )
    assert api.post("/api/chat", messages=HELLO, tools=[], think=False).status == 200


def test_options_reach_the_engine(api: Api) -> None:
    api.say(DONE)
    options = {
        "temperature": 0.5, "top_k": 5, "top_p": 0.7, "min_p": 0.1, "typical_p": 0.9, "repeat_last_n": 8,
        "repeat_penalty": 1.2, "presence_penalty": 0.3, "frequency_penalty": 0.4, "seed": 42, "num_predict": 9,
        "stop": ["x", "y"], "num_ctx": 4096, "num_gpu": 3, "num_batch": None, "unknown": "field",
    }  # fmt: skip
    assert api.post("/api/chat", messages=HELLO, options=options, logprobs=True, top_logprobs=2).status == 200
    request = api.engine.requests[0]
    assert request.placement.context_length == 4096
    assert request.sampling == SamplingParams(
        0.5, 5, 0.7, 0.1, 0.9, 8, 1.2, 0.3, 0.4, seed=42, logprobs=2, stop=("x", "y"), max_tokens=9
    )


def test_defaults_parameters_and_request_in_this_order(api: Api, store: ModelStore) -> None:
    api.say(DONE)
    store.create("mine", base=store.resolve(NAME), parameters={"temperature": 0.3, "top_k": 7, "num_ctx": 512})
    assert api.post("/api/chat", messages=HELLO).status == 200
    assert api.post("/api/chat", model="mine", messages=HELLO, options={"top_k": 9, "seed": -1}).status == 200
    plain, mine = api.engine.requests
    assert plain.sampling == SamplingParams()
    assert mine.sampling == SamplingParams(temperature=0.3, top_k=9)
    assert (plain.placement.context_length, mine.placement.context_length) == (None, 512)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"messages": "Hello"}, "messages"),
        ({"messages": ["Hello"]}, "messages[0]"),
        ({"messages": [{"role": "user", "content": 3}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content[0].type"),
        ({"messages": [{"role": "nobody", "content": ""}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "images": ["aGk="]}]}, "messages[0].images"),
        ({"messages": HELLO, "stream": "yes"}, "stream"),
        ({"messages": HELLO, "options": []}, "options"),
        ({"messages": HELLO, "options": {"temperature": "hot"}}, "options.temperature"),
        ({"messages": HELLO, "options": {"seed": 1.5}}, "options.seed"),
        ({"messages": HELLO, "options": {"stop": [1]}}, "options.stop"),
        ({"messages": HELLO, "top_logprobs": 21}, "top_logprobs"),
        ({"messages": HELLO, "tools": [{"type": "function"}]}, "tools[0].function.name"),
        ({"messages": HELLO, "tools": [{"type": "browser"}]}, "tools[0].type"),
        ({"messages": HELLO, "format": "xml"}, "invalid format"),
        ({"messages": HELLO, "keep_alive": "5"}, "keep_alive"),
        ({"messages": HELLO, "keep_alive": True}, "keep_alive"),
        ({"messages": HELLO, "model": 5}, "model"),
        ({"messages": HELLO, "model": ""}, "model is required"),
    ],
)
def test_what_is_wrong_is_refused_by_name_before_anything_is_loaded(api: Api, body: dict[str, Any], field: str) -> None:
    answer = api.post("/api/chat", **body)
    assert answer.status == 400
    assert answer.json["error"].startswith(field)
    assert api.loads == []


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"suffix": "x"}, "does not support insert"),
        ({"template": "x"}, "template is not supported"),
        ({"images": ["aGk="]}, "does not support vision"),
        ({"context": [-1]}, "context must be the list of token ids"),
        ({"format": "xml"}, "invalid format"),
    ],
)
def test_generate_refuses_what_it_cannot_do(api: Api, body: dict[str, Any], text: str) -> None:
    answer = api.post("/api/generate", prompt="Hello", **body)
    assert answer.status == 400
    assert text in answer.json["error"]


def test_a_question_goes_on_from_the_context_of_an_answer(api: Api) -> None:
    """The system message and the model's messages stand in the context already."""
    api.say(TextDelta("Hi."), Finished("stop", Usage(3, 2), token_ids=(1, 2, 3, 4, 5)))
    first = api.post("/api/generate", prompt="Hello", system="Be brief.", stream=False).json
    assert first["context"] == [1, 2, 3, 4, 5]
    assert api.post("/api/generate", prompt="More", context=first["context"]).lines[-1]["context"] == [1, 2, 3, 4, 5]
    assert api.engine.requests[-1].context == (1, 2, 3, 4, 5)
    assert api.engine.requests[-1].prompt == (Message("user", "More"),)
    assert "context" not in api.post("/api/generate", prompt="x", raw=True, stream=False).json


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"", "missing request body"), (b"{", "the body is not valid JSON"), (b"[]", "the body must be a JSON object"),
     (b'{"a": NaN}', "the body is not valid JSON"), (b"[" * 100_000, "the body is not valid JSON"),
     (b'{"a": ' + b"[" * 100_000, "the body is not valid JSON")],
)  # fmt: skip
def test_bodies_that_are_no_json_object(api: Api, data: bytes, text: str) -> None:
    answer = api.request("POST", "/api/chat", data)
    assert answer.status == 400
    assert answer.json["error"].startswith(text)


@pytest.mark.parametrize("content_type", ["", "application/octet-stream", "application/x-www-form-urlencoded"])
def test_the_content_type_does_not_matter(api: Api, content_type: str) -> None:
    api.say(DONE)
    body = json.dumps({"model": NAME, "messages": HELLO}).encode()
    assert api.request("POST", "/api/chat", body, {"Content-Type": content_type}).status == 200


def test_what_clients_send_besides_is_swallowed(api: Api) -> None:
    """Nulls, empty values, unknown fields, histories without ids, content or calls: all seen from real clients."""
    api.say(DONE)
    call = {"type": "function", "index": 0, "function": {"name": "f", "arguments": ""}}
    messages = [
        {"role": "USER", "content": [], "images": []},
        {"role": "assistant", "reasoning_content": "why", "provider_specific_fields": {}, "refusal": None},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "orphan", "tool_call_id": "nobody"},
        {"role": "developer", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
    ]  # fmt: skip
    answer = api.post(
        "/api/chat", messages=messages, tools=[], format="", options=None, keep_alive=None, think=None, stream=None,
        temperature=0.1, tool_choice="auto", truncate=True, shift=True,
    )  # fmt: skip
    assert answer.status == 200
    assert api.engine.requests[0].prompt == (
        Message("user"),
        Message("assistant", reasoning="why"),
        Message("assistant", tool_calls=(ToolCall("", "f", "{}"),)),
        Message("tool", "orphan", tool_call_id="nobody"),
        Message("developer", "a\nb"),
    )


def test_a_half_emoji_becomes_a_replacement_character(api: Api) -> None:
    api.say(DONE)
    body = b'{"model": "gpt-oss:20b", "messages": [{"role": "user", "content": "cut \\ud83d"}]}'
    assert api.request("POST", "/api/chat", body).status == 200
    (message,) = api.engine.requests[0].prompt
    assert isinstance(message, Message)
    assert message.content.startswith("cut \ufffd")


def test_the_models_own_beginning(api: Api, store: ModelStore) -> None:
    api.say(DONE)
    shot = Message("assistant", "Arr")
    store.create("pirate", base=store.resolve(NAME), system="Be a pirate.", messages=[shot])
    own = {"role": "system", "content": "Be kind."}
    api.post("/api/chat", model="pirate", messages=HELLO)
    api.post("/api/chat", model="pirate", messages=[own, *HELLO])
    api.post("/api/generate", model="pirate", prompt="Hello")
    api.post("/api/generate", model="pirate", prompt="Hello", system="Be kind.")
    system, kind, hello = Message("system", "Be a pirate."), Message("system", "Be kind."), Message("user", "Hello")
    assert [request.prompt for request in api.engine.requests] == [
        (system, shot, hello),
        (shot, kind, hello),
        (system, shot, hello),
        (kind, shot, hello),
    ]


def test_raw_text_goes_in_and_comes_out_as_it_is(api: Api) -> None:
    api.say(TextDelta("<|channel|>"), TextDelta("final"), DONE)
    prompt = "<|start|>user<|message|>Hi<|end|><|start|>assistant"
    answer = api.post("/api/generate", prompt=prompt, raw=True)
    assert [line["response"] for line in answer.lines] == ["<|channel|>", "final", ""]
    assert api.engine.requests[0].prompt == prompt
    answer = api.post("/api/generate", prompt=prompt, raw=True, system="x")
    assert answer.json == {"error": "raw mode does not support template, system, or context"}


def test_logprobs(api: Api) -> None:
    top = (TokenLogprob("Hi", b"Hi", -0.1), TokenLogprob("Ho", b"Ho", -2.0))
    item = TokenLogprob("Hi", b"Hi", -0.1, top)
    api.say(ReasoningDelta("", (TokenLogprob("<|message|>", b"<|message|>", 0.0),)), TextDelta("Hi", (item,)), DONE)
    first, second, last = api.post("/api/chat", messages=HELLO, logprobs=True, top_logprobs=2).lines
    assert first["logprobs"][0]["token"] == "<|message|>"
    assert second["logprobs"] == [
        {
            "token": "Hi", "logprob": -0.1, "bytes": [72, 105],
            "top_logprobs": [{"token": "Hi", "logprob": -0.1, "bytes": [72, 105]},
                             {"token": "Ho", "logprob": -2.0, "bytes": [72, 111]}],
        }
    ]  # fmt: skip
    assert "logprobs" not in last
    whole = api.post("/api/chat", messages=HELLO, logprobs=True, stream=False).json
    assert [entry["token"] for entry in whole["logprobs"]] == ["<|message|>", "Hi"]
    assert api.engine.requests[-1].sampling.logprobs == 0


def test_an_empty_request_loads_and_unloads(api: Api, ollama_client: ollama.Client) -> None:
    reply = without_times(api.post("/api/chat", messages=[], stream=False).json)
    message = {"role": "assistant", "content": ""}
    assert reply == {"model": NAME, "message": message, "done": True, "done_reason": "load"}
    assert [model.name for model in ollama_client.ps().models] == [NAME]
    assert ollama_client.generate(NAME, keep_alive=0).done_reason == "unload"
    assert api.engine.closed
    assert ollama_client.ps().models == []
    assert ollama_client.generate(NAME, "").done_reason == "load"
    assert api.post("/api/chat", keep_alive=0).lines[-1]["done_reason"] == "unload"


def test_keep_alive_zero_unloads_after_the_answer(api: Api) -> None:
    api.say(DONE)
    assert api.post("/api/chat", messages=HELLO, keep_alive=0).status == 200
    assert api.request("GET", "/api/ps").json == {"models": []}


def test_an_error_before_the_first_piece_is_a_status(api: Api) -> None:
    api.say(ContextLengthExceeded(9000, 8192))
    for stream in (True, False):
        answer = api.post("/api/chat", messages=HELLO, stream=stream)
        assert answer.status == 400
        assert "9000" in answer.json["error"]
        assert "8192" in answer.json["error"]
    answer = api.post("/api/chat", model="missing", messages=HELLO)
    assert (answer.status, answer.json["error"]) == (404, "model 'missing' not found")


def test_an_error_after_the_first_piece_is_a_line(api: Api, ollama_client: ollama.Client) -> None:
    crash = Finished("error", error=ModelCrashed("the model was killed by signal 9"))
    api.say(TextDelta("Hi"), crash)
    answer = api.post("/api/chat", messages=HELLO)
    assert answer.status == 200
    assert answer.lines[1] == {"error": "the model was killed by signal 9"}
    with pytest.raises(ollama.ResponseError, match="signal 9"):
        list(ollama_client.chat(NAME, HELLO, stream=True))
    assert api.post("/api/chat", messages=HELLO, stream=False).status == 500


def test_a_bug_of_ours_is_a_plain_500(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    api.say(ZeroDivisionError("secret"))
    answer = api.post("/api/chat", messages=HELLO)
    assert answer.status == 500
    assert answer.json["error"] == "internal error"
    assert "secret" in caplog.text


@pytest.mark.parametrize("stream", [True, False])
def test_a_call_that_a_limit_cuts_off_is_none(api: Api, stream: bool) -> None:
    """The answer has what was whole, and says that it is not: it is no error."""
    api.say(
        TextDelta("I look."),
        ToolCallDelta(0, "call_1", "f", "{}"),
        ToolCallDelta(1, "call_2", "f", '{"city":'),
        Finished("length", Usage(1, 2)),
    )
    answer = api.post("/api/chat", messages=HELLO, stream=stream)
    lines = answer.lines if stream else [answer.json]
    assert "".join(line["message"]["content"] for line in lines) == "I look."
    calls = [call["id"] for line in lines for call in line["message"].get("tool_calls", ())]
    assert calls == ["call_1"]
    assert lines[-1]["done_reason"] == "length"


@pytest.mark.parametrize("stream", [True, False])
def test_a_crash_that_cuts_off_a_call_is_told_as_it_is(api: Api, stream: bool) -> None:
    """Not as a call whose arguments cannot be read."""
    crash = Finished("error", error=ModelCrashed("the model was killed by signal 9"))
    api.say(TextDelta("I look."), ToolCallDelta(0, "call_1", "f", '{"city":'), crash)
    answer = api.post("/api/chat", messages=HELLO, stream=stream)
    assert (answer.lines[-1] if stream else answer.json) == {"error": "the model was killed by signal 9"}


@pytest.mark.parametrize("arguments", ["[1]", "{broken"])
def test_arguments_that_are_no_object_are_an_error_with_the_text(api: Api, arguments: str) -> None:
    api.say(ToolCallDelta(0, "call_1", "f", arguments), DONE)
    for stream in (True, False):
        answer = api.post("/api/chat", messages=HELLO, stream=stream)
        assert answer.status == 500
        assert answer.json["error"].startswith(f"error parsing tool call: raw='{arguments}'")


def test_the_name_is_echoed_as_it_was_sent(api: Api) -> None:
    api.say(DONE)
    assert api.post("/api/chat", model="GPT-oss:20B", messages=HELLO, stream=False).json["model"] == "GPT-oss:20B"


def test_keep_alive_for_ever(api: Api, ollama_client: ollama.Client) -> None:
    ollama_client.generate(NAME, keep_alive=-1)
    (model,) = ollama_client.ps().models
    assert model.expires_at is not None
    assert model.expires_at.year > 2200
