"""Fields that clients cannot do without, by endpoint, and the shape of errors on every surface."""

import base64
import re
import struct
from datetime import datetime
from typing import Any

import pytest

from ossia.errors import ModelCrashed
from ossia.store.models import ModelStore
from ossia.types import Finished, TextDelta
from tests.api.conftest import NAME, Answer, Api
from tests.api.test_client_rules import CALLS, HELLO, INFERENCE, TALK, everywhere, stream_of
from tests.clients.weather import TOOL
from tests.doubles.scripted_engine import DONE


def test_tags(api: Api, store: ModelStore) -> None:
    """Digests differ where models do: equal ones are taken for aliases of one model."""
    store.create("mine", base=store.resolve(NAME), system="x")
    models = api.request("GET", "/api/tags").json["models"]
    for model in models:
        assert {"name", "model", "digest", "modified_at", "size", "details"} <= set(model)
        assert model["name"] == model["model"]
    assert len({model["digest"] for model in models}) == 2


def test_show(api: Api) -> None:
    """The context's length stands under the architecture's own name; license and template are strings."""
    shown = api.post("/api/show").json
    info = shown["model_info"]
    assert info[f"{info['general.architecture']}.context_length"] == 131072
    assert {"completion", "tools"} <= set(shown["capabilities"])
    assert isinstance(shown["template"], str)
    assert isinstance(shown.get("license", ""), str)
    assert "\n\n" not in shown["parameters"]
    assert shown["details"]["family"] == "gpt-oss"


def test_ps(api: Api) -> None:
    api.say(DONE)
    api.post("/api/chat", messages=HELLO)
    (running,) = api.request("GET", "/api/ps").json["models"]
    assert {"name", "model", "size_vram", "context_length"} <= set(running)
    assert datetime.fromisoformat(running["expires_at"]).tzinfo is not None


def test_copy_delete_and_blobs(api: Api) -> None:
    digest = "sha256:" + "0" * 64
    assert api.request("POST", "/api/copy", {"source": NAME, "destination": "mine"}).status == 200
    assert api.request("DELETE", "/api/delete", {"model": "mine"}).status == 200
    assert api.request("HEAD", f"/api/blobs/{digest}").status == 404
    known = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"  # of "hello"
    sent = api.request("POST", f"/api/blobs/{known}", b"hello", {"Content-Type": "application/json"})
    assert (sent.status, api.request("HEAD", f"/api/blobs/{known}").status) == (201, 200)


def test_embeddings(api: Api) -> None:
    """Durations and counts are never 0, which some would leave out and others require."""
    whole = api.post("/api/embed", input=["Hello"], options=dict.fromkeys(("temperature", "num_ctx", "seed"))).json
    assert {"model", "embeddings"} <= set(whole)
    assert all(whole[name] >= 1 for name in ("total_duration", "load_duration", "prompt_eval_count"))
    assert len(api.post("/api/embeddings", prompt="Hello").json["embedding"]) == 8
    plain, encoded = (
        api.post("/v1/embeddings", input="Hello", encoding_format=kind).json["data"][0] for kind in ("float", "base64")
    )
    assert (plain["object"], plain["index"]) == ("embedding", 0)
    assert list(struct.unpack("<8f", base64.b64decode(encoded["embedding"]))) == plain["embedding"]


def test_chat_completions(api: Api) -> None:
    api.say(*CALLS)
    whole = api.post("/v1/chat/completions", messages=HELLO, tools=[TOOL]).json
    assert {"id", "created", "model", "choices", "usage"} <= set(whole)
    assert whole["object"] == "chat.completion"
    (choice,) = whole["choices"]
    assert (choice["index"], choice["message"]["role"], choice["finish_reason"]) == (0, "assistant", "tool_calls")
    assert [(call["id"], call["type"]) for call in choice["message"]["tool_calls"]] == [
        ("call_1", "function"),
        ("call_2", "function"),
    ]
    assert {"prompt_tokens", "completion_tokens", "total_tokens"} <= set(whole["usage"])


