"""The pool: what is loaded, shared, kept and unloaded. Engines are fakes, the clock is the test's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from ossia.config import FOREVER, Settings
from ossia.errors import InvalidModelFile, ModelCrashed, ServerBusy
from ossia.server.pool import EnginePool, Entry, Plan, plan
from ossia.store.models import Model, ModelStore
from tests.api.conftest import write_gguf
from tests.scripted import ScriptedEngine


@pytest.fixture
def models(tmp_path: Path) -> list[Model]:
    """Four models with four files."""
    store = ModelStore(tmp_path / "models")
    return [store.create(name, gguf=write_gguf(tmp_path / name, tokens=(name,))) for name in "abcd"]


class Loader:
    """Loads engines when the gate is open, and remembers for whom."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.began = asyncio.Event()
        self.engines: list[ScriptedEngine] = []
        self.loaded: list[str] = []
        self.cancelled = 0
        self.error: Exception | None = None

    async def __call__(self, model: Model) -> ScriptedEngine:
        self.loaded.append(model.name.model)
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


def entry(model: Model, state: str = "ready", users: int = 0, last_used: float = 0, expires: float = FOREVER) -> Entry:
    return Entry(model, 300.0, state, users, last_used, expires)  # type: ignore[arg-type]


def test_an_expired_idle_model_goes(models: list[Model]) -> None:
    old, kept, busy = entry(models[0], expires=10), entry(models[1], expires=11), entry(models[2], users=1, expires=10)
    assert plan([old, kept, busy], 0, now=10, limit=3) == Plan([old], [])


def test_a_load_that_nobody_waits_for_goes(models: list[Model]) -> None:
    waiting, loading = entry(models[0], "waiting"), entry(models[1], "loading")
    assert plan([waiting, loading], 0, now=0, limit=3) == Plan([waiting, loading], [])


def test_loads_begin_in_order_while_there_is_room(models: list[Model]) -> None:
    entries = [entry(model, "waiting", users=1) for model in models]
    assert plan(entries, 0, now=0, limit=2) == Plan([], entries[:2])
    assert plan(entries, 1, now=0, limit=2) == Plan([], entries[:1])


def test_the_least_recently_used_idle_model_makes_room(models: list[Model]) -> None:
    new, old, busy = entry(models[0], last_used=2), entry(models[1], last_used=1), entry(models[2], users=1)
    waiting = entry(models[3], "waiting", users=1)
    assert plan([new, old, busy, waiting], 0, now=5, limit=3) == Plan([old], [])


def test_what_already_leaves_is_room_enough(models: list[Model]) -> None:
    idle, waiting = entry(models[0]), entry(models[1], "waiting", users=1)
    assert plan([idle, waiting], closing=1, now=5, limit=2) == Plan([], [])
    expired = entry(models[2], expires=1)
    assert plan([idle, expired, waiting], 0, now=5, limit=2) == Plan([expired], [])


def test_where_all_are_busy_it_waits(models: list[Model]) -> None:
    busy = [entry(model, users=1) for model in models[:2]]
    assert plan([*busy, entry(models[2], "waiting", users=1)], 0, now=5, limit=2) == Plan([], [])


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
        assert first.engine is second.engine
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


async def test_a_dead_engine_is_loaded_again(pool: EnginePool, loader: Loader, models: list[Model]) -> None:
    async with pool.use(models[0]):
        loader.engines[0].alive = False
        assert pool.loaded() == []
        async with pool.use(models[0]) as lease:
            assert lease.engine is loader.engines[1]
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

    async def load(model: Model) -> Engine:
        return Engine()

    pool = EnginePool(Settings(), load)
    await use(pool, models[0], 0.01)
    assert names(pool) == ["a"]
    await asyncio.wait_for(closed.wait(), 5)
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


async def test_too_many_waiting_requests_are_refused(pool: EnginePool, loader: Loader, models: list[Model]) -> None:
    await use(pool, models[1])
    loader.gate.clear()
    waiting = [asyncio.create_task(use(pool, models[0])) for _ in range(3)]
    await settle()
    with pytest.raises(ServerBusy, match=r"please try again\.  maximum pending"):
        await use(pool, models[0])
    await use(pool, models[1])  # which is loaded, and so needs no place in the queue
    loader.gate.set()
    await asyncio.gather(*waiting)


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
        async with pool.use(models[0]) as lease:
            return lease.load_seconds

    task = asyncio.create_task(waits())
    await loader.began.wait()
    clock.now += 7
    loader.gate.set()
    assert await task == 7
    assert await waits() == 0
