"""The Responses' streams, event by event; answers in the background; clients that leave and servers that restart."""

import asyncio
import http.client
import json
from collections.abc import AsyncGenerator, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openai
import pytest

from ossia.config import Settings
from ossia.errors import ContextLengthExceeded, ModelCrashed
from ossia.server.app import create_app
from ossia.server.http import stream
from ossia.server.http.stream import Chunk
from ossia.server.protocols.responses.background import BackgroundResponse
from ossia.server.protocols.responses.exchange import Listener
from ossia.server.protocols.responses.store import ResponseStore, StoredResponse
from ossia.store.models import ModelStore
from ossia.types import (
    Event,
    Finished,
    GenerateRequest,
    Message,
    ReasoningDelta,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
)
from tests.api.conftest import NAME, Answer, Api
from tests.api.test_responses import CALLED, PATH, WEATHER, ask, get
from tests.conftest import Serve
from tests.doubles.scripted_engine import DONE, Hang, ScriptedEngine, pool_of
from tests.waiting import PATIENCE, wait_until


def events(answer: Answer) -> list[tuple[str, Any]]:
    """Types without `response.`, and the rest. Names are types, numbers run from 0, ids are those of the items."""
    assert answer.headers["content-type"] == "text/event-stream"
    found: list[tuple[str, Any]] = []
    items: dict[int, str] = {}
    for block in answer.body.decode().removesuffix("\n\n").split("\n\n"):
        if block.startswith(":"):
            continue
        name, data = block.split("\n")
        value = json.loads(data.removeprefix("data: "))
        assert name == f"event: {value['type']}"
        assert value.pop("sequence_number") == len(found)
        if "item" in value:
            assert items.setdefault(value["output_index"], value["item"]["id"]) == value["item"].pop("id")
        if "item_id" in value:
            assert value.pop("item_id") == items[value["output_index"]]
        found.append((value.pop("type").removeprefix("response."), value))
    return found


def streamed(api: Api, **body: Any) -> list[tuple[str, Any]]:
    return events(ask(api, stream=True, **body))


def begin(api: Api, **body: Any) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse, str]:
    """Open a stream and read its first event: the connection, the rest, the response's id."""
    connection = api.connect()
    connection.request("POST", PATH, json.dumps({"model": NAME, "input": "Hello", "stream": True, **body}))
    response = connection.getresponse()
    assert response.readline() == b"event: response.created\n"
    created = json.loads(response.readline().removeprefix(b"data: "))
    return connection, response, created["response"]["id"]


def status(api: Api, id: str) -> str:
    return get(api, id).json["status"]


def text_part(text: str, logprobs: Any = ()) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": list(logprobs)}


def item(index: int, done: bool, **fields: Any) -> tuple[str, Any]:
    state = {"status": "completed" if done else "in_progress", **fields}
    return f"output_item.{'done' if done else 'added'}", {"output_index": index, "item": state}


