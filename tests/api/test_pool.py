"""The pool: what is loaded, shared, kept and unloaded. Engines are fakes, the clock is the test's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from ossia.config import Access, EngineOptions, Limits, Settings
from ossia.durations import FOREVER
from ossia.engine import Engine, NoRoom, Start
from ossia.engine.memory import Memory
from ossia.engine.places import num_sequences
from ossia.errors import InvalidModelFile, ModelCrashed, ServerBusy, TooManyRequests
from ossia.server import pool as pool_module
from ossia.server.plan import PATIENCE, gpus_of
from ossia.server.pool import EnginePool
from ossia.server.services import Services
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