def test_chunks_of_chat_completions(api: Api) -> None:
    api.say(*TALK)
    chunks = stream_of(api, "/v1/chat/completions")[:-1]
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    for chunk in chunks:
        assert chunk["object"] == "chat.completion.chunk"
        assert {"id", "created", "model"} <= set(chunk)
        (choice,) = chunk["choices"]
        assert choice["index"] == 0
        assert isinstance(choice["delta"], dict)
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None] * (len(chunks) - 1) + ["stop"]


def test_messages(api: Api) -> None:
    api.say(*TALK)
    whole = api.post("/v1/messages", messages=HELLO, max_tokens=9).json
    assert {"id", "model", "stop_sequence"} <= set(whole)
    assert (whole["type"], whole["role"], whole["stop_reason"]) == ("message", "assistant", "end_turn")
    assert {"input_tokens", "output_tokens"} <= set(whole["usage"])
    assert [block["type"] for block in whole["content"]] == ["thinking", "text"]
    thought = whole["content"][0]
    back = [*HELLO, {"role": "assistant", "content": [thought | {"signature": ""}, whole["content"][1]]}, *HELLO]
    assert api.post("/v1/messages", messages=back, max_tokens=9).status == 200, "an empty signature is accepted"


def test_events_of_messages(api: Api) -> None:
    api.say(*TALK[:-1], *CALLS[1:])
    first, *events = stream_of(api, "/v1/messages")
    assert (first["type"], first["message"]["content"]) == ("message_start", [])
    assert {"input_tokens", "output_tokens"} <= set(first["message"]["usage"])
    starts = [event for event in events if event["type"] == "content_block_start"]
    assert [start["index"] for start in starts] == [0, 1, 2, 3]
    text, call = starts[1]["content_block"], starts[2]["content_block"]
    assert (text["text"], call["input"], call["id"]) == ("", {}, "call_1")
    kinds = {event["delta"]["type"] for event in events if event["type"] == "content_block_delta"}
    assert {"text_delta", "thinking_delta", "input_json_delta"} <= kinds
    *_, end, stop = events
    assert {"stop_reason", "stop_sequence"} == set(end["delta"])
    assert "output_tokens" in end["usage"]
    assert stop == {"type": "message_stop"}


def message_of(path: str, error: Any) -> str:
    """The text of an error; its shape is the surface's own."""
    if path.startswith("/api/"):
        return error["error"]
    if path == "/v1/messages":
        assert error["type"] == "error"
        assert {"type", "message"} <= set(error["error"])
    else:
        assert set(error["error"]) == {"message", "type", "param", "code"}
    return error["error"]["message"]


def checked(path: str, answer: Answer, status: int, text: str) -> None:
    assert answer.status == status
    assert answer.headers["content-type"].startswith("application/json")
    assert text in message_of(path, answer.json)


@pytest.mark.parametrize("stream", [False, True])
@everywhere
def test_an_error_has_the_surfaces_own_shape(api: Api, path: str, stream: bool) -> None:
    """A bad request is 400, which no client tries again."""
    body = INFERENCE[path] | {"stream": stream}
    checked(path, api.post(path, **body | {"model": "absent"}), 404, "absent")
    checked(path, api.post(path, **body | {"options": 3}), 400, "options")
    checked(path, api.request("POST", path, b"{"), 400, "not valid JSON")
    api.say(ModelCrashed("killed by signal 9"))
    checked(path, api.post(path, **body), 500, "signal 9")


@everywhere
def test_an_error_in_a_stream_is_its_last_event(api: Api, path: str) -> None:
    api.say(TextDelta("Hi"), Finished("error", error=ModelCrashed("killed by signal 9")))
    chunks = stream_of(api, path)
    last = chunks[-2] if chunks[-1] == "[DONE]" else chunks[-1]
    assert "signal 9" in message_of(path, last)


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/show"), ("DELETE", "/api/delete"), ("POST", "/api/embed")])
def test_an_unknown_model_is_404_with_a_string(api: Api, method: str, path: str) -> None:
    answer = api.request(method, path, {"model": "absent", "input": "Hi"})
    assert answer.status == 404
    assert re.fullmatch("model 'absent' not found", answer.json["error"])


def test_an_unknown_model_of_openais_list(api: Api) -> None:
    checked("/v1/models", api.request("GET", "/v1/models/absent"), 404, "absent")