def test_a_stream_of_reasoning_text_and_calls(api: Api) -> None:
    api.say(
        *(ReasoningDelta("Hm"), ReasoningDelta(""), ReasoningDelta("m."), TextDelta("Hel"), TextDelta("lo")),
        *(ToolCallDelta(0, "a", "get_weather", '{"city": '), ToolCallDelta(0, "a", "get_weather", '"Bern"}')),
        *(ToolCallDelta(1, "b", "patch"), ToolCallDelta(1, "b", "patch", "***"), CALLED),
    )
    tools = [WEATHER, {"type": "custom", "name": "patch"}]
    (first, created), (second, started), *rest, (last, completed) = streamed(
        api, tools=tools, reasoning={"summary": "auto"}
    )
    assert (first, second, last) == ("created", "in_progress", "completed")
    begun = created["response"]
    assert (begun["status"], begun["output"], begun["usage"], begun["tools"]) == ("in_progress", [], None, tools)
    assert started["response"] == begun
    reasoning = {"type": "reasoning", "encrypted_content": None}
    message = {"type": "message", "role": "assistant"}
    call = {"type": "function_call", "call_id": "a", "name": "get_weather"}
    patch = {"type": "custom_tool_call", "call_id": "b", "name": "patch"}
    summary = {"output_index": 0, "summary_index": 0}
    content = {"output_index": 1, "content_index": 0}
    whole = {"type": "summary_text", "text": "Hmm."}
    assert rest == [
        item(0, False, **reasoning, summary=[]),
        ("reasoning_summary_part.added", {**summary, "part": {"type": "summary_text", "text": ""}}),
        ("reasoning_summary_text.delta", {**summary, "delta": "Hm"}),
        ("reasoning_summary_text.delta", {**summary, "delta": "m."}),
        ("reasoning_summary_text.done", {**summary, "text": "Hmm."}),
        ("reasoning_summary_part.done", {**summary, "part": whole}),
        item(0, True, **reasoning, summary=[whole]),
        item(1, False, **message, content=[]),
        ("content_part.added", {**content, "part": text_part("")}),
        ("output_text.delta", {**content, "delta": "Hel", "logprobs": []}),
        ("output_text.delta", {**content, "delta": "lo", "logprobs": []}),
        ("output_text.done", {**content, "text": "Hello", "logprobs": []}),
        ("content_part.done", {**content, "part": text_part("Hello")}),
        item(1, True, **message, content=[text_part("Hello")]),
        item(2, False, **call, arguments=""),
        ("function_call_arguments.delta", {"output_index": 2, "delta": '{"city": '}),
        ("function_call_arguments.delta", {"output_index": 2, "delta": '"Bern"}'}),
        ("function_call_arguments.done", {"output_index": 2, "name": "get_weather", "arguments": '{"city": "Bern"}'}),
        item(2, True, **call, arguments='{"city": "Bern"}'),
        item(3, False, **patch, input=""),
        ("custom_tool_call_input.delta", {"output_index": 3, "delta": "***"}),
        ("custom_tool_call_input.done", {"output_index": 3, "input": "***"}),
        item(3, True, **patch, input="***"),
    ]
    end = completed["response"]
    assert end["id"] == begun["id"]
    assert [each["type"] for each in end["output"]] == ["reasoning", "message", "function_call", "custom_tool_call"]
    assert end["usage"]["total_tokens"] == 18
    assert get(api, end["id"]).json == end


def test_reasoning_is_content_too_for_those_who_ask_for_no_summary(api: Api) -> None:
    """As OpenAI's own documents for its open-weight models have it."""
    api.say(ReasoningDelta("Hm."), DONE)
    raw, summary = {"output_index": 0, "content_index": 0}, {"output_index": 0, "summary_index": 0}
    text, whole = {"type": "reasoning_text", "text": "Hm."}, {"type": "summary_text", "text": "Hm."}
    reasoning = {"type": "reasoning", "encrypted_content": "Hm."}
    assert streamed(api, include=["reasoning.encrypted_content"])[3:-1] == [
        ("content_part.added", {**raw, "part": {**text, "text": ""}}),
        ("reasoning_summary_part.added", {**summary, "part": {**whole, "text": ""}}),
        ("reasoning_text.delta", {**raw, "delta": "Hm."}),
        ("reasoning_summary_text.delta", {**summary, "delta": "Hm."}),
        ("reasoning_text.done", {**raw, "text": "Hm."}),
        ("content_part.done", {**raw, "part": text}),
        ("reasoning_summary_text.done", {**summary, "text": "Hm."}),
        ("reasoning_summary_part.done", {**summary, "part": whole}),
        item(0, True, **reasoning, summary=[whole], content=[text]),
    ]


def test_logprobs(api: Api) -> None:
    api.say(TextDelta("Hi", (TokenLogprob("Hi", b"Hi", -0.1),)), DONE)
    logprob = {"token": "Hi", "logprob": -0.1, "bytes": [72, 105], "top_logprobs": []}
    found = dict(streamed(api, include=["message.output_text.logprobs"]))
    assert found["output_text.delta"]["logprobs"] == found["output_text.done"]["logprobs"] == [logprob]
    assert found["content_part.done"]["part"] == text_part("Hi", [logprob])


