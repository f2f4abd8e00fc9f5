"""OpenAI's Conversations: items that are kept under one id, and responses that go on from them and join them."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from ossia.errors import ConversationNotFound, ModelCrashed, StoreError
from ossia.server.http.stream import to_json
from ossia.server.protocols.responses import conversations
from ossia.server.protocols.responses.store import ResponseStore
from ossia.server.protocols.responses.stored import StoredResponse
from ossia.types import Finished, Message, ReasoningDelta, TextDelta, ToolCall, ToolCallDelta
from tests.api.conftest import Api
from tests.api.test_responses import CALLED, WEATHER, ask
from tests.doubles.scripted_engine import DONE
from tests.waiting import wait_until

PATH = "/v1/conversations"
HELLO: Any = {"role": "user", "content": "Hello"}
BYE: Any = {"role": "user", "content": "Bye"}


def said(text: str) -> dict[str, str]:
    return {"id": f"msg_{text[0]}", "type": "message", "role": "user", "content": text}


def call(api: Api, method: str, path: str, **body: Any) -> Any:
    return api.request(method, f"{PATH}{path}", body).json


def ids(listed: Any) -> list[str]:
    return [item["id"] for item in listed["data"]]


def test_responses_go_on_from_a_conversation_and_join_it(api: Api) -> None:
    id = call(api, "POST", "", items=[{"role": "developer", "content": "Be brief."}])["id"]
    api.say(ReasoningDelta("Hm."), ToolCallDelta(0, "call_1", "get_weather", "{}"), CALLED)
    first = ask(api, conversation=id, tools=[WEATHER]).json
    api.say(TextDelta("Rain."), DONE)
    output = {"type": "function_call_output", "call_id": "call_1", "output": "rain"}
    ask(api, input=[output], conversation={"id": id}, store=False, stream=True)
    ask(api, input="Thanks", conversation=id)
    assert first["conversation"] == {"id": id}
    alone = ask(api, previous_response_id=first["id"])
    assert (alone.status, f"conversation='{id}' goes on" in alone.json["error"]["message"]) == (400, True)
    assert api.engine.requests[-1].prompt == (
        Message("developer", "Be brief."),
        Message("user", "Hello"),
        Message("assistant", "", "Hm.", (ToolCall("call_1", "get_weather", "{}"),)),
        Message("tool", "rain", tool_call_id="call_1", name="get_weather"),
        Message("assistant", "Rain."),
        Message("user", "Thanks"),
    )
    kinds = [item["type"] for item in call(api, "GET", f"/{id}/items?order=asc")["data"]]
    assert kinds == ["message", "message", "reasoning", "function_call", "function_call_output", *["message"] * 3]


def test_what_is_done_to_a_conversation(api: Api) -> None:
    made = call(api, "POST", "", metadata={"a": "b"})
    path = f"/{made['id']}"
    first, last = ids(call(api, "POST", f"{path}/items", items=[HELLO, BYE]))
    assert call(api, "GET", f"{path}/items/{last}")["content"] == [{"type": "input_text", "text": "Bye"}]
    page = call(api, "GET", f"{path}/items?limit=1")
    assert (ids(page), page["has_more"]) == ([last], True)
    assert ids(call(api, "GET", f"{path}/items?after={last}")) == [first]
    assert ids(call(api, "GET", f"{path}/items?after={first}&order=asc")) == [last]
    assert "there is no item" in call(api, "GET", f"{path}/items?after=msg_x")["error"]["message"]
    assert call(api, "DELETE", f"{path}/items/{last}") == call(api, "GET", path) == made
    assert ids(call(api, "GET", f"{path}/items")) == [first]
    assert call(api, "POST", path, metadata={"c": "d"}) == call(api, "GET", path) == made | {"metadata": {"c": "d"}}
    assert call(api, "DELETE", path) == {"id": made["id"], "object": "conversation.deleted", "deleted": True}
    for gone in (call(api, "POST", f"{path}/items", items=[HELLO]), ask(api, conversation=made["id"]).json):
        assert gone["error"]["message"].startswith(f"Conversation with id '{made['id']}' not found.")


def test_what_no_response_could_read_is_refused_and_a_picture_is_past_once_another_message_follows(api: Api) -> None:
    refused = call(api, "POST", "", items=[HELLO, {"type": "message", "role": "tool", "content": "x"}])
    assert refused["error"]["message"].startswith("items[1].role must be one of")
    picture = {"role": "user", "content": [{"type": "input_image", "image_url": "data:"}]}
    id = call(api, "POST", "", items=[picture])["id"]
    assert ask(api, conversation=id, input=None).status == 400
    api.say(TextDelta("No."), DONE)
    assert ask(api, conversation=id, input="Do you see it?").status == 200
    assert len(api.engine.requests[-1].prompt) == 2


def test_an_answer_that_failed_does_not_join(api: Api) -> None:
    id = call(api, "POST", "")["id"]
    api.say(TextDelta("Hi"), Finished("error", error=ModelCrashed("killed")))
    assert ask(api, conversation=id).status == 500
    assert ids(call(api, "GET", f"/{id}/items")) == []


async def test_a_conversation_is_there_for_its_own_space_until_it_expires(tmp_path: Path) -> None:
    now = 0.0
    responses = ResponseStore(tmp_path / "responses.db", clock=lambda: now, max_seconds=10)
    store = responses.conversations
    made = await store.create([said("a")], {}, "mine")
    for refused in (store.get(made.id), store.items(made.id), store.add(made.id, []), store.delete(made.id)):
        with pytest.raises(ConversationNotFound):
            await refused
    now = 9.0
    await store.add(made.id, [said("b")], "mine")
    now = 18.0
    assert await store.items(made.id, "mine") == [to_json(said("a")), to_json(said("b"))]
    now = 20.0
    with pytest.raises(ConversationNotFound):
        await store.items(made.id, "mine")
    await responses.close()


async def test_who_stores_much_loses_the_own_oldest(tmp_path: Path) -> None:
    """Removed items make room."""
    responses = ResponseStore(tmp_path / "responses.db", max_bytes=4000)
    store = responses.conversations
    mine = await store.create([said("a")], {}, "mine")
    first, second = [await store.create([said(name * 1000)], {}) for name in "bc"]
    await store.remove(second.id, "msg_c")
    third = await store.create([said("d" * 600)], {})
    for conversation in (first, second, third):
        await store.get(conversation.id)
    await store.create([said("e" * 1000)], {})
    with pytest.raises(ConversationNotFound):
        await store.get(first.id)
    assert await store.items(mine.id, "mine") == [to_json(said("a"))]
    await responses.close()


@pytest.mark.parametrize("change", ["remove", "describe"])
async def test_what_one_server_has_removed_another_cannot_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """Both once looked first, and then waited for their turn to act."""
    one, two = ResponseStore(tmp_path / "responses.db"), ResponseStore(tmp_path / "responses.db")
    made = await one.conversations.create([said("a")], {})
    await two.conversations.get(made.id)
    waiting, transaction = list[str](), conversations.transaction

    def announced(db: Any, *kind: str) -> Any:
        waiting.append(change)
        return transaction(db, *kind)

    monkeypatch.setattr(conversations, "transaction", announced)
    third = sqlite3.connect(tmp_path / "responses.db", isolation_level=None)
    third.execute("BEGIN IMMEDIATE")
    if change == "remove":
        tasks = [asyncio.create_task(store.conversations.remove(made.id, "msg_a")) for store in (one, two)]
    else:
        tasks = [asyncio.create_task(one.conversations.describe(made.id, {"a": "b"}))]
        third.execute("DELETE FROM conversations")
    await asyncio.to_thread(wait_until, lambda: len(waiting) == len(tasks))
    third.execute("COMMIT")
    third.close()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in done].count(ConversationNotFound) == 1
    await one.close()
    await two.close()


async def test_the_end_of_a_response_and_its_conversation_are_stored_together(tmp_path: Path) -> None:
    store = ResponseStore(tmp_path / "responses.db")
    made = await store.conversations.create([], {})
    response = {"id": "resp_a", "status": "in_progress", "output": [], "previous_response_id": None}
    await store.add(StoredResponse(response))
    ended = StoredResponse(response | {"status": "completed"}, [])
    with pytest.raises(StoreError):  # an item that cannot be written
        await store.finish(ended, made.id, [said("a"), {"id": {}}])
    assert await store.get("resp_a") == StoredResponse(response, [])
    assert await store.conversations.items(made.id) == []
    await store.finish(ended, made.id, [said("a")])
    assert await store.get("resp_a") == ended
    assert await store.conversations.items(made.id) == [to_json(said("a"))]
    await store.conversations.delete(made.id)
    await store.finish(StoredResponse(response), made.id, [said("b")])
    assert await store.get("resp_a") == StoredResponse(response, [])
    await store.close()


def test_a_page_of_long_items_is_short(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred items of a body's size each are more than a server's memory."""
    monkeypatch.setattr(conversations, "_MOST_SHOWN", 2500)
    long = [
        {"role": "user", "content": letter * size} for letter, size in zip("abcd", (900, 900, 900, 5000), strict=True)
    ]
    path = f"/{call(api, 'POST', '', items=long)['id']}/items?limit=100&order=asc"
    pages = [call(api, "GET", path)]
    while pages[-1]["has_more"]:
        pages.append(call(api, "GET", f"{path}&after={pages[-1]['last_id']}"))
    assert [[item["content"][0]["text"][0] for item in page["data"]] for page in pages] == [["a", "b"], ["c"], ["d"]]


def test_an_item_that_is_sent_back_is_there_once(api: Api) -> None:
    """Pages that go on after an item would never end if it came again."""
    path = f"/{call(api, 'POST', '')['id']}/items"
    item = {"type": "message", "id": "msg_1", "role": "user", "content": "Hello."}
    for _ in range(2):
        call(api, "POST", path, items=[item])
    assert [found["id"] for found in call(api, "GET", path)["data"]] == ["msg_1"]
