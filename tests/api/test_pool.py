"""The pool: what is loaded, shared, kept and unloaded. Engines are fakes, the clock is the test's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ossia.config import Access, EngineOptions, Limits, Settings
from ossia.durations import FOREVER
from ossia.engine import Engine, NoRoom, Start
from ossia.engine.memory import Memory
from ossia.engine.places import num_sequences
from ossia.errors import InvalidModelFile, ModelCrashed, ServerBusy, TooManyRequests
from ossia.server import pool as pool_module
from ossia.server.plan import PATIENCE, Entry, Plan, Room, device_of, gpus_of, plan
from ossia.server.pool import EnginePool
from ossia.server.services import Services
from ossia.server.turns import Newcomers, Turns
from ossia.store.keyring import KeyRing
from ossia.store.keys import KeyFile
from ossia.store.models import Model, ModelStore
from ossia.types import ANYWHERE, Placement
from tests.api.conftest import write_gguf
from tests.doubles.scripted_engine import ScriptedEngine


@pytest.fixture
def models(tmp_path: Path) -> list[Model]:
    """Four models with four files."""
    store = ModelStore(tmp_path / "models")
    return [store.create(name, files=[write_gguf(tmp_path / name, tokens=(name,))]) for name in "abcd"]


class Loader:
    """Loads engines when the gate is open, and remembers for whom and how much memory they were given."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.began = asyncio.Event()
        self.engines: list[ScriptedEngine] = []
        self.loaded: list[str] = []
        self.memory: list[int] = []
        self.cancelled = 0
        self.error: Exception | None = None

    async def __call__(self, model: Model, start: Start) -> ScriptedEngine:
        self.loaded.append(model.name.model)
        self.memory.append(start.memory_bytes)
        self.began.set()
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error:
            raise self.error
        self.engines.append(ScriptedEngine())
        return self.engines[-1]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def loader() -> Loader:
    return Loader()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def pool(loader: Loader, clock: Clock) -> AsyncIterator[EnginePool]:
    pool = EnginePool(Settings(max_loaded_models=2, max_queue=3), loader, clock)
    yield pool
    await pool.close()


async def use(pool: EnginePool, model: Model, keep_alive: float | None = None) -> None:
    async with pool.use(model, keep_alive):
        pass


async def settle() -> None:
    """Let every task run until all wait for something."""
    for _ in range(20):
        await asyncio.sleep(0)


def names(pool: EnginePool) -> list[str]:
    return [loaded.model.name.model for loaded in pool.loaded()]


# What `plan` decides, rule by rule.


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


# What the pool does.


async def test_users_at_one_time_share_one_load(pool: EnginePool, loader: Loader, models: list[Model]) -> None:
    loader.gate.clear()
    users = [asyncio.create_task(use(pool, models[0])) for _ in range(3)]
    await loader.began.wait()
    loader.gate.set()
    await asyncio.gather(*users)
    assert loader.loaded == ["a"]


async def test_models_of_one_file_share_an_engine(
    pool: EnginePool, loader: Loader, models: list[Model], tmp_path: Path
) -> None:
    twin = ModelStore(tmp_path / "models").create("twin", base=models[0], system="x")
    async with pool.use(models[0]) as first, pool.use(twin) as second:
        assert first is second
    assert loader.loaded == ["a"]


async def test_a_client_that_leaves_does_not_end_the_load_of_another(
    pool: EnginePool, loader: Loader, models: list[Model]
) -> None:
    loader.gate.clear()
    leaves, stays = (asyncio.create_task(use(pool, models[0])) for _ in range(2))
    await loader.began.wait()
    leaves.cancel()
    await settle()
    loader.gate.set()
    await stays
    assert (loader.loaded, loader.cancelled) == (["a"], 0)


async def test_a_load_is_given_up_when_the_last_client_leaves(
    pool: EnginePool, loader: Loader, models: list[Model]
) -> None:
    loader.gate.clear()
    only = asyncio.create_task(use(pool, models[0]))
    await loader.began.wait()
    only.cancel()
    await settle()
    assert loader.cancelled == 1
    loader.gate.set()
    await use(pool, models[0])
    assert loader.loaded == ["a", "a"]


