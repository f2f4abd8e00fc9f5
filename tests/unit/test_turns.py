"""Turns: no place is lost or empty while somebody waits for it, clients take turns, and what leaves leaves no trace."""

import asyncio
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import combinations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ossia.engine.places import num_extra, num_sequences
from ossia.errors import ServerBusy, TooManyRequests
from ossia.server.turns import Newcomers, Turn, Turns


async def settle() -> None:
    """Let every task run until all wait for something."""
    for _ in range(10):
        await asyncio.sleep(0)


class Watched(Turns):
    """Turns whose places are given to `started`, client by client."""

    def __init__(self, max_waiting: int, places: int = 0) -> None:
        self.started: list[str] = []
        self.absent: set[str] = set()
        """The clients that had nobody waiting at some moment, since this was cleared."""
        super().__init__(Newcomers(max_waiting), places)

    @property
    def running(self) -> Counter[str]:
        """The places that each client has."""
        return self._taken

    @property
    def waiting(self) -> dict[str, list[Turn]]:
        """The requests of each client that wait, begun or not."""
        return {client: list(queue) for client, queue in self._queues.items()}

    @property
    def num_new(self) -> int:
        """The number of requests that wait for their first place."""
        return sum(not turn.begun for queue in self.waiting.values() for turn in queue)

    async def take(self, turn: Turn) -> None:
        await super().take(turn)
        self.started.append(turn.client)

    def leave(self, turn: Turn, place: "asyncio.Future[None]") -> None:
        super().leave(turn, place)
        if turn.client not in self._queues:
            self.absent.add(turn.client)


@dataclass(eq=False)
class Request:
    """A request of some sequences, each of which runs until it is told to end."""

    turns: Watched
    client: str
    sequences: int = 1
    running: list[asyncio.Event] = field(default_factory=list)
    task: "asyncio.Task[None]" = field(init=False)

    def __post_init__(self) -> None:
        self.task = asyncio.get_running_loop().create_task(self._run())
        self.task.add_done_callback(lambda task: task.cancelled() or task.exception())  # a refusal may go unread

    async def _run(self) -> None:
        async with self.turns.turn(self.client) as turn, asyncio.TaskGroup() as group:
            for _ in range(self.sequences):
                group.create_task(self._answer(turn))

    async def _answer(self, turn: Turn) -> None:
        async with turn.place():
            self.running.append(told := asyncio.Event())
            try:
                await told.wait()
            finally:
                self.running.remove(told)


async def end_one(*requests: Request) -> None:
    """End one sequence of each request."""
    for request in requests:
        request.running[0].set()
    await settle()


async def requested(turns: Watched, *clients: str, sequences: int = 1) -> list[Request]:
    """Let each of the clients ask, in this order."""
    requests = [Request(turns, client, sequences) for client in clients]
    await settle()
    return requests


async def run_all(turns: Watched, requests: list[Request]) -> None:
    """End whatever runs until nothing is left."""
    while not all(request.task.done() for request in requests):
        await end_one(*(request for request in requests if request.running))
    assert (turns.running, turns.waiting) == ({}, {})


async def test_while_there_is_room_nobody_waits() -> None:
    turns = Watched(max_waiting=0, places=4)
    requests = await requested(turns, *"AAAA")
    assert turns.started == [*"AAAA"]
    await run_all(turns, requests)


async def test_clients_take_turns() -> None:
    turns = Watched(99, places=1)
    requests = await requested(turns, *"AAAABBCA")
    await run_all(turns, requests)
    assert "".join(turns.started) == "AABCABAA"


async def test_a_request_of_many_sequences_is_one_of_its_client() -> None:
    """Others of the same client come in between, and other clients do not notice."""
    turns = Watched(99, places=1)
    requests = [*await requested(turns, "A", sequences=5), *await requested(turns, "a", "A", "b", "b")]
    order: list[int] = []
    while not all(request.task.done() for request in requests):
        order += [index for index, request in enumerate(requests) if request.running]
        await end_one(*(request for request in requests if request.running))
    assert order == [0, 0, 1, 3, 2, 4, 0, 0, 0]


@pytest.mark.parametrize(("places", "extra"), [(1, 0), (7, 0), (8, 1), (15, 1), (16, 2), (64, 2)])
async def test_a_client_alone_gets_all_places_and_others_extra_ones(places: int, extra: int) -> None:
    turns = Watched(99, places)
    many = await requested(turns, *["A"] * (places + 2))
    assert turns.running == {"A": turns.num_places} == {"A": places}
    others = await requested(turns, *"BCD")
    assert turns.running == {"A": places} | dict.fromkeys("BCD"[:extra], 1)
    assert turns.num_taken == num_sequences(places)
    await run_all(turns, many + others)


