"""Services that all handlers share: stored models, loaded models, keys, limits, and threads."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from ossia.config import Access, Limits
from ossia.errors import InvalidRequest
from ossia.server.estimate import weight_bytes
from ossia.server.monitor.monitor import Monitor
from ossia.server.pool import EnginePool
from ossia.store.keyring import KeyRing
from ossia.store.models import Model, ModelStore

if TYPE_CHECKING:
    from ossia.store.identity import Identity

P = ParamSpec("P")
T = TypeVar("T")

_BRIEF = ThreadPoolExecutor(8, "brief")
_LONG = ThreadPoolExecutor(8, "long")


@dataclass(frozen=True, slots=True)
class Services:
    store: ModelStore
    pool: EnginePool
    limits: Limits
    access: Access
    keys: KeyRing
    monitor: Monitor = field(default_factory=Monitor)

    def identity(self) -> "Identity":
        """Load the key by which registries know this machine."""
        from ossia.store.identity import Identity

        return Identity.load()

    async def resolve(self, name: str) -> Model:
        """Return the model stored under a name. Raises InvalidRequest for no name, ModelNotFound for an unknown one."""
        if not name:
            raise InvalidRequest("model is required")
        model = await self.briefly(self.store.resolve, name)
        await self.pool.weigh(model, partial(self.briefly, weight_bytes))
        return model

    async def briefly(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run short work in a thread, such as to read a manifest. It must not wait for a client or a lock."""
        return await _in_a_thread(_BRIEF, work, *args, **kwargs)

    async def at_length(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run work in a thread that may take its time, such as to hash or to wait for the store's lock."""
        return await _in_a_thread(_LONG, work, *args, **kwargs)


async def _in_a_thread(threads: ThreadPoolExecutor, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return await asyncio.get_running_loop().run_in_executor(threads, lambda: work(*args, **kwargs))
