"""Answers that are large or cost much, and that nobody reads: their share of memory and of the server is bounded."""

import threading
from dataclasses import dataclass, field
from typing import Any

import pytest

from ossia.config import Limits
from ossia.server.http import openapi
from ossia.server.http.connection import _READ, Connection  # pyright: ignore[reportPrivateUsage]
from ossia.server.http.guard import UNREAD, Guard, Guards
from ossia.server.protocols.ollama import models
from tests.hostile.conftest import Attack, answer_of, post_head

BODY = 1000
MOST = UNREAD * BODY


@dataclass
class Clock:
    """Event loop of a guard, which starts no timer."""

    now: float = 0.0

    def time(self) -> float:
        self.now += 1.0
        return self.now

    def call_later(self, *_: object) -> "Clock":
        return self

    def cancel(self) -> None:
        pass


@dataclass
class Line:
    """Connection and transport at once, with so many bytes that its client has not read."""

    unread: int
    loop: Clock
    aborted: bool = False
    cycle: None = None
    transport: "Line" = field(init=False)

    def __post_init__(self) -> None:
        self.transport = self

    def get_write_buffer_size(self) -> int:
        return self.unread

    def abort(self) -> None:
        self.aborted = True
        self.unread = 0


def clogged(*unread: int) -> list[Line]:
    """Lines that are clogged one after the other. All but the second have read a byte in between."""
    clock = Clock()
    guards = Guards(Limits(body_bytes=BODY), lambda *_: None)  # type: ignore[arg-type, return-value]
    lines = [Line(each, clock) for each in unread]
    for index, line in enumerate(lines):
        for other in [*lines[:1], *lines[2:index]]:
            other.unread -= 1
        Guard(line, guards).clogged()  # type: ignore[arg-type]
    return lines


@pytest.mark.parametrize(
    ("unread", "cut"),
    [
        ((MOST // 2, MOST // 4, MOST // 8), []),
        ((MOST // 2, MOST // 4, MOST // 2), [1]),
        ((MOST, MOST // 4), [0]),
        ((MOST // 2, 10, MOST), [0, 1]),
        ((MOST * 3,), []),
        ((MOST * 3, MOST * 3), [0]),
        ((10,) * 2000, []),
    ],
    ids=["room for all", "who stands still", "the first", "two", "one alone", "two alone", "many"],
)
def test_who_reads_nothing_gives_way_to_others(unread: tuple[int, ...], cut: list[int]) -> None:
    lines = clogged(*unread)
    assert [index for index, line in enumerate(lines) if line.aborted] == cut


def test_what_was_cut_off_or_read_is_not_counted() -> None:
    lines = clogged(MOST * 3, MOST * 3, 10, 10)
    assert [line.aborted for line in lines] == [True, True, False, False]


def test_a_body_in_crumbs_is_read_in_small_parts(server: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece of a body calls Python: a quarter of a megabyte at once held the event loop for 60 ms and more."""
    sizes: list[int] = []
    receive = Connection.data_received

    def watched(self: Connection, data: bytes) -> None:
        sizes.append(len(data))
        receive(self, data)

    monkeypatch.setattr(Connection, "data_received", watched)
    attacked = server()
    begun = attacked.begin()
    crumbs = b"1\r\n \r\n" * 50_000
    attempts = [attacked.attack(post_head("/api/chat", "Transfer-Encoding: chunked")) for _ in range(3)]
    for attempt in attempts:
        attempt.sendall(crumbs)
    attacked.finish(begun)
    attacked.serves_others()
    attempts[0].sendall(b"0\r\n\r\n")
    assert answer_of(attempts[0]).json == {"error": "missing request body"}
    assert max(sizes) <= _READ


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
def test_documents_are_made_once_and_aside(server: Attack, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """A request of 40 bytes took a quarter of a second of the event loop: thirty of them stopped everybody."""
    threads: list[str] = []
    document = openapi.document

    def watched(routes: Any) -> Any:
        threads.append(threading.current_thread().name)
        return document(routes)

    monkeypatch.setattr(openapi, "document", watched)
    attacked = server()
    begun = attacked.begin()
    unread = [attacked.attack(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 5) for _ in range(4)]
    attacked.finish(begun)
    attacked.serves_others()
    assert [answer_of(each).status for each in unread] == [200] * 4
    assert set(threads) == {"aside"}
    assert len(threads) <= 2, "two threads may begin together"


def test_a_vocabulary_is_shown_and_encoded_aside_in_one_go(server: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three hundred of them kept everybody for half a minute; and what waited to be encoded took gigabytes."""
    steps: list[str] = []

    def watch(name: str) -> None:
        work = getattr(models, name)

        def watched(*args: Any) -> Any:
            steps.append(f"{name} {threading.current_thread().name}")
            return work(*args)

        monkeypatch.setattr(models, name, watched)

    watch("_at_length")
    watch("to_json")
    answer = server().post("/api/show", verbose=True)
    assert answer.json["model_info"]["tokenizer.ggml.tokens"]
    assert steps == ["_at_length aside", "to_json aside"]
