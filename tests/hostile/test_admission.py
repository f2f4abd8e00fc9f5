"""Work that one client piles up: others get their turn while it is held open, and what waits is bounded."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import Any

import pytest

from ossia.engine import Embedding
from ossia.server.http import stream
from ossia.server.protocols.responses.store import ResponseStore
from ossia.server.protocols.responses.stored import StoredResponse
from ossia.types import EmbedRequest, Event, GenerateRequest, TextDelta
from tests.api.conftest import NAME, Answer
from tests.hostile.conftest import HELLO, Attack, Attacked, HeldEngine, answer_of, message_of, post_head
from tests.waiting import wait_until

SMALL, LARGE = "127.0.0.1", "127.0.0.2"
"""The addresses of a client that asks for little, and of one that asks for much."""

ATTACK = [{"role": "user", "content": "attack"}]
PATHS = ["/api/chat", "/v1/chat/completions", "/v1/messages", "/v1/responses"]


class PatientEngine(HeldEngine):
    """Engine that goes on with an attack only when it is released, and answers everybody else at once.

    `running` counts the sequences that it works on, `most` is how many these were at most.
    """

    def __init__(self, places: int) -> None:
        super().__init__()
        self.released.clear()
        self.places = places
        self.running = self.most = 0

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event]:
        self._enter()
        try:
            async for event in super().generate(request):
                yield event
                if "attack" not in str(request.prompt):
                    continue
                await super()._release()
        finally:
            self.running -= 1

    async def embed(self, request: EmbedRequest) -> Embedding:
        self._enter()
        try:
            if request.text == "attack":
                await super()._release()
            return await super().embed(replace(request, text="a"))
        finally:
            self.running -= 1

    async def _release(self) -> None:
        """Hold nothing here: what is held depends on the request."""

    async def _obey(self, step: object) -> None:
        """Ignore the script when a text is embedded."""

    def _enter(self) -> None:
        self.running += 1
        self.most = max(self.most, self.running)


def post(attacked: Attacked, path: str, **fields: Any) -> socket.socket:
    """Send a request whose answer is read later, if at all."""
    data = json.dumps({"model": NAME, **fields}).encode()
    return attacked.attack(post_head(path, f"Content-Length: {len(data)}") + data)


def many_connections(attacked: Attacked) -> None:
    for _ in range(100):
        post(attacked, "/api/chat", messages=ATTACK)


def many_choices(attacked: Attacked) -> None:
    for _ in range(3):
        post(attacked, "/v1/chat/completions", messages=ATTACK, n=128, stream=True)


def many_prompts(attacked: Attacked) -> None:
    post(attacked, "/v1/completions", prompt=["attack"] * 64, n=2)


def many_prompts_to_score(attacked: Attacked) -> None:
    post(attacked, "/v1/completions", prompt=["attack"] * 128, raw=True, echo=True, logprobs=5, max_tokens=1)


def many_inputs(attacked: Attacked) -> None:
    post(attacked, "/v1/embeddings", input=["attack"] * 2048)
    post(attacked, "/api/embed", input=["attack"] * 2048)


def many_in_the_background(attacked: Attacked) -> None:
    for _ in range(150):
        answer = attacked.post("/v1/responses", input="attack", background=True, max_output_tokens=2000)
        assert (answer.status, answer.json["status"]) == (200, "queued")


ATTACKS = [
    many_connections,
    many_choices,
    many_prompts,
    many_prompts_to_score,
    many_inputs,
    many_in_the_background,
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_another_client_is_served_while_the_attack_is_open(server: Attack, attack: Callable[[Attacked], None]) -> None:
    """Two at a time, in the extra places for those who have none, and in each API."""
    engine = PatientEngine(16)
    attacked = server(engine)
    attack(attacked.seen_from(LARGE))
    wait_until(lambda: engine.running == 16)
    for path in PATHS:
        assert attacked.post(path, messages=HELLO, input="Hello", max_tokens=9, stream=False).status == 200
    assert attacked.post("/v1/embeddings", input=["a"] * 40).status == 200
    assert attacked.post("/v1/completions", prompt=["b"] * 40).status == 200
    attacked.serves_others()
    assert engine.running == 16, "the attack is open still"
    assert engine.most <= 18


@pytest.mark.parametrize("attack", ATTACKS)
def test_where_no_place_is_extra_the_next_is_the_others(server: Attack, attack: Callable[[Attacked], None]) -> None:
    """The first place that becomes free is that of the client who has waited, not the attack's next."""
    engine = PatientEngine(3)
    attacked = server(engine)
    attack(attacked.seen_from(LARGE))
    wait_until(lambda: engine.running == 3)
    waiting = post(attacked, "/api/chat", messages=HELLO, stream=False)
    wait_until(lambda: SMALL in queues(attacked))
    engine.released.set()
    assert answer_of(waiting).json["message"]["content"] == "one two"
    place = next(index for index, request in enumerate(engine.requests) if "Hello" in str(request.prompt))
    assert place <= 3 + 2, "the attack's first three came before, and one of each round then"
    assert engine.most == 3