async def test_extra_places_are_for_those_who_have_none() -> None:
    turns = Watched(99, places=16)
    many = await requested(turns, *["A"] * 20)
    others = await requested(turns, *"BBC")
    assert turns.running == {"A": 16, "B": 1, "C": 1}
    await end_one(many[0])
    assert turns.running == {"A": 15, "B": 1, "C": 1}, "an extra place is for the next"
    others += await requested(turns, "D")
    assert turns.running == {"A": 15, "B": 1, "C": 1, "D": 1}
    await end_one(many[1], many[2], many[3], others[0])
    assert turns.running == {"A": 13, "B": 1, "C": 1, "D": 1}, "B had none, and A was next"
    await run_all(turns, many + others)


async def test_who_waits_for_a_model_to_load_begins_when_it_is_there() -> None:
    turns = Watched(99)
    await requested(turns, *"AAAB")
    assert turns.started == []
    turns.open(3)
    await settle()
    assert turns.started == [*"ABA"]


async def test_who_waits_for_a_model_that_fails_is_told() -> None:
    turns = Watched(99)
    requests = await requested(turns, *"AAB")
    turns.fail(ValueError("broken"))
    results = await asyncio.gather(*(request.task for request in requests), return_exceptions=True)
    assert [str(result) for result in results] == ["broken"] * 3
    assert not turns.waiting


# The limit


async def test_a_client_alone_may_fill_the_queue_and_no_more() -> None:
    turns = Watched(max_waiting=3, places=1)
    requests = await requested(turns, *"AAAAA")
    assert [request.task.done() for request in requests] == [False] * 4 + [True]
    with pytest.raises(ServerBusy, match=r"please try again\.  maximum pending"):
        await requests[-1].task
    await run_all(turns, requests[:-1])


async def test_when_the_queue_is_full_the_longest_makes_room() -> None:
    turns = Watched(max_waiting=3, places=1)
    many = await requested(turns, *"AAAA")
    others = await requested(turns, *"BC")
    with pytest.raises(TooManyRequests):
        await many[3].task
    with pytest.raises(TooManyRequests):
        await many[2].task
    (last,) = await requested(turns, "B")
    with pytest.raises(ServerBusy):
        await last.task
    await run_all(turns, [*many[:2], *others])
    assert turns.started == [*"AABC"]


async def test_whether_there_is_room_can_be_asked() -> None:
    turns = Watched(max_waiting=2, places=1)
    requests: list[Request] = []
    for client in "AAA":
        turns.check_room(client)
        requests += await requested(turns, client)
    with pytest.raises(ServerBusy):
        turns.check_room("A")
    turns.check_room("B")
    requests += await requested(turns, "B")
    with pytest.raises(ServerBusy):
        turns.check_room("C")
    await asyncio.wait([requests.pop(2).task])
    await run_all(turns, requests)
    Watched(max_waiting=0, places=1).check_room("A")


async def test_a_request_that_has_begun_is_never_refused() -> None:
    turns = Watched(max_waiting=1, places=1)
    begun = await requested(turns, "A", sequences=5)
    requests = [*begun, *await requested(turns, "B")]
    for late in await requested(turns, *"AB"):
        with pytest.raises(ServerBusy):
            await late.task
    await run_all(turns, requests)
    assert len(turns.started) == 6


# Leaving


async def test_who_leaves_gives_up_its_place_in_the_queue_at_once() -> None:
    turns = Watched(max_waiting=1, places=1)
    running, waiting = await requested(turns, *"AA")
    waiting.task.cancel()
    await settle()
    assert not turns.waiting
    requests = await requested(turns, "B")
    await run_all(turns, [running, *requests])


async def test_who_leaves_at_the_moment_of_its_turn_passes_it_on() -> None:
    turns = Watched(99, places=1)
    running, leaving, last = await requested(turns, *"AAB")
    running.running[0].set()
    for _ in range(10):
        if "A" not in turns.waiting:  # its turn has come, and it does not know yet
            break
        await asyncio.sleep(0)
    assert turns.started == ["A"]
    leaving.task.cancel()
    await settle()
    assert turns.running == {"B": 1}
    await run_all(turns, [last])


