"""Memory that requests share: who takes much makes room for others, whatever it is that takes it."""

import asyncio
import gc
import json
import socket
import weakref
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.requests import Request

from ossia.errors import InvalidRequest, ServerBusy
from ossia.server.http import budget, endpoint
from ossia.server.http.access_log import Record
from ossia.server.http.body import Arrival
from ossia.server.http.budget import Budget, Claim
from ossia.server.http.stream import Reply
from ossia.server.protocols.responses import stored
from ossia.server.protocols.responses.background import BackgroundResponse
from ossia.server.protocols.responses.exchange import Exchange
from ossia.server.protocols.responses.run import Responder
from ossia.server.protocols.responses.store import ResponseStore
from ossia.server.protocols.responses.stored import Room, StoredResponse
from ossia.types import Finished
from tests.api.conftest import NAME
from tests.api.test_responses_stream import events
from tests.hostile.conftest import HELLO, Attack, Attacked, answer_of, message_of, post_head
from tests.hostile.test_admission import ATTACK, LARGE, PATHS, PatientEngine
from tests.memory import takes_at_most
from tests.waiting import PATIENCE, wait_until

LIMIT = 256 << 10
BUSY = "too many large requests at one time"


def body(size: int = LIMIT, **fields: Any) -> bytes:
    """Return a request of so many bytes for any API."""
    asked = {"model": NAME, "messages": ATTACK, "input": "attack", "max_tokens": 9, **fields}
    padding = size - len(json.dumps({**asked, "padding": ""}))
    return json.dumps({**asked, "padding": "x" * padding}).encode()


def fill(attacked: Attacked, path: str, data: bytes, number: int = endpoint.BUDGET) -> list[Any]:
    """Send requests until they take all of the memory; they are answered only when the engine is released."""
    held = [attacked.attack(post_head(path, f"Content-Length: {len(data)}") + data) for _ in range(number)]
    wait_until(lambda: len(attacked.engine.requests) == number)
    return held


@pytest.mark.parametrize("path", PATHS)
def test_a_client_that_takes_all_memory_makes_room_for_others(server: Attack, path: str) -> None:
    attacked = server(PatientEngine(64), body_bytes=LIMIT)
    held = fill(attacked.seen_from(LARGE), path, body(stream=False))
    assert attacked.seen_from(LARGE).request("POST", path, body(stream=False)).status == 503
    assert attacked.request("POST", "/api/chat", body(messages=HELLO)).status == 200
    latest = answer_of(held[-1])
    assert (latest.status, BUSY in message_of(path, latest)) == (503, True)
    attacked.engine.released.set()
    assert {answer_of(each).status for each in held[:-1]} == {200}


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_that_has_begun_says_why_it_ends(server: Attack, path: str) -> None:
    attacked = server(PatientEngine(64), body_bytes=LIMIT)
    held = fill(attacked.seen_from(LARGE), path, body(stream=True))
    told = b""
    while b"one" not in told:
        told += held[-1].recv(1000)
    assert attacked.request("POST", "/api/chat", body(messages=HELLO)).status == 200
    while BUSY.encode() not in told:
        told += held[-1].recv(1000)
    assert told.startswith(b"HTTP/1.1 200 OK")


def test_a_response_in_the_background_makes_room_too(server: Attack) -> None:
    attacked = server(PatientEngine(64), body_bytes=LIMIT)
    many, asked = attacked.seen_from(LARGE), body(background=True)
    ids = [many.request("POST", "/v1/responses", asked).json["id"] for _ in range(endpoint.BUDGET)]
    assert many.request("POST", "/v1/responses", asked).status == 503
    assert attacked.request("POST", "/api/chat", body(messages=HELLO)).status == 200
    failed = attacked.request("GET", f"/v1/responses/{ids[-1]}").json
    assert (failed["status"], BUSY in failed["error"]["message"]) == ("failed", True)
    assert attacked.request("POST", f"/v1/responses/{ids[0]}/cancel").json["status"] == "cancelled"
    assert many.request("POST", "/v1/responses", asked).status == 200