# The queue is bounded


def fill(attacked: Attacked, size: int) -> list[socket.socket]:
    """Let the attacker take the place of a batch of one, and fill the queue."""
    running = [post(attacked.seen_from(LARGE), "/api/chat", messages=ATTACK, stream=False)]
    wait_until(lambda: attacked.engine.requests)
    waiting = [post(attacked.seen_from(LARGE), "/api/chat", messages=ATTACK, stream=False) for _ in range(size)]
    wait_until(lambda: num_waiting(attacked) == size)
    return running + waiting


def queues(attacked: Attacked) -> dict[str, int]:
    """The number of requests of each client that wait for the model."""
    (entry,) = attacked.pool._entries.values()
    return {client: len(queue) for client, queue in tuple(entry.turns._queues.items())}


def num_waiting(attacked: Attacked) -> int:
    return sum(queues(attacked).values())


def ask(attacked: Attacked, path: str, **fields: Any) -> Answer:
    question = {"prompt": "attack"} if path in ("/v1/completions", "/api/generate") else {"input": "attack"}
    return attacked.post(path, messages=ATTACK, max_tokens=9, **question, **fields)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        *((path, {"stream": streams}) for path in PATHS for streams in (False, True)),
        ("/v1/responses", {"background": True}),
        ("/v1/completions", {}),
        ("/v1/embeddings", {}),
        ("/api/embed", {}),
        ("/api/generate", {}),
    ],
)
def test_a_full_queue_refuses_in_the_apis_shape(server: Attack, path: str, fields: dict[str, Any]) -> None:
    attacked = server(PatientEngine(1), max_queue=2)
    fill(attacked, 2)
    answer = ask(attacked.seen_from(LARGE), path, **fields)
    assert answer.status == 503
    assert message_of(path, answer) == "server busy, please try again.  maximum pending requests exceeded"
    assert int(answer.headers["retry-after"]) >= 1
    if path.startswith("/v1/messages"):
        assert answer.json["error"]["type"] == "overloaded_error"


@pytest.mark.parametrize("path", PATHS)
def test_who_fills_the_queue_makes_room_for_others(server: Attack, path: str) -> None:
    attacked = server(PatientEngine(1), max_queue=3)
    fill(attacked, 2)
    latest = post(attacked.seen_from(LARGE), path, messages=ATTACK, input="attack", max_tokens=9, stream=False)
    wait_until(lambda: num_waiting(attacked) == 3)
    other = post(attacked, "/api/chat", messages=HELLO, stream=False)
    refused = answer_of(latest)
    assert refused.status == 429
    assert "others need room" in message_of(path, refused)
    assert int(refused.headers["retry-after"]) >= 1
    if path in ("/v1/responses", "/v1/chat/completions"):
        assert refused.json["error"]["code"] == "rate_limit_exceeded"
    if path == "/v1/messages":
        assert refused.json["error"]["type"] == "rate_limit_error"
    attacked.engine.released.set()
    assert answer_of(other).status == 200


