"""Threads that clients share: nobody's work waits for another client's, and what nobody wants is not done."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from ossia.engine.fair_threads import FairThreads
from tests.waiting import PATIENCE


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """While it is shut, work that waits for it does not end."""
    gate = threading.Event()
    yield gate
    gate.set()


def occupy(threads: FairThreads, gate: threading.Event, number: int, begun: int) -> list[Future[bool]]:
    """Let the client a ask for much that does not end; wait until it has the threads that it gets."""
    entered = threading.Semaphore(0)

    def hold() -> bool:
        entered.release()
        return gate.wait()

    held = [threads.submit("a", 0, hold) for _ in range(number)]
    assert all(entered.acquire(timeout=PATIENCE) for _ in range(begun))
    return held


@pytest.mark.parametrize("number", [1, 3, 50])
def test_another_client_finds_a_thread(gate: threading.Event, number: int) -> None:
    threads = FairThreads(4, "test")
    occupy(threads, gate, number, min(number, 3))
    assert [threads.submit("neighbour", 1 << 20, lambda n=n: n).result(PATIENCE) for n in range(9)] == [*range(9)]


def test_of_one_clients_work_the_small_comes_first(gate: threading.Event) -> None:
    threads, order = FairThreads(1, "test"), list[int]()
    occupy(threads, gate, 1, 1)
    futures = [threads.submit("a", size, lambda size=size: order.append(size)) for size in (5, 1, 3)]
    gate.set()
    for each in futures:
        each.result(PATIENCE)
    assert order == [1, 3, 5]


def test_the_client_with_the_least_in_progress_is_next(gate: threading.Event) -> None:
    threads, order, second = FairThreads(3, "test"), list[str](), threading.Event()
    occupy(threads, gate, 2, 2)
    held = threads.submit("b", 0, lambda: second.wait())
    futures = [threads.submit(client, 0, lambda client=client: order.append(client)) for client in "aabc"]
    second.set()
    held.result(PATIENCE)
    futures[-1].result(PATIENCE)
    futures[-2].result(PATIENCE)
    assert set(order) == {"b", "c"}, "a has as much as it gets"
    gate.set()
    for each in futures:
        each.result(PATIENCE)


def test_cancelled_work_is_not_begun_and_failures_end_no_thread(gate: threading.Event) -> None:
    threads, done = FairThreads(1, "test"), list[int]()
    occupy(threads, gate, 1, 1)
    cancelled = [threads.submit("a", 0, lambda: done.append(1)) for _ in range(99)]
    assert all(future.cancel() for future in cancelled)
    failing = threads.submit("a", 0, lambda: 1 // 0)
    last = threads.submit("b", 9, lambda: done.append(2))
    gate.set()
    last.result(PATIENCE)
    assert isinstance(failing.exception(PATIENCE), ZeroDivisionError)
    assert done == [2]