def _remember_and_crowd_out(self: Exchange, finished: Finished) -> None:
    self.claim.crowd_out()


@pytest.mark.parametrize("background", [False, True])
def test_a_response_that_makes_room_fails_as_others_do(server: Attack, background: bool) -> None:
    attacked = server(PatientEngine(64), body_bytes=LIMIT)
    held = fill(attacked.seen_from(LARGE), "/v1/responses", body(stream=True, background=background))
    wait_until(lambda: b"response.created" in held[-1].recv(1 << 16, socket.MSG_PEEK))
    assert attacked.request("POST", "/api/chat", body(messages=HELLO)).status == 200
    told = events(answer_of(held[-1]))
    last, failed = told[-1][0], told[-1][1]["response"]
    assert (told[0][0], last, failed["status"]) == ("created", "failed", "failed")
    assert BUSY in failed["error"]["message"]
    assert attacked.request("GET", f"/v1/responses/{failed['id']}").json == failed


@pytest.mark.parametrize("background", [False, True])
def test_a_response_that_has_to_make_room_when_it_has_ended_is_whole(
    server: Attack, monkeypatch: pytest.MonkeyPatch, background: bool
) -> None:
    monkeypatch.setattr(Exchange, "remember", _remember_and_crowd_out)
    attacked = server()
    asked = json.dumps({"model": NAME, "input": "Hello", "stream": True, "background": background}).encode()
    last, completed = events(attacked.request("POST", "/v1/responses", asked))[-1]
    assert last == "completed"
    assert attacked.request("GET", f"/v1/responses/{completed['response']['id']}").json == completed["response"]