async def test_a_load_that_was_given_up_does_not_end_the_next_one(
    pool: EnginePool, loader: Loader, models: list[Model]
) -> None:
    """Its failure comes when the model has a new entry already."""
    loader.gate.clear()
    leaves = asyncio.create_task(use(pool, models[0]))
    await loader.began.wait()
    leaves.cancel()
    comes = asyncio.create_task(use(pool, models[0]))
    await settle()
    loader.gate.set()
    await comes
    await use(pool, models[0])
    assert (loader.loaded, loader.cancelled) == (["a", "a"], 1)


async def test_a_dead_engine_is_loaded_again(pool: EnginePool, loader: Loader, models: list[Model]) -> None:
    async with pool.use(models[0]):
        loader.engines[0].alive = False
        assert pool.loaded() == []
        async with pool.use(models[0]) as engine:
            assert engine is loader.engines[1]
    assert loader.engines[0].closed
    assert not loader.engines[1].closed
    assert names(pool) == ["a"]


async def test_a_model_goes_when_its_time_is_up(
    pool: EnginePool, loader: Loader, models: list[Model], clock: Clock
) -> None:
    await use(pool, models[0], 60)
    clock.now += 59
    await use(pool, models[0])  # which keeps the 60 seconds that were said before, and starts them anew
    clock.now += 59
    pool.sweep()
    assert [loaded.expires_in for loaded in pool.loaded()] == [1]
    clock.now += 1
    pool.sweep()
    assert pool.loaded() == []
    await settle()
    assert loader.engines[0].closed


async def test_the_pool_wakes_by_itself(models: list[Model]) -> None:
    closed = asyncio.Event()

    class Engine(ScriptedEngine):
        async def close(self) -> None:
            closed.set()

    async def load(model: Model, start: Start) -> Engine:
        return Engine()

    pool = EnginePool(Settings(), load)
    await use(pool, models[0], 0.01)
    assert names(pool) == ["a"]
    await asyncio.wait_for(closed.wait(), 60)
    assert pool.loaded() == []
    await pool.close()


async def test_keep_alive_zero_and_for_ever(
    pool: EnginePool, loader: Loader, models: list[Model], clock: Clock
) -> None:
    await use(pool, models[0], FOREVER)
    await use(pool, models[1], 0)
    assert names(pool) == ["a"]
    clock.now += 1e9
    pool.sweep()
    assert [loaded.expires_in for loaded in pool.loaded()] == [FOREVER]


async def test_a_busy_model_stays_and_its_time_starts_when_the_last_user_is_done(
    pool: EnginePool, models: list[Model], clock: Clock
) -> None:
    async with pool.use(models[0], 60):
        await use(pool, models[0])
        clock.now += 1000
        pool.sweep()
        assert [loaded.expires_in for loaded in pool.loaded()] == [60]
    clock.now += 59
    pool.sweep()
    assert names(pool) == ["a"]


async def test_the_least_recently_used_makes_room_and_is_closed_first(
    pool: EnginePool, loader: Loader, models: list[Model], clock: Clock
) -> None:
    for model in (models[0], models[1], models[0]):
        clock.now += 1
        await use(pool, model)
    async with pool.use(models[2]):
        assert loader.engines[1].closed
    assert sorted(names(pool)) == ["a", "c"]


async def test_a_model_waits_until_one_is_idle(pool: EnginePool, loader: Loader, models: list[Model]) -> None:
    async with AsyncExitStack() as stack:
        for model in models[:2]:
            await stack.enter_async_context(pool.use(model))
        waiting = asyncio.create_task(use(pool, models[2]))
        await settle()
        assert loader.loaded == ["a", "b"]
    await waiting
    assert loader.loaded == ["a", "b", "c"]