async def test_who_has_left_and_is_not_gone_yet_costs_nobody_a_turn() -> None:
    turns = Watched(99, places=1)
    running, leaving, _, _ = await requested(turns, *"AABA")
    leaving.task.cancel()
    running.running[0].set()
    await settle()
    assert turns.started == ["A", "A"]


async def test_a_request_that_uses_no_place_gives_it_back() -> None:
    turns = Watched(99, places=1)
    async with turns.turn("A"):
        assert turns.running == {"A": 1}
    assert not turns.running


class Machine(RuleBasedStateMachine):
    """Clients that ask, answers that end, and clients that leave, in any order."""

    @initialize(places=st.integers(1, 20), max_waiting=st.integers(0, 12), opened=st.booleans())
    def begin(self, places: int, max_waiting: int, opened: bool) -> None:
        self.loop = asyncio.new_event_loop()
        self.places, self.max_waiting = places, max_waiting
        self.turns = Watched(max_waiting, places if opened else 0)
        self.extra = num_extra(places)
        self.opened = opened
        self.requests: list[Request] = []
        self.leads: dict[tuple[str, str], list[int]] = {}

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.turns.open(self.places)
            self.loop.run_until_complete(self._end_all())
            self.loop.close()

    async def _end_all(self) -> None:
        await run_all(self.turns, self.requests)
        results = await asyncio.gather(*(request.task for request in self.requests), return_exceptions=True)
        assert {type(result) for result in results} <= {type(None), ServerBusy, TooManyRequests, asyncio.CancelledError}

    @contextmanager
    def watched(self) -> Generator[None]:
        """Let everything settle after what is done in the `with` block, and compare who was started."""
        before, waited = len(self.turns.started), set(self.turns.waiting)
        self.turns.absent.clear()
        yield
        self.loop.run_until_complete(settle())
        self._compare(waited - self.turns.absent, self.turns.started[before:])

    @precondition(lambda self: not self.opened)
    @rule()
    def load(self) -> None:
        with self.watched():
            self.opened = True
            self.turns.open(self.places)

    @rule(client=st.sampled_from("ABCD"), sequences=st.integers(1, 6))
    def ask(self, client: str, sequences: int) -> None:
        async def ask() -> Request:
            return Request(self.turns, client, sequences)

        with self.watched():
            self.requests.append(self.loop.run_until_complete(ask()))

    @rule(data=st.data(), at_once=st.integers(1, 4))
    def end(self, data: st.DataObject, at_once: int) -> None:
        with self.watched():
            for _ in range(at_once):
                running = [told for request in self.requests for told in request.running if not told.is_set()]
                if running:
                    data.draw(st.sampled_from(running)).set()

    @precondition(lambda self: self.requests)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        with self.watched():
            data.draw(st.sampled_from(self.requests)).task.cancel()

    @invariant()
    def places_are_neither_exceeded_nor_empty(self) -> None:
        if not hasattr(self, "turns"):
            return
        running = Counter(request.client for request in self.requests for _ in request.running)
        assert running == self.turns.running, "the books are right"
        assert running.total() <= self.places + self.extra
        if self.opened:
            assert running.total() >= self.places or not self.turns.waiting
            assert running.total() == self.places + self.extra or all(
                client in running for client in self.turns.waiting
            )

    @invariant()
    def the_queue_is_bounded_and_holds_who_waits(self) -> None:
        if not hasattr(self, "turns"):
            return
        assert self.turns.num_new == len(self.turns._newcomers) <= self.max_waiting
        waiting = [turn for queue in self.turns.waiting.values() for turn in queue]
        assert all(turn.waiting for turn in waiting)
        assert all(not place.done() for turn in waiting for place in turn.waiting)

    def _compare(self, waited: set[str], started: list[str]) -> None:
        """Assert that between two clients which waited all the while the starts differ by one at most."""
        both = waited & self.turns.waiting.keys()
        self.leads = {pair: leads for pair, leads in self.leads.items() if {*pair} <= both}
        for pair in combinations(sorted(both), 2):
            leads = self.leads.setdefault(pair, [0])
            leads += list(self._leads(pair, leads[-1], started))
            assert self.extra or max(leads) - min(leads) <= 1

    def _leads(self, pair: tuple[str, str], lead: int, started: list[str]) -> Iterator[int]:
        for client in started:
            lead += (client == pair[0]) - (client == pair[1])
            yield lead


TestTurns = Machine.TestCase
TestTurns.settings = settings(max_examples=60, stateful_step_count=40)