@pytest.mark.parametrize("path", PATHS[1:])
def test_a_stream_that_makes_room_ends_with_an_error(
    server: Attack, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it waits, comments keep it open, so it has a status already."""
    monkeypatch.setattr(stream, "KEEP_ALIVE_SECONDS", 0.01)
    attacked = server(PatientEngine(1), max_queue=2)
    fill(attacked, 1)
    latest = post(attacked.seen_from(LARGE), path, messages=ATTACK, input="attack", max_tokens=9, stream=True)
    told = b""
    while b": keep-alive" not in told:
        told += latest.recv(1000)
    post(attacked, "/api/chat", messages=HELLO)
    while b"others need room" not in told:
        told += latest.recv(1000)
    assert told.startswith(b"HTTP/1.1 200 OK")
    assert b'"error":{' in told


def test_a_response_in_the_background_that_makes_room_fails(server: Attack) -> None:
    attacked = server(PatientEngine(1), max_queue=2)
    fill(attacked, 1)
    id = ask(attacked.seen_from(LARGE), "/v1/responses", background=True).json["id"]
    wait_until(lambda: num_waiting(attacked) == 2)
    post(attacked, "/api/chat", messages=HELLO)
    wait_until(lambda: attacked.request("GET", f"/v1/responses/{id}").json["status"] == "failed")
    error = attacked.request("GET", f"/v1/responses/{id}").json["error"]
    assert error["code"] == "rate_limit_exceeded"


# Leaving


@pytest.mark.parametrize("number", range(3))
def test_who_leaves_gives_up_its_place_in_the_queue(server: Attack, number: int) -> None:
    attacked = server(PatientEngine(1), max_queue=3)
    sockets = fill(attacked, 3)
    sockets[1 + number].close()
    wait_until(lambda: num_waiting(attacked) == 2)
    again = post(attacked.seen_from(LARGE), "/api/chat", messages=ATTACK, stream=False)
    attacked.engine.released.set()
    assert answer_of(again).status == 200


def test_a_response_that_waits_in_the_background_can_be_cancelled(server: Attack) -> None:
    attacked = server(PatientEngine(1), max_queue=1)
    fill(attacked, 0)
    id = ask(attacked, "/v1/responses", background=True).json["id"]
    wait_until(lambda: num_waiting(attacked) == 1)
    assert ask(attacked, "/v1/responses", background=True).status == 503
    assert attacked.request("POST", f"/v1/responses/{id}/cancel").json["status"] == "cancelled"
    assert num_waiting(attacked) == 0
    assert ask(attacked, "/v1/responses", background=True).json["status"] == "queued"


def test_a_response_in_the_background_whose_client_leaves_while_it_is_stored_is_cancelled(
    server: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    attacked, stored, add = server(), list[StoredResponse](), ResponseStore.add

    async def add_slowly(store: ResponseStore, response: StoredResponse) -> None:
        await add(store, response)
        stored.append(response)
        await asyncio.Event().wait()

    monkeypatch.setattr(ResponseStore, "add", add_slowly)
    leaving = post(attacked, "/v1/responses", input="Hello", background=True)
    wait_until(lambda: stored)
    leaving.close()
    path = f"/v1/responses/{stored[0].id}"
    wait_until(lambda: attacked.request("GET", path).json["status"] == "cancelled")
    assert attacked.engine.requests == []


class Talkative(PatientEngine):
    """Engine whose answers to attacks are larger than all buffers."""

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Event]:
        async for event in super().generate(request):
            yield event
            if "attack" in str(request.prompt):
                for _ in range(60):
                    yield TextDelta("x" * 100_000)


@pytest.mark.parametrize("path", PATHS)
def test_who_does_not_read_its_answer_keeps_no_place(server: Attack, path: str) -> None:
    engine = Talkative(2)
    engine.released.set()
    attacked = server(engine, body_seconds=0.3)
    asked = {"messages": ATTACK, "input": "attack", "max_tokens": 9, "stream": True}
    deaf = [post(attacked.seen_from(f"127.0.0.{number}"), path, **asked) for number in (2, 3)]
    wait_until(lambda: engine.most == 2)
    attacked.serves_others()
    wait_until(lambda: engine.running == 0)
    assert all(num_received(each) < 18_000_000 for each in deaf), "their answers were cut off"


def num_received(connection: socket.socket) -> int:
    """Read a connection to its end, however it ends, and count the bytes."""
    size = 0
    try:
        while piece := connection.recv(1 << 20):
            size += len(piece)
    except ConnectionError:
        pass
    return size


def test_who_reads_slowly_gets_its_whole_answer(server: Attack) -> None:
    """The time is for standstill, not for the whole."""
    engine = Talkative(2)
    engine.released.set()
    attacked = server(engine, body_seconds=0.5)
    slow = post(attacked, "/api/chat", messages=ATTACK)
    size, piece = 0, b""
    while not piece.endswith(b"0\r\n\r\n"):
        piece = slow.recv(1 << 20)
        assert piece, "it was cut off"
        size += len(piece)
        if size < 6_000_000:
            time.sleep(0.1)
    assert size > 18_000_000


def test_a_client_that_leaves_in_the_middle_of_its_choices_leaves_nothing(server: Attack) -> None:
    engine = PatientEngine(3)
    attacked = server(engine)
    leaves = post(attacked.seen_from(LARGE), "/v1/chat/completions", messages=ATTACK, n=128, stream=True)
    wait_until(lambda: engine.running == 3)
    leaves.close()
    wait_until(lambda: engine.running == 0)
    assert num_waiting(attacked) == 0
    attacked.serves_others()