def pool_of(memory_bytes: int, models: list[Model], loader: Loader, clock: Clock) -> EnginePool:
    """A pool of models of which each is thought to take 10 000 bytes, and takes 1000 when it is loaded."""
    kv_cache_bytes = 10_000 - models[0].path.stat().st_size
    return EnginePool(
        Settings(memory_bytes=memory_bytes, engine=EngineOptions(kv_cache_bytes=kv_cache_bytes)), loader, clock
    )


async def test_idle_models_make_room_in_memory(loader: Loader, models: list[Model], clock: Clock) -> None:
    pool = pool_of(11_500, models, loader, clock)
    for model in models[:3]:
        clock.now += 1
        await use(pool, model)
    assert sorted(names(pool)) == ["b", "c"]
    assert loader.engines[0].closed
    await pool.close()


async def test_each_model_is_told_what_the_others_leave(loader: Loader, models: list[Model], clock: Clock) -> None:
    pool = pool_of(25_000, models, loader, clock)
    await use(pool, models[0])
    loader.gate.clear()
    loading = [asyncio.create_task(use(pool, model)) for model in models[1:3]]
    await settle()
    loader.gate.set()
    await asyncio.gather(*loading)
    assert loader.memory == [25_000, 14_000, 14_000]


async def test_a_model_that_is_being_closed_still_takes_its_memory(
    loader: Loader, models: list[Model], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = asyncio.Event()

    async def close(engine: ScriptedEngine) -> None:
        await closed.wait()

    monkeypatch.setattr(ScriptedEngine, "close", close)
    pool = pool_of(25_000, models, loader, clock)
    await use(pool, models[0])
    unloading = asyncio.create_task(pool.unload(models[0]))
    await settle()
    await use(pool, models[1])
    assert loader.memory == [25_000, 24_000]
    closed.set()
    await unloading
    await pool.close()


async def test_a_model_waits_for_memory_and_others_are_used_all_the_while(
    loader: Loader, models: list[Model], clock: Clock
) -> None:
    pool = pool_of(11_000, models, loader, clock)
    async with AsyncExitStack() as stack:
        for model in models[:2]:
            await stack.enter_async_context(pool.use(model))
        waiting = asyncio.create_task(use(pool, models[2]))
        await settle()
        await asyncio.wait_for(use(pool, models[0]), 60)
        assert loader.loaded == ["a", "b"]
    await waiting
    assert loader.loaded == ["a", "b", "c"]
    await pool.close()


async def test_a_model_that_is_always_in_use_makes_room_in_the_end(
    loader: Loader, models: list[Model], clock: Clock
) -> None:
    """Requests that use it then are served to the end. Later ones wait until it is loaded again."""
    pool = pool_of(10_500, models, loader, clock)
    served, first = asyncio.Event(), asyncio.Event()

    async def user() -> None:
        async with pool.use(models[0]):
            first.set()
            await served.wait()

    busy = asyncio.create_task(user())
    await first.wait()
    other = asyncio.create_task(use(pool, models[1]))
    await settle()
    clock.now += PATIENCE
    pool.sweep()
    late = asyncio.create_task(use(pool, models[0]))
    await settle()
    assert not loader.engines[0].closed
    assert names(pool) == ["a"]
    served.set()
    await asyncio.gather(busy, other, late)
    assert loader.loaded == ["a", "b", "a"]
    await pool.close()


async def test_a_model_larger_than_the_memory_is_loaded_alone(
    loader: Loader, models: list[Model], clock: Clock
) -> None:
    pool = pool_of(1, models, loader, clock)
    for model in models[:2]:
        await use(pool, model)
        assert names(pool) == [model.name.model]
    assert loader.memory == [1, 1]
    await pool.close()


async def test_a_model_whose_file_is_gone_fails_as_loading_it_does(
    pool: EnginePool, loader: Loader, models: list[Model]
) -> None:
    models[0].path.unlink()
    loader.error = InvalidModelFile("No such file")
    with pytest.raises(InvalidModelFile, match="No such file"):
        await use(pool, models[0])


async def lease(pool: EnginePool, model: Model, client: str = "a client") -> None:
    async with pool.lease(model, None, client):
        pass


async def engine_of(pool: EnginePool, model: Model, client: str) -> Engine:
    async with pool.lease(model, None, client) as leased:
        return leased.engine


async def test_too_many_waiting_requests_are_refused(pool: EnginePool, loader: Loader, models: list[Model]) -> None:
    await lease(pool, models[1])
    loader.gate.clear()
    waiting = [asyncio.create_task(lease(pool, models[0])) for _ in range(3)]
    await settle()
    with pytest.raises(ServerBusy, match=r"please try again\.  maximum pending"):
        await lease(pool, models[0])
    await lease(pool, models[1])  # which is loaded, and has room
    loader.gate.set()
    await asyncio.gather(*waiting)


async def test_requests_for_all_models_wait_in_one_queue(pool: EnginePool, loader: Loader, models: list[Model]) -> None:
    """So nobody gets more of it by asking for many models, or takes all connections so."""
    loader.gate.clear()
    waiting = [asyncio.create_task(lease(pool, model)) for model in models[:3]]
    await settle()
    with pytest.raises(ServerBusy):
        await lease(pool, models[3])
    with pytest.raises(ServerBusy):
        pool.check_room(models[3], "a client")
    other = asyncio.create_task(lease(pool, models[3], "another client"))
    await settle()
    with pytest.raises(TooManyRequests):
        await waiting[2]
    loader.gate.set()
    await asyncio.gather(*waiting[:2], other)


async def test_a_model_has_as_many_places_as_its_batch(pool: EnginePool, loader: Loader, models: list[Model]) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(ScriptedEngine().places):
            await stack.enter_async_context(pool.lease(models[0], None, "a client"))
        waiting = asyncio.create_task(lease(pool, models[0]))
        await lease(pool, models[0], "another client")
        await use(pool, models[0])  # which takes no place
        assert not waiting.done()
    await waiting


async def test_who_waits_for_a_turn_outlives_the_models_process(
    pool: EnginePool, loader: Loader, models: list[Model]
) -> None:
    async with AsyncExitStack() as stack:
        for index in range(num_sequences(ScriptedEngine().places)):
            await stack.enter_async_context(pool.lease(models[0], None, f"client {index}"))
        waiting = [asyncio.create_task(engine_of(pool, models[0], f"client {index}")) for index in range(3)]
        await settle()
        loader.engines[0].alive = False
    assert await asyncio.gather(*waiting) == [loader.engines[1]] * 3


async def test_a_model_whose_process_dies_at_once_is_not_loaded_for_ever(models: list[Model]) -> None:
    loads = list[Model]()

    async def load(model: Model, start: Start) -> ScriptedEngine:
        loads.append(model)
        engine = ScriptedEngine()
        engine.alive = False
        return engine

    pool = EnginePool(Settings(), load)
    assert not (await engine_of(pool, models[0], "a client")).alive
    assert len(loads) == 3
    await pool.close()


async def test_only_so_many_models_wait_to_be_loaded(
    loader: Loader, models: list[Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "MOST_WAITING", 2)
    pool = EnginePool(Settings(max_loaded_models=1), loader)
    async with pool.use(models[0]):
        waiting = [asyncio.create_task(use(pool, model)) for model in models[1:3]]
        await settle()
        with pytest.raises(ServerBusy, match="too many models wait"):
            await use(pool, models[3])
        await use(pool, models[0])
    await asyncio.gather(*waiting)
    await pool.close()


async def test_everybody_hears_of_a_failed_load_and_the_next_tries_again(
    pool: EnginePool, loader: Loader, models: list[Model]
) -> None:
    loader.error = InvalidModelFile("broken")
    results = await asyncio.gather(use(pool, models[0]), use(pool, models[0]), return_exceptions=True)
    assert [str(result) for result in results] == ["broken", "broken"]
    loader.error = None
    await use(pool, models[0])
    assert loader.loaded == ["a", "a"]


async def test_a_failed_load_makes_room(pool: EnginePool, loader: Loader, models: list[Model]) -> None:
    loader.gate.clear()
    first = [asyncio.create_task(use(pool, model)) for model in models[:2]]
    await settle()
    last = asyncio.create_task(use(pool, models[2]))
    loader.error = InvalidModelFile("broken")
    await settle()
    assert loader.loaded == ["a", "b"]
    loader.gate.set()
    await asyncio.gather(*first, last, return_exceptions=True)
    assert loader.loaded == ["a", "b", "c"]


async def test_loading_may_not_take_for_ever(loader: Loader, models: list[Model]) -> None:
    pool = EnginePool(Settings(load_timeout=0.01), loader)
    loader.gate.clear()
    with pytest.raises(ModelCrashed, match=r"not loaded in 0\.01 seconds"):
        await use(pool, models[0])
    assert loader.cancelled == 1
    await pool.close()


async def test_unload(pool: EnginePool, loader: Loader, models: list[Model]) -> None:
    await pool.unload(models[0])
    await use(pool, models[0])
    await pool.unload(models[0])
    assert loader.engines[0].closed
    async with pool.use(models[0]):
        await pool.unload(models[0])
        assert not loader.engines[1].closed
    await settle()
    assert loader.engines[1].closed


async def test_close_ends_loads_and_engines(loader: Loader, models: list[Model]) -> None:
    pool = EnginePool(replace(Settings(), max_loaded_models=2), loader)
    await use(pool, models[0])
    loader.gate.clear()
    loading = asyncio.create_task(use(pool, models[1]))
    await settle()
    await pool.close()
    assert loader.engines[0].closed
    for late in (loading, use(pool, models[2])):
        with pytest.raises(ServerBusy, match="shutting down"):
            await late


async def test_a_lease_tells_how_long_it_waited(
    pool: EnginePool, loader: Loader, models: list[Model], clock: Clock
) -> None:
    loader.gate.clear()

    async def waits() -> float:
        async with pool.lease(models[0], None, "a client") as lease:
            return lease.load_seconds

    task = asyncio.create_task(waits())
    await loader.began.wait()
    clock.now += 7
    loader.gate.set()
    assert await task == 7
    assert await waits() == 0


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


class Gpus:
    """Loader onto GPUs of so many bytes, for models of 6 bytes and more if they find it: each takes at most 8."""

    def __init__(self, size: int = 20) -> None:
        self.free = {0: size, 1: size}
        self.starts: list[Start] = []

    async def __call__(self, model: Model, start: Start) -> ScriptedEngine:
        self.starts.append(start)
        engine = ScriptedEngine()
        gpu = next(iter(gpus_of(start.device or "auto")), None)
        if gpu is None or (self.free[gpu] < 6 and start.alone):
            return engine
        if self.free[gpu] < 6:
            raise NoRoom("full", 6, self.free[gpu])
        taken = min(self.free[gpu], 8)
        engine.memory, engine.gpus, engine.gpu_bytes = Memory(0, taken), (gpu,), self.free[gpu]
        self.free[gpu] -= taken
        close = engine.close

        async def free() -> None:
            if not engine.closed:
                self.free[gpu] += taken
            await close()

        engine.close = free  # type: ignore[method-assign]
        return engine


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch, models: list[Model]) -> Gpus:
    monkeypatch.setattr("ossia.server.estimate.GPU_WORK_BYTES", 6 - models[0].path.stat().st_size)
    return Gpus()


@pytest.fixture
async def gpu_pool(gpus: Gpus, clock: Clock) -> AsyncIterator[EnginePool]:
    pool = EnginePool(Settings(), gpus, clock, has_gpu=True)
    yield pool
    await pool.close()


async def place(pool: EnginePool, model: Model, placement: Placement = ANYWHERE) -> int | None:
    async with pool.use(model, None, placement) as engine:
        return engine.gpus[0] if engine.gpus else None


async def test_a_model_moves_to_the_device_that_is_asked_for(
    gpu_pool: EnginePool, gpus: Gpus, models: list[Model]
) -> None:
    assert await place(gpu_pool, models[0]) == 0
    assert await place(gpu_pool, models[0], Placement(num_gpu=0)) is None
    await settle()
    assert names(gpu_pool) == ["a"]
    assert gpus.free[0] == 20
    assert await place(gpu_pool, models[0]) is None, "nothing was asked for"
    assert await place(gpu_pool, models[0], Placement(num_gpu=99)) == 0
    assert await place(gpu_pool, models[0], Placement(main_gpu=1)) == 1
    assert await place(gpu_pool, models[0], Placement(context_length=4096)) == 1
    assert [start.device for start in gpus.starts] == [None, "cpu", None, "auto:1"]


async def test_a_model_in_use_stays_where_it_is(gpu_pool: EnginePool, models: list[Model]) -> None:
    async with gpu_pool.use(models[0]) as used:
        assert await place(gpu_pool, models[0], Placement(num_gpu=0)) is None
        assert used.alive
        assert names(gpu_pool) == ["a", "a"]
        await gpu_pool.unload(models[0])
    await settle()
    assert names(gpu_pool) == []


async def test_a_second_model_fits_beside_or_unloads_an_idle_one(
    gpu_pool: EnginePool, gpus: Gpus, models: list[Model], clock: Clock
) -> None:
    for model in models[:2]:
        clock.now += 1
        await use(gpu_pool, model)
    assert sorted(names(gpu_pool)) == ["a", "b"]
    clock.now += 1
    assert await place(gpu_pool, models[2]) == 0
    assert sorted(names(gpu_pool)) == ["b", "c"]
    assert [start.alone for start in gpus.starts] == [True, False, False]


async def test_a_model_waits_for_the_gpu(gpu_pool: EnginePool, models: list[Model]) -> None:
    async with gpu_pool.use(models[0]), gpu_pool.use(models[1]):
        waits = asyncio.create_task(place(gpu_pool, models[2]))
        await settle()
        assert [(loading.model.name.model, loading.part) for loading in gpu_pool.loading()] == [
            ("c", "waiting for memory")
        ]
    assert await waits == 0


async def test_another_programs_memory_is_noticed(gpu_pool: EnginePool, gpus: Gpus, models: list[Model]) -> None:
    """The estimate says that there is room; the process finds that there is not, and an idle model goes."""
    await use(gpu_pool, models[0])
    gpus.free[0] -= 10
    assert await place(gpu_pool, models[1]) == 0
    assert names(gpu_pool) == ["b"]
    assert [start.alone for start in gpus.starts] == [True, False, True]


async def test_a_gpu_that_others_have_filled(gpu_pool: EnginePool, gpus: Gpus, models: list[Model]) -> None:
    gpus.free[0] = 3
    assert await place(gpu_pool, models[0]) is None
    assert await place(gpu_pool, models[1]) is None


async def test_two_models_at_once(gpu_pool: EnginePool, models: list[Model]) -> None:
    assert await asyncio.gather(*(place(gpu_pool, model) for model in models[:2])) == [0, 0]


async def test_without_a_gpu_nothing_moves(loader: Loader, models: list[Model]) -> None:
    pool = EnginePool(Settings(), loader)
    for placement in (ANYWHERE, Placement(num_gpu=0), Placement(num_gpu=99), Placement(main_gpu=3)):
        assert await place(pool, models[0], placement) is None
    assert loader.loaded == ["a"]
    await pool.close()


async def test_a_model_whose_weights_grow_is_measured_before_it_has_to_fit(
    loader: Loader, models: list[Model], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only where it has to fit beside others, and once."""
    measured: list[str] = []

    def weight_bytes(model: Model) -> int:
        measured.append(model.name.model)
        return 10**6

    monkeypatch.setattr("ossia.server.services.weight_bytes", weight_bytes)
    store = ModelStore(tmp_path / "models")
    room = 2 * sum(path.stat().st_size for path in models[0].files) + 10**5
    pool = EnginePool(Settings(memory_bytes=room, engine=EngineOptions(kv_cache_bytes=1)), loader)
    services = Services(store, pool, Limits(), Access(), KeyRing(KeyFile(tmp_path / "keys")))
    for name in ("a", "b", "a", "b"):
        await use(pool, await services.resolve(name))
    assert measured == ["b", "a"]
    assert names(pool) == ["b"]
    await pool.close()