def test_a_response_that_has_to_make_room_before_it_begins_has_failed(
    server: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = list[Record]()

    async def start(self: Responder, exchange: Exchange, start: Any = Responder.start_background) -> Any:
        response = await start(self, exchange)
        exchange.claim.crowd_out()
        records.append(exchange.record)
        return response

    monkeypatch.setattr(Responder, "start_background", start)
    asked = json.dumps({"model": NAME, "input": "Hello", "stream": True, "background": True}).encode()
    told = events(server().request("POST", "/v1/responses", asked))
    assert [name for name, _ in told] == ["created", "queued", "failed"]
    wait_until(lambda: records[0].error == "ServerBusy")


VALUES = {
    "lists": "[" + ",".join(["[]"] * 900) + "]",
    "objects": "[" + ",".join(['{"a":{}}'] * 480) + "]",
    "nests": '{"a":' * 200 + "1" + "}" * 200,
    "numbers": "[" + ",".join(["1.5"] * 4000) + "]",
}


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_values_count_as_what_they_take_in_memory(values: str) -> None:
    """A body of a few kilobytes is many times as large for as long as its request waits."""
    takes_at_most(budget.weight(values.encode()), lambda: json.loads(values))


def test_small_bodies_of_many_values_count(server: Attack) -> None:
    attacked = server(PatientEngine(64), body_bytes=LIMIT)
    input = [{"role": "user", "content": "attack"}, {"type": "web_search_call", "x": [[]] * 900}]
    asked = json.dumps({"model": NAME, "input": input}).encode()
    assert len(asked) < 4000
    fill(attacked.seen_from(LARGE), "/v1/responses", asked)
    assert attacked.seen_from(LARGE).request("POST", "/v1/responses", asked).status == 503
    attacked.serves_others()
    assert attacked.request("POST", "/v1/responses", asked.replace(b"attack", b"Hello")).status == 200


def test_a_request_alone_has_room_whatever_it_takes() -> None:
    shared = Budget(1)
    alone, other = Claim(shared, "one"), Claim(shared, "two")
    alone.charge(1 << 20)
    with pytest.raises(ServerBusy, match=BUSY):
        other.charge(1 << 20)
    other.release()
    alone.release()
    Claim(shared, "two").charge(1 << 20)


def test_what_cannot_be_ended_keeps_its_room() -> None:
    shared = Budget(3 << 20)
    kept, ended, newcomer = Claim(shared, "one"), list[str](), Claim(shared, "two")
    kept.charge(1 << 20)
    for name in "ab":
        claim = Claim(shared, "one")
        claim.cancel = lambda name=name: ended.append(name)
        claim.charge(1 << 20)
    newcomer.take(1 << 19)
    newcomer.take(1 << 19)
    assert ended == ["b"]
    newcomer.take(1 << 19)  # now both have 2 MB, or less
    assert ended == ["b", "a"]
    with pytest.raises(ServerBusy):
        newcomer.take(1 << 20)


class Sender:
    """A body on its way in, which has been silent for so many seconds whenever somebody asks."""

    def __init__(self, silence: float) -> None:
        self.silence, self.asked, self.gone = silence, 0, False

    @property
    def silent(self) -> float:
        self.asked += 1
        return self.silence

    def crowd_out(self) -> None:
        self.gone = True


def sending(shared: Budget, client: str, silence: float = 0.01, size: int = 1 << 20) -> Sender:
    claim, sender = Claim(shared, client), Sender(silence)
    claim.arriving = sender
    claim.charge(size)
    return sender


def test_a_client_that_takes_much_takes_nothing_from_those_that_send() -> None:
    shared, ended = Budget(16 << 20), list[str]()
    running = Claim(shared, "much")
    running.cancel = lambda: ended.append("running")
    running.charge(12 << 20)
    others = [sending(shared, f"user {number}") for number in range(4)]
    with pytest.raises(ServerBusy, match=BUSY):
        sending(shared, "much")
    assert (ended, [each.gone for each in others]) == ([], [False] * 4)


def test_who_takes_most_gets_the_room_of_bodies_that_stall_and_of_its_own() -> None:
    shared = Budget(4 << 20)
    stalled, lively = sending(shared, "one", budget.STALLED), sending(shared, "two", 0.9)
    own = [sending(shared, "much"), sending(shared, "much")]
    sending(shared, "much", 0)
    assert (stalled.gone, lively.gone, [each.gone for each in own]) == (True, False, [False, False])
    sending(shared, "much", 0)
    assert (lively.gone, [each.gone for each in own]) == (False, [False, True])


def test_who_is_refused_takes_no_room() -> None:
    shared = Budget(3 << 20)
    running, refused = Claim(shared, "one"), Claim(shared, "two")
    running.charge(2 << 20)
    with pytest.raises(ServerBusy):
        refused.charge(2 << 20)
    running.take(0)
    Claim(shared, "three").charge(1 << 20)


async def test_a_body_that_is_refused_is_not_asked_to_give_way() -> None:
    """Its time limit is over, and another's request once failed for that."""
    shared = Budget(1 << 20)
    Claim(shared, "one").charge(1 << 20)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"x" * (1 << 20), "more_body": True}

    request, refused = Request({"type": "http", "method": "POST", "headers": []}, receive), Claim(shared, "two")
    with pytest.raises(ServerBusy):
        await Arrival(request, 30).whole(refused, 1 << 20)
    assert not refused.may_go


def test_making_much_room_at_once_takes_one_look_at_each() -> None:
    """It is the thread that serves everybody which looks."""
    shared = Budget(500 << 20)
    senders = [sending(shared, f"user {number % 2}") for number in range(500)]
    for each in senders:
        each.asked = 0
    Claim(shared, "newcomer").charge(150 << 20)
    assert len([each for each in senders if each.gone]) == 150
    assert max(each.asked for each in senders) <= 2


# ---- what is stored


def turn(id: str, previous: str | None, *items: Any) -> StoredResponse:
    response = {"id": id, "status": "completed", "output": [], "previous_response_id": previous, "model": NAME}
    return StoredResponse(response, items)


def said(text: str) -> dict[str, Any]:
    return {"id": "msg", "type": "message", "role": "user", "content": text}