def test_an_empty_answer(api: Api) -> None:
    api.say(DONE)
    assert [name for name, _ in streamed(api)] == ["created", "in_progress", "completed"]


def test_the_length_limit(api: Api) -> None:
    api.say(TextDelta("Hel"), replace(DONE, reason="length"))
    *_, (done, last_item), (name, last) = streamed(api)
    assert (done, last_item["item"]["status"]) == ("output_item.done", "incomplete")
    assert (name, last["response"]["status"]) == ("incomplete", "incomplete")
    assert last["response"]["incomplete_details"] == {"reason": "max_output_tokens"}
    assert get(api, last["response"]["id"]).json == last["response"]


def test_a_failure_in_mid_stream(api: Api, openai_client: openai.OpenAI) -> None:
    api.say(TextDelta("Hi"), Finished("error", error=ModelCrashed("killed by signal 9")))
    *_, (done, last_item), (name, last) = streamed(api)
    assert (done, last_item["item"]["status"]) == ("output_item.done", "incomplete")
    assert (name, last["response"]["status"]) == ("failed", "failed")
    assert last["response"]["error"] == {"code": "server_error", "message": "killed by signal 9"}
    assert get(api, last["response"]["id"]).json == last["response"]
    read = list(openai_client.responses.create(model=NAME, input="Hello", stream=True))
    assert read[-1].type == "response.failed"


def test_a_failure_before_the_first_event_is_a_status(api: Api) -> None:
    for failure in (ModelCrashed("no memory"), Finished("error", error=ModelCrashed("no memory"))):
        api.say(failure)
        answer = ask(api, stream=True)
        assert (answer.status, answer.json["error"]["message"]) == (500, "no memory")
        assert answer.json["type"] == "error"  # a reader of streams takes it for an event
        assert "type" not in ask(api).json


class Slow(ScriptedEngine):
    """Reads the prompt until it is told to crash."""

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event]:
        self.loop, self.told = asyncio.get_running_loop(), asyncio.Event()
        await self.told.wait()
        yield Finished("error", error=ModelCrashed("no memory"))


