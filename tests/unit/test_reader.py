"""The worker's Reader: grammars are compiled beside it, and what was aborted meanwhile never reaches the core."""

import queue
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from ossia.chat import TurnGrammar
from ossia.engine import wire, worker
from ossia.engine.constraint import Vocabulary
from ossia.engine.sequence import Pool, Sequence
from ossia.types import SamplingParams
from tests.waiting import PATIENCE

GRAMMAR = TurnGrammar("start: TEXT", finishers=(1,))


def add(id: int, grammar: TurnGrammar | None = None) -> wire.Add:
    return wire.Add(id, [1, 2], SamplingParams(), [], [], 5, 0, grammar)


class Reading:
    """A Reader in a thread, the server's end of its socket, and the vocabulary for which its compilers wait."""

    def __init__(self) -> None:
        self.server, self.ours = socket.socketpair()
        self.inbox: worker.Inbox = queue.SimpleQueue()
        self.vocabulary: Future[Vocabulary] = Future()
        self.pongs: list[wire.Pong] = []
        self.reader = worker.Reader(self.ours, self.inbox, self.vocabulary, self.pongs.append)
        self.thread = threading.Thread(target=self.reader.run)
        self.thread.start()

    def send(self, *messages: wire.ToChild) -> None:
        self.server.sendall(b"".join(map(wire.frame, messages)))


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reading]:
    codes: list[int] = []
    monkeypatch.setattr("os._exit", codes.append)
    reading = Reading()
    yield reading
    reading.server.close()
    reading.thread.join(PATIENCE)
    reading.ours.close()
    assert codes == [0], "without the server, the process ends"


def test_a_sequence_overtakes_one_whose_grammar_is_compiled(reading: Reading) -> None:
    reading.send(add(1, GRAMMAR), add(2), wire.Embed(3, [4]))
    plain, embedding = reading.inbox.get(timeout=PATIENCE), reading.inbox.get(timeout=PATIENCE)
    assert isinstance(plain, Sequence)
    assert isinstance(embedding, Sequence)
    assert (plain.id, embedding.id, embedding.task) == (2, 3, Pool())
    reading.vocabulary.set_exception(ValueError("no such rule"))
    assert reading.inbox.get(timeout=PATIENCE) == wire.Refused(1, "no such rule")


def test_a_sequence_that_is_aborted_while_its_grammar_is_compiled_is_forgotten(reading: Reading) -> None:
    aborted = range(3)
    reading.send(*(add(id, GRAMMAR) for id in aborted), *map(wire.Abort, aborted), add(9, GRAMMAR))
    assert [reading.inbox.get(timeout=PATIENCE) for _ in aborted] == [*map(wire.Abort, aborted)]
    reading.vocabulary.set_exception(ValueError("no such rule"))
    assert reading.inbox.get(timeout=PATIENCE) == wire.Refused(9, "no such rule")
    assert reading.inbox.empty()


def test_grammars_of_clients_that_have_left_are_not_compiled(reading: Reading) -> None:
    """All of them once were, one after another, before the grammar of whoever came next."""
    compiling = threading.active_count()
    left = range(300)
    reading.send(*(add(id, GRAMMAR) for id in left), *map(wire.Abort, left))
    assert [reading.inbox.get(timeout=PATIENCE) for _ in left] == [*map(wire.Abort, left)]
    assert threading.active_count() - compiling <= 4
    waiting = reading.reader._compilers._waiting  # pyright: ignore[reportPrivateUsage]
    assert all(work.begin.__self__.cancelled() for work in waiting)
    reading.vocabulary.set_exception(ValueError("no such rule"))


def test_odd_numbers_are_no_end_of_the_reader(reading: Reading) -> None:
    odd = wire.Add(1, [1, 2], SamplingParams(logit_bias=((2**40, 1.0), (-1, 1.0))), [2**60], [], 5, 2**63, None)
    reading.send(odd, wire.Ping(), add(3))
    first, second = reading.inbox.get(timeout=PATIENCE), reading.inbox.get(timeout=PATIENCE)
    assert isinstance(first, Sequence)
    assert isinstance(second, Sequence)
    assert len(reading.pongs) == 1