def test_what_a_stored_conversation_takes_counts(server: Attack) -> None:
    attacked = server(PatientEngine(64), body_bytes=LIMIT)
    many = attacked.seen_from(LARGE)
    conversation = many.request("POST", "/v1/conversations", b"{}").json["id"]
    items = json.dumps({"items": [said("x" * (LIMIT - 1000))]}).encode()
    assert many.request("POST", f"/v1/conversations/{conversation}/items", items).status == 200
    asked = json.dumps({"model": NAME, "input": "attack", "conversation": conversation}).encode()
    fill(many, "/v1/responses", asked)
    assert many.request("POST", "/v1/responses", asked).status == 503
    first = attacked.request("POST", "/v1/responses", body(1000, input="x" * (LIMIT - 2000))).json["id"]
    after = json.dumps({"model": NAME, "input": "Hello", "previous_response_id": first}).encode()
    assert attacked.request("POST", "/v1/responses", after).status == 200


@pytest.mark.parametrize("item", [{"x": [[]] * 1000}, {"x": [{}] * 1000}], ids=["lists", "objects"])
async def test_a_stored_conversation_has_as_many_values_as_a_body(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, item: Any
) -> None:
    monkeypatch.setattr(stored, "MOST_VALUES", 5000)
    store, previous = ResponseStore(tmp_path / "responses.db"), None
    for number in range(4):
        await store.add(turn(str(number), previous, {"id": "w", "type": "web_search_call", **item}))
        previous = str(number)
    room = Room()
    assert [each.turn(room).id for each in await store.chain("1")] == ["0", "1"]
    with pytest.raises(InvalidRequest, match="too long to be continued"):
        [each.turn(room) for each in await store.chain("3")]  # pyright: ignore[reportUnusedExpression]
    await store.close()


