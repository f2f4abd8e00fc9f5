"""The plan, rule by rule: which models go and which are loaded. It is pure: there are neither engines nor clocks."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossia.durations import FOREVER
from ossia.server.plan import PATIENCE, Entry, Plan, Room, device_of, plan
from ossia.server.turns import Newcomers, Turns
from ossia.types import Placement

MODEL = None  # `plan` never looks at it
ANY_SIZE = 10**12


def entry(
    state: str = "ready",
    users: int = 0,
    last_used: float = 0,
    expires: float = FOREVER,
    memory_bytes: int = 1,
    asked: float = 5,
) -> Entry:
    turns = Turns(Newcomers(9))
    return Entry(MODEL, 300.0, turns, memory_bytes, state, users, asked, last_used, expires)  # type: ignore[arg-type]


def waiting(memory_bytes: int = 1, asked: float = 5) -> Entry:
    return entry("waiting", users=1, memory_bytes=memory_bytes, asked=asked)


def test_an_expired_idle_model_goes() -> None:
    old, kept, busy = entry(expires=10), entry(expires=11), entry(users=1, expires=10)
    assert plan([old, kept, busy], [], now=10, room=Room(3, ANY_SIZE)) == Plan([old], [])


def test_a_load_that_nobody_waits_for_goes() -> None:
    left, given_up = entry("waiting"), entry("loading")
    assert plan([left, given_up], [], now=0, room=Room(3, ANY_SIZE)) == Plan([left, given_up], [])


def test_loads_begin_in_order_while_there_is_room() -> None:
    entries = [waiting() for _ in range(4)]
    assert plan(entries, [], now=0, room=Room(2, ANY_SIZE)) == Plan([], entries[:2])
    assert plan(entries, [entry()], now=0, room=Room(2, ANY_SIZE)) == Plan([], entries[:1])


def test_loads_begin_while_they_fit_into_memory_and_none_overtakes() -> None:
    busy, first, large, small = entry(users=1, memory_bytes=4), waiting(3), waiting(4), waiting(1)
    assert plan([busy, first, large, small], [], now=0, room=Room(9, 10)) == Plan([], [first])
    assert plan([busy, first, large, small], [], now=0, room=Room(9, 11)) == Plan([], [first, large])
    assert plan([busy, first, large, small], [], now=0, room=Room(9, 12)) == Plan([], [first, large, small])


def test_a_model_alone_may_be_of_any_size() -> None:
    huge, other, idle = waiting(100), waiting(1), entry()
    assert plan([huge, other], [], now=0, room=Room(3, 10)) == Plan([], [huge])
    assert plan([idle, huge], [], now=0, room=Room(3, 10)) == Plan([idle], [])
    assert plan([huge], [idle], now=0, room=Room(3, 10)) == Plan([], [])


def test_a_load_that_was_given_up_before_it_began_takes_no_room() -> None:
    huge = waiting(100)
    assert plan([huge], [waiting(1)], now=0, room=Room(1, 10)) == Plan([], [huge])


def test_the_least_recently_used_idle_model_makes_room() -> None:
    new, old, busy, next_one = entry(last_used=2), entry(last_used=1), entry(users=1), waiting()
    assert plan([new, old, busy, next_one], [], now=5, room=Room(3, ANY_SIZE)) == Plan([old], [])


def test_as_many_idle_models_go_as_the_next_one_needs() -> None:
    newest, new, old = (entry(last_used=used, memory_bytes=2) for used in (3, 2, 1))
    fits = waiting(4)
    assert plan([newest, new, old, fits], [], now=5, room=Room(9, 10)) == Plan([], [fits])
    for size, evicted in ((5, [old]), (6, [old]), (7, [old, new]), (9, [old, new, newest]), (99, [old, new, newest])):
        assert plan([newest, new, old, waiting(size)], [], now=5, room=Room(9, 10)) == Plan(evicted, [])


def test_every_waiting_model_gets_its_room_at_once() -> None:
    new, old = entry(last_used=2, memory_bytes=4), entry(last_used=1, memory_bytes=4)
    assert plan([new, old, waiting(5), waiting(5)], [], now=5, room=Room(9, 10)) == Plan([old, new], [])


def test_nothing_goes_where_that_would_not_be_enough() -> None:
    busy, idle = entry(users=1, memory_bytes=6), entry(memory_bytes=3)
    assert plan([busy, idle, waiting(5)], [], now=5, room=Room(9, 10)) == Plan([], [])
    assert plan([busy, idle, waiting(5), waiting(4)], [], now=5, room=Room(9, 10)) == Plan([], [])
    assert plan([busy, idle, waiting(4)], [], now=5, room=Room(9, 10)) == Plan([idle], [])


def test_what_already_leaves_is_room_enough() -> None:
    idle, next_one, expired = entry(), waiting(), entry(expires=1)
    assert plan([idle, next_one], [entry()], now=5, room=Room(2, ANY_SIZE)) == Plan([], [])
    assert plan([idle, expired, next_one], [], now=5, room=Room(2, ANY_SIZE)) == Plan([expired], [])


def test_where_all_are_busy_it_waits() -> None:
    busy = [entry(users=1) for _ in range(2)]
    assert plan([*busy, waiting()], [], now=5, room=Room(2, ANY_SIZE)) == Plan([], [])


def test_models_in_use_make_room_for_one_that_waits_long() -> None:
    """As few as suffice, after all idle ones; one that is being loaded has not been of use to anybody yet."""
    idle, old, new = entry(), entry(users=1, last_used=1), entry(users=1, last_used=2)
    loading, late = entry("loading", users=1), waiting(asked=5 - PATIENCE)
    assert plan([new, old, idle, loading, late], [], now=5, room=Room(3, ANY_SIZE)) == Plan([idle], [], [old])
    assert plan([new, loading, late], [old], now=5, room=Room(3, ANY_SIZE)) == Plan([], [])
    assert plan([loading, late], [], now=5, room=Room(1, ANY_SIZE)) == Plan([], [])
    assert plan([new, waiting(asked=4), late], [], now=5, room=Room(1, ANY_SIZE)) == Plan([], []), "none overtakes"


ENTRIES = st.lists(
    st.builds(
        entry,
        state=st.sampled_from(["waiting", "loading", "ready"]),
        users=st.integers(0, 2),
        last_used=st.integers(0, 5),
        expires=st.sampled_from([4.0, FOREVER]),
        memory_bytes=st.integers(0, 12),
        asked=st.sampled_from([5.0, 5 - PATIENCE]),
    ),
    max_size=8,
)
ROOMS = st.builds(Room, st.integers(1, 4), st.integers(1, 20))


@given(ENTRIES, ENTRIES, ROOMS)
def test_whatever_the_state_nobody_loses_a_model_and_memory_is_enough(
    entries: list[Entry], closing: list[Entry], room: Room
) -> None:
    decided = plan(entries, closing, now=5, room=room)
    assert all(e.users == 0 for e in decided.close)
    assert all(e.users and e.state == "ready" for e in decided.retire)
    assert len({*decided.close, *decided.retire}) == len(decided.close) + len(decided.retire)
    queue = [e for e in entries if e.state == "waiting" and e.users]
    assert decided.start == queue[: len(decided.start)]
    if decided.start:
        present = [e for e in (*entries, *closing) if e.state != "waiting"] + decided.start
        assert len(present) == 1 or (
            len(present) <= room.models and sum(e.memory_bytes for e in present) <= room.memory_bytes
        )
    evicted = [e for e in decided.close if e.state == "ready" and e.expires > 5]
    assert not evicted or len(decided.start) < len(queue)


IDLE = st.builds(entry, last_used=st.integers(0, 5), memory_bytes=st.integers(1, 5))


@given(st.lists(IDLE, min_size=1, max_size=5), st.integers(1, 9), st.integers(1, 20))
def test_the_least_recently_used_make_room_and_no_more_than_must(idle: list[Entry], asked: int, there: int) -> None:
    closed = plan([*idle, waiting(asked)], [], now=5, room=Room(9, there)).close
    kept = [e for e in idle if e not in closed]
    assert all(gone.last_used <= stays.last_used for gone in closed for stays in kept)
    assert all(asked + sum(e.memory_bytes for e in (*kept, gone)) > there for gone in closed[-1:])


@given(ENTRIES, ROOMS, st.randoms(use_true_random=False))
def test_in_the_end_every_model_is_loaded_in_the_order_of_asking(
    entries: list[Entry], room: Room, random: Random
) -> None:
    """Loads and closings end, requests end one after the other, and no new ones come."""
    closing: list[Entry] = []
    retired: list[Entry] = []
    queue = [e for e in entries if e.state == "waiting" and e.users]
    started: list[Entry] = []
    for _ in range(100):
        decided = plan(entries, [*closing, *retired], now=5, room=room)
        started += decided.start
        retired += decided.retire
        closing += [*decided.close, *(e for e in retired if not e.users)]
        retired = [e for e in retired if e.users]
        entries = [e for e in entries if e not in closing and e not in retired]
        for loading in decided.start:
            loading.state = "ready"
        if closing and random.random() < 0.5:
            closing.pop(random.randrange(len(closing)))
        elif busy := [e for e in (*entries, *retired) if e.users and e.state != "waiting"]:
            random.choice(busy).users -= 1
        elif not closing:
            break
    assert started == queue


# Models on a GPU.


def on_gpu(entry: Entry, device_bytes: int, gpu: int = 0) -> Entry:
    entry.gpus, entry.device_bytes = frozenset([gpu]), device_bytes
    return entry


def test_models_on_a_gpu_fit_beside_each_other_or_one_goes() -> None:
    room, idle, small = Room(9, ANY_SIZE, {0: 10}), on_gpu(entry(), 6), on_gpu(waiting(), 4)
    assert plan([idle, small], [], now=0, room=room) == Plan([], [small])
    large = on_gpu(waiting(), 5)
    assert plan([idle, large], [], now=0, room=room) == Plan([idle], [])
    assert plan([large], [idle], now=0, room=room) == Plan([], []), "its memory is not free yet"
    busy = on_gpu(entry(users=1), 6)
    assert plan([busy, large], [], now=0, room=room) == Plan([], [])


def test_models_elsewhere_stay_when_a_gpu_is_full() -> None:
    room = Room(9, ANY_SIZE, {0: 10, 1: 10})
    old, other, idle = entry(last_used=1), on_gpu(entry(last_used=2), 9, gpu=1), on_gpu(entry(last_used=3), 9)
    assert plan([old, other, idle, on_gpu(waiting(), 5)], [], now=5, room=room) == Plan([idle], [])
    assert plan([old, other, idle, waiting()], [], now=5, room=Room(3, ANY_SIZE)) == Plan([old], [])


def test_a_model_on_several_gpus_is_a_neighbour_on_each() -> None:
    room, divided = Room(9, ANY_SIZE, {0: 10, 1: 10}), on_gpu(entry(), 6)
    divided.gpus = frozenset([0, 1])
    for gpu in (0, 1):
        assert plan([divided, on_gpu(waiting(), 4, gpu)], [], now=0, room=room).close == []
        assert plan([divided, on_gpu(waiting(), 5, gpu)], [], now=0, room=room).close == [divided]
    assert plan([divided, on_gpu(waiting(), 99, gpu=2)], [], now=0, room=room).close == []


def test_models_of_one_gpu_are_loaded_one_after_the_other() -> None:
    """Each divides the memory that it finds free."""
    first, second, elsewhere = (on_gpu(waiting(), 1, gpu) for gpu in (0, 0, 1))
    room = Room(9, ANY_SIZE, {0: 10, 1: 10})
    assert plan([first, second], [], now=0, room=room) == Plan([], [first])
    assert plan([first, elsewhere], [], now=0, room=room) == Plan([], [first, elsewhere])
    first.state = "loading"
    assert plan([first, second], [], now=0, room=room) == Plan([], [])
    first.state = "ready"
    assert plan([first, second], [], now=0, room=room) == Plan([], [second])


@pytest.mark.parametrize(
    ("placement", "default", "device"),
    [
        (Placement(), "auto", None),
        (Placement(num_gpu=-1), "auto", None),
        (Placement(num_gpu=0), "auto", "cpu"),
        (Placement(num_gpu=0, main_gpu=1), "cuda", "cpu"),
        (Placement(num_gpu=99), "auto", "auto"),
        (Placement(num_gpu=99), "cuda:1", "cuda:1"),
        (Placement(num_gpu=99), "cpu", "cpu"),
        (Placement(main_gpu=1), "auto", "auto:1"),
        (Placement(main_gpu=1), "cuda", "cuda:1"),
        (Placement(main_gpu=0), "cuda:1", "cuda"),
        (Placement(main_gpu=1), "cpu", None),
        (Placement(main_gpu=-1), "auto", None),
    ],
)
def test_the_device_that_is_asked_for(placement: Placement, default: str, device: str | None) -> None:
    assert device_of(placement, default) == device