def test_a_failure_once_comments_were_sent_is_an_event(
    serve: Serve, store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status cannot be changed any more, and a stream must begin with response.created."""
    monkeypatch.setattr(stream, "KEEP_ALIVE_SECONDS", 0.02)
    engine = Slow()
    connection = another(serve, store, engine).connect()
    connection.request("POST", PATH, json.dumps({"model": NAME, "input": "Hello", "stream": True}))
    response = connection.getresponse()
    assert response.readline() == b": keep-alive\n"
    engine.loop.call_soon_threadsafe(engine.told.set)
    names = [line for line in response.read().splitlines() if line.startswith(b"event: ")]
    assert names == [b"event: response.created", b"event: response.failed"]
    connection.close()


def test_a_response_can_be_continued_from_as_soon_as_its_stream_says_that_it_is_complete(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the store takes."""
    update = ResponseStore.update

    async def slowly(store: ResponseStore, stored: StoredResponse) -> None:
        await asyncio.sleep(0.1)
        await update(store, stored)

    monkeypatch.setattr(ResponseStore, "update", slowly)
    api.say(TextDelta("Hi"), DONE)
    connection, response, id = begin(api)
    while response.readline() != b"event: response.completed\n":
        pass
    assert status(api, id) == "completed"
    connection.close()


# ---- clients that leave


def test_a_response_can_be_read_while_it_is_streamed(api: Api) -> None:
    api.say(TextDelta("Hi"), Hang())
    connection, response, id = begin(api)
    assert status(api, id) == "in_progress"
    answer = ask(api, previous_response_id=id)
    assert (answer.status, answer.json["error"]["message"].split(":")[0]) == (400, f"{id} is not answered yet")
    response.close()
    connection.close()


def test_a_client_that_leaves_cancels_its_response(api: Api) -> None:
    api.say(TextDelta("Hi"), Hang())
    connection, response, id = begin(api)
    response.close()
    connection.close()
    assert api.engine.aborted.wait(PATIENCE)
    wait_until(lambda: status(api, id) == "cancelled")
    (message,) = get(api, id).json["output"]
    assert (message["status"], message["content"][0]["text"]) == ("incomplete", "Hi")
    api.say(DONE)
    assert ask(api, previous_response_id=id).status == 200


@pytest.mark.parametrize("stream", [True, False])
def test_a_client_that_leaves_before_the_first_byte_aborts_the_engine(api: Api, stream: bool) -> None:
    api.say(*([] if stream else [TextDelta("Hi")]), Hang())
    connection = api.connect()
    connection.request("POST", PATH, json.dumps({"model": NAME, "input": "Hello", "stream": stream}))
    assert api.engine.started.wait(PATIENCE)
    connection.close()
    assert api.engine.aborted.wait(PATIENCE)


# ---- in the background


def test_an_answer_in_the_background(api: Api, openai_client: openai.OpenAI) -> None:
    api.say(TextDelta("Hi"), DONE)
    response = openai_client.responses.create(model=NAME, input="Hello", background=True)
    assert (response.status, response.background, response.output) == ("queued", True, [])
    wait_until(lambda: status(api, response.id) == "completed")
    assert openai_client.responses.retrieve(response.id).output_text == "Hi"
    assert openai_client.responses.cancel(response.id).status == "completed"


def test_a_failure_in_the_background(api: Api) -> None:
    api.say(ContextLengthExceeded(9000, 8192))
    id = ask(api, background=True).json["id"]
    wait_until(lambda: status(api, id) == "failed")
    assert get(api, id).json["error"]["code"] == "context_length_exceeded"
    assert ask(api, background=True, model="missing").status == 404


def test_an_answer_in_the_background_is_cancelled(api: Api) -> None:
    api.say(TextDelta("Hi"), Hang())
    id = ask(api, background=True).json["id"]
    wait_until(lambda: status(api, id) == "in_progress")
    cancelled = api.request("POST", f"{PATH}/{id}/cancel")
    assert (cancelled.status, cancelled.json["status"]) == (200, "cancelled")
    assert api.engine.aborted.wait(PATIENCE)
    assert get(api, id).json == cancelled.json
    names = [name for name, _ in events(get(api, id, "?stream=true"))]
    assert names[:3] == ["created", "queued", "in_progress"]
    assert names[-1] == "incomplete"


def test_only_an_answer_in_the_background_is_cancelled(api: Api) -> None:
    api.say(DONE)
    answer = api.request("POST", f"{PATH}/{ask(api).json['id']}/cancel")
    assert (answer.status, answer.json["error"]["type"]) == (400, "invalid_request_error")


def test_deleting_an_answer_in_the_background_ends_it(api: Api) -> None:
    api.say(TextDelta("Hi"), Hang())
    id = ask(api, background=True).json["id"]
    assert api.engine.started.wait(PATIENCE)
    assert api.request("DELETE", f"{PATH}/{id}").status == 200
    assert api.engine.aborted.wait(PATIENCE)
    assert get(api, id).status == 404


def test_a_stream_in_the_background_outlives_its_client_and_can_be_followed(api: Api) -> None:
    api.say(TextDelta("Hel"), Hang())
    connection, response, id = begin(api, background=True)
    response.close()
    connection.close()
    follower = api.connect()
    follower.request("GET", f"{PATH}/{id}?stream=true&starting_after=1")
    rest = follower.getresponse()
    assert rest.readline() == b"event: response.in_progress\n"
    assert not api.engine.aborted.is_set()
    api.request("POST", f"{PATH}/{id}/cancel")
    names = [line.decode().removeprefix("event: response.") for line in rest.read().splitlines() if line[:1] == b"e"]
    assert names[:3] == ["output_item.added", "content_part.added", "output_text.delta"]
    assert names[-1] == "incomplete"
    follower.close()


async def test_an_answer_that_is_stopped_before_it_begins_says_how_it_ends() -> None:
    async def answer(listener: Listener) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await listener.write([{"type": "end"}])

    async def write(chunks: Iterable[Chunk]) -> None:
        told.extend(chunks)

    told, ended = list[Chunk](), list[str]()
    response = BackgroundResponse(answer, lambda: ended.append("ended"))
    follower = asyncio.create_task(response.follow(write))
    await response.stop()
    assert (ended, response.done) == (["ended"], True)
    await asyncio.wait_for(follower, PATIENCE)
    assert told == [{"type": "end"}]


def test_events_that_are_not_kept(api: Api) -> None:
    api.say(DONE)
    id = ask(api).json["id"]
    answer = get(api, id, "?stream=true")
    assert (answer.status, answer.json["error"]["message"].split(":")[0]) == (400, f"the events of {id} are not kept")
    assert get(api, "resp_x", "?stream=true").status == 404
    assert get(api, id, "?stream=true&starting_after=x").status == 400


# ---- more than one server, and none


def another(serve: Serve, store: ModelStore, engine: ScriptedEngine) -> Api:
    return Api(serve(create_app(Settings(), store, pool_of(engine))), engine, [])


def test_a_conversation_outlives_the_server(api: Api, serve: Serve, store: ModelStore) -> None:
    api.say(TextDelta("Hi"), replace(DONE, token_ids=tuple(range(14))))
    first = ask(api).json
    other = another(serve, store, ScriptedEngine(TextDelta("Well"), DONE))
    assert get(other, first["id"]).json == first
    assert ask(other, previous_response_id=first["id"]).json["status"] == "completed"
    hello, hi, _ = other.engine.requests[0].prompt
    assert (hello, hi) == (Message("user", "Hello"), Message("assistant", "Hi", token_ids=(11, 12, 13)))


def test_another_server_cannot_cancel(api: Api, serve: Serve, store: ModelStore) -> None:
    api.say(Hang())
    id = ask(api, background=True).json["id"]
    other = another(serve, store, ScriptedEngine(DONE))
    answer = other.request("POST", f"{PATH}/{id}/cancel")
    assert (answer.status, "another server" in answer.json["error"]["message"]) == (400, True)
    assert api.request("POST", f"{PATH}/{id}/cancel").json["status"] == "cancelled"


def test_answers_go_on_when_they_cannot_be_kept(api: Api, tmp_path: Path) -> None:
    folder = tmp_path / "home" / ".ollama"
    folder.parent.mkdir()
    folder.write_text("no folder")
    api.say(TextDelta("Hi"), DONE)
    answer = ask(api)
    assert (answer.status, answer.json["store"]) == (200, False)
    for failed in (get(api, answer.json["id"]), ask(api, background=True), ask(api, previous_response_id="resp_x")):
        assert failed.status == 500
        assert "responses.db cannot be used" in failed.json["error"]["message"]


# ---- conversations that are too long


class Short(ScriptedEngine):
    """Reads 100 characters and no more."""

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event]:
        length = sum(len(message.content) for message in request.prompt if isinstance(message, Message))
        self.script = (ContextLengthExceeded(length, 100),) if length > 100 else (TextDelta("Hi"), DONE)
        async for event in super().generate(request):
            yield event


def test_a_conversation_that_is_too_long_loses_its_beginning_if_that_is_wanted(serve: Serve, store: ModelStore) -> None:
    api = another(serve, store, Short())
    turns = [{"role": role, "content": role[0] * 20} for role in ("user", "assistant") * 4]
    long = [{"role": "system", "content": "Be kind."}, *turns, {"role": "user", "content": "Well?"}]
    assert ask(api, input=long).json["error"]["code"] == "context_length_exceeded"
    assert ask(api, input=long, truncation="auto").status == 200
    kept = [message.content for message in api.engine.requests[-1].prompt if isinstance(message, Message)]
    assert kept == ["Be kind.", *("u" * 20, "a" * 20) * 2, "Well?"]
    assert ask(api, input="x" * 101, truncation="auto").status == 400