@pytest.mark.parametrize("where", ["previous_response_id", "conversation"])
def test_a_stored_conversation_has_as_many_items_as_a_body(
    server: Attack, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Each takes a tenth of a millisecond: half a million of them fit into 64 MB."""
    monkeypatch.setattr(stored, "MOST_MESSAGES", 50)
    attacked = server()
    items = [{"role": "user", "content": "a"}] * 40
    named = ""
    if where == "conversation":
        named = attacked.request("POST", "/v1/conversations", json.dumps({"items": items}).encode()).json["id"]
    for status in (200, 200, 400)[where == "conversation" :]:
        asked = json.dumps({"model": NAME, "input": items, **({where: named} if named else {})}).encode()
        answer = attacked.request("POST", "/v1/responses", asked)
        assert answer.status == status
        if where == "previous_response_id":
            named = answer.json.get("id", "")
        if status == 400:
            assert "too long to be continued" in message_of("/v1/responses", answer)


async def test_a_wide_character_makes_no_more_of_a_stored_text_than_it_has(tmp_path: Path) -> None:
    store = ResponseStore(tmp_path / "responses.db")
    await store.add(turn("a", None, said("x" * (1 << 20) + "\N{CRAB}")))
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(
        takes_at_most, 3 << 20, lambda: asyncio.run_coroutine_threadsafe(store.chain("a"), loop).result()
    )
    await store.close()


def test_items_that_are_only_shown_are_not_decoded(server: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    attacked, item = server(), {"id": "w", "type": "web_search_call", "x": [[]] * 1000}
    asked = json.dumps({"model": NAME, "input": [item, said("Hello")]}).encode()
    response = attacked.request("POST", "/v1/responses", asked).json["id"]
    asked = json.dumps({"items": [item]}).encode()
    conversation = attacked.request("POST", "/v1/conversations", asked).json["id"]
    shown = list[object]()
    monkeypatch.setattr(
        Reply, "whole", lambda self, content, whole=Reply.whole: shown.append(content) or whole(self, content)
    )
    for path in (f"responses/{response}/input_items", f"conversations/{conversation}/items"):
        assert attacked.request("GET", f"/v1/{path}?order=asc").json["data"][0] == item
    assert {type(each) for page in shown for each in page["data"]} == {msgspec.Raw}  # type: ignore[index]


def test_items_from_which_nothing_could_go_on_are_refused(server: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ossia.server.protocols.responses.conversation_handlers.MOST_READ", 10_000)
    attacked, large = server(), json.dumps({"items": [said("x" * 10_000)]}).encode()
    made = attacked.request("POST", "/v1/conversations", b"{}").json["id"]
    for path in ("/v1/conversations", f"/v1/conversations/{made}/items"):
        refused = attacked.request("POST", path, large)
        assert (refused.status, "at most 10000 bytes" in message_of(path, refused)) == (413, True)


@pytest.mark.parametrize("table", ["responses", "conversations"])
async def test_the_size_of_all_that_is_stored_is_looked_at_seldom_and_in_an_index(tmp_path: Path, table: str) -> None:
    """Another conversation beside a million empty ones once took six seconds, in the thread that serves everybody."""
    store, said_by_sqlite, size = ResponseStore(tmp_path / "responses.db", max_bytes=1 << 20), list[str](), 300
    database = store._database  # pyright: ignore[reportPrivateUsage]
    await database.run(lambda: database.open().set_trace_callback(said_by_sqlite.append))
    for number in range(100):
        if table == "responses":
            await store.add(turn(str(number), None, said("x" * (size - 150))))
        else:
            await store.conversations.create([], {"a": "x" * (size - 200)})
    looks = {text for text in said_by_sqlite if "sum(size)" in text and f"FROM {table} " in text}
    assert 0 < len([text for text in said_by_sqlite if text in looks]) <= 10
    (look,) = looks
    plan = await database.run(lambda: database.open().execute(f"EXPLAIN QUERY PLAN {look}").fetchall())
    assert [f"USING COVERING INDEX {table}_by_space" in row[-1] for row in plan] == [True]
    await store.close()


def test_a_response_from_which_nothing_could_go_on_is_not_stored(
    server: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ossia.server.protocols.responses.store.MOST_READ", 10_000)
    attacked, large = server(), json.dumps({"model": NAME, "input": "x" * 10_000}).encode()
    answer = attacked.request("POST", "/v1/responses", large)
    assert (answer.status, answer.json["store"]) == (200, False)
    background = json.dumps({**json.loads(large), "background": True}).encode()
    refused = attacked.request("POST", "/v1/responses", background)
    assert (refused.status, "too large to be stored" in message_of("/v1/responses", refused)) == (413, True)


async def _never(listener: object) -> None:
    await asyncio.Event().wait()


async def _soon(listener: object) -> None:
    await asyncio.sleep(0)


@pytest.mark.parametrize("answer", [_never, _soon], ids=["cancelled", "whole"])
@pytest.mark.parametrize("begun", [False, True])
async def test_a_response_in_the_background_that_has_ended_keeps_no_request(
    answer: Callable[[object], Coroutine[None, None, None]], begun: bool
) -> None:
    """The events of sixteen are kept: with them stayed requests of 64 MB each, which nobody counted."""

    class Request:
        pass

    async def run(listener: object, request: Request) -> None:
        await answer(listener)

    def ended(request: Request) -> None:
        pass

    def started() -> tuple[BackgroundResponse, weakref.ref[Request]]:
        request = Request()
        response = BackgroundResponse(lambda listener: run(listener, request), lambda: ended(request))
        return response, weakref.ref(request)

    response, request = started()
    if begun:
        await asyncio.sleep(0)
    await response.stop()
    gc.collect()
    assert (response.done, request()) == (True, None)


async def test_followers_are_told_of_the_end_whatever_fails_there() -> None:
    loop, failures = asyncio.get_running_loop(), list[object]()
    loop.set_exception_handler(lambda _, context: failures.append(context["exception"]))
    failure = OSError("the disk is full")

    def ended() -> None:
        raise failure

    response = BackgroundResponse(_soon, ended)
    await asyncio.wait_for(response.follow(lambda chunks: _soon(chunks)), PATIENCE)
    assert failures == [failure]
